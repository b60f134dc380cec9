"""Letters of small runs."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

from support.pages import NOON
from ycaudit.model import ScanRun
from ycaudit.report import letters
from ycaudit.runs.diff import Comparison

NOTHING = Comparison()
SENDER = letters.Sender("检查组 <audit@city.test>", NOON + timedelta(days=3))


def letter(
    whole: ScanRun, changes: Comparison = NOTHING, *files: letters.Attachment
) -> EmailMessage:
    return letters.letter(
        whole, changes, sender=SENDER, to=["王 <w@city.test>"], attachments=files
    ).message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")
