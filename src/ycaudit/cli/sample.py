"""ycaudit sample: how often the machine is wrong, measured by people who did not see its word."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ycaudit import __version__
from ycaudit.cli import console, options
from ycaudit.cli.stored_runs import HistoryFile, RunName, find_run
from ycaudit.errors import AuditError, why_of
from ycaudit.i18n import Message, translated
from ycaudit.inputs.plan import load_rules
from ycaudit.model import Outcome, Policy, ScanRun, Tool, Verdict
from ycaudit.report import sample_sheet
from ycaudit.report.outputs import evidence_in
from ycaudit.report.rows import WORD, clean
from ycaudit.report.sample_text import lines, quotable
from ycaudit.rules import Requirement
from ycaudit.runs.decisions import Key
from ycaudit.runs.evidence import write_whole
from ycaudit.runs.sampling import (
    DRAWN,
    Question,
    Seal,
    checked,
    decided_before,
    digest,
    drawn,
    errors,
    population,
    seed_of,
)

FORMATS = ("text", "json")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The options of the command."""

    run: RunName
    passes: Annotated[int, typer.Option("--passes", min=0, help="How many passes to draw.")] = 20
    fails: Annotated[int, typer.Option("--fails", min=0, help="How many fails to draw.")] = 20
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", min=0, help="Draw by this number. [default: one that follows from the run]"
        ),
    ] = None
    output: Annotated[
        Path | None,
        typer.Option("--output", help="Draw, and write the sheet (.xlsx) and its seal beside it."),
    ] = None
    answers: Annotated[
        Path | None,
        typer.Option("--answers", help="Read this sheet, filled in, and tell the error."),
    ] = None
    seal: Annotated[
        Path | None,
        typer.Option("--seal", help="The seal of the sheet. [default: beside it, .seal.json]"),
    ] = None
    format_name: Annotated[str, typer.Option("--format", help="text or json.")] = "text"
    rules: options.Rules = field(default_factory=lambda: options.DEFAULT_RULES)
    evidence: options.ProofFolder = None
    history: HistoryFile = None


@options.declared
def command(asked: Sample) -> None:
    """Measure the error: draw verdicts for people to check blindly, and read what they saw."""
    if asked.format_name not in FORMATS:
        raise AuditError("--format {0!r}: choose text or json", asked.format_name)
    if (asked.output is None) == (asked.answers is None):
        raise AuditError("say either --output SHEET.xlsx, to draw, or --answers SHEET.xlsx")
    run = find_run(asked.run, asked.history)
    if asked.output is not None:
        _draw(run, asked, asked.output)
    elif asked.answers is not None:
        _tell(run, asked.answers, asked.seal or _beside(asked.answers), asked.format_name)


def _beside(sheet: Path) -> Path:
    return sheet.with_suffix(".seal.json")


def _draw(run: ScanRun, asked: Sample, sheet: Path) -> None:
    path = asked.seal or _beside(sheet)
    _check_free(sheet, path)
    seal = _sealed(run, asked)
    write_whole(path, seal.written())
    write_whole(
        sheet, partial(sample_sheet.write, run, seal, read_evidence=evidence_in(asked.evidence))
    )
    console.info("{0} verdict{0:|s} drawn with seed {1}: {2}", len(seal.rows), seal.seed, sheet)
    console.info("sealed in {0}, sha256 {1}: note it where it cannot be changed", path, seal.sha256)


def _check_free(sheet: Path, seal: Path) -> None:
    if sheet.suffix.lower() != ".xlsx":
        raise AuditError("--output {0}: the sheet is written as .xlsx", sheet)
    for path in (sheet, seal):
        if path.exists():
            raise AuditError(
                "{0} is there already, and may hold answers or a seal: choose another name", path
            )


def _sealed(run: ScanRun, asked: Sample) -> Seal:
    verdicts, left_out = digest(run), decided_before(run)
    seed = seed_of(verdicts) if asked.seed is None else asked.seed
    wanted = {Outcome.PASS: asked.passes, Outcome.FAIL: asked.fails}
    _check_enough(run, wanted, left_out)
    rows = drawn(run, wanted, seed, left_out=left_out)
    return Seal(
        tool=Tool(version=__version__),
        run=run.id,
        verdicts=verdicts,
        seed=seed,
        passes=asked.passes,
        fails=asked.fails,
        left_out=left_out,
        questions=_questions(run, {requirement for _, requirement in rows}, asked.rules),
        rows=rows,
    )


def _check_enough(run: ScanRun, wanted: dict[Outcome, int], left_out: tuple[Key, ...]) -> None:
    """Tell where there are fewer than asked for. Raises AuditError where nothing is drawn."""
    there = {outcome: len(keys) for outcome, keys in population(run, left_out).items()}
    if not any(min(wanted[outcome], there[outcome]) for outcome in DRAWN):
        raise AuditError(
            "nothing to draw: {0} pass{0:|es} and {1} fail{1:|s} were asked for, and run {2} has "
            "{3} and {4} that no person has decided",
            *(wanted[Outcome.PASS], wanted[Outcome.FAIL], run.id),
            *(there[Outcome.PASS], there[Outcome.FAIL]),
        )
    for outcome in DRAWN:
        if wanted[outcome] > there[outcome]:
            console.notice(
                "{0}: {1} {1:was|were} asked for, and there {2:is|are} {2}: no more {2:is|are} "
                "taken",
                *(WORD[outcome], wanted[outcome], there[outcome]),
            )


def _questions(run: ScanRun, wanted: set[str], rules: Iterable[Path]) -> dict[str, Question]:
    requirements, policy = load_rules(rules)
    _check_rules(run, wanted, {r.id for r in requirements}, policy)
    by_id = {r.id: r for r in requirements}
    verdicts = {v.requirement: v for r in run.reports.briefs() for v in r.verdicts}
    return {id_: _question(verdicts[id_], by_id[id_]) for id_ in sorted(wanted)}


def _check_rules(run: ScanRun, wanted: set[str], known: set[str], policy: Policy) -> None:
    if missing := sorted(wanted - known):
        raise AuditError(
            "the rules ask nothing named {0}, which run {1} judged: name its rules with --rules",
            clean(missing[0], 60),
            run.id,
        )
    if policy.sha256 != run.rules.sha256:
        console.notice(
            "the rules are not those of run {0}: the sheet says what they accept now", run.id
        )


def _question(verdict: Verdict, requirement: Requirement) -> Question:
    forms = tuple(str(translated(form)) for form in requirement.in_words())
    in_source = requirement.visible == "any"
    return sample_sheet.question(verdict.name, verdict.sense, forms, in_source=in_source)


def _tell(run: ScanRun, sheet: Path, sealed: Path, format_name: str) -> None:
    seal = _read_seal(sealed)
    seal.check(run)
    found = checked(run, sample_sheet.read(sheet, run, seal))
    told = errors(run, seal, found)
    if format_name == "json":
        document = {
            "run": run.id,
            "seal": seal.sha256,
            "verdicts": seal.verdicts,
            "seed": seal.seed,
            "seed_was_chosen": seal.seed_was_chosen,
            "left_out": len(seal.left_out),
            "confidence": 0.95,
            "model": "hypergeometric",
            "errors": [
                {**error.model_dump(mode="json"), "sentence": quotable(error)} for error in told
            ],
            "checked": [one.model_dump(mode="json") for one in found],
        }
        console.data(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
        return
    for line in lines(told, found):
        console.line(line)
    if seal.left_out:
        console.info(
            "{0} verdict{0:|s} that a person had decided {0:was|were} not drawn; nothing is said "
            "of {0:it|them}",
            len(seal.left_out),
        )
    how = Message("chosen by a person") if seal.seed_was_chosen else Message("given by the run")
    console.info("seed {0}, {1}; sha256 of the seal: {2}", seal.seed, how, seal.sha256)


def _read_seal(path: Path) -> Seal:
    try:
        return Seal.model_validate_json(path.read_bytes())
    except OSError as error:
        raise AuditError(
            "{0}: cannot be read: {1}; name the seal of the sheet with --seal", path, why_of(error)
        ) from error
    except ValueError as error:
        raise AuditError("{0}: not a seal of ycaudit, or damaged", path) from error
