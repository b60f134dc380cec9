"""ycaudit review: a person decides what the machine could not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ycaudit.cli import console, options
from ycaudit.cli.stored_runs import HistoryFile, find_run, where
from ycaudit.errors import ConfigError, Problem
from ycaudit.i18n import Message
from ycaudit.model import Decision, Outcome, Page, ScanRun, UnitReport, Verdict
from ycaudit.report.review_sheet import read_reviews
from ycaudit.report.rows import WORD, clean, described
from ycaudit.runs.decisions import fingerprint
from ycaudit.runs.history import LAST, History, opened

KEYS = {"p": Outcome.PASS, "f": Outcome.FAIL}


def command(
    run: Annotated[str, typer.Argument(help="A run: its file, its id, or `last`.")] = LAST,
    fails: Annotated[
        bool, typer.Option("--fails", help="Confirm what failed, instead of what is undetermined.")
    ] = False,
    by: Annotated[str, typer.Option("--by", help="Who decides. [default: the user's name]")] = "",
    sheet: Annotated[
        Path | None,
        typer.Option("--from", help="A workbook of this run with the sheet 人工复核 filled in."),
    ] = None,
    evidence: options.ProofFolder = None,
    history: HistoryFile = None,
) -> None:
    """Walk through what is undetermined, with its pictures, and record what a person sees."""
    found = find_run(run, history)
    if sheet is not None:
        _take(found, sheet, where(history))
        return
    outcome = Outcome.FAIL if fails else Outcome.UNDETERMINED
    cases = list(_cases(found, outcome))
    if not cases:
        console.info("nothing is {0} in run {1}", WORD[outcome], found.id)
    elif not sys.stdin.isatty():
        _list(cases, evidence)
        console.notice("nobody is there to decide: run this in a terminal")
    else:
        with opened(where(history)) as kept:
            recorded = sum(_recorded(kept, cases, by or options.user(), evidence))
        console.info(
            "{0} decisions recorded; they hold as long as the pages show the same", recorded
        )


def _take(run: ScanRun, sheet: Path, history: Path) -> None:
    """Record what people wrote; a row that fits no verdict of the run is a mistake."""
    reports = {report.target.id: report for report in run.reports}
    reviews = read_reviews(sheet)
    problems = [
        Problem(
            str(sheet),
            review.row,
            Message("run {0} has no verdict on {1} of this kind", run.id, review.unit),
        )
        for review in reviews
        if review.unit not in reports
        or review.requirement not in {v.requirement for v in reports[review.unit].verdicts}
    ]
    if problems:
        raise ConfigError(problems)
    with opened(history) as kept:
        for review in reviews:
            page = fingerprint(reports[review.unit])
            now = datetime.now(UTC)
            decision = Decision(
                outcome=review.outcome, by=review.by, at=now, note=review.note, page=page
            )
            kept.decide(review.unit, review.requirement, decision)
    console.info("{0} decisions recorded from {1}", len(reviews), sheet)


def _list(cases: list[tuple[UnitReport, Verdict]], evidence: Path | None) -> None:
    for number, (report, verdict) in enumerate(cases, 1):
        console.info("\n[{0}/{1}]", number, len(cases))
        for line in _described(report, verdict, evidence):
            console.info(line)


def _recorded(
    kept: History, cases: list[tuple[UnitReport, Verdict]], who: str, evidence: Path | None
) -> Iterator[bool]:
    """Ask about each; what is decided is kept at once."""
    for number, (report, verdict) in enumerate(cases, 1):
        console.info("\n[{0}/{1}]", number, len(cases))
        for line in _described(report, verdict, evidence):
            console.info(line)
        choice = _asked(_pictures(report, verdict, evidence), report.target.url)
        if choice is None:
            yield False
            continue
        note = typer.prompt("  note (may be empty)", default="", show_default=False)
        page = fingerprint(report)
        decision = Decision(
            outcome=choice, by=who, at=datetime.now(UTC), note=clean(note, 300), page=page
        )
        kept.decide(report.target.id, verdict.requirement, decision)
        yield True


def _cases(run: ScanRun, outcome: Outcome) -> Iterator[tuple[UnitReport, Verdict]]:
    for report in run.reports:
        for verdict in report.verdicts:
            if verdict.outcome is outcome and verdict.decision is None:
                yield report, verdict


def _title(report: UnitReport, verdict: Verdict) -> str:
    return f"{clean(report.target.name, 60)}  {clean(verdict.name, 40)}：{WORD[verdict.outcome]}"


def _described(report: UnitReport, verdict: Verdict, evidence: Path | None) -> Iterator[str]:
    yield _title(report, verdict)
    yield f"  {clean(report.target.url, 200)}"
    yield f"  {clean(verdict.why.translated(), 400)}"
    for item in (*verdict.evidence, *verdict.near[:4]):
        yield f"  ≈ {described(item)}"
    for picture in _pictures(report, verdict, evidence):
        yield Message("  picture: {0}", picture)


def _pictures(report: UnitReport, verdict: Verdict, evidence: Path | None) -> list[Path]:
    """Crops of what was found, and of codes that nobody could read."""
    spots = (
        s
        for observation in report.observations
        if isinstance(observation, Page)
        for s in observation.blind_spots
    )
    files = [item.file for item in (*verdict.evidence, *verdict.near)]
    files += [spot.file for spot in spots]
    root = evidence or Path()
    return [root / file for file in dict.fromkeys(files) if file and file.endswith(".png")]


def _asked(pictures: list[Path], url: str) -> Outcome | None:
    """What a person says: pass, fail, or nothing yet."""
    while True:
        console.info("  p pass, f fail, o pictures, w the site, Enter later, q stop: ", nl=False)
        key = typer.getchar()
        console.info(key if key.isprintable() else "")
        match key:
            case "p" | "f":
                return KEYS[key]
            case "o":
                for picture in pictures:
                    typer.launch(str(picture))
            case "w" if url.startswith(("http://", "https://")):
                typer.launch(url)
            case "q" | "\x1b":
                raise typer.Exit
            case "\r" | "\n":
                return None
            case _:
                pass
