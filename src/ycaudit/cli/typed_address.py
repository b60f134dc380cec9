"""The homepage that somebody typed: an address, however it is spelled, or a file by mistake."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from ycaudit.cli import console
from ycaudit.cli.image_files import IMAGES
from ycaudit.errors import AuditError
from ycaudit.inputs import cell_url
from ycaudit.inputs.cells import Cell
from ycaudit.inputs.plan import LIST_SUFFIXES
from ycaudit.url import parse_web_url

_ADDRESS = re.compile(r"https?:[/\\]", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_HOST = re.compile(r"[^/\\]*(?:[.:。．：\[]|localhost)", re.IGNORECASE)
_PAGE = re.compile(r"(?:\.{1,2}(?:[\\/].*)?|[^/\\]+\.(?:s?html?|php|aspx?|jsp))", re.IGNORECASE)
"""What leads nowhere but into a folder, or is called like a page: no host is."""
_LISTS = LIST_SUFFIXES | {".yaml", ".yml"}
_FILES = _LISTS | IMAGES | {".doc", ".docx", ".pdf", ".txt"}
"""Suffixes that no host has."""
_STOPS = "。．，、；：！？）》】」』”’"
_LABEL = re.compile(r"|(?:网址|网站|官网|首页|主页|地址|链接|URL)\s*[:：]?", re.IGNORECASE)
"""What may stand before an address to say that it is one."""

_SERVER = ("-m", "http.server", "--bind", "127.0.0.1", "--directory")


def address_of(text: str, line: Sequence[str]) -> str:
    """The address, with a notice where it is read as another than what was typed.

    `line` is all that was typed. Raises AuditError for a file or folder of this machine, and for
    what is neither that nor an address.
    """
    text = _without_stop(text)
    if not _ADDRESS.match(text):
        _refuse_file(text, line)
    elif "://" not in text:
        text = text.replace("\\", "/")
    full = text if "://" in text or _ADDRESS.match(text) else f"http://{text}"
    if parse_web_url(full) is not None:
        return full
    found = cell_url.find(Cell(text))
    if found is None or not _LABEL.fullmatch(found.rest) or len(found.urls) > 1:
        return text  # what is wrong with it is told with the unit
    for note in found.notes:
        console.notice(note)
    return found.url


def _without_stop(text: str) -> str:
    """The text without the Chinese signs that end a sentence, not an address, with a notice."""
    bare = text.rstrip(_STOPS)
    if not bare or bare == text:
        return text
    console.notice("{0} is read as {1}", cell_url.quoted(text), cell_url.told(bare))
    return bare


def _refuse_file(text: str, line: Sequence[str]) -> None:
    named = Path(text.removeprefix("file://"))
    page = named / "index.html" if named.is_dir() else named
    if page.is_file():
        raise _refused(page, text, line)
    is_path = bool(_DRIVE.match(text) or _PAGE.fullmatch(text) or _is_called_like_a_file(text))
    if named.is_dir() and (is_path or "://" in text or not _HOST.match(text)):
        raise AuditError(
            "{0} is a folder without index.html: name the file of the page, or its address", named
        )
    if is_path:
        raise AuditError("{0}: there is no such file here, and it is no address", text)
    if "://" not in text and not _HOST.match(text):
        raise AuditError(
            "{0} is no page here, and no address either: write it with http:// and its host", text
        )


def _is_called_like_a_file(text: str) -> bool:
    return not set("/\\:") & set(text) and Path(text).suffix.lower() in _FILES


def _refused(file: Path, text: str, line: Sequence[str]) -> AuditError:
    """The error with the line that does with this file what is likely wanted."""
    if file.suffix.lower() in IMAGES:
        return AuditError(
            "{0} is a picture and no page: `{1}` reads the codes in it",
            *(file, _line(["ycaudit", "decode", str(file)])),
        )
    if file.suffix.lower() in _LISTS:
        return AuditError(
            "{0} is a file and no page: if it is a list of homepages, `{1}` looks at them",
            *(file, _line(["ycaudit", "scan", str(file)])),
        )
    return AuditError(
        "{0} is a file, and a page is looked at as a server delivers it: run `{1}` in another "
        "window, then `{2}`",
        file,
        _line([_python(), *_SERVER, str(file.parent), "8000"]),
        _as_served(text, quote(file.name), line),
    )


def _python() -> str:
    return "py" if sys.platform == "win32" else "python3"


def _as_served(text: str, page: str, line: Sequence[str]) -> str:
    """The line that was typed, with the address of the page in place of its file."""
    address = f"http://127.0.0.1:8000/{page}"
    words = [address if word == text else word for word in line]
    private = [] if "--allow-private" in words else ["--allow-private"]
    return _line(["ycaudit", *words, *private])


def _line(words: Sequence[str]) -> str:
    """The words as a shell of this system takes them."""
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
