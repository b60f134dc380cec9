"""What comes of a request: an answer, or why there is none."""

from __future__ import annotations

import errno
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from ycaudit.model import Cause
from ycaudit.reasons import Reason
from ycaudit.url import without_credentials


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whatever its status; `truncated` says why the body is not whole."""

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    truncated: Reason | None = None
    remarks: tuple[Reason, ...] = ()
    hops: tuple[str, ...] = ()
    """The addresses passed on the way, the first and the last among them."""
    digest: str | None = None
    """The sha256 of the body, where the body itself was not fetched again."""

    @property
    def content_type(self) -> str:
        """The media type with its parameters, as sent."""
        return self.headers.get("content-type", "")


@dataclass(frozen=True, slots=True)
class FetchError:
    """No answer, and why."""

    url: str
    cause: Cause
    why: Reason
    hops: tuple[str, ...] = ()


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
_OUTDATED = (
    *("UNSUPPORTED_PROTOCOL", "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED", "DH_KEY_TOO_SMALL"),
    *("UNSAFE_LEGACY_RENEGOTIATION_DISABLED", "EE_KEY_TOO_SMALL", "CA_MD_TOO_WEAK"),
    *("SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_PROTOCOL_VERSION", "WRONG_SIGNATURE_TYPE"),
)
_NOT_SPOKEN = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")
"""What came was no record of TLS; the second is what newer OpenSSL says (as urllib3 knows it)."""
_BY_TLS_ERROR = dict.fromkeys(_OUTDATED, "tls_outdated") | dict.fromkeys(
    _NOT_SPOKEN, "tls_not_spoken"
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


class ReplayedError(WithReason, httpx.NetworkError):
    """A kept answer says that there was none, and why."""

    def __init__(self, cause: Cause, reason: Reason) -> None:
        super().__init__(reason)
        self.cause = cause


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
    if isinstance(error, ReplayedError):
        return error.cause, error.reason
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
        return Reason.of(_BY_TLS_ERROR.get(error.reason, "tls_other"), detail=error)
    return Reason.of("tls_broken_off", detail=error)


LOCATION = b"x-location-as-sent"
"""Where a redirect leads, under a name that httpx does not read: it raises on odd ones."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})


def request_headers(kind: str, referer: str | None) -> dict[str, str]:
    """What a browser of most visitors would send for a page ("text/html"), image or other file."""
    accept = {
        "text/html": (
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
        ),
        "image": "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
    }.get(kind, "*/*")
    headers = {
        "Accept": accept,
        "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.6",
        "Accept-Encoding": "gzip, deflate",
    }
    if kind == "text/html":
        headers["Upgrade-Insecure-Requests"] = "1"
    if referer:
        headers["Referer"] = without_credentials(referer.partition("#")[0])
    return headers


def response_headers(response: httpx.Response) -> dict[str, str]:
    """Headers with lower-case names; a Location in raw bytes becomes an address."""
    headers = {key.lower(): value for key, value in response.headers.items()}
    for key, value in response.headers.raw:
        if key == LOCATION and value:
            headers["location"] = _location(value)
    return headers


def _location(raw: bytes) -> str:
    """Servers send GBK and UTF-8 bytes unescaped; a browser escapes the bytes as they are."""
    return quote(raw, safe="%/:=&?~#+!$,;'@()*[]\\ ").strip()


def redirect_of(status: int, headers: Mapping[str, str]) -> str | None:
    """Where an answer redirects to, as the server wrote it; without that it is a page."""
    return (headers.get("location") or None) if status in REDIRECTS else None
