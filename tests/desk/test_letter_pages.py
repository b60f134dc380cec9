"""Letters at the desk: read before they are sent, and sent once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from support.history import run as history_run
from support.inbox import Inbox, environment, serving
from support.letters import body
from support.windows import Window, opened_desk
from ycaudit.auditing.papers import Office
from ycaudit.model import Contact, Decision, MemoryReports, Outcome, ScanRun
from ycaudit.reasons import Reason
from ycaudit.report.letterhead import Letterhead
from ycaudit.report.mail import Server
from ycaudit.runs.decisions import fingerprint
from ycaudit.runs.history import opened


def failing() -> ScanRun:
    """Two units that fail, one of them without an address."""
    run = history_run(0, a="-", b="-", c="+")
    reports = [
        r.model_copy(
            update={"target": r.target.model_copy(update={"contact": Contact(email=email)})}
        )
        for r, email in zip(run.reports, ("a@city.test", None, "c@city.test"), strict=True)
    ]
    return run.header.with_reports(MemoryReports(reports))


PATH = f"/run/{failing().id}/letters"


def confirm(folder: Path) -> None:
    """A person has confirmed every fail."""
    with opened(folder / "history.sqlite3") as kept:
        for report in failing().reports:
            if report.outcome is Outcome.FAIL:
                page, now = fingerprint(report), datetime.now(UTC)
                made = Decision(outcome=Outcome.FAIL, by="王敏", at=now, page=page)
                kept.decide(report.target.id, "p", made)


@pytest.fixture
def box() -> Iterator[Inbox]:
    yield Inbox()


@pytest.fixture
def window(tmp_path: Path, box: Inbox) -> Iterator[Window]:
    with serving(box) as port:
        server = Server.of(environment(port))
        with opened_desk(tmp_path, failing(), mail=server) as opened_one:
            yield opened_one


def send(window: Window, **more: Any) -> str:
    """Send what the page shows; returns the page that comes then."""
    page = window.text(PATH)
    answer = window.post(PATH, **{**window.form(page, PATH), **more})
    assert answer.status_code == 303, answer.text
    return window.text(answer.headers["location"])


def test_letters_wait_for_a_person(window: Window, box: Inbox) -> None:
    page = window.text(PATH)
    assert "2 家单位的不合格结论尚未经人工核定" in page
    assert "没有需要发送的邮件" in page
    assert window.post(PATH, mark="x").status_code == 303
    assert box.letters == []


def test_what_is_shown_is_what_is_sent_and_nobody_gets_it_twice(
    window: Window, box: Inbox, tmp_path: Path
) -> None:
    confirm(tmp_path)
    page = window.text(PATH)
    assert "收件人：a@city.test" in page
    assert "b局 has no e-mail address in the list" in page
    assert "发送 1 封" in page
    assert box.letters == []
    assert "已发送" in send(window)
    (got,) = box.letters
    for line in filter(None, body(got, "plain").splitlines()):
        assert line.strip() in page
    assert box.recipients == [["a@city.test"]]
    again = window.text(PATH)
    assert "已发过" in again
    assert "发送 1 封" not in again


def test_letters_that_have_changed_since_are_not_sent(
    window: Window, box: Inbox, tmp_path: Path
) -> None:
    confirm(tmp_path)
    form = window.form(window.text(PATH), PATH)
    window.desk.place = replace(
        window.desk.place, office=Office(letterhead=Letterhead(issuer="别的机关"))
    )
    answer = window.post(PATH, **form)
    assert "没有发送" in window.text(answer.headers["location"])
    assert box.letters == []


def test_what_the_server_refuses_is_told_and_tried_again(
    window: Window, box: Inbox, tmp_path: Path
) -> None:
    confirm(tmp_path)
    box.refuse = "550 no"
    form = window.form(window.text(PATH), PATH)
    refused = window.post(PATH, **form)
    assert refused.status_code == 400
    assert "did not take letters for a@city.test" in refused.text
    box.refuse = None
    send(window)
    assert len(box.letters) == 1


def test_a_suspect_run_writes_to_nobody(tmp_path: Path) -> None:
    suspect = failing().model_copy(update={"suspicions": (Reason.of("visibility_unknown"),)})
    with opened_desk(tmp_path, suspect) as window:
        confirm(tmp_path)
        assert window.get(PATH).status_code == 400
        assert window.post(PATH, mark="x").status_code == 400


def test_without_a_server_letters_are_only_shown(tmp_path: Path) -> None:
    with opened_desk(tmp_path, failing()) as window:
        confirm(tmp_path)
        page = window.text(PATH)
        assert "a@city.test" in page
        assert "只能查看，不能发送" in page
        assert window.post(PATH, mark="x").status_code == 400
