"""Sends letters through an SMTP server."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from ipaddress import ip_address
from typing import Literal

from ycaudit.errors import AuditError, why_of
from ycaudit.i18n import Message
from ycaudit.inputs import mail_address
from ycaudit.model import Record
from ycaudit.report.rows import clean

SECONDS = 30.0
"""Until a silent server is given up."""
_NEEDED = ("YCAUDIT_SMTP_HOST", "YCAUDIT_MAIL_FROM")
_NO_CODE = -1
"""What smtplib gives as the code of an answer that begins with none."""
_TOGETHER = ("YCAUDIT_SMTP_USER", "YCAUDIT_SMTP_PASSWORD")


class Server(Record):
    """A mail server and the sender; the password is never stored with it."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    sender: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Server:
        """The server in YCAUDIT_SMTP_HOST, _PORT, _SECURITY, _USER and YCAUDIT_MAIL_FROM.

        Raises AuditError where a variable is missing or wrong.
        """
        if missing := missing_in(environment):
            raise AuditError("to send mail, set {0}", ", ".join(missing))
        _check_host(environment["YCAUDIT_SMTP_HOST"])
        try:
            mail_address.parsed(environment["YCAUDIT_MAIL_FROM"])
        except AuditError as error:
            raise AuditError("{0}: {1}", "YCAUDIT_MAIL_FROM", error.message) from error
        if len({bool(environment.get(name)) for name in _TOGETHER}) > 1:
            raise AuditError("set both {0} and {1}, or neither", *_TOGETHER)
        security = environment.get("YCAUDIT_SMTP_SECURITY") or "starttls"
        if security not in ("starttls", "tls", "none"):
            raise AuditError("YCAUDIT_SMTP_SECURITY={0!r}: choose starttls, tls or none", security)
        port = environment.get("YCAUDIT_SMTP_PORT") or ("465" if security == "tls" else "587")
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise AuditError("YCAUDIT_SMTP_PORT={0!r} is no port", port)
        return cls.model_validate(
            {
                "host": environment["YCAUDIT_SMTP_HOST"],
                "port": int(port),
                "security": security,
                "user": environment.get("YCAUDIT_SMTP_USER") or None,
                "sender": environment["YCAUDIT_MAIL_FROM"],
            }
        )


def _check_host(host: str) -> None:
    """Raises AuditError, which does not repeat it: an address may hold the password."""
    with suppress(ValueError):
        ip_address(host)
        return
    if not re.fullmatch(r"[\w.-]+", host):
        raise AuditError(
            "YCAUDIT_SMTP_HOST: write only the host, such as mail.example.test; port, user and "
            "password have variables of their own (YCAUDIT_SMTP_PORT, _USER, _PASSWORD)"
        )


def missing_in(environment: Mapping[str, str]) -> list[str]:
    """The variables without which no mail can be sent and that say nothing."""
    return [name for name in _NEEDED if not environment.get(name)]


@dataclass(frozen=True, slots=True)
class Posting:
    """A message, and for whom of its recipients it is handed over."""

    message: EmailMessage
    recipients: tuple[str, ...]


Refused = dict[str, str]
"""The recipients that a server did not take a message for, and what it said."""


def send(
    postings: Iterable[Posting], server: Server, *, password: str | None
) -> Iterator[tuple[Posting, Refused]]:
    """Send the messages over one connection; yields each as the server has answered.

    Raises AuditError where the server cannot be reached, or breaks off: those that were yielded
    are with it, of the next one nobody can know.
    """
    try:
        with _connected(server) as connection:
            if server.user:
                _log_in(connection, server, password)
            for posting in postings:
                yield posting, _handed_over(connection, posting)
    except smtplib.SMTPServerDisconnected as error:
        if isinstance(error.__context__, TimeoutError):
            raise AuditError("{0}:{1} did not answer in time", server.host, server.port) from error
        raise AuditError("{0}:{1} broke off the connection", server.host, server.port) from error
    except smtplib.SMTPResponseException as error:
        why = _said(error.smtp_code, error.smtp_error)
        if error.smtp_code == _NO_CODE:
            raise AuditError(
                "{0}:{1} does not answer as a mail server does", server.host, server.port
            ) from error
        raise AuditError("{0} did not take the letter: {1}", server.host, why) from error
    except smtplib.SMTPException as error:
        why = clean(str(error)).rstrip(".")
        raise AuditError("{0} did not take the letter: {1}", server.host, why) from error
    except ssl.SSLCertVerificationError as error:
        raise AuditError(
            "{0}:{1} cannot be trusted: its certificate is not valid here ({2})",
            *(server.host, server.port, clean(error.verify_message, 200)),
        ) from error
    except ssl.SSLError as error:  # an OSError, whose number is none of the system's
        raise AuditError(
            "no TLS connection to {0}:{1} comes about ({2}){3}",
            *(server.host, server.port, clean(error.reason or str(error), 200), _hint(server)),
        ) from error
    except OSError as error:
        raise AuditError(
            "{0}:{1} cannot be reached: {2}", server.host, server.port, why_of(error)
        ) from error


def _hint(server: Server) -> Message | str:
    if server.security != "tls":
        return ""
    return Message(
        ": a port that begins without TLS needs YCAUDIT_SMTP_SECURITY=starttls or none, TLS from "
        "the start is mostly at YCAUDIT_SMTP_PORT=465"
    )


def _log_in(connection: smtplib.SMTP, server: Server, password: str | None) -> None:
    try:
        connection.login(server.user or "", password or "")
    except smtplib.SMTPAuthenticationError as error:
        raise AuditError("{0} refused the user name or the password", server.host) from error
    except smtplib.SMTPNotSupportedError as error:
        raise AuditError(
            "{0}:{1} offers no log-in with YCAUDIT_SMTP_SECURITY={2}: choose another, or set "
            "neither YCAUDIT_SMTP_USER nor YCAUDIT_SMTP_PASSWORD",
            *(server.host, server.port, server.security),
        ) from error


def _handed_over(connection: smtplib.SMTP, posting: Posting) -> Refused:
    """For whom the server did not take it; all where it refuses the letter itself."""
    try:
        refused = connection.send_message(posting.message, to_addrs=posting.recipients)
    except smtplib.SMTPRecipientsRefused as error:
        refused = error.recipients
    except smtplib.SMTPResponseException as error:
        why = _said(error.smtp_code, error.smtp_error)
        return dict.fromkeys(posting.recipients, why)
    return {who: _said(*answer) for who, answer in refused.items()}


def _said(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return clean(f"{code} {words}", 200)


def _connected(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
    connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    if server.security == "starttls":
        try:
            connection.starttls(context=context)
        except smtplib.SMTPNotSupportedError as error:
            connection.close()
            raise AuditError(
                "{0}:{1} offers no STARTTLS: set YCAUDIT_SMTP_SECURITY to tls or none",
                *(server.host, server.port),
            ) from error
        except (smtplib.SMTPException, OSError):
            connection.close()
            raise
    return connection
