"""Why a certificate does not hold, by what Chromium tells of it: it takes every one that it meets.

Chromium tells that it would have refused a certificate, and not why: that is read off it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ycaudit.reasons import Reason
from ycaudit.url import host_of


def refused(response: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What Chromium tells of a certificate that no visitor's browser takes; None of others."""
    is_refused = response.get("securityState") == "insecure"
    details: Mapping[str, Any] | None = response.get("securityDetails")
    return details if is_refused else None


def trouble(url: str, details: Mapping[str, Any], now: datetime) -> Reason:
    """What is wrong with the certificate behind an address, in the order of OpenSSL."""
    subject, moment = str(details["subjectName"]), now.timestamp()
    if subject and subject == details["issuer"]:
        return Reason.of("tls_self_signed")
    if not _is_for(host_of(url), details["sanList"] or [subject]):
        return Reason.of("tls_wrong_host")
    if moment < details["validFrom"]:
        return Reason.of("tls_not_yet_valid")
    if moment > details["validTo"]:
        return Reason.of("tls_expired")
    return Reason.of("tls_unverifiable")


def _is_for(host: str, names: Sequence[str]) -> bool:
    """Whether a name is the host's; * stands for its first label."""
    _, dot, rest = host.partition(".")
    return not {host.lower(), f"*{dot}{rest}".lower()}.isdisjoint(name.lower() for name in names)
