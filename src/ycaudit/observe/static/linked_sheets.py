"""Fetches the style sheets that a document links, and those that they import."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from ycaudit.model import PICTURES, BlindSpot, Where
from ycaudit.net import charset
from ycaudit.net.answer import Fetched, FetchError
from ycaudit.net.client import Session
from ycaudit.observe.static.document import MAX_SHEETS, Document
from ycaudit.observe.static.styles import Sheet, parse_sheet
from ycaudit.observe.tools import Threads
from ycaudit.reasons import Reason

MAX_IMPORT_DEPTH = 4
MAX_TOLD = 20
"""Sheets that were not fetched and are named, of each document."""


class LinkedSheets:
    """Reads the style sheets of documents; `lose` is told of every sheet that is not read."""

    def __init__(
        self, session: Session, threads: Threads, lose: Callable[[BlindSpot], None]
    ) -> None:
        self._session = session
        self._threads = threads
        self._lose = lose

    async def of(self, document: Document) -> list[Sheet]:
        """The sheets in the order in which they apply; none where nothing is linked."""
        urls = document.tree.sheet_urls[:MAX_SHEETS]
        sheets = await asyncio.gather(*(self._sheet(url, document.url) for url in urls))
        imports = [i for s in (*sheets, *document.tree.inline_sheets) for i in s.imports]
        imported, unread = await self._imported(imports, document.url)
        for url in list(dict.fromkeys(unread))[:MAX_TOLD]:
            self._lost(url, Reason.of("sheet_not_read", url=url))
        return [*imported, *sheets, *([Sheet((), (), part=True)] if unread else [])]

    async def _imported(self, urls: list[str], referer: str) -> tuple[list[Sheet], list[str]]:
        """The sheets that sheets import, the deepest first, and those that nobody fetches."""
        sheets: list[Sheet] = []
        unread: list[str] = []
        known: set[str] = set()
        for _ in range(MAX_IMPORT_DEPTH):
            fresh = [url for url in dict.fromkeys(urls) if url not in known]
            room = MAX_SHEETS - len(sheets)
            unread += fresh[room:]
            known.update(fresh)
            level = await asyncio.gather(*(self._sheet(url, referer) for url in fresh[:room]))
            sheets[:0] = level
            urls = [i for sheet in level for i in sheet.imports]
            if not urls:
                break
        return sheets, unread + [url for url in urls if url not in known]

    async def _sheet(self, url: str, referer: str) -> Sheet:
        got = await self._session.resource(url, kind="css", referer=referer)
        if isinstance(got, FetchError) or got.status != 200:
            self._lost(url, Reason.of("sheet_lost", url=url, because=_why_lost(got)))
            return Sheet((), ())
        if got.truncated:
            self._lost(url, Reason.of("sheet_not_whole", url=url, because=got.truncated))
        text = charset.decode(got.body, got.content_type)
        sheet = await self._threads.run(partial(parse_sheet, text, got.final_url))
        return replace(sheet, part=True) if got.truncated else sheet

    def _lost(self, url: str, why: Reason) -> None:
        where = Where(origin="style", url=url)
        self._lose(BlindSpot(hides=PICTURES, why=why, where=where))


def _why_lost(got: Fetched | FetchError) -> Reason:
    return got.why if isinstance(got, FetchError) else Reason.of("http_status", status=got.status)
