"""Processes that compute for us on hostile input, and may be ended.

What they run are loops that no clock of Python can stop and libraries in C that may crash. A child
is given a request at a time on its standard input and answers on its standard output, both as
bytes with their length before them. It is kept and used again; one that dies or takes too long is
ended and replaced, and costs one answer.

Written here because a pool of the standard library breaks as a whole when one process dies, and
none of multiprocessing's can be started in a worker of dask, which is a daemon.
"""

from __future__ import annotations

import atexit
import os
import struct
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

_LENGTH = struct.Struct(">I")
TICK = 0.25
"""Seconds between two looks at who takes too long."""


class Children:
    """Processes of one program, as many as are asked at the same time. Safe between threads."""

    def __init__(
        self,
        program: Path,
        *,
        patience: float,
        memory: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`patience`: wall seconds for an answer; `memory`: bytes of address space of a child."""
        self._program = program
        self.patience = patience
        self._settings = {
            **(environment or {}),
            "PYTHONIOENCODING": "utf-8",
            **({"YCAUDIT_CHILD_MEMORY": str(memory)} if memory else {}),
        }
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._busy: dict[_Child, float] = {}
        self._watched = False
        self._owner = os.getpid()
        _all.add(self)

    def ask(self, request: bytes) -> bytes | None:
        """The answer; None where the child died of the request.

        Raises TimeoutError where it took too long or `close` came first, OSError where no child
        can be started.
        """
        child = self._hire()
        answer = child.ask(request)
        with self._lock:
            self._busy.pop(child, None)
            if answer is not None:
                self._idle.append(child)
                return answer
        child.close()
        if child.ended:
            raise TimeoutError("ended before it could answer")
        return None

    @property
    def busy(self) -> int:
        """How many are computing now."""
        return len(self._busy)

    def close(self) -> None:
        """End all children; those who wait for an answer get TimeoutError."""
        if self._owner != os.getpid():
            return
        with self._lock:
            idle, self._idle = self._idle, []
            busy = list(self._busy)
        for child in busy:
            child.end()  # the thread that waits for it tidies up
        for child in idle:
            child.close()

    def _hire(self) -> _Child:
        with self._lock:
            if self._owner != os.getpid():
                # Two processes must not talk to one child.
                self._owner, self._idle, self._busy, self._watched = os.getpid(), [], {}, False
            child = self._idle.pop() if self._idle else None
        if child is None:
            child = _Child(self._program, self._settings)
        with self._lock:
            self._busy[child] = time.monotonic() + self.patience
            if not self._watched:
                self._watched = True
                threading.Thread(target=self._watch, name="ycaudit-watch", daemon=True).start()
        return child

    def _watch(self) -> None:
        """End children that take too long: one thread, as an alarm for each request is dear."""
        while True:
            time.sleep(TICK)
            with self._lock:
                late = [child for child, due in self._busy.items() if due < time.monotonic()]
                if not self._busy:
                    self._watched = False
                    return
            for child in late:
                child.end()


_all: weakref.WeakSet[Children] = weakref.WeakSet()


@atexit.register
def _dismiss() -> None:
    for children in list(_all):
        children.close()


class _Child:
    """One process."""

    def __init__(self, program: Path, settings: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - a file of this package
            [sys.executable, "-P", str(program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **settings},
        )
        self.ended = False

    def ask(self, request: bytes) -> bytes | None:
        assert self._process.stdin and self._process.stdout
        try:
            _write(self._process.stdin, request)
            return _read(self._process.stdout)
        except OSError:
            return None

    def end(self) -> None:
        """Let who waits for an answer wait no longer."""
        self.ended = True
        self._process.kill()

    def close(self) -> None:
        """End it and leave nothing behind."""
        self._process.kill()
        self._process.communicate()


def serve(answer: Callable[[bytes], bytes]) -> None:
    """The child's side: answer requests until the parent closes the pipe."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    _confine()
    # Whatever a library prints must not stand between the answers.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while (request := _read(sys.stdin.buffer)) is not None:
        _write(out, answer(request))


def _confine() -> None:
    """Limits that hold for the rest of the process, where the system knows them."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if memory := os.environ.get("YCAUDIT_CHILD_MEMORY"):
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        wanted = int(memory)
        if most == resource.RLIM_INFINITY or most > wanted:
            resource.setrlimit(resource.RLIMIT_AS, (wanted, most))


def _read(stream: IO[bytes]) -> bytes | None:
    """The next message; None where the stream ends before its end."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None


def _write(stream: IO[bytes], message: bytes) -> None:
    stream.write(_LENGTH.pack(len(message)))
    stream.write(message)
    stream.flush()
