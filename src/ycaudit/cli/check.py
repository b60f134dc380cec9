"""ycaudit check: one homepage, with every detail."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from ycaudit.auditing.recorder import MemoryRecorder
from ycaudit.cli import console, options, progress
from ycaudit.cli.exit_code import leave
from ycaudit.errors import AuditError, nearest
from ycaudit.i18n import Message, translate
from ycaudit.inputs.plan import load_rules, tags_named, unit_for
from ycaudit.model import Evidence, Outcome, Page, ScanRun, UnitReport, Unseen, Verdict
from ycaudit.reasons import Reason, remedy
from ycaudit.report.outputs import Outputs, evidence_in
from ycaudit.report.rows import BASIS, MARK, ORIGIN, VISIBILITY, WORD, clean, described
from ycaudit.report.table import show as show_table
from ycaudit.rules import Requirement
from ycaudit.rules.judge import Unit, observer_name

MAX_CODES = 30


@dataclass(frozen=True, kw_only=True)
class Check(options.Output, options.Look):
    """The options of the command."""

    url: Annotated[str, typer.Argument(help="The homepage to look at.")]
    rules: options.Rules = field(default_factory=lambda: options.DEFAULT_RULES)
    tag: Annotated[
        list[str], typer.Option("--tag", help="A tag of the unit, for rules that go by tags.")
    ] = field(default_factory=list)
    explain: Annotated[
        str,
        typer.Option(
            "--explain", help="Only this requirement (its id): why, on what, and what to do."
        ),
    ] = ""
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Also the words of browsers, drivers and libraries.")
    ] = False


@options.declared
def command(asked: Check) -> None:
    """Look at one homepage and print everything that was seen, and what was not."""
    outputs = asked.outputs()
    outputs.refuse_naming()
    _refuse_file(asked.url)
    requirements, policy = load_rules(asked.rules)
    _check_tags(asked.tag, requirements)
    unit = unit_for(asked.url, requirements, tags=asked.tag, third_parties=policy.third_parties)
    left = [r for r in requirements if r not in unit.requirements]
    if not unit.requirements:
        raise AuditError(
            "the rules ask nothing of it: give one of the tags {0} with --tag", tags_named(left)
        )
    if asked.explain:
        check_known(asked.explain, unit)
    run = progress.watched([unit], policy, asked.request(), MemoryRecorder())
    printed = asked.explain or asked.format_name in ("", "table")
    if not asked.explain:
        _write(run, outputs, asked.evidence)
    if printed:
        for line in _lines(run, asked, unit):
            console.line(line)
    if left and not asked.explain:
        tell = console.info if printed else console.notice
        names = "、".join(requirement.name for requirement in left)
        tell(Message("not judged, for lack of a tag ({0}): {1}", tags_named(left), names))
    sys.stdout.flush()
    leave(run, asked.fail_on)


def _write(run: ScanRun, outputs: Outputs, evidence: Path | None) -> None:
    """Print the run and write its files; the reasons that a table tells come in full after it."""
    is_table = outputs.printed == "table"
    rest = replace(outputs, printed="") if is_table else outputs
    rest.write(run, sys.stdout, read_evidence=evidence_in(evidence))
    if is_table:
        show_table(run, sys.stdout, reasons=False)


def _refuse_file(text: str) -> None:
    """Raises AuditError where it is a file or folder of this machine, and no address."""
    if text.lower().startswith(("http://", "https://")):
        return
    path = Path(text.removeprefix("file://"))
    path = path / "index.html" if path.is_dir() else path
    if not path.is_file():
        if re.search(r"[.:\[]|localhost", text.partition("/")[0]):
            return
        raise AuditError(
            "{0} is no page here, and no address either: write it with http:// and its host", text
        )
    raise AuditError(
        "{0} is a file, and a page is looked at as a server delivers it: run "
        "`python -m http.server --bind 127.0.0.1 --directory {1} 8000`, then "
        "`ycaudit check http://127.0.0.1:8000/{2} --allow-private`",
        path,
        path.parent,
        quote(path.name),
    )


def _check_tags(tags: list[str], requirements: Iterable[Requirement]) -> None:
    """Raises AuditError for a tag that seems to be another one that the rules go by."""
    known = {t for r in requirements if r.applies_to for t in r.applies_to.tags}
    for tag in tags:
        if tag not in known and (hint := nearest(tag, sorted(known))):
            raise AuditError("--tag {0!r}: no requirement goes by it{1}", tag, hint)


def check_known(requirement: str, unit: Unit) -> None:
    """Raises AuditError where the unit is not asked for this requirement."""
    known = [r.id for r in unit.requirements]
    if requirement not in known:
        raise AuditError(
            "--explain {0!r}: the rules ask this of the unit: {1}{2}",
            requirement,
            ", ".join(known),
            nearest(requirement, known),
        )


def _lines(run: ScanRun, asked: Check, unit: Unit) -> Iterator[str]:
    for report in run.reports:
        if not asked.explain:
            yield from details(report)
        for requirement, verdict in zip(unit.requirements, report.verdicts, strict=True):
            if asked.explain == requirement.id:
                yield from explained(verdict)
        if asked.verbose:
            yield from dict.fromkeys(_raw(report))  # one cause stands behind many verdicts


def explained(verdict: Verdict) -> Iterator[str]:
    """One verdict: witness, evidence with its state, what came near, and the chain of reasons."""
    yield f"{MARK[verdict.outcome]} {verdict.name}: {WORD[verdict.outcome]}"
    if verdict.clause:
        yield translate("  clause: {0}", clean(verdict.clause, 300))
    yield translate("  witness: {0}", observer_name(verdict.observer))
    for evidence in verdict.evidence:
        yield translate("  evidence: {0} [{1}]", described(evidence), _state(evidence))
    for evidence in verdict.near:
        yield translate("  near: {0} [{1}]", described(evidence), _state(evidence))
    for depth, why in enumerate(verdict.why.chain()):
        yield translate("  {0}{1} ({2})", "  " * depth, clean(why.translated(), 600), why.code)
    if todo := remedy(verdict.why):
        yield translate("  what to do: {0}", todo)


def _raw(report: UnitReport) -> Iterator[str]:
    """What drivers and libraries said, by the code of the reason that keeps it."""
    for why in _reasons(report):
        for one in why.chain():
            if one.detail:
                yield f"    {one.code}: {clean(one.detail, 2000)}"


def _reasons(report: UnitReport) -> Iterator[Reason]:
    for verdict in report.verdicts:
        yield verdict.why
    for observation in report.observations:
        if isinstance(observation, Page):
            yield from observation.remarks
            yield from (spot.why for spot in observation.blind_spots)
        else:
            yield observation.why


def details(report: UnitReport) -> list[str]:
    """Everything about the unit, as lines of plain text."""
    lines: list[str] = []
    is_seen = any(isinstance(observation, Page) for observation in report.observations)
    for verdict in report.verdicts if is_seen else ():  # else all say what the looks say
        judged = f"{MARK[verdict.outcome]} {verdict.name}: {WORD[verdict.outcome]}"
        lines.append(f"\n{judged} [{BASIS[verdict.basis]}]")
        lines.append(f"    {clean(verdict.why.translated(), 600)}")
        lines += [f"    • {described(e)} [{_where(e)}]" for e in verdict.evidence]
        lines += [f"    ≈ {described(e)}" for e in verdict.near]
    spots = report.outcome is not Outcome.PASS  # else nobody needs what was not seen
    for observation in report.observations:
        lines.append("")
        if isinstance(observation, Page):
            lines += _seen(observation, spots=spots)
        else:
            lines += _unseen(observation)
    return lines


def _state(evidence: Evidence) -> str:
    """In which state of the page it is seen, where it was found, and its box in CSS pixels."""
    state = VISIBILITY[evidence.visible] or translate("seen as the page is loaded")
    box = f" {evidence.where.box}" if evidence.where.box else ""
    return f"{state}, {ORIGIN[evidence.where.origin]}{box}"


def _where(evidence: Evidence) -> str:
    state = evidence.where.state
    reached = clean(state.translated(), 120) if state else VISIBILITY[evidence.visible]
    return ", ".join(filter(None, (reached, ORIGIN[evidence.where.origin])))


def _unseen(observation: Unseen) -> list[str]:
    why = clean(observation.why.translated(), 2000)
    return [translate("[{0}] not seen: {1}", observer_name(observation.observer), why)]


def _seen(page: Page, *, spots: bool) -> list[str]:
    links, images, codes = len(page.links), len(page.images), len(page.qr_codes)
    counts = Message("{0} link{0:|s}, {1} image{1:|s}, {2} QR code{2:|s}", links, images, codes)
    lines = [
        translate(
            "[{0}] {1} answered {2}: {3}",
            *(observer_name(page.observer), page.final_url, page.status, counts),
        )
    ]
    lines += [translate("    title: {0}", clean(page.title, 120))] if page.title else []
    lines += [f"    ! {clean(remark.translated())}" for remark in page.remarks]
    for code in page.qr_codes[:MAX_CODES]:
        label = f" “{clean(code.label, 60)}”" if code.label else ""
        lines.append(
            translate(
                "    code {0}{1} in {2}", clean(code.payload, 200), label, clean(code.src, 120)
            )
        )
    if spots:
        lines += [
            translate("    not seen: {0}", clean(spot.why.translated(), 300))
            for spot in page.blind_spots
        ]
    return lines
