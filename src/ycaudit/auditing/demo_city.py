"""The embedded city: fictional homepages served on loopback, with the outcomes they must get."""

from __future__ import annotations

import asyncio
import mimetypes
import socket
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field

from ycaudit.inputs.plan import apply
from ycaudit.model import Cause, Outcome, Record, Target
from ycaudit.rules import Requirement
from ycaudit.rules.judge import Unit

DOMAIN = "city.test"
SHARED = "_shared"
_TEXT = (".html", ".htm", ".js", ".css", ".svg", ".json", ".xml", ".txt")


class Serve(Record):
    """How the server of a case behaves; paths are keys of its tables."""

    mode: Literal["normal", "refuse", "stall", "reset", "half", "nodns"] = "normal"
    path: str | None = None
    status: int | None = None
    headers: dict[str, dict[str, str]] = Field(default_factory=dict)
    redirect: dict[str, str] = Field(default_factory=dict)
    missing: tuple[str, ...] = ()


class Case(Record):
    """One unit of the city, and the outcome of each requirement."""

    name: str
    tags: tuple[str, ...]
    about: str
    path: str = "/"
    expect: dict[str, Outcome]
    static: dict[str, Outcome] = Field(default_factory=dict)
    """Outcomes that differ without a browser."""
    cause: Cause | None = None
    serve: Serve = Serve()

    def outcomes(self, observer: str) -> dict[str, Outcome]:
        """The outcome of each requirement under an observer."""
        return {**self.expect, **(self.static if observer == "static" else {})}


@dataclass(frozen=True, slots=True)
class City:
    """The running city: its cases by id, and its ports on loopback."""

    cases: Mapping[str, Case]
    port: int
    closed_port: int

    @property
    def resolve(self) -> dict[tuple[str, int], tuple[str, ...]]:
        """Resolves every name to loopback, for the city's ports only."""
        return {("*", self.port): ("127.0.0.1",), ("*", self.closed_port): ("127.0.0.1",)}

    def units(self, requirements: Iterable[Requirement]) -> tuple[Unit, ...]:
        """Every case as a unit with the requirements that apply to it."""
        known = tuple(requirements)
        return tuple(apply(self._target(i, case), known) for i, case in self.cases.items())

    def _target(self, case_id: str, case: Case) -> Target:
        port = self.closed_port if case.serve.mode == "refuse" else self.port
        host = f"{case_id}.{DOMAIN}:{port}"
        if case.serve.mode == "nodns":
            host = f"{case_id}.invalid"  # reserved: no resolver has it (RFC 6761)
        return Target(id=case_id, name=case.name, url=f"http://{host}{case.path}", tags=case.tags)


def folder() -> Path:
    """The folder of the cases, in the installed package or in the checkout."""
    packaged = Path(__file__).parents[1] / "_city"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "fixtures" / "city"


def load_cases(root: Path) -> dict[str, Case]:
    """The cases by folder name."""
    return {
        path.parent.name: Case.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted(root.glob("*/case.yaml"))
    }


@asynccontextmanager
async def serve(root: Path) -> AsyncIterator[City]:
    """Serve the cases of a folder on a free port of loopback during the block."""
    cases = load_cases(root)
    connections: set[asyncio.StreamWriter] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(writer)
        try:
            await _answer(root, cases, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client closed the connection
        finally:
            connections.discard(writer)
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    with socket.socket() as closed:  # bound, but not listening: connections are refused
        closed.bind(("127.0.0.1", 0))
        try:
            yield City(cases, server.sockets[0].getsockname()[1], closed.getsockname()[1])
        finally:
            server.close()
            for writer in tuple(connections):
                writer.transport.abort()


async def _answer(
    root: Path,
    cases: Mapping[str, Case],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """Read one request and respond as the server of its case."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    path = head.split(" ")[1].partition("?")[0]
    host = next((x[5:].strip() for x in head.split("\r\n") if x.lower().startswith("host:")), "")
    case_id = host.partition(".")[0]
    case = cases.get(case_id)
    behaviour = case.serve if case else Serve()
    match behaviour.mode:
        case "stall":
            await reader.read()  # until the client closes the connection
            return
        case "reset":
            writer.transport.abort()
            return
    port = writer.get_extra_info("sockname")[1]
    site = root / (SHARED if case_id == "shared" else case_id) / "site"
    status, headers, body = _page(site, path, behaviour, port)
    writer.write(_head(status, headers, len(body)))
    half = behaviour.mode == "half" and path == (behaviour.path or "/")
    writer.write(body[: len(body) // 2] if half else body)
    await writer.drain()


def _page(site: Path, path: str, behaviour: Serve, port: int) -> tuple[int, dict[str, str], bytes]:
    if path in behaviour.redirect:
        return 302, {"Location": behaviour.redirect[path].replace("__PORT__", str(port))}, b""
    name = path.lstrip("/") + ("index.html" if path.endswith("/") else "")
    file = (site / name).resolve()
    if not file.is_relative_to(site.resolve()) or not file.is_file():
        return behaviour.status or 404, {"Content-Type": "text/html"}, b"<h1>404 Not Found</h1>"
    body = file.read_bytes()
    if file.suffix in _TEXT:
        body = body.replace(b"__PORT__", str(port).encode())
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    headers = {"Content-Type": kind, **behaviour.headers.get(path, {})}
    return behaviour.status or 200, headers, body


def _head(status: int, headers: Mapping[str, str], size: int) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {size}", "Connection: close"]
    lines += [f"{key}: {value}" for key, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
