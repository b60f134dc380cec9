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
import struct
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_LENGTH = struct.Struct(">I")
PATIENCE = 10
"""Wall seconds for a second of processor time: beyond, a worker hangs, however busy all is."""
TICK = 0.25
"""Seconds between two checks for workers that take too long."""


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
        """`timeout`: seconds of its processor time that a worker has for a reply, where the system
        tells them; `memory`: bytes of address space of a worker.

        A busy machine takes no time from it. A worker that computes nothing has `PATIENCE` times
        as long by the clock on the wall.
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
        self._workers.begin(worker, self.timeout)
        reply = worker.ask(request)
        usable = reply is not None and not worker.killed
        self._workers.end(worker, keep=usable)
        if not usable:
            worker.close()
        if reply is None and worker.killed:
            raise TimeoutError("killed before it could reply")
        return reply

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

    def processor_time(self) -> float | None:
        """Seconds that it has computed since it started; None where the system does not tell."""
        try:
            stat = Path(f"/proc/{self._process.pid}/stat").read_bytes()
        except OSError:
            return None
        # proc(5): utime and stime are fields 14 and 15; the second, in brackets, may hold blanks.
        user, system = stat.rpartition(b")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """Kill it; the thread that waits for its reply closes it."""
        self.killed = True
        self._process.kill()

    def close(self) -> None:
        """Kill it and close its pipes."""
        self._process.kill()
        self._process.communicate()


@dataclass(frozen=True, slots=True)
class _Limit:
    """When a worker is due: by its processor time, or by `time.monotonic`."""

    processor: float | None
    wall: float

    @classmethod
    def of(cls, worker: _Worker, timeout: float) -> _Limit:
        """So many seconds of processor time from now; of the wall's where there is no other."""
        spent = worker.processor_time()
        if spent is None:
            return cls(None, time.monotonic() + timeout)
        return cls(spent + timeout, time.monotonic() + PATIENCE * timeout)

    def is_passed(self, worker: _Worker) -> bool:
        """Whether the worker has had its time."""
        if self.wall < time.monotonic():
            return True
        spent = worker.processor_time() if self.processor is not None else None
        return self.processor is not None and spent is not None and spent > self.processor


class _Workers:
    """The workers of a pool, which outlive it until they are closed."""

    def __init__(self) -> None:
        self.idle: list[_Worker] = []
        self.busy: dict[_Worker, _Limit] = {}
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
            self.busy[worker] = _Limit.of(worker, timeout)
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
                late = [worker for worker, limit in self.busy.items() if limit.is_passed(worker)]
                if not self.busy:
                    self._watched = False
                    return
            for worker in late:
                worker.kill()


def serve(reply: Callable[[bytes], bytes]) -> None:
    """The worker's side: reply to requests until the parent closes the pipe."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    _confine()
    # Whatever a library prints must not stand between the replies.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while (request := _read(sys.stdin.buffer)) is not None:
        _write(out, reply(request))


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
