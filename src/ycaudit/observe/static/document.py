"""A document of the homepage at one stage of a visit; each stage makes the next one of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from ycaudit.model import EVERY_SENSE, PICTURES, BlindSpot, Link, Origin, Sense, Visibility, Where
from ycaudit.net import charset
from ycaudit.net.answer import Fetched, FetchError
from ycaudit.net.client import Session
from ycaudit.observe.challenges import no_homepage, unseen_because
from ycaudit.observe.jumps import looks_like_jump
from ycaudit.observe.static import markup
from ycaudit.observe.static.beyond import beyond
from ycaudit.observe.static.markup import Frame
from ycaudit.observe.static.refused import (
    is_mixed,
    is_read_otherwise,
    is_restricted,
    is_sheet,
    may_be_framed,
    restricts,
)
from ycaudit.observe.static.sheets import Sheet
from ycaudit.observe.static.texts import shows_words
from ycaudit.observe.static.tree import Tree, shallow
from ycaudit.observe.text_lines import Spans
from ycaudit.observe.tools import Threads
from ycaudit.reasons import Reason
from ycaudit.url import host_of

MAX_BEYOND = 3
"""Parts of a document that are told of those which only a browser can follow or show."""
MAX_SHEETS = 60
"""Style sheets that one document may link, and as many more that those import."""


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a document as it was received, and the frame that holds it."""

    html: str
    url: str
    truncated: Reason | None = None
    origin: Origin = "markup"
    within: Visibility = Visibility.SHOWN
    depth: int = 0
    """Frames around it."""
    restricted: bool = False
    """Whether a policy says what may be loaded into it."""

    def parsed(self) -> tuple[Source, Tree]:
        """With its tree; what is nested too deep to be parsed is cut off."""
        html, deep = shallow(self.html)
        tree = Tree(html, self.url)
        restricted = self.restricted or restricts(tree.policies)
        source = replace(self, html=html, truncated=self.truncated or deep, restricted=restricted)
        return source, tree


@dataclass(frozen=True, slots=True)
class Document:
    """The homepage, or a document framed in it, as far as it is known.

    Its stages: opened, in full, with its style sheets, and with what its scripts wrote; the last
    needs its style sheets again.
    """

    source: Source
    tree: Tree
    markup: markup.Markup = field(default_factory=markup.Markup)
    hosts: frozenset[str] | None = None
    """Only links to these were read so far."""
    sheets: tuple[Sheet, ...] = ()
    sheets_read: bool = False
    scripts_run: bool = False
    unread_scripts: tuple[BlindSpot, ...] = ()
    spans: Spans | None = None
    """What finds the text that rules ask for; None where they ask for none."""
    beyond: tuple[str, ...] | None = None
    """Some parts of which only a browser can tell what comes of them; None: not looked for yet."""

    @classmethod
    def opened(
        cls,
        source: Source,
        *,
        hosts: frozenset[str] | None = None,
        scripted: bool | None = None,
        spans: Spans | None = None,
    ) -> Document:
        """Parse and read a document for the first time."""
        source, tree = source.parsed()
        return cls(source, tree, hosts=hosts, spans=spans)._read(scripted)

    def settled(self) -> Document:
        """Read anew, now that no script of the page can do any more."""
        return self._read(scripted=False)

    def in_full(self, scripted: bool | None) -> Document:
        """With all of its links and images, not only links to some hosts."""
        return replace(self, hosts=None)._read(scripted)

    def with_sheets(self, sheets: Sequence[Sheet], scripted: bool | None) -> Document:
        """With its linked style sheets applied."""
        return replace(self, sheets=tuple(sheets), sheets_read=True)._read(scripted)

    def with_written(self, written: Sequence[str], scripted: bool | None) -> Document:
        """With what each of its scripts wrote in the place of the script."""
        source, tree = replace(self.source, html=self.tree.with_written(written)).parsed()
        fresh = replace(self, source=source, tree=tree, sheets_read=False, beyond=None)
        new = fresh._read(scripted)
        before = {link.href for link in self.markup.links}
        links = tuple(_by_script(link, before, source.url) for link in new.markup.links)
        return replace(new, markup=replace(new.markup, links=links))

    def _read(self, scripted: bool | None) -> Document:
        found = markup.read(
            self.tree,
            sheets=self.sheets,
            origin=self.source.origin,
            scripted=scripted,
            within=self.source.within,
            restricted=self.source.restricted,
            awaiting=not self.sheets_read,
            hosts=self.hosts,
            spans=self.spans,
        )
        parts = self.beyond
        if parts is None and self.hosts is None:
            parts = tuple(islice(beyond(self.tree), MAX_BEYOND))
        return replace(self, markup=found, beyond=parts)

    @property
    def url(self) -> str:
        """Its address; of a document written into an attribute, that of the page around it."""
        return self.source.url

    def why_no_homepage(self) -> Reason | None:
        """Why it is no homepage, as far as what it shows tells."""
        return no_homepage(
            self.markup.things, self.tree.text_size, self.source.html, self.source.html,
            own=host_of(self.url), linked=self._linked,
            title=self.tree.title, truncated=self.source.truncated,
        )  # fmt: skip

    @property
    def _linked(self) -> list[str]:
        """The host to which each link leads, also where only links to some hosts were read."""
        if self.hosts is not None:
            return [host_of(href) for href in self.tree.anchored]
        return [host_of(link.href) for link in self.markup.links]

    def blind_spots(self) -> Iterator[BlindSpot]:
        """What could not be seen in it, except its images and frames."""
        where = Where(origin=self.source.origin, url=self.url)
        if self.hosts is not None:
            yield BlindSpot(hides=EVERY_SENSE, why=Reason.of("glimpsed"), where=where)
            return
        if self.source.truncated:
            yield BlindSpot(hides=EVERY_SENSE, why=self.source.truncated, where=where)
        if self.markup.cut or len(self.tree.sheet_urls) > MAX_SHEETS:
            yield BlindSpot(hides=EVERY_SENSE, why=Reason.of("page_too_large"), where=where)
        if self.tree.has_shadow_roots:
            yield BlindSpot(hides=EVERY_SENSE, why=Reason.of("shadow_roots"), where=where)
        if self.tree.draws_with_boxes or any(sheet.draws for sheet in self._every_sheet):
            codes = frozenset({Sense.QR_CODE})
            yield BlindSpot(hides=codes, why=Reason.of("drawn_with_boxes"), where=where)
        jumps = (link.href for link in self.markup.links if host_of(link.href) == host_of(self.url))
        for href in islice(filter(looks_like_jump, dict.fromkeys(jumps)), MAX_BEYOND):
            why = Reason.of("may_jump", value=href)
            yield BlindSpot(hides=frozenset({Sense.LINK}), why=why, where=where)
        for part in self.beyond or ():
            why = Reason.of("only_in_a_browser", part=part)
            yield BlindSpot(hides=EVERY_SENSE, why=why, where=where)
        if not self.sheets_read:
            yield BlindSpot(hides=PICTURES, why=Reason.of("sheets_not_read"), where=where)
        if self.spans is not None and any(map(shows_words, self._every_sheet)):
            text = frozenset({Sense.TEXT})
            yield BlindSpot(hides=text, why=Reason.of("sheet_shows_text"), where=where)
        yield from self.unread_scripts

    @property
    def _every_sheet(self) -> tuple[Sheet, ...]:
        return (*self.sheets, *self.tree.inline_sheets)


def _by_script(link: Link, before: set[str], url: str) -> Link:
    """The link, marked as written by a script if it was not there before."""
    if link.href in before:
        return link
    return link.model_copy(update={"where": Where(origin="script", url=url)})


MAX_DOCUMENTS = 30
MAX_FRAME_DEPTH = 3


async def enter_frame(
    session: Session, parent: Document, frame: Frame, known: Iterable[Document]
) -> Source | BlindSpot | None:
    """The text of the framed document, or why it is lost; None for one that is already known."""
    urls = [document.url for document in known]
    if len(urls) >= MAX_DOCUMENTS or parent.source.depth >= MAX_FRAME_DEPTH:
        return _lost(parent, frame, Reason.of("frame_too_deep"))
    depth = parent.source.depth + 1
    if frame.srcdoc is not None or frame.url is None:
        return Source(frame.srcdoc or "", parent.url, None, "frame", frame.visible, depth)
    if frame.url in urls:
        return None  # a frame of the page itself shows nothing new
    got = await session.page(frame.url, referer=parent.url)
    if isinstance(got, FetchError):
        return _lost(parent, frame, got.why)
    html = charset.decode(got.body, got.content_type)
    lost = unseen_because(got, html)
    if lost is not None and lost.why.code != "empty_page":  # nobody sees anything in that
        return _lost(parent, frame, lost.why)
    refused = not may_be_framed(got.headers) or is_mixed(frame.url, parent.url)
    refused = refused or is_read_otherwise(got)
    visible = frame.visible.within(Visibility.UNSURE) if refused else frame.visible
    restricted = is_restricted(got)
    return Source(html, got.final_url, got.truncated, "frame", visible, depth, restricted)


def not_entered(parent: Document, frame: Frame) -> BlindSpot:
    """A blind spot for a frame that was not entered yet."""
    where = _where(parent, frame)
    why = Reason.of("frame_not_read", url=where.url)
    return BlindSpot(hides=EVERY_SENSE, why=why, where=where)


def _lost(parent: Document, frame: Frame, because: Reason) -> BlindSpot:
    where = _where(parent, frame)
    why = Reason.of("frame_lost", url=where.url, because=because)
    return BlindSpot(hides=EVERY_SENSE, why=why, where=where)


def _where(parent: Document, frame: Frame) -> Where:
    return Where(origin="frame", url=frame.url or parent.url)


MAX_IMPORT_DEPTH = 4
MAX_NAMED = 20
"""Sheets that were not fetched and are named, of each document."""


class LinkedSheets:
    """Reads the style sheets of documents; `lose` is called with every sheet that is not read."""

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
        for url in list(dict.fromkeys(unread))[:MAX_NAMED]:
            self._lost(url, Reason.of("sheet_not_read", url=url))
        return [*imported, *sheets, *([Sheet(part=True)] if unread else [])]

    async def _imported(self, urls: list[str], referer: str) -> tuple[list[Sheet], list[str]]:
        """The sheets that sheets import, the deepest first, and those that are not fetched."""
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
            return Sheet(part=True)
        if got.truncated:
            self._lost(url, Reason.of("sheet_not_whole", url=url, because=got.truncated))
        text = charset.decode(got.body, got.content_type)
        sheet = Sheet(text, got.final_url, part=bool(got.truncated) or not is_sheet(got))
        await self._threads.run(lambda: sheet.imports)
        return sheet

    def _lost(self, url: str, why: Reason) -> None:
        where = Where(origin="style", url=url)
        self._lose(BlindSpot(hides=PICTURES, why=why, where=where))


def _why_lost(got: Fetched | FetchError) -> Reason:
    return got.why if isinstance(got, FetchError) else Reason.of("http_status", status=got.status)
