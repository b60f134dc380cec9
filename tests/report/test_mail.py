"""Letters: right in a real mail client, inert whatever a page says, and never sent twice."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from support.history import run
from support.letters import body, letter
from ycaudit.errors import AuditError
from ycaudit.report import letters, mail
from ycaudit.runs.diff import compare, past_of
from ycaudit.runs.history import opened


class Inbox:
    """What the server took."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuse: str | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuse:
            return self.refuse
        letter = email.message_from_bytes(bytes(envelope.content or b""), policy=default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"


def authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    return AuthResult(success=data.password == b"secret", handled=False)


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    """A real mail server on loopback, and what it got."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]

    class OnThatPort(Controller):
        """A port that was free a moment ago may be somebody else's: this one is ours."""

        def _create_server(self) -> Any:
            return self.loop.create_server(self._factory_invoker, sock=listening)

    inbox = Inbox()
    controller = OnThatPort(
        inbox, hostname="127.0.0.1", port=port, authenticator=authenticate,
        auth_require_tls=False, auth_required=False, ready_timeout=120,
    )  # fmt: skip
    controller.start()
    yield inbox, port
    controller.stop()


def plain_server(port: int, user: str | None = None) -> mail.Server:
    return mail.Server(
        host="127.0.0.1", port=port, security="none", user=user, sender="audit@city.test"
    )


def test_a_letter_arrives_with_its_chinese_and_its_files(inbox: tuple[Inbox, int]) -> None:
    box, port = inbox
    before, after = run(0, a="-", b="+", c="+"), run(1, a="+", b="-", c="?")
    changes = compare(past_of(before), after)
    sent = letter(after, changes, letters.Attachment("检查结果_20260601.xlsx", b"PK\x03\x04"))
    assert list(mail.send([sent], plain_server(port), password=None)) == [sent]
    (got,) = box.letters
    assert got["Subject"] == "规则：不合格 1，待核实 1，合格 1（新增 1 家，已整改 1 家）"
    assert str(got["From"]) == "检查组 <audit@city.test>"
    text = body(got, "plain")
    assert "应检 3 家：不合格 1 家，待核实 1 家，合格 1 家" in text
    assert "新增：\n  b局  门户" in text
    assert "已整改：\n  a局  门户" in text
    assert "✗ 门户: not among 1 link" in text
    assert "应检 3 家" in body(got, "html")
    (file,) = got.iter_attachments()
    assert file.get_filename() == "检查结果_20260601.xlsx"
    assert file.get_content() == b"PK\x03\x04"


def test_the_server_is_told_by_the_environment_and_mistakes_are_told_back() -> None:
    known = {"YCAUDIT_SMTP_HOST": "mail.test", "YCAUDIT_MAIL_FROM": "a@b.test"}
    server = mail.Server.of(known)
    assert (server.port, server.security) == (587, "starttls")
    assert mail.Server.of({**known, "YCAUDIT_SMTP_SECURITY": "tls"}).port == 465
    for wrong in (
        {},
        {**known, "YCAUDIT_SMTP_SECURITY": "ssl"},
        {**known, "YCAUDIT_SMTP_PORT": "x"},
        {**known, "YCAUDIT_SMTP_PORT": "0"},
    ):
        with pytest.raises(AuditError, match="YCAUDIT_"):
            mail.Server.of(wrong)


def test_a_wrong_password_a_refusal_and_a_silent_port_are_one_sentence_each(
    inbox: tuple[Inbox, int],
) -> None:
    box, port = inbox
    sent = letter(run(0, a="+"))
    with pytest.raises(AuditError, match="refused the user name or the password") as caught:
        list(mail.send([sent], plain_server(port, "audit"), password="wrong"))
    assert "wrong" not in str(caught.value)
    assert list(mail.send([sent], plain_server(port, "audit"), password="secret")) == [sent]
    box.refuse = "552 too large"
    with pytest.raises(AuditError, match="did not take the letter"):
        list(mail.send([sent], plain_server(port), password=None))
    starttls = plain_server(port).model_copy(update={"security": "starttls"})
    with pytest.raises(AuditError, match="did not take the letter"):
        list(mail.send([sent], starttls, password=None))  # never in the clear where TLS was asked
    with pytest.raises(AuditError, match="cannot be reached"):
        list(mail.send([sent], plain_server(1), password=None))


def test_the_command_shows_first_and_sends_once(
    inbox: tuple[Inbox, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    import typer.testing

    from ycaudit.cli.app import COMMANDS, build

    box, port = inbox
    for key, value in {
        "YCAUDIT_SMTP_HOST": "127.0.0.1", "YCAUDIT_SMTP_PORT": str(port),
        "YCAUDIT_SMTP_SECURITY": "none", "YCAUDIT_MAIL_FROM": "audit@city.test",
    }.items():  # fmt: skip
        monkeypatch.setenv(key, value)
    with opened(tmp_path / "history.sqlite3") as history:
        history.save(run(0, a="-"))
    ask = typer.testing.CliRunner()
    shown = ask.invoke(build(*COMMANDS), ["mail", "last", "--to", "w@city.test"])
    assert "Subject: 规则：不合格 1（新增 1 家）" in shown.output
    assert "附件: 检查结果_20260601.xlsx\n" in shown.output
    assert "通报未附上：1 家单位的不合格结论尚未经人工核定。" in shown.output
    named = ask.invoke(build(*COMMANDS), ["mail", "last", "--to", "w@city.test", "--unreviewed"])
    assert "检查结果_20260601.xlsx、通报_20260601.docx" in named.output
    assert "未附上" not in named.output
    assert box.letters == []
    for _ in range(2):
        assert (
            ask.invoke(
                build(*COMMANDS), ["mail", "last", "--to", "w@city.test", "--send"]
            ).exit_code
            == 0
        )
    assert len(box.letters) == 1
    (workbook,) = box.letters[0].iter_attachments()
    assert workbook.get_content()[:2] == b"PK"
