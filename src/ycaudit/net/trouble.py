"""What goes wrong on the way to a server, as causes and reasons."""

from __future__ import annotations

import errno
import ssl

import httpx

from ycaudit.model import Cause
from ycaudit.reasons import Reason

_BY_ERRNO = {
    errno.ECONNREFUSED: "connection_refused",
    errno.ENETUNREACH: "network_unreachable",
    errno.EHOSTUNREACH: "host_unreachable",
    errno.ECONNRESET: "connection_reset",
    errno.EPIPE: "connection_reset",
    errno.ETIMEDOUT: "connection_timeout",
}
# X509_V_ERR_… of OpenSSL's x509_vfy.h.
_BY_VERIFY_CODE = {
    9: "tls_not_yet_valid",
    10: "tls_expired",
    18: "tls_self_signed",
    19: "tls_unknown_issuer",
    20: "tls_unknown_issuer",
    21: "tls_unknown_issuer",
    62: "tls_wrong_host",
    64: "tls_wrong_host",
}
_OUTDATED = frozenset(
    {"UNSUPPORTED_PROTOCOL", "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED", "DH_KEY_TOO_SMALL"}
    | {"UNSAFE_LEGACY_RENEGOTIATION_DISABLED", "EE_KEY_TOO_SMALL", "CA_MD_TOO_WEAK"}
    | {"SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_PROTOCOL_VERSION", "WRONG_SIGNATURE_TYPE"}
)


class WithReason(Exception):
    """A network error that knows its reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.sentence)
        self.reason = reason


class RefusedAddressError(WithReason, httpx.ConnectError):
    """The name leads to an address that the auditor must not talk to."""


class NameResolutionError(WithReason, httpx.ConnectError):
    """The name has no address."""


class HandshakeError(WithReason, httpx.ConnectError):
    """The TLS handshake failed."""


class ConnectFailedError(WithReason, httpx.ConnectError):
    """No connection to the server."""


class ReadFailedError(WithReason, httpx.ReadError):
    """The connection broke while the answer was read."""


class ProtocolFailedError(WithReason, httpx.RemoteProtocolError):
    """What the server sent is not HTTP."""


# From the particular to the general.
_CAUSES: tuple[tuple[type[Exception], Cause, str], ...] = (
    (RefusedAddressError, Cause.REFUSED_ADDRESS, ""),
    (NameResolutionError, Cause.DNS, "dns_no_address"),
    (HandshakeError, Cause.TLS, "tls_failed"),
    (TimeoutError, Cause.TIMEOUT, "timeout"),
    (httpx.TimeoutException, Cause.TIMEOUT, "connection_timeout"),
    (httpx.NetworkError, Cause.CONNECT, "connection_failed"),
    (OSError, Cause.CONNECT, "connection_failed"),
    (httpx.ProtocolError, Cause.CONNECT, "not_http"),
    (httpx.InvalidURL, Cause.DNS, "bad_address"),
    (UnicodeError, Cause.DNS, "bad_address"),
)
EXPECTED = tuple(kind for kind, _, _ in _CAUSES)
"""The errors that servers and networks cause; every other one is a bug."""


def trouble_of(error: BaseException, seconds: float) -> tuple[Cause, Reason]:
    """The cause and the reason of what went wrong; `seconds` is the limit that was set."""
    cause, code = next(
        ((cause, code) for kind, cause, code in _CAUSES if isinstance(error, kind)),
        (Cause.CONNECT, "connection_failed"),
    )
    if isinstance(error, HandshakeError):
        return cause, Reason.of("tls_failed", because=error.reason)
    if isinstance(error, WithReason):
        return cause, error.reason
    if code == "timeout":
        return cause, Reason.of("timeout", seconds=seconds)
    if isinstance(error, OSError):
        return cause, reason_of(error)
    return cause, Reason.of(code, detail=str(error) or type(error).__name__)


def reason_of(error: OSError) -> Reason:
    """What the operating system says of a connection."""
    return Reason.of(_BY_ERRNO.get(error.errno or 0, "connection_failed"), detail=error)


def tls_reason(error: OSError) -> Reason:
    """Why a handshake failed, by OpenSSL's codes."""
    if isinstance(error, ssl.SSLCertVerificationError):
        code = _BY_VERIFY_CODE.get(error.verify_code, "tls_unverifiable")
        return Reason.of(code, detail=error)
    if isinstance(error, ssl.SSLError):
        outdated = error.reason in _OUTDATED
        return Reason.of("tls_outdated" if outdated else "tls_other", detail=error)
    return Reason.of("tls_broken_off", detail=error)
