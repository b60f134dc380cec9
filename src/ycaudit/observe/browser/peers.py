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
Children = dict[int, list[int]]
"""Processes by the one that has started them."""


class Family:
    """A process and all that it has started."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._last = root
        """Who had the last connection: most likely has the next one, too."""

    def has_made(self, peer: Address, own: Address) -> bool:
        """Whether one of them is at the other end of our connection; True where nobody can tell."""
        if not is_told():
            return True
        found = peer_of(peer, own)
        if found is None:
            return False
        for process in chain([self._last], self._all()):
            if _holds(process, found.inode):
                self._last = process
                return True
        return False

    def _all(self) -> Iterator[int]:
        """All of them; looked for only once the first is wanted."""
        yield from _descendants(self._root, children_of_all())

    def end_larger_than(self, limit: int, children: Children) -> bool:
        """Kill those that hold more bytes of memory, shared memory too; whether there were any."""
        found = [p for p in _descendants(self._root, children) if _resident(p) > limit]
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


def children_of_all() -> Children:
    """Which processes each process has started, as of now."""
    children: Children = defaultdict(list)
    for folder in _PROC.glob("[0-9]*"):
        with suppress(OSError):
            # The name of the program, in brackets, may hold any sign.
            parent = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]
            children[int(parent)].append(int(folder.name))
    return children


def _descendants(root: int, children: Children) -> Iterator[int]:
    """The process and all below it."""
    found = [root]
    for process in found:
        yield process
        found += children.get(process, ())
