"""A real mail server on loopback, and what it got."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Inbox:
    """What the server took, and what it does not take."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refuse: str | None = None
        self.unknown: set[str] = set()
        """Recipients that it refuses."""
        self.breaks_off_at: int | None = None
        """The letter, from 1, at which the line goes dead without an answer."""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuse:
            return self.refuse
        if self.breaks_off_at == len(self.letters) + 1:
            assert server.transport is not None
            server.transport.abort()
            return "421 gone"
        letter = email.message_from_bytes(bytes(envelope.content or b""), policy=default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    return AuthResult(success=data.password == b"secret", handled=False)


@contextmanager
def serving(inbox: Inbox, *, offers_log_in: bool = True) -> Iterator[int]:
    """The port of a server that puts letters into this inbox."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]

    class OnThatPort(Controller):
        """A port that was free a moment ago may be somebody else's: this one is ours."""

        def _create_server(self) -> Any:
            return self.loop.create_server(self._factory_invoker, sock=listening)

    controller = OnThatPort(
        inbox, hostname="127.0.0.1", port=port, authenticator=_authenticate,
        auth_require_tls=not offers_log_in, auth_required=False, ready_timeout=120,
    )  # fmt: skip
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def environment(port: int) -> dict[str, str]:
    """What tells the program of the server."""
    return {
        "YCAUDIT_SMTP_HOST": "127.0.0.1", "YCAUDIT_SMTP_PORT": str(port),
        "YCAUDIT_SMTP_SECURITY": "none", "YCAUDIT_MAIL_FROM": "audit@city.test",
    }  # fmt: skip
