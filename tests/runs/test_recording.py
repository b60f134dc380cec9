"""Recordings: what a look asked and got is read back as it was, by us and by another hand."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ycaudit.errors import AuditError
from ycaudit.model import Cause
from ycaudit.net.exchange import Exchange, Failure, Replay, as_kept, without_secrets
from ycaudit.reasons import Reason
from ycaudit.runs.recording import LookFacts, Recording, RecordingWriter, read_from

NOW = datetime(2026, 6, 15, 8, 30, 0, 123456, tzinfo=UTC)
FACTS = LookFacts(
    unit="school",
    observer="browser",
    began=NOW,
    ended=NOW,
    troubles={"gone.test": (Cause.DNS, Reason.of("dns_no_address", host="gone.test"))},
    addresses={"a.test": ("192.0.2.1", "2001:db8::1")},
)
PAGE = Exchange(
    url="http://a.test/x?y=1",
    began=NOW,
    ended=NOW,
    sent=(("Host", "a.test"),),
    status=200,
    phrase="OK",
    received=(("Content-Type", "text/html"), ("X-Odd", "ä¸\xad"), ("Set-Cookie", "a=1")),
    body=b"<p>\r\n\r\n</p>" * 3,
    address="192.0.2.1",
)


def recorded(*exchanges: Exchange) -> bytes:
    out = io.BytesIO()
    writer = RecordingWriter(out, software="ycaudit", run="r")
    for one in exchanges:
        writer.add(one)
    writer.finish(FACTS)
    return out.getvalue()


def read_back(*exchanges: Exchange) -> Recording:
    return read_from(io.BytesIO(recorded(*exchanges)), "x")


def test_what_was_asked_and_answered_comes_back_as_it_was() -> None:
    posted = replace(PAGE, method="POST", sent_body=b"q=\xe4", body=b"", status=204, broken=True)
    assert read_back(PAGE, posted) == Recording(FACTS, (PAGE, posted))


def test_why_there_was_no_answer_comes_back_too() -> None:
    why = Reason.of("dns_no_address", host="a.test")
    lost = Exchange("http://a.test/", NOW, NOW, failure=Failure(cause=Cause.DNS, why=why))
    broken = Exchange("https://a.test/", NOW, NOW, failure=Failure(why=why, is_handshake=True))
    assert read_back(lost, broken).exchanges == (lost, broken)


@given(st.binary(max_size=300), st.lists(st.tuples(st.just("X-A"), st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f\x85\xa0"),
    max_size=20).map(str.strip))))  # fmt: skip
def test_any_body_and_any_header_comes_back(body: bytes, headers: list[tuple[str, str]]) -> None:
    one = replace(PAGE, body=body, received=tuple(headers))
    assert read_back(one).exchanges == (one,)


def test_another_hand_reads_the_answer() -> None:
    """By the specification: https://iipc.github.io/warc-specifications/ (WARC 1.1)."""
    text = gzip.decompress(recorded(PAGE))
    answer = next(r for r in text.split(b"WARC/1.1\r\n") if b"WARC-Type: response" in r)
    head, _, block = answer.partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    assert fields["WARC-Target-URI"] == "http://a.test/x?y=1"
    assert fields["WARC-Date"] == "2026-06-15T08:30:00.123456Z"
    assert fields["WARC-IP-Address"] == "192.0.2.1"
    message = block[: int(fields["Content-Length"])]
    assert message.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")
    assert message.endswith(b"\r\n\r\n" + PAGE.body)


@pytest.mark.parametrize("left", [0, 10, 500, 900])
def test_a_recording_that_breaks_off_is_none(left: int) -> None:
    with pytest.raises(AuditError, match="damaged"):
        read_from(io.BytesIO(recorded(PAGE)[:left]), "x.warc.gz")


def test_neither_passwords_nor_authorisations_are_kept() -> None:
    assert as_kept("http://name:secret@a.test/x#top") == "http://a.test/x"
    sent = [("Authorization", "Basic abc"), ("Cookie", "a=1")]
    assert without_secrets(sent) == (("Cookie", "a=1"),)


# --- answering again ---


def answers(replay: Replay, *urls: str) -> list[bytes | None]:
    found = (replay.take("GET", url) for url in urls)
    return [one.body if one else None for one in found]


def test_the_first_answer_goes_to_the_first_request_and_the_last_stays() -> None:
    replay = Replay([replace(PAGE, url="http://a/", body=body) for body in (b"1", b"2")])
    assert answers(replay, "http://a/", "http://a/#x", "http://a/") == [b"1", b"2", b"2"]


def test_what_was_not_asked_has_no_answer() -> None:
    replay = Replay([replace(PAGE, url="http://a/")])
    assert replay.take("POST", "http://a/") is None
    assert answers(replay, "http://b/", "http://a/b") == [None, None]


def test_an_address_made_anew_gets_the_answer_of_the_nearest() -> None:
    urls = ("http://a/x?id=1&t=100", "http://a/x?id=2&t=101", "http://a/y?id=1&t=102")
    replay = Replay([replace(PAGE, url=url, body=url.encode()) for url in urls])
    assert answers(replay, "http://a/x?id=2&t=999") == [urls[1].encode()]
