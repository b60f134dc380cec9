"""Lists, radio buttons, fields that offer words: each choice is made once, and confirmed."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from math import hypot

from ycaudit.model import Box, Sense
from ycaudit.observe import Doubts
from ycaudit.observe.browser import things
from ycaudit.observe.browser.dom import Dom, holds
from ycaudit.observe.browser.hands import Hands
from ycaudit.observe.browser.leads import LIKE_A_CODE, Lead, is_of_a_codes_size
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.openers import Opener
from ycaudit.observe.browser.sight import Sight
from ycaudit.observe.browser.tab import Point
from ycaudit.observe.static.links import script_of
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.url import parse_web_url

Back = Callable[[], Awaitable[bool]]
GoOn = Callable[[Dom, "Offer", "Choice"], AsyncGenerator[None]]
"""Tries what a choice has brought since the page was like this."""
Key = tuple[int, tuple[str, ...], str]
"""To know a list by: a script may fill it anew, or show another pane around it."""
MAX_CHOICES = 200
MAX_IDLE = 4
"""Choices after which what stands beside a list is left alone, if it has led nowhere."""
OTHER_WORDS = 0.2
"""How much of an idle choice one is that has shown other words: a poll says the same each time."""
MAX_BESIDE, MAX_BESIDE_LIKELY = 3, 12
"""Things beside a list that may confirm a choice, and the first that may be what is asked for."""
LEVELS = 3
"""How far out of a list something stands beside it."""
MAX_DRAWN = 3, 2
"""How many times as wide and as high as an unseen list what is drawn for it may be."""
MAX_DEPTH = 4
"""Of lists that choices in other lists fill."""
_CONFIRMS = re.compile(
    "查询|查看|查找|搜索|检索|提交|显示|下载|获取|领取|search|query|submit|show|view", re.IGNORECASE
)
_NO_LIKENESS = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen."""

    number: int | None
    """In its list, of those that can be chosen; None: all of them at once."""
    node: Node
    """The option, or the radio button; the list itself where all are chosen."""
    text: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be chosen from in one place."""

    node: Node
    """The list, the field, or the first radio button of its group."""
    choices: tuple[Choice, ...]
    pane: str = ""
    """What the pane says in which it stands, if that shows something else from time to time."""

    @property
    def key(self) -> Key:
        """Its place, its choices and its pane."""
        return self.node.place, tuple(choice.text for choice in self.choices), self.pane


def offers(dom: Dom) -> Iterator[Offer]:
    """All that a visitor can choose from now."""
    groups: dict[tuple[Node | None, str], list[Node]] = {}
    for node in dom.nodes:
        if "disabled" in node.attributes:
            continue
        if node.name == "select" and dom.takes_clicks(node):
            found = [
                Choice(number, n, dom.text_of(n) or n.attributes.get("label", ""))
                for number, n in enumerate(_options_of(node))
            ]
            if "multiple" in node.attributes:
                found.append(Choice(None, node, ""))
            if len(found) > 1 or (found and _begins_with(node) is not found[0].node):
                yield Offer(node, tuple(found))
        elif _takes_words(node) and dom.is_shown(node):
            words = [
                Choice(number, n, n.attributes.get("value") or dom.text_of(n))
                for number, n in enumerate(_words_for(dom, node))
            ]
            if words:
                yield Offer(node, tuple(words))
        elif node.name == "input" and node.kind == "radio":
            label = _label(dom, node)
            if not dom.is_shown(node) and not (label and dom.is_shown(label)):
                continue
            form = next((o for o in node.up() if o.name in ("form", "#document")), None)
            groups.setdefault((form, node.attributes.get("name", "")), []).append(node)
    for group in groups.values():
        if len(group) > 1:
            yield Offer(
                group[0],
                tuple(Choice(number, n, _label_of(dom, n)) for number, n in enumerate(group)),
            )


async def is_drawn(hands: Hands, node: Node, at: Point) -> bool:
    """Whether a list, or a box, that is met at this point is to be seen: itself, its label, or what
    is drawn in its place."""
    dom, box = hands.dom, node.box
    label = _label(dom, node) if node.name == "input" else None
    if dom.is_shown(node) or (label is not None and dom.is_shown(label)):
        return True
    if box is None or await hands.is_painted(node, at):
        return box is not None
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    for under in [n for n in dom.shown if holds(n.box, x, y)]:
        wide, high = under.box[2:] if under.box else (0, 0)
        is_of_its_size = wide <= MAX_DRAWN[0] * box[2] and high <= MAX_DRAWN[1] * box[3]
        if is_of_its_size and await hands.is_painted(under, at):
            return True
    return False


class Choices:
    """What was chosen on one page, and where that led."""

    def __init__(
        self,
        unit: Unit,
        sight: Sight,
        hands: Hands,
        doubts: Doubts,
        untried: list[Reason],
        clickable: Callable[[], Awaitable[list[Opener]]],
        shows: Callable[[Reason, tuple[float, ...]], Awaitable[bool]],
    ) -> None:
        """What is left out is added to `untried`; `clickable` tells what can be clicked now, and
        `shows` looks at what came of something, at once or late."""
        self._unit = unit
        self._sight = sight
        self._links = sight.links
        self._hands = hands
        self._tab = hands.tab
        self._doubts = doubts
        self._untried = untried
        self._clickable = clickable
        self._shows = shows
        self.go_on: GoOn | None = None
        self._made: set[Key] = set()
        self._left = MAX_CHOICES
        self._idle: dict[Key, float] = {}
        """How many choices of a list nothing beside it has done anything with; where it has said
        something else, `OTHER_WORDS` of one."""
        self._brought: dict[Key, set[tuple[int, str]]] = {}
        """What was shown after choices of a list."""
        self._confirmed: set[Key] = set()
        """Lists beside which everything was tried, with what may be asked for chosen."""
        self._leading: set[int] = set()
        """The places of what has confirmed a choice: it comes first for the next ones."""
        self._hiding: set[int] = set()
        """The places of what confirms nothing, and hides the list beside which it stands."""

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
        likely: Choice | None = None
        for number, choice in enumerate(ranked):
            if not self._doubts():
                return
            if self._left <= 0:
                self._untried.append(Reason.of("not_all_tried", count=len(ranked) - number))
                return
            self._left -= 1
            before = len(self._links.proven)
            if not await self._make(offer, choice, state, back, depth):
                return
            if self._may_lead(choice) and len(self._links.proven) == before:
                likely = likely or choice
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
        found = await self._met(wanted)
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
            named = Reason.of("state_chosen", name=choice.text[:40])
            await self._shows(state or named, still)
            if self._may_lead(choice):
                went = await self._hands.wait_on()
        if not went:
            await self._fill(offer, before, state, back, depth)
        if not went and self._is_to_confirm(offer, choice):
            went = await self._confirm_choice(offer, choice)
            if not went and _takes_words(offer.node):
                went = await self._choose(offer, choice, back, key="Enter") or []
        if not went:
            await self._go_on_from(before, offer, choice)
        if went:
            self._idle[offer.key] = -len(offer.choices)
        for url in went:
            await self._links.leads_to(url, _lead(choice), state)
        # A list that leads elsewhere shows nothing here.
        return not went or Sense.LINK in self._doubts()

    async def _confirm_choice(self, offer: Offer, choice: Choice) -> list[str]:
        """Where what stands beside a list leads, once this is chosen."""
        own = {choice.node.place for choice in offer.choices}
        looks = self._hands.dom.looks
        is_likely = self._may_lead(choice) and offer.key not in self._confirmed
        if is_likely:
            self._confirmed.add(offer.key)
        went = await self.confirm(offer.node, own, tries_all=is_likely)
        shown = self._hands.dom.newly_shown(looks)
        brought = self._brought.setdefault(offer.key, set())
        if not any(map(is_of_a_codes_size, shown)):  # else the next may show another code
            is_other = any(node.key not in brought for node in shown)
            self._idle[offer.key] = self._idle.get(offer.key, 0) + (OTHER_WORDS if is_other else 1)
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
        """Whether what stands beside it is to be clicked.

        Polls, too, have radio buttons: one vote shows that it is one. The headings of a list have
        no value.
        """
        if self._may_lead(choice):
            return True
        if choice.node.attributes.get("value", choice.text) == "" and choice.number is not None:
            return False
        most = 1 if offer.node.kind == "radio" else MAX_IDLE
        return self._idle.get(offer.key, 0) < most

    async def _choose(
        self, offer: Offer, choice: Choice, back: Back, *, key: str = "Tab"
    ) -> list[str] | None:
        """Where choosing leads, and this key after words; None where nobody gets at it.

        What is written in a field is changed for a script only once that has been left.
        """
        wanted = choice.node if choice.node.kind == "radio" else offer.node
        found = await self._met(wanted)
        if found is None and await back():
            found = await self._met(wanted)
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

    async def _met(self, wanted: Node) -> tuple[Node, Point] | None:
        """A list or a radio button as it is now, and where it is met, itself or by its label."""
        node = self._hands.dom.again(wanted.id, wanted.place)
        if node is None:
            return None
        at = await self._hands.met(node)
        label = _label(self._hands.dom, node) if at is None and node.name == "input" else None
        if label is not None:
            at = await self._hands.met(label)
        return (node, at) if at is not None else None

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

    async def confirm(
        self, chosen: Node, own: set[int], *, is_named: bool = False, tries_all: bool = False
    ) -> list[str]:
        """Where what stands beside a thing leads, once it, or what has its `own` places, is chosen.

        `is_named`: only what says that it leads on, or of a code, and is no other one of its row.
        `tries_all`: since it may be what is asked for.
        """
        found = await self._beside(chosen, own)
        if is_named:
            row = {node.place for node in chosen.row}
            found = [o for o in found if things.goes_on(o.caption) or self._is_code(o, row)]
        if tries_all and len(found) > MAX_BESIDE_LIKELY:
            left = len(found) - MAX_BESIDE_LIKELY
            self._untried.append(Reason.of("not_all_tried", count=left))
        for opener in found[: MAX_BESIDE_LIKELY if tries_all else MAX_BESIDE]:
            node = self._hands.dom.again(opener.node, opener.place)
            at = await self._hands.met(node) if node is not None else None
            if node is None or at is None or not await self._hands.is_painted(node, at):
                continue
            still = await self._tab.paints()
            looks = self._hands.dom.looks
            if went := await self._hands.click(at):
                self._leading.add(opener.place)
                return went
            if await self._tab.paints() != still:
                await self._tab.come_to_rest()
                await self._shows(Reason.of("state_click", name=opener.caption), still)
                if await self._met(chosen) is None:
                    shown = self._hands.dom.newly_shown(looks)
                    if not shown:
                        self._hiding.add(opener.place)
                    break
        return []

    async def _beside(self, chosen: Node, own: set[int]) -> list[Opener]:
        """What may confirm a choice: a button, or anything that can be clicked close by."""
        node = self._hands.dom.again(chosen.id, chosen.place)
        if node is None:
            return []
        by_id = {opener.node: opener for opener in await self._clickable() if opener.score > 0}
        found: dict[int, Opener] = {}
        for level, outer in enumerate([*node.up()][1 : LEVELS + 1]):
            others = list[Opener]()
            for inner in outer.down():
                opener = by_id.get(inner.id)
                if opener is None or opener.place in self._hiding or inner.within(node):
                    continue
                if inner.name == "label" or inner.kind in ("checkbox", "radio", "reset"):
                    continue  # that is a choice itself, or undoes this one
                if any(n.place in own for n in inner.down()):
                    continue
                if level == 0 or _likeness(self._hands.dom, opener) < _NO_LIKENESS:
                    found.setdefault(inner.id, opener)
                else:
                    others.append(opener)
            if len(others) == 1 and not found:
                found[others[0].node] = others[0]
        return sorted(found.values(), key=lambda o: self._rank(o, node))

    def _is_code(self, opener: Opener, row: set[int]) -> bool:
        """Whether it says that it shows a code, outside of what has these places."""
        node = self._hands.dom.by_id.get(opener.node)
        around = {outer.place for outer in node.up()} if node is not None else set[int]()
        return LIKE_A_CODE.search(opener.caption) is not None and row.isdisjoint(around)

    def _rank(self, opener: Opener, chosen: Node) -> tuple[bool, int, float]:
        """What has led on comes first, then what is most like a button, then the near."""
        found = self._hands.dom.by_id.get(opener.node)
        far = _distance(found.box, chosen.box) if found and found.box and chosen.box else 0.0
        return opener.place not in self._leading, _likeness(self._hands.dom, opener), far


async def _no_way_back() -> bool:
    return False


def _lead(choice: Choice) -> Lead:
    return Lead(choice.node, "", "option", choice.text, is_plain=False)


def _distance(one: Box, other: Box) -> float:
    across = max(one[0] - other[0] - other[2], other[0] - one[0] - one[2], 0)
    down = max(one[1] - other[1] - other[3], other[1] - one[1] - one[3], 0)
    return hypot(across, down)


def _likeness(dom: Dom, opener: Opener) -> int:
    """How like a button beside a list it is, from 0: what says so, a button, what is drawn as one,
    a link that only a script makes one."""
    node = dom.by_id.get(opener.node)
    if node is None or things.goes_on(opener.caption) or _CONFIRMS.search(opener.caption):
        return 0
    if things.is_button(node) or things.is_drawn_as_button(node):
        return 1
    is_script = node.name == "a" and script_of(node.attributes.get("href", "")) is not None
    return 2 if is_script else _NO_LIKENESS


def _options_of(node: Node) -> list[Node]:
    return [n for n in node.down() if n.name == "option" and _is_free(n)]


def _takes_words(node: Node) -> bool:
    """Whether words can be typed into it, some of which it offers."""
    if node.name != "input" or "list" not in node.attributes or "readonly" in node.attributes:
        return False
    return node.kind in ("", "text", "search", "url")


def _words_for(dom: Dom, field: Node) -> list[Node]:
    """The options that a field offers."""
    named = field.attributes["list"]
    lists = (n for n in dom.nodes if n.name == "datalist" and n.document is field.document)
    found = next((n for n in lists if n.attributes.get("id") == named), None)
    return _options_of(found) if found is not None else []


def _begins_with(node: Node) -> Node | None:
    """The option that a list shows before anything is chosen, be it one that nobody can choose.

    https://html.spec.whatwg.org/#ask-for-a-reset
    """
    options = [n for n in node.down() if n.name == "option"]
    chosen = [n for n in options if "selected" in n.attributes]
    free = (n for n in options if "disabled" not in n.attributes)
    return chosen[-1] if chosen else next(free, None)


def _is_free(option: Node) -> bool:
    """Whether a key gets to an option."""
    return not any({"disabled", "hidden"} & o.attributes.keys() for o in [*option.up()][:3])


def _label(dom: Dom, radio: Node) -> Node | None:
    """The label of a radio button, which may show it in its place."""
    for outer in radio.up():
        if outer.name == "label":
            return outer
    number = radio.attributes.get("id")
    labels = (n for n in dom.nodes if n.name == "label" and n.document is radio.document)
    return next((n for n in labels if number and n.attributes.get("for") == number), None)


def _label_of(dom: Dom, radio: Node) -> str:
    label = _label(dom, radio)
    return dom.text_of(label) if label else dom.nearby(radio)[:40]
