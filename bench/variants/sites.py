"""Saved homepages, made whole again, and the spots in their own markup where something can stand.

`python bench/variants/sites.py --pages-dir DIR` looks at the pages in a browser and writes
`spots.json`: which rows of links a visitor can press, which pictures stand in sight, and which
boxes have room for a block. A spot is the number of a start tag in the page's source.
"""

# ruff: noqa: E501 - a script
from __future__ import annotations

import argparse
import asyncio
import io
import json
import mimetypes
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent / "oracle"))

from pieces import HTML, File

SPOTS = Path(__file__).parent / "spots.json"
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"}
# What an inline script needs of the files that were left out; such a script could only break.
NEEDS = re.compile(
    r"\$\(|\$\.|jQuery|Swiper|layui|Vue|SuperSlide|echarts|document\.write|_jsq_|params|QRCode"
    r"|vas\.js|hm\.baidu|statistics\.|ta\.trs|lonsun|matomo|gethits|checkLogin|headChange|mediav"
    r"|displayyrt|getComment|genWarning|ContentUpor|translateInit|asideMenu|cnillWza|iframepage|relativLink"
)
OUTER = re.compile(r"url\((['\"]?)(?:https?:)?//[^)]*\)")
FONTS = re.compile(rb"@font-face\s*\{[^}]*\}")
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".ico")


@dataclass(slots=True)
class Tag:
    """An element of the source, by where it stands there."""

    name: str
    attrs: dict[str, str]
    start: int
    inner: int
    close: int = -1
    end: int = -1
    parents: tuple[int, ...] = ()


class Reader(HTMLParser):
    """Numbers the start tags; an end tag closes what is open down to its start tag."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.lines = [0, *(x.end() for x in re.finditer("\n", text))]
        self.tags: list[Tag] = []
        self.open: list[int] = []
        self.feed(text)
        self.close()

    def here(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = self.here()
        inner = at + len(self.get_starttag_text() or "")
        made = Tag(tag, {k: v or "" for k, v in attrs}, at, inner, parents=(*self.open,))
        self.tags.append(made)
        if tag in VOID:
            made.close = made.end = inner
        else:
            self.open.append(len(self.tags) - 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        names = [self.tags[x].name for x in self.open]
        if tag not in names:
            return
        while True:
            last = self.tags[self.open.pop()]
            last.close = last.end = self.here()
            if last.name == tag:
                last.end += len(tag) + 3
                return


Edit = tuple[int, int, str]


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Replace spans; a span within a replaced one is dropped."""
    out, at = [], 0
    for start, end, new in sorted(edits, key=lambda x: (x[0], -x[1])):
        if start >= at:
            out += [text[at:start], new]
            at = end
    return "".join([*out, text[at:]])


def start_tag(name: str, attrs: dict[str, str]) -> str:
    return f"<{name}" + "".join(f' {k}="{escape(v)}"' for k, v in attrs.items()) + ">"


class Whole(dict[str, File]):
    """A site's files; what was not saved with them is a small grey picture or an empty sheet."""

    def get(self, path: str, default: File | None = None) -> File | None:  # type: ignore[override]
        bare = unquote(path.partition("?")[0])
        found = super().get(path) or super().get(bare)
        if found is None and bare.lower().endswith(PICTURES):
            return File(grey(), "image/png")
        if found is None and bare.endswith(".css"):
            return File(b"", "text/css")
        return default if found is None else found


@cache
def grey() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "#ddd").save(out, "png")
    return out.getvalue()


def drawable(kind: str, body: bytes) -> bool:
    """Not what was saved empty, or an error page under a picture's name."""
    if kind == "image/svg+xml":
        return True
    try:
        Image.open(io.BytesIO(body)).verify()
    except (OSError, SyntaxError, ValueError):
        return False
    return True


@dataclass(slots=True)
class Site:
    """One saved homepage, its scripts that lack their files taken out."""

    name: str
    text: str
    files: dict[str, File]
    tags: list[Tag] = field(default_factory=list)


def whole(text: str, files: Whole) -> str:
    """The page without what was not saved with it."""
    edits = []
    for tag in Reader(text).tags:
        source = tag.attrs.get("src") or tag.attrs.get("href", "")
        address = urljoin("http://own.test/", source.strip())
        outside = not address.startswith("http://own.test/")
        lost = outside or files.get(urlsplit(address).path) is None
        if tag.name == "script":
            kind = tag.attrs.get("type", "javascript").lower()
            broken = "src" in tag.attrs or NEEDS.search(text, tag.inner, max(tag.close, tag.inner))
            if broken and "javascript" in kind:
                edits.append((tag.start, tag.end, ""))
        elif tag.name in {"iframe", "video", "embed", "object"} or (tag.name == "link" and lost):
            edits.append((tag.start, tag.end, ""))
        elif tag.name in {"img", "input"} and source and lost and not source.startswith("data:"):
            changed = start_tag(tag.name, tag.attrs | {"src": "/static/lost.png"})
            edits.append((tag.start, tag.inner, changed))
    return edited(text, edits)


@cache
def load(folder: Path) -> Site:
    files = Whole()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.name != "index.html":
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            body = file.read_bytes()
            body = FONTS.sub(b"", body) if file.suffix == ".css" else body
            if kind.startswith("image/") and not drawable(kind, body):
                kind, body = "image/png", grey()
            files[f"/{file.relative_to(folder).as_posix()}"] = File(body, kind)
    source = (folder / "index.html").read_text(encoding="utf-8-sig", errors="replace")
    text = whole(OUTER.sub("url(/static/lost.png)", source.replace("\r", "")), files)
    return Site(folder.name, text, files, Reader(text).tags)


def names(pages_dir: Path) -> list[str]:
    return sorted(x.parent.name for x in pages_dir.glob("*/index.html"))


def page_files(site: Site, text: str) -> Whole:
    files = Whole(site.files)
    files["/"] = File(text.encode(), HTML)
    return files


# Looking for spots

PROBE = r"""() => {
  const out = {rows: [], roots: [], seats: [], boxes: []};
  const still = e => !e.closest('marquee') && !e.getAnimations({subtree:true}).length;
  const at = (x, y) => document.elementFromPoint(x, y);
  const fixed = e => { for (; e && e.nodeType == 1; e = e.parentNode)
    if (['fixed','sticky'].includes(getComputedStyle(e).position)) return true; return false };
  const middle = e => { e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();
    return [r, r.left >= 0 && r.right <= innerWidth && at(r.left + r.width/2, r.top + r.height/2)] };
  for (const a of document.querySelectorAll('a[data-n]')) {
    const text = a.textContent.trim();
    if (text.length < 2 || text.length > 24 || a.querySelector('img') || fixed(a) || !still(a)) continue;
    const [r, hit] = middle(a);
    if (r.width < 24 || r.width > 420 || r.height < 10 || r.height > 60 || !hit || !a.contains(hit)) continue;
    const style = getComputedStyle(a);
    if (a.getClientRects().length > 1 || style.color == 'rgba(0, 0, 0, 0)') continue;
    let u; try { u = new URL(a.href) } catch (e) { continue }
    out.rows.push(+a.dataset.n);
    if (u.hostname != location.hostname && u.protocol.startsWith('http') && u.pathname == '/' && !u.port)
      out.roots.push([+a.dataset.n, u.origin + '/']);
  }
  for (const i of document.querySelectorAll('img[data-n]')) {
    if (fixed(i) || !still(i)) continue;
    const [r, hit] = middle(i);
    if (r.width < 90 || r.height < 90 || r.width > 700 || r.height > 500 || hit !== i) continue;
    out.seats.push([+i.dataset.n, Math.round(r.width), Math.round(r.height)]);
  }
  // Boxes are taken one after the other: with a block in each, all else must still be in sight.
  const whole = t => { const [r] = middle(t);
    return [[4,4],[155,125],[306,4],[4,246],[306,246]].every(([x, y]) => at(r.left + x, r.top + y) === t) };
  const find = n => document.querySelector(`[data-n="${n}"]`);
  const seen = n => { const e = find(n), [r, hit] = middle(e); return r.width > 0 && hit && e.contains(hit) };
  const known = [...out.rows, ...out.seats.map(x => x[0])], taken = [];
  let all = [...document.querySelectorAll('div[data-n],td[data-n],section[data-n]')].filter(
    b => !fixed(b) && still(b) && b.getBoundingClientRect().width >= 320);
  all = all.filter((b, i) => i % Math.ceil(all.length / 70) == 0);
  for (const b of all) {
    const t = document.createElement('div');
    t.style.cssText = 'width:310px;height:250px;position:relative';
    t.innerHTML = '<img width=100 height=100 style="width:100px;height:100px">';
    b.append(t);
    const r = t.firstChild.getBoundingClientRect(), square = r.width == 100 && r.height == 100;
    t.firstChild.remove();
    if (square && [...taken, t].every(whole) && known.every(seen)) {
      taken.push(t);
      out.boxes.push(+b.dataset.n);
      if (taken.length == 12) break;
    } else t.remove();
  }
  const last = document.createElement('div');
  last.style.cssText = 'clear:both;position:relative;height:250px';
  document.body.append(last);
  out.foot = [...taken, last].every(whole) && known.every(seen);
  return out;
}"""


CLOSEST = r"""file => {
  const i = [...document.images].find(x => x.src.endsWith(file));
  for (let e = i; e; e = e.parentElement)
    if (e.getBoundingClientRect().width && e.dataset.n) { e.scrollIntoView({block: 'center'});
      const r = e.getBoundingClientRect();
      return [+e.dataset.n, r.x + r.width / 2, r.y + r.height / 2, e == i] }
}"""
DRAWN = """file => [...document.images].some(x => x.src.endsWith(file) && x.getBoundingClientRect().width)"""


async def own_codes(tab: Any, known: dict[str, list[str]]) -> dict[str, int]:
    """The site's own codes, with what a visitor points at to see them (-1: nothing)."""
    found = {}
    for payload, files in known.items():
        for file in files:
            got = await tab.evaluate(CLOSEST, file)
            if got and not got[3]:
                await tab.mouse.move(got[1], got[2])
                await asyncio.sleep(0.5)
            if got and await tab.evaluate(DRAWN, file):
                found[payload] = -1 if got[3] else got[0]
    return found


def numbered(site: Site) -> str:
    edits = []
    for n, tag in enumerate(site.tags):
        if tag.name in {"a", "img", "div", "td", "section", "li", "span", "dl"}:
            at = tag.start + 1 + len(tag.name)
            edits.append((at, at, f' data-n="{n}"'))
    return edited(site.text, edits)


def spread(items: list[int], count: int) -> list[int]:
    """As many as asked for, from all parts of the list."""
    step = max(1.0, len(items) / count)
    return [items[int(x * step)] for x in range(min(count, len(items)))]


def watch(tab: Any, name: str) -> None:
    """Tells what is not whole."""
    tab.on("pageerror", lambda x: print(f"{name}: {x.message[:100]}"))
    tab.on("response", lambda x: x.status >= 400 and print(f"{name}: {x.status} {x.url}"))
    tab.on("requestfailed", lambda x: print(f"{name}: lost {x.url[:120]}"))


async def probe(pages_dir: Path) -> None:
    from grammar import Page
    from playwright.async_api import async_playwright
    from serve import Server
    from truth import CHROMIUM, FLAGS, VIEW, abort, outside

    sites = [load(pages_dir / x) for x in names(pages_dir)]
    pages = {n: Page(n, "", page_files(x, numbered(x)), (), (), 0) for n, x in enumerate(sites)}
    server = Server(pages)
    expected = json.loads((pages_dir / "expected.json").read_text())
    found = {}
    async with await server.start(), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        for n, site in enumerate(sites):
            tab = await browser.new_page(viewport={"width": VIEW[0], "height": VIEW[1]})
            watch(tab, site.name)
            await tab.route(outside, abort)
            await tab.goto(f"http://u{n:04d}.oracle.test:{server.port}/", timeout=30000)
            await asyncio.sleep(1)
            codes = await own_codes(tab, expected[site.name]["qr"])
            await tab.mouse.move(2, 300)
            got = await tab.evaluate(PROBE)
            found[site.name] = {
                "rows": spread(got["rows"], 40),
                "roots": spread(got["roots"], 6),
                "seats": spread(got["seats"], 12),
                "boxes": got["boxes"],
                "foot": got["foot"],
                "codes": codes,
            }
            print(site.name, {k: v if k == "foot" else len(v) for k, v in got.items()}, flush=True)
            await tab.close()
        await browser.close()
    lines = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in found.items()]
    SPOTS.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages-dir", type=Path, required=True)
    asyncio.run(probe(parser.parse_args().pages_dir))
