"""One look of the browser at a site of a few answers."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import Awaitable, Callable, Mapping, Set
from contextlib import AsyncExitStack, nullcontext
from dataclasses import replace

from support.browsers import browser_observer
from support.city import PATIENT
from support.codes import picture, saved
from ycaudit.model import Observation, Page, Sense, Target, ThirdParty, Visibility
from ycaudit.net.client import Options
from ycaudit.observe.browser.observer import BrowserObserver
from ycaudit.rules.judge import InDoubt, Requirement, Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.runs.evidence import EvidenceStore

Answers = Mapping[str, bytes]
FILES: Answers = {"/i.png": saved(picture("in there"))}
CODE = "<img src=/i.png width=150 height=150>"


async def looked(
    answers: Answers,
    *,
    private: bool = True,
    during: Callable[[], Awaitable[None]] | None = None,
    gate: asyncio.Event | None = None,
    requested: asyncio.Event | None = None,
    intranet: tuple[str, ...] = (),
    patience: float = 8,
    third_parties: tuple[ThirdParty, ...] = (),
    evidence: EvidenceStore | None = None,
    requirements: tuple[Requirement, ...] = (),
    until: Callable[[Page], bool] = lambda _: False,
    lent: BrowserObserver | None = None,
    lacks: int = 0,
    cut: float = 0,
    tls: ssl.SSLContext | None = None,
) -> Observation:
    """The clearest sight of a site that answers so; paths named "/slow…" wait for the gate, and
    those named "/busy…" are not answered in earnest.

    `until`: once this is so, nothing is in doubt any more. `lent`: else it has an observer, and a
    browser, of its own. `lacks`: so many bytes of each answer never come. `cut`: of what is packed
    on its way, this share.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ")[1].decode().partition("?")[0]
            if path.startswith("/slow") and gate is not None and requested is not None:
                requested.set()
                await gate.wait()
            body = answers.get(path)
            status = b"200 OK" if body is not None else b"404 Not Found"
            if path.startswith("/busy"):
                status = b"503 Service Unavailable"
            kind = b"text/javascript" if path.endswith(".js") else b"text/html; charset=utf-8"
            if cut and body:
                body = gzip.compress(body)[: -round(len(gzip.compress(body)) * cut)]
                kind += b"\r\nContent-Encoding: gzip"
            size = str(len(body or b"") + lacks).encode()
            writer.write(
                b"HTTP/1.1 " + status + b"\r\nContent-Type: " + kind + b"\r\nContent-Length: "
                + size + b"\r\nConnection: close\r\n\r\n" + (body or b"")
            )  # fmt: skip
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    url = f"http{'s' if tls else ''}://127.0.0.1:{port}/"
    target = Target(id="u", name="u", url=url, intranet=intranet)
    senses = frozenset(Sense)
    if not any(requirement.kind == "text" for requirement in requirements):
        senses -= {Sense.TEXT}
    unit = Unit(target=target, requirements=requirements, added_third_parties=third_parties)
    clearest: Observation | None = None
    options = Options(allow_private=private, limits=replace(PATIENT, patience=patience))
    own = browser_observer(options, evidence) if lent is None else nullcontext(lent)
    try:
        async with own as observer:

            def doubts() -> InDoubt:
                is_done = isinstance(clearest, Page) and until(clearest)
                return InDoubt(requirements, frozenset() if is_done else senses)

            async def look() -> None:
                nonlocal clearest
                async for observation in observer.look(unit, doubts):
                    clearest = observation

            async with asyncio.TaskGroup() as group:
                group.create_task(look())
                if during is not None:
                    group.create_task(during())
    finally:
        server.close()
    assert clearest is not None
    return clearest


class _Shared:
    """One browser for all looks of a process: to start one costs more than most of them."""

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None
        self._held = AsyncExitStack()
        self._observer: BrowserObserver | None = None

    def look(
        self,
        answers: Answers,
        requirements: tuple[Requirement, ...] = (),
        until: Callable[[Page], bool] = lambda _: False,
        third_parties: tuple[ThirdParty, ...] = (),
    ) -> Page:
        if self._runner is None:
            self._runner = asyncio.Runner()
            options = Options(allow_private=True, limits=replace(PATIENT, patience=8))
            self._observer = self._runner.run(
                self._held.enter_async_context(browser_observer(options))
            )
        found = self._runner.run(
            looked(
                answers,
                requirements=requirements,
                until=until,
                third_parties=third_parties,
                lent=self._observer,
            )
        )
        assert isinstance(found, Page), found
        return found

    def close(self) -> None:
        if self._runner is not None:
            self._runner.run(self._held.aclose())
            self._runner.close()
            self._runner = None


SHARED = _Shared()
look = SHARED.look


def page(
    html: str,
    third_parties: tuple[ThirdParty, ...] = (),
    requirements: tuple[Requirement, ...] = (),
    until: Callable[[Page], bool] = lambda _: False,
    **more: str,
) -> Page:
    answers = {
        "/": html.encode(),
        **{f"/{k.replace('_', '.')}": v.encode() for k, v in more.items()},
    }
    return look(answers, requirements, until, third_parties)


NEWS = "".join(f"<p><a href=/{number}>news {number}</a></p>" for number in range(12))
"""With it a page is none that seems to send its visitor on."""
FILLER = "<p>" + "云江市政务公开信息 " * 60 + "</p>"


def seen(html: str, requirements: tuple[Requirement, ...] = ()) -> dict[str, Visibility]:
    """How visible each link is; those that are asked for are tried, too."""
    found = page(FILLER + html, requirements=requirements)
    return {link.href: link.visible for link in found.links}


def codes(html: str, files: Answers | None = None) -> set[str]:
    """The payloads of the codes that a visitor gets to see; `files`: what else the site has."""
    return _payloads(look({"/": (FILLER + html).encode(), **(files or {})}))


def finds_code(html: str, files: Answers, payload: str = "in there") -> bool:
    """Whether a visitor gets to see this code; it is looked for no longer than that takes."""
    answers = {"/": (FILLER + html).encode(), **files}
    return payload in _payloads(look(answers, until=lambda page: payload in _payloads(page)))


def left_in_doubt(
    html: str, files: Answers, requirements: tuple[Requirement, ...] = ()
) -> set[str]:
    """Why a visitor who looks for what is not there may not have seen all, as codes of reasons."""
    page = look({"/": (FILLER + html).encode(), **files}, requirements)
    return {spot.why.code for spot in page.blind_spots}


def finds_links(
    html: str, wanted: Set[str], requirements: tuple[Requirement, ...], files: Answers | None = None
) -> bool:
    """Whether a visitor gets to all of these; they are looked for no longer than that takes."""

    def has_all(page: Page) -> bool:
        return wanted <= {link.href for link in page.links if link.visible.counts}

    answers = {"/": (FILLER + html).encode(), **(files or {})}
    return has_all(look(answers, requirements, has_all))


def host(name: str, title: str = "") -> LinkRequirement:
    """That a link leads there is asked for."""
    accept = [{"host": [f"{name}.test"]}]
    return LinkRequirement(id=name, name=title or name, kind="link", accept=accept)


AWAY = {"http://away.test/"}


def is_reached(html: str) -> bool:
    """Whether a visitor gets to the link on it that leads away."""
    return finds_links(html, AWAY, (host("away"),))


def _payloads(page: Page) -> set[str]:
    return {found.payload for found in page.qr_codes if found.visible.counts}
