"""Answers httpx with what an earlier look was answered, in the place of the network."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx

from ycaudit.model import Cause
from ycaudit.net.answer import HandshakeError, ReadFailedError, ReplayedError
from ycaudit.net.exchange import Exchange, Replay
from ycaudit.net.http1 import told_as
from ycaudit.reasons import Reason


class ReplayTransport(httpx.AsyncBaseTransport):
    """Asks nobody: what was not asked then has no answer."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The kept answer. Raises httpx.NetworkError where there was none."""
        kept = self._replay.take(request.method, str(request.url))
        if kept is None:
            raise ReplayedError(Cause.CONNECT, Reason.of("not_recorded"))
        if (failure := kept.failure) is not None:
            why = failure.why or Reason.of("connection_failed", detail=failure.error)
            if failure.is_handshake:
                raise HandshakeError(why)
            raise ReplayedError(failure.cause or Cause.CONNECT, why)
        received = ((n.encode("latin-1"), v.encode("latin-1")) for n, v in kept.received)
        headers = [(told_as(name), value) for name, value in received]
        return httpx.Response(kept.status, headers=headers, stream=_Body(kept))


class _Body(httpx.AsyncByteStream):
    def __init__(self, kept: Exchange) -> None:
        self._kept = kept

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._kept.body:
            yield self._kept.body
        if self._kept.broken:
            raise ReadFailedError(Reason.of("connection_broken"))
