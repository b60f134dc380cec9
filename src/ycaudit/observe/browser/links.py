"""The links that rules ask for: met on the screen, clicked where scripts may act, followed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Protocol

from ycaudit.model import Link, Visibility, Where
from ycaudit.observe.browser import leads, openers, things
from ycaudit.observe.browser.dom import Dom
from ycaudit.observe.browser.hands import Hands
from ycaudit.observe.browser.leads import Lead
from ycaudit.observe.browser.listeners import HOVERS, listens
from ycaudit.observe.browser.losses import MAX_URL
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.own_pages import OpenTab, OwnPages
from ycaudit.observe.browser.tab import Point
from ycaudit.observe.jumps import looks_like_jump
from ycaudit.observe.static.refused import sandboxes
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.url import host_of, nowhere, parse_web_url

_LETS_OUT = frozenset({"allow-popups"})
_LETS_UP = frozenset({"allow-top-navigation", "allow-top-navigation-by-user-activation"})
"""Words of a sandbox: https://html.spec.whatwg.org/#attr-iframe-sandbox"""
MAX_OTHER = 3
"""Addresses to which a page of the own host leads and which nobody asks for."""
MAX_ONWARD = 12
"""Things of a dialog that may lead on."""


class Back(Protocol):
    """Has things stand on the page again that a click on a link has put away."""

    async def reach(self, node: Node, *, anew: bool) -> tuple[Node, Point] | None:
        """A thing as it is once more, and where it is met; `anew`: on a page loaded anew."""

    async def restore(self, before: Dom) -> None:
        """Have open again what was open then."""


class Links:
    """What is known of the links of one page."""

    def __init__(
        self, unit: Unit, hands: Hands, open_tab: OpenTab, *, host: str, untried: list[Reason]
    ) -> None:
        """`host` is the unit's own; what is left out is added to `untried`."""
        self.host = host
        self.found: dict[tuple[str, str], Link] = {}
        """All that the layout shows or hides, by address and text."""
        self.proven: dict[str, Link] = {}
        """Those that a visitor can use, by the address to which they lead."""
        self._sought: set[str] = set()
        """Where those lead that are laid out and asked for."""
        self.unknown: list[Reason] = []
        """Of which it is not known where they lead."""
        self._unit = unit
        self._hands = hands
        self._own = OwnPages(unit, hands, open_tab, host=host, untried=untried)
        self.back: Back | None = None
        self._left: list[tuple[Lead, Reason | None, bool]] = []
        """Those that were shown until another was clicked, and in which state; or that led nowhere
        on a page that had been clicked on, and are clicked on one that is loaded anew."""
        self._clicked_anew: set[str] = set()
        self._named: set[tuple[str, str]] = set()
        """Those that lead elsewhere and were tried for their names, by address and text."""
        self._routes: set[str] = set()
        """The words of links to other parts of the page that a script shows by their address."""
        self._nowhere: dict[str, Link] = {}
        """Those that are called as a link that is asked for, and have no address, by their text."""

    @property
    def count(self) -> int:
        """How many links the page has."""
        return len(self.found) + len(self._routes)

    @property
    def hosts(self) -> list[str]:
        """The host to which each of them leads."""
        return [host_of(href) for href, _ in self.found] + [self.host] * len(self._routes)

    @property
    def are_waiting(self) -> bool:
        """Whether some are asked for, have been laid out, and are not proven."""
        return not self._sought <= self.proven.keys()

    def told(self) -> Iterator[Link]:
        """All links with how a visitor gets at them."""
        yield from self.proven.values()
        for (href, text), link in self.found.items():
            if href in self.proven:
                continue
            # What is laid out, and no visitor could get at: covered, or dead.
            if link.visible.counts and self._unit.seeks_link(href, text, is_own=self.is_own(href)):
                yield link.model_copy(update={"visible": Visibility.HIDDEN})
            else:
                yield link
        led = {text for _, text in self.found}
        yield from (link for text, link in self._nowhere.items() if text not in led)
        yield from self._onward_by_itself()

    def _onward_by_itself(self) -> Iterator[Link]:
        """Where the page sends its visitor by itself, if that is asked for."""
        page = self._hands.dom.main.url
        for url, seconds in self._hands.tab.departures.sent_on.items():
            if self._unit.seeks_link(url, "", is_own=False):
                state = Reason.of("state_waited", seconds=round(seconds))
                where = Where(origin="browser", url=page[:2000], state=state)
                yield Link(href=url, text="", how="onward", where=where)

    async def try_all(
        self, state: Reason | None, fresh: Iterable[Node] = (), *, is_here: bool = False
    ) -> None:
        """Find out which of the links that are asked for a visitor can use now.

        What is `fresh` goes first: to try the others may close it. The window is scrolled back.
        `is_here`: only those that stand on the screen as it is.
        """
        dom, new = self._hands.dom, {outer.id for node in fresh for outer in node.up()}
        y: float | None = None
        actions = self._hands.actions
        self._note_nowhere(dom, state)
        for lead in sorted(leads.leads_of(dom), key=lambda lead: lead.node.id not in new):
            shown = lead.how == "option" or _is_shown(dom, lead)
            key = lead.href, lead.text
            known = self.found.get(key)
            if known is None or (shown and not known.visible.counts):
                self.found[key] = self._link(lead, state if shown else None, shown=shown)
            if lead.how == "area" and self._is_sought(lead):
                self._note_lost(lead.node)
            if not shown or lead.href in self.proven:
                continue
            if not self._is_sought(lead):
                if self._own.is_worth_asking(lead):
                    self._own.note_met(lead, is_met=await self._try(lead, state))
                await self._try_named(lead, state)
                continue
            self._sought.add(lead.href)
            if not is_here or dom.is_on_screen(lead.node):
                if y is None:
                    _, y = await self._hands.tab.place()
                if not await self._try(lead, state) and self._hands.actions > actions:
                    self._left.append((lead, state, False))
        await self.try_left()
        if self.back is not None and self._hands.actions > actions:
            await self.back.restore(dom)
        if y is not None and (await self._hands.tab.place())[1] != y:
            await self._hands.scroll_to(y)

    async def try_left(self) -> None:
        """Try what the click on another has closed, a menu's other links, once it is open again;
        and what a click on another may have changed, such as the dialog that asks."""
        while self.back is not None and self._left:
            lead, state, is_anew = self._left.pop(0)
            if lead.href in self.proven:
                continue
            if (found := await self.back.reach(lead.node, anew=is_anew)) is not None:
                node, at = found
                await self._try_at(at, replace(lead, node=node), state)

    def _note_nowhere(self, dom: Dom, state: Reason | None) -> None:
        for node in leads.anchors_to_nowhere(dom):
            text = dom.caption_of(node)
            if node.attributes.get("href", "").strip()[:2] in ("#/", "#!"):
                self._routes.add(text)
            if text not in self._nowhere and self._unit.names_link(text):
                lead = Lead(node, nowhere(node.document.url), "a", text, is_plain=False)
                self._nowhere[text] = self._link(lead, state, shown=True)

    def _note_lost(self, area: Node) -> None:
        """Have an area in doubt whose picture did not come: it may lead on, and not say so."""
        why = self._hands.why_lost(area)
        if area.over is not None and why is not None:
            lost = Reason.of("image_lost", src=area.over.source[:MAX_URL], because=why)
            self.unknown += [lost] if lost not in self.unknown else []

    def _is_sought(self, lead: Lead) -> bool:
        own = self.is_own(lead.href)
        if own and lead.is_plain and looks_like_jump(lead.href):
            return True
        return self._unit.seeks_link(lead.href, lead.text, is_own=own)

    def is_own(self, href: str) -> bool:
        """Whether an address is of the unit's own host."""
        return self._own.holds(href)

    async def ask_rest(self) -> None:
        """Ask the pages that were put off."""
        for url, lead, state in self._own.put_off():
            await self._follow_jump(url, lead, state, is_last=True)

    def _link(self, lead: Lead, state: Reason | None, *, shown: bool) -> Link:
        visible = Visibility.HIDDEN
        if shown:
            is_plain = state is None or state.code == "state_jump"
            visible = Visibility.SHOWN if is_plain else Visibility.ON_HOVER
        where = where_of(lead.node, state)
        return Link(href=lead.href, text=lead.text, how=lead.how, visible=visible, where=where)

    async def _try(self, lead: Lead, state: Reason | None) -> bool:
        """Find out where the link leads; False where it is not met on the screen."""
        if lead.how in ("option", "form"):
            return True  # chosen and clicked later
        if self._is_locked_in(lead.node) or self._opens_unseen(lead.node):
            return True
        if (at := await self._hands.met(lead.node)) is None:
            return False
        await self._try_at(at, lead, state)
        return True

    async def _try_named(self, lead: Lead, state: Reason | None) -> None:
        """See whether a plain link can be used that leads elsewhere and has the right name: it is
        what a corrected rule will ask for. Nothing is clicked for that, nor the window scrolled."""
        key = lead.href, lead.text
        if key in self._named or not (lead.is_plain and self._unit.names_link(lead.text)):
            return
        if not self._hands.dom.is_on_screen(lead.node):
            return
        self._named.add(key)
        if await self._is_bound(lead.node):
            return
        at = await self._hands.met_here(lead.node)
        if at is not None and await self._hands.is_painted(lead.node, at):
            self._note_reached(lead.href, lead, state)

    async def _try_at(self, at: Point, lead: Lead, state: Reason | None) -> None:
        if not await self._hands.is_painted(lead.node, at):
            return
        if state is not None and state.has("state_hover"):
            reached = await self._gets_to(lead, at)
            if reached is None:
                return
            lead, at = reached
        takes_focus = state is not None and state.has("state_click", "state_focus")
        if takes_focus or not lead.is_plain or await self._is_bound(lead.node):
            actions = self._hands.actions
            await self._click_link(at, lead, state)
            self._note_idle(lead, state, actions)
        else:
            await self.leads_to(lead.href, lead, state)

    async def _gets_to(self, lead: Lead, at: Point) -> tuple[Lead, Point] | None:
        """A link that is there while something is pointed at, as it is met once the mouse has come
        from there to it: on the way, menus may close."""
        tab = self._hands.tab
        for across, down in ((True, True), (False, True), (True, False)):
            x, y = tab.mouse
            await tab.glide((at[0] if across else x, at[1] if down else y))
            await tab.glide(at)
            if await self._hands.hits(at, lead.node, self._hands.dom):
                return lead, at
            found = await self.back.reach(lead.node, anew=False) if self.back else None
            if found is None:
                return None
            lead, at = replace(lead, node=found[0]), found[1]
        return None

    def _note_idle(self, lead: Lead, state: Reason | None, actions: int) -> None:
        """Have what led nowhere after so many other actions clicked once more, and first."""
        is_sought = self._unit.seeks_link(lead.href, lead.text, is_own=False)
        if is_sought and actions and lead.href not in {*self.proven, *self._clicked_anew}:
            self._clicked_anew.add(lead.href)
            self._left.append((lead, state, True))

    def _prove(self, href: str, lead: Lead, state: Reason | None) -> None:
        link = self._link(lead, state, shown=True)
        self.proven[href] = link.model_copy(update={"href": href, "reached": True})

    async def _is_bound(self, node: Node) -> bool:
        """Whether a click on it, or the way there, may do something else: by a script, or in text
        that is there to be edited."""
        listeners = await self._hands.listeners()
        return any(
            listens(outer, listeners)
            or listens(outer, listeners, HOVERS)
            or "contenteditable" in outer.attributes
            for outer in node.up()
        )

    def _is_locked_in(self, node: Node) -> bool:
        """Whether it stands in a sandbox that does not let it open what it opens."""
        target = _target_of(node).lower()
        if target in ("", "_self"):
            return False
        frames = (outer.attributes.get("sandbox") for outer in node.up() if outer.name == "iframe")
        arrived = self._hands.tab.traffic.arrived
        of_page = sandboxes(arrived.headers) if arrived else []
        allowed = (*(found for found in frames if found is not None), *of_page)
        needed = _LETS_UP if target in ("_top", "_parent") else _LETS_OUT
        return any(needed.isdisjoint(words.lower().split()) for words in allowed)

    def _opens_unseen(self, node: Node) -> bool:
        """Whether it opens in a frame that nobody sees."""
        target, dom = _target_of(node), self._hands.dom
        if not target:
            return False
        frames = [n for n in openers.frames_of(dom) if n.attributes.get("name") == target]
        return bool(frames) and not any(map(dom.is_shown, frames))

    async def _click_link(self, at: Point, lead: Lead, state: Reason | None) -> None:
        """Click it, and go on from the dialog that comes, if one does."""
        before = self._hands.dom
        went = await self._hands.click(at, node=lead.node.id)
        if not went:
            went = await self._onward(before) or await self._hands.wait_on()
            await self._hands.put_away(before)
        for url in went:
            await self.leads_to(url, lead, state)

    async def led(self, went: list[str], lead: Lead, state: Reason | None) -> None:
        """Note where a click on a thing led, unless the thing is there and nobody can see it."""
        at = await self._hands.met(lead.node) if went else None
        if at is not None and not await self._hands.is_painted(lead.node, at):
            return
        for url in went:
            await self.leads_to(url, lead, state)

    async def leads_to(self, url: str, lead: Lead, state: Reason | None) -> None:
        """Note where a click leads."""
        found = parse_web_url(url)
        if found is None:
            return
        if self._unit.seeks_link(found.href, lead.text, is_own=False):
            self._prove(found.href, lead, state)
        elif self._own.may_send_on(found.href, lead):
            await self._follow_jump(found.href, lead, state)
        else:
            self._note_reached(found.href, lead, state)

    def _note_reached(self, href: str, lead: Lead, state: Reason | None) -> None:
        """Note where a visitor comes though no rule asks for it: a corrected one may."""
        link = self._link(lead, state, shown=True)
        update = {"href": href, "reached": True}
        self.found[href, lead.text] = link.model_copy(update=update)

    async def _follow_jump(
        self, url: str, lead: Lead, state: Reason | None, *, is_last: bool = False
    ) -> None:
        """Note where a page of the own host sends its visitor."""
        answer = await self._own.ask(url, lead, state, is_last=is_last)
        if answer is None:
            return
        went, refused = answer
        wanted = [to for to in went if self._unit.seeks_link(to, lead.text, is_own=False)]
        via = Reason.of("state_jump", url=url[:300]) if state is None else state
        for target in wanted:
            self._prove(target, lead, via)
        for target in [to for to in went if to not in wanted][:MAX_OTHER]:
            self._note_reached(target, lead, via)
        if refused is not None and not wanted:
            self.unknown.append(Reason.of("destination_unknown", value=url[:300], because=refused))

    async def _onward(self, before: Dom) -> list[str]:
        """Where the dialog leads that a click has opened: "you are leaving this site"."""
        now = await self._hands.tab.dom()
        for node in things.onward(now, now.newly_shown(before.looks))[:MAX_ONWARD]:
            at = await self._hands.met(node, now)
            if at is not None and (went := await self._hands.click(at)):
                return went
        return []


def where_of(node: Node, state: Reason | None) -> Where:
    """Where a thing was seen, and in which state of the page."""
    is_main = node.document.holder is None
    return Where(
        origin="browser" if is_main else "frame",
        url=node.document.url[:2000],
        box=node.box,
        state=state,
    )


def _target_of(node: Node) -> str:
    """Where it says that it opens, or its document of all of its links."""
    return (node.attributes.get("target") or openers.base_target(node.document)).strip()


def _is_shown(dom: Dom, lead: Lead) -> bool:
    return any(map(dom.is_shown, lead.node.down())) or dom.is_hot_area(lead.node)
