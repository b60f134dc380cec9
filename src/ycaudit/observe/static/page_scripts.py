"""The scripts of a document: fetching them, running them, and which stay blind spots."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import zip_longest

from ycaudit.model import EVERY_SENSE, BlindSpot, Where
from ycaudit.net import charset
from ycaudit.net.answer import FetchError
from ycaudit.net.client import Session
from ycaudit.observe.static import scripts
from ycaudit.observe.static.document import Document
from ycaudit.observe.static.refused import is_mixed, is_script
from ycaudit.observe.static.tree import ScriptTag
from ycaudit.observe.tools import Tools
from ycaudit.reasons import Reason
from ycaudit.rules.third_parties import ThirdParties
from ycaudit.url import parse_web_url, same_page

MAX_SCRIPTS = 150
MAX_ROUNDS = 5
"""How often scripts may load scripts."""


class PageScripts:
    """Runs the scripts of a document as they run while it loads."""

    def __init__(self, session: Session, tools: Tools, third_parties: ThirdParties) -> None:
        self._session = session
        self._tools = tools
        self._third_parties = third_parties

    async def follow(self, document: Document) -> scripts.Followed:
        """What the scripts of the document write and where they lead."""
        tags = document.tree.scripts[:MAX_SCRIPTS]
        sources = await self._sources([tag.url for tag in tags if tag.url], document.url)
        for _ in range(MAX_ROUNDS):
            listed = [self._script(tag, sources) for tag in tags]
            work = partial(
                self._tools.scripts.follow,
                listed,
                page_url=document.url,
                sources=sources,
                base_url=document.tree.base,
                framed=document.source.depth > 0,
            )
            followed = await self._tools.threads.run(work)
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
        if self._third_parties.counts(url):
            return ""
        got = await self._session.resource(url, kind="script", referer=referer)
        if isinstance(got, FetchError) or got.status != 200 or got.truncated:
            return None
        if not is_script(got) or is_mixed(url, referer):
            return ""  # no browser runs it
        return charset.decode(got.body, got.content_type)

    def _script(self, tag: ScriptTag, sources: dict[str, str | None]) -> scripts.Script:
        source = sources.get(tag.url) if tag.url is not None else tag.source
        if tag.source is not None and self._third_parties.is_loader(tag.source):
            source = ""  # it would only load what is not asked for
        return scripts.Script(source=source, url=tag.url, deferred=tag.deferred)


def showing(tags: Iterable[ScriptTag], third_parties: ThirdParties) -> list[ScriptTag]:
    """The scripts that could show something: counting services and empty ones do not."""
    return [tag for tag in tags if _shows(tag, third_parties)]


def _shows(tag: ScriptTag, third_parties: ThirdParties) -> bool:
    if tag.url is not None and third_parties.counts(tag.url):
        return False
    return tag.source is None or bool(
        tag.source.strip() and not third_parties.is_loader(tag.source)
    )


def sent_to(document: Document, effects: Iterable[scripts.Effect]) -> str | None:
    """Where a script sends the visitor at load, unless that is this page."""
    for effect in effects:
        found = parse_web_url(effect.goes_to, document.tree.base) if effect.goes_to else None
        if found and not same_page(found.href, document.url):
            return found.href
    return None


def not_run(document: Document, third_parties: ThirdParties) -> Iterator[BlindSpot]:
    """A blind spot for each script that was not run yet."""
    where = Where(origin=document.source.origin, url=document.url)
    for tag in showing(document.tree.scripts, third_parties):
        why = Reason.of("script_not_run", script=_name_of(tag))
        yield BlindSpot(hides=EVERY_SENSE, why=why, where=where)


def not_followed(
    document: Document, effects: Sequence[scripts.Effect], third_parties: ThirdParties
) -> Iterator[BlindSpot]:
    """A blind spot for each script that did, or may have done, more than write."""
    too_many = scripts.Effect("", scripts.TOO_MANY, None)
    for tag, effect in zip_longest(document.tree.scripts, effects, fillvalue=too_many):
        assert isinstance(tag, ScriptTag)
        if effect.opaque is None or not _shows(tag, third_parties):
            continue
        where = Where(origin="script", url=tag.url or document.url)
        because = _why_opaque(effect.opaque)
        why = Reason.of("needs_browser", script=_name_of(tag), because=because)
        yield BlindSpot(hides=EVERY_SENSE, why=why, where=where)


def _name_of(tag: ScriptTag) -> Reason:
    return Reason.of("script_at", url=tag.url) if tag.url else Reason.of("script_inline")


def _why_opaque(opaque: str) -> Reason:
    if opaque in scripts.CODES:
        return Reason.of(opaque)
    return Reason.of("script_does_more", detail=opaque)
