"""Finds out where addresses lead: along every redirect, each hop guarded, once a run."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ycaudit import PHONE_AGENT
from ycaudit.model import Link, Page, QrCode
from ycaudit.net import charset
from ycaudit.net.answer import Fetched, FetchError
from ycaudit.net.client import Fetcher
from ycaudit.observe.archive import REDIRECTS, Archive, NoArchive
from ycaudit.observe.challenges import (
    FEW_LINKS,
    STUB_BYTES,
    keeps_out,
    no_destination,
    unseen_because,
)
from ycaudit.observe.static.arrival import refresh_header
from ycaudit.observe.static.tree import ScriptTag, Tree, shallow
from ycaudit.reasons import Reason
from ycaudit.rules.platforms import address_in, named_by, unwrapped
from ycaudit.rules.third_parties import ThirdParties
from ycaudit.url import host_of, parse_web_url, same_site

T = TypeVar("T", Link, QrCode)

AT_ONCE = 8
MAX_PAGES = 5
"""Pages that send the visitor on by a refresh."""
_ACTS = re.compile(
    r"\blocation\b|\bopen\s*\(|submit|\bwrite|createElement|\beval\b|\bFunction\b|\bimport\b|\batob\b"
)
"""What the script of a page says that may send its visitor on, in whatever way."""
_GOES = re.compile(
    r"""
    (?: \blocation(?:['"]\])?(?:\s*\.\s*href|\[['"]href['"]\])?\s*=(?!=)
      | \blocation\s*\.\s*(?:replace|assign)\s*\(
      | \bopen\s*\((?=[^;]{0,300}_(?:self|top|parent)\b)
    )\s*
    (?: (['"])(?P<to> [/?#.][^'"]* | https?://[^'"]+ | [^'"]+(?=['"]\s*[;,)}\n]) )\1 )?
    """,
    re.VERBOSE,
)
"""A place to which a script goes, and the address or its beginning where that is written out."""
_LIBRARY = re.compile(
    r"""/(?: jquery(?:[.-](?:migrate|superslide|easing|cookie|lazyload))? | bootstrap | popper
      | swiper | superslide | layui | vue | react | zepto | html5shiv | lodash | axios | echarts
    )(?: [\d._@-] | v(?=\d) | min | slim | bundle | prod | production | global )*\.js\Z""",
    re.IGNORECASE | re.VERBOSE,
)
"""The end of the address of a well-known library, which does nothing by itself."""


@dataclass(frozen=True, slots=True)
class Destination:
    """The addresses passed, the last one being where it leads, or why that is not known."""

    hops: tuple[str, ...]
    unresolved: Reason | None = None


class RedirectFollower:
    """What is known of a run's addresses: each is asked once, whichever unit shows it first."""

    def __init__(
        self, fetcher: Fetcher, archive: Archive | None = None, *, name: str = REDIRECTS
    ) -> None:
        self._fetcher = fetcher
        self._name = name
        self._archive = archive or NoArchive()
        self._asked: dict[tuple[str, bool], asyncio.Task[Destination]] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def followed(self, page: Page, hrefs: Iterable[str]) -> Page:
        """The page with where those of its links and codes lead that have these addresses."""
        wanted = frozenset(hrefs)
        payloads = sorted(wanted.intersection(code.payload for code in page.qr_codes))
        links = sorted(wanted.intersection(link.href for link in page.links))
        by_code, by_link = await asyncio.gather(self.of(payloads, scanned=True), self.of(links))
        return with_redirects(page, by_link, by_code)

    async def of(self, hrefs: Iterable[str], *, scanned: bool = False) -> dict[str, Destination]:
        """Where each of them leads: whoever clicks on it, or whoever scans it."""
        tasks = {href: self._task(href, scanned=scanned) for href in hrefs}
        # A unit that is given up must not take the answer from the others that wait for it.
        await asyncio.shield(asyncio.gather(*tasks.values()))
        return {href: task.result() for href, task in tasks.items()}

    async def aclose(self) -> None:
        """Stop asking."""
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    def _task(self, href: str, *, scanned: bool) -> asyncio.Task[Destination]:
        if (href, scanned) not in self._asked:
            asked = self._ask_scanned(href) if scanned else self._ask(href)
            self._asked[href, scanned] = asyncio.create_task(asked)
        return self._asked[href, scanned]

    async def _ask_scanned(self, href: str) -> Destination:
        """Where a code leads: phones scan it, and servers may send computers elsewhere."""
        computer = await self._task(href, scanned=False)
        if address_in(href) is None:
            return computer
        return _together(computer, await self._ask(href, PHONE_AGENT))

    async def _ask(self, href: str, agent: str | None = None) -> Destination:
        if address_in(href) is None:
            return Destination((href,))  # text, or the address of an app: it leads nowhere else
        href = unwrapped(href)
        hops: list[str] = []
        async with (
            self._gate,
            self._archive.look(href, self._name) as archive,
            self._fetcher.session(archive=archive, agent=agent) as session,
        ):
            for _ in range(MAX_PAGES):
                got = await session.page(href, referer=hops[-1] if hops else None)
                hops += [hop for hop in got.hops if hop not in hops]
                if isinstance(got, FetchError):
                    return Destination(tuple(hops), got.why)
                tree = Tree(shallow(charset.decode(got.body, got.content_type))[0], got.final_url)
                onward = refresh_header(got) or tree.refresh
                if onward is None or onward in hops:
                    return Destination(tuple(hops), _open_end(got, tree))
                href = onward
        return Destination(tuple(hops), Reason.of("too_many_onward_pages", count=MAX_PAGES))


def _together(computer: Destination, phone: Destination) -> Destination:
    """Where a code leads: along both ways, of which the phone's is the one that is scanned."""
    apart = _apart(computer, phone)
    if phone.unresolved and not apart:
        return phone  # how far a computer comes proves nothing for phones
    others = (hop for hop in computer.hops if hop not in phone.hops)
    return Destination((*others, *phone.hops), apart)


def _apart(computer: Destination, phone: Destination) -> Reason | None:
    """That the two come to different sites, so that nobody knows where a third comes to."""
    here, there = computer.hops[-1], phone.hops[-1]
    by_computer, by_phone = (_named_along(way.hops) for way in (computer, phone))
    if by_computer or by_phone:
        agree = by_computer in (None, by_phone)
    else:
        is_open = bool(computer.unresolved or phone.unresolved)
        agree = is_open or same_site(host_of(here), host_of(there))
    if agree:
        return None
    return Reason.of("url_by_device", url=phone.hops[0], phone=there, computer=here)


def _named_along(hops: Sequence[str]) -> str | None:
    """What the last of these names that names anything."""
    return next(filter(None, map(named_by, reversed(hops))), None)


def _open_end(got: Fetched, tree: Tree) -> Reason | None:
    """Why the visitor may be sent on from here; None where this is the end."""
    text = tree.html
    if got.content_type.partition(";")[0] in ("text/html", "") and (
        lost := unseen_because(got, text)
    ):
        return lost.why
    if got.status != 200:
        return Reason.of("url_answered", url=got.final_url, status=got.status)
    if keeps_out(text[:20_000]):
        return no_destination(got.final_url, text[:20_000])
    is_short = len(got.body) < STUB_BYTES
    scripts = [script for script in tree.scripts if not _is_harmless(script)]
    if scripts and (is_short or _may_send_on(tree, scripts)):
        return Reason.of("url_short_script" if is_short else "url_has_script", url=got.final_url)
    here = parse_web_url(got.final_url)
    if here and any(parse_web_url(value) for _, value in here.parameters):
        return Reason.of("url_names_address", url=got.final_url)
    return None


def _is_harmless(script: ScriptTag) -> bool:
    """Whether a script is that of a well-known third party or library, or only loads a counter."""
    if script.source is not None:
        return ThirdParties().is_loader(script.source)
    found = parse_web_url(script.url) if script.url else None
    if found is None:
        return False
    return ThirdParties().shows_nothing(found.href) or _LIBRARY.search(found.path) is not None


def _may_send_on(tree: Tree, scripts: Iterable[ScriptTag]) -> bool:
    """Whether one of the scripts may send the visitor to another site.

    A page with many links is there to be read, and what it loads is there for its own sake.
    """
    is_bare = len(tree.parser.css("a[href]")) <= FEW_LINKS
    for script in scripts:
        if script.source is None:
            sends = is_bare
        elif is_bare:
            sends = _ACTS.search(script.source) is not None
        else:
            sends = _leaves(script.source, tree.base)
        if sends:
            return True
    return False


def _leaves(script: str, base: str) -> bool:
    """Whether a script names a place to go to that is not certainly one of the page's own site."""
    return any(not _is_own(found["to"], base) for found in _GOES.finditer(script))


def _is_own(place: str | None, base: str) -> bool:
    """Whether this, written out in full or as the beginning of an address, is of the same site."""
    found = parse_web_url(place, base) if place else None
    return found is not None and same_site(found.host, host_of(base))


def with_redirects(
    page: Page, by_link: Mapping[str, Destination], by_code: Mapping[str, Destination]
) -> Page:
    """The page with what was found out about its links and codes."""
    return page.model_copy(
        update={
            "links": tuple(_led(link, by_link.get(link.href)) for link in page.links),
            "qr_codes": tuple(_led(code, by_code.get(code.payload)) for code in page.qr_codes),
        }
    )


def _led(thing: T, destination: Destination | None) -> T:
    if destination is None:
        return thing
    update = {"leads_to": destination.hops, "unresolved": destination.unresolved}
    return thing.model_copy(update=update)
