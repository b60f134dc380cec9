"""What style sheets show and hide: background images of elements, and elements never shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import tinycss2
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from ycaudit.model import Visibility
from ycaudit.url import parse_web_url

MAX_RULES = 20_000
# The window that a visitor is taken to have, in CSS pixels; the browser observer opens the same.
WINDOW = (1920, 1080)
OFF_SCREEN = -500
"""Farther left or up than this nothing of an ordinary element remains on the screen."""

_CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_STRING = re.compile(r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""")
_BLOCK = re.compile(r"[^{};]*\{([^{}]*)\}")
_TELLING = re.compile(
    r"url\(|image-set|translate|(?:width|height)\s*:\s*0|display|visibility|opacity|(?:left|top|indent)\s*:\s*-|overflow\s*:\s*hidden|clip|scale\(0\)",
    re.IGNORECASE,
)
_DYNAMIC = re.compile(
    r":(?:hover|focus(?:-within|-visible)?|active|target|checked|open)\b", re.IGNORECASE
)
_PSEUDO_ELEMENT = re.compile(r"::?(?:before|after|first-line|first-letter)\b", re.IGNORECASE)
_PIXELS = re.compile(r"(-?\d+(?:\.\d+)?)(px|em|rem|pt|%)?$")
_MEDIA_WIDTH = re.compile(r"\(\s*(min|max)-(?:device-)?width\s*:\s*(\d+(?:\.\d+)?)px\s*\)")


@dataclass(frozen=True, slots=True)
class Rule:
    """One selector with those of its declarations that show images or hide elements."""

    selector: str
    dynamic: bool
    """Only while the visitor points at something."""
    specificity: tuple[int, int, int]
    images: tuple[str, ...]
    hiding: tuple[tuple[str, bool, bool], ...]
    """(property, whether its value hides, !important)"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What matters of one style sheet; addresses are absolute."""

    rules: tuple[Rule, ...]
    imports: tuple[str, ...]
    cut: bool = False
    """There are more rules than MAX_RULES."""
    part: bool = False
    """Not all of it came: what it shows, the rest may hide."""


@dataclass(frozen=True, slots=True)
class Background:
    """An image that a rule paints behind an element."""

    src: str
    node: LexborNode | None
    """None where the selector is beyond this reader: then nobody knows whether it is shown."""


@lru_cache(maxsize=256)
def parse_sheet(css: str, base: str) -> Sheet:
    """The rules and imports of a sheet at `base`. Never raises."""
    rules: list[Rule] = []
    imports: list[str] = []
    parsed = tinycss2.parse_stylesheet(_relevant(css), skip_comments=True, skip_whitespace=True)
    _collect(parsed, base, rules, imports)
    return Sheet(tuple(rules[:MAX_RULES]), tuple(imports), len(rules) > MAX_RULES)


def _relevant(css: str) -> str:
    """The sheet without the blocks that neither paint nor hide.

    Tokenising costs 110 ms for 100 KB, and nine blocks of ten say nothing that matters here.
    """
    css = _CSS_COMMENT.sub(" ", css)
    if any("{" in text or "}" in text for text in _STRING.findall(css)):
        return css
    return _BLOCK.sub(lambda block: block[0] if _TELLING.search(block[1]) else "", css)


@lru_cache(maxsize=4096)
def parse_inline(css: str, base: str) -> Rule:
    """The declarations of a style attribute, as a rule of the highest rank."""
    declarations = tinycss2.parse_declaration_list(css, skip_comments=True, skip_whitespace=True)
    images, hiding = _declarations(declarations, base)
    return Rule("", dynamic=False, specificity=(1000, 0, 0), images=images, hiding=hiding)


def applies(media: str) -> bool:
    """Whether a media query holds for a visitor at a desk; what we do not know may hold."""
    queries = [query.strip().lower() for query in media.split(",")]
    return not media.strip() or any(map(_query_holds, queries))


def _query_holds(query: str) -> bool:
    if re.match(r"(only\s+)?(print|speech|braille|embossed|handheld|tv|projection)\b", query):
        return False
    for bound, size in _MEDIA_WIDTH.findall(query):
        wide_enough = float(size) <= WINDOW[0] if bound == "min" else float(size) >= WINDOW[0]
        if not wide_enough:
            return False
    return not query.startswith("not ")


def _collect(parsed: Iterable[object], base: str, rules: list[Rule], imports: list[str]) -> None:
    for rule in parsed:
        kind = getattr(rule, "type", "")
        if kind == "qualified-rule":
            rules.extend(_rules(rule, base))
        elif kind == "at-rule":
            _at_rule(rule, base, rules, imports)
        if len(rules) > MAX_RULES:
            return


def _at_rule(rule: object, base: str, rules: list[Rule], imports: list[str]) -> None:
    name = getattr(rule, "lower_at_keyword", "")
    prelude = getattr(rule, "prelude", [])
    content = getattr(rule, "content", None)
    if name == "import" and (found := _import(prelude, base)):
        imports.append(found)
    elif content is not None and (
        name in ("supports", "layer") or (name == "media" and applies(tinycss2.serialize(prelude)))
    ):
        inner = tinycss2.parse_rule_list(content, skip_comments=True, skip_whitespace=True)
        _collect(inner, base, rules, imports)


def _import(prelude: Sequence[object], base: str) -> str | None:
    tokens = [t for t in prelude if getattr(t, "type", "") not in ("whitespace", "comment")]
    if not tokens or not applies(tinycss2.serialize(tokens[1:])):
        return None
    target = _url_of(tokens[0]) or (
        str(getattr(tokens[0], "value", "")) if getattr(tokens[0], "type", "") == "string" else ""
    )
    found = parse_web_url(target, base) if target else None
    return found.href if found else None


def _rules(rule: object, base: str) -> Iterator[Rule]:
    content = tinycss2.parse_declaration_list(
        getattr(rule, "content", []), skip_comments=True, skip_whitespace=True
    )
    images, hiding = _declarations(content, base)
    if not images and not hiding:
        return
    for selector in _selectors(tinycss2.serialize(getattr(rule, "prelude", []))):
        bare = _DYNAMIC.sub("", _PSEUDO_ELEMENT.sub("", selector)).strip()
        yield Rule(
            selector=bare or "*",
            dynamic=_DYNAMIC.search(selector) is not None,
            specificity=_specificity(selector),
            images=images,
            # What stands before or after an element may be hidden without hiding the element.
            hiding=() if _PSEUDO_ELEMENT.search(selector) else hiding,
        )


def _selectors(text: str) -> Iterator[str]:
    """A selector list, taken apart at its outer commas."""
    depth = start = 0
    for i, c in enumerate(text):
        depth += (c in "([") - (c in ")]")
        if c == "," and depth == 0:
            yield text[start:i].strip()
            start = i + 1
    yield text[start:].strip()


def _specificity(selector: str) -> tuple[int, int, int]:
    ids = len(re.findall(r"#[\w-]", selector))
    classes = len(re.findall(r"\.[\w-]|\[|(?<!:):(?!:)[a-z]", selector))
    tags = len(re.findall(r"(?:^|[\s>+~])[a-zA-Z]", selector))
    return ids, classes, tags


def _declarations(
    declarations: Iterable[Any], base: str
) -> tuple[tuple[str, ...], tuple[tuple[str, bool, bool], ...]]:
    images: list[str] = []
    hiding: dict[str, tuple[str, bool, bool]] = {}
    zero = set()
    for item in declarations:
        if getattr(item, "type", "") != "declaration":
            continue
        name = item.lower_name
        tokens = item.value
        if name in ("background", "background-image", "content", "list-style-image"):
            images = [src for token in tokens if (src := _image_of(token, base))]
        elif (hides := _hides(name, tinycss2.serialize(tokens).strip().lower())) is not None:
            hiding[name] = (name, hides, bool(item.important))
            if name in ("width", "height", "overflow") and hides:
                zero.add(name)
    if "overflow" not in zero or len(zero) < 2:
        # Only pictures vanish at size zero; of boxes nothing is cut off unless the overflow is.
        for name in ("width", "height"):
            if name in zero:
                hiding[f"picture {name}"] = (f"picture {name}", True, False)
            hiding.pop(name, None)
        hiding.pop("overflow", None)
    return tuple(images), tuple(hiding.values())


def _hides(name: str, value: str) -> bool | None:  # noqa: PLR0911 - a table of properties
    """Whether a declaration hides its element; None where the property is not about that."""
    match name:
        case "display":
            return value == "none"
        case "visibility":
            return value in ("hidden", "collapse")
        case "opacity":
            return value in ("0", "0.0", "0%", ".0")
        case "left" | "top" | "margin-left" | "margin-top" | "text-indent":
            return _pixels(value) < OFF_SCREEN
        case "width" | "height" | "max-height" | "max-width":
            return _PIXELS.fullmatch(value) is not None and _pixels(value) == 0
        case "overflow":
            return value in ("hidden", "clip")
        case "clip" | "clip-path":
            return re.fullmatch(r"rect\(0\D.*|inset\((50|100)%.*|circle\(0.*", value) is not None
        case "transform":
            return (
                "scale(0)" in value or re.search(r"translate\w*\([^)]*-\d{3,}px", value) is not None
            )
        case _:
            return None


def _pixels(value: str) -> float:
    found = _PIXELS.match(value)
    if found is None:
        return 0.0 if value == "0" else 1.0
    return float(found[1]) * (16 if found[2] in ("em", "rem") else 1)


def _image_of(token: object, base: str) -> str | None:
    target = _url_of(token)
    if not target or target.startswith("#"):
        return None
    if target[:5].lower() == "data:":
        return target
    found = parse_web_url(target, base)
    return found.href if found else None


def _url_of(token: Any) -> str:
    kind = getattr(token, "type", "")
    if kind == "url":
        return str(token.value).strip()
    if kind == "function" and token.lower_name in ("url", "image-set", "-webkit-image-set"):
        for part in token.arguments:
            if part.type in ("string", "url"):
                return str(part.value).strip()
            if inner := _url_of(part):
                return inner
    return ""


class Styling:
    """The sheets of a page applied to its tree: who is hidden, and what is painted behind."""

    def __init__(self, tree: LexborHTMLParser, sheets: Sequence[Sheet], *, scripted: bool) -> None:
        self._tree = tree
        self._rules = [rule for sheet in sheets for rule in sheet.rules]
        self._scripted = scripted
        self._known: dict[int, Visibility] = {}
        self._selected: dict[str, dict[int, LexborNode] | None] = {}
        self._hit = self._hidden_nodes()
        self._suspects = self._hit | {node.mem_id for node in tree.css(_SUSPECT)}

    def visibility(self, node: LexborNode) -> Visibility:
        """What a visitor gets to see of an element, its ancestors considered."""
        if not self._suspects:
            return Visibility.SHOWN
        chain: list[LexborNode] = []
        current: LexborNode | None = node
        worst = Visibility.SHOWN
        while current is not None and current.is_element_node:
            if (known := self._known.get(current.mem_id)) is not None:
                worst = known
                break
            chain.append(current)
            current = current.parent
        for step in reversed(chain):
            worst = worst.within(self._own(step))
            self._known[step.mem_id] = worst
        return worst

    def backgrounds(self) -> Iterator[Background]:
        """Every background image of a rule that has an element on this page."""
        for rule in self._rules:
            if not rule.images:
                continue
            nodes = self._select(rule.selector)
            for src in rule.images:
                if nodes is None:
                    yield Background(src, None)
                elif nodes:
                    yield Background(src, next(iter(nodes.values())))

    def _select(self, selector: str) -> dict[int, LexborNode] | None:
        """The elements that match, by identity; None where the selector is beyond the engine."""
        if selector not in self._selected:
            try:
                nodes = self._tree.css(selector)
            except (SelectolaxError, ValueError, RuntimeError):
                self._selected[selector] = None
            else:
                self._selected[selector] = {node.mem_id: node for node in nodes}
        return self._selected[selector]

    def _matches(self, node: LexborNode, selector: str) -> bool:
        return node.mem_id in (self._select(selector) or {})

    def paints(self, node: LexborNode) -> bool:
        """Whether a sheet puts an image behind the element or something in it."""
        ids = {n.mem_id for n in node.traverse(include_text=False)}
        return any(
            rule.images and not ids.isdisjoint(self._select(rule.selector) or {})
            for rule in self._rules
        )

    def _own(self, node: LexborNode) -> Visibility:
        """Of the element alone, as if its ancestors were shown."""
        if node.mem_id not in self._suspects:
            return Visibility.SHOWN
        attributes = node.attributes
        inline = attributes.get("style")
        hidden_inline = bool(inline) and any(
            hides and self._is_hidden_by(node, name)
            for name, hides, _ in parse_inline(inline or "", "").hiding
        )
        if (
            not hidden_inline
            and "hidden" not in attributes
            and node.mem_id not in self._hit
            and not _closed(node)
        ):
            return Visibility.SHOWN
        if node.tag == "details" or self._revealed(node):
            return Visibility.ON_HOVER
        return Visibility.UNSURE if self._scripted else Visibility.HIDDEN

    def _hidden_nodes(self) -> set[int]:
        """The elements that a rule hides and no stronger rule shows."""
        hit: set[int] = set()
        for order, rule in enumerate(self._rules):
            for name, hides, important in rule.hiding:
                if not hides or rule.dynamic:
                    continue
                rank = (important, rule.specificity, order)
                for node in (self._select(rule.selector) or {}).values():
                    if self._is_hidden_by(node, name) and not self._shown_again(node, name, rank):
                        hit.add(node.mem_id)
        return hit

    def _is_hidden_by(self, node: LexborNode, name: str) -> bool:
        """Whether a hiding property hides this kind of element."""
        if name.startswith("picture"):
            return node.tag in _PICTURES
        # Text pushed aside in favour of a picture behind it: the old way to letter a button.
        return name != "text-indent" or not self.paints(node)

    def _shown_again(
        self, node: LexborNode, name: str, rank: tuple[bool, tuple[int, int, int], int]
    ) -> bool:
        inline = node.attributes.get("style")
        if inline and not rank[0]:
            own = {n: hides for n, hides, _ in parse_inline(inline, "").hiding}
            if name in own:
                return not own[name]
        return any(
            self._matches(node, rule.selector)
            for order, rule in enumerate(self._rules)
            for other, hides, important in rule.hiding
            if other == name
            and not hides
            and not rule.dynamic
            and (important, rule.specificity, order) > rank
        )

    def _revealed(self, node: LexborNode) -> bool:
        """Whether a style rule shows it while the visitor points at something."""
        return any(
            rule.dynamic
            and any(not hides for _, hides, _ in rule.hiding)
            and self._matches(node, rule.selector)
            for rule in self._rules
        )


# Whatever else may hide an element than a rule.
_SUSPECT = "[style], [hidden], dialog, input[type=hidden]"
_PICTURES = frozenset({"img", "input", "object", "embed", "iframe", "canvas", "svg", "video"})


def _closed(node: LexborNode) -> bool:
    if node.tag == "dialog":
        return "open" not in node.attributes
    return node.tag == "input" and node.attributes.get("type") == "hidden"
