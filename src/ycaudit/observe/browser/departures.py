"""Where a page would take its visitor, who stays: noted in place of going there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ycaudit.url import host_of, same_host

POPUP_MS = 6000
"""Milliseconds after a click within which it may open a window; browsers allow five seconds
(https://html.spec.whatwg.org/#transient-activation-duration), and clocks run on in steps."""
MAX_DEPARTURES, MAX_SENT_ON, MAX_URL = 500, 20, 4000
_LEADS = re.compile(r"https?:", re.IGNORECASE)


@dataclass(slots=True)
class Departures:
    """`now`: milliseconds of the page's clock."""

    now: Callable[[], float]
    stays: bool = False
    """Whether the visitor does."""
    host: str | None = None
    """Whose pages he may go to all the same."""
    sent_on: dict[str, float] = field(default_factory=dict)
    """Where the page would have sent him though he did nothing, and after how many seconds."""
    perhaps_sent_on: set[str] = field(default_factory=set)
    """The same, once he had done something: that may have begun it."""
    blank_windows: int = 0
    """How many a click has asked for without an address, or too late: as they do not open, nobody
    knows where a script would have sent them."""
    _found: list[str] = field(default_factory=list)
    _loaded_at: float = 0.0
    _acted_at: float | None = None
    """When he has clicked or chosen something last since the page was loaded; of the same thing,
    clicked again and again, the first time: a timer of that may still run."""
    _acted_on: int | None = None

    def load(self) -> None:
        """Note that the page is loaded."""
        self._loaded_at, self._acted_at = self.now(), None

    def act(self, node: int | None = None) -> None:
        """Note that the visitor clicks or chooses something.

        `node`: the thing, if it may be clicked once more.
        """
        if node is None or node != self._acted_on or self._acted_at is None:
            self._acted_at = self.now()
        self._acted_on = node

    @property
    def has_acted(self) -> bool:
        """Whether the visitor has done anything since the page was loaded."""
        return self._acted_at is not None

    def is_away(self, url: str) -> bool:
        """Whether to go there is to leave."""
        return self.host is None or not same_host(host_of(url), self.host)

    def note(self, url: str) -> None:
        """Note an address to which the page leads, by whatever."""
        if self.stays and _LEADS.match(url) and len(self._found) < MAX_DEPARTURES:
            self._found.append(url[:MAX_URL])

    def note_window(self, url: str, *, is_acting: bool) -> None:
        """Note a window that the page asks for; without a click, or long after it, browsers stop it
        as a pop-up.

        `is_acting`: something that the visitor does is under way.
        """
        if self._acted_at is None:
            return
        is_late = not is_acting and self.now() - self._acted_at > POPUP_MS
        is_blank = url in ("", "about:blank") and is_acting
        self.blank_windows += is_late or is_blank
        if not is_late:
            self.note(url)

    def note_sent_on(self, url: str) -> None:
        """Note that the page itself goes there, while the visitor does nothing."""
        url = url[:MAX_URL]
        if not _LEADS.match(url) or len(self.sent_on) + len(self.perhaps_sent_on) >= MAX_SENT_ON:
            return
        if self._acted_at is not None:
            self.perhaps_sent_on.add(url)
        else:
            self.sent_on.setdefault(url, (self.now() - self._loaded_at) / 1000)

    def take(self) -> list[str]:
        """Where the page would have led since this was asked last."""
        found, self._found = self._found, []
        return found
