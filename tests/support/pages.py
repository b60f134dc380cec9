"""Pages as an observer brings them, without a network."""

from __future__ import annotations

from datetime import UTC, datetime

from ycaudit.model import BlindSpot, Link, Page, QrCode, Sense, Unseen, Visibility, Where
from ycaudit.reasons import Reason

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


WHERE = Where(origin="markup", url="http://unit.test/")


def link(href: str, text: str = "", visible: Visibility = Visibility.SHOWN) -> Link:
    """A link of the page."""
    return Link(href=href, text=text, how="a", visible=visible, where=WHERE)


def code(payload: str, label: str = "", visible: Visibility = Visibility.SHOWN) -> QrCode:
    """A code of the page."""
    return QrCode(
        payload=payload,
        label=label,
        src="http://unit.test/qr.png",
        sha256="0" * 64,
        visible=visible,
        where=WHERE,
    )


def said(text: str) -> Reason:
    """A reason that says just this."""
    return Reason.of("legacy", text=text)


def blind(*hides: Sense, why: str = "an image was lost") -> BlindSpot:
    """A blind spot of the page."""
    return BlindSpot(hides=frozenset(hides), why=said(why), where=WHERE)


def page(*things: Link | QrCode | BlindSpot) -> Page:
    """A page that shows these things."""
    return Page(
        url="http://unit.test/",
        final_url="http://unit.test/",
        status=200,
        observer="static",
        taken_at=NOON,
        sha256="0" * 64,
        links=tuple(t for t in things if isinstance(t, Link)),
        qr_codes=tuple(t for t in things if isinstance(t, QrCode)),
        blind_spots=tuple(t for t in things if isinstance(t, BlindSpot)),
    )


def unseen(cause: str = "dns", *, code: str = "") -> Unseen:
    """A homepage that could not be seen."""
    return Unseen(
        url="http://unit.test/",
        observer="static",
        taken_at=NOON,
        cause=cause,
        why=Reason.of(code) if code else said("no address"),
    )
