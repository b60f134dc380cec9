"""Markdown for the summary of a CI job: figures, a table of what is open, then the reasons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from ycaudit.i18n import Listed, Message, translate
from ycaudit.model import OPEN, Evidence, Outcome, ScanRun, UnitReport, Verdict
from ycaudit.report.census import census_of
from ycaudit.report.rows import MARK, WORD, clean, columns, suspicion_lines, tally, worst_first

ROOM = 900_000
"""Bytes in all: GitHub refuses a step summary of more than 1 MiB, and other steps add to it."""

ROOM_OF_A_TABLE = 200_000
MAX_NEAR = 3

_WORDS = re.compile(r"[!-~]+")
# Backslashes do not disable links, mail, mentions, references, formulas and emoji.
_ALIVE = re.compile(r"://|www\.|@|#\d|\$|:[\w+-]+:", re.IGNORECASE | re.ASCII)
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]#|~!^=+-])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def render(run: ScanRun, out: IO[bytes]) -> None:
    """Write figures and tables, then details as far as `ROOM` allows."""
    counts = tally(run)
    still_open = sum(counts[outcome] for outcome in OPEN)
    settled = counts.total() - still_open
    table = _table(run, _among(run, still_open=True), still_open)
    folded = _folded(run, _among(run, still_open=False), settled)
    top = "".join([*_head(run), *table, *folded])
    wanted = map(_detail, _among(run, still_open=True))
    details = _fitting(wanted, still_open, ROOM - _size(top))
    out.write((top + "".join(details)).encode())


def _among(run: ScanRun, *, still_open: bool) -> Iterator[UnitReport]:
    """The units that are open, or those that are not, the worst first."""
    return (r for r in worst_first(run) if (r.outcome in OPEN) is still_open)


def escaped(text: str) -> str:
    """Any text, with Markdown and HTML escaped."""
    return _WORDS.sub(_escaped_word, clean(text))


def _escaped_word(match: re.Match[str]) -> str:
    word = match[0]
    if _ALIVE.search(word):
        return code(word)
    return _PUNCTUATION.sub(r"\\\1", word).translate(_ENTITIES)


def code(text: str) -> str:
    """A code span with a delimiter longer than any in the text."""
    line = clean(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    return f"{fence} {line} {fence}" if line.strip() else ""


def _cell(text: str) -> str:
    """A full-width bar replaces |, which ends a cell even within a code span."""
    return escaped(clean(text, 80).replace("|", "｜"))


def _head(run: ScanRun) -> Iterator[str]:
    if lines := suspicion_lines(run):
        yield "> [!CAUTION]\n" + "".join(f"> {escaped(line)}  \n" for line in lines) + "\n"
    yield f"# {escaped(run.rules.name)}\n\n{translate(_figures(run))}\n\n"
    if not run.complete:
        yield translate("**Interrupted: the finished units only.**\n\n")


def _figures(run: ScanRun) -> Message:
    """Units and sites, and the units by how they fare."""
    whole = census_of(run).whole
    counts = {
        Outcome.FAIL: whole.failed,
        Outcome.UNDETERMINED: whole.undetermined,
        Outcome.PASS: whole.passed,
        Outcome.WAIVED: whole.waived,
    }
    told_of = Listed(f"{WORD[outcome]} {units}" for outcome, units in counts.items())
    return Message(
        "{0} unit{0:|s}, {1} site{1:|s}: {2}{3:?, # without a website}",
        *(whole.total, whole.sites, told_of, whole.no_website),
    )


def _table(run: ScanRun, reports: Iterable[UnitReport], count: int) -> list[str]:
    """One row per unit, one column per requirement; empty where there is no unit."""
    if not count:
        return []
    names = columns(run)
    head = _line([translate("单位"), *map(_cell, names.values()), translate("结论")])
    ruler = _line(["---", *(":-:" for _ in names), ":-:"])
    rows = (_row(report, names) for report in reports)
    return [head, ruler, *_fitting(rows, count, ROOM_OF_A_TABLE), "\n"]


def _row(report: UnitReport, requirements: dict[str, str]) -> str:
    marks = {verdict.requirement: MARK[verdict.outcome] for verdict in report.verdicts}
    cells = [marks.get(requirement, "") for requirement in requirements]
    return _line([_cell(report.target.name), *cells, WORD[report.outcome]])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _folded(run: ScanRun, reports: Iterable[UnitReport], count: int) -> list[str]:
    if not count:
        return []
    told_sites = translate("{0} site{0:|s} in order", count)
    summary = f"<details><summary>{told_sites}</summary>\n\n"
    return [summary, *_table(run, reports, count), "</details>\n\n"]


def _detail(report: UnitReport) -> str:
    """What failed or is undetermined of a unit."""
    target = report.target
    verdicts = [verdict for verdict in report.verdicts if verdict.outcome in OPEN]
    head = f"### {escaped(clean(target.name, 80))}\n\n{code(clean(target.url, 200))}\n\n"
    return f"{head}{''.join(map(_reason, verdicts))}\n"


def _reason(verdict: Verdict) -> str:
    advice = " (should)" if verdict.level == "should" else ""
    name = escaped(clean(verdict.name, 40))
    line = f"- {MARK[verdict.outcome]} {name}{advice}: {escaped(verdict.why.translated())}\n"
    return line + "".join(f"  - ≈ {_near(evidence)}\n" for evidence in verdict.near[:MAX_NEAR])


def _near(evidence: Evidence) -> str:
    """As `described`, but whatever may be an address is in a code span of its own."""
    label = f" “{escaped(clean(evidence.label, 60))}”" if evidence.label else ""
    note = f" ({escaped(evidence.note.translated())})" if evidence.note else ""
    return f"{code(clean(evidence.value, 200))}{label}{note}"


def _fitting(parts: Iterable[str], count: int, room: int) -> list[str]:
    """Truncate the parts to the size limit and append the number of omitted units."""
    kept = list[str]()
    for part in parts:
        room -= _size(part)
        if room < 0:
            left_out = count - len(kept)
            more = Message("\n{0} more site{0:|s} {0:was|were} left out here: no room.\n", left_out)
            return [*kept, translate(more)]
        kept.append(part)
    return kept


def _size(text: str) -> int:
    return len(text.encode())
