"""Letters of small runs."""

from __future__ import annotations

from email.message import EmailMessage

from ycaudit.model import ScanRun
from ycaudit.report import letters
from ycaudit.runs.diff import Comparison

NOTHING = Comparison()


def letter(
    whole: ScanRun, changes: Comparison = NOTHING, *files: letters.Attachment
) -> EmailMessage:
    return letters.letter(
        whole,
        changes,
        sender="检查组 <audit@city.test>",
        to=["王 <w@city.test>"],
        attachments=files,
    )


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")
