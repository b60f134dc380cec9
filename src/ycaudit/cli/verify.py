"""ycaudit verify: whether an evidence folder or a case file is as it was written."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from ycaudit import office_time
from ycaudit.auditing import case as cases
from ycaudit.cli import console
from ycaudit.cli.stored_runs import HistoryFile, where
from ycaudit.errors import AuditError
from ycaudit.i18n import translate
from ycaudit.model import Policy, Tool
from ycaudit.report.rows import clean
from ycaudit.runs.case_file import CaseFile
from ycaudit.runs.evidence import sha256
from ycaudit.runs.history import LAST, History, opened_to_read
from ycaudit.runs.manifests import Sealed, broken_files, manifests_in, unknown_files
from ycaudit.runs.paper_log import Sealed as What

MAX_NAMED = 50


def command(
    evidence: Annotated[
        Path, typer.Argument(help="The folder that `--evidence` wrote, or a case file (.wacz).")
    ],
    run: Annotated[
        str, typer.Option("--run", help="Only the manifest of this run, or of the last. [all]")
    ] = "",
    rejudge: Annotated[
        bool,
        typer.Option("--rejudge", help="Judge every unit of a case file again, from it alone."),
    ] = False,
    tsa_ca: Annotated[
        Path | None,
        typer.Option("--tsa-ca", help="Certificates (PEM) of the time stamping authority."),
    ] = None,
    history: HistoryFile = None,
) -> None:
    """Check that proof is as it was written. Exit 1: something is missing, changed or was added."""
    with ExitStack() as stack:
        file = where(history)
        kept = stack.enter_context(opened_to_read(file))
        if evidence.is_file():
            sound = _case(evidence, kept, file, tsa_ca, again=rejudge)
        elif rejudge:
            raise AuditError("--rejudge is for a case file (.wacz): a folder holds no recordings")
        else:
            sound = _folder(evidence, run, kept, file, tsa_ca)
    raise typer.Exit(0 if sound else 1)


# --- a folder of evidence ---


def _folder(root: Path, run: str, kept: History, history: Path, tsa_ca: Path | None) -> bool:
    sealed = manifests_in(root)
    digest = cache(sha256)  # a file of several runs is read once
    asked = _asked(sealed, run)
    asked_of = _if_it_knows(kept, history, [one.manifest.run for one in asked], "manifest")
    sound = True
    for number, one in enumerate(asked):
        if number:
            console.info()
        lines = list(broken_files(root, one.manifest, digest))
        _list(lines)
        _tell(one, len(lines))
        own = hashlib.sha256(one.data).hexdigest()
        console.info("sha256 of the manifest: {0}", own)
        known = _is_known(asked_of, one.manifest.run, "manifest", own)
        _tell_time(one.stamp.read_bytes() if one.stamp.is_file() else None, one.data, tsa_ca)
        sound = sound and known and not lines
    added = [clean(name, 300) for name in unknown_files(root, sealed)]
    for name in added[:MAX_NAMED]:
        console.info("✗ {0} is not in any manifest", name)
    return sound and not added


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


def _tell(one: Sealed, broken: int) -> None:
    manifest = one.manifest
    size = sum(entry.bytes for entry in manifest.files.values())
    files = len(manifest.files)
    console.info(
        "{0} file{0:|s}, {1:.1f} MB, of run {2}: {3} missing or changed",
        files,
        size / 1000000.0,
        clean(manifest.run, 60),
        broken,
    )
    _tell_maker(manifest.tool, manifest.rules, manifest.started_at, manifest.finished_at)
    if manifest.left_out:
        lost = manifest.left_out
        console.notice("{0} file{0:|s} did not fit under the cap when it was made", lost)


# --- a case file ---


def _case(path: Path, kept: History, history: Path, tsa_ca: Path | None, *, again: bool) -> bool:
    case = CaseFile(path)
    asked_of = _if_it_knows(kept, history, [case.run.id], "case")
    container = case.container
    lines = list(container.broken())
    _list(lines)
    console.info(
        "{0} part{0:|s}, {1:.1f} MB, of run {2}: {3} missing, changed or added",
        len(container.resources),
        path.stat().st_size / 1e6,
        clean(case.run.id, 60),
        len(lines),
    )
    _tell_maker(case.run.tool, case.run.rules, case.run.started_at, case.run.finished_at)
    console.info("sha256 of the case: {0}", container.sha256)
    known = _is_known(asked_of, case.run.id, "case", container.sha256)
    _tell_time(container.stamp, container.package, tsa_ca)
    sound = known and not lines
    if again and lines:
        console.notice("not judged again: the case file is not as it was written")
    elif again:
        sound = _tell_again(cases.rejudge(case, os.environ)) and sound
    return sound


def _tell_again(found: cases.Rejudged) -> bool:
    """What came of judging again; whether all is the same."""
    for one in found.differences[:MAX_NAMED]:
        console.info(
            "✗ {0}, {1}: {2} ({3}) is {4} now ({5})",
            clean(one.unit, 60), clean(one.before.name, 60),
            translate(one.before.outcome), one.before.why,
            translate(one.after.outcome), one.after.why,
        )  # fmt: skip
    console.info(
        "{0} verdict{0:|s} judged again, {1} unit{1:|s} looked at again from recordings: "
        "{2} came out otherwise",
        found.verdicts,
        found.replayed,
        len(found.differences),
    )
    if found.settled:
        count = len(found.settled)
        console.notice("{0} verdict{0:|s} of looks that had no more time came out now", count)
    for why in dict.fromkeys(found.not_replayed.values()):
        count = sum(other == why for other in found.not_replayed.values())
        console.notice("{0} unit{0:|s} judged by what was seen alone: {1}", count, why)
    return not found.differences


# --- what both have ---


def _list(lines: Sequence[str]) -> None:
    for line in lines[:MAX_NAMED]:
        console.info("✗ {0}", clean(line, 300))
    if len(lines) > MAX_NAMED:
        console.info("✗ and {0} more", len(lines) - MAX_NAMED)


def _tell_maker(tool: Tool, rules: Policy, began: datetime, ended: datetime) -> None:
    console.info(
        "made by {0} {1} under “{2}” ({3}), {4:%Y-%m-%d %H:%M:%S} to {5:%H:%M:%S %Z}",
        clean(tool.name, 40),
        clean(tool.version, 40),
        clean(rules.name, 120),
        clean(rules.sha256, 64),
        office_time.local(began),
        office_time.local(ended),
    )


def _if_it_knows(kept: History, file: Path, runs: Sequence[str], what: What) -> History | None:
    """The history, where it knows any of the runs; else that is told, once for all of them."""
    if any(kept.papers.seals(run, what) for run in runs):
        return kept
    console.info(
        "the history {0} knows none of these sums: was another one meant (--history)? Else compare "
        "them with sums from elsewhere",
        file,
    )
    return None


def _is_known(kept: History | None, run: str, what: What, sha256: str) -> bool:
    """Whether the history does not contradict; it may know nothing of the run."""
    if kept is None:
        return True
    known = kept.papers.seals(run, what)
    if not known:
        console.info("this history knows no sum of it: compare the sum with one from elsewhere")
        return True
    if sha256 in known:
        console.info("the history names the same sum")
        return True
    console.info("✗ the history names another sum: {0}", ", ".join(sorted(known)))
    return False


def _tell_time(stamp: bytes | None, data: bytes, tsa_ca: Path | None) -> None:
    if stamp is None:
        if tsa_ca is not None:
            console.notice("there is no time stamp beside the manifest")
        return
    from ycaudit.runs import timestamp

    found = timestamp.read(stamp, data, tsa_ca)
    at = office_time.local(found.at)
    console.info("time stamp: the manifest existed at {0:%Y-%m-%d %H:%M:%S %Z}", at)
    if not found.trusted:
        console.notice("whose time stamp this is was not checked: name the authority by --tsa-ca")
