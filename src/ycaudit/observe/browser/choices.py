"""Each choice of what can be chosen from is made once, and confirmed."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from ycaudit.model import Sense
from ycaudit.observe import Doubts
from ycaudit.observe.browser.confirming import Confirming, Shows
from ycaudit.observe.browser.dom import Dom
from ycaudit.observe.browser.hands import Hands
from ycaudit.observe.browser.leads import Lead, is_of_a_codes_size
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.offers import Choice, Key, Offer, is_drawn, met, offers, takes_words
from ycaudit.observe.browser.sight import Sight
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.url import parse_web_url

Back = Callable[[], Awaitable[bool]]
GoOn = Callable[[Dom, Offer, Choice], AsyncGenerator[None]]
"""Tries what a choice has brought since the page was like this."""
MAX_CHOICES = 200
MAX_IDLE_CHOICES = 20
"""Choices after which what stands beside a list is left alone, if it has led nowhere."""
FEW_CHOICES = 3
"""Of a long list that does nothing in one pane: so many tell whether it does in another."""
A_VOTE, WITH_OTHER_WORDS = MAX_IDLE_CHOICES, MAX_IDLE_CHOICES // 5
"""How many idle choices one is that was sent: of radio buttons, that may be a poll, which says the
same each time."""
MAX_DEPTH = 4
"""Of lists that choices in other lists fill."""


class Choices:
    """What was chosen on one page, and where that led."""

    def __init__(
        self,
        unit: Unit,
        sight: Sight,
        hands: Hands,
        doubts: Doubts,
        untried: list[Reason],
        confirming: Confirming,
        shows: Shows,
    ) -> None:
        """What is left out is added to `untried`."""
        self._unit = unit
        self._links = sight.links
        self._hands = hands
        self._tab = hands.tab
        self._doubts = doubts
        self._untried = untried
        self._confirming = confirming
        self._shows = shows
        self.go_on: GoOn | None = None
        self._made: set[Key] = set()
        self._left = MAX_CHOICES
        self._idle = Counter[Key]()
        """How many choices of a list nothing beside it has done anything with."""
        self._effects = 0
        """How many choices have shown something, or led somewhere."""
        self._inert: set[tuple[int, tuple[str, ...]]] = set()
        """Long lists of which no choice has had any effect, and to all of which what stands beside
        them has answered the same: of them a few are made in other panes."""
        self._brought: dict[Key, set[tuple[int, str]]] = {}
        """What was shown after choices of a list."""
        self._confirmed: set[Key] = set()
        """Lists beside which everything was tried, with what may be asked for chosen."""

    async def make_each(
        self, offer: Offer, state: Reason | None, back: Back, *, depth: int = 1
    ) -> None:
        """Make each choice once, the likeliest first, and take in what comes of it.

        The likeliest that has led nowhere stays chosen: what confirms it may be far away. `back`
        brings about once more what the list stands in; False where that cannot be done.
        """
        if offer.key in self._made or not await self._is_offered(offer.node):
            return
        self._made.add(offer.key)
        ranked = sorted(offer.choices, key=lambda choice: not self._may_lead(choice))
        effects, most = self._effects, len(ranked)
        if offer.pane and offer.in_any_pane in self._inert:
            most = sum(map(self._may_lead, ranked)) + FEW_CHOICES
        likely: Choice | None = None
        for number, choice in enumerate(ranked):
            if not self._doubts():
                return
            if number >= most and self._effects == effects:
                break
            if self._left <= 0:
                self._untried.append(Reason.of("not_all_tried", count=len(ranked) - number))
                return
            self._left -= 1
            before = len(self._links.proven)
            if not await self._make(offer, choice, state, back, depth):
                return
            if self._may_lead(choice) and len(self._links.proven) == before:
                likely = likely or choice
        # Few may be chosen from where all that is asked for is in another pane.
        if self._effects == effects and len(ranked) >= MAX_IDLE_CHOICES:
            self._inert.add(offer.in_any_pane)
        if likely is not None:
            # What was chosen from the beginning is a choice only after another one.
            went = await self._choose(offer, likely, back) or []
            for url in went:
                await self._links.leads_to(url, _lead(likely), state)
            await self._hands.look()

    async def _is_offered(self, wanted: Node) -> bool:
        """Whether a visitor sees that there is something to choose from, now that it is met."""
        if self._hands.dom.is_shown(wanted) or wanted.name != "select":
            return True
        found = await met(self._hands, wanted)
        return found is None or await is_drawn(self._hands, *found)

    def _may_lead(self, choice: Choice) -> bool:
        """Whether the choice could be what is asked for, by its value or by its name."""
        value = choice.node.attributes.get("value", "")
        found = parse_web_url(value, choice.node.document.base)
        if found is not None and self._unit.seeks_link(found.href, choice.text, is_own=False):
            return True
        return self._unit.names(choice.text)

    async def _make(
        self, offer: Offer, choice: Choice, state: Reason | None, back: Back, depth: int
    ) -> bool:
        """Choose it, and confirm it; False where nothing comes of any choice of its list."""
        before = self._hands.dom
        still = await self._tab.paints()
        went = await self._choose(offer, choice, back)
        if went is None:
            return False
        if not went and await self._tab.paints() != still:
            await self._tab.come_to_rest()
            self._effects += await self._shows(state or choice.state, still)
            if self._may_lead(choice):
                went = await self._hands.wait_on()
        if not went:
            await self._fill(offer, before, state, back, depth)
        if not went:
            went = await self._confirm_and_go_on(before, offer, choice, back)
        if went:
            self._effects += 1
            self._idle[offer.key] = -len(offer.choices)
        for url in went:
            await self._links.leads_to(url, _lead(choice), state)
        # A list that leads elsewhere shows nothing here.
        return not went or Sense.LINK in self._doubts()

    async def _confirm_and_go_on(
        self, before: Dom, offer: Offer, choice: Choice, back: Back
    ) -> list[str]:
        """Where what stands beside a list leads, once this is chosen; what it shows is tried.

        What has hidden the list may be a help, or a notice: the choice is made once more then, for
        what else stands beside it.
        """
        is_likely = self._may_lead(choice) and offer.key not in self._confirmed
        if is_likely:
            self._confirmed.add(offer.key)
        tried, goes_on = set[int](), True
        while goes_on:
            went: list[str] | None = []
            if self._is_to_confirm(offer, choice):
                went = await self._confirm_choice(offer, choice, tried, is_likely=is_likely)
                if went == [] and takes_words(offer.node):
                    went = await self._choose(offer, choice, back, key="Enter") or []
            if went:
                return went
            await self._go_on_from(before, offer, choice)
            goes_on = went is None and bool(self._doubts())
            goes_on = goes_on and await self._choose(offer, choice, back) is not None
        return []

    async def _confirm_choice(
        self, offer: Offer, choice: Choice, tried: set[int], *, is_likely: bool
    ) -> list[str] | None:
        """As `Confirming.confirm`, and count what comes of no avail."""
        own = {choice.node.place for choice in offer.choices}
        looks, sent = self._hands.dom.looks, self._tab.traffic.sent
        went = await self._confirming.confirm(offer.node, own, tried, tries_all=is_likely)
        shown = self._hands.dom.newly_shown(looks)
        brought = self._brought.setdefault(offer.key, set())
        is_other = any(node.key not in brought for node in shown)
        if any(map(is_of_a_codes_size, shown)):  # the next may show another code
            self._effects += 1
        else:
            self._effects += is_other and bool(brought)  # what is always answered is none
            is_vote = offer.node.kind == "radio" and self._tab.traffic.sent > sent
            vote = WITH_OTHER_WORDS if is_other else A_VOTE
            self._idle[offer.key] += vote if is_vote else 1
        brought.update(node.key for node in shown)
        return went

    async def _go_on_from(self, before: Dom, offer: Offer, choice: Choice) -> None:
        """Try what the choice has brought, as long as anything is in doubt."""
        if self.go_on is None or choice.number is None:
            return
        async with aclosing(self.go_on(before, offer, choice)) as brought:
            async for _ in brought:
                if not self._doubts():
                    break

    async def make_again(self, place: int, number: int) -> None:
        """Choose once more what was chosen in the list at this place."""
        offer = next((o for o in offers(self._hands.dom) if o.node.place == place), None)
        choice = next((c for c in offer.choices if c.number == number), None) if offer else None
        if offer is not None and choice is not None:
            await self._choose(offer, choice, _no_way_back)
            await self._tab.come_to_rest()
            await self._hands.look()

    def _is_to_confirm(self, offer: Offer, choice: Choice) -> bool:
        """Whether what stands beside it is to be clicked. The headings of a list have no value."""
        if self._may_lead(choice):
            return True
        if choice.node.attributes.get("value", choice.text) == "" and choice.number is not None:
            return False
        return self._idle[offer.key] < MAX_IDLE_CHOICES

    async def _choose(
        self, offer: Offer, choice: Choice, back: Back, *, key: str = "Tab"
    ) -> list[str] | None:
        """Where choosing leads, and this key after words; None where nobody gets at it.

        What is written in a field is changed for a script only once that has been left.
        """
        wanted = choice.node if choice.node.kind == "radio" else offer.node
        found = await met(self._hands, wanted)
        if found is None and await back():
            found = await met(self._hands, wanted)
        if found is None:
            return None
        node, at = found
        if node.name == "select" and choice.number is not None:
            option = self._hands.dom.again(choice.node.id, choice.node.place)
            # Of a list box the options stand on the page.
            if option is not None and option.box and (there := await self._hands.met(option)):
                return await self._hands.click(there)
        if node.kind == "radio":
            return await self._hands.click(at)
        if node.name == "input":
            return await self._hands.type(at, choice.text, key)
        return await self._hands.choose(node, choice.number)

    async def _fill(
        self, offer: Offer, before: Dom, state: Reason | None, back: Back, depth: int
    ) -> None:
        """Choose in lists that the choice has filled."""
        known = {one.key for one in offers(before)}
        for other in tuple(offers(self._hands.dom)):
            if other.key in known or other.node.place == offer.node.place:
                continue
            if depth >= MAX_DEPTH:
                self._untried.append(Reason.of("not_all_tried", count=len(other.choices)))
            else:
                await self.make_each(other, state, back, depth=depth + 1)


async def _no_way_back() -> bool:
    return False


def _lead(choice: Choice) -> Lead:
    return Lead(choice.node, "", "option", choice.text, is_plain=False)
