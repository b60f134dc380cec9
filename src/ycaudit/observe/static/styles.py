"""What style sheets may keep from the screen, and the pictures that they put on it.

This is modest on purpose. A thing is shown only if no declaration of any sheet, whatever its rank
and its condition, may keep it from the screen; nearly all else is unsure, for a browser to decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf

from PIL import ImageColor
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from ycaudit.model import Visibility
from ycaudit.observe.static.declarations import Does, Extent, extent, spoils
from ycaudit.observe.static.sheets import MAX_RULES, WINDOW, Rule, Sheet, parse_inline

NEAR = 60
"""Of 255: text whose colour is so near to that behind it may be no text to a visitor."""
WHITE, BLUE = (255, 255, 255), (0, 0, 238)
"""Of an empty page, and of its links."""
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Background:
    """An image that a rule may paint behind an element."""

    src: str
    node: LexborNode | None
    """None where nobody can tell which."""


class Styling:
    """The sheets of a page applied to its tree: what may be kept from the screen.

    Of a page on which no script can do any more.
    """

    def __init__(self, tree: LexborHTMLParser, sheets: Sequence[Sheet]) -> None:
        self._tree = tree
        self._sheets = sheets
        self._known: dict[int, Visibility] = {}

    def visibility(self, node: LexborNode) -> Visibility:
        """What a visitor gets to see of an element, its ancestors considered."""
        chain: list[LexborNode] = []
        worst = Visibility.SHOWN
        for outer in up(node):
            if (known := self._known.get(outer.mem_id)) is not None:
                worst = known
                break
            chain.append(outer)
        for step in reversed(chain):
            worst = worst.within(self._own(step))
            self._known[step.mem_id] = worst
        return worst

    def is_legible(self, node: LexborNode) -> bool:
        """Whether its text surely has another colour than what is behind it."""
        inside = node.css("*")
        around = [*up(node)]
        said = [text for n in (*inside, *around) for text in self._inks.get(n.mem_id, ())]
        inks = _colours_of(said) or [BLUE]
        of_ground = (_colours_of(self._grounds.get(n.mem_id, ())) for n in around)
        behind = next(filter(None, of_ground), [WHITE])
        behind += [g for n in inside for g in _colours_of(self._grounds.get(n.mem_id, ()))]
        return (
            self._is_coloured_plainly
            and None not in (*inks, *behind)
            and all(_differs(ink, ground) for ink in inks for ground in behind if ink and ground)
        )

    def least_side(self, node: LexborNode) -> float:
        """The least width or height, in pixels, that sheets and attributes may leave an element."""
        return min(self._least(node, across=True), self._least(node, across=False))

    def _least(self, node: LexborNode, *, across: bool) -> float:
        """Along one side; what is around the element counts as far as its size is a share of it."""
        least: float = inf
        share, is_share = 1.0, False
        for outer in up(node):
            said = (*self._extents.get(outer.mem_id, ()), *_by_attribute(outer))
            here = [each for each in said if each.across is across]
            least = min([least, *(share * each.size for each in here if not each.is_share)])
            shares = [each.size for each in here if each.is_share]
            is_share = is_share or bool(shares)
            if not is_share:
                return least
            share *= min(shares, default=1.0)
        return min(least, share * WINDOW[0]) if across else least

    def backgrounds(self) -> Iterator[Background]:
        """Every image that a rule may paint at an element of this page."""
        for rule in (rule for sheet in self._sheets for rule in sheet.pictures):
            nodes = self._select(rule.selector)
            for src in rule.images:
                if nodes is None:
                    yield Background(src, None)
                elif nodes:
                    yield Background(src, nodes[0])

    def _own(self, node: LexborNode) -> Visibility:
        """Of the element alone, as if its ancestors were shown."""
        inline = node.attributes.get("style") or ""
        if node.tag == "input" and node.attributes.get("type") == "hidden":
            return Visibility.HIDDEN
        if not (_is_displayed(inline) or self._is_forced):
            return Visibility.HIDDEN
        if self._is_covered or node.mem_id in self._doubted:
            return Visibility.UNSURE
        return Visibility.SHOWN

    def _select(self, selector: str | None) -> list[LexborNode] | None:
        """The elements that may match; None where nobody can tell."""
        if selector is None:
            return None
        try:
            return list(self._tree.css(selector))
        except (SelectolaxError, ValueError, RuntimeError):
            return None

    @cached_property
    def _rules(self) -> list[Rule]:
        return [rule for sheet in self._sheets for rule in sheet.rules]

    @cached_property
    def _of_elements(self) -> tuple[dict[int, Does], dict[int, LexborNode], Does]:
        """What may be done to each element, the elements, and what may be done to any of them."""
        found: dict[int, Does] = {}
        nodes: dict[int, LexborNode] = {}
        to_any = Does.NOTHING
        for rule in self._rules:
            if not rule.does:
                continue
            matched = self._select(rule.selector)
            if matched is None:
                to_any |= rule.does
                continue
            # What stands before or after a text may lie over it; else it hides only itself.
            is_over = Does.LIFT in rule.does or Does.MOVE in rule.does
            over = Does.HIDE | Does.MOVE if is_over else Does.NOTHING
            what = over if rule.beside else rule.does
            for node in matched if what else ():
                found[node.mem_id] = found.get(node.mem_id, Does.NOTHING) | what
                nodes[node.mem_id] = node
        for node in self._tree.css("[style]"):
            inline = parse_inline(node.attributes.get("style") or "", "").does
            found[node.mem_id] = found.get(node.mem_id, Does.NOTHING) | inline
            nodes[node.mem_id] = node
        return found, nodes, to_any

    @cached_property
    def _is_covered(self) -> bool:
        """Whether something may lie over the whole page, or a rule may match anything."""
        found, _, to_any = self._of_elements
        spoilt = any(map(spoils, found.values()))
        hides = to_any & ~(Does.INK | Does.GROUND)
        slotted = bool(self._tree.css("[shadowrootmode]"))
        return (
            spoilt or slotted or bool(hides) or any(len(s.rules) > MAX_RULES for s in self._sheets)
        )

    @cached_property
    def _doubted(self) -> set[int]:
        """The elements that may be kept from the screen, whatever is around them."""
        found, nodes, _ = self._of_elements
        doubted: set[int] = set()
        for number, what in found.items():
            node = nodes[number]
            cuts = what & (Does.CLIP | Does.ACROSS) and Does.SIZE in what
            squeezed = Does.PAD in what and node.tag in _PICTURES
            if node.tag in ("col", "colgroup"):
                doubted.add(_table_of(node))
            if Does.FADE in what:
                around = (found.get(n.mem_id, Does.NOTHING) for n in up(node))
                cuts = cuts or sum(Does.FADE in outer for outer in around) > 1
            if (
                Does.HIDE in what
                or cuts
                or squeezed
                or (Does.CLIP in what and node.tag in ("body", "html"))
            ):
                doubted.add(number)
            may_cover = Does.MOVE in what or (Does.LIFT in what and Does.FIX not in what)
            if may_cover and node.parent is not None:
                # What lies over others may lie over its neighbours; these are what is doubted.
                doubted.update(n.mem_id for n in node.parent.iter() if n.mem_id != number)
        doubted.update(node.mem_id for node in self._tree.css(_DOUBTED))
        doubted.update(map(_table_of, self._tree.css("col[width], colgroup[width]")))
        return doubted

    @cached_property
    def _is_forced(self) -> bool:
        """Whether a sheet may show what a style attribute hides."""
        return any(Does.FORCE in rule.does for rule in self._rules)

    @cached_property
    def _is_coloured_plainly(self) -> bool:
        """Whether no attribute of the page changes the colours of all texts."""
        return not self._tree.css(_COLOURED)

    @cached_property
    def _inks(self) -> dict[int, list[str]]:
        """The colours that the text of elements may have."""
        return self._colours("colours", "[color]", "color")

    @cached_property
    def _extents(self) -> dict[int, list[Extent]]:
        """The sizes that elements may be given."""
        found: dict[int, list[Extent]] = {}
        for rule in self._rules:
            for node in (
                self._select(rule.selector) or [] if rule.extents and not rule.beside else ()
            ):
                found.setdefault(node.mem_id, []).extend(rule.extents)
        for node in self._tree.css("[style]"):
            if inline := parse_inline(node.attributes.get("style") or "", "").extents:
                found.setdefault(node.mem_id, []).extend(inline)
        return found

    @cached_property
    def _grounds(self) -> dict[int, list[str]]:
        """The colours that may be painted behind elements."""
        return self._colours("grounds", "[bgcolor]", "bgcolor")

    def _colours(self, of_rule: str, selector: str, attribute: str) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for rule in self._rules:
            for node in self._select(rule.selector) or [] if getattr(rule, of_rule) else ():
                found.setdefault(node.mem_id, []).extend(getattr(rule, of_rule))
        for node in self._tree.css("[style]"):
            rule = parse_inline(node.attributes.get("style") or "", "")
            if of := getattr(rule, of_rule):
                found.setdefault(node.mem_id, []).extend(of)
        for node in self._tree.css(selector):
            found.setdefault(node.mem_id, []).append(node.attributes.get(attribute) or "")
        return found


_NOT_DISPLAYED = re.compile(r"\s*display\s*:\s*none\s*;?\s*", re.IGNORECASE)
_AROUND_A_PICTURE = re.compile(
    r"url\(.*|(?:no-)?repeat(?:-[xy])?|center|left|right|top|bottom|fixed|scroll|local|cover|contain|auto"
    r"|/|,|-?[\d.]+(?:px|%|em)?|(?:border|padding|content)-box"
)
# What keeps a thing from the screen, or may, without any style sheet.
_PICTURES = frozenset({"img", "input", "object", "embed", "iframe", "canvas", "svg", "video"})
_DOUBTED = (
    "[hidden], [inert], [popover], dialog, details:not([open]), template, datalist, noframes, "
    "[contenteditable], "
    "marquee, defs, symbol, rp, math, svg *, progress *, meter *, select a, select img, "
    "iframe[sandbox], "
    "mask, clippath, pattern, canvas *, video *, audio *, object *, iframe *, button a, label a, "
    "select[disabled], option[disabled], optgroup[disabled] *, fieldset[disabled] *, "
    "[width='0'], [height='0'], [width='1'], [height='1'], [width='0%'], [height='0%']"
)
_COLOURED = "body[link], body[text], body[vlink], body[alink], meta[name='color-scheme' i]"
_NO_COLOUR = frozenset(
    {"inherit", "initial", "unset", "revert", "none", "transparent", "currentcolor", ""}
)


def _is_displayed(style: str) -> bool:
    """False where a style attribute says that it is not, and nothing else."""
    return _NOT_DISPLAYED.fullmatch(style) is None


def _by_attribute(node: LexborNode) -> Iterator[Extent]:
    """The sizes that attributes give an element."""
    for name in ("width", "height"):
        value = (node.attributes.get(name) or "").strip()
        if value and (found := extent(name, value)) is not None:
            yield found


def _table_of(column: LexborNode) -> int:
    """The table of which a column may keep a part from the screen."""
    return next((node for node in up(column) if node.tag == "table"), column).mem_id


def up(node: LexborNode) -> Iterator[LexborNode]:
    """The element and all that it stands in."""
    current: LexborNode | None = node
    while current is not None and current.is_element_node:
        yield current
        current = current.parent


def _colours_of(texts: Iterable[str]) -> list[Colour | None]:
    """The colours named; None for what is none of those that are understood."""
    found: list[Colour | None] = []
    for text in texts:
        parts = re.split(r"\s+(?![^(]*\))", text)
        words = [w for w in parts if w not in _NO_COLOUR and not _AROUND_A_PICTURE.fullmatch(w)]
        named = [colour for word in words if (colour := _colour(word)) is not None]
        found += named or ([None] if words else [])
    return found


def _colour(word: str) -> Colour | None:
    try:
        return ImageColor.getrgb(word)[:3]
    except ValueError:
        return None


def _differs(ink: Colour, ground: Colour) -> bool:
    return max(abs(a - b) for a, b in zip(ink, ground, strict=True)) > NEAR
