"""Addresses of mail as lists and settings write them, with or without a name in front."""

from __future__ import annotations

import re
from email.errors import MessageError
from email.headerregistry import Address

from ycaudit.errors import AuditError
from ycaudit.i18n import Message
from ycaudit.inputs.cells import clean, shortened

_ADDRESS = re.compile(r"<?[^\s@,;<>\"]+@[^\s@,;<>\"]+>?")


def parsed(text: str) -> Address:
    """The address, with or without a name before it. Raises AuditError for anything else."""
    name, _, spec = text.strip().rpartition(" ")
    what = Message("{0!r} is no e-mail address", shortened(clean(text)))
    if any(ord(c) < 32 for c in text) or not _ADDRESS.fullmatch(spec) or "@" in name:
        raise AuditError(what)
    try:
        return Address(name.strip(' "'), addr_spec=spec.strip("<>"))
    except (MessageError, ValueError, IndexError) as error:
        raise AuditError(what) from error
