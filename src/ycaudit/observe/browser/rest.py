"""The page as it is while nothing is pointed at, and before anything was clicked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Set

from ycaudit.observe.browser.covers import cover
from ycaudit.observe.browser.hands import Hands
from ycaudit.observe.browser.openers import Opener
from ycaudit.observe.browser.sight import STEP_MS
from ycaudit.observe.browser.tries import Tries
from ycaudit.observe.browser.ways import without_query
from ycaudit.reasons import Reason


class Rest:
    """What is shown at rest, and how it comes back once what was tried has changed it for good."""

    def __init__(
        self,
        tries: Tries,
        hands: Hands,
        scrolled: Callable[[], AsyncIterator[float]],
        untried: list[Reason],
    ) -> None:
        """`scrolled` scrolls through the page; what is left out is added to `untried`."""
        self.places = frozenset[int]()
        """Of what is shown."""
        self._looks = frozenset[tuple[int, str]]()
        """The same with its looks."""
        self._there = frozenset[int]()
        """Of all that is in the page then, shown or not."""
        self._tries = tries
        self._hands = hands
        self._tab = hands.tab
        self._scrolled = scrolled
        self._untried = untried

    def note(self) -> None:
        """This is how the page is at rest."""
        self.places, self._looks = self._hands.dom.places, self._hands.dom.looks
        self._there = frozenset(node.place for node in self._hands.dom.nodes)
        self._tries.note_unspoiled()

    def do_without(self, gone: Set[int]) -> None:
        """What stood at these places is not missed."""
        self.places -= gone
        self._looks = frozenset(key for key in self._looks if key[0] not in gone)

    async def is_spoiled(self) -> bool:
        """Whether what was clicked has hidden, for good, what was there before anything was."""
        if not self._tries.has_clicked:
            return False
        await self.leave_alone()
        dom = self._hands.dom
        lies_over = await cover(self._tab, dom)
        if lies_over is not None and lies_over.place not in self.places:
            return True
        if not self.places - dom.places <= self._tries.restless:
            return True
        self._tries.note_unspoiled()
        return False

    async def restore(self) -> None:
        """Load the page anew where what was tried has hidden or replaced something for good."""
        if await self.is_spoiled() or await self._looks_otherwise():
            await self._load_anew()

    async def _looks_otherwise(self) -> bool:
        """Whether something else has come for good to the place of what was there at rest."""
        await self.leave_alone()
        by_itself = self._tries.restless | self._tries.changing
        now = {(place, without_query(looks)) for place, looks in self._hands.dom.looks}
        return any(
            place not in by_itself and (place, without_query(looks)) not in now
            for place, looks in self._looks
        )

    async def leave_alone(self) -> None:
        """Leave everything alone, at the top of the page."""
        await self._tab.point_away()
        await self._hands.scroll_to(0)
        await self._tab.frame()
        await self._tab.advance(STEP_MS)
        await self._hands.look()

    async def find_again(
        self, wanted: list[Opener], find: Callable[[], Awaitable[list[Opener]]]
    ) -> list[Opener]:
        """Load the page anew, since what was opened lies over the rest; what is wanted then."""
        if not await self._tries.load_anew():
            return self._tries.first(wanted, 0)
        places = {opener.place for opener in wanted}
        passing = {inner.place for node in self._tries.passing() for inner in node.down()}
        # What something else has put into the page was tried as that was.
        wanted_still = (places & self._there) - self._tries.restless - passing
        found = await find()
        if not wanted_still <= {opener.place for opener in found}:
            await self._see_to_its_end()
            found = await find()
        # What the page shows but once, such as the bar that asks about cookies.
        if not wanted_still <= {opener.place for opener in found}:
            await self._load_anew(as_new=True)
            found = await find()
        self._note_rest()
        again = [opener for opener in found if opener.place in places]
        self._tries.first([*(wanted_still - {opener.place for opener in again})], 0)
        return again

    async def _load_anew(self, *, as_new: bool = False) -> None:
        if not await self._tries.load_anew(as_new=as_new):
            self._untried.append(Reason.of("not_all_tried", count=1))
            return
        await self._see_to_its_end()
        self._note_rest()

    def _note_rest(self) -> None:
        """What does not come again, once the page was loaded anew, is not missed."""
        if not self._tries.stand:
            self.places &= self._hands.dom.places
            self._looks &= self._hands.dom.looks

    async def _see_to_its_end(self) -> None:
        """Have what comes with scrolling come again."""
        async for _ in self._scrolled():
            await self._hands.look()  # the page may have grown
        await self._hands.look()
        await self._tries.learn_rules()
        await self._tries.take_stand()
