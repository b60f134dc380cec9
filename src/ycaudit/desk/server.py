"""Serves the desk on loopback until Ctrl-C."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn

from ycaudit.desk.app import application
from ycaudit.desk.audits import Audits, Bug
from ycaudit.desk.desk import Desk, Place
from ycaudit.desk.guard import Session
from ycaudit.desk.sitting import Sitting
from ycaudit.desk.uploads import Uploads
from ycaudit.errors import AuditError

HOST = "127.0.0.1"
GRACE_SECONDS = 3
"""What an answer that is under way may take after Ctrl-C."""


def listening(port: int) -> socket.socket:
    """A socket on this port of loopback; 0 is a free one. Raises AuditError."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()  # a browser that is quicker than the server waits
    except OSError as error:
        listener.close()
        raise AuditError("port {0} cannot be used: {1}", port, error.strerror) from error
    return listener


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
            http="h11",
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


def serve(place: Place, listener: socket.socket, *, ready: Callable[[str], None], bug: Bug) -> None:
    """Serve the desk until an interruption; `ready` is called with its first address."""
    with prepared(place, listener, bug) as (desk, server):
        ready(desk.session.address)
        server.run(sockets=[listener])
