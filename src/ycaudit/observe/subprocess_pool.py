"""A pool of processes that compute on hostile input and may be killed.

They run loops that no clock of Python can stop and libraries in C that may crash. A worker process
is given a request at a time on its standard input and replies on its standard output, both as bytes
with their length before them. It is kept and used again; one that dies or takes too long is
replaced, and costs one reply.

Written here because a pool of the standard library breaks as a whole when one process dies, and
none of multiprocessing's can be started in a worker of dask, which is a daemon.
"""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

_LENGTH, _SPENT = struct.Struct(">I"), struct.Struct(">d")
TICK = 0.25
"""Seconds between two checks for workers that take too long."""
PATIENCE = 8
"""So many times longer than its processor time a request may take on a busy machine."""
_own = threading.local()


def processor_time() -> float:
    """Seconds that this thread, and the workers that it has asked, have computed."""
    return time.thread_time() + getattr(_own, "asked", 0.0)


class SubprocessPool:
    """Workers of one program, as many as are asked at the same time. Safe between threads.

    They start when they are first needed, and end with `close`, with the pool, or with the process.
    """

    def __init__(
        self,
        program: Path,
        *,
        timeout: float,
        memory: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`timeout`: seconds of processor time for a reply, of wall time where the system cannot
        tell; `memory`: bytes of address space of a worker.
        """
        self._program = program
        self.timeout = timeout
        self._settings = {
            **(environment or {}),
            "PYTHONIOENCODING": "utf-8",
            **({"YCAUDIT_CHILD_MEMORY": str(memory)} if memory else {}),
        }
        self._workers = _Workers()
        weakref.finalize(self, _Workers.close, self._workers)

    def ask(self, request: bytes) -> bytes | None:
        """The reply; None where the worker died of the request.

        Raises TimeoutError where it took too long or `close` came first, OSError where no worker
        can be started.
        """
        worker = self._workers.take() or _Worker(self._program, self._settings)
        self._workers.begin(worker, self.timeout * (PATIENCE if _MEASURED else 1))
        reply = worker.ask(_SPENT.pack(self.timeout) + request)
        usable = reply is not None and not worker.killed
        self._workers.end(worker, keep=usable)
        if not usable:
            worker.close()
        if reply is None:
            if worker.killed or worker.is_out_of_time:
                raise TimeoutError("killed before it could reply")
            return None
        _own.asked = getattr(_own, "asked", 0.0) + _SPENT.unpack_from(reply)[0]
        return reply[_SPENT.size :]

    @property
    def busy(self) -> int:
        """How many are computing now."""
        return len(self._workers.busy)

    def close(self) -> None:
        """End all workers; those who wait for a reply get TimeoutError."""
        self._workers.close()


class _Worker:
    """One process."""

    def __init__(self, program: Path, settings: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - a file of this package
            [sys.executable, "-P", str(program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **settings},
        )
        self.killed = False

    def ask(self, request: bytes) -> bytes | None:
        assert self._process.stdin and self._process.stdout
        try:
            _write(self._process.stdin, request)
            return _read(self._process.stdout)
        except OSError:
            return None

    @property
    def is_out_of_time(self) -> bool:
        """Whether it has ended since it computed for too long."""
        return _MEASURED and self._process.returncode == -signal.SIGPROF

    def kill(self) -> None:
        """Kill it; the thread that waits for its reply closes it."""
        self.killed = True
        self._process.kill()

    def close(self) -> None:
        """End it and close its pipes."""
        assert self._process.stdin and self._process.stdout
        self._process.stdout.close()
        with suppress(OSError):
            self._process.stdin.close()
        self._process.kill()
        self._process.wait()


class _Workers:
    """The workers of a pool, which outlive it until they are closed."""

    def __init__(self) -> None:
        self.idle: list[_Worker] = []
        self.busy: dict[_Worker, float] = {}
        """With the time at which each is due, by `time.monotonic`."""
        self.owner = os.getpid()
        self._lock = threading.Lock()
        self._watched = False

    def take(self) -> _Worker | None:
        """An idle worker, if there is one."""
        with self._lock:
            if self.owner != os.getpid():
                # Two processes must not talk to one worker.
                self.idle, self.busy, self.owner, self._watched = [], {}, os.getpid(), False
            return self.idle.pop() if self.idle else None

    def begin(self, worker: _Worker, timeout: float) -> None:
        """Note that it computes, and kill it when so many seconds have passed."""
        with self._lock:
            self.busy[worker] = time.monotonic() + timeout
            if not self._watched:
                self._watched = True
                threading.Thread(target=self._watch, name="ycaudit-watch", daemon=True).start()

    def end(self, worker: _Worker, *, keep: bool) -> None:
        """Note that it has ended, and keep it for the next request."""
        with self._lock:
            self.busy.pop(worker, None)
            if keep:
                self.idle.append(worker)

    def close(self) -> None:
        """End them all, in the process that started them."""
        if self.owner != os.getpid():
            return
        with self._lock:
            idle, self.idle = self.idle, []
            busy = list(self.busy)
        for worker in busy:
            worker.kill()  # the thread that waits for it closes it
        for worker in idle:
            worker.close()

    def _watch(self) -> None:
        """Kill workers that take too long: one thread, as a timer for each request is expensive."""
        while True:
            time.sleep(TICK)
            with self._lock:
                late = [worker for worker, due in self.busy.items() if due < time.monotonic()]
                if not self.busy:
                    self._watched = False
                    return
            for worker in late:
                worker.kill()


_MEASURED = hasattr(signal, "setitimer")


def serve(reply: Callable[[bytes], bytes]) -> None:
    """The worker's side: reply to requests until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    _confine()
    # Whatever a library prints must not stand between the replies.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while (request := _read(sys.stdin.buffer)) is not None:
        _allow(_SPENT.unpack_from(request)[0])
        began = time.process_time()
        answer = reply(request[_SPENT.size :])
        _allow(0)
        _write(out, _SPENT.pack(time.process_time() - began) + answer)


def _allow(seconds: float) -> None:
    """Let the system end this process after so many seconds of processor time; 0: never."""
    if _MEASURED:
        signal.setitimer(signal.ITIMER_PROF, seconds)


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
