"""The self test: the audit notices when it is itself what is broken."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from support.pages import said
from support.servers import PATIENT
from ycaudit.auditing import self_test
from ycaudit.auditing.engine import Clock, look_once
from ycaudit.model import Outcome, Verdict
from ycaudit.net.client import Fetcher, Options
from ycaudit.observe.qr.reading import Reading
from ycaudit.observe.qr.sandbox import DecodeSandbox
from ycaudit.observe.static import markup
from ycaudit.observe.static.observer import StaticObserver
from ycaudit.observe.tools import Decoder, Threads, Tools
from ycaudit.rules import Requirement
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.qr import QrRequirement
from ycaudit.rules.text import TextRequirement

LINK = LinkRequirement(id="l", name="门户<b>", kind="link", accept=[{"host": "p.test"}])
CODE = QrRequirement(
    id="q", name="客户端", kind="qr", accept=[{"payload": "https://app.test/下载"}]
)
WEIBO = QrRequirement(id="w", name="微博", kind="qr", accept=[{"weibo": {"uid": "1234567890"}}])
NONE = LinkRequirement(
    id="n", name="旧站", kind="link", expect="absent", accept=[{"host": "old.test", "path": "/a/*"}]
)
UNKNOWN = QrRequirement(
    id="x", name="未定", kind="qr", accept=[{"payload": "http://z.test/", "verified": False}]
)


def told(*requirements: Requirement) -> tuple[str, ...]:
    """What the self test finds wrong with the real observer without a browser."""
    threads = Threads(1)
    clock = Clock(now=lambda: datetime.now(UTC), steady=time.monotonic)

    async def look() -> tuple[str, ...]:
        tools = Tools(Fetcher(Options(limits=PATIENT)), Decoder(threads), threads, clock.now)
        observer = StaticObserver(tools)
        once = partial(look_once, clock=clock, seconds=600, redirects=None)

        async def judge(unit: Unit) -> tuple[Verdict, ...]:
            return (await once(unit, observer))[1]

        return await self_test.suspicions(requirements, {"static": judge})

    try:
        return asyncio.run(look())
    finally:
        threads.close()


def test_where_all_is_well_nothing_is_suspect() -> None:
    assert told(LINK, CODE, WEIBO, NONE, UNKNOWN) == ()


def test_rules_of_which_no_example_follows_have_no_control() -> None:
    assert told(UNKNOWN) == ()


def test_a_decoder_that_reads_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(sandbox: DecodeSandbox, data: bytes, **more: Any) -> Reading:
        return Reading((), (), 300, 300, False)

    monkeypatch.setattr(DecodeSandbox, "read", nothing)
    (suspicion,) = told(LINK, CODE)
    assert suspicion.params["requirement"] == "客户端"
    assert suspicion.has("control_page_full")


def test_a_judge_that_lets_everything_pass_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def lenient(self: object, page: object, found: object) -> Verdict:
        return Verdict(
            requirement="l", name="l", outcome=Outcome.PASS, why=said("yes"), observer="static"
        )

    monkeypatch.setattr(
        LinkRequirement, "judge", lambda self, observation, _: lenient(self, observation, ())
    )
    (suspicion,) = told(LINK)
    assert suspicion.has("control_page_empty")


def test_a_network_that_answers_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from ycaudit.net.connect import Connector

    async def no_way(self: object, host: str, port: int) -> None:
        raise OSError("unplugged")

    monkeypatch.setattr(Connector, "connect", no_way)
    assert len(told(LINK, CODE)) >= 2


WORDS = TextRequirement.model_validate(
    {
        "id": "t",
        "name": "备案号",
        "kind": "text",
        "accept": [{"pattern": r"ICP备\d{8}号", "sample": "ICP备00000000号"}],
    }
)


def test_words_stand_on_the_full_page_and_not_on_the_empty_one() -> None:
    absent = WORDS.model_copy(update={"id": "a", "expect": "absent"})
    strict = absent.model_copy(update={"id": "s", "as_text": True})
    assert absent.example() is None, "the codes of the control pages leave it open"
    assert told(WORDS, CODE, strict) == ()


def test_an_observer_that_reads_no_text_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "texts_in", lambda *_: ((), False))
    (suspicion,) = told(WORDS, LINK)
    assert "备案号" in str(suspicion)
