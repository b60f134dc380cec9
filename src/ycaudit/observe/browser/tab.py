"""One page in a browser context of its own, as a visitor handles it: looks, waits, points, clicks.

Nothing of ours runs in the page. All is seen and done over Chromium's debugging protocol, which no
script of a page can see, redefine or answer.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from ycaudit.model import Box
from ycaudit.net.exchange import LookArchive
from ycaudit.observe.browser import devtools
from ycaudit.observe.browser.animations import STRIDE_MS, Animations
from ycaudit.observe.browser.chromium import Browser
from ycaudit.observe.browser.departures import Departures
from ycaudit.observe.browser.devtools import CommandError, GoneError
from ycaudit.observe.browser.dom import MAX_NODES, Dom, whole
from ycaudit.observe.browser.mosaic import SHRINK, Glance
from ycaudit.observe.browser.page_clock import PageClock
from ycaudit.observe.browser.page_facts import PageFacts
from ycaudit.observe.browser.recorder import Recorder, answer
from ycaudit.observe.browser.styles import STYLES
from ycaudit.observe.browser.traffic import Traffic
from ycaudit.url import host_of, parse_web_url

COMMAND_SECONDS = 20.0
"""A page that does not answer for so long is computing without end."""
NAVIGATE_SECONDS = 20.0
REST_SECONDS, LIVE_SECONDS, FRAMES_SECONDS = 0.5, 10.0, 6.0
"""Workers and sockets are listened to for so long, in steps; scripts that draw each frame, too."""
FRAME_MS, NUDGE_SECONDS, NUDGES = 17, 0.06, 16
"""How far the page's clock runs on for a frame, how long that is waited for, and how often."""
MAX_DIALOGS = 50
"""Of a page that asks its visitor without end no script goes on."""
MAX_POPUPS = 3
"""Windows of the page that are open at once; a click may open one and send it on later."""
ARRIVAL_MS = 50
"""Milliseconds of the page's clock after which a page that has come is painted for the first time:
the animations with which it begins do so then."""
FRAME_SECONDS = 2.0
"""How long a frame is waited for that only keeps the order: of a page that is on its way to another
one, none comes."""
MAX_STRIDES = 120
"""How often, altogether, a frame is painted while the clock runs on. Only that tells the page that
an animation is over: what it does then, and what its timers do, must come in the order in which a
visitor sees them."""
OUTSIDE = (-5.0, 540.0)
"""Beside the window: at its corner the mouse would be on whatever begins there, such as a bar of
menus or slides that stand still then. Above it, pages take it for their visitor's leaving."""
STRIDE = 48
"""CSS pixels of a hurried hand's way from one event of the mouse to the next: Chromium tells pages
of one a frame (https://developer.chrome.com/blog/aligning-input-events)."""
_POINT = {"button": "left", "clickCount": 1}
_KEYS = {"ArrowDown": 40, "Enter": 13, "Escape": 27, "Home": 36, "Tab": 9}
_ALT, _CTRL = 1, 2
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Visitor:
    """How a visitor's browser looks to a server, and how much patience there is."""

    user_agent: str
    window: tuple[int, int]
    blocked: tuple[str, ...] = ()
    """Patterns of addresses that are not asked for."""
    patience: float = 1
    archive: LookArchive = field(default_factory=LookArchive)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class Tab:
    """A page; made by `context.open_tab`, closed with its context."""

    def __init__(self, browser: Browser, target: str, session: str, visitor: Visitor) -> None:
        self.traffic = Traffic()
        self.departures = Departures(lambda: self._clock.now)
        self.dialogs = 0
        self.target = target
        self.is_download = False
        self.is_closed = False
        """Whether the page has closed itself."""
        self.facts = PageFacts(self.send)
        self._strides = 0
        self.animations = Animations(self.send)
        self.workers = 0
        self._busy = 0.0
        self._began = asyncio.get_running_loop().time()
        self._browser = browser
        self._session = session
        self.patience = visitor.patience
        self._window = visitor.window
        self._clock = PageClock(
            *(self.send, lambda: [request.id for request in self.traffic.pending()]),
            seconds=COMMAND_SECONDS * visitor.patience,
            patience=visitor.patience,
        )
        self._popups: list[str] = []
        self._glance: Glance | None = None
        self.mouse: Point = OUTSIDE
        """Where it is."""
        self._clicked = ""
        """The frame in which the visitor has clicked last."""
        log = visitor.archive.log
        self.recorder = Recorder(log, self.send, visitor.now) if log is not None else None
        self._replay = visitor.archive.replay
        self._quiet: set[asyncio.Task[None]] = set()
        browser.connection.listen(session, self._happened)

    async def send(self, method: str, **params: object) -> dict[str, Any]:
        """Do one thing over the protocol. Raises GoneError, CommandError, TimeoutError."""
        return await self._browser.connection.send(
            method, self._session, seconds=COMMAND_SECONDS * self.patience, **params
        )

    async def close(self) -> None:
        """Close the tab before its context."""
        with suppress(GoneError, CommandError, TimeoutError):
            await self._browser.connection.send("Target.closeTarget", targetId=self.target)

    # --- going there, and time ---

    async def navigate(self, url: str, *, whence: str = "") -> str:
        """Go to an address; the name of Chromium's network error, empty where a page came.

        `whence` is the page that leads there, if one does.
        """
        self.departures.load()
        found = await self._browser.connection.send(
            "Page.navigate",
            self._session,
            seconds=NAVIGATE_SECONDS * self.patience,
            url=url,
            **({"referrer": whence} if whence else {}),
        )
        self.is_download = bool(found.get("isDownload"))
        return str(found.get("errorText", ""))

    async def stay(self, host: str | None = None) -> None:
        """From now on nothing leads away: what would is noted in `departures`, and called off.

        With `host`, pages of this host may still be gone to.
        """
        self.departures.stays, self.departures.host = True, host
        if self._replay is None:
            await self.send("Fetch.enable", patterns=[{"resourceType": "Document"}])
        await self.send("Page.resetNavigationHistory")

    async def leave(self, url: str) -> str:
        """Go somewhere else after all."""
        self.departures.stays = False
        if self._replay is None:
            await self.send("Fetch.disable")
        return await self.navigate(url)

    async def forget(self, url: str) -> None:
        """Forget what the site of this address has kept here, as a browser that is new there."""
        await self.send("Network.clearBrowserCookies")
        found = parse_web_url(url)
        origin = f"{found.scheme}://{found.host}:{found.port}".rstrip(":") if found else ""
        with suppress(CommandError):  # there is no storage for a page without a site
            await self.send("Storage.clearDataForOrigin", origin=origin, storageTypes="all")
            storage = {"securityOrigin": origin, "isLocalStorage": False}
            await self.send("DOMStorage.clear", storageId=storage)

    async def advance(self, milliseconds: float) -> None:
        """Let the page's clock run on, while requests under way are waited for."""
        end = self._clock.now + milliseconds
        while (left := end - self._clock.now) > 0:
            moves = self._clock.now < self.animations.until and self._strides < MAX_STRIDES
            await self._go_on(min(STRIDE_MS, left) if moves else left)
            if moves:
                self._strides += 1
                await self._keep_order()

    async def arrive(self, milliseconds: float) -> None:
        """Let the clock run on of a page that has come just now; raises as `advance`.

        Nothing is pointed at: by itself Chromium takes the mouse to be where it was last, and at
        first in the corner.
        """
        # Not waited for: of a page that is not painted yet, no answer comes before its clock runs.
        self._quietly(self.point_away())
        await self._go_on(ARRIVAL_MS)
        await self._keep_order()
        await self.advance(milliseconds)

    async def _keep_order(self) -> None:
        """Have a frame painted, so that what has ended is told to the page."""
        try:
            async with asyncio.timeout(FRAME_SECONDS * self.patience):
                await self.frame()
        except TimeoutError:
            self._strides = MAX_STRIDES

    async def come_to_rest(self) -> None:
        """Let what moves come to its end, and one frame be painted."""
        await self.frame()
        if (left := self.animations.until - self._clock.now) > 0:
            await self.advance(left)

    async def live(self, seconds: float) -> None:
        """Let the page's clock go with real time, so that scripts and servers keep their order."""
        self._glance = None
        await self._clock.live(seconds)

    async def _go_on(self, milliseconds: float) -> None:
        self._glance = None
        await self._clock.run(milliseconds)

    # --- looking ---

    async def dom(self) -> Dom:
        """What is laid out now."""
        found = await self.send("DOMSnapshot.captureSnapshot", computedStyles=list(STYLES))
        return Dom(found, self._window)

    async def html(self) -> str:
        """The markup as it is now."""
        root = await self.send("DOM.getDocument", depth=0)
        found = await self.send("DOM.getOuterHTML", nodeId=root["root"]["nodeId"])
        return whole(str(found["outerHTML"]))

    async def screenshot(
        self, box: Box | None = None, *, scale: float = 1, whole: bool = False
    ) -> bytes:
        """The screen as PNG; with `box`, on the whole page, only that part of the screen.

        `whole`: also what is not on the screen, as if the window were as large as the page.
        """
        clip: dict[str, object] = {}
        if box is not None:
            x, y = box[0], box[1]
            clip = {"clip": {"x": x, "y": y, "width": box[2], "height": box[3], "scale": scale}}
        self._glance = None
        shot = asyncio.ensure_future(
            self.send(
                "Page.captureScreenshot",
                format="png",
                optimizeForSpeed=True,
                captureBeyondViewport=whole,
                **clip,
            )
        )
        try:
            # On a busy machine a frame takes long, and the page's clock must not run on for that.
            # Only where none comes is it behind the real clock, by which frames are painted: it
            # stood still while requests were under way, and has to catch up first.
            nudge = FRAME_MS
            for number in count(1):
                await self._clock.nudge(nudge)
                await asyncio.wait([shot], timeout=NUDGE_SECONDS)
                if shot.done():
                    break
                if number > NUDGES:
                    nudge = min(2 * nudge, 1000)
        finally:
            shot.cancel()
        # Or its end would be taken for that of what follows.
        await self._clock.arrived(NUDGE_SECONDS)
        return b64decode((await shot)["data"])

    async def paints(self) -> tuple[float, ...]:
        """How often styles and boxes were computed, and how long scripts have run, in seconds.

        Where this stays, nothing looks different: a picture that a script exchanges for another of
        the same size changes neither styles nor boxes.
        """
        counts = await self._counts()
        return tuple(
            counts.get(n, 0) for n in ("LayoutCount", "RecalcStyleCount", "ScriptDuration")
        )

    async def is_huge(self) -> bool:
        """Whether the page has more nodes than can be looked at."""
        return (await self._counts()).get("Nodes", 0) > MAX_NODES

    async def _counts(self) -> dict[str, float]:
        found = (await self.send("Performance.getMetrics"))["metrics"]
        return {metric["name"]: metric["value"] for metric in found}

    async def body(self, request: str) -> bytes:
        """The bytes that came for a request. Raises CommandError where they are not kept."""
        found = await self.send("Network.getResponseBody", requestId=request)
        text = str(found["body"])
        return b64decode(text) if found.get("base64Encoded") else text.encode()

    async def rest(self) -> None:
        """Wait in real time, for what no clock of ours drives."""
        await asyncio.sleep(REST_SECONDS)

    async def is_lively(self) -> bool:
        """Whether something is at work that has a clock of its own: workers, sockets, frames."""
        lived = asyncio.get_running_loop().time() - self._began
        if self.workers or self.traffic.sockets:
            return lived < LIVE_SECONDS
        busy, self._busy = self._busy, (await self._counts()).get("ScriptDuration", 0)
        return lived < FRAMES_SECONDS and self._busy > busy

    async def frame(self) -> None:
        """Let one frame be painted: events of scrolling and of what comes into sight follow it."""
        await self._glance_anew()

    async def glance(self) -> Glance:
        """The screen as it is now, small; that of the last frame if nothing was done since."""
        return self._glance or await self._glance_anew()

    async def _glance_anew(self) -> Glance:
        x, y = await self.place()
        clip = Glance.clip(x, y)
        png = await self.screenshot(clip, scale=1 / SHRINK)
        at = clip[0] // SHRINK, clip[1] // SHRINK
        self._glance = Glance(at, clip[1] - round(y), png)
        return self._glance

    # --- a visitor's hands ---

    async def scroll_to(self, y: float, high: float) -> float:
        """Scroll the window so that this part of the page is on the screen; where it is then."""
        self._glance = None
        root = (await self.send("DOM.getDocument", depth=1))["root"]
        for element in (n for n in root.get("children", ()) if n.get("nodeType") == 1):
            with suppress(CommandError):  # a page without boxes does not scroll
                await self.send(
                    "DOM.scrollIntoViewIfNeeded",
                    nodeId=element["nodeId"],
                    rect={"x": 0, "y": y, "width": 1, "height": high},
                )
        return (await self.place())[1]

    async def place(self) -> Point:
        """How far the window is scrolled."""
        found = (await self.send("Page.getLayoutMetrics"))["cssVisualViewport"]
        return found["pageX"], found["pageY"]

    async def bring(self, node: int, part: Box | None = None) -> None:
        """Scroll to a node, or to a part of it, from its corner, whatever it stands in."""
        self._glance = None
        only: dict[str, object] = {}
        if part is not None:
            x, y, wide, high = part
            only = {"rect": {"x": x, "y": y, "width": wide, "height": high}}
        with suppress(CommandError):
            await self.send("DOM.scrollIntoViewIfNeeded", backendNodeId=node, **only)

    async def boxes(self, node: int) -> list[Box]:
        """Where a node is on the screen: one box a line."""
        try:
            quads = (await self.send("DOM.getContentQuads", backendNodeId=node))["quads"]
        except CommandError:
            return []
        found = [_box_of(quad) for quad in quads]
        return sorted((b for b in found if b[2] > 1 and b[3] > 1), key=lambda b: -b[2] * b[3])

    async def hit(self, at: Point, *, is_seen: bool = False) -> int | None:
        """The node that a click at this point of the screen meets; `is_seen`: that which lies
        there, even if clicks go through it."""
        found = await self._met(at, is_seen=is_seen)
        return int(found["backendNodeId"]) if found else None

    async def _met(self, at: Point, *, is_seen: bool = False) -> dict[str, Any] | None:
        x, y = await self.place()
        there = {"x": round(at[0] + x), "y": round(at[1] + y)}
        try:
            return await self.send(
                "DOM.getNodeForLocation", ignorePointerEventsNone=is_seen, **there
            )
        except CommandError:
            return None

    async def _frame_at(self, at: Point) -> str:
        """The frame whose document a click at this point of the screen meets."""
        found = await self._met(at)
        return str(found["frameId"]) if found else ""

    async def point(self, at: Point) -> None:
        """Move the mouse there, at once."""
        await self._mouse("mouseMoved", at, button="none")

    @property
    def is_pointing(self) -> bool:
        """Whether the mouse is on the page."""
        return self.mouse != OUTSIDE

    async def point_away(self) -> None:
        """Move the mouse off the page."""
        await self.point(OUTSIDE)

    async def glide(self, at: Point) -> None:
        """Move the mouse there in a straight line, over what lies between, before anything else
        happens."""
        (x, y), (to_x, to_y) = self.mouse, at
        steps = max(1, round(max(abs(to_x - x), abs(to_y - y)) / STRIDE))
        for step in range(1, steps + 1):
            share = step / steps
            await self.point((x + (to_x - x) * share, y + (to_y - y) * share))

    async def act_at(self, at: Point) -> None:
        """What the visitor does next he does there, in that frame."""
        self._clicked = await self._frame_at(at)

    async def click(self, at: Point) -> None:
        """Press and release the mouse there."""
        await self.act_at(at)
        await self.point(at)
        await self._mouse("mousePressed", at, **_POINT)
        await self._mouse("mouseReleased", at, **_POINT)

    async def wheel(self, at: Point, down: float) -> None:
        """Turn the wheel over a point."""
        await self._mouse("mouseWheel", at, deltaX=0, deltaY=down)

    async def focus(self, node: int) -> bool:
        """Give a node the focus; False where it takes none."""
        self._glance = None
        try:
            await self.send("DOM.focus", backendNodeId=node)
        except CommandError:
            return False
        return True

    async def press(self, key: str, *, alt: bool = False) -> None:
        """Press and release a key."""
        self._glance = None
        for kind in ("rawKeyDown", "keyUp"):
            await self.send(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=_KEYS[key],
                modifiers=_ALT * alt,
            )
        if key == "Enter":
            await self.send("Input.dispatchKeyEvent", type="char", text="\r", key=key)

    async def select_all(self) -> None:
        """All of what has the focus: the words of a field, the options of a list."""
        self._glance = None
        key = {"key": "a", "code": "KeyA", "windowsVirtualKeyCode": 65, "modifiers": _CTRL}
        await self.send("Input.dispatchKeyEvent", type="rawKeyDown", commands=["selectAll"], **key)
        await self.send("Input.dispatchKeyEvent", type="keyUp", **key)

    async def insert(self, words: str) -> None:
        """Put words where the cursor is."""
        self._glance = None
        await self.send("Input.insertText", text=words)

    async def _mouse(self, kind: str, at: Point, **more: object) -> None:
        self._glance, self.mouse = None, at
        await self.send("Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1], **more)

    def close_popups(self) -> None:
        """Close the windows that the page has opened, and those that they have opened."""
        popups, self._popups = self._popups, []

        async def close() -> None:
            async with self._browser.opening:
                closed = [popup for popup in popups if popup not in self._browser.tabs]
            for popup in closed:
                await self._browser.connection.send("Target.closeTarget", targetId=popup)

        self._quietly(close())

    # --- what happens ---

    def _happened(self, name: str, params: dict[str, Any]) -> None:
        match name:
            case "Emulation.virtualTimeBudgetExpired":
                self._clock.expire()
            case "Page.javascriptDialogOpening":
                self.dialogs += 1
                # A visitor says yes: "leave this site?" lets him go.
                accept = params.get("type") != "prompt"
                self._later("Page.handleJavaScriptDialog", accept=accept)
                if self.dialogs == MAX_DIALOGS:
                    self._later("Emulation.setScriptExecutionDisabled", value=True)
            case "Page.windowOpen":
                url, is_acting = str(params.get("url", "")), self.traffic.acting
                self.departures.note_window(url, is_acting=is_acting)
            case "Fetch.requestPaused":
                self._decide(params)
            case "CSS.styleSheetAdded":
                self.facts.note_sheet(params["header"])
            case "Inspector.targetCrashed":
                self._browser.connection.drop(self._session)
            case devtools.GONE:
                self._clock.expire(is_gone=True)
            case "Animation.animationStarted":
                number = self.animations.note(params["animation"], self._clock.now)
                if number is not None:
                    # What is laid out and what is painted must be of one moment.
                    self._quietly(self.animations.stop_at(number, self.animations.rest))
            case _:
                self.traffic.note(name, params, self.target)
                if self.recorder is not None:
                    self.recorder.note(name, params)

    def of_browser(self, name: str, params: dict[str, Any]) -> None:
        """A window that the page opened: noted, and closed when the visit ends."""
        info = params.get("targetInfo", {})
        if info.get("type") == "worker" and name == "Target.targetCreated":
            self.workers += 1
        if info.get("type") == "page" and info["targetId"] not in self._browser.tabs:
            is_of_another = info.get("openerId") in self._browser.tabs - {self.target}
            if self.departures.has_acted and not is_of_another:
                self.departures.note(str(info.get("url", "")))
            if name == "Target.targetCreated":
                ours = self._browser.tabs
                self._popups = [popup for popup in self._popups if popup not in ours]
                self._popups.append(info["targetId"])
                if not self.departures.stays or len(self._popups) > MAX_POPUPS:
                    self.close_popups()
        if name == "Target.targetDestroyed" and params.get("targetId") == self.target:
            self.is_closed = True
            self._browser.connection.drop(self._session)
        if name == "Target.targetCrashed" and params.get("targetId") == self.target:
            self._browser.connection.drop(self._session)

    def _decide(self, params: dict[str, Any]) -> None:
        """Frames may load; the visitor stays on the page."""
        url = str(params["request"]["url"])
        if params.get("resourceType") == "Document" and self._leads_away(url, params["frameId"]):
            self.departures.note(url)
            if params["frameId"] == self.target and not self.traffic.acting:
                self.departures.note_sent_on(url)
            self._later("Fetch.failRequest", requestId=params["requestId"], errorReason="Aborted")
        elif self._replay is not None:
            self._quietly(answer(self._replay, self.send, params))
        else:
            self._later("Fetch.continueRequest", requestId=params["requestId"])

    def _leads_away(self, url: str, frame: str) -> bool:
        """Whether going there would take the visitor, or what he clicked in, to another site."""
        if not self.departures.stays:
            return False
        if frame == self.target:
            return self.departures.is_away(url)
        # A click in a frame may lead on within it, as a link does there.
        is_click = self.traffic.acting and frame == self._clicked
        return is_click and host_of(url) != host_of(self.traffic.document_of(frame))

    def _later(self, method: str, **params: object) -> None:
        self._quietly(self.send(method, **params))

    def _quietly(self, work: Coroutine[Any, Any, object]) -> None:
        """Do it beside; what does not matter if the page is gone."""

        async def done() -> None:
            with suppress(GoneError, CommandError, TimeoutError):
                await work

        task = asyncio.ensure_future(done())
        self._quiet.add(task)
        task.add_done_callback(self._quiet.discard)


def _box_of(quad: list[float]) -> Box:
    xs, ys = quad[::2], quad[1::2]
    return round(min(xs)), round(min(ys)), round(max(xs) - min(xs)), round(max(ys) - min(ys))
