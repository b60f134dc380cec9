"""ycaudit verify: whether a folder of proof is as it was written."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from ycaudit.cli import console
from ycaudit.i18n import plural
from ycaudit.report.rows import clean
from ycaudit.runs.evidence import (
    TIMESTAMP,
    broken_files,
    manifest_of,
    unknown_files,
)

MAX_TOLD = 50


def command(
    evidence: Annotated[Path, typer.Argument(help="The folder that `--evidence` wrote.")],
    tsa_ca: Annotated[
        Path | None,
        typer.Option("--tsa-ca", help="Certificates (PEM) of the time stamping authority."),
    ] = None,
) -> None:
    """Check every file of proof against the manifest. Exit 1: something is missing or changed."""
    manifest, data = manifest_of(evidence)
    broken = list(broken_files(evidence, manifest))
    for line in broken[:MAX_TOLD]:
        console.tell(f"✗ {clean(line, 300)}")
    if len(broken) > MAX_TOLD:
        console.tell(f"✗ and {len(broken) - MAX_TOLD} more")
    for name in unknown_files(evidence, manifest):
        console.notice(f"{clean(name, 300)} is not in the manifest")
    size = sum(entry.bytes for entry in manifest.files.values())
    files = len(manifest.files)
    console.tell(
        f"{files} file{plural(files)}, {size / 1e6:.1f} MB, of run {clean(manifest.run, 60)}: "
        f"{len(broken)} missing or changed"
    )
    console.tell(
        f"made by {clean(manifest.tool.name, 40)} {clean(manifest.tool.version, 40)} under "
        f"“{clean(manifest.rules.name, 120)}” ({clean(manifest.rules.sha256, 64)}), "
        f"{manifest.started_at:%Y-%m-%d %H:%M:%S} to {manifest.finished_at:%H:%M:%S %Z}"
    )
    console.tell(f"sha256 of the manifest: {hashlib.sha256(data).hexdigest()}")
    if manifest.left_out:
        lost = manifest.left_out
        console.notice(f"{lost} file{plural(lost)} did not fit under the cap when it was made")
    if (evidence / TIMESTAMP).is_file():
        _tell_time(evidence, data, tsa_ca)
    elif tsa_ca is not None:
        console.notice("there is no time stamp beside the manifest")
    raise typer.Exit(1 if broken else 0)


def _tell_time(evidence: Path, data: bytes, tsa_ca: Path | None) -> None:
    from ycaudit.runs import timestamp

    stamp = timestamp.read((evidence / TIMESTAMP).read_bytes(), data, tsa_ca)
    console.tell(f"time stamp: the manifest existed at {stamp.at:%Y-%m-%d %H:%M:%S %Z}")
    if not stamp.trusted:
        console.notice("whose time stamp this is was not checked: name the authority by --tsa-ca")
