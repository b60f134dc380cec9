"""TLS contexts: the ordinary one, and one for servers that no browser of today would trust."""

from __future__ import annotations

import ssl

import httpx


def lax_context() -> ssl.SSLContext:
    """For reading a public page whose TLS is old or broken: everything OpenSSL still speaks.

    Nothing secret is sent, and the page says that it was read so.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    legacy_connect = getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)
    context.options |= legacy_connect | getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    return context


class TlsContexts:
    """The two contexts, each built when it is first needed: that costs 25 ms."""

    def __init__(self) -> None:
        self._built: dict[bool, ssl.SSLContext] = {}

    def get(self, *, lax: bool) -> ssl.SSLContext:
        """The context that verifies servers, or the lax one."""
        if lax not in self._built:
            new = lax_context() if lax else httpx.create_ssl_context(trust_env=False)
            self._built[lax] = new
        return self._built[lax]
