"""The system tells who has made a connection to us."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from ycaudit.net import peers
from ycaudit.net.peers import Peer, is_of_this_user, peer_of

pytestmark = pytest.mark.skipif(not peers.is_told(), reason="the system tells of no connections")


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def test_the_socket_at_the_other_end_is_told_with_its_user(server: socket.socket) -> None:
    with socket.create_connection(server.getsockname()) as client:
        inode = os.fstat(client.fileno()).st_ino
        own, peer = client.getpeername(), client.getsockname()
        assert peer_of(peer, own) == Peer(os.geteuid(), inode)
        assert is_of_this_user(peer, own)
        assert not is_of_this_user(own, (own[0], 1))


def test_a_socket_of_ipv6_that_speaks_ipv4_is_told_too(server: socket.socket) -> None:
    """So do programs in Java, such as those that forward ports."""
    host, port = server.getsockname()
    try:
        client = socket.create_connection((f"::ffff:{host}", port))
    except OSError:
        pytest.skip("no IPv6")
    with client:
        found = peer_of((host, client.getsockname()[1]), (host, port))
        assert found == Peer(os.geteuid(), os.fstat(client.fileno()).st_ino)


def test_what_its_program_has_closed_is_not_taken_for_a_connection_of_root(
    server: socket.socket,
) -> None:
    """The kernel says that root has it."""
    with socket.create_connection(server.getsockname()) as client:
        own, peer = client.getpeername(), client.getsockname()
    assert peer_of(peer, own) is None
    assert not is_of_this_user(peer, own)


def test_what_only_listens_is_at_the_other_end_of_nothing(server: socket.socket) -> None:
    """The kernel names it where no connection fits."""
    assert peer_of(server.getsockname(), ("127.0.0.1", 1)) is None
