"""复核: a card for each unit, with the pictures and everything that is asked about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from ycaudit.auditing.questions import Question
from ycaudit.desk import html
from ycaudit.desk.asked import Asked
from ycaudit.desk.pages.run import asking, choice, offices_of, tags_of
from ycaudit.desk.pages.unit import Site, Thing, picture, things, unit_at
from ycaudit.desk.shelf import Shown
from ycaudit.desk.sitting import CALL, Card, ToCall, cards, cards_to_call
from ycaudit.errors import AuditError
from ycaudit.model import Outcome, UnitReport
from ycaudit.reasons import Reason
from ycaudit.report.pictures import pictures_of
from ycaudit.runs.units import UnitSites, units_of

WHAT = {"undetermined": Outcome.UNDETERMINED, "fail": Outcome.FAIL}
"""What is reviewed: what the machine could not tell, or what it says is missing."""
LATER = ""
ANSWERS: dict[str, Outcome | ToCall | None] = {
    "pass": Outcome.PASS,
    "fail": Outcome.FAIL,
    CALL: CALL,
    LATER: None,
}
MAX_NEAR = 6


@dataclass(frozen=True, slots=True)
class Point:
    """A question as the card shows it."""

    name: str
    """Of its field in the form."""
    question: Question

    @property
    def seen(self) -> list[Thing]:
        """What was found, or what came near."""
        return things(
            [
                one
                for verdict in self.question.verdicts
                for one in (*verdict.evidence, *verdict.near[:MAX_NEAR])
            ]
        )

    @property
    def missed(self) -> list[Reason]:
        """All that could not be seen and may hold what is asked for."""
        return Site(self.question.report, {}).missed(self.question.verdicts[0])

    @property
    def pictures(self) -> list[str]:
        """The pictures that belong to it, but those of `seen` and of the whole page."""
        shown = {thing.picture for thing in self.seen}
        files = (f for v in self.question.verdicts for f in pictures_of(self.question.report, v))
        mine = [picture(file) for file in dict.fromkeys(files)]
        whole = Site(self.question.report, {}).screenshot
        return [one for one in mine if one not in shown and one != whole]


def show(asked: Asked) -> Response:
    """The card at a place, else the first from a place on; who is to be called comes no more."""
    what, word = _what(asked)
    with asked.desk.history() as kept:
        shown = asked.desk.shelf.shown(kept, asked.params["run"])
    left = list(_cards(asked, shown, _units(asked, shown), what))
    return _card(asked, shown, word, left, _next(asked, left))


def _next(asked: Asked, left: Sequence[Card]) -> Card | None:
    wanted = asked.word("at")
    if found := next((card for card in left if str(card.place) == wanted), None):
        return found
    open_cards = [card for card in left if not card.to_call]
    start = asked.number("at") or asked.number("from")
    later = (card for card in open_cards if card.place >= start)
    return next(later, next(iter(open_cards), None))  # what was put off comes again


def _card(
    asked: Asked, shown: Shown, word: str, left: Sequence[Card], card: Card | None
) -> Response:
    return html.page(
        asked,
        "review",
        run=shown.run,
        what=word,
        card=card,
        left=len(left),
        number=0 if card is None else left.index(card) + 1,
        points=[] if card is None else _points(card),
        sites=[] if card is None else list(_sites(shown, card.unit)),
        sitting=asked.desk.sitting,
        by=asked.word("by") or asked.desk.sitting.by,
        to_call=sum(1 for _ in cards_to_call(shown)),
        asking=asking(asked),
        offices=offices_of(shown.run),
        tags=tags_of(shown.run),
        notice=asked.word("notice"),
    )


def _points(card: Card) -> list[Point]:
    return [Point(f"q{number}", question) for number, question in enumerate(card.questions)]


def _sites(shown: Shown, unit: UnitSites) -> Iterator[Site]:
    return (Site(shown.reports[place], {}) for place in unit.places)


def _units(asked: Asked, shown: Shown) -> Iterator[UnitSites]:
    """The units that the review is narrowed to, in the order of the list."""
    fits = choice(asked)
    for unit in units_of(shown.reports):
        if any(fits.fits(shown.reports[place].target) for place in unit.places):
            yield unit


def _cards(asked: Asked, shown: Shown, units: Iterable[UnitSites], what: Outcome) -> Iterator[Card]:
    by = asked.word("by") or asked.desk.sitting.by
    return cards(shown, units, what, by=by, persons=asked.desk.place.persons)


def _what(asked: Asked) -> tuple[Outcome, str]:
    word = asked.word("what") or "undetermined"
    if word not in WHAT:
        raise AuditError("nothing is reviewed as {0!r}: undetermined or fail", word)
    return WHAT[word], word


def answer(asked: Asked) -> Response:
    """Keep what was answered, unless somebody has answered in another window meanwhile."""
    what, word = _what(asked)
    desk, run = asked.desk, asked.params["run"]
    asked.desk.sitting.by = _by(asked)
    with desk.sitting.lock, desk.history() as kept:
        shown = desk.shelf.shown(kept, run)
        unit = unit_at(shown, asked.word("place"))
        card = next(_cards(asked, shown, [unit], what), None)
        place = unit.places[0]
        where = {**asking(asked), "what": word}
        if asked.desk.place.persons > 1:
            where["by"] = desk.sitting.by
        if card is None or card.mark != asked.word("mark"):
            return html.see(asked.path, **where, at=place, notice="answered")
        said = _said(asked, card)
        if all(one == LATER for one in said):
            return html.see(asked.path, **where, at=place, notice="empty")
        desk.sitting.answer(
            kept, shown.run.id, what, card, [ANSWERS[one] for one in said], note=asked.word("note")
        )
    return html.see(asked.path, **where, **{"from": place + 1, "notice": "kept"})


def _said(asked: Asked, card: Card) -> list[str]:
    """The answer to each question: one of `ANSWERS`. Raises AuditError for anything else.

    One answer for the whole unit leaves open what must be absent of a homepage that nobody saw.
    """
    whole = asked.word("all")
    said = [
        asked.word(f"q{number}") if question.is_of_the_unseen and whole != CALL
        else whole or asked.word(f"q{number}")
        for number, question in enumerate(card.questions)
    ]  # fmt: skip
    if any(one not in ANSWERS for one in said):
        raise AuditError("an answer is pass, fail, to be called, or left open")
    return said


def _by(asked: Asked) -> str:
    """Who decides. Raises AuditError where nobody says so."""
    if name := asked.word("by"):
        return name
    raise AuditError("say who decides: a decision has a name")


def undo(asked: Asked) -> Response:
    """Take the last answer back, and show its card."""
    desk = asked.desk
    with desk.sitting.lock, desk.history() as kept:
        last = desk.sitting.undo(kept)
    path = asked.path.removesuffix("/undo")
    where = {**asking(asked), "what": asked.word("what")}
    if last is None:
        return html.see(path, **where, at=asked.number("from"), notice="not-undone")
    where["what"] = next(word for word, outcome in WHAT.items() if outcome is last.what)
    return html.see(f"/run/{last.run}/review", **where, at=last.card.place, notice="undone")


def calls(asked: Asked) -> Response:
    """The units that are to be called, with whom to ask for."""
    with asked.desk.history() as kept:
        shown = asked.desk.shelf.shown(kept, asked.params["run"])
    listed = [(card, _first(shown, card)) for card in cards_to_call(shown)]
    return html.page(asked, "calls", run=shown.run, listed=listed)


def _first(shown: Shown, card: Card) -> UnitReport:
    return shown.reports[card.place]
