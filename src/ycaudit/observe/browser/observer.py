"""Looks at a homepage as a visitor does: a real browser runs its scripts and paints it."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from pydantic import ValidationError

from ycaudit import CHROME, USER_AGENT
from ycaudit.model import (
    EVERY_SENSE,
    PICTURES,
    BlindSpot,
    Cause,
    Image,
    Link,
    Observation,
    Page,
    Sense,
    Unseen,
    Visibility,
    Where,
)
from ycaudit.net.answer import Fetched
from ycaudit.observe import Doubts, analytics
from ycaudit.observe.analytics import is_analytics
from ycaudit.observe.browser.chromium import BrowserPool
from ycaudit.observe.browser.snapshot import Place, SeenDocument, image_of, is_unclear, links_of
from ycaudit.observe.browser.socks_proxy import SocksProxy, open_socks_proxy
from ycaudit.observe.challenges import no_homepage, unseen_because
from ycaudit.observe.page_images import PageImages, labels_of
from ycaudit.observe.qr.reading import Effort
from ycaudit.observe.static.styles import WINDOW
from ycaudit.observe.tools import Tools
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.url import parse_url, parse_web_url

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, ElementHandle, Frame, Request, Response
    from playwright.async_api import Page as Tab

POOL = 4
"""Visits at once. On two cores 4 do 1.4 times the pages of 2 for 70 MB more (`bench/browser.py`): a
visit waits for its page to rest more than it computes."""
GOTO_SECONDS = 15.0
SETTLE_SECONDS = 8.0
SCROLL_SECONDS = 3.0
MAX_POINTED = 40
_FORGET_MARKS = """() => {
  for (const name of ["root", "code", "drawn"])
    for (const el of document.querySelectorAll(`[data-ycaudit-${name}]`))
      el.removeAttribute(`data-ycaudit-${name}`);
}"""
COLLECT_SECONDS = 20.0
CONNECT_SECONDS = 8.0
BODY_SECONDS = 10.0
QUIET_SECONDS = 0.5
"""Neither a request under way, nor a change of the page, nor a short timer waiting, for so long."""
MAX_LINKS, MAX_IMAGES, MAX_ELEMENTS, MAX_ROOTS = 20_000, 2_000, 50_000, 40
MAX_FRAMES = 30
MAX_CLICKS = 80
MAX_SHOT_HEIGHT = 8000
MENU_LINKS = 8
_NO_BODY = re.compile(r"No resource|No data|evicted|inspector cache", re.IGNORECASE)
# What cannot show a link or a code is not asked for at all: fonts, media, and services that count.
_UNNEEDED = [
    *(f"*.{suffix}*" for suffix in ("woff", "ttf", "eot", "otf", "mp4", "webm", "mp3", "flv")),
    *(f"*://{host}/*" for host in analytics.HOSTS),
]
_LOST = {"script": "script_lost", "stylesheet": "sheet_lost", "document": "frame_lost"}
_MATTERS = frozenset({"script", "stylesheet", "xhr", "fetch", "document"})


class BrowserObserver:
    """The observer that sees what a visitor sees, for what the static observer leaves open."""

    name = "browser"

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        assert tools.browser is not None, "ask why_no_browser first"
        self._pool = BrowserPool(tools.browser, size=POOL)

    def place(self) -> AbstractAsyncContextManager[None]:
        """One of the few tabs that are open at once."""
        return self._pool.place()

    async def look(self, unit: Unit, doubts: Doubts) -> AsyncGenerator[Observation, None]:
        """What the painted page shows, then what is read in its images, with growing effort."""
        async with self._pool.browser() as browser:
            for attempt in (1, 2):
                visit = _Visit(unit, self._tools)
                try:
                    async with AsyncExitStack() as stack:
                        await visit.open(browser, stack)
                        lost = await visit.arrive()
                        if lost is not None:
                            yield lost
                            return
                        async with asyncio.timeout(COLLECT_SECONDS * visit.patience):
                            await visit.collect()
                        async for page in visit.observations(doubts):
                            yield page
                        return
                except TimeoutError:
                    yield visit.unseen(Cause.TIMEOUT, Reason.of("browser_kept_out"))
                    return
                except _driver_error() as error:
                    # A renderer that crashed or hung costs one more try, never the run.
                    if attempt == 2 or not browser.is_connected():
                        yield visit.unseen(*_why_unseen(error))
                        return

    async def aclose(self) -> None:
        """Close the browser."""
        await self._pool.aclose()


class _Traffic:
    """The requests under way, and when there have been none for a while."""

    def __init__(self) -> None:
        self.under_way: set[Request] = set()
        self.is_over = False
        """Whether the renderer has died."""
        self._silence = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def silent(self) -> bool:
        """Whether nothing has been loading for a while."""
        return self._silence.is_set()

    async def silence(self) -> None:
        """Wait for it."""
        await self._silence.wait()

    def begin(self, request: Request) -> None:
        """A request starts; streams that never end are not waited for."""
        if request.resource_type in ("media", "websocket", "eventsource"):
            return
        self.under_way.add(request)
        self._silence.clear()
        if self._timer is not None:
            self._timer.cancel()

    def end(self, request: Request) -> None:
        """A request has ended, well or not."""
        self.under_way.discard(request)
        if not self.under_way:
            if self._timer is not None:
                self._timer.cancel()
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(QUIET_SECONDS, self._silence.set)

    def give_up(self, _tab: Tab) -> None:
        """The renderer has died, and nothing more comes."""
        self.is_over = True
        self._silence.set()


class _Visit:
    """One visit to one homepage in a context of its own."""

    def __init__(self, unit: Unit, tools: Tools) -> None:
        self.unit = unit
        self.tools = tools
        self.patience = tools.fetcher.options.limits.patience
        self.socks_proxy = SocksProxy()
        self.arrived: Response | None = None
        self.responses: dict[str, Response] = {}
        self.failed: dict[str, tuple[str, Reason]] = {}
        self.traffic = _Traffic()
        self.links: list[Link] = []
        self.images: list[Image] = []
        self.drawn: dict[str, ElementHandle] = {}
        self.blind: list[BlindSpot] = []
        self.pointed = False
        self.title = ""
        self.html = ""
        self.text_size = 0
        self.evidence_files = tools.evidence_files(unit.target.id)
        self.page_images = PageImages(tools, self._image_bytes, self.evidence_files)

    # --- opening and arriving ---

    async def open(self, browser: object, stack: AsyncExitStack) -> None:
        """Open a fresh context behind a SOCKS proxy of its own."""
        from playwright.async_api import Browser

        assert isinstance(browser, Browser)
        connector = self.tools.fetcher.connector.admitting(self.unit.target.intranet)
        self.socks_proxy = await stack.enter_async_context(
            open_socks_proxy(connector, CONNECT_SECONDS * self.patience)
        )
        context = await browser.new_context(
            proxy={"server": f"socks5://127.0.0.1:{self.socks_proxy.port}"},
            user_agent=self._user_agent(browser.version),
            viewport={"width": WINDOW[0], "height": WINDOW[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            ignore_https_errors=True,
            service_workers="block",
            accept_downloads=False,
        )
        stack.push_async_callback(_close, context)
        await context.add_init_script(_script("watch.js"))
        self.tab = await context.new_page()
        self.tab.set_default_timeout(GOTO_SECONDS * self.patience * 1000)
        await self._listen(context)

    def _user_agent(self, version: str) -> str:
        """As asked for; else the browser's own, on the desktop of most visitors."""
        asked = self.tools.fetcher.options.user_agent
        if asked != USER_AGENT:
            return asked
        return CHROME.replace("/140.", f"/{version.partition('.')[0]}.")

    async def _listen(self, context: BrowserContext) -> None:
        tab = self.tab
        tab.on("request", self.traffic.begin)
        tab.on("requestfinished", self.traffic.end)
        tab.on("requestfailed", self._note_failure)
        tab.on("crash", self.traffic.give_up)
        tab.on("response", self._note_response)
        tab.on("dialog", lambda dialog: asyncio.ensure_future(_quietly(dialog.dismiss())))
        context.on("page", self._only_one)
        session = await context.new_cdp_session(tab)
        await session.send("Network.enable")
        await session.send("Network.setBlockedURLs", {"urls": _UNNEEDED})

    def _only_one(self, other: Tab) -> None:
        if other is not self.tab:
            asyncio.ensure_future(_quietly(other.close()))  # noqa: RUF006 - nobody waits for it

    def _note_failure(self, request: Request) -> None:
        self.traffic.end(request)
        reason = request.failure or "lost"
        if "BLOCKED_BY_CLIENT" in reason or "ERR_ABORTED" in reason:
            return
        self.failed[request.url] = (request.resource_type, self._why(request.url, reason))

    def _why(self, url: str, failure: str) -> Reason:
        found = parse_web_url(url)
        known = self.socks_proxy.troubles.get(found.host) if found else None
        return known[1] if known else cause_of(failure)[1]

    def _note_response(self, response: Response) -> None:
        self.responses[response.url] = response
        request = response.request
        if request.is_navigation_request() and response.frame == self.tab.main_frame:
            if not 300 <= response.status < 400:
                self.arrived = response
        elif response.status >= 400:
            why = Reason.of("http_status", status=response.status)
            self.failed[response.url] = (request.resource_type, why)

    async def arrive(self) -> Unseen | None:
        """Go there and wait until the page has settled; why it is no homepage, if so."""
        from playwright.async_api import Error

        url = self.unit.target.url
        try:
            await self.tab.goto(url, wait_until="commit")
        except Error as error:
            if (lost := self._not_arrived(str(error))) is not None:
                return lost
        await self._settle(SETTLE_SECONDS)
        await self._scroll()
        await self._settle(SETTLE_SECONDS / 2)
        return await self._is_homepage()

    def _not_arrived(self, message: str) -> Unseen | None:
        """What an error of the navigation means; None where the page may have come all the same."""
        if "Download is starting" in message:
            return self.unseen(Cause.NOT_HTML, Reason.of("download"))
        if "interrupted by another navigation" in message:
            return None
        found = parse_web_url(self.unit.target.url)
        host = found.host if found else ""
        if "ERR_" in message:
            known = self.socks_proxy.troubles.get(host) or next(
                iter(self.socks_proxy.troubles.values()), None
            )
            cause, why = known or cause_of(message)
            return self.unseen(cause, why)
        if "Timeout" in message and self.arrived is None:
            return self.unseen(Cause.TIMEOUT, Reason.of("browser_no_answer"))
        return None

    async def _settle(self, seconds: float) -> None:
        """Wait until nothing loads, changes or is about to, with a hard cap."""
        from playwright.async_api import Error

        try:
            async with asyncio.timeout(seconds * self.patience):
                quiet = False
                while not quiet:
                    await self.traffic.silence()
                    try:
                        await self.tab.evaluate(
                            "(ms) => window.__ycaudit(ms)", QUIET_SECONDS * 1000
                        )
                    except Error:
                        if self.traffic.is_over:
                            raise
                        # Between two documents: the next one's traffic is waited for.
                        await self.tab.wait_for_load_state("domcontentloaded")
                        continue
                    quiet = self.traffic.silent
        except TimeoutError:
            return  # a page that never rests is looked at as it is

    async def _scroll(self) -> None:
        """Down to the end and back: what loads when a visitor gets there loads now."""
        work = _quietly(
            self.tab.evaluate(
                """async () => {
                  const high = () => document.documentElement.scrollHeight;
                  for (let y = 0, i = 0; y < high() && i < 20; y += innerHeight, i++) {
                    scrollTo(0, y);
                    await new Promise((done) => setTimeout(done, 30));
                  }
                  scrollTo(0, 0);
                }"""
            )
        )
        try:
            await asyncio.wait_for(work, SCROLL_SECONDS * self.patience)
        except TimeoutError:
            return  # what hangs here is told when the page is asked what it shows

    async def _is_homepage(self) -> Unseen | None:
        response = self.arrived
        if response is None:
            return self.unseen(Cause.CRASH, Reason.of("browser_no_page"))
        self.html = await asyncio.wait_for(self.tab.content(), SETTLE_SECONDS * self.patience)
        headers = {k.lower(): v for k, v in response.headers.items()}
        body = self.html.encode()
        got = Fetched(self.unit.target.url, self.tab.url, response.status, headers, body)
        lost = unseen_because(got, self.html)
        return self.unseen(lost.cause, lost.why) if lost else None

    # --- collecting ---

    async def collect(self) -> None:
        """Everything that the documents of the tab show."""
        from playwright.async_api import Error

        await self._keep_evidence()
        for frame in self.tab.frames[:MAX_FRAMES]:
            try:
                await self._collect_frame(frame)
            except (Error, ValidationError) as error:
                if frame == self.tab.main_frame:
                    raise
                because = Reason.of("browser_lost", detail=_first_line(error))
                why = Reason.of("frame_lost", url=frame.url, because=because)
                self._blind(EVERY_SENSE, why)
        if len(self.tab.frames) > MAX_FRAMES:
            self._blind(EVERY_SENSE, Reason.of("too_many_frames", count=MAX_FRAMES))
        self._note_lost()

    async def _keep_evidence(self) -> None:
        """The page as it is painted, before anything in it is pointed at or clicked."""
        if not self.evidence_files.wanted or self.arrived is None:
            return
        url = self.tab.url
        self.evidence_files.add("html", self.html.encode(), url=url)
        self.evidence_files.add_headers(self.arrived.headers, url=url, status=self.arrived.status)
        size = await self.tab.evaluate("() => document.documentElement.scrollHeight")
        high = max(WINDOW[1], min(int(size), MAX_SHOT_HEIGHT))
        shot = await self.tab.screenshot(
            full_page=True,
            clip={"x": 0, "y": 0, "width": WINDOW[0], "height": high},
            type="png",
            timeout=15_000 * self.patience,
        )
        self.evidence_files.add("screenshot", shot, url=url)

    async def _collect_frame(self, frame: Frame) -> None:
        is_main = frame == self.tab.main_frame
        if frame.url.startswith("chrome-error:"):
            self._blind(EVERY_SENSE, Reason.of("frame_not_loaded"))
            return
        within, offset = (Visibility.SHOWN, (0, 0)) if is_main else await _frame_place(frame)
        limits = {"mostLinks": MAX_LINKS, "mostImages": MAX_IMAGES, "mostElements": MAX_ELEMENTS}
        seen = SeenDocument.model_validate(await frame.evaluate(_script("page.js"), limits))
        opened = await self._reveal(frame, seen)
        states = [self._state(seen, n, opened, within) for n in range(len(seen.roots))]
        where = Where(origin="browser" if is_main else "frame", url=seen.url[:2000])
        place = Place(where, offset, within, states, seen.base)
        followed = await self._click(frame, seen)
        for number, link in enumerate(seen.links):
            self.links.extend(links_of(link, place, followed.get(str(number), [])))
        await self._note_images(frame, seen, place)
        if not seen.whole:
            self._blind(EVERY_SENSE, Reason.of("page_cut_off"))
        if seen.tooMany:
            self._blind(EVERY_SENSE, Reason.of("page_too_large"))
        if is_main:
            self.title, self.text_size = seen.title, seen.textSize

    async def _click(self, frame: Frame, seen: SeenDocument) -> dict[str, list[str]]:
        """Where clicks lead whose code does not plainly say so."""
        marks = [n for n, link in enumerate(seen.links) if is_unclear(link)]
        if not marks:
            return {}
        wanted = {"marks": marks[:MAX_CLICKS], "pause": 5}
        found = await frame.evaluate(_script("follow.js"), wanted)
        return {str(key): [str(url) for url in urls] for key, urls in dict(found).items()}

    async def _reveal(self, frame: Frame, seen: SeenDocument) -> dict[str, bool]:
        """Which hidden parts a visitor can open."""
        if not seen.roots:
            return {}
        wanted = {"most": min(len(seen.roots), MAX_ROOTS), "tries": 40, "pause": 60, "ticks": 12}
        opened = await frame.evaluate(_script("reveal.js"), wanted)
        return {str(key): value is True for key, value in dict(opened).items()}

    def _state(
        self, seen: SeenDocument, number: int, opened: dict[str, bool], within: Visibility
    ) -> Visibility:
        if opened.get(str(number)):
            return Visibility.ON_HOVER.within(within)
        if number >= MAX_ROOTS:
            return Visibility.UNSURE
        if not any(kind == "script" for kind, _ in self.failed.values()):
            return Visibility.HIDDEN
        # What opens it may have been in a script that was lost; a long list of links that is
        # hidden at first is a menu, and menus open.
        menu = seen.roots[number].links >= MENU_LINKS
        return Visibility.ON_HOVER if menu else Visibility.UNSURE

    async def _note_images(self, frame: Frame, seen: SeenDocument, place: Place) -> None:
        for image in seen.images:
            src = image.src
            if image.drawn is not None and src.startswith("drawn:"):
                handle = await frame.query_selector(f'[data-ycaudit-drawn="{image.drawn}"]')
                if handle is None:
                    continue
                src = f"{place.where.url}#{src}"
                self.drawn[src] = handle
            elif src[:5].lower() != "data:":
                found = parse_url(src, place.base)
                if found is None:
                    continue
                src = found.href
            self.images.append(image_of(image, src, place))

    def _note_lost(self) -> None:
        """What the page asked for and did not get, if it could have shown something."""
        for url, (kind, why) in self.failed.items():
            if kind in _MATTERS and not is_analytics(url) and not url.endswith("/favicon.ico"):
                hides = PICTURES if kind == "stylesheet" else EVERY_SENSE
                code = _LOST.get(kind, "request_lost")
                self._blind(hides, Reason.of(code, url=url[:200], because=why))
        for request in self.traffic.under_way:
            if request.resource_type in _MATTERS and not is_analytics(request.url):
                self._blind(EVERY_SENSE, Reason.of("request_pending", url=request.url[:200]))
        if self.socks_proxy.exhausted:
            self._blind(EVERY_SENSE, Reason.of("too_costly"))

    def _blind(self, hides: frozenset[Sense], why: Reason) -> None:
        where = Where(origin="browser", url=self.tab.url[:2000])
        self.blind.append(BlindSpot(hides=hides, why=why, where=where))

    # --- the observations ---

    async def observations(self, doubts: Doubts) -> AsyncGenerator[Observation, None]:
        """The page with ever more of its images read."""
        things = len(self.links) + len(self.images) + len(self.tab.frames) - 1
        if (why := no_homepage(things, self.text_size, self.html)) is not None:
            yield self.unseen(Cause.CHALLENGE, why)
            return
        yield self.page()
        for effort, most in ((Effort.NORMAL, 8), (Effort.FAST, None), (Effort.THOROUGH, None)):
            if Sense.QR_CODE not in doubts():
                return
            await self.page_images.read(self.images, effort, labels=labels_of(self.unit), most=most)
            if effort is Effort.FAST and Sense.QR_CODE in doubts():
                await self._point()
            yield self.page()

    async def _point(self) -> None:
        """Point at what is named like a code, then click it: some pages make its image only then.

        What was seen before stays seen, whatever the page does to it now.
        """
        from playwright.async_api import Error

        self.pointed = True
        try:
            for clicks in (False, True):
                wanted = {"clicks": clicks, "most": MAX_POINTED, "pause": 100}
                asked = self.tab.evaluate(_script("point.js"), wanted)
                if await asyncio.wait_for(asked, SCROLL_SECONDS * self.patience):
                    await self._settle(SETTLE_SECONDS / 4)
                    await self.tab.evaluate(_FORGET_MARKS)
                    await self._collect_frame(self.tab.main_frame)
                    self.links = list(dict.fromkeys(self.links))
                    self.images = list(dict.fromkeys(self.images))
        except (Error, ValidationError, TimeoutError):
            return  # the page as it was before counts

    def page(self) -> Page:
        """All that is known now."""
        assert self.arrived is not None
        return Page(
            url=self.unit.target.url,
            final_url=self.tab.url,
            status=self.arrived.status,
            observer="browser",
            taken_at=self.tools.now(),
            sha256=hashlib.sha256(self.html.encode()).hexdigest(),
            title=self.title,
            links=tuple(self.links),
            images=self.page_images.described(self.images),
            qr_codes=self.page_images.codes(self.images),
            blind_spots=(
                *self.blind,
                *self.page_images.blind_spots(self.images),
                *(() if self.pointed else (self._unpointed(),)),
            ),
            evidence_files=self.evidence_files.kept,
        )

    def _unpointed(self) -> BlindSpot:
        where = Where(origin="browser", url=self.tab.url[:2000])
        hides = frozenset({Sense.QR_CODE})
        return BlindSpot(hides=hides, why=Reason.of("not_pointed_yet"), where=where)

    def unseen(self, cause: Cause, why: Reason) -> Unseen:
        """The homepage as it could not be seen."""
        return Unseen(
            url=self.unit.target.url,
            observer="browser",
            taken_at=self.tools.now(),
            cause=cause,
            why=why,
        )

    async def _image_bytes(self, src: str, _effort: Effort) -> bytes | Reason:
        """The bytes that the browser itself got, or a picture of what it drew."""
        from playwright.async_api import Error

        try:
            if (handle := self.drawn.get(src)) is not None:
                return await handle.screenshot(type="png", timeout=5000 * self.patience)
            if src.startswith("blob:"):
                return await self._blob(src)
            if (response := self.responses.get(src.partition("#")[0])) is not None:
                return await _body(response, BODY_SECONDS * self.patience)
        except (Error, TimeoutError) as error:
            if not _NO_BODY.search(str(error)):
                return Reason.of("browser_lost", detail=_first_line(error))
        if (failed := self.failed.get(src)) is not None:
            return failed[1]
        return await self._own_fetch(src)

    async def _own_fetch(self, src: str) -> bytes | Reason:
        """What the browser did not ask for, or no longer has."""
        async with self.tools.fetcher.session(self.unit.target.intranet) as session:
            got = await session.resource(src, kind="image", referer=self.tab.url)
        if not isinstance(got, Fetched):
            return got.why
        if got.status != 200:
            return Reason.of("http_status", status=got.status)
        return got.body

    async def _blob(self, src: str) -> bytes | Reason:
        from base64 import b64decode

        text = await self.tab.evaluate(
            """async (src) => {
              const bytes = new Uint8Array(await (await fetch(src)).arrayBuffer());
              if (bytes.length > 8e6) return "";
              let s = ""; for (const b of bytes) s += String.fromCharCode(b);
              return btoa(s);
            }""",
            src,
        )
        return b64decode(text) if text else Reason.of("too_large")


async def _frame_place(frame: Frame) -> tuple[Visibility, tuple[int, int]]:
    """How visible the element is that holds a frame, and where it stands on the page."""
    element = await frame.frame_element()
    box = await element.bounding_box()
    if box is None or box["width"] <= 2 or box["height"] <= 2 or not await element.is_visible():
        return Visibility.HIDDEN, (0, 0)
    return Visibility.SHOWN, (round(box["x"]), round(box["y"]))


# What Chromium's error names mean (net/base/net_error_list.h), from the particular to the general.
_NET_ERRORS = (
    (r"CERT_DATE_INVALID", Cause.TLS, "tls_expired"),
    (r"CERT_COMMON_NAME_INVALID", Cause.TLS, "tls_wrong_host"),
    (r"CERT_AUTHORITY_INVALID", Cause.TLS, "tls_unknown_issuer"),
    (r"SSL_VERSION_OR_CIPHER_MISMATCH|SSL_OBSOLETE", Cause.TLS, "tls_outdated"),
    (r"CERT|SSL|TLS", Cause.TLS, "tls_other"),
    (r"NAME_NOT_RESOLVED", Cause.DNS, "bad_address"),
    (r"TIMED_OUT", Cause.TIMEOUT, "connection_timeout"),
    (r"TOO_MANY_REDIRECTS|UNSAFE_REDIRECT|UNKNOWN_URL_SCHEME", Cause.REDIRECTS, "browser_failed"),
    (r"CONNECTION_REFUSED", Cause.CONNECT, "connection_refused"),
    (r"CONNECTION_RESET", Cause.CONNECT, "connection_reset"),
    (r"EMPTY_RESPONSE|CONNECTION_CLOSED", Cause.CONNECT, "connection_closed"),
    (r"ADDRESS_UNREACHABLE", Cause.CONNECT, "host_unreachable"),
    (r"INCOMPLETE_CHUNKED|CONTENT_LENGTH_MISMATCH", Cause.CONNECT, "connection_broken"),
)


def cause_of(message: str) -> tuple[Cause, Reason]:
    """The cause and the reason that an error of Chromium's network stack names."""
    found = re.search(r"ERR_[A-Z_0-9]+", message)
    name = found[0] if found else message
    for pattern, cause, code in _NET_ERRORS:
        if re.search(pattern, name):
            return cause, Reason.of(code, detail=name)
    return Cause.CONNECT, Reason.of("browser_failed", detail=name)


@cache
def _script(name: str) -> str:
    return (files("ycaudit.observe.browser") / name).read_text(encoding="utf-8")


@cache
def _driver_error() -> type[Exception]:
    from playwright.async_api import Error

    return Error


def _why_unseen(error: Exception) -> tuple[Cause, Reason]:
    """The cause and the reason for what the driver says of a page that cannot be shown."""
    if "navigating" in str(error):
        return Cause.REDIRECTS, Reason.of("scripts_redirect_again")
    return Cause.CRASH, Reason.of("browser_gave_up", detail=_first_line(error))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


async def _quietly(work: object) -> None:
    """What does not matter if the page is gone."""
    from playwright.async_api import Error

    try:
        await work  # type: ignore[misc]
    except Error:
        return


async def _body(response: Response, seconds: float) -> bytes | Reason:
    if response.status >= 400:
        return Reason.of("http_status", status=response.status)
    async with asyncio.timeout(seconds):
        return await response.body()


async def _close(context: BrowserContext) -> None:
    await _quietly(context.close())
