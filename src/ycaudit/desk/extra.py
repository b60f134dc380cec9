"""Whether the extra `desk` is installed: asked before anything of it is imported."""

from __future__ import annotations

from importlib.util import find_spec

from ycaudit.errors import AuditError, install
from ycaudit.i18n import Message

HINT = Message("the desk is not installed; {0}", install("desk"))
NEEDED = ("starlette", "uvicorn", "python_multipart")


def check() -> None:
    """Raise AuditError if the extra is not installed."""
    if any(find_spec(name) is None for name in NEEDED):
        raise AuditError(HINT)
