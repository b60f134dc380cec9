"""A request as the desk's pages take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData, Headers, QueryParams, UploadFile

from ycaudit.desk.desk import Desk
from ycaudit.errors import AuditError
from ycaudit.report.rows import clean

MAX_WORD = 300


def own_path(text: str) -> str:
    """A path that stays at this host, whatever a browser makes of it; empty where it would not."""
    stays = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if stays and text.isprintable() else ""


def came_from(headers: Headers, root: str) -> str:
    """The page of the desk that led to a request, as a path below its root; else empty."""
    own, referer = f"http://{headers.get('host', '')}{root}", headers.get("referer", "")
    return own_path(referer.removeprefix(own)) if referer.startswith(f"{own}/") else ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of the desk."""

    desk: Desk
    path: str
    params: Mapping[str, str]
    """The parts of the path that stand for something."""
    query: QueryParams
    form: FormData
    """Empty where nothing is to be changed."""
    files: Mapping[str, tuple[str, bytes]]
    """The name and the bytes of each file of the form."""
    came_from: str = ""
    """The page of the desk that led here, as a path; empty where none did."""

    def word(self, name: str) -> str:
        """A short text of the form, else of the address; empty where there is none."""
        value = self.form.get(name, self.query.get(name, ""))
        return "" if isinstance(value, UploadFile) else clean(value, MAX_WORD).strip()

    def number(self, name: str) -> int:
        """A number of the form, or of the address; 0 where there is none."""
        word = self.word(name)
        return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else 0

    def file(self, name: str) -> tuple[str, bytes]:
        """A file of the form. Raises AuditError where none was chosen."""
        found = self.files.get(name)
        if found is None or not found[1]:
            raise AuditError("choose a file first")
        return found
