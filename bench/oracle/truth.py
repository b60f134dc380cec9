"""What a visitor really gets: found with a real mouse, real keys, real clicks and screenshots.

A code is present when a screenshot of the page, in a state that a visitor can reach, decodes; a
link is present when it is painted and a click, a press or a choice starts a navigation to its
address. What only a glimpse after the load shows (gone for good within 2 s) is absent. What is
hard to read is borderline. The grammar's recipe tells where to point and click; whether that
shows anything is seen here.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

import zxingcpp
from grammar import Page, Want, fingerprint
from pieces import Step
from PIL import Image, ImageChops
from playwright.async_api import (
    Browser,
    BrowserContext,
    CDPSession,
    Dialog,
    Error,
    Request,
    Route,
    async_playwright,
)
from pyzbar import pyzbar
from serve import Server

VIEW = (1366, 768)
REST = (2.0, 300.0)  # where the mouse is in nobody's way
CHROMIUM = os.environ.get("ORACLE_BROWSER", "/usr/bin/chromium-headless-shell")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-smooth-scrolling",
    "--disable-site-isolation-trials",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--host-resolver-rules=MAP * 127.0.0.1",
)
FORMATS = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
READABLE = 60  # CSS pixels: a smaller code that only scale 2 reads is borderline
PRESENT, ABSENT, BORDERLINE = "present", "absent", "borderline"


@dataclass(frozen=True, slots=True)
class Truth:
    """What is so of one requirement, and how it was seen."""

    state: str
    how: str = ""


def read(image: Image.Image) -> dict[str, float]:
    """Payloads, with the length of their shorter side in pixels."""
    found = {}
    for code in zxingcpp.read_barcodes(image, formats=FORMATS):
        spot = code.position
        xs = [spot.top_left.x, spot.top_right.x, spot.bottom_left.x, spot.bottom_right.x]
        found[code.text] = float(max(xs) - min(xs))
    return found


def read_hard(image: Image.Image) -> set[str]:
    """What another reader and other sizes get out of it."""
    double = image.resize((image.width * 2, image.height * 2), Image.Resampling.BICUBIC)
    texts = {
        x.data.decode("utf-8", "replace") for x in pyzbar.decode(image, [pyzbar.ZBarSymbol.QRCODE])
    }
    return texts | set(read(double))


def leads(url: str, value: str) -> bool:
    """The address is the homepage in question."""
    got, wanted = urlsplit(url), urlsplit(value)
    port = got.port in {None, 80, 443}
    root = got.path in {"", "/"} or got.path.startswith("/index.")
    return got.hostname == wanted.hostname and port and root


def outside(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return not host.endswith((".oracle.test", ".elsewhere.test")) and url.startswith("http")


class Visit:
    """One load of a page."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.navigations: list[str] = []
        self.moved = False
        self.mouse = REST
        self.slot = ""
        self.seen: dict[str, float] = {}

    async def open(self, url: str) -> None:
        self.page = await self.context.new_page()
        self.context.on("request", self.note)
        self.page.on("dialog", self.accept)
        await self.page.goto(url, wait_until="load", timeout=20000)
        self.cdp: CDPSession = await self.context.new_cdp_session(self.page)
        await self.cdp.send("DOM.enable")
        self.started = time.monotonic()
        self.navigations.clear()

    def note(self, request: Request) -> None:
        if request.resource_type == "document":
            self.navigations.append(request.url)

    async def accept(self, dialog: Dialog) -> None:
        await dialog.accept()

    async def wait_until(self, seconds: float) -> None:
        """So many seconds after the load."""
        await asyncio.sleep(max(0.0, self.started + seconds - time.monotonic()))

    # The screen

    async def shot(self, scale: int = 1) -> Image.Image:
        options: dict[str, Any] = {"format": "png", "optimizeForSpeed": True}
        if scale != 1:
            metrics = await self.cdp.send("Page.getLayoutMetrics")
            view = metrics["cssVisualViewport"]
            options["clip"] = {
                "x": view["pageX"],
                "y": view["pageY"],
                "width": VIEW[0],
                "height": VIEW[1],
                "scale": scale,
            }
        answer = await self.cdp.send("Page.captureScreenshot", options)
        return Image.open(io.BytesIO(base64.b64decode(answer["data"]))).convert("RGB")

    async def look(self, scale: int = 1) -> Image.Image:
        """A screenshot, whose codes are noted."""
        image = await self.shot(scale)
        found = await asyncio.to_thread(read, image)
        self.seen |= {text: side / scale for text, side in found.items()}
        return image

    # Elements, in frames and closed shadow roots, too

    async def node(self, name: str) -> dict[str, Any] | None:
        answer = await self.cdp.send("DOM.getDocument", {"depth": -1, "pierce": True})
        return find_node(answer["root"], name)

    async def box(self, node: dict[str, Any]) -> tuple[float, float] | None:
        """The middle of what is laid out, on the screen."""
        try:
            answer = await self.cdp.send("DOM.getContentQuads", {"nodeId": node["nodeId"]})
        except Error:
            return None
        for quad in answer["quads"]:
            xs, ys = quad[0::2], quad[1::2]
            if max(xs) - min(xs) >= 1 and max(ys) - min(ys) >= 1:
                return sum(xs) / 4, sum(ys) / 4
        return None

    async def hit(self, node: dict[str, Any], x: float, y: float) -> bool:
        view = (await self.cdp.send("Page.getLayoutMetrics"))["cssVisualViewport"]
        place = {"x": int(x + view["pageX"]), "y": int(y + view["pageY"])}
        try:
            got = await self.cdp.send("DOM.getNodeForLocation", place)
        except Error:
            return False
        return got["backendNodeId"] in set(backend_ids(node))

    async def reach(self, name: str, patience: float) -> tuple[dict[str, Any], float, float] | None:
        """Wait until it is on the screen, as long as it may take; scroll there."""
        end = time.monotonic() + patience
        last = None
        while True:
            node = await self.node(name)
            spot = node and await self.box(node)
            if node and spot:
                spot = await self.scroll_to(node, spot[1]) or spot
                last = (node, *spot)
                if await self.hit(node, *spot):
                    return last
            if time.monotonic() > end:
                return last
            await asyncio.sleep(0.12)

    async def scroll_to(self, node: dict[str, Any], y: float) -> tuple[float, float] | None:
        for _ in range(3):
            if 60 < y < (560 if not self.moved else VIEW[1] - 10):
                break
            if not self.moved:
                self.mouse = REST
                await self.page.mouse.move(*REST)
            await self.page.mouse.wheel(0, y - 200)
            await asyncio.sleep(0.15)
            spot = await self.box(node)
            if spot is None or abs(spot[1] - y) < 1:
                break
            y = spot[1]
        return await self.box(node)

    async def painted(self, node: dict[str, Any]) -> int:
        """How many pixels the element itself paints."""
        before = await self.shot()
        remote = await self.cdp.send("DOM.resolveNode", {"nodeId": node["nodeId"]})
        call = {"objectId": remote["object"]["objectId"], "functionDeclaration": VANISH}
        await self.cdp.send("Runtime.callFunctionOn", call)
        await asyncio.sleep(0.05)
        after = await self.shot()
        await self.cdp.send("Runtime.callFunctionOn", {**call, "functionDeclaration": RETURN})
        difference = ImageChops.difference(before, after).convert("L")
        return sum(difference.histogram()[32:])

    # What a visitor does

    async def do(self, step: Step, patience: float) -> str:
        """Empty, or why it could not be done."""
        if step.act == "wait":
            await asyncio.sleep(step.count)
            return ""
        if step.act == "scroll":
            return await self.nudge()
        got = await self.reach(step.id, patience)
        if got is None:
            return f"nothing to {step.act}"
        node, x, y = got
        if step.act == "choose":
            return await self.choose(node, int(step.count))
        await self.point(x, y)
        if step.act == "click":
            await self.page.mouse.down()
            await asyncio.sleep(0.03)
            await self.page.mouse.up()
        elif step.act in {"wheel", "aside"}:
            await self.turn_wheel(step.act == "aside")
        return ""

    async def point(self, x: float, y: float) -> None:
        """Move there as from an opener to what it opened: down first, then across."""
        await self.page.mouse.move(self.mouse[0], y, steps=4)
        await self.page.mouse.move(x, y, steps=4)
        self.mouse = x, y
        self.moved = True

    async def nudge(self) -> str:
        """Scroll to the slot, a little beyond, and back."""
        await self.reach(self.slot, 0.2)
        for way in (120, -120):
            await self.page.mouse.wheel(0, way)
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.5)
        return ""

    async def turn_wheel(self, aside: bool) -> None:
        for _ in range(6 if aside else 4):
            await self.page.mouse.wheel(120 if aside else 0, 0 if aside else 110)
            await asyncio.sleep(0.1)
            await self.look()

    async def choose(self, node: dict[str, Any], count: int) -> str:
        try:
            await self.cdp.send("DOM.focus", {"nodeId": node["nodeId"]})
        except Error:
            return "cannot be focused"
        for _ in range(count):
            await self.page.keyboard.press("ArrowDown")
            await asyncio.sleep(0.1)
        return ""

    async def leaves_for(self, value: str, patience: float = 2.2) -> bool:
        """Whether a navigation to the address begins."""
        end = time.monotonic() + patience
        while not any(leads(x, value) for x in self.navigations):
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.05)
        return True

    async def survey(self, limit: int = 60) -> None:
        """The whole page, a screen at a time."""
        await self.page.mouse.move(*REST)
        before: Any = None
        for _ in range(limit):
            await self.look()
            at = await self.page.evaluate(SCROLLED)
            if at == before:
                break
            before = at
            await self.page.mouse.wheel(0, 600)
            await asyncio.sleep(0.12)

    async def close(self) -> None:
        await self.context.close()


VANISH = """function(){
    this.style.setProperty('transition', 'none', 'important');
    this.style.setProperty('visibility', 'hidden', 'important');
}"""
RETURN = (
    "function(){this.style.removeProperty('visibility');this.style.removeProperty('transition')}"
)
SCROLLED = """() => {
    const whole = document.querySelector('iframe[src="/main.html"]');
    return [scrollY, document.body.scrollTop, whole ? whole.contentWindow.scrollY : 0];
}"""


def find_node(node: dict[str, Any], name: str) -> dict[str, Any] | None:
    attributes = node.get("attributes", [])
    pairs = dict(zip(attributes[0::2], attributes[1::2], strict=True))
    if pairs.get("id") == name:
        return node
    for child in inner_nodes(node):
        found = find_node(child, name)
        if found:
            return found
    return None


def inner_nodes(node: dict[str, Any]) -> Iterable[dict[str, Any]]:
    yield from node.get("children", [])
    yield from node.get("shadowRoots", [])
    if "contentDocument" in node:
        yield node["contentDocument"]


def backend_ids(node: dict[str, Any]) -> Iterable[int]:
    yield node["backendNodeId"]
    for child in inner_nodes(node):
        yield from backend_ids(child)


class Examiner:
    """Finds the truth about pages, several at a time."""

    def __init__(self, browser: Browser, port: int) -> None:
        self.browser = browser
        self.port = port

    async def visit(self, page: Page) -> Visit:
        context = await self.browser.new_context(
            viewport={"width": VIEW[0], "height": VIEW[1]}, locale="zh-CN", accept_downloads=False
        )
        await context.route(outside, abort)
        visit = Visit(context)
        await visit.open(f"http://{page.host}:{self.port}/")
        for step in page.steps:
            await visit.do(step, 1.0)
        visit.moved = False
        return visit

    async def examine(self, page: Page) -> dict[str, Truth]:
        """All requirements; where label and truth disagree, a second time."""
        truths = await self.codes(page) | await self.links(page)
        for want in page.wants:
            truth = truths[want.thing.id]
            if truth.state != BORDERLINE and (truth.state == PRESENT) != want.shown:
                again = await self.alone(page, want)
                if again.state != truth.state:
                    truths[want.thing.id] = Truth(BORDERLINE, "two looks differ")
        return truths

    async def alone(self, page: Page, want: Want) -> Truth:
        if want.ways == ("absent",):
            return Truth(ABSENT)
        return await (self.link if want.thing.kind == "link" else self.code)(page, want)

    async def codes(self, page: Page) -> dict[str, Truth]:
        """The page as it stands first; then what has a recipe, each on a load of its own."""
        wants = [x for x in page.wants if x.thing.kind == "code" and x.ways != ("absent",)]
        plain = [x for x in wants if not x.piece.steps]
        truths = {x.thing.id: Truth(ABSENT) for x in page.wants if x.thing.kind == "code"}
        visit = await self.visit(page)
        try:
            await visit.wait_until(page.settle + max([*(x.piece.settle for x in plain), 0.3]))
            await visit.survey()
            for want in plain:
                truths[want.thing.id] = await self.code_on(visit, want)
        finally:
            await visit.close()
        for want in wants:
            if want.thing.value in visit.seen:
                truths[want.thing.id] = Truth(PRESENT, "on the page")
            elif want.piece.steps:
                truths[want.thing.id] = await self.code(page, want)
        return truths

    async def code(self, page: Page, want: Want) -> Truth:
        visit = await self.visit(page)
        try:
            await visit.wait_until(page.settle + want.piece.settle + 0.2)
            return await self.code_on(visit, want)
        finally:
            await visit.close()

    async def code_on(self, visit: Visit, want: Want) -> Truth:
        """Go where it should be, and watch as long as it may take."""
        value, piece = want.thing.value, want.piece
        if value in visit.seen:
            return Truth(PRESENT, "on the page")
        visit.slot = f"slot-{want.thing.id}"
        trouble = await self.approach(visit, want)
        end = time.monotonic() + piece.watch + (piece.settle if piece.steps else 0) + 0.3
        while value not in visit.seen:
            image = await visit.look()
            if time.monotonic() > end:
                return await self.hard_code(visit, value, image, trouble)
            await asyncio.sleep(0.25)
        return Truth(PRESENT, "at its place")

    async def approach(self, visit: Visit, want: Want) -> str:
        """Scroll there, or do as the recipe says."""
        piece = want.piece
        if not piece.steps:
            await visit.reach(visit.slot, 0.2)
            await asyncio.sleep(0.6)
        for step in piece.steps:
            trouble = await visit.do(step, piece.settle + piece.watch + 0.6)
            if trouble:
                return trouble
            await asyncio.sleep(0.12)
            if want.thing.kind == "code":
                await visit.look()
        return ""

    async def hard_code(self, visit: Visit, value: str, image: Image.Image, trouble: str) -> Truth:
        """Not read at scale 1: what larger and other readers say."""
        await visit.look(2)
        side = visit.seen.get(value, 0)
        if side >= READABLE:
            return Truth(PRESENT, "at scale 2")
        if side or value in await asyncio.to_thread(read_hard, image):
            return Truth(BORDERLINE, f"hard to read, {side:.0f} px")
        return Truth(ABSENT, trouble)

    async def links(self, page: Page) -> dict[str, Truth]:
        wants = [x for x in page.wants if x.thing.kind == "link"]
        return {x.thing.id: await self.alone(page, x) for x in wants}

    async def link(self, page: Page, want: Want) -> Truth:
        visit = await self.visit(page)
        visit.slot = f"slot-{want.thing.id}"
        piece = want.piece
        try:
            await visit.wait_until(page.settle + piece.settle + 0.2)
            for step in piece.steps[:-1]:
                trouble = await visit.do(step, piece.settle + piece.watch + 0.6)
                if trouble:
                    return Truth(ABSENT, trouble)
                await asyncio.sleep(0.12)
            return await self.press(visit, want)
        finally:
            await visit.close()

    async def press(self, visit: Visit, want: Want) -> Truth:
        """The last step: the link must be painted, and lead there."""
        step, piece = want.piece.steps[-1], want.piece
        patience = piece.settle + piece.watch + 0.6
        got = await visit.reach(step.id, patience)
        ink = await visit.painted(got[0]) if got else 0
        trouble = await visit.do(step, patience)
        if trouble or not await visit.leaves_for(want.thing.value):
            return Truth(ABSENT, trouble or f"leads to {visit.navigations[:3]}")
        if ink >= 30:
            return Truth(PRESENT, "leads there")
        return Truth(BORDERLINE if ink >= 8 else ABSENT, f"leads there, but paints {ink} pixels")


async def abort(route: Route) -> None:
    await route.abort()


async def find(
    pages: list[Page], server: Server, *, tabs: int = 3, quiet: bool = False
) -> dict[int, dict[str, Truth]]:
    """The truth of all pages."""
    truths: dict[int, dict[str, Truth]] = {}
    queue = list(reversed(pages))
    started = time.monotonic()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        examiner = Examiner(browser, server.port)

        async def work() -> None:
            while queue:
                page = queue.pop()
                truths[page.number] = await examined(examiner, page)
                if not quiet and len(truths) % 20 == 0:
                    spent = time.monotonic() - started
                    print(f"truth: {len(truths)} of {len(pages)} pages, {spent:.0f} s", flush=True)

        await asyncio.gather(*(work() for _ in range(tabs)))
        await browser.close()
    return truths


async def examined(examiner: Examiner, page: Page) -> dict[str, Truth]:
    """A page that cannot be examined is borderline as a whole."""
    try:
        return await examiner.examine(page)
    except Error as error:
        print(f"page {page.number}: {error.message.splitlines()[0]}", flush=True)
        return {x.thing.id: Truth(BORDERLINE, "could not be examined") for x in page.wants}


def dump(truths: dict[int, dict[str, Truth]]) -> str:
    pages = {str(n): {k: asdict(v) for k, v in x.items()} for n, x in sorted(truths.items())}
    return json.dumps({"grammar": fingerprint(), "pages": pages}, ensure_ascii=False, indent=1)


def load(text: str) -> dict[int, dict[str, Truth]]:
    pages = json.loads(text)["pages"]
    return {int(n): {k: Truth(**v) for k, v in x.items()} for n, x in pages.items()}
