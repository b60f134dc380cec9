"""What has come up since another moment: what is new, and what is there as before but now belongs
to something else, as one button beside each card of a pager."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set

from ycaudit.observe.browser.dom import Dom
from ycaudit.observe.browser.ways import without_query

MAX_PANES, MAX_IDLE = 8, 2
"""Panes in which a thing that looks the same in each is tried; and how often, of no avail, it or
what says the same."""
MAX_SAID = 2000
"""Characters by which a pane is known again."""
_IN_PART = 3
"""A pane is another one where a third of what it says is new: the labels of its things stay."""


def new_places(known: Set[tuple[int, str]], by_itself: Set[int], now: Dom) -> set[int]:
    """The places of what is shown now and is not among these keys, and of what it stands in where
    that is new for the most part: a script may put other words in the place of those before.

    `by_itself`: places of what comes with time alone.
    """
    fresh, others = Counter[int](), Counter[int]()
    changed = {n.place for n in now.shown if n.name == "img" and n.key not in known}
    pictures = {(place, without_query(looks)) for place, looks in known if place in changed}
    for node in now.shown:
        if node.place in by_itself:
            continue
        # Of letters to be typed, each picture has a number of its own.
        is_same = node.place in changed and (node.place, without_query(node.key[1])) in pictures
        count = others if node.key in known or is_same else fresh
        count.update(o.place for o in node.up() if o.document is node.document)
    return {p for p, number in fresh.items() if number >= others[p] and p not in by_itself}


def panes(before: Dom, now: Dom, by_itself: Set[int], steps: Set[int]) -> dict[int, str]:
    """All that stands in a pane that shows something else now, by place, with what the pane says.

    `steps`: the places of what was pointed at and clicked; what holds one of them is no pane.
    """
    told = [n for n in now.shown if n.name in ("#text", "img") and n.place not in by_itself]
    fresh, every = Counter[int](), Counter[int]()
    for node in told:
        around = [o.place for o in node.up() if o.document is node.document]
        every.update(around)
        if node.place in before.places and node.key not in before.looks:
            fresh.update(around)  # what only comes by, as in a strip that runs, is no pane
    clicked = filter(None, map(now.of_place, steps))
    holds = {o.place for node in clicked for o in node.up()}
    found: dict[int, str] = {}
    for node in now.nodes:  # the outermost comes first
        is_new = fresh[node.place] * _IN_PART >= every[node.place] > 0
        if is_new and node.place not in found and node.place not in holds:
            says = " ".join(inner.key[1] for inner in node.down())[:MAX_SAID]
            stays = (inner.place for inner in node.down() if inner.place not in by_itself)
            found |= dict.fromkeys(stays, says)
    return found


Thing = tuple[int, str, str]
"""What looks the same in each pane: its place, what it says, and how it is tried."""
Kind = tuple[int, str, str]
"""The same for the buttons of all rows of a list; 0 in the place of theirs."""


class Alike:
    """What looks the same in several panes, and what came of trying it."""

    def __init__(self) -> None:
        self._panes = Counter[Thing]()
        self._idle = Counter[Kind]()

    def is_worth_trying(self, thing: Thing) -> bool:
        """Whether it may show something in one pane more."""
        return self._panes[thing] < MAX_PANES and self._idle[_kind(thing)] < MAX_IDLE

    def note(self, thing: Thing, *, is_fruitful: bool) -> None:
        """Note whether a picture or a link came of it in one pane."""
        self._panes[thing] += 1
        self._idle[_kind(thing)] += not is_fruitful


def _kind(thing: Thing) -> Kind:
    place, says, how = thing
    return 0 if says else place, says, how
