"""A document parsed once, and what it says whatever its style sheets are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ycaudit.model import Visibility
from ycaudit.observe.page_images import LEGIBLE
from ycaudit.observe.static.refused import is_mixed
from ycaudit.observe.static.sheets import Sheet, applies
from ycaudit.observe.static.styles import Styling
from ycaudit.reasons import Reason
from ycaudit.url import parse_web_url, resolve_href, same_page, stays_on

MAX_TEXT = 200
"""Characters of a link's text or an image's caption."""
MAX_WORDS, MAX_WALK = 20, 50
"""Characters by which an element is called, and the nodes in it among which they are looked for."""
MAX_COUNTED = 1000
"""Characters after which the text of a page is not counted further."""
_UNREAD = frozenset({"script", "style", "noscript", "noframes", "textarea", "template", "title"})
_PIXELS = re.compile(r"\s*(\d{1,5})(?:px)?\s*")


def squeeze(text: str) -> str:
    """The text with every run of white space made one space."""
    return " ".join(text.split())


def text_of(node: LexborNode) -> str:
    """The text that a visitor reads: without scripts, styles and the like."""
    only = node.first_child
    if only is None:
        return ""
    if only.is_text_node and only.next is None and node.tag not in _UNREAD:
        return squeeze(only.text_content or "")  # most links are so: no search, no walk
    if node.css_first("script, style, noscript, noframes, textarea") is None:
        return squeeze(node.text(deep=True))
    parts = (n for n in node.traverse(include_text=True) if n.is_text_node)
    shown = (n.text() for n in parts if n.parent is None or n.parent.tag not in _UNREAD)
    return squeeze(" ".join(shown))


def text_size(body: LexborNode | None) -> int:
    """Visible characters, up to about MAX_COUNTED."""
    size = 0
    for node in body.traverse(include_text=True) if body else ():
        if node.is_text_node and (node.parent is None or node.parent.tag not in _UNREAD):
            size += len(squeeze(node.text_content or ""))
            if size > MAX_COUNTED:
                break
    return size


def caption_of(node: LexborNode) -> str:
    """What an element without text is called: its title, or the alt text of an image in it."""
    attributes = node.attributes
    image = node.css_first("img[alt]")
    alt = image.attributes.get("alt") if image else None
    return squeeze(attributes.get("title") or attributes.get("alt") or alt or "")[:MAX_TEXT]


def called(node: LexborNode) -> str:
    """An element by the first words in it, of a text or of a picture; without any by its tag."""
    for inner in islice(node.traverse(include_text=True), MAX_WALK):
        if not inner.is_text_node:
            words = inner.attributes.get("title") or inner.attributes.get("alt") or ""
        elif inner.parent is not None and inner.parent.tag not in _UNREAD:
            words = inner.text_content or ""
        else:
            continue
        if words := squeeze(words[: MAX_WORDS * 4])[:MAX_WORDS]:
            return f"“{words}”"
    return f"<{node.tag}>"


def text_nearby(node: LexborNode) -> str:
    """The nearest text around an image, at most three steps out; empty if it is too long."""
    current = node.parent
    for _ in range(4):
        if current is None or current.tag in ("body", "html"):
            return ""
        if text := text_of(current):
            return text[:MAX_TEXT] if len(text) <= MAX_TEXT else ""
        current = current.parent
    return ""


def href_around(node: LexborNode, base: str) -> str | None:
    """The address of the anchor around an element, at most four steps out."""
    current = node.parent
    for _ in range(4):
        if current is None:
            return None
        if current.tag == "a":
            return resolve_href(current.attributes.get("href") or "", base)
        current = current.parent
    return None


def size_of(node: LexborNode) -> tuple[int, int] | None:
    """Width and height on screen, where the attributes give them in pixels."""
    wide, high = (_PIXELS.fullmatch(node.attributes.get(k) or "") for k in ("width", "height"))
    return (int(wide[1]), int(high[1])) if wide and high else None


def has_zero_size(node: LexborNode) -> bool:
    """Whether an attribute makes it at most one pixel wide or high."""
    sizes = [(node.attributes.get(k) or "").strip() for k in ("width", "height")]
    return any(size in ("0", "0px", "0%", "1", "1px") for size in sizes)


def has_nothing_to_click(node: LexborNode) -> bool:
    """Whether an anchor without text holds nothing else that is larger than two pixels."""
    inside = node.css("img, svg, canvas, input, i, [style]")
    return all((size_of(thing) or (9, 9)) <= (2, 2) for thing in inside)


def image_of_area(tree: LexborHTMLParser, area: LexborNode) -> LexborNode | None:
    """The image that uses the map of an area."""
    holder = area.parent
    name = holder.attributes.get("name") or holder.attributes.get("id") if holder else None
    for image in tree.css("img[usemap], object[usemap], input[usemap]") if name else ():
        if (image.attributes.get("usemap") or "").lstrip("#").lower() == (name or "").lower():
            return image
    return None


MAX_TAGS = 300_000
"""Ten times what the largest homepages have; a million take the parser seconds."""
MAX_DEPTH = 3000
"""Browsers flatten what is nested deeper than 512."""
LATE_REFRESH = 10
"""Seconds after which a visitor has seen the page before it sends him on."""
MAX_COMMENTS = 40

_AT_ONCE = (
    *("onload", "onerror", "onanimationstart", "onanimationend", "ontransitionend", "onscroll"),
    *("onfocus", "onfocusin", "ontoggle", "onbegin", "onend"),
)
_TELLING = re.compile(r"<(a|img|area|option)\b", re.IGNORECASE)
_BOX = re.compile(
    r"<(/?)(?:div|span|section|table|ul|dl|blockquote|center|font|form)\b", re.IGNORECASE
)
_SCRIPT_TYPES = re.compile(
    r"(text|application)/(x-)?(java|ecma|j|live)script\d?(\.\d)?\b.*|module", re.IGNORECASE
)
_REFRESH = re.compile(
    r"""^\s*(\d*\.?\d*)[\d.]*\s*[;,]?\s*(?:url\s*=)?\s*(['"]?)(.*?)\2\s*$""", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ScriptTag:
    """A script of the page in document order: inline source or the address of an external one."""

    source: str | None
    url: str | None
    deferred: bool = False
    """Runs after the page is read: what it writes then, a browser ignores."""


LEAST_BOXES = 220
"""Half of the modules of the smallest QR code: those that are dark."""
_EMPTY_BOXES = ", ".join(
    f"{name}:empty" for name in ("td", "span", "i", "b", "u", "em", "div", "li")
)
_MANY_STYLES = re.compile(
    r"""style\s*=\s*["'][^"'<>]{0,300}(?:shadow|gradient)[^"'<>]{1500}""", re.I
)
_BLOCKS = re.compile(r"[\u2580-\u259f\u25a0-\u25ff]|&#(?:96|x25)\w\w;")


class Tree:
    """The parsed text of the document at `url`; every address it gives is absolute.

    To parse takes 1 ms for 80 KB, so the stages of a visit share one tree. Nothing changes it.
    """

    def __init__(self, html: str, url: str) -> None:
        """Never raises, whatever the text."""
        self.html = html
        self.url = url
        self.parser = LexborHTMLParser(html, scripting=True)
        node = self.parser.css_first("base[href]")
        href = node.attributes.get("href") if node else None
        found = parse_web_url(href, url) if href else None
        self.base = found.href if found else url

    @cached_property
    def base_target(self) -> str:
        """Where links open that do not say it."""
        node = self.parser.css_first("base[target]")
        return ((node.attributes.get("target") if node else "") or "").strip()

    @cached_property
    def hides_referrer(self) -> bool:
        """Whether servers are not told whose page asks, and may answer otherwise."""
        found = self.parser.css("meta[name='referrer' i]")
        said = ((node.attributes.get("content") or "").strip().lower() for node in found)
        return not {"no-referrer", "never"}.isdisjoint(said)

    @cached_property
    def frame_names(self) -> frozenset[str]:
        """The names of the frames in which it shows other documents."""
        frames = self.parser.css("iframe[name], frame[name]")
        return frozenset(filter(None, (node.attributes.get("name") for node in frames)))

    def absolute(self, text: str | None) -> str | None:
        """The address that an attribute names; None for none."""
        return resolve_href(text, self.base) if text else None

    @property
    def anchored(self) -> Iterator[str]:
        """The addresses of its anchors that lead away from it, seen or not."""
        for node in self.parser.css("a[href]"):
            text = (node.attributes.get("href") or "").strip()
            href = None if stays_on(self.url, text, self.base) else self.absolute(text)
            if href is not None:
                yield href

    @cached_property
    def lower(self) -> str:
        """The text in lower case, for cheap searches."""
        return self.html.lower()

    @cached_property
    def title(self) -> str:
        """The title, empty where there is none."""
        node = self.parser.css_first("title")
        return squeeze(node.text() if node else "")

    @cached_property
    def text_size(self) -> int:
        """Visible characters, as far as it matters: an almost empty page is no homepage."""
        return text_size(self.parser.body)

    @cached_property
    def scripts(self) -> tuple[ScriptTag, ...]:
        """The scripts that a browser runs, and last the code of the body's onload."""
        return tuple(self._scripts())

    @cached_property
    def sheet_urls(self) -> tuple[str, ...]:
        """The linked style sheets that apply to a screen."""
        return tuple(self._sheet_urls())

    @cached_property
    def inline_sheets(self) -> tuple[Sheet, ...]:
        """The style elements that apply to a screen."""
        return tuple(Sheet(css, self.base) for css in self._inline_css)

    @cached_property
    def has_imports(self) -> bool:
        """Whether a style element asks for other sheets."""
        return any("@import" in css.lower() for css in self._inline_css)

    @cached_property
    def comments(self) -> tuple[Tree, ...]:
        """The comments that would show links or images, were they none."""
        root = self.parser.root
        if "<!--" not in self.html or root is None:
            return ()
        nodes = (n for n in root.traverse(include_text=True) if n.is_comment_node)
        texts = (node.comment_content or "" for node in nodes)
        telling = (text for text in texts if _TELLING.search(text))
        return tuple(Tree(text, self.base) for text in islice(telling, MAX_COMMENTS))

    @cached_property
    def refresh(self) -> str | None:
        """Where a refresh leads, if at once and away from here."""
        for node in self.parser.css("meta[http-equiv]"):
            if (node.attributes.get("http-equiv") or "").strip().lower() != "refresh":
                continue
            content = node.attributes.get("content") or ""
            if (target := refresh_target(content, self.base, self.url)) is not None:
                return target
        return None

    def with_written(self, written: Sequence[str]) -> str:
        """The text with each script replaced by what it wrote, in document order."""
        tree = self.parser.clone()
        marks: list[str] = []
        for index, node in enumerate(_script_nodes(tree)):
            # A mark that the page cannot contain by chance; scripts stay where they write nothing.
            if index < len(written) and written[index]:
                mark = f"ycaudit-written-{index}-{len(self.html)}"
                node.replace_with(mark)
                marks.append(mark)
        text = tree.html or ""
        texts = (part for part in written if part)
        for mark, part in zip(marks, texts, strict=False):
            text = text.replace(mark, part, 1)
        return text

    @property
    def policies(self) -> tuple[str, ...]:
        """Its own content security policies."""
        found = self.parser.css("meta[http-equiv='content-security-policy' i]")
        return tuple(node.attributes.get("content") or "" for node in found)

    @cached_property
    def has_shadow_roots(self) -> bool:
        """Whether its own markup holds shadow roots, whose content the parser keeps apart."""
        return self.parser.css_first("[shadowrootmode]") is not None

    @cached_property
    def draws_with_boxes(self) -> bool:
        """Whether so many elements without content, block characters or styles may draw a code."""
        if _MANY_STYLES.search(self.html):
            return True
        if len(_BLOCKS.findall(self.html)) >= LEAST_BOXES // 2:  # one may stand for two modules
            return True
        return len(self.parser.css(_EMPTY_BOXES)) >= LEAST_BOXES

    @cached_property
    def reacts(self) -> bool:
        """Whether something on it acts, or not, as soon as it is loaded, lost or animated."""
        acting = (f"[{event}]" for event in _AT_ONCE)
        checked = "script[integrity], link[integrity]"  # what differs from its sum does not load
        found = self.parser.css(", ".join((*acting, checked)))
        return any(node.tag != "body" for node in found)

    @cached_property
    def _inline_css(self) -> tuple[str, ...]:
        return tuple(node.text() for node in self.parser.css("style") if _on_screen(node))

    def _scripts(self) -> Iterator[ScriptTag]:
        for node in _script_nodes(self.parser):
            attributes = node.attributes
            module = (attributes.get("type") or "").strip().lower() == "module"
            if "src" not in attributes:
                yield ScriptTag(node.text(), None, module)
                continue
            src = self.absolute(attributes["src"]) or "about:blank"
            yield ScriptTag(None, src, module or "async" in attributes or "defer" in attributes)
        body = self.parser.body
        if onload := body.attributes.get("onload") if body else None:
            yield ScriptTag(f"window.onload = function () {{ {onload} }}", None)

    def _sheet_urls(self) -> Iterator[str]:
        for node in self.parser.css("link[href]"):
            rel = (node.attributes.get("rel") or "").lower().split()
            if "stylesheet" not in rel or "alternate" in rel or not _on_screen(node):
                continue
            if href := self.absolute(node.attributes.get("href")):
                yield href


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


def refresh_target(content: str, base: str, url: str) -> str | None:
    """Where a refresh (of a meta tag or a header) leads, if at once and away from this page.

    A page that renews itself after minutes is a homepage; one that sends on at once is none.
    """
    found = _REFRESH.match(content)
    if found is None or not found[3] or float(found[1].strip(".") or 0) > LATE_REFRESH:
        return None
    target = parse_web_url(found[3], base)
    return target.href if target and not same_page(target.href, url) else None


def _script_nodes(tree: LexborHTMLParser) -> list[LexborNode]:
    return [node for node in tree.css("script") if _runs(node)]


def _runs(node: LexborNode) -> bool:
    """Whether a browser runs it: old and missing types do, data and templates do not."""
    attributes = node.attributes
    if "nomodule" in attributes:
        return False
    kind = (attributes.get("type") or "").strip()
    if not kind:
        language = (attributes.get("language") or "").strip()
        return not language or ("script" in language.lower() and "vb" not in language.lower())
    return _SCRIPT_TYPES.fullmatch(kind) is not None


def _on_screen(node: LexborNode) -> bool:
    return applies(node.attributes.get("media") or "")


class StyledTree:
    """What a visitor gets to see of each element of a tree."""

    def __init__(
        self,
        tree: Tree,
        sheets: Sequence[Sheet],
        *,
        scripted: bool,
        within: Visibility,
        awaiting: bool,
        restricted: bool,
    ) -> None:
        """`sheets`, `scripted`, `within` and the like are as in `markup.read`."""
        every = (*sheets, *tree.inline_sheets)
        self.tree = tree
        self.scripted = scripted
        self.styling = Styling(tree.parser, every)
        self._within = within
        self._restricted = restricted
        missing = awaiting and (bool(tree.sheet_urls) or tree.has_imports)
        inlined = tree.parser.css("link[href^='data:' i]")
        self._unsure = scripted or missing or bool(inlined) or any(sheet.part for sheet in sheets)

    def visible(self, node: LexborNode) -> Visibility:
        """How visible an element is, the frame around the document considered."""
        if self._unsure:  # whatever the sheets say: no need to read them all
            return Visibility.UNSURE.within(self._within)
        return self.styling.visibility(node).within(self._within)

    def loaded(self, node: LexborNode, src: str = "") -> Visibility:
        """How visible a thing is that the browser has to load first."""
        visible = self.visible(node)
        refused = self._restricted or is_mixed(src, self.tree.url)
        return Visibility.UNSURE.within(visible) if refused else visible

    def large(self, node: LexborNode, src: str = "") -> Visibility:
        """How visible an image is, its size considered: a sheet may show it larger."""
        visible = self.loaded(node, src)
        if visible.counts and self.styling.least_side(node) < LEGIBLE:
            return Visibility.UNSURE
        return visible

    def legible(self, node: LexborNode) -> Visibility:
        """How visible a text is, its colour considered."""
        visible = self.visible(node)
        if visible.counts and not self.styling.is_legible(node):
            return Visibility.UNSURE
        return visible
