"""One visit to one homepage: going there, looking at it state by state, and what is known then."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import count

from ycaudit.model import EVERY_SENSE, BlindSpot, Cause, Observation, Page, Sense, Unseen, Where
from ycaudit.net.answer import Fetched
from ycaudit.observe import Doubts
from ycaudit.observe.browser import certificates, things
from ycaudit.observe.browser.devtools import CommandError, GoneError
from ycaudit.observe.browser.dom import Dom
from ycaudit.observe.browser.explore import Explorer
from ycaudit.observe.browser.hands import Closers, Hands
from ycaudit.observe.browser.links import Links
from ycaudit.observe.browser.losses import losses
from ycaudit.observe.browser.net_errors import cause_of
from ycaudit.observe.browser.own_pages import OpenTab
from ycaudit.observe.browser.painted import fewer_colours
from ycaudit.observe.browser.sight import SCREEN, SCROLLED, Sight
from ycaudit.observe.browser.socks_proxy import SocksProxy
from ycaudit.observe.browser.tab import MAX_DIALOGS, Tab
from ycaudit.observe.browser.texts import Texts
from ycaudit.observe.browser.tries import FIRST_MS, SPLASH_MS, SPLASH_STEPS, OtherPageError
from ycaudit.observe.challenges import bare, no_homepage, no_page, unseen_because
from ycaudit.observe.static.sheets import WINDOW
from ycaudit.observe.tools import Tools
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.url import host_of, parse_web_url, same_page, same_site

NATURAL_SECONDS = 3.0
"""Of real time at the beginning of a look that is to confirm that something lacks."""
FEW_LINKS = 8
STAYS_MS = 30_000
"""Of the page's clock: how long a visitor stays on a page and does nothing."""
MAX_SHOT_HEIGHT = 8000
MAX_ONWARD = 2
"""How often a page sends its visitor on to another one, after he has had time to look at it."""
_BEGINS = re.compile(rb"<(?:html|body)\b", re.IGNORECASE)
_ENDS = re.compile(rb"</(?:html|body)\b", re.IGNORECASE)


class Visit:
    """What is found out about one homepage while a tab is open on it."""

    def __init__(self, unit: Unit, tools: Tools, closers: Closers, *, again: bool) -> None:
        self.unit = unit
        self._again = again
        self.tab: Tab | None = None
        self.has_seen = False
        """Whether the page has let itself be looked at."""
        self._closers = closers
        self._tools = tools
        self._evidence = tools.evidence_files(unit.target.id)
        named = (name for name in closers.closing.values() if not things.closes(name))
        self._untried = [Reason.of("closes_page", name=name) for name in named]
        self._splash_steps = 0
        """How often the page was waited for, since it may have sent its visitor on."""
        self._is_full = self._breaks_off = False
        self._at = unit
        """The unit by the page that is looked at: the homepage, or where that sends its visitor."""
        self._onward: str | None = None
        """Where the page sends its visitor by itself, once it was looked at."""
        self._before: Page | None = None
        """What was seen of the page that has sent its visitor on."""
        self._at_last = SCROLLED
        """What the tab shows when all was tried."""
        self._html, self._body, self._sha256 = "", b"", ""
        self._final_url = unit.target.url

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
        self, open_tab: OpenTab, proxy: SocksProxy, doubts: Doubts
    ) -> AsyncGenerator[Observation, None]:
        """The page with ever more of it seen, until nothing is in doubt."""
        self._tab = self.tab = await open_tab()
        self._proxy = proxy
        if (lost := await self._arrive()) is not None:
            yield lost
            return
        for number in count():
            async for seen in self._looked(open_tab, doubts):
                if isinstance(seen, Page) or self._before is None:
                    yield seen
            if self._onward is None or not doubts() or number == MAX_ONWARD:
                return  # of one that sends him on without end not everything was explored
            if not await self._goes_on(self._onward):
                break
        if self._before is not None:
            yield self._before

    async def _looked(self, open_tab: OpenTab, doubts: Doubts) -> AsyncGenerator[Observation, None]:
        """The page on which the tab is, with ever more of it seen."""
        self._is_full = self._breaks_off = False
        self._hands = Hands(self._tab, self._closers)
        self._links = Links(
            self._at, self._hands, open_tab, host=host_of(self._final_url), untried=self._untried
        )
        self._texts = Texts(self._at, self._hands, doubts)
        self._sight = Sight(
            *(self._tools, self._evidence, self._hands, self._links, self._texts, doubts),
            untried=self._untried,
        )
        await self._sight.collect(None)
        if (lost := self._no_homepage()) is not None:
            yield lost
            return
        self.has_seen = True
        await self._keep_evidence()
        yield self.page()
        explorer = Explorer(
            *(self._at, self._sight, self._hands, doubts, self._untried),
            splash_steps=self._splash_steps,
        )
        try:
            for stage in explorer.stages:
                if not doubts():
                    return
                async for _ in stage():
                    yield self.page()
                    if not doubts():
                        return
        except OtherPageError:
            self._at_last = Reason.of("other_page_came")
            self._untried.append(self._at_last)
        await self._see_whether_it_sends_on()
        sent = (url for url in self._tab.departures.sent_on if not same_page(url, self._final_url))
        self._onward = next(sent, None)
        self._is_full = self._onward is None
        await self._see_to_its_end()
        await self._keep_states()
        yield self.page()

    async def _see_whether_it_sends_on(self) -> None:
        """Load the page anew and do nothing, where it led on after something was clicked: only
        what it does by itself is the page's own doing."""
        departures = self._tab.departures
        perhaps, departures.perhaps_sent_on = departures.perhaps_sent_on, set()
        if perhaps <= departures.sent_on.keys():
            return
        with suppress(TimeoutError):
            await self._tab.leave(self._at.target.url)
            await self._tab.arrive(FIRST_MS)
            await self._tab.stay()
            await self._tab.advance(STAYS_MS)
        await self._hands.look()

    # --- arriving ---

    async def _goes_on(self, url: str) -> bool:
        """Go where the page sends its visitor by itself; whether that is another one, where he
        stays."""
        self._is_full, seen = True, self._hands.dom
        self._before = before = self.page()
        self._tab.departures.sent_on.clear()
        target = self.unit.target.model_copy(update={"url": url})
        self._at = replace(self.unit, target=target)
        if (lost := await self._arrive()) is not None:
            spots = (*before.blind_spots, self._blind(EVERY_SENSE, lost.why))
            self._before = before.model_copy(update={"blind_spots": spots})
            return False
        return not seen.is_alike(await self._tab.dom())

    async def _see_to_its_end(self) -> None:
        """Note where packed data has broken off, which Chromium takes for the end of the page."""
        response = self._response
        if response is None or not response.headers.get("content-encoding"):
            return
        with suppress(CommandError):
            body = await self._tab.body(response.id)
            self._breaks_off = _BEGINS.search(body) is not None and _ENDS.search(body) is None

    async def _arrive(self) -> Unseen | None:
        """Go there, wait until the page has come to rest; why it is no homepage, if so."""
        tab = self._tab
        try:
            url = self._at.target.url
            failed = await (tab.leave(url) if self._before else tab.navigate(url))
        except TimeoutError:
            return self.unseen(Cause.TIMEOUT, Reason.of("browser_no_answer"))
        if tab.is_download:
            return self.unseen(Cause.NOT_HTML, Reason.of("download"))
        if failed and tab.traffic.arrived is None:
            if "ERR_ABORTED" in failed:  # also said where the page's process died on the way
                raise GoneError(failed)
            return self._not_arrived(failed)
        if self._again and self._before is None:
            await tab.live(NATURAL_SECONDS)
        await tab.arrive(FIRST_MS)
        if await tab.is_huge():
            return self.unseen(Cause.CRASH, Reason.of("page_too_large"))
        dom = await self._past_splash()
        self._response = response = tab.traffic.arrived
        if response is None:
            return self.unseen(Cause.CRASH, Reason.of("browser_no_page"))
        await tab.stay()
        self._html = await tab.html()
        self._body = self._html.encode()
        self._sha256 = hashlib.sha256(self._body).hexdigest()
        self._final_url = dom.main.url
        got = Fetched(
            *(self.unit.target.url, self._final_url, response.status, response.headers),
            *(self._body, self._cut_off),
        )
        lost = unseen_because(got, self._html)
        return self.unseen(lost.cause, lost.why) if lost else None

    async def _past_splash(self) -> Dom:
        """What is laid out, once a page that sends its visitor on has had time to do so."""
        dom = await self._tab.dom()
        for _ in range(SPLASH_STEPS):
            if not _is_bare(dom):
                break
            await self._tab.advance(SPLASH_MS)
            self._splash_steps += 1
            dom = await self._tab.dom()
        return dom

    def _not_arrived(self, failed: str) -> Unseen:
        found = parse_web_url(self.unit.target.url)
        known = self._proxy.troubles.get(found.host if found else "") or next(
            iter(self._proxy.troubles.values()), None
        )
        return self.unseen(*(known or cause_of(failed)))

    def _no_homepage(self) -> Unseen | None:
        links, sight = self._links.count, self._sight
        why = no_homepage(
            links + len(sight.images) + len(self._hands.dom.documents) - 1,
            sight.text_size,
            self._html,
            self._hands.dom.text,
            own=self._links.host,
            linked=self._links.hosts,
            title=sight.title,
            truncated=self._cut_off,
        )
        if why is None:
            return None
        lost = no_page(self.unit.target.url, why)
        return self.unseen(lost.cause, lost.why)

    @property
    def _cut_off(self) -> Reason | None:
        """That the document did not come to its end, where it did not."""
        arrived = self._tab.traffic.arrived
        is_cut = arrived is None or arrived.failure or self._breaks_off
        return Reason.of("page_cut_off") if is_cut else None

    async def _keep_evidence(self) -> None:
        """The page as it is painted, before anything in it is pointed at or clicked."""
        response = self._response
        if not self._evidence.wanted or response is None:
            return
        url = self._final_url
        self._evidence.add("html", self._body, url=url)
        self._evidence.add_headers(response.headers, url=url, status=response.status)
        self._evidence.add("screenshot", await self._whole_page(), url=url)

    async def _keep_states(self) -> None:
        """What was seen in each state, and the whole page after all was tried: something lacks."""
        if not self._evidence.wanted:
            return
        shots = {**self._sight.shots, self._at_last: await self._whole_page()}
        for state, shot in shots.items():
            small = await self._tools.threads.run(partial(fewer_colours, shot))
            self._evidence.add("state", small, url=self._final_url, state=state)

    async def _whole_page(self) -> bytes:
        high = max(SCREEN, min(int(self._hands.dom.size[1]), MAX_SHOT_HEIGHT))
        return await self._tab.screenshot((0, 0, WINDOW[0], high), whole=True)

    # --- what is known ---

    def page(self) -> Page:
        """All that is known now."""
        response, sight = self._response, self._sight
        assert response is not None
        seen = Page(
            url=self.unit.target.url,
            final_url=self._final_url,
            status=response.status,
            observer="browser",
            taken_at=self._tools.now(),
            sha256=self._sha256,
            title=sight.title,
            links=tuple(self._links.told()),
            images=sight.page_images.described(tuple(sight.images.values())),
            qr_codes=(*sight.painted.codes, *sight.only_in_files()),
            sought=self.unit.sought,
            texts=self._texts.told(),
            blind_spots=tuple(self._blind_spots()),
            states=tuple(sight.states),
            remarks=tuple(self._remarks()),
            evidence_files=self._evidence.kept,
        )
        return seen if self._before is None else _and_before(seen, self._before)

    def _remarks(self) -> Iterator[Reason]:
        response = self._response
        if response is not None and response.certificate is not None:
            why = certificates.trouble(response.url, response.certificate, self._tools.now())
            yield Reason.of("tls_unverified", because=why)
        hosts = self._links.hosts
        if hosts and not any(same_site(host, self._links.host) for host in hosts):
            yield Reason.of("no_own_link")
        for url, seconds in self._tab.departures.sent_on.items():
            if not same_page(url, self._final_url):
                yield Reason.of("sends_on", url=url[:300], seconds=round(seconds))

    def _blind_spots(self) -> Iterator[BlindSpot]:
        yield from map(partial(self._blind, EVERY_SENSE), self._doubtful())
        lost = losses(self._tab.traffic, self._proxy, self.unit.third_parties, self._sight.has_room)
        yield from (self._blind(*loss) for loss in lost)
        blank = [Reason.of("blank_window")] if self._tab.departures.blank_windows else []
        for why in (*blank, *self._links.unknown):
            yield self._blind(frozenset({Sense.LINK}), why)
        yield from (self._blind(*unread) for unread in self._texts.unread())
        known = [code.where.box for code in self._sight.only_in_files() if code.where.box]
        yield from self._sight.painted.blind_spots(known)
        roomy = (each for each in self._sight.images.values() if self._sight.has_room(each.src))
        yield from self._sight.page_images.damaged(roomy)

    def _doubtful(self) -> Iterator[Reason]:
        """Why anything at all may be there that was not seen."""
        traffic = self._tab.traffic
        if not self._is_full:
            yield Reason.of("not_explored_yet")
        if (why := bare(self._links.count, self._sight.text_size)) is not None:
            yield why
        yield from dict.fromkeys(self._untried)
        if self._hands.dom.is_cut or traffic.too_many:
            yield Reason.of("page_too_large")
        if self._cut_off is not None:
            yield self._cut_off
        if self._tab.dialogs >= MAX_DIALOGS:
            yield Reason.of("asks_without_end")
        if self._proxy.exhausted:
            yield Reason.of("too_costly")

    def _blind(self, hides: frozenset[Sense], why: Reason) -> BlindSpot:
        where = Where(origin="browser", url=self._final_url[:2000])
        return BlindSpot(hides=hides, why=why, where=where)


def _and_before(page: Page, before: Page) -> Page:
    """A page with what was seen of the one that has sent its visitor there."""
    both = ("links", "images", "qr_codes", "blind_spots", "states", "remarks")
    joined = {name: (*getattr(before, name), *getattr(page, name)) for name in both}
    if page.texts is not None:
        joined["texts"] = (*(before.texts or ()), *page.texts)
    return page.model_copy(update={n: tuple(dict.fromkeys(found)) for n, found in joined.items()})


def _is_bare(dom: Dom) -> bool:
    """Whether a page looks as if it were to send its visitor on."""
    return sum(n.name in ("a", "area", "option") for n in dom.nodes) < FEW_LINKS
