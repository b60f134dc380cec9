"""ycaudit check: one homepage, with every detail."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import Annotated

import typer

from ycaudit.auditing.recorder import MemoryRecorder
from ycaudit.cli import console, options, progress
from ycaudit.cli.exit_code import leave
from ycaudit.cli.notices import Notices
from ycaudit.cli.typed_address import address_of
from ycaudit.errors import AuditError, nearest
from ycaudit.i18n import Listed, Message, translate
from ycaudit.inputs.plan import load_rules, rules_files, tags_named, unit_for
from ycaudit.model import OPEN, MemoryReports, Page, ScanRun, UnitReport
from ycaudit.observe.browser.chromium import NO_BROWSER, why_no_browser
from ycaudit.report.formats import OF_ONE_LOOK
from ycaudit.report.outputs import Outputs, evidence_in
from ycaudit.report.rows import clean
from ycaudit.report.site_lines import details, explained, raw
from ycaudit.report.table import show as show_table
from ycaudit.rules import Requirement
from ycaudit.rules.judge import Unit


@dataclass(frozen=True, kw_only=True)
class Check(options.Output, options.Look):
    """The options of the command."""

    url: Annotated[str, typer.Argument(help="The homepage to look at.")]
    format_name: options.FormatOfOneLook = ""
    rules: options.Rules = field(default_factory=lambda: options.DEFAULT_RULES)
    tag: Annotated[
        list[str], typer.Option("--tag", help="A tag of the unit, for rules that go by tags.")
    ] = field(default_factory=list)
    explain: Annotated[
        str,
        typer.Option(
            "--explain",
            help="Only this requirement (its id, its name, or its number in the order shown): why, "
            "on what, and what to do; the exit code is that of it alone.",
        ),
    ] = ""
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Also the words of browsers and libraries, and codes.")
    ] = False


@options.declared
def command(asked: Check) -> None:
    """Look at one homepage and print everything that was seen, and what was not."""
    outputs = asked.outputs(offered=OF_ONE_LOOK)
    url = address_of(asked.url, sys.argv[1:])
    requirements, policy = load_rules(asked.rules)
    _check_tags(asked.tag, requirements)
    unit = unit_for(url, requirements, tags=asked.tag, third_parties=policy.third_parties)
    left = [r for r in requirements if r not in unit.requirements]
    if not unit.requirements:
        raise AuditError(
            "the rules ask nothing of it: give one of the tags {0} with --tag", tags_named(left)
        )
    shown = [_explainable(asked.explain, unit, left)] if asked.explain else unit.requirements
    notices = Notices()
    run = progress.watched([unit], policy, asked.request(), MemoryRecorder(), notices=notices)
    if asked.explain:
        run = _only(run, shown[0])
    for_people = asked.format_name in ("", "table")
    _write(run, outputs, asked.evidence, explain=bool(asked.explain))
    if for_people:
        for line in _lines(run, asked, shown):
            console.line(line)
    tell = console.info if for_people else console.notice
    if left and not asked.explain:
        names = Listed(requirement.name for requirement in left)
        tell(_UNTAGGED, tags_named(left), names, _first_tag(left))
    why = why_no_browser(os.environ) if asked.observer == "auto" else None
    if why and not any(why in given for given in notices.given):
        tell(_MARKUP_ONLY, NO_BROWSER)
    sys.stdout.flush()
    leave(run, asked.fail_on)


_UNTAGGED = Message(
    "not judged, for lack of a tag ({0}): {1}; if the unit is of that kind, say so: --tag {2}"
)
_MARKUP_ONLY = Message(
    "{0}: only the markup was looked at; what counts in an audit is what a browser shows"
)


def _write(run: ScanRun, outputs: Outputs, evidence: Path | None, *, explain: bool) -> None:
    """Print the run and write its files; the reasons that a table tells come in full after it."""
    is_table = outputs.printed == "table"
    rest = replace(outputs, printed="") if is_table else outputs
    rest.write(run, sys.stdout, read_evidence=evidence_in(evidence))
    if is_table and not explain:
        show_table(run, sys.stdout, reasons=False)


def _check_tags(tags: list[str], requirements: Iterable[Requirement]) -> None:
    """Raises AuditError for a tag that seems to be another one that the rules go by."""
    known = {t for r in requirements if r.applies_to for t in r.applies_to.tags}
    for tag in tags:
        if tag not in known and (hint := nearest(tag, sorted(known))):
            raise AuditError("--tag {0!r}: no requirement goes by it{1}", tag, hint)


def _explainable(asked: str, unit: Unit, left: Sequence[Requirement]) -> Requirement:
    """The requirement of this id, name or number. Raises AuditError where it is not asked for."""
    every = (*unit.requirements, *left)
    found = next((r for r in every if asked in (r.id, r.name)), None)
    found = found or _at(asked, every)
    if found in unit.requirements:
        return found
    if found is not None:
        raise AuditError(
            "--explain {0!r}: asked of units with one of the tags {1}; if this is one, say so: "
            "--tag {2}",
            *(asked, tags_named([found]), _first_tag([found])),
        )
    raise AuditError(
        "--explain {0!r}: no requirement is called so{1} (the ids are {2})",
        asked,
        _likely(asked, every),
        Listed(Message("{0}（{1}）", r.id, r.name) for r in unit.requirements),
    )


def _at(number: str, shown: Sequence[Requirement]) -> Requirement | None:
    """The requirement at this place, from 1; None where it is no number of one."""
    place = int(number) if number.isdecimal() and len(number) < 5 else 0
    return shown[place - 1] if 1 <= place <= len(shown) else None


def _likely(asked: str, every: Sequence[Requirement]) -> str:
    """A hint at the only requirement whose words hold this; where none do, at one like it."""
    part = asked.casefold()
    holding = [
        r for r in every if any(part in word.casefold() for word in (r.id, r.name, *r.labels))
    ]
    if holding:
        return nearest(holding[0].id, [holding[0].id]) if len(holding) == 1 else ""
    return nearest(asked, [word for r in every for word in (r.id, r.name)])


def _first_tag(left: Sequence[Requirement]) -> str:
    return tags_named(left).partition(", ")[0]


def _only(run: ScanRun, requirement: Requirement) -> ScanRun:
    """The run with the verdicts on this requirement alone; they were made beside all others."""
    reports = (
        report.model_copy(
            update={
                "verdicts": tuple(v for v in report.verdicts if v.requirement == requirement.id)
            }
        )
        for report in run.reports
    )
    return run.model_copy(update={"reports": MemoryReports(reports)})


def _lines(run: ScanRun, asked: Check, requirements: Sequence[Requirement]) -> Iterator[str]:
    for report in run.reports:
        if asked.explain:
            for requirement, verdict in zip(requirements, report.verdicts, strict=True):
                model = _to_copy(requirement, asked.rules)
                yield from explained(requirement, verdict, model, codes=asked.verbose)
        else:
            yield from details(report, requirements)
            yield from _how_to_explain(report)
        if asked.verbose:
            yield from dict.fromkeys(raw(report))  # one cause stands behind many verdicts


def _how_to_explain(report: UnitReport) -> Iterator[str]:
    """What to type for more about what is open, where a page was seen at all."""
    ids = [v.requirement for v in report.verdicts if v.outcome in OPEN]
    if ids and any(isinstance(one, Page) for one in report.observations):
        yield ""
        if len(ids) == 1:
            yield translate("why, and how to mend it: --explain {0}", ids[0])
        else:
            listed = translate("、").join(ids)
            yield translate("why, and how to mend it: --explain ID, where ID is {0}", listed)


def _to_copy(requirement: Requirement, rules: Iterable[Path]) -> str:
    """The official link as a line of HTML, or the file of the official code; else empty."""
    from ycaudit.auditing.papers import model_of  # what reads pictures is needed for this alone
    from ycaudit.auditing.pin_images import official_file

    folders = list(dict.fromkeys(file.parent for file in rules_files(rules)))
    model = model_of(requirement, folders)
    if model is None:
        return ""
    if not model.is_code:
        return clean(model.markup(requirement.name), 600)
    files = (official_file(folder, requirement.id, model.value) for folder in folders)
    file = next(filter(None, files), None)
    if file is None:
        return ""
    name = escape(clean(requirement.name, 200))
    tag = f'<img src="images/{escape(file.name)}" width="160" height="160" alt="{name}">'
    return translate(
        "the picture {0}; put it into the folder images of the site, and write {1}", file, tag
    )
