"""Pages of the own host that may send their visitor on to another site: which are asked, and
when."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Protocol

from ycaudit.observe.browser import openers
from ycaudit.observe.browser.devtools import CommandError, GoneError
from ycaudit.observe.browser.dom import Dom
from ycaudit.observe.browser.hands import Hands
from ycaudit.observe.browser.jump_page import sent_on
from ycaudit.observe.browser.leads import Lead
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.tab import Tab
from ycaudit.observe.jumps import looks_like_jump
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import MAX_CAPTION
from ycaudit.url import host_of, parse_web_url, same_host, same_page

MAX_JUMPS, MAX_AT_ONCE, MAX_ALIKE = 90, 30, 3
"""Pages that are asked where they send their visitor; those among them of which nothing says that
they do; and of these so many whose addresses differ only in numbers, before all others, unless one
of them does."""
MAX_MEETINGS = 3
"""How often it is tried to get at a link of which nothing says that it sends its visitor on."""
JUMP_SECONDS = 15.0
"""How long a page may take."""
_ROWS = frozenset({"div", "ul", "ol", "dl", "p", "td", "tr", "tbody", "table", "section", "nav"})
"""What a row of links stands in."""
_NUMBERS = re.compile(r"\d+")
_FILE = re.compile(
    r"\.(jpe?g|png|gif|webp|bmp|svg|pdf|docx?|xlsx?|pptx?|wps|et|zip|rar|7z|mp[34]|flv|wmv)\?",
    re.IGNORECASE,
)
"""The end of the path of a file, which sends nobody on."""
_Question = tuple[str, Lead, Reason | None]
"""An address, the link that leads there, and the state in which that was met."""
Answer = tuple[list[str], Reason | None]
"""Where a page sends its visitor, or why nobody knows."""


class OpenTab(Protocol):
    """Opens a tab for the visit."""

    async def __call__(self, *, is_apart: bool = False) -> Tab:
        """`is_apart`: for a visitor whom the site does not know, nor learns anything about."""


class OwnPages:
    """Which pages of the own host were asked, and which may be."""

    def __init__(
        self, unit: Unit, hands: Hands, open_tab: OpenTab, *, host: str, untried: list[Reason]
    ) -> None:
        """`host` is the unit's own; what is left out is added to `untried`."""
        self._unit = unit
        self._hands = hands
        self._open_tab = open_tab
        self._host = host
        self._untried = untried
        self._followed: set[str] = set()
        self._at_once_left = MAX_AT_ONCE
        self._asked = Counter[str]()
        """How often pages with alike addresses were asked."""
        self._put_off: list[_Question] = []
        """Pages that are asked once all else was tried: others like them send nobody on."""
        self._met_at = Counter[str]()
        """How often it was tried to get at the link to such a page."""
        self._sending: set[str] = set()
        """What the addresses of those have in common that send their visitor on."""
        self._rows_of: Dom | None = None
        self._rows: dict[Node, tuple[int, int]] = {}
        """Rows of links of that state, with how many they hold and how many of these lead away."""

    def holds(self, href: str) -> bool:
        """Whether an address is of the own host."""
        return same_host(host_of(href), self._host)

    def is_worth_asking(self, lead: Lead) -> bool:
        """Whether a link that is met may lead to a page that sends its visitor on, though nothing
        says so."""
        return (
            self.holds(lead.href)
            and lead.is_plain
            and lead.href not in self._followed
            and self._met_at[lead.href] < MAX_MEETINGS
            and self._may_be_asked(lead.href)
            and self._may_send_on(lead)
        )

    def note_met(self, lead: Lead, *, is_met: bool) -> None:
        """Note that it was tried to get at it; what only opens something is of the kind of others
        that do."""
        self._met_at[lead.href] = MAX_MEETINGS if is_met else self._met_at[lead.href] + 1

    def may_send_on(self, href: str, lead: Lead) -> bool:
        """Whether an address is of the own host, and of a page that may send its visitor on."""
        if not self.holds(href):
            return False
        return self._is_for_others(href, lead) or (
            self._may_be_asked(href) and self._may_send_on(lead)
        )

    async def ask(
        self, url: str, lead: Lead, state: Reason | None, *, is_last: bool = False
    ) -> Answer | None:
        """Where a page sends its visitor, asked in a tab of its own; None where it was asked
        before, or is put off, as others like it send nobody on."""
        if url in self._followed:
            return None
        alike, at_once = _alike(url), not self._is_for_others(url, lead)
        is_known = self._asked[alike] >= MAX_ALIKE and alike not in self._sending
        if at_once and is_known and not is_last:
            self._put_off.append((url, lead, state))
            return None
        if len(self._followed) >= MAX_JUMPS:
            self._untried.append(Reason.of("not_all_tried", count=1))
            return None
        self._followed.add(url)
        self._at_once_left -= at_once
        self._asked[alike] += 1
        went, refused = await self._sent_on(url, lead, at_once=at_once)
        if any(not self.holds(to) for to in went):
            self._sending.add(alike)
            self._at_once_left += at_once  # what leads on is not what uses them up
        return went, refused

    def put_off(self) -> Iterator[_Question]:
        """What was put off, as long as more may be asked."""
        put_off, self._put_off = self._put_off, []
        for question in sorted(put_off, key=lambda one: _alike(one[0]) not in self._sending):
            if self._at_once_left > 0:
                yield question

    def _may_be_asked(self, href: str) -> bool:
        """Whether it is no file, nor the page itself, and not too many were asked."""
        is_file = _FILE.search(_alike(href)) is not None
        is_self = same_page(href, self._hands.dom.main.url)
        return self._at_once_left > 0 and not is_file and not is_self

    def _is_for_others(self, href: str, lead: Lead) -> bool:
        """Whether a page of the own host is there to lead on: by its address, or by the words or
        the place of its link, such as a logo among links to other sites."""
        is_named = self._unit.names_link(lead.text) or looks_like_jump(href)
        is_logo = lead.how == "a" and not lead.text and self._counted(lead)[1] > 0
        return is_named or is_logo or lead.how == "option"

    def _may_send_on(self, lead: Lead) -> bool:
        """Whether nothing tells that a page of the own host is one of the site: a picture without
        words leads there, a script, or a name among as many links to other sites."""
        if len(lead.text) > MAX_CAPTION:
            return False
        links, away = self._counted(lead)
        is_among = 2 * away >= links - 1 > 0
        return lead.how == "handler" or (lead.how == "a" and (is_among or not lead.text))

    def _counted(self, lead: Lead) -> tuple[int, int]:
        """How many links stand in its row, and how many of these lead away."""
        row = next((o for o in islice(lead.node.up(), 1, 4) if o.name in _ROWS), None)
        if row is None:
            return 0, 0
        if self._rows_of is not self._hands.dom:
            self._rows_of, self._rows = self._hands.dom, {}
        if row not in self._rows:
            base = row.document.base
            hrefs = (n.attributes.get("href", "") for n in row.down() if n.name == "a")
            found = [url for href in hrefs if (url := parse_web_url(href, base)) is not None]
            away = [url for url in found if not self.holds(url.href) or looks_like_jump(url.href)]
            self._rows[row] = len(found), len(away)
        return self._rows[row]

    def _referrer(self, node: Node) -> str:
        """The page that a click on it tells where it leads; empty where that is kept secret."""
        arrived = self._hands.tab.traffic.arrived
        policy = (
            node.attributes.get("referrerpolicy")
            or openers.referrer_policy(node.document)
            or (arrived.headers.get("referrer-policy", "") if arrived else "")
        )
        words = policy.lower().replace(",", " ").split()
        is_secret = "noreferrer" in node.attributes.get("rel", "").lower().split()
        return "" if is_secret or words[-1:] == ["no-referrer"] else node.document.url

    async def _sent_on(self, url: str, lead: Lead, *, at_once: bool) -> Answer:
        """Where a page sends its visitor; what goes wrong there does not end the look."""
        tab = None
        try:
            tab = await self._open_tab(is_apart=at_once)
            async with asyncio.timeout(JUMP_SECONDS * tab.patience):
                whence = self._referrer(lead.node)
                return await sent_on(tab, url, self._host, whence, at_once=at_once)
        except (TimeoutError, CommandError, GoneError):
            return [], None if at_once else Reason.of("browser_no_answer")
        finally:
            if tab is not None:
                await tab.close()


def _alike(href: str) -> str:
    """An address without its numbers, which is that of all pages of one kind."""
    path, _, query = href.partition("#")[0].partition("?")
    names = "&".join(part.partition("=")[0] for part in query.split("&"))
    return f"{_NUMBERS.sub('0', path)}?{names}"
