"""Looks at a homepage without a browser: markup, sheets, images, and what scripts write."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from functools import partial

from ycaudit.model import (
    EVERY_SENSE,
    BlindSpot,
    Image,
    Link,
    Observation,
    Page,
    Sense,
    Text,
    Unseen,
    Where,
)
from ycaudit.net.answer import FetchError
from ycaudit.net.client import Session
from ycaudit.observe import Doubts
from ycaudit.observe.challenges import bare
from ycaudit.observe.page_images import PageImages, Unfetched, labels_of
from ycaudit.observe.qr.reading import Effort
from ycaudit.observe.static.arrival import MAX_HOPS, Arrival, arrive
from ycaudit.observe.static.document import Document, LinkedSheets, Source, enter_frame, not_entered
from ycaudit.observe.static.markup import Frame
from ycaudit.observe.static.page_scripts import PageScripts, not_followed, not_run, sent_to, showing
from ycaudit.observe.static.refused import why_not_shown
from ycaudit.observe.static.sheets import Sheet
from ycaudit.observe.tools import Tools
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit

MAX_COMMENTED = 6
"""Images in comments that are read."""
LIKELIEST = 8
"""Images that are read before the scripts are run."""


class StaticObserver:
    """The cheap observer, which every unit gets first."""

    name = "static"

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def place(self) -> AbstractAsyncContextManager[None]:
        """There is room for any number."""
        return nullcontext()

    async def look(
        self, unit: Unit, doubts: Doubts, *, again: bool = False
    ) -> AsyncGenerator[Observation, None]:
        """Markup first, then the likeliest images, what scripts wrote, and every image."""
        tools = self._tools
        async with (
            tools.archive.look(unit.target.id, self.name) as archive,
            tools.fetcher.session(unit.target.intranet, archive) as session,
        ):
            url = unit.target.url
            for _ in range(MAX_HOPS):
                arrived = await arrive(url, unit, session, tools)
                if isinstance(arrived, FetchError):
                    yield _unseen(unit, arrived, tools)
                    return
                visit = _Visit(unit, tools, session, arrived)
                async for page in visit.observations(doubts):
                    yield page
                if visit.sent_to is None:
                    return
                url = visit.sent_to

    async def aclose(self) -> None:
        """Nothing is held beyond the tools."""


def _unseen(unit: Unit, lost: FetchError, tools: Tools) -> Unseen:
    """The homepage as it could not be seen."""
    return Unseen(
        url=unit.target.url, observer="static", taken_at=tools.now(), cause=lost.cause, why=lost.why
    )


class _Visit:
    """One visit to one homepage: the documents at the stage that they have reached."""

    def __init__(self, unit: Unit, tools: Tools, session: Session, arrived: Arrival) -> None:
        self.unit = unit
        self.tools = tools
        self.session = session
        self.answer = arrived.answer
        self.documents = [arrived.document]
        self.frames_open = [(arrived.document, frame) for frame in arrived.document.markup.frames]
        self.lost: list[BlindSpot] = []
        self.sent_to: str | None = None
        """Where a script sends the visitor."""
        self._had_scripts = False
        self.sheets = LinkedSheets(session, tools.threads, self.lost.append)
        self.scripts = PageScripts(session, tools, unit.third_parties)
        self.evidence_files = tools.evidence_files(unit.target.id)
        self.page_images = PageImages(tools, self._image_bytes, self.evidence_files)

    # --- the stages ---

    async def observations(self, doubts: Doubts) -> AsyncGenerator[Page, None]:
        """Pages that show ever more, until nothing is in doubt."""
        got, url = self.answer, self.answer.final_url
        self.evidence_files.add("html", got.body, url=url)
        self.evidence_files.add_headers(got.headers, url=url, status=got.status)
        async for page in self._links_to_hosts():
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
        await self._settle()
        yield self.page()
        for effort in (Effort.FAST, Effort.THOROUGH):
            if Sense.QR_CODE not in doubts():
                return
            await self._read_images(effort)
            if effort is Effort.THOROUGH:
                await self._read_comments()
            yield self.page()

    async def _links_to_hosts(self) -> AsyncGenerator[Page, None]:
        """Only what the rules ask for, where links to some hosts may settle all."""
        home = self.documents[0]
        if home.hosts is None:
            return
        if home.markup.links:
            yield self.page()
            if not home.sheets_read:
                await self._read_sheets()
                yield self.page()
        work = partial(self.documents[0].in_full, self._scripted())
        self.documents[0] = await self.tools.threads.run(work)

    async def _open_frames(self) -> None:
        """Enter every frame, and the frames in it."""
        while self.frames_open:
            batch, self.frames_open = self.frames_open, []
            entered = await asyncio.gather(*(self._enter(*framed) for framed in batch))
            for source in filter(None, entered):
                work = partial(
                    Document.opened,
                    source,
                    scripted=self._scripted(),
                    spans=self.documents[0].spans,
                )
                document = await self.tools.threads.run(work)
                self.documents.append(document)
                self.frames_open.extend((document, frame) for frame in document.markup.frames)

    async def _enter(self, parent: Document, frame: Frame) -> Source | None:
        found = await enter_frame(self.session, parent, frame, self.documents)
        if isinstance(found, BlindSpot):
            self.lost.append(found)
            return None
        return found

    async def _read_sheets(self) -> None:
        """Read the style sheets of the documents that lack theirs."""
        for number, document in enumerate(self.documents):
            if document.sheets_read:
                continue
            sheets = await self.sheets.of(document)
            self.documents[number] = await self._styled(document, sheets)

    async def _styled(self, document: Document, sheets: Sequence[Sheet]) -> Document:
        if not sheets:
            return replace(document, sheets=(), sheets_read=True)
        return await self.tools.threads.run(partial(document.with_sheets, sheets, self._scripted()))

    async def _run_scripts(self) -> None:
        """Let scripts write; what they do beyond writing stays a blind spot."""
        for number, document in enumerate(self.documents):
            if not document.scripts_run:
                self.documents[number] = await self._scripts_run(document, is_home=number == 0)

    async def _settle(self) -> None:
        """Where no script can do any more, what sheets leave in sight is shown."""
        if self._had_scripts and self._scripted() is None:
            for number, document in enumerate(self.documents):
                self.documents[number] = await self.tools.threads.run(document.settled)

    async def _scripts_run(self, document: Document, *, is_home: bool) -> Document:
        self._had_scripts = self._had_scripts or bool(document.tree.scripts)
        if not showing(document.tree.scripts, self.unit.third_parties):
            return replace(document, scripts_run=True)
        effects = (await self.scripts.follow(document)).effects
        unread = (
            *document.unread_scripts,
            *not_followed(document, effects, self.unit.third_parties),
        )
        document = replace(document, scripts_run=True, unread_scripts=unread)
        if is_home:
            self.sent_to = sent_to(document, effects)
        if not any(effect.markup for effect in effects):
            return document
        written = [effect.markup for effect in effects]
        known = {frame.url for frame in document.markup.frames}
        work = partial(document.with_written, written, self._scripted())
        document = await self.tools.threads.run(work)
        fresh = [f for f in document.markup.frames if f.url is None or f.url not in known]
        self.frames_open.extend((document, frame) for frame in fresh)
        return document

    def _scripted(self) -> bool | None:
        """Whether a script may still do something; None: whatever the document has."""
        return any(self._is_scripted(document) for document in self.documents) or None

    def _is_scripted(self, document: Document) -> bool:
        if document.tree.reacts or (document.tree.scripts and document.source.restricted):
            return True
        if document.scripts_run:
            return bool(document.unread_scripts)
        return bool(document.tree.scripts)

    # --- what is known ---

    def page(self) -> Page:
        """All that is known now."""
        images = self._images()
        links = [
            link
            for document in self.documents
            for link in (*document.markup.links, *document.markup.commented_links)
        ]
        return Page(
            url=self.unit.target.url,
            final_url=self.answer.final_url,
            status=self.answer.status,
            observer="static",
            taken_at=self.tools.now(),
            sha256=hashlib.sha256(self.answer.body).hexdigest(),
            title=self.documents[0].tree.title,
            links=(*links, *self._idle(links)),
            images=(
                *self.page_images.described(images),
                *(image for document in self.documents for image in document.markup.disk_images),
            ),
            qr_codes=self.page_images.codes((*images, *self._commented_images())),
            sought=self.unit.sought,
            texts=self._texts(),
            blind_spots=tuple(self._blind_spots(images)),
            remarks=self.answer.remarks,
            evidence_files=self.evidence_files.kept,
        )

    def _idle(self, links: Iterable[Link]) -> Iterable[Link]:
        """Anchors without an address that are called as a link that is asked for, each name once,
        unless one of that name leads somewhere."""
        led = {link.text for link in links}
        idle = (link for document in self.documents for link in document.markup.idle_links)
        named = {i.text: i for i in idle if i.text not in led and self.unit.names_link(i.text)}
        return named.values()

    def _texts(self) -> tuple[Text, ...] | None:
        """All text; None where no rule asks for any."""
        if not self.unit.asks_for_text:
            return None
        return tuple(text for document in self.documents for text in document.markup.texts)

    def _blind_spots(self, images: Sequence[Image]) -> Iterator[BlindSpot]:
        main = self.documents[0]
        if (why := main.why_no_homepage()) is not None:
            where = Where(origin="markup", url=main.url)
            yield BlindSpot(hides=EVERY_SENSE, why=why, where=where)
        links = sum(len(document.markup.links) for document in self.documents)
        text = sum(document.tree.text_size for document in self.documents)
        if main.hosts is None and (why := bare(links, text)) is not None:
            where = Where(origin="markup", url=main.url)
            yield BlindSpot(hides=EVERY_SENSE, why=why, where=where)
        for document in self.documents:
            yield from document.blind_spots()
            if not document.scripts_run and document.hosts is None:
                yield from not_run(document, self.unit.third_parties)
        yield from (not_entered(*framed) for framed in self.frames_open)
        yield from self.lost
        yield from self.page_images.blind_spots(images)

    # --- images ---

    async def _read_images(self, effort: Effort, *, most: int | None = None) -> None:
        await self.page_images.read(self._images(), effort, labels=labels_of(self.unit), most=most)

    async def _read_comments(self) -> None:
        """Codes in comments prove nothing, but tell what was meant."""
        images = self._commented_images()
        labels = labels_of(self.unit)
        await self.page_images.read(images, Effort.NORMAL, labels=labels, most=MAX_COMMENTED)

    def _images(self) -> list[Image]:
        return [i for document in self.documents for i in document.markup.images]

    def _commented_images(self) -> list[Image]:
        return [i for document in self.documents for i in document.markup.commented_images]

    async def _image_bytes(self, src: str, effort: Effort) -> bytes | Unfetched | Reason:
        """The bytes of an image, or why they are lost; none where all is known without them."""
        for document in self.documents:
            if src in document.markup.svgs:
                return document.markup.svgs[src].encode()
        decoder = self.tools.decoder

        def is_known(sha256: str) -> bool:
            return not self.evidence_files.wanted and decoder.known(sha256, effort) is not None

        got = await self.session.resource(
            src, kind="image", referer=self.answer.final_url, is_known=is_known
        )
        if isinstance(got, FetchError):
            return got.why
        if got.digest is not None:
            return Unfetched(got.digest)
        if got.status != 200:
            return Reason.of("http_status", status=got.status)
        if (why := why_not_shown(got, self.answer.final_url)) is not None:
            return why
        return got.truncated if got.truncated and not got.body else got.body
