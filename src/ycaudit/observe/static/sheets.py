"""Style sheets as they are written: their rules, imports and pictures, and which of them apply."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import tinycss2

from ycaudit.observe.static.declarations import Does, Extent, does, extent
from ycaudit.url import parse_web_url

MAX_RULES = 20_000
# The window that a visitor is taken to have, in CSS pixels; the browser observer opens the same.
WINDOW = (1920, 1080)

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_STRING = re.compile(r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""")
_BLOCK = re.compile(r"[^{};]*\{([^{}]*)\}")
_PICTURE = re.compile(r"url\(|image-set", re.IGNORECASE)
_MEDIA_WIDTH = re.compile(r"\(\s*(min|max)-(?:device-)?width\s*:\s*(\d+(?:\.\d+)?)px\s*\)")
_PLAIN_QUERY = re.compile(
    r"(?:(?:only\s+)?(?:screen|all)\s*(?:and)?|\(\s*m(?:in|ax)-[^()]*\)|and|\s)*"
)
_PRINTED = re.compile(r"(only\s+)?(print|speech|braille|embossed|handheld|tv|projection)\b")
_OTHERS = frozenset({"font-face", "page", "counter-style", "charset", "namespace"})
"""At-rules in which no rules for elements stand."""
_MANY = re.compile(r"(?:shadow\s*:|gradient\()(?![^;{}]{0,40}data:)[^;{}]{1500}", re.I)
_OWN_SIGN = re.compile(r"content\s*:\s*[\"'](?:\\[ef][0-9a-f]{3}|[\ue000-\uf8ff])", re.I)
_LARGE = re.compile(
    r"font(?:-size)?\s*:[^;{}]{0,60}?\b(?:(?:[6-9]\d|\d{3,})(?:\.\d+)?px|(?:[4-9]|\d\d+)(?:\.\d+)?r?em)",
    re.I,
)
"""A code has at least 21 modules a side; of fewer pixels than three each, none is read."""
_BEFORE_AFTER = re.compile(r"::?(?:before|after)\b", re.IGNORECASE)
_KEPT = re.compile(r":(?:(?:first|last)-(?:child|of-type)|root)(?![-\w(])", re.IGNORECASE)
_NAME = re.compile(r"::?-?[a-zA-Z][-\w]*")


@dataclass(frozen=True, slots=True)
class Rule:
    """One selector, and what its declarations may do."""

    selector: str | None
    """Matches at least what the rule does; None: nobody can tell what it matches."""
    does: Does
    images: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    """Of the text."""
    grounds: tuple[str, ...] = ()
    """What is painted behind it."""
    beside: bool = False
    """It is about what stands before or after the element's content."""
    extents: tuple[Extent, ...] = ()
    """How large it makes the element."""

    @property
    def matters(self) -> bool:
        """Whether it says anything of what shows."""
        return bool(self.does or self.images or self.extents)


@dataclass(frozen=True)
class Sheet:
    """What matters of one style sheet at `base`; addresses are absolute."""

    css: str = ""
    base: str = ""
    part: bool = False
    """Not all of it came: what it shows, the rest may hide."""

    @cached_property
    def draws(self) -> bool:
        """Whether it may draw a code without a picture: by many shadows or gradients, or by a large
        sign of a font of its own."""
        css = _COMMENT.sub("", self.css)
        if _MANY.search(css) is not None:
            return True
        has_signs = "@font-face" in css.lower() and _OWN_SIGN.search(css) is not None
        return has_signs and _LARGE.search(css) is not None

    @property
    def imports(self) -> tuple[str, ...]:
        """The sheets that it asks for."""
        return _painting(self.css, self.base)[1]

    @property
    def pictures(self) -> tuple[Rule, ...]:
        """The rules that put pictures on the page."""
        return tuple(rule for rule in _painting(self.css, self.base)[0] if rule.images)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, at most MAX_RULES + 1. To tell them costs a second a megabyte."""
        return _parsed(self.css, self.base)[0]


@lru_cache(maxsize=256)
def _parsed(css: str, base: str) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """The rules and imports of a sheet at `base`. Never raises."""
    rules: list[Rule] = []
    imports: list[str] = []
    parsed = tinycss2.parse_stylesheet(
        _COMMENT.sub(" ", css), skip_comments=True, skip_whitespace=True
    )
    _collect(parsed, base, rules, imports, within=None)
    return tuple(rules[: MAX_RULES + 1]), tuple(imports)


@lru_cache(maxsize=256)
def _painting(css: str, base: str) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """The rules that paint pictures, and the imports: a tenth of the work."""
    return _parsed(_with_pictures(css), base)


def _with_pictures(css: str) -> str:
    """The sheet without the blocks that paint no picture, which are nine of ten."""
    css = _COMMENT.sub(" ", css)
    if any("{" in text or "}" in text for text in _STRING.findall(css)):
        return css
    return _BLOCK.sub(lambda block: block[0] if _PICTURE.search(block[1]) else "", css)


@lru_cache(maxsize=4096)
def parse_inline(css: str, base: str) -> Rule:
    """The declarations of a style attribute."""
    parsed = tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True)
    return _rule("", parsed, base)


def applies(media: str) -> bool:
    """Whether a media query may hold for a visitor at a desk."""
    queries = [query.strip().lower() for query in media.split(",")]
    return not media.strip() or any(map(_may_hold, queries))


def _may_hold(query: str) -> bool:
    if _PRINTED.match(query):
        return False
    if not _PLAIN_QUERY.fullmatch(query):
        return True  # what is not plain may hold
    return all(
        float(size) <= WINDOW[0] if bound == "min" else float(size) >= WINDOW[0]
        for bound, size in _MEDIA_WIDTH.findall(query)
    )


def _collect(
    parsed: Iterable[Any], base: str, rules: list[Rule], imports: list[str], *, within: str | None
) -> None:
    """The rules of a sheet or of a block in it; `within` is the selector of the rule around it."""
    for rule in parsed:
        if len(rules) > MAX_RULES:
            return
        if rule.type == "qualified-rule":
            _style_rule(rule, base, rules, imports, within=within)
        elif rule.type == "at-rule":
            _at_rule(rule, base, rules, imports, within=within)


def _style_rule(
    rule: Any, base: str, rules: list[Rule], imports: list[str], *, within: str | None
) -> None:
    content = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    inner = [item for item in content if item.type in ("qualified-rule", "at-rule")]
    for selector in selectors_in(tinycss2.serialize(rule.prelude)):
        whole = _nested(selector, within)
        found = _rule(whole, content, base)
        if found.matters:
            rules.append(found)
        if inner:
            _collect(inner, base, rules, imports, within=whole)


def _at_rule(
    rule: Any, base: str, rules: list[Rule], imports: list[str], *, within: str | None
) -> None:
    name = rule.lower_at_keyword
    if name == "import" and (found := _import(rule.prelude, base)):
        imports.append(found)
    elif name == "import" and "data:" in tinycss2.serialize(rule.prelude).lower():
        rules.append(Rule(None, Does.HIDE))
    if rule.content is not None and (name == "property" or name.endswith("keyframes")):
        if images := tuple(_images_in(rule.content, base)):  # of what, and when, nobody can tell
            rules.append(Rule(None, Does.NOTHING, images))
        return
    if rule.content is None or name in _OTHERS:
        return
    if name == "media" and not applies(tinycss2.serialize(rule.prelude)):
        return
    content = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    if within is not None:
        found_here = _rule(within, content, base)
        if found_here.matters:
            rules.append(found_here)
    _collect(content, base, rules, imports, within=within)


def _import(prelude: Sequence[Any], base: str) -> str | None:
    tokens: list[Any] = [t for t in prelude if t.type not in ("whitespace", "comment")]
    if not tokens or not applies(tinycss2.serialize(tokens[1:])):
        return None
    target = next(_urls_in(tokens[:1], texts=True), "")
    found = parse_web_url(target, base) if target else None
    return found.href if found else None


def _rule(selector: str, content: Iterable[Any], base: str) -> Rule:
    found = Does.NOTHING
    images: list[str] = []
    colours: list[str] = []
    grounds: list[str] = []
    extents: list[Extent] = []
    for item in content:
        if item.type == "error":
            found |= Does.HIDE  # nobody knows what a browser makes of it
        if item.type != "declaration":
            continue
        value = tinycss2.serialize(item.value).strip().lower()
        here = does(item.lower_name, value)
        if item.important and item.lower_name == "display":
            here |= Does.FORCE
        found |= here
        images += _images_in(item.value, base)
        if (size := extent(item.lower_name, value)) is not None:
            extents.append(size)
        if Does.INK in here:
            colours.append(value)
        if Does.GROUND in here:
            grounds.append(value)
    beside = _BEFORE_AFTER.search(selector) is not None
    return Rule(
        _broadened(selector), found, tuple(images), tuple(colours), tuple(grounds),
        beside=beside, extents=tuple(extents),
    )  # fmt: skip


def selectors_in(text: str) -> Iterator[str]:
    """A selector list, taken apart at its outer commas."""
    depth = start = 0
    for i, c in enumerate(text):
        depth += (c in "([") - (c in ")]")
        if c == "," and depth == 0:
            yield text[start:i].strip()
            start = i + 1
    yield text[start:].strip()


def _nested(selector: str, within: str | None) -> str:
    if within is None:
        return selector
    return selector.replace("&", within) if "&" in selector else f"{within} {selector}"


def _broadened(selector: str) -> str | None:
    """A selector that matches at least as much: without what depends on the visitor or is rare."""
    out: list[str] = []
    at = 0
    while at < len(selector):
        if selector[at] == "\\":
            out.append(selector[at : at + 2])
            at += 2
        elif selector[at] == "[":
            end = selector.find("]", at) + 1 or len(selector)
            out.append(selector[at:end])
            at = end
        elif selector[at] in "|&":
            return None
        elif (kept := _KEPT.match(selector, at)) is not None:
            out.append(kept[0])
            at = kept.end()
        elif (name := _NAME.match(selector, at)) is not None:
            at = _past_brackets(selector, name.end())
        else:
            out.append(selector[at])
            at += 1
    bare = re.sub(r"(^|[\s>+~])(?=$|\s*[>+~])", r"\1*", "".join(out).strip())
    return bare or "*"


def _past_brackets(text: str, at: int) -> int:
    depth = 0
    while at < len(text) and (depth or text[at] == "("):
        depth += (text[at] == "(") - (text[at] == ")")
        at += 1
    return at


def _images_in(tokens: Iterable[Any], base: str) -> Iterator[str]:
    """Every image that a value may name, however deep in functions and blocks."""
    for target in _urls_in(tokens):
        found = None if not target or target.startswith("#") else parse_web_url(target, base)
        if target[:5].lower() == "data:":
            yield target
        elif found is not None:
            yield found.href


def _urls_in(tokens: Iterable[Any], *, texts: bool = False) -> Iterator[str]:
    for token in tokens:
        match token.type:
            case "url":
                yield str(token.value).strip()
            case "string" if texts:
                yield str(token.value).strip()
            case "function":
                named = (
                    token.lower_name in ("url", "src", "image") or "image-set" in token.lower_name
                )
                yield from _urls_in(token.arguments, texts=named)
            case "{} block" | "() block" | "[] block":
                yield from _urls_in(token.content)
