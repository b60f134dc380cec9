"""What can be chosen from: lists, groups of radio buttons, fields that offer words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ycaudit.observe.browser.dom import Dom, holds
from ycaudit.observe.browser.hands import Hands
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.openers import MAX_CAPTION
from ycaudit.observe.browser.tab import Point
from ycaudit.reasons import Reason

Key = tuple[int, tuple[str, ...], str]
"""To know a list by: a script may fill it anew, or show another pane around it."""
MAX_DRAWN = 3, 2
"""How many times as wide and as high as an unseen list what is drawn for it may be."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen."""

    number: int | None
    """In its list, of those that can be chosen; None: all of them at once."""
    node: Node
    """The option, or the radio button; the list itself where all are chosen."""
    text: str

    @property
    def state(self) -> Reason:
        """What the page shows once it is made."""
        return Reason.of("state_chosen", name=self.text[:MAX_CAPTION])


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be chosen from in one place."""

    node: Node
    """The list, the field, or the first radio button of its group."""
    choices: tuple[Choice, ...]
    pane: str = ""
    """What the pane says in which it stands, if that shows something else from time to time."""

    @property
    def key(self) -> Key:
        """Its place, its choices and its pane."""
        return *self.in_any_pane, self.pane

    @property
    def in_any_pane(self) -> tuple[int, tuple[str, ...]]:
        """Its key, but for what the pane says."""
        return self.node.place, tuple(choice.text for choice in self.choices)


def offers(dom: Dom) -> Iterator[Offer]:
    """All that a visitor can choose from now."""
    groups: dict[tuple[Node | None, str], list[Node]] = {}
    for node in dom.nodes:
        if "disabled" in node.attributes:
            continue
        if node.name == "select" and dom.takes_clicks(node):
            found = [
                Choice(number, n, dom.text_of(n) or n.attributes.get("label", ""))
                for number, n in enumerate(_options_of(node))
            ]
            if "multiple" in node.attributes:
                found.append(Choice(None, node, ""))
            if len(found) > 1 or (found and _begins_with(node) is not found[0].node):
                yield Offer(node, tuple(found))
        elif takes_words(node) and dom.is_shown(node):
            words = [
                Choice(number, n, n.attributes.get("value") or dom.text_of(n))
                for number, n in enumerate(_words_for(dom, node))
            ]
            if words:
                yield Offer(node, tuple(words))
        elif node.name == "input" and node.kind == "radio":
            label = _label(dom, node)
            if not dom.is_shown(node) and not (label and dom.is_shown(label)):
                continue
            form = next((o for o in node.up() if o.name in ("form", "#document")), None)
            groups.setdefault((form, node.attributes.get("name", "")), []).append(node)
    for group in groups.values():
        if len(group) > 1:
            yield Offer(
                group[0],
                tuple(Choice(number, n, _label_of(dom, n)) for number, n in enumerate(group)),
            )


async def is_drawn(hands: Hands, node: Node, at: Point) -> bool:
    """Whether a list, or a box, that is met at this point is to be seen: itself, its label, or what
    is drawn in its place."""
    dom, box = hands.dom, node.box
    label = _label(dom, node) if node.name == "input" else None
    if dom.is_shown(node) or (label is not None and dom.is_shown(label)):
        return True
    if box is None or await hands.is_painted(node, at):
        return box is not None
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    for under in [n for n in dom.shown if holds(n.box, x, y)]:
        wide, high = under.box[2:] if under.box else (0, 0)
        is_of_its_size = wide <= MAX_DRAWN[0] * box[2] and high <= MAX_DRAWN[1] * box[3]
        if is_of_its_size and await hands.is_painted(under, at):
            return True
    return False


async def met(hands: Hands, wanted: Node) -> tuple[Node, Point] | None:
    """A list or a radio button as it is now, and where it is met, itself or by its label."""
    node = hands.dom.again(wanted.id, wanted.place)
    if node is None:
        return None
    at = await hands.met(node)
    label = _label(hands.dom, node) if at is None and node.name == "input" else None
    if label is not None:
        at = await hands.met(label)
    return (node, at) if at is not None else None


def _options_of(node: Node) -> list[Node]:
    return [n for n in node.down() if n.name == "option" and _is_free(n)]


def takes_words(node: Node) -> bool:
    """Whether words can be typed into it, some of which it offers."""
    if node.name != "input" or "list" not in node.attributes or "readonly" in node.attributes:
        return False
    return node.kind in ("", "text", "search", "url")


def _words_for(dom: Dom, field: Node) -> list[Node]:
    """The options that a field offers."""
    named = field.attributes["list"]
    lists = (n for n in dom.nodes if n.name == "datalist" and n.document is field.document)
    found = next((n for n in lists if n.attributes.get("id") == named), None)
    return _options_of(found) if found is not None else []


def _begins_with(node: Node) -> Node | None:
    """The option that a list shows before anything is chosen, be it one that nobody can choose.

    https://html.spec.whatwg.org/#ask-for-a-reset
    """
    options = [n for n in node.down() if n.name == "option"]
    chosen = [n for n in options if "selected" in n.attributes]
    free = (n for n in options if "disabled" not in n.attributes)
    return chosen[-1] if chosen else next(free, None)


def _is_free(option: Node) -> bool:
    """Whether a key gets to an option."""
    return not any({"disabled", "hidden"} & o.attributes.keys() for o in [*option.up()][:3])


def _label(dom: Dom, radio: Node) -> Node | None:
    """The label of a radio button, which may show it in its place."""
    for outer in radio.up():
        if outer.name == "label":
            return outer
    number = radio.attributes.get("id")
    labels = (n for n in dom.nodes if n.name == "label" and n.document is radio.document)
    return next((n for n in labels if number and n.attributes.get("for") == number), None)


def _label_of(dom: Dom, radio: Node) -> str:
    label = _label(dom, radio)
    return dom.text_of(label) if label else dom.nearby(radio)[:MAX_CAPTION]
