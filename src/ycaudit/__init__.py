"""Audits whether every homepage on a list carries the links and QR codes that a policy asks for."""

__version__ = "0.1.0"

USER_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    f"Chrome/140.0.0.0 Safari/537.36 ycaudit/{__version__}"
)
"""Like a browser's, since many sites answer 403 to others; and honest about who asks."""
