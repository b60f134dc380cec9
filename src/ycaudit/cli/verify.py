"""ycaudit verify: whether an evidence folder is as it was written."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from ycaudit.cli import console
from ycaudit.errors import AuditError
from ycaudit.report.rows import clean
from ycaudit.runs.evidence import MANIFEST, TIMESTAMP, broken_files, manifest_of, unknown_files

MAX_NAMED = 50


def command(
    evidence: Annotated[Path, typer.Argument(help="The folder that `--evidence` wrote.")],
    tsa_ca: Annotated[
        Path | None,
        typer.Option("--tsa-ca", help="Certificates (PEM) of the time stamping authority."),
    ] = None,
) -> None:
    """Check every evidence file against the manifest. Exit 1: something is missing or changed."""
    if not (evidence / MANIFEST).exists():
        raise AuditError(
            "{0} is no evidence folder: it has no {1}; name the folder that `--evidence` wrote",
            evidence,
            MANIFEST,
        )
    manifest, data = manifest_of(evidence)
    broken = list(broken_files(evidence, manifest))
    for line in broken[:MAX_NAMED]:
        console.info("✗ {0}", clean(line, 300))
    if len(broken) > MAX_NAMED:
        console.info("✗ and {0} more", len(broken) - MAX_NAMED)
    for name in unknown_files(evidence, manifest):
        console.notice("{0} is not in the manifest", clean(name, 300))
    size = sum(entry.bytes for entry in manifest.files.values())
    files = len(manifest.files)
    console.info(
        "{0} file{0:|s}, {1:.1f} MB, of run {2}: {3} missing or changed",
        files,
        size / 1000000.0,
        clean(manifest.run, 60),
        len(broken),
    )
    console.info(
        "made by {0} {1} under “{2}” ({3}), {4:%Y-%m-%d %H:%M:%S} to {5:%H:%M:%S %Z}",
        clean(manifest.tool.name, 40),
        clean(manifest.tool.version, 40),
        clean(manifest.rules.name, 120),
        clean(manifest.rules.sha256, 64),
        manifest.started_at,
        manifest.finished_at,
    )
    console.info("sha256 of the manifest: {0}", hashlib.sha256(data).hexdigest())
    if manifest.left_out:
        lost = manifest.left_out
        console.notice("{0} file{0:|s} did not fit under the cap when it was made", lost)
    if (evidence / TIMESTAMP).is_file():
        _tell_time(evidence, data, tsa_ca)
    elif tsa_ca is not None:
        console.notice("there is no time stamp beside the manifest")
    raise typer.Exit(1 if broken else 0)


def _tell_time(evidence: Path, data: bytes, tsa_ca: Path | None) -> None:
    from ycaudit.runs import timestamp

    stamp = timestamp.read((evidence / TIMESTAMP).read_bytes(), data, tsa_ca)
    console.info("time stamp: the manifest existed at {0:%Y-%m-%d %H:%M:%S %Z}", stamp.at)
    if not stamp.trusted:
        console.notice("whose time stamp this is was not checked: name the authority by --tsa-ca")
