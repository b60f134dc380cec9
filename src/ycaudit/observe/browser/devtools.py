"""Speaks the Chrome DevTools Protocol with a browser over its pipe: commands, answers, events.

No port is opened, so no other program can drive the browser. When the browser or the process of a
page ends, for whatever reason, every command under way fails at once: nothing waits for the dead.
Protocol: https://chromedevtools.github.io/devtools-protocol/; the pipe: `--remote-debugging-pipe`,
messages in JSON, each ended by a zero byte, read from descriptor 3 and written to descriptor 4.
"""

from __future__ import annotations

import asyncio
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import Any

Event = Callable[[str, dict[str, Any]], None]
"""Called with the name and the parameters of what happened."""
GONE = "gone"
"""The last event of a session: of its page, or of the whole browser."""
_CHUNK = 1 << 20
_NULL = subprocess.DEVNULL
MAX_MEMORY = 2_000_000
"""Kilobytes of each process of the browser: a page that wants more is told that there is none."""
_POSIX = (
    f"ulimit -d {MAX_MEMORY} 2>/dev/null; "
    'from="/dev/fd/$1"; to="/dev/fd/$2"; shift 2; exec "$@" 3<"$from" 4>"$to"'
)
"""Not `3<&$1`: dash knows no descriptors above 9."""


class GoneError(ConnectionError):
    """The browser, or the process of the page, has ended."""


class CommandError(RuntimeError):
    """The browser refuses a command."""


class Connection:
    """One running browser. Made by `launch`, ended by `aclose`."""

    def __init__(self, process: subprocess.Popen[bytes], reading: int, writing: int) -> None:
        """`reading` and `writing` are descriptors of ours, which it closes at its end."""
        self.process = process
        self._loop = asyncio.get_running_loop()
        self._ids = count(1)
        self._waiting: dict[int, tuple[str | None, asyncio.Future[dict[str, Any]]]] = {}
        self._sessions: dict[str | None, Event] = {}
        self._gone = False
        # Threads, since no event loop reads pipes on every system; a browser that no longer reads
        # must not hold up the loop.
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._write, args=(writing,), daemon=True).start()
        threading.Thread(target=self._read, args=(reading,), daemon=True).start()

    @property
    def is_gone(self) -> bool:
        """Whether the browser has ended."""
        return self._gone

    def listen(self, session: str | None, event: Event) -> None:
        """Call this with the events of a session; None: of the browser itself."""
        self._sessions[session] = event

    async def send(
        self, method: str, session: str | None = None, *, seconds: float = 30.0, **params: object
    ) -> dict[str, Any]:
        """The answer to a command.

        Raises GoneError when the browser or the page ends, CommandError when it refuses, and
        TimeoutError when it has not answered in so many seconds.
        """
        if self._gone:
            raise GoneError("the browser has ended")
        if session is not None and session not in self._sessions:
            raise GoneError("the page's process has ended")
        number = next(self._ids)
        answer: asyncio.Future[dict[str, Any]] = self._loop.create_future()
        self._waiting[number] = session, answer
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        self._outbox.put(json.dumps(message).encode() + b"\0")
        try:
            async with asyncio.timeout(seconds):
                return await answer
        finally:
            self._waiting.pop(number, None)

    def drop(self, session: str) -> None:
        """Forget a session: its page is gone, and whoever waits for it is told."""
        if (event := self._sessions.pop(session, None)) is not None:
            event(GONE, {})
        for of, answer in tuple(self._waiting.values()):
            if of == session and not answer.done():
                answer.set_exception(GoneError("the page's process has ended"))

    async def aclose(self) -> None:
        """End the browser and wait until it has ended."""
        self._end()
        self.kill()
        await asyncio.to_thread(self.process.wait)

    def kill(self) -> None:
        """End all of its processes: what was started may be a script that started the browser."""
        if sys.platform == "win32":  # pragma: no cover
            self.process.kill()
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _end(self) -> None:
        if self._gone:
            return
        self._gone = True
        self._outbox.put(None)
        for event in tuple(self._sessions.values()):
            event(GONE, {})
        for _, answer in tuple(self._waiting.values()):
            if not answer.done():
                answer.set_exception(GoneError("the browser has ended"))

    def _take(self, message: dict[str, Any]) -> None:
        if "id" not in message:
            if (event := self._sessions.get(message.get("sessionId"))) is not None:
                event(message["method"], message.get("params", {}))
            return
        _, answer = self._waiting.get(message["id"], (None, None))
        if answer is None or answer.done():
            return
        if "error" in message:
            answer.set_exception(CommandError(str(message["error"].get("message"))))
        else:
            answer.set_result(message["result"])

    def _write(self, writing: int) -> None:
        try:
            while (data := self._outbox.get()) is not None:
                view = memoryview(data)
                while view:
                    view = view[os.write(writing, view) :]
        except OSError:
            pass  # the reader tells that the browser has ended
        finally:
            os.close(writing)

    def _read(self, reading: int) -> None:
        held = bytearray()
        try:
            while data := os.read(reading, _CHUNK):
                held += data
                *whole, rest = held.split(b"\0") if b"\0" in data else (held,)
                held = bytearray(rest)
                for text in whole:
                    self._later(self._take, json.loads(text))
        except OSError:
            pass
        finally:
            os.close(reading)
            self._later(self._end)

    def _later(self, work: Callable[..., None], *given: object) -> None:
        with suppress(RuntimeError):  # the loop was closed first
            self._loop.call_soon_threadsafe(work, *given)


def launch(command: Sequence[str]) -> Connection:
    """Start a browser by its program and switches. Raises OSError where it cannot be started."""
    theirs, writing = os.pipe()
    reading, there = os.pipe()
    try:
        process = _started(command, theirs, there)
    except OSError:
        os.close(writing)
        os.close(reading)
        raise
    finally:
        os.close(theirs)
        os.close(there)
    return Connection(process, reading, writing)


def _started(command: Sequence[str], theirs: int, there: int) -> subprocess.Popen[bytes]:
    command = [*command, "--remote-debugging-pipe"]
    if sys.platform == "win32":  # pragma: no cover - not tried: no such machine here
        import msvcrt

        handles = [msvcrt.get_osfhandle(theirs), msvcrt.get_osfhandle(there)]
        for handle in handles:
            os.set_handle_inheritable(handle, True)
        command.append(f"--remote-debugging-io-pipes={handles[0]},{handles[1]}")
        return subprocess.Popen(  # noqa: S603 - the browser that was asked for
            command, stdin=_NULL, stdout=_NULL, stderr=_NULL, close_fds=False
        )
    # A session of its own: Ctrl-C of a terminal is for the program, which then ends the browser.
    return subprocess.Popen(  # noqa: S603 - the browser that was asked for
        ["/bin/sh", "-c", _POSIX, "sh", str(theirs), str(there), *command],
        stdin=_NULL,
        stdout=_NULL,
        stderr=_NULL,
        pass_fds=(theirs, there),
        start_new_session=True,
    )
