"""Reads the sheets of Excel, OpenDocument and CSV files, distinguished by their content."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from ycaudit.errors import why_of
from ycaudit.inputs import csv_file, ods_file, xls_file, xlsx_file
from ycaudit.inputs.cells import Sheet, UnreadableError

MAX_BYTES = 32 * 1024 * 1024

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read_sheets(path: Path, only: Collection[str] | None = None) -> Iterator[list[Sheet]]:
    """The sheets of an .xlsx, .xls, .ods or .csv file, or only those with these names.

    A CSV file does not name its delimiter, so it may give several readings, the likeliest first;
    the caller takes the first that makes sense. Raises UnreadableError.
    """
    data = _bytes(path)
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise UnreadableError("protected by a password; save it as .xlsx without a password")
        yield xls_file.read(data, only)
    elif data.startswith(b"PK\x03\x04"):
        yield (ods_file if ods_file.is_ods(data) else xlsx_file).read(data, only)
    elif path.suffix.lower() == ".csv":
        yield from csv_file.read(data, only)
    else:
        raise UnreadableError("not an Excel workbook; open it in Excel and save it as .xlsx")


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise UnreadableError("this is a folder; name a file")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableError(
                "larger than {0} MB; split the list into several files", MAX_BYTES >> 20
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableError("no such file") from error
    except OSError as error:
        raise UnreadableError("cannot be read: {0}", why_of(error)) from error
