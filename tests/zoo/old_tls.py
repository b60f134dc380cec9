"""A TLS server of before 2010, which does not know RFC 5746; OpenSSL cannot be made to play one."""

from __future__ import annotations

import socket
import threading
import warnings
from collections.abc import Mapping
from typing import Any
from unittest import mock

import trustme
from zoo_keeper import HOST, Keeper

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it has a part for asyncore too
    from tlslite import messages
    from tlslite.api import X509, HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey
    from tlslite.constants import ExtensionType


def port(keeper: Keeper, pages: Mapping[str, bytes]) -> int:
    """Serves these answers until the keeper ends; where."""
    certificate = trustme.CA().issue_cert(HOST, key_type=trustme.KeyType.RSA)
    chain = X509CertChain([X509().parse(certificate.cert_chain_pems[0].bytes().decode())])
    key = parsePEMKey(certificate.private_key_pem.bytes().decode(), private=True)
    settings = HandshakeSettings()
    settings.maxVersion = (3, 3)
    listening = socket.create_server((HOST, 0))

    def serve() -> None:
        while True:
            try:
                connection = TLSConnection(listening.accept()[0])
            except OSError:  # the keeper has closed it
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: Any) -> None:
        try:
            connection.handshakeServer(certChain=chain, privateKey=key, settings=settings)
            head = bytes(connection.read(min=1, max=8192))
            connection.write(pages[head.split(b" ")[1].decode()])
            connection.close()
        except Exception:  # a client that wants RFC 5746, as it should, goes away
            connection.sock.close()

    threading.Thread(target=serve, daemon=True).start()
    keeper.closing.append(listening.close)
    return int(listening.getsockname()[1])


def _forgetful(hello: Any, *words: Any, **named: Any) -> Any:
    """Leaves the extension of RFC 5746 out of what a server says."""
    extensions = named.get("extensions")
    if extensions:
        named["extensions"] = [
            e for e in extensions if e.extType != ExtensionType.renegotiation_info
        ] or None
    return _create(hello, *words, **named)


_create = messages.ServerHello.create
mock.patch.object(messages.ServerHello, "create", _forgetful).start()
