"""What has come up since another moment: what is new, and what is there as before but now belongs
to something else, as one button beside each card of a pager."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from itertools import islice
from typing import NamedTuple

from ycaudit.observe.browser.dom import Dom
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.ways import Pane, Turning, in_short, without_query
from ycaudit.observe.static.links import script_of

MAX_PANES = MAX_IDLE_PANES = 24
"""Panes in which a thing that looks the same in each is tried; and how often in turn, of no avail,
it or what says the same there."""
_IN_PART, _IN_A_SMALL_ONE, _SMALL = 3, 12, 40
"""A pane is another one where a third of what it says is new: the labels of its things stay. In one
of few words and pictures, less is enough; and so is what comes first in it, as a heading does."""
_LEVELS = 4
"""How far around a pane stands what turns its pages."""
_MORE = re.compile(
    r"(?:(?:加载|查看|点击)?更多|[上下前后首末尾]一?页|第?\s*\d{1,3}\s*页?|next|prev(?:ious)?|last|more"
    r"|[<>‹›«»→▶…\s])+",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+")
"""Each day of a calendar is called otherwise, and all are alike."""
_NAME_OF_SCRIPT = re.compile(r"[^(=]*")


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


def panes(
    before: Dom, now: Dom, by_itself: Set[int], steps: Sequence[int], turning: Turning
) -> dict[int, Pane]:
    """All that stands in a pane that shows something else now, or turns it, by place.

    `steps`: the places of what was pointed at and clicked, in order. The last of these, and what
    stands in one row with it, is none of what a pane says; where a larger one holds any of them it
    is none.
    """
    clicked = [node for node in map(now.of_place, steps) if node is not None]
    rows = [[inner.place for one in _row_of(node) for inner in one.down()] for node in clicked]
    beside = {place for row in rows for place in row}
    aside = set(rows[-1]) if rows and clicked[-1].place == steps[-1] else set[int]()
    own = {inner.place for node in clicked[-1:] for inner in node.down()}
    holds = {outer.place for node in clicked for outer in node.up()}
    told = _told(before, now, by_itself | own, aside)
    found: dict[int, Pane] = {}
    for node in now.nodes:  # the outermost comes first
        if not told.new[node.place] or node.place in found:
            continue
        if node.document is now.main and node.name in ("body", "html", "#document"):
            continue
        new, every = told.new[node.place], told.every[node.place]
        is_small = every <= _SMALL
        is_another = new * (_IN_A_SMALL_ONE if is_small else _IN_PART) >= every
        if not is_another and not told.begins_anew.get(node.place):
            continue
        if is_small or node.place not in holds:
            says = _said_in(node, now, aside)
            inside = {inner.place for inner in node.down()}
            inside.update(_turning_pages_of(node, now, holds))
            stays = inside.difference(by_itself, own, steps)
            pane = Pane(node.place, says, frozenset(told.news[node.place]))
            found |= {place: pane._replace(is_beside=place in beside) for place in stays}
            others = {place for place, turned in turning.items() if node.place in turned}
            others.difference_update(found, beside, steps)
            found |= dict.fromkeys(others, pane._replace(is_joint=True))
    return found


class _Told(NamedTuple):
    """What is told, by the places in which it stands."""

    new: Counter[int]
    """How much is new."""
    every: Counter[int]
    """How much it is at all."""
    begins_anew: dict[int, bool]
    """Whether it begins with something new."""
    news: defaultdict[int, set[tuple[int, str]]]
    """Where something is new, as in `News`."""


def _told(before: Dom, now: Dom, leave: Set[int], aside: set[int]) -> _Told:
    """What is told now. What is new is taken from `aside`: a tab is called as ever."""
    told = _Told(Counter(), Counter(), {}, defaultdict(set))
    turned_up = _in_place_of_others(before, now)
    for node in now.shown:
        if node.place in leave:
            continue
        around = [o.place for o in node.up() if o.document is node.document]
        row = next((turned_up[place] for place in around if place in turned_up), None)
        # What only comes by, as in a strip that runs, is no pane.
        is_new = node.key not in before.looks and (node.place in before.places or row is not None)
        if is_new:
            told.new.update(around)
            for place in around:
                told.news[place].add(row or (node.place, ""))
            aside.discard(node.place)
        if is_new or (node.name in ("#text", "img") and node.place not in aside):
            told.every.update(around)
        if node.name == "#text" and node.place not in aside:
            for place in around:
                told.begins_anew.setdefault(place, is_new)
    return told


def _turning_pages_of(pane: Node, now: Dom, holds: Set[int]) -> Iterator[int]:
    """The places of what says that it shows more of a pane, below the tabs that show others."""
    for outer in islice(pane.up(), 1, _LEVELS):
        if outer.place in holds and outer.name != "body":
            for node in now.shown:
                if node.name == "#text" and _MORE.fullmatch(node.text.strip()):
                    around = list(node.up())
                    if outer in around:
                        yield from (inner.place for inner in around[: around.index(outer)])
            return


def _said_in(node: Node, now: Dom, aside: Set[int]) -> str:
    """What a pane says, known again by its words and pictures however many these are."""
    inside = (inner for inner in node.down() if inner in now.shown and inner.place not in aside)
    return " ".join(in_short(inner.key[1]) for inner in inside)


def _in_place_of_others(before: Dom, now: Dom) -> dict[int, tuple[int, str]]:
    """The places of what is shown in a row of which another was shown before and is not now, with
    the row."""
    gone = before.places - now.places
    rows = {(n.parent.place, n.name) for n in before.nodes if n.parent and n.place in gone}
    came = (n for n in now.nodes if n.place in now.places and n.place not in before.places)
    placed = ((n.place, (n.parent.place, n.name)) for n in came if n.parent)
    return {place: row for place, row in placed if row in rows}


def _row_of(node: Node) -> Iterator[Node]:
    """It, and what does the same in one row with it, as tabs do."""
    yield node
    alike, row = (node.name, _script_of(node)), node.row
    same = [[n for n in one.down() if (n.name, _script_of(n)) == alike] for one in row]
    # Entries of a list hold one each; beside what is alone of its kind stand other things.
    if node in row or all(same):
        for entry in same:
            yield from entry


def _script_of(node: Node) -> str:
    """The name of the script that a click on it calls; empty where its markup has none."""
    script = node.attributes.get("onclick") or script_of(node.attributes.get("href", "")) or ""
    named = _NAME_OF_SCRIPT.match(script)
    return named[0] if named else ""


Thing = tuple[int, str, str]
"""What looks the same in each pane: its place, what it says, and how it is tried."""


class Alike:
    """What looks the same in several panes, and what came of trying it."""

    def __init__(self) -> None:
        self._said = defaultdict[Thing, set[str]](set)
        """What the panes said in which it was tried."""
        self._idle = Counter[Thing]()
        """By the place of the pane: the buttons of all rows of a list are alike."""

    def was_tried(self, thing: Thing, pane: Pane) -> bool:
        """Whether it was tried while the pane said the same."""
        return pane.says in self._said[thing]

    def is_idle(self, thing: Thing, pane: Pane) -> bool:
        """Whether it has shown nothing too often in turn."""
        return self._idle[_kind(thing, pane)] >= MAX_IDLE_PANES

    def is_enough(self, thing: Thing) -> bool:
        """Whether it was tried in as many panes as it is to be."""
        return len(self._said[thing]) >= MAX_PANES

    def note(self, thing: Thing, pane: Pane, *, is_fruitful: bool) -> None:
        """Note whether a picture or a link came of it in this pane."""
        self._said[thing].add(pane.says)
        kind = _kind(thing, pane)
        self._idle[kind] = 0 if is_fruitful else self._idle[kind] + 1


def _kind(thing: Thing, pane: Pane) -> Thing:
    place, says, how = thing
    if pane.is_joint:
        return pane.place, "", how
    return pane.place if says else place, _NUMBER.sub("#", says), how
