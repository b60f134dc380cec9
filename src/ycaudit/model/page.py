"""What was seen of a homepage, and what was not."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer

from ycaudit.model.record import Box, Pixels, Record
from ycaudit.reasons import Reason


class Sense(StrEnum):
    """A kind of thing that can be seen on a page."""

    LINK = "link"
    IMAGE = "image"
    QR_CODE = "qr_code"
    TEXT = "text"


# Written in order, so that the same run gives the same document.
Senses = Annotated[frozenset[Sense], PlainSerializer(sorted, return_type=list[Sense])]
EVERY_SENSE = frozenset(Sense)
PICTURES = frozenset({Sense.IMAGE, Sense.QR_CODE})


class Visibility(StrEnum):
    """What a visitor gets to see of a thing, from the plainest."""

    SHOWN = "shown"
    ON_HOVER = "on_hover"
    """Hidden until the visitor hovers, opens a tab or waits for the next slide: counts as shown."""
    UNSURE = "unsure"
    """Styled such that only a browser can decide."""
    HIDDEN = "hidden"
    """Never shown, whatever the visitor does."""

    @property
    def counts(self) -> bool:
        """Whether a visitor can get to see it for sure."""
        return self in (Visibility.SHOWN, Visibility.ON_HOVER)

    @property
    def rank(self) -> int:
        """0 for what is plainly shown."""
        return _RANKS[self]

    def within(self, other: Visibility) -> Visibility:
        """How visible it is inside something that is so visible: the less of the two."""
        return self if _RANKS[self] >= _RANKS[other] else other


_RANKS = {visibility: rank for rank, visibility in enumerate(Visibility)}


class Cause(StrEnum):
    """Why a homepage could not be seen at all."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    HTTP_STATUS = "http_status"
    CHALLENGE = "challenge"
    NOT_HTML = "not_html"
    REFUSED_ADDRESS = "refused_address"
    REDIRECTS = "redirects"
    CRASH = "crash"
    OUR_BUG = "our_bug"


Origin = Literal["markup", "script", "frame", "style", "browser", "comment"]


class Where(Record):
    """Where something was seen."""

    origin: Origin
    url: str
    box: Box | None = None
    """x, y, width, height on the page, in CSS pixels."""
    state: Reason | None = None
    """What a visitor has done to see it; None: nothing but coming and scrolling."""

    @property
    def in_comment(self) -> bool:
        """Whether it stands in a comment of the markup: not a part of the page."""
        return self.origin == "comment"


class Link(Record):
    """A way to go somewhere from the page; `href` is absolute."""

    href: str
    text: str
    how: Literal["a", "area", "option", "handler", "form", "onward"]
    """`onward`: no link, but where the page sends its visitors by itself."""
    leads_to: tuple[str, ...] = ()
    """Where it redirects to, hop by hop; asked only where a rule says `resolve`."""
    unresolved: Reason | None = None
    """Why it could not be found out where it leads."""
    visible: Visibility = Visibility.SHOWN
    reached: bool = False
    """Whether the look has tried it on the screen, and came there; of others only the layout is
    known."""
    where: Where


class Image(Record):
    """One use of an image on the page."""

    src: str
    alt: str = ""
    nearby: str = ""
    href: str | None = None
    natural: Pixels | None = None
    shown: Pixels | None = None
    sha256: str | None = None
    visible: Visibility = Visibility.SHOWN
    where: Where


class QrCode(Record):
    """One symbol that was read; corners in natural pixels, clockwise from the top left."""

    payload: str
    guessed_charset: str = ""
    """How the payload was read, where neither the code nor its bytes tell the charset."""
    leads_to: tuple[str, ...] = ()
    """The payload's address and where it redirects to; asked only where a rule says `resolve`."""
    unresolved: Reason | None = None
    """Why it could not be found out where it leads."""
    label: str = ""
    src: str
    sha256: str
    corners: tuple[Pixels, ...] = ()
    visible: Visibility = Visibility.SHOWN
    where: Where


class Text(Record):
    """Lines of the page's text, parted as its blocks are.

    Where rules ask for something in them, only these lines, with what a visitor gets to see of
    them; all others together, since nobody has tried to meet them on the screen.
    """

    value: str
    visible: Visibility
    where: Where


class BlindSpot(Record):
    """Something that could not be seen, and what it may hide."""

    hides: Senses
    why: Reason
    where: Where
    sha256: str | None = None
    """The image that it lies in."""
    corners: tuple[Pixels, ...] = ()
    """Where in the image, in natural pixels, clockwise from the top left."""
    file: str | None = None
    """The place cut out, in the evidence folder, for a person to decide."""


class EvidenceFile(Record):
    """An evidence file in the evidence folder; `of` is the sha256 of the image that it keeps.

    `state`: in which state of the page the screen looked like this; such pictures are kept of a
    page that lacks something.
    """

    kind: Literal["html", "headers", "screenshot", "image", "state"]
    file: str
    of: str | None = None
    state: Reason | None = None


class Page(Record):
    """What was seen of a homepage, and what was not: all that a judge knows."""

    kind: Literal["page"] = "page"
    url: str
    final_url: str
    status: int
    observer: str
    taken_at: datetime
    sha256: str
    title: str = ""
    links: tuple[Link, ...] = ()
    images: tuple[Image, ...] = ()
    qr_codes: tuple[QrCode, ...] = ()
    sought: tuple[str, ...] | None = None
    """Digests of what the look was for (`BaseRequirement.sought`); None in runs of earlier
    versions."""
    texts: tuple[Text, ...] | None = None
    """None where no rule asked for a text."""
    blind_spots: tuple[BlindSpot, ...] = ()
    remarks: tuple[Reason, ...] = ()
    """What an inspector should know beside it, such as a certificate that was not verified."""
    states: tuple[Reason, ...] = ()
    """The states of the page that showed something new, in the order in which they were reached."""
    evidence_files: tuple[EvidenceFile, ...] = ()
    via: str | None = None
    """The proxy of another network through which it was seen (`--also-via`)."""

    def blind_to(self, senses: Set[Sense]) -> list[BlindSpot]:
        """The blind spots that hide one of these.

        Of a picture that was lost it is not told again that what came in its place is none.
        """
        lost = {s.why.params.get("src") for s in self.blind_spots if s.why.code == "image_lost"}
        return [
            spot
            for spot in self.blind_spots
            if spot.hides & senses
            and not (spot.why.code == "image_unopened" and spot.why.params.get("src") in lost)
        ]


class Unseen(Record):
    """A homepage that could not be seen at all."""

    kind: Literal["unseen"] = "unseen"
    url: str
    observer: str
    taken_at: datetime
    cause: Cause
    why: Reason
    via: str | None = None
    """The proxy of another network through which it was looked at (`--also-via`)."""


Observation = Annotated[Page | Unseen, Field(discriminator="kind")]
