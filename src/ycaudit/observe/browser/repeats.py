"""The same thing clicked again and again: the arrows of a carousel, "load more", a pager."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ycaudit.observe.browser import leads
from ycaudit.observe.browser.hands import Hands
from ycaudit.observe.browser.mosaic import Glance, differ
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.sight import STEP_MS, Sight
from ycaudit.observe.browser.tries import Tries

MANY_NUMBERS = 3
"""Texts that differ in nothing but digits, after one click."""
MAX_REPEATS = 20
"""Clicks on the same thing, while each shows what none before it did."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What one place shows, to compare the moments after each of several clicks by."""

    place: int
    """0 where a link leads to an address."""
    looks: str
    is_thing: bool
    """Whether it is a picture, a link or a box, and not words alone."""
    whole: str = field(compare=False)
    """The looks with digits and all."""


class Repeats:
    """What the clicks on one thing have brought so far."""

    def __init__(self, clicked: Node, tries: Tries, sight: Sight, hands: Hands) -> None:
        self._clicked = clicked
        self._tries = tries
        self._sight = sight
        self._hands = hands
        self._seen = self._marks()
        self._looks = self._at_first = {mark.whole for mark in self._seen}
        self._kept = 0
        self._changed: set[int] = set()
        self._glances: list[Glance] = []
        self._is_unlike = self._has_things = self._has_brought = False
        self._has_numbers = self._has_grown = False
        self.idle = 0
        """Clicks that have brought nothing, since one did."""
        self.refreshes = False
        """Whether each has only made one and the same thing look otherwise, as a code to sign in
        that is made anew."""

    def clicks(self, number: int) -> int:
        """How many clicks bring about what the one of this number does: of those before it only
        such as have left the page otherwise, and not as it was once a dialog was closed."""
        is_as_at_first = number == 1 or {mark.whole for mark in self._marks()} == self._at_first
        self._kept = 1 if is_as_at_first else self._kept + 1
        return self._kept

    async def note_screen(self) -> None:
        """Look at the screen as the click has left it, before anything in it is tried."""
        self._is_unlike = await self._looks_unlike()

    def brings_more(self) -> bool:
        """Whether another click may bring something; told after each."""
        fresh = {mark for mark in self._marks() if mark.whole not in self._looks}
        new = fresh - self._seen
        # One number may count the clicks; where many change, they name other things.
        numbered = {mark for mark in fresh if mark in self._seen and not mark.is_thing}
        self._has_numbers = bool(numbered)
        self._has_grown = not {mark.place for mark in fresh} <= {mark.place for mark in self._seen}
        if len(numbered) >= MANY_NUMBERS:
            new |= numbered
        self._seen |= new
        self._looks = self._looks | {mark.whole for mark in new}
        self._changed |= {mark.place for mark in new}
        self.refreshes = len(self._changed) == 1
        if new or self._is_unlike:
            self.idle = 0
            has_things = any(mark.is_thing for mark in new)
            self._has_things = self._is_unlike or has_things
            # Other words make the screen look otherwise, too.
            self._has_brought |= has_things or not fresh
        else:
            self.idle += 1
        return self.idle <= self._has_things  # of pictures that go round, one may come by twice

    def counts_on(self, is_fruitful: bool) -> bool:
        """Whether another click may bring something though this one has changed but a number: what
        stands beside that has shown something else."""
        self._has_brought = self._has_brought or is_fruitful
        return is_fruitful and self._has_numbers

    @property
    def may_go_on(self) -> bool:
        """Whether more is to be expected after so many clicks, and not other words alone."""
        is_known = self.idle or self.refreshes
        return not is_known and (self._has_brought or self._has_grown)

    def _marks(self) -> set[Mark]:
        """What is shown beside the thing and does not change by itself.

        Digits tell nothing, as what counts its clicks has them; nor does what follows the address
        of a picture too small for a code, such as one whose letters are to be typed.
        """
        dom = self._hands.dom
        found = {Mark(0, url, is_thing=True, whole=url) for url in dom.addresses}
        node = dom.again(self._clicked.id, self._clicked.place)
        leave = {inner.id for inner in node.down()} if node else set[int]()
        for node in dom.shown:
            if node.place in self._tries.changing or node.id in leave:
                continue
            looks = node.key[1]
            if node.name == "#text":
                looks = "".join(filter(str.isalpha, looks))
                if not looks:
                    continue
            elif not leads.is_of_a_codes_size(node):
                looks = re.sub(r"[?#][^ ]*", "", looks)
            is_thing = node.name != "#text"
            found.add(Mark(node.place, looks, is_thing=is_thing, whole=node.key[1]))
        return found

    async def _looks_unlike(self) -> bool:
        """Whether the screen was read just now, looks like none before, and stays as it is."""
        glance = self._sight.glance
        if glance is None or not self._tries.is_still:
            return False
        is_new = all(known.at == glance.at and differ(glance, known) for known in self._glances)
        self._glances.append(glance)
        if not is_new:
            return False
        await self._hands.tab.advance(STEP_MS)
        return not differ(glance, await self._hands.tab.glance())
