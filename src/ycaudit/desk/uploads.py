"""Files that were handed in and not yet taken over, in a folder that ends with the desk."""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from ycaudit.errors import AuditError
from ycaudit.i18n import translated
from ycaudit.report.rows import clean

MAX_KEPT = 20
_SUFFIX = re.compile(r"\.[a-z]{2,5}")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was handed in."""

    id: str
    name: str
    """As the person's machine calls it; for eyes only."""
    path: Path


class Uploads:
    """The latest files; an older one is forgotten."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: OrderedDict[str, Upload] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, name: str, data: bytes) -> Upload:
        """Keep a file under a name of our own; only its suffix is the person's."""
        id_ = secrets.token_hex(16)
        suffix = Path(name).suffix.lower()
        path = self._folder / f"{id_}{suffix if _SUFFIX.fullmatch(suffix) else ''}"
        path.write_bytes(data)
        upload = Upload(id_, clean(Path(name).name, 120), path)
        with self._lock:
            self._kept[id_] = upload
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)[1].path.unlink(missing_ok=True)
        return upload

    def told(self, text: str) -> str:
        """A message, in which each file has the name that the person knows."""
        said = str(translated(text))
        with self._lock:
            kept = tuple(self._kept.values())
        for upload in kept:
            said = said.replace(str(upload.path), upload.name)
        return said

    def get(self, id_: str) -> Upload:
        """The file with this id. Raises AuditError where it is no longer kept."""
        with self._lock:
            found = self._kept.get(id_)
        if found is None:
            raise AuditError("this file is no longer here; hand it in again")
        return found
