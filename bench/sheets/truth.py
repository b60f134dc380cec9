"""The truth about a page: a window, a mouse and screenshots.

A link is visible where other text in it changes the picture and a click at one of nine points of
its boxes reaches it; an image where other pixels in it change at least 30 by 30 of the picture.
What is seen only when something is pointed at, focused or opened is "opened". What changes few
pixels, or changes them little, is unclear and left out.
"""

from __future__ import annotations

import base64
import io
import os
import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy
from grow import URL, Page, Probe
from PIL import Image, ImageDraw
from playwright.sync_api import Route, sync_playwright

CHROMIUM = os.environ.get("ORACLE_BROWSER", "/usr/bin/chromium-headless-shell")
AWAY = (-20, -20)  # outside of the window: nothing is pointed at, not even html
SETTLED = 450  # ms: the longest animation of the ways ends before
SHOWN, OPENED, HIDDEN, UNCLEAR = "shown", "opened", "hidden", "unclear"

_PREPARE = """() => {
  window.hit = null; window.free = false;
  const note = e => {
    const it = e.composedPath().find(x => x.dataset && x.dataset.k);
    window.hit = it ? it.dataset.k : null;
    if (!window.free) { e.preventDefault(); e.stopImmediatePropagation(); }
  };
  window.documents = [document];
  for (const frame of document.querySelectorAll('iframe'))
    if (frame.contentDocument) window.documents.push(frame.contentDocument);
  for (const d of [...window.documents]) for (const host of d.querySelectorAll('*'))
    if (host.shadowRoot) window.documents.push(host.shadowRoot);
  for (const d of window.documents) d.addEventListener('click', note, true);
  window.probe = k => {
    for (const d of window.documents) {
      const it = d.querySelector(`[data-k="${k}"]`);
      if (it) return it;
    }
    return null;
  };
}"""

# A visitor scrolls what has bars or a wheel, so what scrollIntoView moved beyond that is put back.
_FIND = """k => {
  const it = window.probe(k);
  if (!it) return null;
  window.scrollTo(0, 0);
  it.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
  const above = up => up.parentElement || up.getRootNode().host
    || up.ownerDocument.defaultView.frameElement;
  for (let up = it; up; up = above(up)) {
    const style = up.ownerDocument.defaultView.getComputedStyle(up);
    if (style.overflowX == 'hidden' && up.scrollLeft) up.scrollLeft = 0;
    if (style.overflowY == 'hidden' && up.scrollTop) up.scrollTop = 0;
  }
  const frame = it.ownerDocument.defaultView.frameElement;
  const at = frame ? frame.getBoundingClientRect() : {left: 0, top: 0};
  const dx = frame ? at.left + frame.clientLeft : 0, dy = frame ? at.top + frame.clientTop : 0;
  const box = r => [r.left + dx, r.top + dy, r.width, r.height];
  const around = [];
  for (let up = it; up && up != it.ownerDocument.body; up = up.parentElement)
    around.push(box(up.getBoundingClientRect()));
  const text = it.ownerDocument.createRange(); // what has no box of its own may have some of text
  text.selectNodeContents(it);
  const boxes = [...it.getClientRects(), ...text.getClientRects()];
  return {boxes: boxes.slice(0, 3).map(box), around,
          inner: [...it.querySelectorAll('*')].length};
}"""

# Other text of the same width; other pixels of the same size.
_CHANGE = """async ([k, other]) => {
  const it = window.probe(k);
  if (it.localName == 'a') {
    const text = it.firstChild;
    window.old = text.data;
    text.data = [...text.data].reverse().join('');
  } else if (it.currentSrc == it.src) {
    window.old = it.src;
    it.removeAttribute('srcset');
    it.src = other;
    try { await it.decode(); } catch (e) {}
  } else window.old = null;
  await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
}"""
_RESTORE = """async k => {
  const it = window.probe(k);
  if (window.old === null) return;
  if (it.localName == 'a') it.firstChild.data = window.old;
  else { it.src = window.old; try { await it.decode(); } catch (e) {} }
}"""


def picture(number: int, *, other: bool = False) -> bytes:
    """A little PNG that no page is the colour of; the other one differs in every pixel."""
    image = Image.new("RGB", (60, 60), (200, 30, 120) if other else (20, 140, 60))
    ImageDraw.Draw(image).text((8, 20), f"i{number}", (0, 0, 90) if other else (250, 230, 20))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


OTHER = "data:image/png;base64," + base64.b64encode(picture(0, other=True)).decode()


class Browser:
    """A window of 1920 × 1080 that finds the truth of pages; one page at a time."""

    def __enter__(self) -> Browser:
        self._driver = sync_playwright().start()
        self._browser = self._driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        self._context = self._browser.new_context(viewport={"width": 1920, "height": 1080})
        self._page = self._context.new_page()
        self._cdp = self._context.new_cdp_session(self._page)
        self._served: Page | None = None
        self._page.route("**/*", self._serve)
        return self

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._driver.stop()

    def _serve(self, route: Route) -> None:
        url = route.request.url
        assert self._served is not None
        if url == URL:
            route.fulfill(body=self._served.html.encode(), content_type="text/html; charset=utf-8")
        elif url in self._served.sheets:
            text = self._served.sheets[url].encode()
            route.fulfill(body=text, content_type="text/css; charset=utf-8")
        elif (found := re.fullmatch(re.escape(URL) + r"i(\d+)\.png", url)) or "other.png" in url:
            number = int(found[1]) if found else 99
            route.fulfill(body=picture(number), content_type="image/png")
        else:
            route.fulfill(status=404, body="")

    def truths(self, page: Page, only: Iterable[int] | None = None) -> dict[int, str]:
        """What a visitor gets of each probe."""
        wanted = [p for p in page.probes if only is None or p.number in only]
        self._open(page)
        return {probe.number: self._truth(page, probe) for probe in wanted}

    def _open(self, page: Page) -> None:
        self._served = page
        self._page.mouse.move(*AWAY)
        self._page.goto(URL, wait_until="load", timeout=20_000)
        self._page.wait_for_timeout(SETTLED)
        self._page.evaluate(_PREPARE)
        self._base: tuple[object, numpy.ndarray[Any, Any]] | None = None

    def _truth(self, page: Page, probe: Probe) -> str:
        k = f"k{probe.number}"
        got = self._page.evaluate(_FIND, k)
        if got is None:
            return HIDDEN
        if probe.kind == "link" and got["inner"]:
            return UNCLEAR  # broken markup put something into the link
        rest = self._seen(probe, got["boxes"], None)
        if rest != HIDDEN:
            return rest
        for look in self._openings(page, probe, got):
            if look() == SHOWN:
                return OPENED
        return HIDDEN

    def _seen(self, probe: Probe, boxes: list[list[float]], at: tuple[float, float] | None) -> str:
        """With the mouse at a place, or nowhere."""
        k = f"k{probe.number}"
        self._page.mouse.move(*(at or AWAY))
        if at is not None:
            self._page.wait_for_timeout(60)
        before = self._shot()
        self._page.evaluate(_CHANGE, [k, OTHER])
        after = self._shot()
        self._page.evaluate(_RESTORE, k)
        seen = _differ(before, after, probe.kind)
        if probe.kind == "image" or seen != SHOWN:
            return seen
        small = all(min(w, h) < 4 for _, _, w, h in boxes)
        return SHOWN if self._hits(k, boxes) else UNCLEAR if small and boxes else HIDDEN

    def _shot(self) -> numpy.ndarray[Any, Any]:
        asked = {"format": "png", "optimizeForSpeed": True}
        data = base64.b64decode(self._cdp.send("Page.captureScreenshot", asked)["data"])
        return numpy.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=numpy.int16)

    def _hits(self, k: str, boxes: list[list[float]]) -> bool:
        fractions = (0.5, 0.1, 0.9)
        for x, y, width, height in boxes:
            for down in fractions:
                for right in fractions:
                    px, py = x + width * right, y + height * down
                    if 0 <= px < 1920 and 0 <= py < 1080:
                        self._page.evaluate("window.hit = null")
                        self._page.mouse.click(px, py)
                        if self._page.evaluate("window.hit") == k:
                            self._rest()
                            return True
        self._rest()
        return False

    def _rest(self) -> None:
        self._page.mouse.move(*AWAY)
        self._page.evaluate("for (const d of window.documents) d.activeElement?.blur()")

    def _openings(
        self, page: Page, probe: Probe, got: dict[str, Any]
    ) -> Iterable[Callable[[], str]]:
        k = f"k{probe.number}"
        html = page.html + "".join(page.sheets.values())

        def again(at: tuple[float, float] | None = None) -> str:
            now = self._page.evaluate(_FIND, k)
            return self._seen(probe, now["boxes"], at)

        if ":hover" in html:
            for x, y, width, height in got["around"]:
                if width and height and 0 <= x + width / 2 < 1920 and 0 <= y + height / 2 < 1080:
                    yield lambda at=(x + width / 2, y + height / 2): again(at)  # type: ignore[misc]
        if ":focus" in html:
            self._page.evaluate("k => window.probe(k).focus()", k)
            yield again
            self._rest()
        switches = f"#s{probe.number} :is(summary, label, details, [popovertarget])"
        for switch in self._page.query_selector_all(switches):
            box = switch.bounding_box()
            if box and box["width"] and box["height"]:
                self._page.evaluate("window.free = true")
                self._page.mouse.click(box["x"] + 12, box["y"] + min(10, box["height"] / 2))
                self._page.evaluate("window.free = false")
                self._page.wait_for_timeout(60)
                yield again


def _differ(before: Any, after: Any, kind: str) -> str:
    change = numpy.abs(before - after).max(axis=2)
    weak, strong = change > 16, change > 40
    if weak.sum() <= 4:
        return HIDDEN
    if kind == "link":
        return SHOWN if strong.sum() >= 24 else UNCLEAR
    rows, columns = numpy.nonzero(strong)
    if len(rows) < 700:
        return UNCLEAR
    large = rows.max() - rows.min() >= 29 and columns.max() - columns.min() >= 29
    return SHOWN if large else UNCLEAR
