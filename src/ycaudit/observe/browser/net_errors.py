"""What the names of Chromium's network errors mean."""

from __future__ import annotations

import re

from ycaudit.model import Cause
from ycaudit.reasons import Reason

# net/base/net_error_list.h of Chromium, from the particular to the general.
_NET_ERRORS = (
    (r"CERT_DATE_INVALID", Cause.TLS, "tls_expired"),
    (r"CERT_COMMON_NAME_INVALID", Cause.TLS, "tls_wrong_host"),
    (r"CERT_AUTHORITY_INVALID", Cause.TLS, "tls_unknown_issuer"),
    (r"SSL_VERSION_OR_CIPHER_MISMATCH|SSL_OBSOLETE", Cause.TLS, "tls_outdated"),
    (r"CERT|SSL|TLS", Cause.TLS, "tls_other"),
    (r"NAME_NOT_RESOLVED", Cause.DNS, "bad_address"),
    (r"TIMED_OUT", Cause.TIMEOUT, "connection_timeout"),
    (r"TOO_MANY_REDIRECTS|UNSAFE_REDIRECT|UNKNOWN_URL_SCHEME", Cause.REDIRECTS, "browser_failed"),
    (r"CONNECTION_REFUSED", Cause.CONNECT, "connection_refused"),
    (r"CONNECTION_RESET", Cause.CONNECT, "connection_reset"),
    (r"EMPTY_RESPONSE|CONNECTION_CLOSED", Cause.CONNECT, "connection_closed"),
    (r"ADDRESS_UNREACHABLE", Cause.CONNECT, "host_unreachable"),
    (r"INCOMPLETE_CHUNKED|CONTENT_LENGTH_MISMATCH", Cause.CONNECT, "connection_broken"),
)


def cause_of(message: str) -> tuple[Cause, Reason]:
    """The cause and the reason that an error of Chromium's network stack names."""
    found = re.search(r"ERR_[A-Z_0-9]+", message)
    name = found[0] if found else message
    for pattern, cause, code in _NET_ERRORS:
        if re.search(pattern, name):
            return cause, Reason.of(code, detail=name)
    return Cause.CONNECT, Reason.of("browser_failed", detail=name)
