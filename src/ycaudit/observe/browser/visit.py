"""One visit to one homepage: all that a visitor can reach, looked at state by state."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from functools import partial

from ycaudit.model import (
    EVERY_SENSE,
    PICTURES,
    BlindSpot,
    Box,
    Cause,
    Image,
    Link,
    Observation,
    Page,
    QrCode,
    Sense,
    Unseen,
    Visibility,
    Where,
)
from ycaudit.net.answer import Fetched
from ycaudit.observe import Doubts
from ycaudit.observe.browser import leads
from ycaudit.observe.browser.devtools import CommandError
from ycaudit.observe.browser.dom import TINY, Dom, Node, may_show_code
from ycaudit.observe.browser.leads import Graphic, Lead, Opener
from ycaudit.observe.browser.net_errors import cause_of
from ycaudit.observe.browser.painted import Painted, Screen, shows_something
from ycaudit.observe.browser.socks_proxy import SocksProxy
from ycaudit.observe.browser.tab import LIVE_SECONDS, MAX_DIALOGS, Point, Tab
from ycaudit.observe.challenges import bare, no_homepage, unseen_because
from ycaudit.observe.page_images import PageImages, labels_of
from ycaudit.observe.qr.reading import Effort
from ycaudit.observe.static.styles import WINDOW
from ycaudit.observe.third_parties import shows_nothing
from ycaudit.observe.tools import Tools
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.url import host_of, parse_web_url

FIRST_MS, STEP_MS, HOVER_MS, CLICK_MS = 2500, 500, 800, 1200
"""Milliseconds of the page's clock: after it came, after a scroll, a hover and a click."""
SPLASH_MS, SPLASH_STEPS = 1000, 15
CLOCK_MS = (1000, 1000, 1000, 1000, 1000, 1000, 2000, 2000, 5000, 5000, 10_000)
"""How long a visitor stays on the page, in steps: half a minute."""
SCREEN = WINDOW[1]
OVERLAP = 300
"""CSS pixels that two screens share: codes up to this size stand on one of them whole."""
MAX_SCREENS = 80
MAX_HOVERS, MAX_CLICKS, MAX_FOCUSES, MAX_OPTIONS, MAX_SCROLLED = 300, 150, 40, 200, 20
MAX_RELOADS = 8
TURN, MAX_TURNS = 400, 8
"""CSS pixels of a turn of the wheel, and turns over a box that scrolls by itself."""
MAX_FRESH_SCREENS, MAX_NOTICES = 4, 3
MAX_JUMPS = 30
"""Pages of the own host that are asked where they send their visitor."""
MAX_CLOSER = 60
"""Pictures that are looked at enlarged."""
MAX_ONWARD, MAX_INNER = 12, 40
MAX_DEPTH = 3
"""Of menus within menus."""
MAX_REPEATS = 12
"""Clicks on the same thing, while each shows something new: the arrows of a carousel."""
ANIMATION_FRAMES = 3
MAX_LOST = 20
MAX_PARTS = 4
MARGIN = 3
FEW_LINKS = 8
MAX_SHOT_HEIGHT = 8000
_LOST = {"Script": "script_lost", "Stylesheet": "sheet_lost", "Document": "frame_lost"}
_MATTERS = frozenset({"Script", "Stylesheet", "XHR", "Fetch", "Document"})


class Visit:
    """What is found out about one homepage while a tab is open on it."""

    def __init__(self, unit: Unit, tools: Tools) -> None:
        self.unit = unit
        self._tools = tools
        self._labels = labels_of(unit)
        self._evidence = tools.evidence_files(unit.target.id)
        self._page_images = PageImages(tools, self._image_bytes, self._evidence)
        self._painted = Painted(tools.decoder, self._evidence)
        self._proven: dict[str, Link] = {}
        self._leads: dict[tuple[str, str], Link] = {}
        self._images: dict[str, Image] = {}
        self._known: set[tuple[int, str]] = set()
        self._followed: set[str] = set()
        self._chosen: set[int] = set()
        self._options_left = MAX_OPTIONS
        self._untried: list[Reason] = []
        self._states: dict[Reason, None] = {}
        self._is_full = False
        self._html, self._body, self._sha256 = "", b"", ""
        self._title = ""
        self._text_size = 0
        self._final_url = unit.target.url
        self._host = ""

    def unseen(self, cause: Cause, why: Reason) -> Unseen:
        """The homepage as it could not be seen."""
        return Unseen(
            url=self.unit.target.url,
            observer="browser",
            taken_at=self._tools.now(),
            cause=cause,
            why=why,
        )

    async def observations(
        self, open_tab: Callable[[], Awaitable[Tab]], proxy: SocksProxy, doubts: Doubts
    ) -> AsyncGenerator[Observation, None]:
        """The page with ever more of it seen, until nothing is in doubt."""
        self._another_tab, self._proxy, self._doubts = open_tab, proxy, doubts
        self._tab = await open_tab()
        if (lost := await self._arrive()) is not None:
            yield lost
            return
        await self._collect(None)
        if (lost := self._no_homepage()) is not None:
            yield lost
            return
        await self._keep_evidence()
        yield self.page()
        stages: tuple[Callable[[], AsyncIterator[None]], ...] = (
            self._scroll_through,
            self._let_time_pass,
            self._scroll_boxes,
            self._point_at_things,
            self._focus_things,
            self._choose_options,
            self._click_things,
            self._wait_for_workers,
            self._read_files,
            self._look_closer,
        )
        for stage in stages:
            if not doubts():
                return
            async for _ in stage():
                yield self.page()
                if not doubts():
                    return
        self._is_full = True
        yield self.page()

    # --- arriving ---

    async def _arrive(self) -> Unseen | None:
        """Go there, wait until the page has come to rest; why it is no homepage, if so."""
        tab = self._tab
        try:
            failed = await tab.navigate(self.unit.target.url)
        except TimeoutError:
            return self.unseen(Cause.TIMEOUT, Reason.of("browser_no_answer"))
        if tab.is_download:
            return self.unseen(Cause.NOT_HTML, Reason.of("download"))
        if failed and tab.traffic.arrived is None:
            return self._not_arrived(failed)
        await tab.advance(FIRST_MS)
        if await tab.is_huge():
            return self.unseen(Cause.CRASH, Reason.of("page_too_large"))
        dom = await tab.dom()
        # A splash page sends its visitor on after some seconds.
        for _ in range(SPLASH_STEPS):
            if not _is_bare(dom):
                break
            await tab.advance(SPLASH_MS)
            dom = await tab.dom()
        response = tab.traffic.arrived
        if response is None:
            return self.unseen(Cause.CRASH, Reason.of("browser_no_page"))
        await tab.stay()
        self._html = await tab.html()
        self._body = self._html.encode()
        self._sha256 = hashlib.sha256(self._body).hexdigest()
        self._final_url = dom.main.url
        self._host = host_of(self._final_url)
        got = Fetched(
            self.unit.target.url, self._final_url, response.status, response.headers, self._body
        )
        lost = unseen_because(got, self._html)
        return self.unseen(lost.cause, lost.why) if lost else None

    def _not_arrived(self, failed: str) -> Unseen:
        found = parse_web_url(self.unit.target.url)
        known = self._proxy.troubles.get(found.host if found else "") or next(
            iter(self._proxy.troubles.values()), None
        )
        return self.unseen(*(known or cause_of(failed)))

    def _no_homepage(self) -> Unseen | None:
        links = len(self._leads)
        things = links + len(self._images) + len(self._dom.documents) - 1
        own = sum(self._is_own(link.href) for link in self._leads.values())
        why = no_homepage(
            things, self._text_size, self._html, links=links, own_links=own, title=self._title
        )
        return self.unseen(Cause.CHALLENGE, why) if why is not None else None

    async def _keep_evidence(self) -> None:
        """The page as it is painted, before anything in it is pointed at or clicked."""
        response = self._tab.traffic.arrived
        if not self._evidence.wanted or response is None:
            return
        url = self._final_url
        self._evidence.add("html", self._body, url=url)
        self._evidence.add_headers(response.headers, url=url, status=response.status)
        high = max(SCREEN, min(int(self._dom.size[1]), MAX_SHOT_HEIGHT))
        shot = await self._tab.screenshot((0, 0, WINDOW[0], high), whole=True)
        self._evidence.add("screenshot", shot, url=url)

    # --- collecting ---

    async def _collect(self, state: Reason | None) -> bool:
        """Take in what is shown now and was not before; whether there was any of it."""
        dom = self._dom = await self._tab.dom()
        fresh = dom.newly_shown(self._known)
        self._known.update(dom.looks)
        self._title = self._title or dom.main.title
        self._text_size = max(self._text_size, dom.text_size)
        self._note_images(dom)
        if not fresh and state is not None:
            return False
        if state is not None:
            self._states.setdefault(state)
        await self._try_links(state)
        if state is not None and may_show_code(fresh):
            await self._read_fresh(fresh, state)
        return True

    async def _read_fresh(self, fresh: list[Node], state: Reason) -> None:
        """Read the screens on which something new stands; first the one that is there."""
        await self._read_screen(state)
        _, y = await self._tab.place()
        tops = sorted(n.box[1] for n in fresh if n.box and n.name != "#text")
        tops = [top for top in tops if not y <= top <= y + SCREEN - OVERLAP]
        for _ in range(MAX_FRESH_SCREENS):
            if not tops or Sense.QR_CODE not in self._doubts():
                return
            y = await self._tab.scroll_to(max(0, tops[0] - OVERLAP), SCREEN)
            await self._tab.frame()
            await self._read_screen(state)
            tops = [top for top in tops if top > y + SCREEN - OVERLAP]

    async def _try_links(self, state: Reason | None) -> None:
        """Find out which of the links that are asked for a visitor can use now."""
        dom = self._dom
        for lead in leads.leads_of(dom):
            shown = dom.is_shown(lead.node) or lead.how in ("area", "option")
            shown = shown or any(dom.is_shown(inner) for inner in lead.node.down())
            key = lead.href, lead.text
            if shown or key not in self._leads:
                self._leads[key] = self._link(lead, state if shown else None, shown=shown)
            if shown and lead.href not in self._proven and self._is_sought(lead):
                await self._try(lead, state)

    def _is_own(self, href: str) -> bool:
        """Whether an address is of the unit's own host."""
        return host_of(href) == self._host

    def _is_sought(self, lead: Lead) -> bool:
        own = self._is_own(lead.href)
        if own and lead.is_plain and leads.looks_like_jump(lead.href):
            return True
        return self.unit.seeks_link(lead.href, lead.text, is_own=own)

    def _link(self, lead: Lead, state: Reason | None, *, shown: bool) -> Link:
        visible = Visibility.HIDDEN
        if shown:
            visible = Visibility.SHOWN if state is None else Visibility.ON_HOVER
        where = self._where(lead.node, state)
        return Link(href=lead.href, text=lead.text, how=lead.how, visible=visible, where=where)

    def _where(self, node: Node, state: Reason | None) -> Where:
        is_main = node.document.holder is None
        return Where(
            origin="browser" if is_main else "frame",
            url=node.document.url[:2000],
            box=node.box,
            state=state,
        )

    async def _try(self, lead: Lead, state: Reason | None) -> None:
        """Whether the link is met on the screen, and where it leads."""
        if lead.how in ("option", "form"):
            return  # chosen and clicked later
        at = await self._met(lead.node)
        if at is None or not await self._is_painted(lead.node):
            return
        if not lead.is_plain or await self._is_bound(lead.node):
            await self._click_link(at, lead, state)
        else:
            await self._leads_to(lead.href, lead, state)

    async def _is_painted(self, node: Node) -> bool:
        """Whether the place of a link shows anything at all, such as text in another colour."""
        if node.name == "area":
            return True
        parts = [node, *(n for n in node.down() if n is not node and n.box)]
        for part in parts[:MAX_PARTS]:
            for box in (await self._tab.boxes(part.id))[:2]:
                x, y = await self._tab.place()
                left, top = round(x) + box[0] - MARGIN, round(y) + box[1] - MARGIN
                clip = (left, top, box[2] + 2 * MARGIN, box[3] + 2 * MARGIN)
                if shows_something(await self._tab.screenshot(clip), MARGIN):
                    return True
        return False

    def _prove(self, href: str, lead: Lead, state: Reason | None) -> None:
        link = self._link(lead, state, shown=True)
        self._proven[href] = link.model_copy(update={"href": href})

    async def _is_bound(self, node: Node) -> bool:
        """Whether a script may do something else with a click on it."""
        listeners = await self._tab.listeners()
        return any(
            listeners.get(outer.id, set()) & leads.CLICKS
            or any(f"on{kind}" in outer.attributes for kind in leads.CLICKS)
            for outer in node.up()
        ) or bool(listeners.get(0, set()) & leads.CLICKS)

    async def _click_link(self, at: Point, lead: Lead, state: Reason | None) -> None:
        """Click it, and go on from the dialog that comes, if one does."""
        before = self._dom
        went = await self._click(at)
        if not went:
            went = await self._onward(before)
            await self._tab.press("Escape")
        for url in went:
            await self._leads_to(url, lead, state)

    async def _leads_to(self, url: str, lead: Lead, state: Reason | None) -> None:
        """Note where a click leads."""
        found = parse_web_url(url)
        if found is None:
            return
        if self.unit.seeks_link(found.href, lead.text, is_own=False):
            self._prove(found.href, lead, state)
        elif self._is_own(found.href) and self._may_jump(found.href, lead):
            await self._follow_jump(found.href, lead, state)
        else:
            key = found.href, lead.text
            link = self._link(lead, state, shown=True).model_copy(update={"href": found.href})
            self._leads.setdefault(key, link)

    def _may_jump(self, href: str, lead: Lead) -> bool:
        """Whether a page of the own host may send its visitor on to what is asked for."""
        return (
            lead.how == "option" or self.unit.names_link(lead.text) or leads.looks_like_jump(href)
        )

    async def _onward(self, before: Dom) -> list[str]:
        """Where the dialog leads that a click has opened: "you are leaving this site"."""
        now = await self._tab.dom()
        for node in leads.onward(now, now.newly_shown(before.looks))[:MAX_ONWARD]:
            at = await self._met(node, now)
            if at is not None and (went := await self._click(at)):
                return went
        return []

    async def _follow_jump(self, url: str, lead: Lead, state: Reason | None) -> None:
        """Where a page of the own host sends its visitor: asked in a tab of its own."""
        if url in self._followed or len(self._followed) >= MAX_JUMPS:
            return
        self._followed.add(url)
        tab = await self._another_tab()
        try:
            went = await _sent_on(tab, url, self._host)
        finally:
            await tab.close()
        for target in went:
            if self.unit.seeks_link(target, lead.text, is_own=False):
                via = Reason.of("state_jump", url=url[:300])
                self._prove(target, lead, via if state is None else state)

    async def _met(self, node: Node, dom: Dom | None = None) -> Point | None:
        """A point of the screen at which the visitor meets it; None if there is none."""
        dom = dom or self._dom
        if node.name == "area":
            return await self._met_area(node, dom)
        targets = [node] if node.box and node.box[2] > 1 and node.box[3] > 1 else []
        targets += [n for n in node.down() if n is not node and n.box and dom.is_shown(n)][:5]
        for target in targets:
            boxes = await self._tab.bring(target.id)
            for at in _points(boxes):
                if await self._hits(at, node, dom):
                    return at
        return None

    async def _met_area(self, node: Node, dom: Dom) -> Point | None:
        held = next((outer for outer in node.up() if outer.name == "map"), None)
        name = held.attributes.get("name") or held.attributes.get("id", "") if held else ""
        for image in dom.nodes:
            used = image.attributes.get("usemap", "").lstrip("#").lower()
            if name and used == name.lower() and (boxes := await self._tab.bring(image.id)):
                at = leads.middle_of_area(node, boxes[0])
                if at is not None and await self._tab.hit(at) in (image.id, node.id):
                    return at
        return None

    async def _hits(self, at: Point, node: Node, dom: Dom) -> bool:
        met = await self._tab.hit(at)
        found = dom.by_id.get(met) if met is not None else None
        return found is not None and found.within(node)

    async def _click(self, at: Point) -> list[str]:
        """Where a click leads; nothing of the page is left."""
        self._tab.departed()
        self._tab.traffic.acting = True
        try:
            await self._tab.click(at)
            await self._tab.advance(CLICK_MS)
            return self._tab.departed()
        finally:
            self._tab.close_popups()
            self._tab.traffic.acting = False

    # --- pictures ---

    def _note_images(self, dom: Dom) -> None:
        for graphic in leads.graphics_of(dom):
            if not graphic.is_file:
                continue  # it is read from the screen, and from nowhere else
            shown = dom.is_shown(graphic.node)
            known = self._images.get(graphic.src)
            if known is None or (shown and not known.visible.counts):
                self._images[graphic.src] = self._image(dom, graphic, shown=shown)

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
            where=self._where(node, None),
        )

    async def _read_screen(self, state: Reason | None) -> None:
        """Read the codes that the screen shows now."""
        if Sense.QR_CODE not in self._doubts():
            return
        png = await self._tab.screenshot()
        x, y = await self._tab.place()
        await self._painted.read(Screen(png, (x, y), 1, state), Effort.NORMAL, self._dom)

    # --- the stages ---

    async def _scroll_through(self) -> AsyncIterator[None]:
        """Screen by screen to the end of the page, and what comes as the visitor gets there."""
        y, last = 0.0, -1.0
        for _ in range(MAX_SCREENS):
            at = await self._tab.scroll_to(y, SCREEN)
            await self._tab.frame()
            await self._tab.advance(STEP_MS)
            state = None if y == 0 else Reason.of("state_scrolled")
            await self._collect(state)
            await self._read_screen(None)
            yield
            if at <= last and y > 0:
                break
            last, y = at, at + SCREEN - OVERLAP
            if y >= self._dom.size[1] or at + SCREEN >= self._dom.size[1]:
                break
        else:
            self._untried.append(Reason.of("page_too_long", count=MAX_SCREENS))
        await self._tab.scroll_to(0, SCREEN)

    async def _let_time_pass(self) -> AsyncIterator[None]:
        """Stay on the page: what comes by itself."""
        seconds = 0.0
        for step in CLOCK_MS:
            await self._tab.advance(step)
            await self._tab.frame()
            seconds += step / 1000
            self._tab.departed()
            if await self._collect(Reason.of("state_waited", seconds=seconds)):
                yield

    async def _scroll_boxes(self) -> AsyncIterator[None]:
        """Scroll what scrolls by itself to its end."""
        for node in leads.to_scroll(self._dom)[:MAX_SCROLLED]:
            await self._scroll_box(node, Reason.of("state_box_scrolled"))
            yield

    async def _scroll_box(self, node: Node, state: Reason) -> None:
        at = await self._met(node)
        if at is None:
            return
        for _ in range(MAX_TURNS):
            before = self._dom.inside(node)
            await self._tab.wheel(at, TURN)
            await self._tab.frame()
            await self._tab.advance(STEP_MS)
            await self._tab.frame()
            # What was laid out outside of the box is perhaps on the screen only now.
            if not await self._collect(state):
                if self._dom.inside(node) == before:
                    return
                await self._try_links(state)
            await self._read_screen(state)

    async def _point_at_things(self) -> AsyncIterator[None]:
        """Point at what may open something: first what is there only at the end of the page."""
        await self._close_what_covers()
        await self._tab.scroll_to(self._dom.size[1], SCREEN)
        await self._tab.frame()
        await self._collect(Reason.of("state_scrolled"))
        at_end = await self._pointable()
        await self._tab.scroll_to(0, SCREEN)
        await self._tab.frame()
        self._dom = await self._tab.dom()
        openers = await self._pointable()
        known = {opener.place for opener in openers}
        only_there = [opener for opener in at_end if opener.place not in known]
        self._note_untried([*only_there, *openers], MAX_HOVERS)
        if only_there:
            await self._tab.scroll_to(self._dom.size[1], SCREEN)
            await self._tab.frame()
        for opener in [*only_there, *openers][:MAX_HOVERS]:
            boxes = await self._tab.bring(opener.node, middle=opener not in only_there)
            if not boxes:
                continue
            before = self._dom
            state = Reason.of("state_hover", name=opener.caption)
            if await self._point(opener, boxes[0], state):
                yield
                if Sense.LINK in self._doubts():
                    await self._click_what_hovers(before, opener, state)
                async for _ in self._point_deeper(before, state, depth=1):
                    yield

    async def _close_what_covers(self) -> None:
        """Close the notices that lie over the page, as a visitor does before all else."""
        for _ in range(MAX_NOTICES):
            cover = await self._cover()
            if cover is None:
                return
            inside = [o for o in await self._clickable() if self._is_in(o, cover)]
            for opener in sorted(inside, key=lambda o: o.score)[:MAX_ONWARD]:
                await self._click_opener(opener)
                if all(node.place != cover.place for node in self._dom.shown):
                    break

    async def _cover(self) -> Node | None:
        """What lies fixed over most of the screen."""
        for across in (0.2, 0.5, 0.8):
            met = await self._tab.hit((WINDOW[0] * across, SCREEN * 0.3))
            node = self._dom.by_id.get(met) if met is not None else None
            for outer in node.up() if node is not None else ():
                if outer.css("position") == "fixed" and outer.box and _is_large(outer.box):
                    return outer
        return None

    def _is_in(self, opener: Opener, cover: Node) -> bool:
        node = self._dom.by_id.get(opener.node)
        if node is None or not any(o.css("position") == "fixed" for o in node.up()):
            return False
        return node.within(next((o for o in cover.up() if o.name == "body"), cover))

    async def _point(self, opener: Opener, box: Box, state: Reason) -> bool:
        """Whether pointing at it shows something new."""
        before = await self._tab.paints()
        await self._tab.point(_middle(box))
        await self._tab.advance(HOVER_MS)
        await self._tab.hit(_middle(box))  # has styles and boxes computed
        if await self._tab.paints() == before:
            return False
        await self._run_animations()
        if await self._collect(state):
            return True
        return await self._read_uncovered(opener, state)

    async def _run_animations(self) -> None:
        """Let what has been set off come to its end."""
        await self._tab.frame()
        for _ in range(ANIMATION_FRAMES):
            if not self._tab.animations:
                break
            await self._tab.frame()
        self._tab.animations = 0

    async def _read_uncovered(self, opener: Opener, state: Reason) -> bool:
        """Read a picture beside it that was laid out before, and is turned to us only now."""
        node = self._dom.by_id.get(opener.node)
        around = node.parent if node is not None else None
        if around is None or around.box is None or Sense.QR_CODE not in self._doubts():
            return False
        pictures = [n for n in around.down() if n.box and leads.is_of_a_codes_size(n)]
        if not any(n.box and not self._painted.has_read(n.box) for n in pictures):
            return False
        before = len(self._painted.codes)
        await self._read_screen(state)
        return len(self._painted.codes) > before

    async def _point_deeper(self, before: Dom, state: Reason, *, depth: int) -> AsyncIterator[None]:
        """Point at what has come up: menus open menus."""
        if depth > MAX_DEPTH:
            return
        here = self._dom
        inner = _new_nodes(before, here)
        openers = await self._pointable()
        for opener in [o for o in openers if o.node in inner][:MAX_ONWARD]:
            boxes = await self._tab.boxes(opener.node)
            if boxes and await self._point(opener, boxes[0], state):
                yield
                async for _ in self._point_deeper(here, state, depth=depth + 1):
                    yield

    async def _click_what_hovers(self, before: Dom, opener: Opener, state: Reason) -> None:
        """Click what a pointer has opened and a script has bound."""
        inner = _new_nodes(before, self._dom)
        for found in [o for o in await self._clickable() if o.node in inner][:MAX_ONWARD]:
            node = self._dom.by_id.get(found.node)
            boxes = await self._tab.boxes(found.node)
            at = next(iter(_points(boxes)), None)
            if node is None or at is None or not await self._hits(at, node, self._dom):
                continue
            lead = Lead(node, "", "handler", f"{found.caption} {opener.caption}", is_plain=False)
            for url in await self._click(at):
                await self._leads_to(url, lead, state)

    async def _pointable(self) -> list[Opener]:
        return leads.to_point_at(self._dom, await self._tab.listeners(), WINDOW, self._labels)

    async def _focus_things(self) -> AsyncIterator[None]:
        """Give the focus to what listens for it."""
        for opener in leads.to_focus(self._dom, await self._tab.listeners())[:MAX_FOCUSES]:
            if await self._tab.focus(opener.node):
                await self._tab.advance(HOVER_MS)
                if await self._collect(Reason.of("state_focus", name=opener.caption)):
                    yield

    async def _choose_options(self) -> AsyncIterator[None]:
        """Choose each option of each list, by keys, and see where it leads."""
        for select, options in leads.options_of(self._dom):
            if Sense.LINK in self._doubts():
                await self._choose_each(select, options, None)
                yield

    async def _choose_each(self, select: Node, options: list[Node], state: Reason | None) -> None:
        if select.place in self._chosen or await self._met(select) is None:
            return
        self._chosen.add(select.place)
        numbered = [(n, option, self._dom.text_of(option)) for n, option in enumerate(options)]
        for number, option, text in sorted(numbered, key=lambda o: not self._may_lead(*o[1:])):
            if self._options_left <= 0:
                self._untried.append(Reason.of("not_all_tried", count=len(options) - number))
                return
            self._options_left -= 1
            lead = Lead(option, "", "option", text, is_plain=False)
            for url in await self._choose(select, number):
                await self._leads_to(url, lead, state)

    def _may_lead(self, option: Node, text: str) -> bool:
        """Whether the choice could be what is asked for, by its value or by its name."""
        found = parse_web_url(option.attributes.get("value", ""), option.document.base)
        if found is not None and self.unit.seeks_link(found.href, text, is_own=False):
            return True
        return self.unit.names_link(text)

    async def _choose(self, select: Node, number: int) -> list[str]:
        if not await self._tab.focus(select.id):
            return []
        self._tab.departed()
        await self._tab.press("ArrowDown", alt=True)
        await self._tab.press("Home")
        for _ in range(number):
            await self._tab.press("ArrowDown")
        await self._tab.press("Enter")
        await self._tab.advance(CLICK_MS)
        if went := self._tab.departed():
            return went
        # A button beside the list may be what leads there.
        for node in leads.buttons_beside(select)[:2]:
            if (at := await self._met(node)) is not None and (went := await self._click(at)):
                return went
        return []

    async def _click_things(self) -> AsyncIterator[None]:
        """Click what does something; what a click has opened is clicked, too."""
        openers = await self._clickable()
        self._note_untried(openers, MAX_CLICKS)
        todo = openers[:MAX_CLICKS]
        for reloads in range(MAX_RELOADS + 1):
            blocked: list[Opener] = []
            for opener in todo:
                if not await self._click_opener(opener):
                    blocked.append(opener)
                else:
                    yield
            if not blocked or len(blocked) == len(todo) or reloads == MAX_RELOADS:
                break
            todo = await self._again(blocked)

    async def _clickable(self) -> list[Opener]:
        return leads.to_click(self._dom, await self._tab.listeners(), WINDOW, self._labels)

    async def _click_opener(self, opener: Opener) -> bool:
        """Click it and take in what comes of it; False where something lies over it."""
        node = self._dom.by_id.get(opener.node)
        if node is None or not self._dom.is_shown(node):
            return False
        at = await self._met(node)
        if at is None:
            return False
        before = self._dom
        lead = Lead(node, "", "handler", opener.caption, is_plain=False)
        state = Reason.of("state_click", name=opener.caption)
        for _ in range(MAX_REPEATS):
            went = await self._click(at)
            await self._run_animations()
            for url in went:
                await self._leads_to(url, lead, None)
            now = self._dom
            if went or not await self._collect(state):
                break
            await self._try_what_came(now, state)
            await self._click_what_came(now, at, lead, state)
        if _uncovers(before, self._dom):
            await self._read_screen(state)
            async for _ in self._scroll_through():
                pass
        return True

    async def _try_what_came(self, before: Dom, state: Reason) -> None:
        """Scroll, choose and point in what a click has opened."""
        inner = _new_nodes(before, self._dom)
        here = self._dom
        for node in leads.to_scroll(here):
            if node.id in inner:
                await self._scroll_box(node, state)
        for select, options in leads.options_of(here):
            if select.id in inner:
                await self._choose_each(select, options, state)
        async for _ in self._point_deeper(before, state, depth=MAX_DEPTH):
            pass

    async def _click_what_came(self, before: Dom, at: Point, lead: Lead, state: Reason) -> None:
        """What a click has opened may itself open something, or lead on."""
        inner = _new_nodes(before, self._dom)
        for opener in [o for o in await self._clickable() if o.node in inner][:MAX_INNER]:
            node = self._dom.by_id.get(opener.node)
            spot = await self._met(node) if node is not None else None
            if spot is None:  # the choice before has closed the list
                await self._click(at)
                self._dom = await self._tab.dom()
                node = next((n for n in self._dom.nodes if n.place == opener.place), None)
                spot = await self._met(node) if node is not None else None
            if node is None or spot is None:
                continue
            for url in await self._click(spot):
                text = f"{opener.caption} {lead.text}"
                on = Lead(node, "", "handler", text, is_plain=False)
                await self._leads_to(url, on, state)
            await self._collect(state)

    async def _again(self, openers: list[Opener]) -> list[Opener]:
        """Load the page anew, since what was opened lies over the rest."""
        await self._tab.leave(self.unit.target.url)
        await self._tab.advance(FIRST_MS)
        await self._tab.stay()
        self._dom = await self._tab.dom()
        wanted = {opener.place for opener in openers}
        return [opener for opener in await self._clickable() if opener.place in wanted]

    async def _wait_for_workers(self) -> AsyncIterator[None]:
        """Workers and sockets have clocks of their own."""
        while await self._tab.is_lively():
            await self._tab.rest()
            await self._tab.advance(STEP_MS)
            if await self._collect(Reason.of("state_waited", seconds=LIVE_SECONDS)):
                yield

    async def _read_files(self) -> AsyncIterator[None]:
        """What the files of the pictures hold: to know where to look closer, never a pass."""
        if Sense.QR_CODE in self._doubts():
            await self._page_images.read(self._images.values(), Effort.NORMAL, labels=self._labels)
            yield

    async def _look_closer(self) -> AsyncIterator[None]:
        """Read each picture that may be a code enlarged, and every screen with all effort."""
        if Sense.QR_CODE not in self._doubts():
            return
        await self._tab.point((1, 1))
        self._dom = await self._tab.dom()
        for graphic in self._candidates()[:MAX_CLOSER]:
            boxes = await self._tab.bring(graphic.node.id)
            if not boxes:
                continue
            await self._read_enlarged(boxes[0])
            yield
        await self._painted.read_thoroughly(self._dom)
        yield

    def _candidates(self) -> list[Graphic]:
        held = self._page_images.holders(self._images.values(), self.unit.seeks_code)
        found: dict[Box, Graphic] = {}
        for graphic in leads.graphics_of(self._dom):
            if graphic.box is None or min(graphic.box[2:]) < TINY:
                continue
            if not self._dom.is_shown(graphic.node):
                continue
            if graphic.src in held or leads.is_like_a_code(self._dom, graphic):
                found.setdefault(graphic.box, graphic)
        return sorted(found.values(), key=lambda g: g.src not in held)

    async def _read_enlarged(self, box: Box) -> None:
        x, y = await self._tab.place()
        left, top = max(0, box[0] - 12), max(0, box[1] - 12)
        wide = min(WINDOW[0] - left, box[0] + box[2] + 12 - left)
        high = min(SCREEN - top, box[1] + box[3] + 12 - top)
        if wide < TINY or high < TINY:
            return
        at = round(x + left), round(y + top)
        png = await self._tab.screenshot((*at, wide, high), scale=2)
        await self._painted.read(Screen(png, at, 2, None), Effort.THOROUGH, self._dom)

    def _note_untried(self, openers: list[Opener], most: int) -> None:
        if len(openers) > most:
            self._untried.append(Reason.of("not_all_tried", count=len(openers) - most))

    # --- what is known ---

    def page(self) -> Page:
        """All that is known now."""
        response = self._tab.traffic.arrived
        assert response is not None
        images = tuple(self._images.values())
        return Page(
            url=self.unit.target.url,
            final_url=self._final_url,
            status=response.status,
            observer="browser",
            taken_at=self._tools.now(),
            sha256=self._sha256,
            title=self._title,
            links=tuple(self._links()),
            images=self._page_images.described(images),
            qr_codes=(*self._painted.codes, *self._only_in_files(images)),
            blind_spots=tuple(self._blind_spots()),
            states=tuple(self._states),
            remarks=tuple(self._remarks()),
            evidence_files=self._evidence.kept,
        )

    def _remarks(self) -> Iterator[Reason]:
        if self._leads and not any(self._is_own(link.href) for link in self._leads.values()):
            yield Reason.of("no_own_link")

    def _links(self) -> Iterator[Link]:
        yield from self._proven.values()
        for (href, _), link in self._leads.items():
            if href in self._proven:
                continue
            # What is laid out, and no visitor could get at: covered, or dead.
            out_of_reach = link.visible.counts and self.unit.seeks_link(
                href, link.text, is_own=self._is_own(href)
            )
            update = {"visible": Visibility.HIDDEN} if out_of_reach else {}
            yield link.model_copy(update=update)

    def _only_in_files(self, images: Iterable[Image]) -> Iterator[QrCode]:
        """Codes that files hold and the screen does not show."""
        read = {code.payload for code in self._painted.codes}
        for code in self._page_images.codes(tuple(images)):
            if code.payload not in read:
                yield code.model_copy(update={"visible": Visibility.HIDDEN})

    def _blind_spots(self) -> Iterator[BlindSpot]:
        blind = partial(self._blind, EVERY_SENSE)
        if not self._is_full:
            yield blind(Reason.of("not_explored_yet"))
        if (why := bare(len(self._leads), self._text_size)) is not None:
            yield blind(why)
        for why in self._untried:
            yield blind(why)
        if self._dom.is_cut or self._tab.traffic.too_many:
            yield blind(Reason.of("page_too_large"))
        response = self._tab.traffic.arrived
        if response is None or response.failure:
            yield blind(Reason.of("page_cut_off"))
        if self._tab.dialogs >= MAX_DIALOGS:
            yield blind(Reason.of("asks_without_end"))
        if self._proxy.exhausted:
            yield blind(Reason.of("too_costly"))
        yield from self._lost()
        yield from self._painted.blind_spots()
        yield from self._page_images.damaged(self._images.values())

    def _lost(self) -> Iterator[BlindSpot]:
        """What the page asked for and did not get, if it could have shown something."""
        named = 0
        for request in self._tab.traffic.lost():
            if request.by_us or shows_nothing(request.url):
                continue
            why = self._why_lost(request.failure, request.status, request.url)
            if request.kind == "Image":
                reason = Reason.of("image_lost", src=request.url[:200], because=why)
            elif request.kind in _MATTERS:
                code = _LOST.get(request.kind, "request_lost")
                reason = Reason.of(code, url=request.url[:200], because=why)
            else:
                continue
            hides = PICTURES if request.kind in ("Image", "Stylesheet") else EVERY_SENSE
            yield self._blind(hides, reason)
            named += 1
            if named >= MAX_LOST:
                return
        for request in self._tab.traffic.pending():
            if request.kind in {*_MATTERS, "Image"} and not shows_nothing(request.url):
                hides = PICTURES if request.kind == "Image" else EVERY_SENSE
                yield self._blind(hides, Reason.of("request_pending", url=request.url[:200]))

    def _why_lost(self, failure: str, status: int, url: str) -> Reason:
        if not failure:
            return Reason.of("http_status", status=status)
        known = self._proxy.troubles.get(host_of(url))
        return known[1] if known else cause_of(failure)[1]

    def _blind(self, hides: frozenset[Sense], why: Reason) -> BlindSpot:
        where = Where(origin="browser", url=self._final_url[:2000])
        return BlindSpot(hides=hides, why=why, where=where)

    async def _image_bytes(self, src: str, _effort: Effort) -> bytes | Reason:
        """The bytes of an image that the browser got."""
        request = self._tab.traffic.of(src)
        if request is None:
            return Reason.of("not_asked_for")
        try:
            return await self._tab.body(request.id)
        except CommandError as error:
            return Reason.of("browser_lost", detail=str(error)[:300])


async def _sent_on(tab: Tab, url: str, own: str) -> list[str]:
    """Where a page sends its visitor: by redirects, scripts, or a button that says so."""
    await tab.stay(own)
    await tab.navigate(url)
    await tab.advance(6000)
    if went := tab.departed():
        return went
    dom = await tab.dom()
    if dom.text_size > 1500:
        return []
    return [lead.href for lead in leads.leads_of(dom) if dom.is_shown(lead.node) and lead.is_plain]


def _new_nodes(before: Dom, now: Dom) -> set[int]:
    """The numbers of what is shown now and was not before, and of what it stands in."""
    known = {n.place for n in before.shown}
    outer = {
        o.id for n in now.newly_shown(before.looks) for o in n.up() if o.document is n.document
    }
    return {number for number in outer if now.by_id[number].place not in known}


def _is_large(box: Box) -> bool:
    return box[2] * box[3] > 0.4 * WINDOW[0] * SCREEN


def _is_bare(dom: Dom) -> bool:
    """Whether a page looks as if it were to send its visitor on."""
    return sum(n.name in ("a", "area", "option") for n in dom.nodes) < FEW_LINKS


def _points(boxes: list[Box]) -> Iterator[Point]:
    """Points of a thing to try a click at: its middle first."""
    for x, y, wide, high in boxes[:4]:
        for across in (0.5, 0.15, 0.85):
            for down in (0.5, 0.15, 0.85):
                at = x + wide * across, y + high * down
                if 0 <= at[0] < WINDOW[0] and 0 <= at[1] < WINDOW[1]:
                    yield at


def _middle(box: Box) -> Point:
    """The middle of what of a box is on the screen."""
    left, right = max(box[0], 0), min(box[0] + box[2], WINDOW[0])
    top, bottom = max(box[1], 0), min(box[1] + box[3], SCREEN)
    return (left + right) / 2, (top + bottom) / 2


def _uncovers(before: Dom, after: Dom) -> bool:
    """Whether something large is gone that lay over the page."""
    gone = [n for n in before.newly_shown(after.looks) if n.box]
    return any(n.box and n.box[2] * n.box[3] > 0.1 * WINDOW[0] * SCREEN for n in gone) or any(
        outer.css("position") == "fixed" for n in gone for outer in n.up()
    )
