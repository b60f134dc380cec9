"""ycaudit decode: what the QR codes in image files say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ycaudit.cli import running
from ycaudit.errors import AuditError
from ycaudit.observe.codes import Effort, Reading, read_codes
from ycaudit.observe.raster import ImageTrouble
from ycaudit.render.rows import clean

MOST_BYTES = 64 * 1024 * 1024


def command(
    images: Annotated[list[Path], typer.Argument(help="Image files.")],
    format_name: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Read every QR code of the images. Exit 1: an image holds none; 2: one is no image."""
    if format_name not in ("text", "json"):
        raise AuditError(f"--format {format_name!r}: choose text or json")
    running.tell_without_zbar()
    readings = {path: _read(path) for path in images}
    if format_name == "json":
        typer.echo(
            json.dumps([_plain(p, r) for p, r in readings.items()], ensure_ascii=False, indent=1)
        )
    else:
        for path, reading in readings.items():
            _tell(path, reading)
    if any(isinstance(reading, str) for reading in readings.values()):
        raise typer.Exit(2)
    raise typer.Exit(
        0 if all(r.symbols for r in readings.values() if isinstance(r, Reading)) else 1
    )


def _read(path: Path) -> Reading | str:
    """What stands in the file, or why it could not be read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return f"larger than {MOST_BYTES >> 20} MB"
        return read_codes(path.read_bytes(), effort=Effort.STARE)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except ImageTrouble as trouble:
        return str(trouble)


def _plain(path: Path, reading: Reading | str) -> dict[str, object]:
    if isinstance(reading, str):
        return {"file": str(path), "symbols": [], "error": reading}
    symbols = [{"payload": s.payload, "corners": s.corners} for s in reading.symbols]
    return {"file": str(path), "symbols": symbols}


def _tell(path: Path, reading: Reading | str) -> None:
    if isinstance(reading, str):
        running.notice(f"{path}: {reading}")
        return
    for symbol in reading.symbols:
        typer.echo(f"{path}: {clean(symbol.payload, 4000)}")
    for located in reading.located:
        running.notice(f"{path}: a code that could not be read: {located.why}")
    if not reading.symbols and not reading.located:
        running.notice(f"{path}: no QR code")
