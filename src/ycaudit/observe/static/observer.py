"""Looks at a homepage without a browser: markup, sheets, images, and what scripts write."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import zip_longest

from ycaudit.model import (
    EVERY_SENSE,
    PICTURES,
    BlindSpot,
    Cause,
    Image,
    Link,
    Observation,
    Page,
    Sense,
    Unseen,
    Visibility,
    Where,
)
from ycaudit.net import charset
from ycaudit.net.answer import Fetched, FetchError
from ycaudit.net.client import Session
from ycaudit.observe import Doubts
from ycaudit.observe.challenges import checks_visitors, no_homepage, unseen_because
from ycaudit.observe.page_images import PageImages, Unfetched, labels_of
from ycaudit.observe.qr.cascade import Effort
from ycaudit.observe.static import markup, scripts
from ycaudit.observe.static.styles import Sheet, parse_sheet
from ycaudit.observe.tools import Tools
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.url import parse_web_url, same_page

MAX_HOPS = 6
MAX_DOCUMENTS = 30
MAX_SHEETS = 60
IMPORTS_DEEP = 4
MAX_TOLD = 20
MAX_SCRIPTS = 150
MAX_ROUNDS = 5
"""How often scripts may load scripts."""
STUB_BYTES = 4096
STUB_LINKS = 5
MAX_COMMENTED = 6
LIKELIEST = 8


@dataclass(slots=True)
class Document:
    """The homepage, or a document framed in it, as far as it is known."""

    url: str
    html: str
    origin: markup.Origin = "markup"
    within: Visibility = Visibility.SHOWN
    depth: int = 0
    truncated: Reason | None = None
    markup: markup.Markup = field(default_factory=lambda: markup.Markup("", "", 0))
    sheets_read: bool = False
    sheets: list[Sheet] = field(default_factory=list)
    unread_scripts: list[BlindSpot] = field(default_factory=list)
    scripts_run: bool = False
    hosts: frozenset[str] | None = None
    """Only links to these were read so far."""


class StaticObserver:
    """The cheap look, which every unit gets first."""

    name = "static"

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def place(self) -> AbstractAsyncContextManager[None]:
        """There is room for any number."""
        return nullcontext()

    async def look(self, unit: Unit, doubts: Doubts) -> AsyncGenerator[Observation, None]:
        """Markup first, then the likeliest images, what scripts wrote, and every image."""
        async with self._tools.fetcher.session(unit.target.intranet) as session:
            url = unit.target.url
            for _ in range(MAX_HOPS):
                look = _Look(unit, self._tools, session)
                lost = await look.arrive(url)
                if lost is not None:
                    yield look.unseen(lost)
                    return
                async for page in look.observations(doubts):
                    yield page
                if look.sent_to is None:
                    return
                url = look.sent_to

    async def aclose(self) -> None:
        """Nothing is held beyond the tools."""


class _Look:
    """One look at one homepage; every method makes it see more."""

    def __init__(self, unit: Unit, tools: Tools, session: Session) -> None:
        self.unit = unit
        self.tools = tools
        self.session = session
        self.home: Fetched | None = None
        self.documents: list[Document] = []
        self.frames_open: list[tuple[Document, markup.Frame]] = []
        self.lost_pieces: list[BlindSpot] = []
        self.evidence_files = tools.evidence_files(unit.target.id)
        self.page_images = PageImages(tools, self._image_bytes, self.evidence_files)
        self.sent_to: str | None = None

    # --- the sights ---

    async def observations(self, doubts: Doubts) -> AsyncGenerator[Page, None]:
        """Ever clearer pages."""
        async for page in self._glimpses():
            yield page
        yield self.page()
        await self._open_frames()
        await self._read_sheets()
        yield self.page()
        for effort in (Effort.FAST, Effort.NORMAL):  # most codes are plain: nine tenths of the cost
            if Sense.QR_CODE in doubts():
                await self._read_images(effort, most=LIKELIEST)
                yield self.page()
        await self._run_scripts()
        if self.sent_to is not None:
            return
        await self._open_frames()
        await self._read_sheets()
        await self._run_scripts()  # of the frames that scripts wrote
        yield self.page()
        for effort in (Effort.FAST, Effort.THOROUGH):
            if Sense.QR_CODE not in doubts():
                return
            await self._read_images(effort)
            if effort is Effort.THOROUGH:
                await self._read_comments()
            yield self.page()

    async def _glimpses(self) -> AsyncGenerator[Page, None]:
        """Only what the rules ask for, where links to some hosts may settle all."""
        home = self.documents[0]
        if home.hosts is None:
            return
        if home.markup.links:
            yield self.page()
            if not home.sheets_read:
                await self._read_sheets()
                yield self.page()
        home.hosts = None
        await self._read(home)

    def unseen(self, lost: FetchError) -> Unseen:
        """The homepage as it could not be seen."""
        return Unseen(
            url=self.unit.target.url,
            observer="static",
            taken_at=self.tools.now(),
            cause=lost.cause,
            why=lost.why,
        )

    def page(self) -> Page:
        """All that is known now."""
        home = self.home
        assert home is not None
        main = self.documents[0].markup
        images = tuple(self._images())
        commented = tuple(i for d in self.documents for i in d.markup.commented_images)
        return Page(
            url=self.unit.target.url,
            final_url=home.final_url,
            status=home.status,
            observer="static",
            taken_at=self.tools.now(),
            sha256=hashlib.sha256(home.body).hexdigest(),
            title=main.title,
            links=tuple(self._links()),
            images=self.page_images.described(images),
            qr_codes=self.page_images.codes((*images, *commented)),
            blind_spots=tuple(self._blind_spots(images)),
            remarks=home.remarks,
            evidence_files=self.evidence_files.kept,
        )

    def _links(self) -> Iterable[Link]:
        for document in self.documents:
            yield from document.markup.links
            yield from document.markup.commented_links

    def _images(self) -> Iterable[Image]:
        for document in self.documents:
            yield from document.markup.images

    def _blind_spots(self, images: Sequence[Image]) -> Iterable[BlindSpot]:
        main = self.documents[0]
        if (why := _no_homepage(main)) is not None:
            where = Where(origin="markup", url=main.url)
            yield BlindSpot(hides=EVERY_SENSE, why=why, where=where)
        for document in self.documents:
            where = Where(origin=document.origin, url=document.url)
            if document.hosts is not None:
                yield BlindSpot(hides=EVERY_SENSE, why=Reason.of("glimpsed"), where=where)
                continue
            if document.truncated:
                yield BlindSpot(hides=EVERY_SENSE, why=document.truncated, where=where)
            if document.markup.cut or len(document.markup.sheets) > MAX_SHEETS:
                yield BlindSpot(hides=EVERY_SENSE, why=Reason.of("page_too_large"), where=where)
            if not document.sheets_read:
                yield BlindSpot(hides=PICTURES, why=Reason.of("sheets_not_read"), where=where)
            if not document.scripts_run and document.markup.scripts:
                yield from (_unrun(tag, where) for tag in _telling(document.markup.scripts))
            yield from document.unread_scripts
        for document, frame in self.frames_open:
            where = Where(origin="frame", url=frame.url or document.url)
            why = Reason.of("frame_not_read", url=where.url)
            yield BlindSpot(hides=EVERY_SENSE, why=why, where=where)
        yield from self.lost_pieces
        yield from self.page_images.blind_spots(images)

    # --- arriving ---

    async def arrive(self, url: str) -> FetchError | None:
        """Go to the homepage, along redirects of every kind; what is lost on the way is told."""
        referer = None
        for _ in range(MAX_HOPS):
            got = await self.session.page(url, referer=referer)
            if isinstance(got, FetchError):
                return got
            text = charset.decode(got.body, got.content_type)
            if (lost := unseen_because(got, text)) is not None:
                return lost
            html, deep = markup.shallow(text)
            is_stub = len(got.body) <= STUB_BYTES
            document = Document(
                url=got.final_url,
                html=html,
                truncated=got.truncated or deep,
                hosts=None if is_stub else self.unit.hosts,
            )
            await self._read(document)
            onward = _refresh_header(got, document) or document.markup.refresh
            onward = onward or await self._script_redirect(document, got)
            if onward is None or same_page(onward, url):
                return self._settle(got, document)
            referer, url = got.final_url, onward
        return FetchError(url, Cause.REDIRECTS, Reason.of("too_many_onward_pages", count=MAX_HOPS))

    def _settle(self, got: Fetched, document: Document) -> FetchError | None:
        """Here the visitor stays: take it as the homepage, unless something stands in its place."""
        why = _no_homepage(document)
        scripted = any(True for _ in _telling(document.markup.scripts))
        if why is not None and (not scripted or checks_visitors(document.html)):
            return FetchError(got.url, Cause.CHALLENGE, why)
        self.home = got
        self.evidence_files.add("html", got.body, url=got.final_url)
        self.evidence_files.add_headers(got.headers, url=got.final_url, status=got.status)
        document.sheets_read = not document.markup.sheets and not document.markup.imports
        self.documents = [document]
        self._note_frames(document)
        return None

    async def _script_redirect(self, document: Document, got: Fetched) -> str | None:
        """Where the script of a stub leads; ordinary pages are not asked this early."""
        if len(got.body) > STUB_BYTES or len(document.markup.links) > STUB_LINKS:
            return None
        followed = await self._follow(document)
        goes = next((effect.goes_to for effect in followed.effects if effect.goes_to), None)
        found = parse_web_url(goes, document.markup.base) if goes else None
        return found.href if found else None

    async def _read(self, document: Document) -> None:
        """Read its markup (again), off the event loop."""
        scripted = any(d.markup.scripts for d in self.documents) or None
        document.markup = await self.tools.threads.run(
            partial(
                markup.read,
                document.html,
                document.url,
                sheets=tuple(document.sheets),
                origin=document.origin,
                scripted=scripted,
                within=document.within,
                awaiting=not document.sheets_read,
                hosts=document.hosts,
            )
        )

    # --- frames ---

    def _note_frames(self, document: Document) -> None:
        self.frames_open.extend((document, frame) for frame in document.markup.frames)

    async def _open_frames(self) -> None:
        """Enter every frame, and the frames in it."""
        while self.frames_open:
            batch, self.frames_open = self.frames_open, []
            opened = await asyncio.gather(*(self._enter(d, frame) for d, frame in batch))
            for document in filter(None, opened):
                await self._read(document)
                self.documents.append(document)
                self._note_frames(document)

    async def _enter(self, parent: Document, frame: markup.Frame) -> Document | None:
        where = Where(origin="frame", url=frame.url or parent.url)
        if len(self.documents) >= MAX_DOCUMENTS or parent.depth >= 3:
            self._lose_frame(where, Reason.of("frame_too_deep"))
            return None
        child = Document(
            url=parent.url,
            html=markup.shallow(frame.srcdoc or "")[0],
            origin="frame",
            within=frame.visible,
            depth=parent.depth + 1,
        )
        if frame.srcdoc is not None or frame.url is None:
            return child
        if any(d.url == frame.url for d in self.documents):
            return None  # a frame of the page itself shows nothing new
        got = await self.session.page(frame.url, referer=parent.url)
        if isinstance(got, FetchError):
            self._lose_frame(where, got.why)
            return None
        if got.status >= 400:
            self._lose_frame(where, Reason.of("http_status", status=got.status))
            return None
        child.url = got.final_url
        child.html, deep = markup.shallow(charset.decode(got.body, got.content_type))
        child.truncated = got.truncated or deep
        return child

    def _lose_frame(self, where: Where, because: Reason) -> None:
        why = Reason.of("frame_lost", url=where.url, because=because)
        self.lost_pieces.append(BlindSpot(hides=EVERY_SENSE, why=why, where=where))

    # --- sheets ---

    async def _read_sheets(self) -> None:
        """Fetch what the documents link as style sheets, and what those import."""
        for document in [d for d in self.documents if not d.sheets_read]:
            urls = document.markup.sheets[:MAX_SHEETS]
            sheets = await asyncio.gather(*(self._sheet(url, document.url) for url in urls))
            inline = [
                parse_sheet(css, document.markup.base) for css in document.markup.inline_sheets
            ]
            imports = [i for s in (*sheets, *inline) for i in s.imports]
            imported, unread = await self._imports(imports, document.url)
            self._lose_sheets(unread)
            document.sheets = [
                *imported, *sheets, *([Sheet((), (), part=True)] if unread else [])
            ]  # fmt: skip
            document.sheets_read = True
            if urls or imports:
                await self._read(document)

    async def _imports(self, urls: list[str], referer: str) -> tuple[list[Sheet], list[str]]:
        """The sheets that sheets import, the deepest first, and those that nobody fetches."""
        sheets: list[Sheet] = []
        unread: list[str] = []
        known: set[str] = set()
        for _ in range(IMPORTS_DEEP):
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
        got = await self.session.resource(url, kind="css", referer=referer)
        if isinstance(got, FetchError) or got.status != 200:
            self._lose_sheet(url, Reason.of("sheet_lost", url=url, because=_why_lost(got)))
            return Sheet((), ())
        if got.truncated:
            self._lose_sheet(url, Reason.of("sheet_not_whole", url=url, because=got.truncated))
        text = charset.decode(got.body, got.content_type)
        sheet = await self.tools.threads.run(partial(parse_sheet, text, got.final_url))
        return replace(sheet, part=True) if got.truncated else sheet

    def _lose_sheets(self, urls: Sequence[str]) -> None:
        """Sheets that nobody fetches: there are too many, or they are imported too deep."""
        for url in list(dict.fromkeys(urls))[:MAX_TOLD]:
            self._lose_sheet(url, Reason.of("sheet_not_read", url=url))

    def _lose_sheet(self, url: str, why: Reason) -> None:
        where = Where(origin="style", url=url)
        self.lost_pieces.append(BlindSpot(hides=PICTURES, why=why, where=where))

    # --- scripts ---

    async def _run_scripts(self) -> None:
        """Let scripts write; what they do beyond writing stays a blind spot."""
        for document in [d for d in self.documents if not d.scripts_run]:
            document.scripts_run = True
            if not any(True for _ in _telling(document.markup.scripts)):
                continue
            followed = await self._follow(document)
            tags = document.markup.scripts
            self._note_opaque(document, tags, followed.effects)
            if document is self.documents[0]:
                self.sent_to = _sent(document, followed.effects)
            if any(effect.markup for effect in followed.effects):
                await self._rewrite(document, [effect.markup for effect in followed.effects])

    def _note_opaque(
        self,
        document: Document,
        tags: Sequence[markup.ScriptTag],
        effects: Sequence[scripts.Effect],
    ) -> None:
        too_many = scripts.Effect("", scripts.TOO_MANY, None)
        for tag, effect in zip_longest(tags, effects, fillvalue=too_many):
            assert isinstance(tag, markup.ScriptTag)
            if effect.opaque is None or not any(True for _ in _telling([tag])):
                continue
            where = Where(origin="script", url=tag.url or document.url)
            because = _why_opaque(effect.opaque)
            why = Reason.of("needs_browser", script=_name_of(tag), because=because)
            document.unread_scripts.append(BlindSpot(hides=EVERY_SENSE, why=why, where=where))

    async def _rewrite(self, document: Document, written: Sequence[str]) -> None:
        """Read the document with what its scripts wrote in their places."""
        before = {link.href for link in document.markup.links}
        seen = {frame.url for frame in document.markup.frames}
        spliced = await self.tools.threads.run(partial(markup.splice, document.html, written))
        document.html, deep = markup.shallow(spliced)
        document.truncated = document.truncated or deep
        document.sheets_read = False
        await self._read(document)
        document.markup = _with_origin(document.markup, before)
        fresh = [f for f in document.markup.frames if f.url is None or f.url not in seen]
        self.frames_open.extend((document, frame) for frame in fresh)

    async def _follow(self, document: Document) -> scripts.Followed:
        tags = document.markup.scripts[:MAX_SCRIPTS]
        sources = await self._sources([tag.url for tag in tags if tag.url], document.url)
        for _ in range(MAX_ROUNDS):
            listed = [_script(tag, sources) for tag in tags]
            work = partial(
                scripts.follow,
                listed,
                page_url=document.url,
                sources=sources,
                base_url=document.markup.base,
                framed=document.depth > 0,
            )
            followed = await self.tools.threads.run(work)
            missing = [url for url in followed.wanted if url not in sources]
            if not missing:
                break
            sources |= await self._sources(missing, document.url)
        return followed

    async def _sources(self, urls: Iterable[str], referer: str) -> dict[str, str | None]:
        distinct = tuple(dict.fromkeys(urls))
        texts = await asyncio.gather(*(self._source(url, referer) for url in distinct))
        return dict(zip(distinct, texts, strict=True))

    async def _source(self, url: str, referer: str) -> str | None:
        """The text of a script; None where it is lost. Counting services are not asked."""
        if markup.is_analytics(url):
            return ""
        got = await self.session.resource(url, kind="script", referer=referer)
        if isinstance(got, FetchError) or got.status != 200 or got.truncated:
            return None
        return charset.decode(got.body, got.content_type)

    # --- images ---

    async def _read_images(self, effort: Effort, *, most: int | None = None) -> None:
        images = list(self._images())
        await self.page_images.read(images, effort, labels=labels_of(self.unit), most=most)

    async def _read_comments(self) -> None:
        """Codes in comments prove nothing, but tell what was meant."""
        images = [i for d in self.documents for i in d.markup.commented_images]
        most = MAX_COMMENTED
        await self.page_images.read(images, Effort.NORMAL, labels=labels_of(self.unit), most=most)

    async def _image_bytes(self, src: str, effort: Effort) -> bytes | Unfetched | Reason:
        """The bytes of an image, or why they are lost; none where all is known without them."""
        for document in self.documents:
            if src in document.markup.svgs:
                return document.markup.svgs[src].encode()
        referer = self.home.final_url if self.home else None
        decoder = self.tools.decoder

        def is_known(sha256: str) -> bool:
            return not self.evidence_files.wanted and decoder.known(sha256, effort) is not None

        got = await self.session.resource(src, kind="image", referer=referer, is_known=is_known)
        if isinstance(got, FetchError):
            return got.why
        if got.digest is not None:
            return Unfetched(got.digest)
        if got.status != 200:
            return Reason.of("http_status", status=got.status)
        return got.truncated if got.truncated and not got.body else got.body


def _refresh_header(got: Fetched, document: Document) -> str | None:
    """Where a Refresh header sends the visitor."""
    content = got.headers.get("refresh")
    return markup.refresh_target(content, document.url, got.final_url) if content else None


def _no_homepage(document: Document) -> Reason | None:
    read = document.markup
    return no_homepage(read.things, read.text_size, document.html)


def _sent(document: Document, effects: Iterable[scripts.Effect]) -> str | None:
    """Where a script sends the visitor at load, unless that is this page."""
    for effect in effects:
        found = parse_web_url(effect.goes_to, document.markup.base) if effect.goes_to else None
        if found and not same_page(found.href, document.url):
            return found.href
    return None


def _telling(tags: Iterable[markup.ScriptTag]) -> Iterable[markup.ScriptTag]:
    """The scripts that could show something: counting services do not."""
    for tag in tags:
        if tag.url is not None and markup.is_analytics(tag.url):
            continue
        if tag.source is not None and (not tag.source.strip() or markup.is_loader(tag.source)):
            continue
        yield tag


def _unrun(tag: markup.ScriptTag, where: Where) -> BlindSpot:
    why = Reason.of("script_not_run", script=_name_of(tag))
    return BlindSpot(hides=EVERY_SENSE, why=why, where=where)


def _name_of(tag: markup.ScriptTag) -> Reason:
    return Reason.of("script_at", url=tag.url) if tag.url else Reason.of("script_inline")


def _why_opaque(opaque: str) -> Reason:
    if opaque in scripts.CODES:
        return Reason.of(opaque)
    return Reason.of("script_does_more", detail=opaque)


def _why_lost(got: Fetched | FetchError) -> Reason:
    return got.why if isinstance(got, FetchError) else Reason.of("http_status", status=got.status)


def _script(tag: markup.ScriptTag, sources: dict[str, str | None]) -> scripts.Script:
    source = sources.get(tag.url) if tag.url is not None else tag.source
    if tag.source is not None and markup.is_loader(tag.source):
        source = ""  # it would only load what is not asked for
    return scripts.Script(source=source, url=tag.url, deferred=tag.deferred)


def _with_origin(read: markup.Markup, before: set[str]) -> markup.Markup:
    """Mark the links that only scripts wrote."""
    where = Where(origin="script", url=read.url)
    links = tuple(
        link if link.href in before else link.model_copy(update={"where": where})
        for link in read.links
    )
    return replace(read, links=links)
