"""One unit of a run: each verdict with what it rests on, and the pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.responses import Response

from ycaudit.auditing.questions import open_verdicts
from ycaudit.desk import html
from ycaudit.desk.asked import Asked
from ycaudit.desk.shelf import Shown
from ycaudit.model import BlindSpot, Evidence, Outcome, Page, UnitReport, Unseen, Verdict
from ycaudit.reasons import Reason
from ycaudit.report.pictures import screenshot_of
from ycaudit.rules.judge import observer_name
from ycaudit.runs.diff import Change, compare
from ycaudit.runs.units import UnitSites, units_of


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that was seen, with the code cut out where there is one."""

    evidence: Evidence
    picture: str


@dataclass(frozen=True, slots=True)
class Site:
    """A homepage as the desk shows it."""

    report: UnitReport
    changes: dict[str, Change]
    """What moved since the last time, by requirement."""

    @property
    def screenshot(self) -> str:
        """The page with frames around what was found; empty where there is no picture."""
        return picture(screenshot_of(self.report))

    @property
    def unread(self) -> list[tuple[BlindSpot, str]]:
        """Codes that can be seen and that nobody could read."""
        spots = (spot for page in self._pages for spot in page.blind_spots)
        return [(spot, picture(spot.file)) for spot in spots if picture(spot.file)]

    @property
    def states(self) -> list[tuple[Reason, str]]:
        """What the screen showed in each state that was tried."""
        kept = [(f.state, f.file) for page in self._pages for f in page.evidence_files]
        return [(state, picture(file)) for state, file in kept if state and picture(file)]

    @property
    def unseen(self) -> list[Reason]:
        """Why the homepage could not be seen, each trouble once."""
        found = (seen.why for seen in self.report.observations if isinstance(seen, Unseen))
        return list(dict.fromkeys(found))

    @property
    def remarks(self) -> list[Reason]:
        """What an inspector should know beside the verdicts."""
        return list(dict.fromkeys(why for page in self._pages for why in page.remarks))

    @property
    def looked_at(self) -> datetime | None:
        """When it was looked at last."""
        return max((seen.taken_at for seen in self.report.observations), default=None)

    def missed(self, verdict: Verdict) -> list[Reason]:
        """All that could not be seen and may hold it; empty where its reason says all there is."""
        if not verdict.why.has("not_all_seen", "hidden_not_all_seen"):
            return []
        sense = {verdict.sense} if verdict.sense else set()
        spots = (s for p in self._pages for s in p.blind_to(sense))
        found = list(dict.fromkeys(spot.why for spot in spots))
        return found if len(found) > 1 else []

    @property
    def _pages(self) -> list[Page]:
        return [seen for seen in self.report.observations if isinstance(seen, Page)]

    def found(self, verdict: Verdict) -> list[Thing]:
        """What a verdict rests on."""
        return things(verdict.evidence)

    def near(self, verdict: Verdict) -> list[Thing]:
        """What came near."""
        return things(verdict.near)


def show(asked: Asked) -> Response:
    """A unit with all its sites."""
    with asked.desk.history() as kept:
        shown = asked.desk.shelf.shown(kept, asked.params["run"])
        unit = unit_at(shown, asked.params["place"])
        moved = compare(kept.past(before=shown.run), shown.run).changes
    reports = [shown.reports[place] for place in unit.places]
    return html.page(
        asked,
        "unit",
        run=shown.run,
        unit=unit,
        place=unit.places[0],
        sites=list(_sites(reports, moved)),
        observer_name=observer_name,
        open_questions={
            what: any(
                open_verdicts(
                    report, what, by=asked.desk.sitting.by, persons=asked.desk.place.persons
                )
                for report in reports
            )
            for what in (Outcome.UNDETERMINED, Outcome.FAIL)
        },
    )


def _sites(reports: Sequence[UnitReport], moved: Sequence[Change]) -> Iterator[Site]:
    for report in reports:
        mine = {c.requirement: c for c in moved if c.unit == report.target.id}
        yield Site(report, mine)


def unit_at(shown: Shown, place: str) -> UnitSites:
    """The unit of which a site stands at this place. Raises HTTPException where there is none."""
    number = int(place) if place.isascii() and place.isdigit() and len(place) < 10 else -1
    for unit in units_of(shown.reports):
        if number in unit.places:
            return unit
    raise HTTPException(404)


def things(evidence: Sequence[Evidence]) -> list[Thing]:
    """What was seen, with the pictures of codes."""
    return [Thing(one, picture(one.file) if one.sense == "qr_code" else "") for one in evidence]


def picture(file: str | None) -> str:
    """The address of a picture of the evidence; empty where it is none."""
    return f"/picture/{file}" if file and file.endswith(".png") else ""
