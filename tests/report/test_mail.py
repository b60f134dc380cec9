"""Letters: right in a real mail client, inert whatever a page says, and never sent twice."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from support.history import run
from support.inbox import Inbox, serving
from support.letters import body, letter
from ycaudit.errors import AuditError
from ycaudit.report import letters, mail
from ycaudit.runs.diff import compare, past_of


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    with serving(box := Inbox()) as port:
        yield box, port


def plain_server(port: int, user: str | None = None) -> mail.Server:
    return mail.Server(
        host="127.0.0.1", port=port, security="none", user=user, sender="audit@city.test"
    )


def answers(
    message: EmailMessage, server: mail.Server, password: str | None = None
) -> list[mail.Refused]:
    posting = mail.Posting(message, tuple(one.addr_spec for one in message["To"].addresses))
    return [refused for _, refused in mail.send([posting], server, password=password)]


def test_a_letter_arrives_with_its_chinese_and_its_files(inbox: tuple[Inbox, int]) -> None:
    box, port = inbox
    before, after = run(0, a="-", b="+", c="+"), run(1, a="+", b="-", c="?")
    changes = compare(past_of(before), after)
    sent = letter(after, changes, letters.Attachment("检查结果_20260601.xlsx", b"PK\x03\x04"))
    assert answers(sent, plain_server(port)) == [{}]
    (got,) = box.letters
    assert got["Subject"] == "规则：不合格 1，待核实 1，合格 1（新增 1 家，已整改 1 家）"
    assert str(got["From"]) == "检查组 <audit@city.test>"
    text = body(got, "plain")
    assert "应检 3 家：不合格 1 家，待核实 1 家，合格 1 家" in text
    assert "新增 1 项\n  b局  门户" in text
    assert "已整改 1 项\n  a局  门户" in text
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
    user, password = {"YCAUDIT_SMTP_USER": "u"}, {"YCAUDIT_SMTP_PASSWORD": "p"}
    assert mail.Server.of({**known, **user, **password}).user == "u"
    assert mail.Server.of({**known, "YCAUDIT_SMTP_USER": "", "YCAUDIT_SMTP_PASSWORD": ""})
    for half in (user, password):
        with pytest.raises(AuditError, match="both YCAUDIT_SMTP_USER and YCAUDIT_SMTP_PASSWORD"):
            mail.Server.of({**known, **half})
    for name in known:
        with pytest.raises(AuditError, match=f"to send mail, set {name}$"):
            mail.Server.of({key: value for key, value in known.items() if key != name})
    for wrong in (
        {},
        {**known, "YCAUDIT_SMTP_SECURITY": "ssl"},
        {**known, "YCAUDIT_SMTP_PORT": "x"},
        {**known, "YCAUDIT_SMTP_PORT": "0"},
        {**known, "YCAUDIT_MAIL_FROM": "audit"},
    ):
        with pytest.raises(AuditError, match="YCAUDIT_"):
            mail.Server.of(wrong)


@pytest.mark.parametrize(
    "host", ["smtp://audit:hunter2@127.0.0.1:39390", "audit:hunter2@mail.test", "hunter2:25", "a b"]
)
def test_a_host_that_is_more_than_one_is_refused_and_not_repeated(host: str) -> None:
    known = {"YCAUDIT_SMTP_HOST": host, "YCAUDIT_MAIL_FROM": "a@b.test"}
    with pytest.raises(AuditError, match="YCAUDIT_SMTP_HOST: write only the host") as why:
        mail.Server.of(known)
    assert "hunter2" not in str(why.value)


@pytest.mark.parametrize("host", ["mail.test", "localhost", "127.0.0.1", "::1", "邮件.test"])
def test_a_name_and_an_address_are_hosts(host: str) -> None:
    known = {"YCAUDIT_SMTP_HOST": host, "YCAUDIT_MAIL_FROM": "a@b.test"}
    assert mail.Server.of(known).host == host


@pytest.mark.parametrize(
    ("answers_with", "said"),
    [
        (b"554 go away\r\n", "did not take the letter: 554 go away"),
        (b"HTTP/1.1 400 Bad\r\n\r\n", "does not answer as a mail server does"),
        (b"", "broke off the connection"),
    ],
)
def test_what_a_server_says_is_told_in_plain_words(answers_with: bytes, said: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(answers_with)

        answering = threading.Thread(target=answer)
        answering.start()
        with pytest.raises(AuditError, match=f"{said}$"):
            list(mail.send([], plain_server(listening.getsockname()[1]), password=None))
        answering.join()


def test_a_server_that_says_nothing_did_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "SECONDS", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(AuditError, match=r"did not answer in time$"):
            list(mail.send([], plain_server(port), password=None))


def test_a_log_in_that_a_server_does_not_offer_is_told_with_what_to_set() -> None:
    sent = letter(run(0, a="+"))
    with serving(box := Inbox(), offers_log_in=False) as port, pytest.raises(AuditError) as caught:
        answers(sent, plain_server(port, "audit"), password="secret")
    assert str(caught.value) == (
        f"127.0.0.1:{port} offers no log-in with YCAUDIT_SMTP_SECURITY=none: choose another, or "
        "set neither YCAUDIT_SMTP_USER nor YCAUDIT_SMTP_PASSWORD"
    )
    assert box.letters == []


def test_a_wrong_password_a_refusal_and_a_silent_port_are_one_sentence_each(
    inbox: tuple[Inbox, int],
) -> None:
    box, port = inbox
    sent = letter(run(0, a="+"))
    with pytest.raises(AuditError, match="refused the user name or the password") as caught:
        answers(sent, plain_server(port, "audit"), password="wrong")
    assert "wrong" not in str(caught.value)
    assert answers(sent, plain_server(port, "audit"), password="secret") == [{}]
    box.refuse = "552 too large"
    assert answers(sent, plain_server(port)) == [{"w@city.test": "552 too large"}]
    starttls = plain_server(port).model_copy(update={"security": "starttls"})
    with pytest.raises(AuditError, match="offers no STARTTLS: set YCAUDIT_SMTP_SECURITY"):
        answers(sent, starttls)  # never in the clear where TLS was asked
    tls = plain_server(port).model_copy(update={"security": "tls"})
    with pytest.raises(AuditError, match=r"no TLS connection to .*YCAUDIT_SMTP_SECURITY=starttls"):
        answers(sent, tls)
    with pytest.raises(AuditError, match="cannot be reached"):
        answers(sent, plain_server(1))
