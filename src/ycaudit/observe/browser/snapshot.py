"""What a painted page tells of itself (page.js), checked for shape, as links and images. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict

from ycaudit.model import Box, Image, Link, Pixels, Visibility, Where
from ycaudit.observe.static.links import handler_addresses
from ycaudit.url import parse_web_url


class _Loose(BaseModel):
    """What the page reported: checked for shape, and never trusted further."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class SeenLink(_Loose):
    """An address, or the code that a click runs."""

    href: str
    text: str
    how: Literal["a", "area", "option", "handler", "form"]
    state: int | Literal["shown"]
    box: Box | None
    code: str | None


class SeenImage(_Loose):
    """An image, or what was drawn or painted like one."""

    src: str
    kind: Literal["img", "background", "canvas", "svg", "drawn"]
    state: int | Literal["shown", "tiny"]
    box: Box | None
    alt: str
    nearby: str
    href: str | None = None
    natural: Pixels | None = None
    shown: Pixels | None = None
    broken: bool = False
    drawn: int | None = None


class _Root(_Loose):
    """A part that is hidden at first."""

    links: int


class SeenDocument(_Loose):
    """One document of the tab."""

    title: str
    url: str
    base: str
    textSize: int
    links: tuple[SeenLink, ...]
    images: tuple[SeenImage, ...]
    roots: tuple[_Root, ...]
    tooMany: bool
    whole: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A document in the tab: where it stands, and how visible its hidden parts are."""

    where: Where
    offset: tuple[int, int]
    within: Visibility
    states: list[Visibility] = field(default_factory=list)
    base: str = ""

    def visibility(self, state: int | Literal["shown", "tiny"]) -> Visibility:
        """By the element's own state and that of the frame around it."""
        if state == "tiny":
            return Visibility.HIDDEN
        if state == "shown" or state >= len(self.states):
            return self.within
        return self.states[state].within(self.within)

    def at(self, box: Box | None) -> Where:
        """The place with the box on the whole page."""
        if box is None:
            return self.where
        x, y, wide, high = box
        moved = (x + self.offset[0], y + self.offset[1], wide, high)
        return self.where.model_copy(update={"box": moved})


def links_of(seen: SeenLink, place: Place, followed: list[str]) -> Iterator[Link]:
    """The links that it is, with where clicks on it led."""
    visible = place.visibility(seen.state)
    clicked = [(href, True) for href in dict.fromkeys(followed)]
    for href, sure in (*clicked, *(a for a in _addresses(seen) if a[0] not in followed)):
        found = parse_web_url(href, place.base)
        if found is None:
            continue
        shown = visible if sure else visible.within(Visibility.UNSURE)
        yield Link(
            href=found.href, text=seen.text, how=seen.how, visible=shown, where=place.at(seen.box)
        )


def _addresses(seen: SeenLink) -> Iterable[tuple[str, bool]]:
    if seen.code is None:
        return [(seen.href, True)]
    code = seen.code
    if code[:11].lower() == "javascript:":
        code = unquote(code[11:])
    return handler_addresses(code)


def is_unclear(seen: SeenLink) -> bool:
    """Whether only a click can tell where it leads."""
    return seen.code is not None and not any(sure for _, sure in _addresses(seen))


def image_of(seen: SeenImage, src: str, place: Place) -> Image:
    """The image, under its absolute address."""
    return Image(
        src=src,
        alt=seen.alt,
        nearby=seen.nearby,
        href=seen.href,
        natural=seen.natural,
        shown=seen.shown,
        visible=place.visibility(seen.state),
        where=place.at(seen.box),
    )
