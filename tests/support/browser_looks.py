"""One look of the browser at a site of a few answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Set
from dataclasses import replace

from support.browsers import browser_observer
from support.city import PATIENT
from ycaudit.model import Observation, Page, Sense, Target, ThirdParty, Visibility
from ycaudit.net.client import Options
from ycaudit.rules.judge import Requirement, Unit
from ycaudit.runs.evidence import EvidenceStore

Answers = dict[str, bytes]


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
) -> Observation:
    """The clearest sight of a site that answers so; paths named "/slow…" wait for the gate.

    `until`: once this is so, nothing is in doubt any more.
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
            kind = b"text/javascript" if path.endswith(".js") else b"text/html; charset=utf-8"
            size = str(len(body or b"")).encode()
            writer.write(
                b"HTTP/1.1 " + status + b"\r\nContent-Type: " + kind + b"\r\nContent-Length: "
                + size + b"\r\nConnection: close\r\n\r\n" + (body or b"")
            )  # fmt: skip
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    target = Target(id="u", name="u", url=url, intranet=intranet)
    senses = frozenset(Sense)
    if not any(requirement.kind == "text" for requirement in requirements):
        senses -= {Sense.TEXT}
    unit = Unit(target=target, requirements=requirements, added_third_parties=third_parties)
    clearest: Observation | None = None
    options = Options(allow_private=private, limits=replace(PATIENT, patience=patience))
    try:
        async with browser_observer(options, evidence) as observer:

            def doubts() -> frozenset[Sense]:
                is_done = isinstance(clearest, Page) and until(clearest)
                return frozenset() if is_done else senses

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
    observation = asyncio.run(
        looked(answers, third_parties=third_parties, requirements=requirements)
    )
    assert isinstance(observation, Page), observation
    return observation


FILLER = "<p>" + "云江市政务公开信息 " * 60 + "</p>"


def seen(html: str, requirements: tuple[Requirement, ...] = ()) -> dict[str, Visibility]:
    """How visible each link is; those that are asked for are tried, too."""
    found = page(FILLER + html, requirements=requirements)
    return {link.href: link.visible for link in found.links}


def codes(html: str, files: Answers | None = None) -> set[str]:
    """The payloads of the codes that a visitor gets to see; `files`: what else the site has."""
    observation = asyncio.run(looked({"/": (FILLER + html).encode(), **(files or {})}))
    assert isinstance(observation, Page), observation
    return _payloads(observation)


def finds_code(html: str, files: Answers, payload: str = "in there") -> bool:
    """Whether a visitor gets to see this code; it is looked for no longer than that takes."""
    answers = {"/": (FILLER + html).encode(), **files}
    observation = asyncio.run(looked(answers, until=lambda page: payload in _payloads(page)))
    assert isinstance(observation, Page), observation
    return payload in _payloads(observation)


def finds_links(html: str, wanted: Set[str], requirements: tuple[Requirement, ...]) -> bool:
    """Whether a visitor gets to all of these; they are looked for no longer than that takes."""

    def has_all(page: Page) -> bool:
        return wanted <= {link.href for link in page.links if link.visible.counts}

    return has_all(page(FILLER + html, requirements=requirements, until=has_all))


def _payloads(page: Page) -> set[str]:
    return {found.payload for found in page.qr_codes if found.visible.counts}
