"""Who is at the other end of a connection on loopback, as Linux tells it (sock_diag(7)).

Unlike `/proc/net/tcp` it is asked for one connection, however many there are.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

Address = tuple[str, int]

_SOCK_DIAG = 4  # linux/netlink.h: NETLINK_SOCK_DIAG
_BY_FAMILY = 20  # linux/sock_diag.h: SOCK_DIAG_BY_FAMILY, of the question and of the answer
_IS_REQUEST = 1  # linux/netlink.h: NLM_F_REQUEST
_HEAD = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
_WANTED = struct.Struct("=BBBxI")  # inet_diag_req_v2: family, protocol, extensions, states
_ENDS = struct.Struct("!HH4s12x4s12x")  # inet_diag_sockid: ports and addresses of both ends
_ANY = struct.pack("=III", 0, 2**32 - 1, 2**32 - 1)  # and of any interface and cookie
_FOUND = struct.Struct("=4x4s44x12xII")  # inet_diag_msg: its ports, and at its end user and inode


@dataclass(frozen=True, slots=True)
class Peer:
    """The socket at the other end."""

    user: int
    """The uid of who has made it."""
    inode: int


def peer_of(peer: Address, own: Address) -> Peer | None:
    """The socket that is connected from the one address to the other; None where there is none.

    A socket that its program has closed is none: the kernel says that it is root's.
    """
    if sys.platform != "linux":
        return None
    (here, port), (there, own_port) = peer, own
    ends = _ENDS.pack(port, own_port, socket.inet_aton(here), socket.inet_aton(there))
    wanted = _WANTED.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, 2**32 - 1) + ends + _ANY
    question = _HEAD.pack(_HEAD.size + len(wanted), _BY_FAMILY, _IS_REQUEST, 0, 0) + wanted
    with suppress(OSError), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as kernel:
        kernel.send(question)
        return _peer_in(kernel.recv(4096), ends)
    return None


def _peer_in(answer: bytes, ends: bytes) -> Peer | None:
    if _HEAD.unpack_from(answer)[1] != _BY_FAMILY:  # an error: there is none
        return None
    ports, user, inode = _FOUND.unpack_from(answer, _HEAD.size)
    # What only listens there has no port at its other end.
    return Peer(user, inode) if inode and ports == ends[:4] else None


def is_of_this_user(peer: Address, own: Address) -> bool:
    """Whether our user or root has made a connection; True where the system does not tell."""
    if not is_told():
        return True
    found = peer_of(peer, own)
    return found is not None and found.user in (os.geteuid(), 0)


@cache
def is_told() -> bool:
    """Whether this system tells who has made a connection: tried with one of our own."""
    return tells(lambda found: found.user == os.geteuid())


def tells(is_ours: Callable[[Peer], bool]) -> bool:
    """Whether the socket that this system tells of a connection of our own is ours."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        found = peer_of(client.getsockname(), client.getpeername())
        return found is not None and is_ours(found)
