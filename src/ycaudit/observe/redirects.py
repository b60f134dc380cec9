"""Finds out where addresses lead: along every redirect, each hop guarded, once a run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ycaudit.model import Link, Page, QrCode
from ycaudit.net import charset
from ycaudit.net.answer import Fetched, FetchError
from ycaudit.net.client import Fetcher
from ycaudit.observe.archive import REDIRECTS, Archive, NoArchive
from ycaudit.observe.challenges import STUB_BYTES, keeps_out, no_destination, unseen_because
from ycaudit.observe.static.tree import Tree
from ycaudit.reasons import Reason
from ycaudit.rules.platforms import address_in, unwrapped
from ycaudit.url import parse_web_url

T = TypeVar("T", Link, QrCode)

AT_ONCE = 8
MAX_PAGES = 5
"""Pages that send the visitor on by a refresh in their markup."""


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
        self._asked: dict[str, asyncio.Task[Destination]] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def of(self, hrefs: Iterable[str]) -> dict[str, Destination]:
        """Where each of them leads."""
        tasks = {href: self._task(href) for href in hrefs}
        # A unit that is given up must not take the answer from the others that wait for it.
        await asyncio.shield(asyncio.gather(*tasks.values()))
        return {href: task.result() for href, task in tasks.items()}

    async def aclose(self) -> None:
        """Stop asking."""
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    def _task(self, href: str) -> asyncio.Task[Destination]:
        if href not in self._asked:
            self._asked[href] = asyncio.create_task(self._ask(href))
        return self._asked[href]

    async def _ask(self, href: str) -> Destination:
        if address_in(href) is None:
            return Destination((href,))  # text, or the address of an app: it leads nowhere else
        href = unwrapped(href)
        hops: list[str] = []
        async with (
            self._gate,
            self._archive.look(href, self._name) as archive,
            self._fetcher.session(archive=archive) as session,
        ):
            for _ in range(MAX_PAGES):
                got = await session.page(href, referer=hops[-1] if hops else None)
                hops += [hop for hop in got.hops if hop not in hops]
                if isinstance(got, FetchError):
                    return Destination(tuple(hops), got.why)
                text = charset.decode(got.body, got.content_type)
                onward = Tree(text[:STUB_BYTES], got.final_url).refresh
                if onward is None or onward in hops:
                    return Destination(tuple(hops), _open_end(got, text))
                href = onward
        return Destination(tuple(hops), Reason.of("too_many_onward_pages", count=MAX_PAGES))


def _open_end(got: Fetched, text: str) -> Reason | None:
    """Why the visitor may be sent on from here; None where this is the end."""
    if got.content_type.partition(";")[0] in ("text/html", "") and (
        lost := unseen_because(got, text)
    ):
        return lost.why
    if got.status != 200:
        return Reason.of("url_answered", url=got.final_url, status=got.status)
    if keeps_out(text[:20_000]):
        return no_destination(got.final_url, text[:20_000])
    if len(got.body) < STUB_BYTES and "<script" in text.lower():
        return Reason.of("url_short_script", url=got.final_url)
    here = parse_web_url(got.final_url)
    if here and any(parse_web_url(value) for _, value in here.parameters):
        return Reason.of("url_names_address", url=got.final_url)
    return None


def with_redirects(page: Page, known: Mapping[str, Destination]) -> Page:
    """The page with what was found out about its links and codes."""
    return page.model_copy(
        update={
            "links": tuple(_led(link, known.get(link.href)) for link in page.links),
            "qr_codes": tuple(_led(code, known.get(code.payload)) for code in page.qr_codes),
        }
    )


def _led(thing: T, destination: Destination | None) -> T:
    if destination is None:
        return thing
    update = {"leads_to": destination.hops, "unresolved": destination.unresolved}
    return thing.model_copy(update=update)
