"""One run: its figures, and its units by outcome, office, category and words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from ycaudit.desk import html
from ycaudit.desk.asked import Asked
from ycaudit.desk.sitting import cards
from ycaudit.model import Outcome, ScanRun, UnitReport
from ycaudit.report.census import Census, Count, census_of
from ycaudit.report.open_reasons import reasons_of
from ycaudit.report.rows import MARK, WORD, marks, suspicion_lines, without_website
from ycaudit.runs.history import History
from ycaudit.runs.rounds import decisions_then, is_of_the_same, of_units_in, round_before, stated_in
from ycaudit.runs.units import Choice, UnitSites

A_PAGE = 100
"""Units of the list that are shown at once."""


@dataclass(frozen=True, slots=True)
class Row:
    """A unit of the list."""

    unit: UnitSites
    reports: tuple[UnitReport, ...]

    @property
    def place(self) -> int:
        """Where its first site stands in the run."""
        return self.unit.places[0]

    @property
    def why(self) -> str:
        """What is wrong with it or in doubt, in one sentence."""
        return next((why for r in self.reports for _, why in reasons_of(r)), "")


@dataclass(frozen=True, slots=True)
class Group:
    """The units of an office, beside those of the round before."""

    count: Count
    before: str
    """The share of the round before; empty where there is none."""


def show(asked: Asked) -> Response:
    """The figures, and the units that are chosen."""
    with asked.desk.history() as kept:
        shown = asked.desk.shelf.shown(kept, asked.params["run"])
        groups = _groups(asked, kept, shown.run)
    run, reports = shown.run, shown.reports
    census = census_of(run)
    found = list(chosen(asked, census.units, reports))
    start = max(0, asked.number("from"))
    rows = [
        Row(unit, tuple(reports[place] for place in unit.places))
        for unit in found[start : start + A_PAGE]
    ]

    def left(what: Outcome) -> Left:
        """How many units are still to be reviewed."""
        desk = asked.desk
        asked_of = cards(shown, census.units, what, by=desk.sitting.by, persons=desk.place.persons)
        return Left.of(what, [card.unit.outcome for card in asked_of])

    return html.page(
        asked,
        "run",
        run=run,
        marks=list(marks(run, html.clock_of)),
        suspicions=suspicion_lines(run),
        bars=bars(census.whole),
        census=census,
        without_website=without_website(run),
        groups=groups,
        rows=rows,
        found=len(found),
        start=start,
        a_page=A_PAGE,
        asking=asking(asked),
        offices=offices_of(run),
        tags=tags_of(run),
        undetermined=left(Outcome.UNDETERMINED),
        unconfirmed=left(Outcome.FAIL),
    )


@dataclass(frozen=True, slots=True)
class Left:
    """Units of which something is still to be reviewed, and those among them that count so."""

    units: int
    counted: int
    """Units that the figures count by what is to be reviewed."""

    @classmethod
    def of(cls, what: Outcome, found: Sequence[Outcome]) -> Left:
        """By the outcomes of the units of which this is to be reviewed."""
        return cls(len(found), sum(outcome is what for outcome in found))


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of the figures; `share` and `start` in percent."""

    outcome: Outcome
    count: int
    start: float
    share: float

    @property
    def word(self) -> str:
        """The outcome's mark and word."""
        return f"{MARK[self.outcome]} {WORD[self.outcome]}"


def bars(whole: Count) -> list[Bar]:
    """The figures as parts of one bar."""
    counts = {
        Outcome.FAIL: whole.failed,
        Outcome.UNDETERMINED: whole.undetermined,
        Outcome.PASS: whole.passed,
        Outcome.WAIVED: whole.waived,
    }
    found, start = [], 0.0
    for outcome in html.ORDER:
        share = 100 * counts[outcome] / max(1, whole.checked)
        found.append(Bar(outcome, counts[outcome], start, share))
        start += share
    return found


def asking(asked: Asked) -> dict[str, str]:
    """What the list is narrowed to, as the address says it."""
    return {name: asked.word(name) for name in ("outcome", "office", "tag", "text")}


def choice(asked: Asked) -> Choice:
    """The same, without the outcome."""
    office, tag, text = asked.word("office"), asked.word("tag"), asked.word("text")
    return Choice([text] if text else [], [office] if office else [], [tag] if tag else [])


def chosen(
    asked: Asked, units: Sequence[UnitSites], reports: Sequence[UnitReport]
) -> Iterator[UnitSites]:
    """The units that the list is narrowed to; the gravest first where no outcome is asked for."""
    fits, outcome = choice(asked), asked.word("outcome")
    found = [
        unit
        for unit in units
        if outcome in ("", unit.outcome) and any(fits.fits(reports[p].target) for p in unit.places)
    ]
    yield from sorted(found, key=lambda unit: html.ORDER.index(unit.outcome))


def offices_of(run: ScanRun) -> list[str]:
    """The offices of its units, in the order of the list."""
    entries = (
        *(r.target.office for r in run.reports.briefs()),
        *(n.office for n in run.no_website),
    )
    return list(dict.fromkeys(filter(None, entries)))


def tags_of(run: ScanRun) -> list[str]:
    """The tags of its units."""
    return sorted({tag for report in run.reports.briefs() for tag in report.target.tags})


def _groups(asked: Asked, kept: History, run: ScanRun) -> list[Group]:
    """The figures by office or category, beside those of the round before."""
    census = census_of(run)
    if not census.groups:
        return []
    before = _before(asked, kept, run, census)
    return [Group(count, before.get(count.name, "")) for count in census.groups]


def _before(asked: Asked, kept: History, run: ScanRun, census: Census) -> dict[str, str]:
    found = round_before(kept, run)
    if found is None:
        return {}
    stated = stated_in(kept, found, run)
    then = decisions_then(kept, stated, run)
    earlier = asked.desk.shelf.shown(kept, stated.id, then).run
    if run.partial:
        earlier = of_units_in(run, earlier)
    if not is_of_the_same(earlier, run):
        return {}
    return {count.name: count.share for count in census_of(earlier, census.by).groups}
