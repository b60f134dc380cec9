"""The templates of `deploy/`, night after night: nothing is lost, nobody is told for nothing."""

from __future__ import annotations

import re
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.inbox import Inbox, environment, serving
from support.letters import body
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
    told = (*night.bother.splitlines(), *night.log.splitlines())
    return all("no history" in line or "a history begins there" in line for line in told)


@pytest.mark.series(1)
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
    assert "税务局" in body(letter, "plain")
    assert [part.get_filename() is not None for part in letter.iter_attachments()] == [True]
    both = {"pass": 2}
    assert runs_of(place) == [both, both, {"pass": 1, "fail": 1}]


def letters_of(place: Place, inbox: Inbox) -> list[str]:
    """The bodies of the letters of one night."""
    before = len(inbox.letters)
    place.night()
    return [body(letter, "plain") for letter in inbox.letters[before:]]


@pytest.mark.series
def test_a_site_that_stays_down_is_told_once_and_its_return_once(
    tmp_path: Path, town: Town, mail: dict[str, str], inbox: Inbox
) -> None:
    place = placed(Cron(tmp_path, mail), town)
    assert letters_of(place, inbox) == []
    del town.pages["tax"]
    (lost,) = letters_of(place, inbox)
    assert "本次待核实 1 项\n  税务局  门户（自 " in lost
    assert [letters_of(place, inbox) for _ in range(2)] == [[], []]
    town.pages["edu"] = ""
    (more,) = letters_of(place, inbox)
    assert "新增 1 项\n  教育局" in more
    assert "上次待核实" in more
    town.pages["tax"] = PORTAL
    (back,) = letters_of(place, inbox)
    assert "本次已能核实 1 项\n  税务局  门户\n" in back
    assert letters_of(place, inbox) == []


@pytest.mark.series
def test_a_fail_that_was_out_of_sight_for_a_night_is_told_when_it_is_seen_again(
    tmp_path: Path, town: Town, mail: dict[str, str], inbox: Inbox
) -> None:
    place = placed(Cron(tmp_path, mail), town)
    town.pages["tax"] = ""
    assert "新增 1 项" in letters_of(place, inbox)[0]
    del town.pages["tax"]
    assert "本次待核实 1 项" in letters_of(place, inbox)[0]
    town.pages["tax"] = ""
    assert re.search("仍未整改 1 项\n  税务局  门户（自 .*上次待核实", letters_of(place, inbox)[0])
    assert letters_of(place, inbox) == []


@pytest.mark.series
def test_what_a_night_could_not_send_the_next_ones_tell(
    tmp_path: Path, town: Town, mail: dict[str, str], inbox: Inbox
) -> None:
    """Also where no letter was ever sent before, and nothing changes any more."""
    place = placed(Cron(tmp_path, mail), town)
    assert letters_of(place, inbox) == []
    town.pages["tax"] = ""
    inbox.refuse = "451 not now"
    failed = place.night()
    assert "`scan --mail` tells what is left" in failed.bother
    assert inbox.letters == []
    assert "127.0.0.1" in place.night().bother
    inbox.refuse = None
    (told,) = letters_of(place, inbox)
    assert "以来的检查尚未发信告知，以下变化从那时算起。\n新增 1 项\n  税务局  门户" in told
    assert "仍未整改" not in told
    assert letters_of(place, inbox) == []
    town.pages["tax"] = PORTAL
    (mended,) = letters_of(place, inbox)
    assert "已整改 1 项" in mended
    assert "尚未发信告知" not in mended


@pytest.mark.series
def test_what_a_person_has_seen_by_day_is_news_at_night(
    tmp_path: Path, town: Town, mail: dict[str, str], inbox: Inbox
) -> None:
    def by_hand() -> None:
        code, said = place.run(["ycaudit", "scan", "--history", str(place.history)], {})
        assert code in (0, 1), said

    place = placed(Cron(tmp_path, mail), town)
    by_hand()
    assert letters_of(place, inbox) == []  # nobody was told before, and nothing fails
    by_hand()
    assert letters_of(place, inbox) == []
    town.pages["tax"] = ""
    by_hand()
    (told,) = letters_of(place, inbox)
    assert "以来的检查尚未发信告知，以下变化从那时算起。\n新增 1 项\n  税务局" in told
    by_hand()
    assert letters_of(place, inbox) == []


@pytest.mark.series
def test_the_command_that_a_failed_night_names_sends_its_letter_and_the_next_night_is_quiet(
    tmp_path: Path, town: Town, mail: dict[str, str], inbox: Inbox
) -> None:
    place = placed(Cron(tmp_path, mail), town)
    place.night()
    town.pages["tax"] = ""
    inbox.refuse = "451 not now"
    (command,) = re.findall("or now `(.*)`", place.night().log)
    inbox.refuse = None
    code, said = place.run(shlex.split(command), place.mail)
    assert code == 0, said
    assert "新增 1 项" in body(inbox.letters[-1], "plain")
    assert letters_of(place, inbox) == []


@pytest.mark.series
def test_of_two_readers_only_the_one_that_was_refused_is_told_again(
    tmp_path: Path, town: Town, mail: dict[str, str], inbox: Inbox
) -> None:
    both = {**mail, "YCAUDIT_MAIL_TO": "li@city.test；wang@city.tset"}
    place = placed(Cron(tmp_path, both), town)
    place.night()
    town.pages["tax"] = ""
    inbox.unknown = {"wang@city.tset"}
    assert "wang@city.tset" in place.night().bother
    place.mail["YCAUDIT_MAIL_TO"] = "li@city.test；wang@city.test"  # as it should have been
    (late,) = letters_of(place, inbox)
    assert "新增 1 项" in late
    assert inbox.recipients == [["li@city.test"], ["wang@city.test"]]
    assert letters_of(place, inbox) == []


@pytest.mark.series
def test_what_a_night_found_that_ends_before_its_letter_is_told_by_the_next(
    tmp_path: Path, town: Town, mail: dict[str, str], inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = placed(Cron(tmp_path, mail), town)
    place.night()
    town.pages["tax"] = ""
    blocked, page = place.repository / "report.html", town.page

    def blocking(name: str) -> bytes | None:
        """While it looks, something takes the place of its report."""
        blocked.unlink(missing_ok=True)
        blocked.mkdir(exist_ok=True)
        return page(name)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(town, "page", blocking)
        assert "report.html" in place.night().bother
    assert len(runs_of(place)) == 2
    blocked.rmdir()
    assert "新增 1 项\n  税务局" in letters_of(place, inbox)[0]


def test_a_night_in_which_every_site_is_gone_is_suspect_and_sends_no_circular(
    tmp_path: Path, town: Town, mail: dict[str, str], inbox: Inbox
) -> None:
    place = Cron(tmp_path, mail)
    town.pages["law"] = PORTAL
    town.write_list(place.repository, edu="教育局", tax="税务局", law="司法局")
    place.night()
    town.pages.clear()
    before = len(inbox.letters)
    for _ in range(2):  # nothing has changed in the second, and it has not done its work either
        assert "this run is suspect: 3 of 3 units cannot be reached" in place.night().bother
    (told,) = (body(letter, "plain") for letter in inbox.letters[before:])
    assert "3 家单位中有 3 家打不开：更可能是我方网络的问题" in told
    assert "通报未附上：本次检查存疑。" in told


def test_a_letter_about_units_of_which_nothing_is_known_carries_no_circular(
    tmp_path: Path, town: Town, mail: dict[str, str], inbox: Inbox
) -> None:
    place = placed(Cron(tmp_path, mail), town)
    place.night()
    town.pages.clear()
    assert "通报未附上：所有单位均待核实。" in letters_of(place, inbox)[0]
    (book,) = inbox.letters[-1].iter_attachments()
    assert str(book.get_filename()).endswith(".xlsx")


@pytest.mark.series(1)
def test_a_night_that_could_not_do_its_work_wakes_somebody(
    tmp_path: Path, town: Town, mail: dict[str, str], inbox: Inbox, place: Place
) -> None:
    place.mail["YCAUDIT_SMTP_SECURITY"] = "tsl"
    failed = place.night()
    assert "choose starttls, tls or none" in failed.log
    assert failed.bother == WOKEN_BY.get(type(place), failed.log)
    place.mail["YCAUDIT_SMTP_SECURITY"] = "none"
    assert calm(place.night())
    assert place.night().bother == ""


def test_whoever_wakes_several_readers_names_them_as_mail_knows_them(tmp_path: Path) -> None:
    place = Systemd(tmp_path, {"YCAUDIT_MAIL_TO": "li@city.test; wu@city.test；he@city.test"})
    place.start("ycaudit-failure.service")
    assert "li@city.test, wu@city.test,he@city.test\n" in (tmp_path / "told").read_text()


@pytest.mark.series
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


@pytest.mark.series
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


@pytest.mark.series
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
