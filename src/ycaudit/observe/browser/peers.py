"""The processes of a browser as Linux knows them: their connections and their memory.

Chromium gives no password to a SOCKS proxy, so the proxy asks the system who is there.
"""

from __future__ import annotations

import os
import signal
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import chain
from pathlib import Path

from ycaudit.net.peers import Address, peer_of, tells

_PROC = Path("/proc")


class Processes:
    """All that run on this machine. Each is asked once who has started it: they may be many."""

    def __init__(self) -> None:
        self._parents: dict[int, int] = {}

    def of(self, root: int) -> Iterator[int]:
        """This one and all that it has started, as of now."""
        children = defaultdict[int, list[int]](list)
        for process, parent in self._known_parents().items():
            children[parent].append(process)
        found = [root]
        for process in found:
            yield process
            found += children.get(process, ())

    def _known_parents(self) -> dict[int, int]:
        running: list[int] = []
        with suppress(OSError), os.scandir(_PROC) as files:
            running = [int(file.name) for file in files if file.name.isdecimal()]
        self._parents = {p: self._parents.get(p) or _parent(p) for p in running}
        return self._parents


def _parent(process: int) -> int:
    """Who has started it; 0 where nobody can tell."""
    with suppress(OSError):
        # The name of the program, in brackets, may hold any sign.
        told = (_PROC / str(process) / "stat").read_text(errors="replace")
        return int(told.rpartition(")")[2].split()[1])
    return 0


class Family:
    """A process and all that it has started."""

    def __init__(self, root: int, processes: Processes) -> None:
        self._root = root
        self._processes = processes
        self._last = root
        """Who had the last connection: most likely has the next one, too."""

    def has_made(self, peer: Address, own: Address) -> bool:
        """Whether one of them is at the other end of our connection; True where nobody can tell."""
        if not is_told():
            return True
        found = peer_of(peer, own)
        if found is None:
            return False
        for process in chain([self._last], self._processes.of(self._root)):
            if _holds(process, found.inode):
                self._last = process
                return True
        return False

    def end_larger_than(self, limit: int) -> bool:
        """Kill those that hold more bytes of memory, shared memory too; whether there were any."""
        found = [p for p in self._processes.of(self._root) if _resident(p) > limit]
        for process in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        return bool(found)


@cache
def is_told() -> bool:
    """Whether this system tells who has made a connection: tried with one of our own."""
    return tells(lambda found: _holds(os.getpid(), found.inode))


def _holds(process: int, inode: int) -> bool:
    """Whether a process has this socket open; not, where we may not look."""
    wanted = f"socket:[{inode}]"
    with suppress(OSError):
        for file in (_PROC / str(process) / "fd").iterdir():
            with suppress(OSError):  # closed meanwhile
                if str(file.readlink()) == wanted:
                    return True
    return False


def _resident(process: int) -> int:
    """Bytes that it holds; 0 where nobody can tell."""
    with suppress(OSError, ValueError, IndexError):
        pages = int((_PROC / str(process) / "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0
