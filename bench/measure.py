"""What a process and all that it started cost: wall time, CPU and the peak of its memory.

Memory is the proportional set (PSS): pages that processes share count once, split among them.
"""

from __future__ import annotations

import os
import resource
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds, CPU seconds of the process and its children, megabytes, and the exit code."""

    wall: float
    cpu: float
    peak: float
    code: int


@dataclass(frozen=True, slots=True)
class Process:
    """A process as the kernel tells of it."""

    pid: int
    name: str
    parent: int
    own: float
    """CPU seconds so far, in user and kernel mode."""
    reaped: float
    """CPU seconds of its children that have ended, and of theirs."""


def tree(root: int) -> list[Process]:
    """The process and all that it started, parents before their children."""
    children: dict[int, list[Process]] = {}
    found: list[Process] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            head, _, tail = (folder / "stat").read_text().rpartition(")")
        except OSError:
            continue
        fields = tail.split()
        user, system, users, systems = (int(ticks) / TICKS for ticks in fields[11:15])
        pid, name, parent = int(folder.name), head.partition("(")[2], int(fields[1])
        process = Process(pid, name, parent, user + system, users + systems)
        if pid == root:
            found.append(process)
        children.setdefault(parent, []).append(process)
    for process in found:
        found += children.get(process.pid, [])
    return found


def family(root: int) -> list[int]:
    """The process and all that it started."""
    return [process.pid for process in tree(root)]


def pss_megabytes(pids: list[int]) -> float:
    total = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next((int(x.split()[1]) for x in text.splitlines() if x.startswith("Pss:")), 0)
    return total / 1024


def cpu_seconds(pid: int) -> float:
    """What a running process has used so far, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Memory(threading.Thread):
    """Asks for the memory ten times a second until told to stop; at first more often, if asked."""

    def __init__(self, pids: Callable[[], list[int]], *, first: float = 0.1) -> None:
        super().__init__(daemon=True)
        self.pids = pids
        self.first = first
        self.samples: list[float] = []
        self.done = threading.Event()

    def run(self) -> None:
        started = time.monotonic()
        while not self.done.wait(self.first if time.monotonic() - started < 1 else 0.1):
            self.samples.append(pss_megabytes(self.pids()))

    def stop(self) -> float:
        """The peak."""
        self.done.set()
        self.join()
        return max(self.samples, default=0.0)


def run(
    command: list[str],
    *,
    out: IO[bytes],
    err: IO[bytes],
    env: Mapping[str, str] | None = None,
    limit: float = 900,
) -> Cost:
    """Run it to its end, which comes after so many seconds at the latest."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env and {**os.environ, **env}
    )
    memory = Memory(lambda: family(process.pid), first=0.03)  # some take a tenth of a second
    memory.start()
    end = threading.Timer(limit, process.kill)
    end.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        raise
    finally:
        end.cancel()
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(wall, usage.ru_utime + usage.ru_stime, memory.stop(), process.returncode)


def peak_of_self() -> float:
    """The largest resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
