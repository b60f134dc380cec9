"""One day for waivers, pins, decisions and papers: the office's, not the machine's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextvars import copy_context
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from support.cli import ycaudit
from ycaudit import office_time
from ycaudit.errors import InvalidValueError

SOURCE = Path(office_time.__file__).parent
NEW_YEAR = datetime(2026, 12, 31, 17, tzinfo=UTC)
RULES = "name: n\nrequirements: [{id: p, name: P, kind: link, accept: [{host: www.p.test}]}]\n"
LIST = """units: [{id: a, url: 'http://a.test/'}]
waivers: [{unit: a, requirement: p, reason: r, approved_by: w, until: %s}]
"""


def test_the_day_is_that_of_china_unless_another_zone_is_chosen() -> None:
    assert office_time.today(NEW_YEAR) == date(2027, 1, 1)

    def elsewhere() -> date:
        office_time.use(office_time.zone_of("Europe/London"))
        return office_time.today(NEW_YEAR)

    assert copy_context().run(elsewhere) == date(2026, 12, 31)
    assert office_time.today(NEW_YEAR) == date(2027, 1, 1)


@pytest.mark.parametrize("name", ["Mars/X", "", "Asia", "../etc/passwd", "/etc/localtime"])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(InvalidValueError, match="no time zone is called"):
        office_time.zone_of(name)


def test_papers_name_the_zone_of_their_times() -> None:
    assert office_time.named() == "（北京时间）"

    def elsewhere() -> str:
        office_time.use(office_time.zone_of("Asia/Urumqi"))
        return str(office_time.named())

    assert copy_context().run(elsewhere) == "（Asia/Urumqi）"


def waived(folder: Path, *words: str) -> str:
    """What `validate` says of a waiver that has just ended where the day ends first."""
    until = datetime.now(ZoneInfo("Pacific/Kiritimati")).date() - timedelta(days=1)
    (folder / "targets.yaml").write_text(LIST % until, "utf-8")
    (folder / "rules.yaml").write_text(RULES, "utf-8")
    done = ycaudit("validate", "targets.yaml", "--rules", "rules.yaml", *words, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stderr


# 26 hours lie between the two: it is never the same day in both.
ENDED, HOLDS = ("Pacific/Kiritimati", "ended on"), ("Etc/GMT+12", "ends on")


@pytest.fixture(params=[ENDED, HOLDS])
def zone(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    yield request.param


def test_a_waiver_ends_with_the_day_of_the_zone_that_is_typed(
    zone: tuple[str, str], tmp_path: Path
) -> None:
    assert zone[1] in waived(tmp_path, "--timezone", zone[0])


def test_the_zone_may_stand_in_the_settings_and_the_environment_comes_first(
    zone: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ycaudit.toml").write_text(f'timezone = "{zone[0]}"\n', "utf-8")
    assert zone[1] in waived(tmp_path)
    other = HOLDS if zone == ENDED else ENDED
    monkeypatch.setenv("YCAUDIT_TIMEZONE", other[0])
    assert other[1] in waived(tmp_path)
    assert zone[1] in waived(tmp_path, "--timezone", zone[0])


def test_a_wrong_zone_is_told_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ycaudit.toml").write_text('\ntimezone = "Asia/Yichang"\n', "utf-8")
    said = ycaudit("validate", cwd=tmp_path)
    assert said.returncode == 2
    assert "ycaudit.toml:2: no time zone is called 'Asia/Yichang'" in said.stderr
    typed = ycaudit("validate", "--timezone", "x", cwd=tmp_path).stderr
    assert "--timezone: no time zone is called 'x'" in typed
    monkeypatch.setenv("YCAUDIT_TIMEZONE", "y")
    assert "YCAUDIT_TIMEZONE: no time zone" in ycaudit("validate", cwd=tmp_path).stderr


def test_no_day_is_taken_from_another_clock() -> None:
    other = re.compile(r"date\.today\(|\.astimezone\(\)|now\(\w*\)\.date\(|\.localtime\(")
    for file in SOURCE.rglob("*.py"):
        if file != Path(office_time.__file__):
            found = other.search(file.read_text(encoding="utf-8"))
            assert found is None, f"{file.name}: {found}; ask office_time"
