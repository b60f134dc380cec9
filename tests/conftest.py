"""What several tests need: a tiny page, a clock that stands still, and a city on loopback."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ycaudit.auditing import demo_city
from ycaudit.cli.demo import serving
from ycaudit.model import (
    BlindSpot,
    Link,
    Page,
    QrCode,
    Sense,
    Unseen,
    Visibility,
    Where,
)
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


def unseen(cause: str = "dns") -> Unseen:
    """A homepage that could not be seen."""
    return Unseen(
        url="http://unit.test/",
        observer="static",
        taken_at=NOON,
        cause=cause,
        why=said("no address"),
    )


os.environ["YCAUDIT_LANG"] = "source"  # each test that is about a language asks for it

if "COVERAGE_PROCESS_CONFIG" in os.environ:
    # Children may write no file, and so cannot tell what they ran: count it here.
    from ycaudit.observe.qr import sandbox
    from ycaudit.observe.static import scripts

    sandbox._children.ask = sandbox._answer  # type: ignore[method-assign]
    scripts._children.ask = scripts._reply  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def own_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test writes into the history of whoever runs it."""
    monkeypatch.setenv("YCAUDIT_HISTORY", str(tmp_path / "history.sqlite3"))
    monkeypatch.setenv("YCAUDIT_CACHE", str(tmp_path / "cache.sqlite3"))


@pytest.fixture(scope="session")
def running_city() -> Iterator[demo_city.City]:
    """The embedded city, served for the whole session."""
    with serving() as there:
        yield there
