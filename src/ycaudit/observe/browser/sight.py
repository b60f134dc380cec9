"""What has been seen of a page so far, state by state: codes on the screen, links that work."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ycaudit.model import Image, QrCode, Sense, Visibility
from ycaudit.observe import Doubts
from ycaudit.observe.browser import leads
from ycaudit.observe.browser.devtools import CommandError
from ycaudit.observe.browser.dom import Dom, may_show_code
from ycaudit.observe.browser.hands import Hands
from ycaudit.observe.browser.leads import Graphic, graphics_of, is_of_a_codes_size
from ycaudit.observe.browser.links import Links, where_of
from ycaudit.observe.browser.mosaic import Change, Glance, Mosaic
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.painted import Painted
from ycaudit.observe.browser.screens import Screen
from ycaudit.observe.browser.texts import Texts
from ycaudit.observe.page_images import PageImages
from ycaudit.observe.qr.reading import Effort
from ycaudit.observe.static.sheets import WINDOW
from ycaudit.observe.tools import EvidenceFiles, Tools
from ycaudit.reasons import Reason

SCREEN = WINDOW[1]
OVERLAP = 300
"""CSS pixels that two screens share: codes up to this size stand on one of them whole."""
MAX_SCREENS, MAX_FRESH_SCREENS = 80, 12
"""Of a page, and in its boxes, for what is new there."""
STEP_MS = 500
"""Milliseconds of the page's clock after a scroll."""
MAX_SHOTS = 12
"""States of which a picture is kept as evidence."""
SCROLLED = Reason.of("state_scrolled")
_HELD = re.compile(r"data|original|lazy|_src")
"""Attributes in which the markup holds addresses for scripts."""


class Sight:
    """All that was taken in while a tab was open on a page."""

    def __init__(
        self,
        tools: Tools,
        evidence: EvidenceFiles,
        hands: Hands,
        links: Links,
        texts: Texts,
        doubts: Doubts,
        untried: list[Reason],
    ) -> None:
        """What is left out is added to `untried`."""
        self.links = links
        self.texts = texts
        self.painted = Painted(tools.decoder, evidence)
        self.page_images = PageImages(tools, self._image_bytes, evidence)
        self.images: dict[str, Image] = {}
        self.states: dict[Reason, None] = {}
        """Those that showed something new, in order."""
        self.shots: dict[Reason, bytes] = {}
        """The screen in these states, as PNG, if evidence is kept."""
        self.title = ""
        self.text_size = 0
        self.glance: Glance | None = None
        """The screen, if it was read when something was collected last."""
        self._mosaic = Mosaic()
        self._evidence = evidence
        self._hands = hands
        self._doubts = doubts
        self._untried = untried
        self.end = 0.0
        """How far down the page was scrolled through, in CSS pixels."""
        self.screens_left = MAX_SCREENS
        """How many are scrolled through that came once the end of the page had been reached."""
        self._is_scrolling = False
        self._places: set[int] = set()
        self._known: set[tuple[int, str]] = set()
        self._rooms: dict[str, bool] = {}
        """Whether there is room for a code where a picture of this file name stands."""
        self._has_canvas = False
        self._named: set[str] = set()
        """Names of files that attributes of the page hold for its scripts: pictures to be shown."""
        self._addresses: set[str] = set()
        """Of links: a script may put another address behind the same words."""

    async def collect(self, state: Reason | None, by: Change = Change.TRY) -> bool:
        """Take in what is shown now and was not before; whether there was any of it.

        The screen is read before links are tried, since that scrolls.
        """
        self.glance = None
        dom = await self._hands.look()
        fresh = dom.newly_shown(self._known)
        self._known.update(dom.looks)
        self.title = self.title or dom.main.title
        self.text_size = max(self.text_size, dom.text_size)
        self._note_images(dom)
        addresses = dom.addresses
        is_new = bool(fresh) or state is None or not addresses <= self._addresses
        self._addresses |= addresses
        span = self._unseen(dom, fresh, state) if is_new or self._has_grown(dom) else None
        if is_new:
            self._places |= dom.places
        if is_new and state is not None:
            self.states.setdefault(state)
        may_be_code = is_new and state is not None and may_show_code(fresh)
        has_code = await self._read_anew(state, by, anyway=may_be_code)
        if not is_new and span is None:
            is_bared = state is not None and by is Change.TRY and await self._bares(state)
            return has_code or is_bared
        if state is not None and self._wants_shot(state):
            self.shots[state] = await self._hands.tab.screenshot()
        await self.texts.try_all(state)
        await self.links.try_all(state, fresh)  # a click may close what is open
        if span is not None and state is not None:
            await self._scroll_part(span, state)
        elif may_be_code and state is not None:
            await self._read_elsewhere(fresh, state)
        return True

    async def _bares(self, state: Reason) -> bool:
        """Whether what was laid out all along can be used, or read, only now: what covered it may
        have gone."""
        before = len(self.links.proven), self.texts.shown
        await self.texts.try_all(state)
        if self.links.are_waiting:
            await self.links.try_all(state, is_here=True)
        is_bared = before != (len(self.links.proven), self.texts.shown)
        if is_bared:
            self.states.setdefault(state)
        return is_bared

    def _has_grown(self, dom: Dom) -> bool:
        """Whether the page is longer by now than it was when its end was reached."""
        return dom.height > self.end + OVERLAP

    def _unseen(
        self, dom: Dom, fresh: list[Node], state: Reason | None
    ) -> tuple[float, float] | None:
        """From where to where something new stands, if that is more than one screen shows, and
        the page is not being scrolled through already."""
        if self._is_scrolling or self.screens_left <= 0 or state in (None, SCROLLED):
            return None
        places = {node.place for node in fresh} | (dom.places - self._places)
        tops, ends = [], []
        if self._has_grown(dom):
            tops, ends = [max(0, self.end - OVERLAP)], [dom.height]
            self.end = dom.height
        y = dom.screen[1]
        boxes = [n.box for n in dom.nodes if n.box and n.place in places and self._scrolls(n)]
        if boxes:
            top, end = min(b[1] for b in boxes), max(b[1] + b[3] for b in boxes)
            if end - top > SCREEN - OVERLAP and not y <= top <= end <= y + SCREEN:
                tops.append(top)
                ends.append(end)
        return (min(tops), max(ends)) if tops else None

    def _scrolls(self, node: Node) -> bool:
        """Whether a thing stands on the page itself, and comes into sight as that is scrolled."""
        is_fixed = any(outer.css("position") == "fixed" for outer in node.up())
        return not is_fixed and not self._hands.is_in_a_box(node)

    async def _scroll_part(self, span: tuple[float, float], state: Reason) -> None:
        """Scroll through a part of the page, so that what comes with that comes, and back."""
        _, back = await self._hands.tab.place()
        y, self._is_scrolling = span[0], True
        while y < span[1] and self.screens_left > 0 and self._doubts():
            self.screens_left -= 1
            at = await self._hands.scroll_to(y)
            await self._hands.tab.frame()
            await self._hands.tab.advance(STEP_MS)
            await self.collect(state)
            if at < y - 1:
                break  # the end of the page
            y = at + SCREEN - OVERLAP
        if self.screens_left <= 0:
            self._untried.append(Reason.of("page_too_long", count=MAX_SCREENS))
        self._is_scrolling = False
        await self._hands.scroll_to(back)

    async def _read_elsewhere(self, fresh: list[Node], state: Reason) -> None:
        """Read the other screens on which something new stands."""
        _, y = await self._hands.tab.place()
        in_boxes = [n for n in fresh if is_of_a_codes_size(n) and self._hands.is_in_a_box(n)]
        in_boxes.sort(key=lambda n: n.box[:2][::-1] if n.box else (0, 0))
        for node in in_boxes[:MAX_FRESH_SCREENS]:  # boxes are scrolled through, too
            await self._hands.bring(node)
            await self._hands.tab.frame()
            await self._read_anew(state)
        tops = sorted(n.box[1] for n in fresh if n.box and n.name != "#text" and self._scrolls(n))
        tops = [top for top in tops if not y <= top <= y + SCREEN - OVERLAP]
        while tops and Sense.QR_CODE in self._doubts():
            y = await self._hands.scroll_to(max(0, tops[0] - OVERLAP))
            await self._hands.tab.frame()
            await self._read_anew(state, anyway=True)
            tops = [top for top in tops[1:] if top > y + SCREEN - OVERLAP]

    async def _read_anew(
        self, state: Reason | None, by: Change = Change.TRY, *, anyway: bool = False
    ) -> bool:
        """Read the screen where it looks otherwise than when it was read; whether a code was."""
        if Sense.QR_CODE not in self._doubts():
            return False
        glance = await self._hands.tab.glance()
        if not self._mosaic.is_new(glance, by) and not anyway:
            return False
        before = len(self.painted.codes)
        await self._read_screen(state)
        self._mosaic.note(glance)
        self.glance = glance
        has_code = len(self.painted.codes) > before
        if has_code and state not in (None, SCROLLED):
            self.states.setdefault(state)
        return has_code

    def has_room(self, src: str, *, is_gone: bool = False) -> bool:
        """Whether a picture of this address stands where a code has room, or may yet come there.

        `is_gone`: it is not there for anybody.
        """
        name = _name_of(src)
        may_come = self._has_canvas or name in self._named or not is_gone
        return self._rooms.get(name, may_come)

    def _note_images(self, dom: Dom) -> None:
        for node in dom.nodes:
            said = (text for name, text in node.attributes.items() if _HELD.match(name))
            self._named.update(map(_name_of, said))
        for graphic in graphics_of(dom):
            if not graphic.is_file:
                self._has_canvas = self._has_canvas or graphic.node.name == "canvas"
                continue  # it is read from the screen, and from nowhere else
            name = _name_of(graphic.src)
            self._rooms[name] = self._rooms.get(name, False) or leads.has_room(graphic)
            shown = dom.is_shown(graphic.node)
            known = self.images.get(graphic.src)
            if known is None or (shown and not known.visible.counts):
                self.images[graphic.src] = self._image(dom, graphic, shown=shown)

    def _image(self, dom: Dom, graphic: Graphic, *, shown: bool) -> Image:
        node, box = graphic.node, graphic.box
        link = next((o for o in node.up() if o.name == "a" and "href" in o.attributes), None)
        return Image(
            src=graphic.src,
            alt=dom.names_of(node),
            nearby=dom.nearby(node),
            href=link.attributes["href"] if link else None,
            shown=(box[2], box[3]) if box else None,
            visible=Visibility.SHOWN if shown else Visibility.HIDDEN,
            where=where_of(node, None),
        )

    async def _read_screen(self, state: Reason | None) -> None:
        """Read the codes that the screen shows now; what only had to be scrolled to is no state."""
        png = await self._hands.tab.screenshot()
        if state is not None and state in self.states and self._wants_shot(state):
            self.shots[state] = png
        x, y = await self._hands.tab.place()
        at = None if state == SCROLLED else state
        await self.painted.read(Screen(png, (x, y), 1, at), Effort.NORMAL, self._hands.dom)

    def _wants_shot(self, state: Reason) -> bool:
        if not self._evidence.wanted or state == SCROLLED or state in self.shots:
            return False
        return len(self.shots) < MAX_SHOTS

    def only_in_files(self) -> Iterator[QrCode]:
        """Codes that files hold and the screen does not show."""
        read = {code.payload for code in self.painted.codes}
        for code in self.page_images.codes(tuple(self.images.values())):
            if code.payload not in read:
                yield code.model_copy(update={"visible": Visibility.HIDDEN})

    async def _image_bytes(self, src: str, _effort: Effort) -> bytes | Reason:
        """The bytes of an image that the browser got."""
        request = self._hands.tab.traffic.of(src)
        if request is None:
            return Reason.of("not_asked_for")
        try:
            return await self._hands.tab.body(request.id)
        except CommandError as error:
            return Reason.of("browser_lost", detail=str(error)[:300])


def _name_of(src: str) -> str:
    """The name of a file, as it stays however its address is written."""
    return src.partition("?")[0].rpartition("/")[2].lower()
