"""ycaudit verify: whether an evidence folder is as it was written."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from ycaudit import office_time
from ycaudit.cli import console
from ycaudit.errors import AuditError
from ycaudit.report.rows import clean
from ycaudit.runs.history import LAST
from ycaudit.runs.manifests import Sealed, broken_files, manifests_in, sha256, unknown_files

MAX_NAMED = 50


def command(
    evidence: Annotated[Path, typer.Argument(help="The folder that `--evidence` wrote.")],
    run: Annotated[
        str, typer.Option("--run", help="Only the manifest of this run, or of the last. [all]")
    ] = "",
    tsa_ca: Annotated[
        Path | None,
        typer.Option("--tsa-ca", help="Certificates (PEM) of the time stamping authority."),
    ] = None,
) -> None:
    """Check every evidence file against the manifests. Exit 1: something is missing or changed."""
    sealed = manifests_in(evidence)
    digest = cache(sha256)  # a file of several runs is read once
    broken = False
    for number, one in enumerate(_asked(sealed, run)):
        if number:
            console.info()
        lines = list(broken_files(evidence, one.manifest, digest))
        broken = broken or bool(lines)
        _tell(one, lines)
        _tell_time(one, tsa_ca)
    for name in unknown_files(evidence, (one.manifest for one in sealed)):
        console.notice("{0} is not in any manifest", clean(name, 300))
    raise typer.Exit(1 if broken else 0)


def _asked(sealed: Sequence[Sealed], run: str) -> Sequence[Sealed]:
    """The manifests to check. Raises AuditError where the run has none."""
    if not run:
        return sealed
    if run == LAST:
        return sealed[-1:]
    found = [one for one in sealed if one.manifest.run.startswith(run)]
    if not found:
        known = ", ".join(clean(one.manifest.run, 60) for one in sealed)
        raise AuditError("no manifest is of a run {0!r}; there are {1}", run, known)
    return found


def _tell(one: Sealed, broken: Sequence[str]) -> None:
    manifest = one.manifest
    for line in broken[:MAX_NAMED]:
        console.info("✗ {0}", clean(line, 300))
    if len(broken) > MAX_NAMED:
        console.info("✗ and {0} more", len(broken) - MAX_NAMED)
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
        office_time.local(manifest.started_at),
        office_time.local(manifest.finished_at),
    )
    console.info("sha256 of the manifest: {0}", hashlib.sha256(one.data).hexdigest())
    if manifest.left_out:
        lost = manifest.left_out
        console.notice("{0} file{0:|s} did not fit under the cap when it was made", lost)


def _tell_time(one: Sealed, tsa_ca: Path | None) -> None:
    if not one.stamp.is_file():
        if tsa_ca is not None:
            console.notice("there is no time stamp beside the manifest")
        return
    from ycaudit.runs import timestamp

    stamp = timestamp.read(one.stamp.read_bytes(), one.data, tsa_ca)
    at = office_time.local(stamp.at)
    console.info("time stamp: the manifest existed at {0:%Y-%m-%d %H:%M:%S %Z}", at)
    if not stamp.trusted:
        console.notice("whose time stamp this is was not checked: name the authority by --tsa-ca")
