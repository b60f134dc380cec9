"""Who is at the other end of a connection on loopback, as Linux tells it (`/proc/net/tcp`)."""

from __future__ import annotations

import os
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLES = (
    (Path("/proc/net/tcp"), b""),
    (Path("/proc/net/tcp6"), bytes(10) + b"\xff\xff"),  # a socket of IPv6 that speaks IPv4
)
Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Peer:
    """The socket at the other end."""

    user: int
    """The uid of who has made it."""
    inode: str


def peer_of(peer: Address, own: Address) -> Peer | None:
    """The socket that is connected from the one address to the other; None where there is none.

    A socket that its program has closed is none: the kernel writes that it is root's.
    """
    for table, before in _TABLES:
        ends = [_written(before, peer), _written(before, own)]
        with suppress(OSError), table.open() as lines:
            for line in lines:
                fields = line.split()
                if fields[1:3] == ends:
                    return None if fields[9] == "0" else Peer(int(fields[7]), fields[9])
    return None


def is_of_this_user(peer: Address, own: Address) -> bool:
    """Whether our user or root has made a connection; True where the system does not tell."""
    if not is_told():
        return True
    found = peer_of(peer, own)
    return found is not None and found.user in (os.geteuid(), 0)


@cache
def is_told() -> bool:
    """Whether this system tells who has made a connection: tried with one of our own."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        found = peer_of(client.getsockname(), client.getpeername())
        return found is not None and found.user == os.geteuid()


def _written(before: bytes, address: Address) -> str:
    """As the kernel writes it: integers in the machine's order of bytes, and the port."""
    host, port = address
    raw = before + socket.inet_aton(host)
    words = struct.unpack(f"={len(raw) // 4}I", raw)
    return f"{''.join(f'{word:08X}' for word in words)}:{port:04X}"
