"""One look of the browser at a site of a few answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
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
) -> Observation:
    """The clearest sight of a site that answers so; paths named "/slow…" wait for the gate."""

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
    unit = Unit(target=target, requirements=requirements, added_third_parties=third_parties)
    clearest: Observation | None = None
    options = Options(allow_private=private, limits=replace(PATIENT, patience=patience))
    try:
        async with browser_observer(options, evidence) as observer:

            async def look() -> None:
                nonlocal clearest
                async for observation in observer.look(unit, lambda: frozenset(Sense)):
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
    return {found.payload for found in observation.qr_codes if found.visible.counts}
