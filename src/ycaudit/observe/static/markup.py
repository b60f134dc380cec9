"""Reads the markup of one document: its links, images, sheets, scripts and frames. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Literal
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ycaudit.model import (
    Image,
    Link,
    Visibility,
    Where,
)
from ycaudit.observe.static.styles import (
    WINDOW,
    Sheet,
    Styling,
    applies,
    parse_inline,
    parse_sheet,
)
from ycaudit.reasons import Reason
from ycaudit.url import parse_web_url, resolve_href, same_page

MAX_LINKS = 20_000
MAX_IMAGES = 2_000
MAX_TEXT = 200
MAX_TAGS = 300_000
"""Ten times what the largest homepages have; a million take the parser seconds."""
MAX_DEPTH = 3000
"""Browsers flatten what is nested deeper than 512."""
LATE_REFRESH = 10
"""Seconds after which a visitor has seen the page before it sends him on."""
SMALLEST_CODE = 21
"""A QR code has at least 21 modules a side: shown smaller than that in pixels, it is none."""

MAX_COMMENTS = 40
MAX_COUNTED = 1000
_HOST_NAME = re.compile(r"[\w.-]+")
_THINGS = "a[href], img, iframe, frame"
_TELLING = re.compile(r"<(a|img|area|option)\b", re.IGNORECASE)
Origin = Literal["markup", "script", "frame", "style", "browser", "comment"]

# What links, and the text without which a page has none of it: searching for it costs more.
_LINKING = (
    ("a[href]", "<a"),
    ("area[href]", "<area"),
    ("svg a", "<svg"),
    ("option[value]", "<option"),
    ("form[action]", "<form"),
    ("[onclick]", "onclick"),
)
_BOX = re.compile(
    r"<(/?)(?:div|span|section|table|ul|dl|blockquote|center|font|form)\b", re.IGNORECASE
)
# Where scripts find the address of an image that they load late (seen on real pages).
_LAZY = (
    "data-src", "data-original", "data-lazy-src", "data-lazy", "data-url", "data-echo", "lay-src",
    "original", "_src", "orisrc", "vurl", "source-url", "original-src", "oldsrc", "lazysrc",
)  # fmt: skip
_IMAGE_ADDRESS = re.compile(
    r"^[^\s<>\"'{}]{1,2000}\.(?:png|jpe?g|gif|webp|bmp|svg|avif|ico)(?:[?#]\S*)?$", re.IGNORECASE
)
_POINTING = re.compile(
    r"\bdata-[\w-]{1,60}\s{0,5}=\s{0,5}[\"']?[^\s\"'<>]{1,2000}?\.(?:png|jpe?g|gif|webp|bmp|svg|avif|ico)",
    re.IGNORECASE,
)
_SCRIPT_TYPES = re.compile(
    r"(text|application)/(x-)?(java|ecma|j|live)script\d?(\.\d)?\b.*|module", re.IGNORECASE
)
_OPEN = r"(?:\bopen\s*\(|\blocation(?:\.href)?\s*=(?!=)|\blocation\.(?:assign|replace)\s*\()\s*"
_GOES = re.compile(_OPEN + r"""(['"])((?:(?!\1)[^\\]){1,2000})\1(?!\s*\+)""", re.IGNORECASE)
_LITERAL = re.compile(
    r"""(['"])\s*((?:https?:)?//[^'"\s<>\\]{3,2000})\s*\1(?!\s*\+)""", re.IGNORECASE
)
_REFRESH = re.compile(
    r"""^\s*([\d.]*)\s*[;,]?\s*(?:url\s*=)?\s*(['"]?)(.*?)\2\s*$""", re.IGNORECASE
)
_ANALYTICS = re.compile(
    r"^(hm\.baidu\.com|[\w-]+\.hm\.baidu\.com|zz\.bdstatic\.com|push\.zhanzhang\.baidu\.com|"
    r"[\w-]+\.cnzz\.com|cnzz\.mmstat\.com|v1\.cnzz\.com|js\.users\.51\.la|[\w-]+\.51\.la|"
    r"www\.google-analytics\.com|ssl\.google-analytics\.com|www\.googletagmanager\.com|"
    r"pingjs\.qq\.com|tajs\.qq\.com|ta\.trs\.cn)$"
)
# The loaders that counting services tell site owners to paste: an element named in full, set to
# the service's own address, put before the first script. Nothing else may stand in the script.
_LOADER = re.compile(
    r"""\s*(?:var\s+_hmt\s*=\s*_hmt\s*\|\|\s*\[\]\s*;?)?\s*\(\s*function\s*\(\s*\)\s*\{
    \s*var\s+(\w+)\s*=\s*document\.createElement\(\s*["']script["']\s*\)\s*;
    (?:\s*\1\.(?:async|type|charset|id)\s*=\s*[^;]{1,40};)*
    \s*\1\.src\s*=\s*["'](?P<src>[^"']+)["'](?:\s*\+\s*["'][^"']*["'])?\s*;
    \s*var\s+(\w+)\s*=\s*document\.getElementsByTagName\(\s*["']script["']\s*\)\s*\[\s*0\s*\]\s*;
    \s*\3\.parentNode\.insertBefore\(\s*\1\s*,\s*\3\s*\)\s*;?
    \s*\}\s*\)\s*\(\s*\)\s*;?\s*""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class ScriptTag:
    """A script of the page in document order: inline source or the address of an external one."""

    source: str | None
    url: str | None
    deferred: bool = False
    """Runs after the page is read: what it writes then, a browser ignores."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A document shown inside this one: by address, or written into the attribute."""

    url: str | None
    srcdoc: str | None
    visible: Visibility


@dataclass(frozen=True, slots=True)
class Markup:
    """What one document shows; addresses are absolute."""

    url: str
    title: str
    text_size: int
    """Visible characters, as far as it matters: an almost empty page is no homepage."""
    things: int = 0
    """Links, images and frames, for the same reason."""
    links: tuple[Link, ...] = ()
    images: tuple[Image, ...] = ()
    svgs: dict[str, str] = field(default_factory=dict)
    """Inline drawings, by the `src` of their image."""
    sheets: tuple[str, ...] = ()
    inline_sheets: tuple[str, ...] = ()
    imports: bool = False
    """Whether a sheet in the page asks for others."""
    scripts: tuple[ScriptTag, ...] = ()
    frames: tuple[Frame, ...] = ()
    refresh: str | None = None
    base: str = ""
    cut: bool = False
    """There is more than one look takes in."""
    commented_links: tuple[Link, ...] = ()
    commented_images: tuple[Image, ...] = ()
    """What stands in comments: no part of the page, but worth telling where it is missing."""


def is_analytics(url: str) -> bool:
    """Whether a script only counts visitors, by the host of a well-known service."""
    found = parse_web_url(url)
    return found is not None and _ANALYTICS.match(found.host) is not None


def read(
    html: str,
    url: str,
    *,
    sheets: Sequence[Sheet] = (),
    origin: Origin = "markup",
    scripted: bool | None = None,
    within: Visibility = Visibility.SHOWN,
    awaiting: bool = False,
    hosts: frozenset[str] | None = None,
) -> Markup:
    """What the text of a document at `url` shows. Never raises.

    `sheets` are the linked style sheets known so far; `scripted` says whether scripts run in the
    page around it; `within` is how visible the frame is that holds it; `awaiting` that sheets are
    still unread, so that of what they may hide nobody is sure. With `hosts`, only the links that
    plainly lead there are read, and no images: enough to find, not to miss.
    """
    reader = _Reader(
        html,
        url,
        sheets=sheets,
        origin=origin,
        scripted=scripted,
        within=within,
        awaiting=awaiting,
    )
    return reader.glimpse(hosts) if hosts is not None else reader.read()


def shallow(html: str) -> tuple[str, Reason | None]:
    """The text up to where it nests beyond all reason, and why it ends there.

    The parser asks at each tag what is open above it: 100,000 nested boxes take it minutes.
    """
    if html.count("<") > MAX_TAGS:
        end = nth = 0
        while nth < MAX_TAGS:
            end, nth = html.index("<", end) + 1, nth + 1
        kept, deep = shallow(html[: end - 1])
        return kept, deep or Reason.of("too_many_tags", count=MAX_TAGS)
    depth = 0
    for tag in _BOX.finditer(html) if html.count("<") > MAX_DEPTH else ():
        depth += -1 if tag[1] else 1
        if depth > MAX_DEPTH:
            return html[: tag.start()], Reason.of("nested_too_deep", count=MAX_DEPTH)
    return html, None


def splice(html: str, written: Sequence[str]) -> str:
    """The document with each script replaced by what it wrote, in document order."""
    tree = LexborHTMLParser(html, scripting=True)
    marks: list[str] = []
    for index, node in enumerate(_script_nodes(tree)):
        # A mark that the page cannot contain by chance; scripts stay where they write nothing.
        if index < len(written) and written[index]:
            mark = f"ycaudit-written-{index}-{len(html)}"
            node.replace_with(mark)
            marks.append(mark)
    text = tree.html or ""
    texts = (part for part in written if part)
    for mark, part in zip(marks, texts, strict=False):
        text = text.replace(mark, part, 1)
    return text


def _script_nodes(tree: LexborHTMLParser) -> list[LexborNode]:
    return [node for node in tree.css("script") if _runs(node)]


def _runs(node: LexborNode) -> bool:
    """Whether a browser runs it: old and missing types do, data and templates do not."""
    attributes = node.attributes
    kind = (attributes.get("type") or "").strip()
    if not kind:
        language = (attributes.get("language") or "").strip()
        return not language or ("script" in language.lower() and "vb" not in language.lower())
    return _SCRIPT_TYPES.fullmatch(kind) is not None


class _Reader:
    """One reading of one document."""

    def __init__(
        self,
        html: str,
        url: str,
        *,
        sheets: Sequence[Sheet],
        origin: Origin,
        scripted: bool | None,
        within: Visibility,
        awaiting: bool,
    ) -> None:
        self.html = html
        self.lower = html.lower()
        self.tree = LexborHTMLParser(html, scripting=True)
        self.url = url
        self.base = self._base()
        self.within = within
        self.where = Where(origin=origin, url=url)
        self.styled = Where(origin="style", url=url)
        self.scripts = tuple(self._scripts())
        inline = [node.text() for node in self.tree.css("style") if self._media_holds(node)]
        self.inline_sheets = tuple(inline)
        self.imports = any("@import" in css.lower() for css in inline)
        self.sheets = tuple(self._sheets())
        own = [parse_sheet(css, self.base) for css in inline]
        self.scripted = bool(self.scripts) if scripted is None else scripted
        self.styling = Styling(self.tree, [*sheets, *own], scripted=self.scripted)
        self.svgs: dict[str, str] = {}
        self.sheets_cut = any(sheet.cut for sheet in (*sheets, *own))
        missing = awaiting and (bool(self.sheets) or self.imports)
        self.unsure = missing or self.sheets_cut or any(sheet.part for sheet in sheets)

    def read(self) -> Markup:
        """Everything at once."""
        links = tuple(islice(self._links(self._linking()), MAX_LINKS + 1))
        images = tuple(islice(self._images(), MAX_IMAGES + 1))
        commented = list(self._commented())
        frame = self._frame()
        return replace(
            frame,
            links=links[:MAX_LINKS],
            images=images[:MAX_IMAGES],
            things=len(links) + len(images) + len(frame.frames),
            cut=self.sheets_cut or len(links) > MAX_LINKS or len(images) > MAX_IMAGES,
            svgs=self.svgs,
            commented_links=tuple(link for part in commented for link in part.links),
            commented_images=tuple(image for part in commented for image in part.images),
        )

    def glimpse(self, hosts: frozenset[str]) -> Markup:
        """The links to some hosts, and what decides whether this is the homepage at all."""
        told = (host for host in hosts if _HOST_NAME.fullmatch(host))
        plain = ", ".join(f'a[href*="{host}" i]' for host in sorted(told))
        links = tuple(islice(self._links(plain), MAX_LINKS))
        return replace(self._frame(), links=links, things=len(self.tree.css(_THINGS)))

    def _frame(self) -> Markup:
        """All but the links and images."""
        title = self.tree.css_first("title")
        return Markup(
            url=self.url,
            title=_squeeze(title.text() if title else ""),
            text_size=_text_size(self.tree.body),
            sheets=self.sheets,
            imports=self.imports,
            inline_sheets=self.inline_sheets,
            scripts=self.scripts,
            frames=tuple(self._frames()),
            refresh=self._refresh(),
            base=self.base,
        )

    def _commented(self) -> Iterator[Markup]:
        """What the comments would show, were they none."""
        root = self.tree.root
        if self.where.origin == "comment" or "<!--" not in self.html or root is None:
            return
        comments = (n for n in root.traverse(include_text=True) if n.is_comment_node)
        texts = (node.comment_content or "" for node in comments)
        telling = (text for text in texts if _TELLING.search(text))
        for text in islice(telling, MAX_COMMENTS):
            yield read(text, self.base, origin="comment", within=Visibility.HIDDEN)

    def _base(self) -> str:
        node = self.tree.css_first("base[href]")
        href = node.attributes.get("href") if node else None
        found = parse_web_url(href, self.url) if href else None
        return found.href if found else self.url

    def _absolute(self, text: str | None) -> str | None:
        return resolve_href(text, self.base) if text else None

    def _media_holds(self, node: LexborNode) -> bool:
        return applies(node.attributes.get("media") or "")

    def _visible(self, node: LexborNode) -> Visibility:
        visible = self.styling.visibility(node).within(self.within)
        return Visibility.UNSURE if self.unsure and visible.counts else visible

    # --- scripts, sheets, frames ---

    def _scripts(self) -> Iterator[ScriptTag]:
        for node in _script_nodes(self.tree):
            attributes = node.attributes
            module = (attributes.get("type") or "").strip().lower() == "module"
            if "src" not in attributes:
                yield ScriptTag(node.text(), None, module)
                continue
            src = self._absolute(attributes["src"]) or "about:blank"
            yield ScriptTag(None, src, module or "async" in attributes or "defer" in attributes)
        body = self.tree.body
        onload = body.attributes.get("onload") if body else None
        if onload:
            yield ScriptTag(f"window.onload = function () {{ {onload} }}", None)

    def _sheets(self) -> Iterator[str]:
        for node in self.tree.css("link[href]"):
            rel = (node.attributes.get("rel") or "").lower().split()
            if "stylesheet" in rel and "alternate" not in rel and self._media_holds(node):
                href = self._absolute(node.attributes.get("href"))
                if href:
                    yield href

    def _frames(self) -> Iterator[Frame]:
        for node in self.tree.css("iframe, frame, object[type='text/html']"):
            attributes = node.attributes
            srcdoc = attributes.get("srcdoc")
            url = self._absolute(attributes.get("src") or attributes.get("data"))
            visible = self._visible(node)
            if _zero_size(node):
                visible = visible.within(Visibility.UNSURE)
            if srcdoc or url:
                yield Frame(url, srcdoc, visible)

    def _refresh(self) -> str | None:
        for node in self.tree.css("meta[http-equiv]"):
            if (node.attributes.get("http-equiv") or "").strip().lower() != "refresh":
                continue
            content = node.attributes.get("content") or ""
            if (target := refresh_target(content, self.base, self.url)) is not None:
                return target
        return None

    # --- links ---

    def _linking(self) -> str:
        return ", ".join(selector for selector, sign in _LINKING if sign in self.lower)

    def _links(self, selector: str) -> Iterator[Link]:
        # By identity: an element that fits two selectors of the list comes twice.
        nodes = {node.mem_id: node for node in self.tree.css(selector)} if selector else {}
        for node in nodes.values():
            yield from self._links_of(node)

    def _links_of(self, node: LexborNode) -> Iterator[Link]:
        attributes = node.attributes
        match node.tag:
            case "a" | "area":
                href = attributes.get("href") or attributes.get("xlink:href") or ""
                yield from self._anchor(node, href)
            case "option":
                value = (attributes.get("value") or "").strip()
                if value.lower().startswith(("http:", "https:", "//", "http//")):
                    yield from self._link(node, value, "option")
            case "form":
                yield from self._link(node, attributes.get("action") or "", "form")
        if code := attributes.get("onclick"):
            yield from self._handler(node, code)

    def _anchor(self, node: LexborNode, href: str) -> Iterator[Link]:
        bare = href.strip()
        if bare[:11].lower() == "javascript:":
            yield from self._handler(node, unquote(bare[11:]))
        elif bare and not bare.startswith("#"):
            yield from self._link(node, href, "area" if node.tag == "area" else "a")

    def _link(
        self,
        node: LexborNode,
        href: str,
        how: Literal["a", "area", "option", "handler", "form"],
        *,
        unsure: bool = False,
    ) -> Iterator[Link]:
        target = self._absolute(href)
        if target is None:
            return
        visible = self._visible(_on_screen(self.tree, node) if how == "area" else node)
        own = _text(node)
        if unsure or (how == "a" and not own and _empty(node) and not self.styling.paints(node)):
            visible = visible.within(Visibility.UNSURE)
        text = own[:MAX_TEXT] or _caption(node)
        yield Link(href=target, text=text, how=how, visible=visible, where=self.where)

    def _handler(self, node: LexborNode, code: str) -> Iterator[Link]:
        """Addresses that a click on the element opens."""
        for href, sure in handler_addresses(code):
            yield from self._link(node, href, "handler", unsure=not sure)

    # --- images ---

    def _images(self) -> Iterator[Image]:
        for node in self.tree.css("img, input[type=image], source[srcset], video[poster]"):
            yield from self._image_of(node)
        for node in self.tree.css("object[data], embed[src]"):
            data = node.attributes.get("data") or node.attributes.get("src") or ""
            kind = (node.attributes.get("type") or "").lower()
            if kind.startswith("image/") or (not kind and _IMAGE_ADDRESS.match(data.strip())):
                yield from self._image(node, data)
        for node in self.tree.css("svg"):
            yield from self._drawing(node)
        for node in self.tree.css("[background]"):
            yield from self._image(node, node.attributes.get("background") or "")
        yield from self._painted()
        yield from self._pointed_at()

    def _image_of(self, node: LexborNode) -> Iterator[Image]:
        attributes = node.attributes
        if node.tag == "source":
            if applies(attributes.get("media") or ""):
                yield from self._image(node.parent or node, _chosen(attributes.get("srcset") or ""))
            return
        late = [v for k in _LAZY if (v := attributes.get(k)) and v.strip()]
        late += [
            value
            for key, value in attributes.items()
            if value
            and key.startswith("data-")
            and key not in _LAZY
            and _IMAGE_ADDRESS.match(value)
        ]
        for src in dict.fromkeys(late):
            yield from self._image(node, src, late=True)
        if chosen := _chosen(attributes.get("srcset") or attributes.get("data-srcset") or ""):
            yield from self._image(node, chosen)
        yield from self._image(node, attributes.get("src") or attributes.get("poster") or "")

    def _image(self, node: LexborNode, src: str, *, late: bool = False) -> Iterator[Image]:
        src = src.strip()
        absolute = src if src[:5].lower() == "data:" else self._absolute(src)
        shown = _size(node)
        if not absolute:
            return
        visible = self._visible(node)
        if shown and min(shown) < SMALLEST_CODE:  # whatever it holds, nobody can see it
            visible = Visibility.HIDDEN
        if late and not self.scripted:  # nothing on the page ever loads it
            visible = Visibility.HIDDEN
        yield self._record(node, absolute, visible, self.where, shown)

    def _record(
        self,
        node: LexborNode | None,
        src: str,
        visible: Visibility,
        where: Where,
        shown: tuple[int, int] | None = None,
    ) -> Image:
        attributes = node.attributes if node else {}
        return Image(
            src=src,
            alt=_squeeze(f"{attributes.get('alt') or ''} {attributes.get('title') or ''}"),
            nearby=_nearby(node) if node else "",
            href=_around(node, self.base) if node else None,
            shown=shown,
            visible=visible,
            where=where,
        )

    def _drawing(self, node: LexborNode) -> Iterator[Image]:
        text = node.html or ""
        size = _size(node)
        # The dark modules of the smallest code take more than 200 characters in any notation.
        if len(text) < 200 or (size and min(size) < SMALLEST_CODE):
            return
        src = f"{self.url}#svg-{len(self.svgs) + 1}"
        if "xmlns=" not in text[:500]:
            text = text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        self.svgs[src] = text
        yield self._record(node, src, self._visible(node), self.where, size)

    def _painted(self) -> Iterator[Image]:
        for node in self.tree.css("[style]"):
            style = node.attributes.get("style") or ""
            if "url(" in style.lower():
                for src in parse_inline(style, self.base).images:
                    yield self._record(node, src, self._visible(node), self.styled)
        for background in self.styling.backgrounds():
            node_ = background.node
            visible = self._visible(node_) if node_ else Visibility.UNSURE
            yield self._record(node_, background.src, visible, self.styled)

    def _pointed_at(self) -> Iterator[Image]:
        """Images that an element names for a script to show: unsure, but worth a look."""
        if "data-" not in self.lower or not _POINTING.search(self.html):
            return
        for node in self.tree.css("a, div, span, li, i, p, td"):
            for key, value in node.attributes.items():
                if not key.startswith("data-") or not value or not _IMAGE_ADDRESS.match(value):
                    continue
                src = self._absolute(value)
                if src:
                    visible = Visibility.UNSURE if self.scripted else Visibility.HIDDEN
                    yield self._record(node, src, visible, self.where)


def refresh_target(content: str, base: str, url: str) -> str | None:
    """Where a refresh (of a meta tag or a header) leads, if at once and away from this page.

    A page that renews itself after minutes is a homepage; one that sends on at once is none.
    """
    found = _REFRESH.match(content)
    if found is None or not found[3] or float(found[1].strip(".") or 0) > LATE_REFRESH:
        return None
    target = parse_web_url(found[3], base)
    return target.href if target and not same_page(target.href, url) else None


def handler_addresses(code: str) -> list[tuple[str, bool]]:
    """Addresses in the code of a click, each with whether it is surely opened.

    What is opened or assigned to location is; a literal in another call may only be shown.
    """
    certain = sorted({found[2].strip() for found in _GOES.finditer(code)})
    others = sorted({found[2].strip() for found in _LITERAL.finditer(code)} - set(certain))
    return [(href, "/*" not in code) for href in certain] + [(href, False) for href in others]


def is_loader(source: str) -> bool:
    """Whether an inline script only loads a well-known counting service."""
    found = _LOADER.fullmatch(source)
    return found is not None and is_analytics(_with_scheme(found["src"]))


def _with_scheme(src: str) -> str:
    return f"https:{src}" if src.startswith("//") else src


def _chosen(srcset: str) -> str:
    """The candidate that a desktop screen of ordinary density shows."""
    best: tuple[float, str] | None = None
    for found in re.finditer(r"(\S*[^\s,])(?:\s+([\d.]+)([wx]))?\s*(?:,|$)", srcset):
        size = float(found[2]) if found[2] and found[2].count(".") < 2 and found[2] != "." else 1.0
        distance = abs(size - (1.0 if found[3] != "w" else WINDOW[0]))
        if best is None or distance < best[0]:
            best = (distance, found[1])
    return best[1] if best else ""


def _size(node: LexborNode) -> tuple[int, int] | None:
    """The size on screen, where the attributes say it in pixels."""
    sides = [
        re.fullmatch(r"\s*(\d{1,5})(?:px)?\s*", node.attributes.get(k) or "")
        for k in ("width", "height")
    ]
    first, second = sides
    return (int(first[1]), int(second[1])) if first and second else None


def _zero_size(node: LexborNode) -> bool:
    sizes = [(node.attributes.get(k) or "").strip() for k in ("width", "height")]
    return any(size in ("0", "0px", "0%", "1", "1px") for size in sizes)


def _empty(node: LexborNode) -> bool:
    """An anchor without text has nothing else to see or click, unless a sheet gives it a size."""
    inside = node.css("img, svg, canvas, input, i, [style]")
    return all((_size(thing) or (9, 9)) <= (2, 2) for thing in inside)


def _on_screen(tree: LexborHTMLParser, area: LexborNode) -> LexborNode:
    """An area is seen through the image that uses its map."""
    holder = area.parent
    name = holder.attributes.get("name") or holder.attributes.get("id") if holder else None
    for image in tree.css("img[usemap], object[usemap], input[usemap]") if name else ():
        if (image.attributes.get("usemap") or "").lstrip("#").lower() == (name or "").lower():
            return image
    return area


def _caption(node: LexborNode) -> str:
    """What a thing without text is called."""
    attributes = node.attributes
    image = node.css_first("img[alt]")
    alt = image.attributes.get("alt") if image else None
    return _squeeze(attributes.get("title") or attributes.get("alt") or alt or "")[:MAX_TEXT]


def _nearby(node: LexborNode) -> str:
    """The caption of an image: the nearest text around it, at most three steps out."""
    current = node.parent
    for _ in range(4):
        if current is None or current.tag in ("body", "html"):
            return ""
        text = _text(current)
        if text:
            return text[:MAX_TEXT] if len(text) <= MAX_TEXT else ""
        current = current.parent
    return ""


def _around(node: LexborNode, base: str) -> str | None:
    current = node.parent
    for _ in range(4):
        if current is None:
            return None
        if current.tag == "a":
            return resolve_href(current.attributes.get("href") or "", base)
        current = current.parent
    return None


def _text_size(body: LexborNode | None) -> int:
    """The visible characters, not counted further where it is plain that there are enough."""
    size = 0
    for node in body.traverse(include_text=True) if body else ():
        if node.is_text_node and (node.parent is None or node.parent.tag not in _UNREAD):
            size += len(_squeeze(node.text_content or ""))
            if size > MAX_COUNTED:
                break
    return size


def _text(node: LexborNode) -> str:
    """The text that a visitor reads: without scripts, styles and the like."""
    only = node.first_child
    if only is None:
        return ""
    if only.is_text_node and only.next is None and node.tag not in _UNREAD:
        return _squeeze(only.text_content or "")  # most links are so: no search, no walk
    if node.css_first("script, style, noscript, noframes, textarea") is None:
        return _squeeze(node.text(deep=True))
    parts = (n for n in node.traverse(include_text=True) if n.is_text_node)
    shown = (n.text() for n in parts if n.parent is None or n.parent.tag not in _UNREAD)
    return _squeeze(" ".join(shown))


_UNREAD = frozenset({"script", "style", "noscript", "noframes", "textarea", "template", "title"})


def _squeeze(text: str) -> str:
    return " ".join(text.split())
