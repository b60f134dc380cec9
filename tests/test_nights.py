"""The templates of `deploy/`, night after night: nothing is lost, nobody is told for nothing."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.inbox import Inbox, environment, serving
from support.nights import DEPLOY, PLACES, Cron, GitHub, Night, Place, Systemd
from support.town import PORTAL, Town, built
from ycaudit.runs.history import opened

WOKEN_BY: dict[type[Place], str] = {
    Systemd: "-s ycaudit on host could not do its work li@city.test\nthe journal\n"
}
"""What the place writes to somebody, where it is not all that was printed."""


@pytest.fixture
def town() -> Iterator[Town]:
    with built() as town:
        town.pages = {"edu": PORTAL, "tax": PORTAL}
        yield town


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def mail(inbox: Inbox) -> Iterator[dict[str, str]]:
    with serving(inbox) as port:
        yield {**environment(port), "YCAUDIT_MAIL_TO": "li@city.test"}


@pytest.fixture(params=list(PLACES))
def place(
    request: pytest.FixtureRequest, tmp_path: Path, town: Town, mail: dict[str, str]
) -> Place:
    return placed(PLACES[request.param](tmp_path, mail), town)


def placed(place: Place, town: Town) -> Place:
    town.write_list(place.repository, edu="教育局", tax="税务局")
    return place


def runs_of(place: Place) -> list[dict[str, int]]:
    """The figures of the runs that are kept, the oldest first."""
    with opened(place.history) as kept:
        return [dict(entry.counts) for entry in kept.entries()][::-1]


def calm(night: Night) -> bool:
    """Whether a person can sleep on: nothing was printed but that there is no history yet."""
    lines = night.log.splitlines()
    return night.bother == "" and all("no history" in line for line in lines)


def test_a_year_of_nights_begins_with_a_quiet_one_and_a_change_is_mailed(
    place: Place, town: Town, inbox: Inbox
) -> None:
    assert calm(place.night())
    before = len(inbox.letters)
    second = place.night()
    assert (second.bother, second.log) == ("", "")
    assert len(inbox.letters) == before
    town.pages["tax"] = ""
    third = place.night()
    assert (third.bother, third.log) == ("", "")
    assert len(inbox.letters) == before + 1
    letter = inbox.letters[-1]
    assert inbox.recipients[-1] == ["li@city.test"]
    body = letter.get_body(("plain",))
    assert body is not None
    assert "税务局" in body.get_content()
    assert [part.get_filename() is not None for part in letter.iter_attachments()] == [True]
    both = {"pass": 2}
    assert runs_of(place) == [both, both, {"pass": 1, "fail": 1}]


def test_a_night_that_could_not_do_its_work_wakes_somebody(
    tmp_path: Path, town: Town, mail: dict[str, str], inbox: Inbox, place: Place
) -> None:
    place.mail["YCAUDIT_SMTP_SECURITY"] = "tsl"
    failed = place.night()
    assert "choose starttls, tls or none" in failed.log
    assert failed.bother == WOKEN_BY.get(type(place), failed.log)
    place.mail["YCAUDIT_SMTP_SECURITY"] = "none"
    assert place.night().bother == ""


def test_cron_keeps_the_proof_of_the_newest_nights_from_others(
    tmp_path: Path, town: Town, mail: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = placed(Cron(tmp_path, mail), town)
    whole = place.text
    monkeypatch.setattr(place, "text", lambda name: whole(name).replace("keep 30", "keep 2"))
    for night in range(3):
        town.pages["edu"] = f"{PORTAL}{night}"
        assert calm(place.night())
    assert len(list((place.repository / "proof" / "manifests").iterdir())) == 2
    for file in ("history.sqlite3", "report.html", "proof"):
        assert stat.S_IMODE((place.repository / file).stat().st_mode) & 0o077 == 0, file


def test_a_notice_that_stays_true_is_told_in_the_first_night_only(
    tmp_path: Path, town: Town, mail: dict[str, str]
) -> None:
    place = placed(Cron(tmp_path, mail), town)
    targets = place.repository / "targets.yaml"
    text = targets.read_text(encoding="utf-8")
    targets.write_text(text.replace("http://", "http://me:secret@"), encoding="utf-8")
    targets.chmod(0o644)
    assert "holds passwords and others can read it" in place.night().bother
    assert place.night().bother == ""
    targets.chmod(0o600)
    assert place.night().bother == ""
    targets.chmod(0o644)
    assert "holds passwords and others can read it" in place.night().bother


def test_on_github_another_attempt_goes_on_from_the_one_before(
    tmp_path: Path, town: Town, mail: dict[str, str], inbox: Inbox
) -> None:
    place = GitHub(tmp_path, mail)
    placed(place, town)
    first = place.night()
    assert "::warning::no history" in first.log
    town.pages["tax"] = ""
    place.night()
    letters = len(inbox.letters)
    place.again()
    assert len(inbox.letters) == letters
    assert len(runs_of(place)) == 3
    assert place.caches == ["history-1-1", "history-2-1", "history-2-2"]
    assert place.artifacts["audit-2"] == ["report.html", "table.xlsx", "proof"]
    assert place.artifacts["history-2"] == ["history.sqlite3"]
    summary = (place.here / "step-summary").read_text(encoding="utf-8")
    assert "税务局" in summary


def test_github_gets_no_more_rights_than_it_needs_and_runs_what_was_read() -> None:
    text = (DEPLOY / "github-actions.yml").read_text(encoding="utf-8")
    used = [line.partition("uses: ")[2] for line in text.splitlines() if "uses: " in line]
    assert used
    for action in used:
        pinned, _, version = action.partition("  # ")
        assert len(pinned.partition("@")[2]) == 40, action
        assert version.startswith("v"), action
    assert "permissions: {contents: read}" in text
    assert "persist-credentials: false" in text


def test_no_template_installs_by_a_name_that_an_index_may_give_to_others() -> None:
    for file in DEPLOY.iterdir():
        for line in file.read_text(encoding="utf-8").splitlines():
            if "pip install" in line and not line.startswith("#"):
                assert "vendor/" in line, line
