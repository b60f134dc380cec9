"""Audits whether every homepage on a list carries the links and QR codes that a policy asks for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ycaudit.auditing.library import audit as audit
    from ycaudit.auditing.library import audit_async as audit_async
    from ycaudit.auditing.library import load_units as load_units
    from ycaudit.errors import AuditError as AuditError
    from ycaudit.model import BlindSpot as BlindSpot
    from ycaudit.model import Evidence as Evidence
    from ycaudit.model import Link as Link
    from ycaudit.model import Outcome as Outcome
    from ycaudit.model import Page as Page
    from ycaudit.model import Policy as Policy
    from ycaudit.model import QrCode as QrCode
    from ycaudit.model import ScanRun as ScanRun
    from ycaudit.model import Target as Target
    from ycaudit.model import UnitReport as UnitReport
    from ycaudit.model import Unseen as Unseen
    from ycaudit.model import Verdict as Verdict
    from ycaudit.rules.judge import Unit as Unit
    from ycaudit.rules.link import LinkRequirement as LinkRequirement
    from ycaudit.rules.qr import QrRequirement as QrRequirement

__version__ = "0.2.0"

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
"""The User-Agent of the browser of most visitors."""
USER_AGENT = f"{CHROME} ycaudit/{__version__}"
"""Like a browser's, since many sites answer 403 to others; and honest about who asks."""
PHONE_AGENT = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    f"Chrome/140.0.0.0 Mobile Safari/537.36 ycaudit/{__version__}"
)
"""The same on a phone, which is what scans a code."""

_LIBRARY = ("audit", "audit_async", "load_units")
_NOUNS = (
    *("BlindSpot", "Evidence", "Link", "Outcome", "Page", "Policy", "QrCode", "ScanRun", "Target"),
    *("UnitReport", "Unseen", "Verdict"),
)
__all__ = [  # noqa: PLE0604 - the names of the tables above, which are loaded when asked for
    *_LIBRARY,
    *_NOUNS,
    "AuditError",
    "LinkRequirement",
    "QrRequirement",
    "USER_AGENT",
    "Unit",
    "__version__",
]


def __dir__() -> list[str]:
    """What the library is: not the modules that happen to be loaded."""
    return sorted(__all__)


def __getattr__(name: str) -> object:
    """Loaded when first used: child processes and `--version` need none of it."""
    homes = {
        **dict.fromkeys(_LIBRARY, "auditing.library"),
        **dict.fromkeys(_NOUNS, "model"),
        "LinkRequirement": "rules.link",
        "QrRequirement": "rules.qr",
        "AuditError": "errors",
        "Unit": "rules.judge",
    }
    if name not in homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{homes[name]}"), name)
