"""Serves the desk on loopback until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ycaudit.desk.app import application
from ycaudit.desk.audits import Audits, Bug
from ycaudit.desk.desk import Desk, Place
from ycaudit.desk.guard import Session
from ycaudit.desk.sitting import Sitting
from ycaudit.desk.uploads import Uploads
from ycaudit.errors import AuditError
from ycaudit.net.peers import is_of_this_user, is_told

HOST = "127.0.0.1"
GRACE_SECONDS = 3
"""What an answer that is under way may take after Ctrl-C."""


REQUEST_SECONDS = 30
"""What a request may take to come in whole, and a connection to bring the first."""
MAX_CONNECTIONS = 200
"""At once; a browser opens six. The system gives a process about a thousand files."""
BACKLOG = 100
"""Connections that are taken in at once, before any of them is counted."""
_OTHER_USER = (
    "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
    "请用运行 ycaudit desk 的用户打开本页。\nThe desk is for the user who runs it.\n"
).encode()


def listening(port: int) -> socket.socket:
    """A socket on this port of loopback; 0 is a free one. Raises AuditError."""
    try:
        listener = socket.create_server((HOST, port), backlog=BACKLOG)  # a quick browser waits
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise AuditError("port {0} cannot be used: {1}", port, why) from error
    # Handed on to what it accepts. asyncio does so itself only where it has made the socket: else
    # each answer waits 40 ms, since its head and its body are sent apart.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


class _Connection(H11Protocol):  # type: ignore[misc]  # Any: see pyproject.toml
    """A connection that is hung up where another user has made it, or where nothing comes."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Refuse it, or wait for a request."""
        super().connection_made(cast("asyncio.Transport", transport))
        if not is_of_this_user(*map(transport.get_extra_info, ("peername", "sockname"))):
            self.transport.write(_OTHER_USER)
            transport.close()
            return
        self._wait()
        if len(self.connections) > MAX_CONNECTIONS:
            waiting = [each for each in self.connections if each._deadline is not None]
            min(waiting, key=lambda each: each._deadline.when())._hang_up()

    def data_received(self, data: bytes) -> None:
        """Read on, and wait for what is missing."""
        super().data_received(data)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        super().connection_lost(exc)
        self._rest()

    def _wait(self) -> None:
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._rest()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(REQUEST_SECONDS, self._hang_up)

    def _hang_up(self) -> None:
        self._rest()
        self.transport.abort()

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


@contextmanager
def prepared(
    place: Place, listener: socket.socket, bug: Bug
) -> Iterator[tuple[Desk, uvicorn.Server]]:
    """A desk and its server on this socket; `bug` is called with tracebacks.

    At the end a check that is running is stopped, and what it has finished is kept.
    """
    with TemporaryDirectory(prefix="ycaudit-desk-", ignore_cleanup_errors=True) as folder:
        session = Session(listener.getsockname()[1])
        desk = Desk(place, session, Uploads(Path(folder)), Sitting(place.by), Audits(bug), bug)
        config = uvicorn.Config(
            application(desk),
            loop="asyncio",
            http=_Connection,
            backlog=BACKLOG,
            ws="none",
            lifespan="off",
            log_level="critical",  # what is wrong is told by `bug`
            access_log=False,
            proxy_headers=False,  # nobody stands between the browser and the desk
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        try:
            yield desk, uvicorn.Server(config)
        finally:
            desk.audits.end()
            listener.close()


def serve(
    place: Place, listener: socket.socket, *, ready: Callable[[str, str], None], bug: Bug
) -> None:
    """Serve the desk until an interruption.

    `ready` is called with its address and with what is to be handed to a browser.
    """
    with prepared(place, listener, bug) as (desk, server):
        ready(desk.session.address, door_of(desk))
        server.run(sockets=[listener])


def door_of(desk: Desk) -> str:
    """What is handed to a browser: all users may read how a program was called.

    Where other users are refused it is the address, which any browser can open; those of Snap see
    no file of ours. Elsewhere it is a file, of this user alone, that leads there.
    """
    if is_told():
        return desk.session.address
    leads = f'<meta http-equiv="refresh" content="0; url={desk.session.address}">\n'
    return desk.uploads.keep("desk.html", leads.encode()).path.as_uri()
