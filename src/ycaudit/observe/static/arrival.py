"""Goes to a homepage along redirects of every kind: headers, meta refreshes, scripts of stubs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from ycaudit.model import Cause, Visibility
from ycaudit.net import charset
from ycaudit.net.answer import Fetched, FetchError
from ycaudit.net.client import Session
from ycaudit.observe.challenges import STUB_BYTES, keeps_out, no_page, unseen_because
from ycaudit.observe.static.document import Document, Source
from ycaudit.observe.static.page_scripts import PageScripts, showing
from ycaudit.observe.static.refused import is_read_otherwise, is_restricted
from ycaudit.observe.static.tree import refresh_target
from ycaudit.observe.tools import Tools
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.rules.third_parties import ThirdParties
from ycaudit.url import parse_web_url, same_page

MAX_HOPS = 6
STUB_LINKS = 5


@dataclass(frozen=True, slots=True)
class Arrival:
    """The answer that is the homepage, and its document."""

    answer: Fetched
    document: Document


async def arrive(url: str, unit: Unit, session: Session, tools: Tools) -> Arrival | FetchError:
    """Where a visitor of `url`, the unit's, stays, or why there is no homepage.

    Where links to some hosts may settle all, only these are read in a document that is no stub.
    """
    scripts = PageScripts(session, tools, unit.third_parties)
    hosts, spans = unit.hosts, unit.text_spans if unit.asks_for_text else None
    referer = None
    for _ in range(MAX_HOPS):
        got = await session.page(url, referer=referer)
        if isinstance(got, FetchError):
            return got
        text = charset.decode(got.body, got.content_type)
        if (lost := unseen_because(got, text)) is not None:
            return lost
        restricted = is_restricted(got)
        within = Visibility.UNSURE if is_read_otherwise(got) else Visibility.SHOWN
        source = Source(text, got.final_url, got.truncated, within=within, restricted=restricted)
        is_stub = len(got.body) <= STUB_BYTES
        work = partial(Document.opened, source, hosts=None if is_stub else hosts, spans=spans)
        document = await tools.threads.run(work)
        onward = refresh_header(got) or document.tree.refresh
        if onward is None and is_stub and len(document.markup.links) <= STUB_LINKS:
            onward = await _script_redirect(document, scripts)
        if onward is None or same_page(onward, url):
            return _homepage(got, document, unit.third_parties)
        referer, url = got.final_url, onward
    return FetchError(url, Cause.REDIRECTS, Reason.of("too_many_onward_pages", count=MAX_HOPS))


def _homepage(
    got: Fetched, document: Document, third_parties: ThirdParties
) -> Arrival | FetchError:
    """The document as the homepage, unless something stands in its place."""
    why = document.why_no_homepage()
    scripted = bool(showing(document.tree.scripts, third_parties))
    if why is not None and (not scripted or keeps_out(document.source.html)):
        return no_page(got.url, why)
    has_sheets = bool(document.tree.sheet_urls) or document.tree.has_imports
    return Arrival(got, replace(document, sheets_read=not has_sheets))


def refresh_header(got: Fetched) -> str | None:
    """Where a Refresh header sends the visitor."""
    content = got.headers.get("refresh")
    return refresh_target(content, got.final_url, got.final_url) if content else None


async def _script_redirect(document: Document, scripts: PageScripts) -> str | None:
    """Where the script of a stub leads; the scripts of other pages are not run this early."""
    followed = await scripts.follow(document)
    goes = next((effect.goes_to for effect in followed.effects if effect.goes_to), None)
    found = parse_web_url(goes, document.tree.base) if goes else None
    return found.href if found else None
