"""Time stamps of a manifest by an authority (RFC 3161), with the extra `timestamp`."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ycaudit.errors import AuditError, install
from ycaudit.i18n import Message

SECONDS = 30.0
MAX_BYTES = 1 << 20
HINT = Message("what time stamps need is not installed; {0}", install("timestamp"))
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


@dataclass(frozen=True, slots=True)
class Stamp:
    """When the bytes existed at the latest; `trusted` if checked against given certificates."""

    at: datetime
    trusted: bool


def check() -> None:
    """Raise AuditError if the extra is not installed."""
    if find_spec("rfc3161_client") is None:
        raise AuditError(HINT)


def stamped(data: bytes, url: str) -> bytes:
    """Request a time stamp; the authority gets only a hash of the bytes. Raises AuditError."""
    check()
    import httpx
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    try:
        with httpx.stream(
            "POST",
            url,
            content=request.as_bytes(),
            trust_env=False,  # below the command line nothing is read from the environment
            headers={"Content-Type": _QUERY, "Accept": _REPLY},
            timeout=SECONDS,
        ) as response:
            response.raise_for_status()
            reply = b""
            for part in response.iter_bytes():
                reply += part
                if len(reply) > MAX_BYTES:
                    raise AuditError("{0}: its answer is no time stamp: too long", url)
    except httpx.HTTPError as error:
        raise AuditError("{0}: no time stamp: {1}", url, error) from error
    found = _decoded(reply, url)
    if found.tst_info.nonce != request.nonce:
        raise AuditError("{0}: its time stamp answers another question", url)
    _compare(found, data, url)
    return reply


def read(reply: bytes, data: bytes, authority: Path | None) -> Stamp:
    """Verify a time stamp of the bytes, against an authority's PEM certificates if given.

    Raises AuditError if it is damaged, of other bytes, or not by this authority.
    """
    check()
    found = _decoded(reply, Message("the time stamp"))
    _compare(found, data, Message("the time stamp"))
    if authority is not None:
        try:
            _verify(found, data, authority)
        except AuditError:
            # The library checks as of now; a stamp outlives the certificate that it was made with.
            if not verified_at(reply, data, authority, found.tst_info.gen_time):
                raise
    return Stamp(found.tst_info.gen_time, authority is not None)


def verified_at(reply: bytes, data: bytes, authority: Path, moment: datetime) -> bool:
    """Whether openssl verifies a time stamp as of then; False, too, where there is no openssl."""
    program = shutil.which("openssl")
    if program is None:
        return False
    with TemporaryDirectory(prefix="ycaudit-") as folder:
        stamp, of = Path(folder) / "stamp", Path(folder) / "data"
        stamp.write_bytes(reply)
        of.write_bytes(data)
        known = ("-CAfile", authority, "-untrusted", authority)
        asked = ("-in", stamp, "-data", of, *known, "-attime", int(moment.timestamp()))
        done = subprocess.run(  # noqa: S603 - our own words and files
            [program, "ts", "-verify", *map(str, asked)], capture_output=True, check=False
        )
    return done.returncode == 0


def _decoded(reply: bytes, whose: str) -> Any:
    from rfc3161_client import decode_timestamp_response

    try:
        found = decode_timestamp_response(reply)
        found.tst_info.gen_time  # noqa: B018 - raises if the authority refused
    except ValueError as error:
        raise AuditError("{0}: no time stamp ({1})", whose, error) from error
    return found


def _compare(found: Any, data: bytes, whose: str) -> None:
    if found.tst_info.message_imprint.message != hashlib.sha256(data).digest():
        raise AuditError("{0}: it is of something else", whose)


def _verify(found: Any, data: bytes, authority: Path) -> None:
    from cryptography import x509
    from rfc3161_client import VerificationError, VerifierBuilder

    try:
        certificates = x509.load_pem_x509_certificates(authority.read_bytes())
    except (OSError, ValueError) as error:
        raise AuditError("--tsa-ca {0}: no certificates: {1}", authority, error) from error
    builder = VerifierBuilder()
    for certificate in certificates:
        if certificate.issuer == certificate.subject:
            builder = builder.add_root_certificate(certificate)
        else:
            builder = builder.add_intermediate_certificate(certificate)
    try:
        builder.build().verify_message(found, data)
    except (VerificationError, ValueError) as error:
        raise AuditError("the time stamp is not by this authority: {0}", error) from error
