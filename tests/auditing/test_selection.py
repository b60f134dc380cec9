"""What a second scan looks at again, and what it takes over."""

from __future__ import annotations

from pathlib import Path

from support.history import PORTAL
from support.history import run as history_run
from ycaudit.auditing.selection import Selection, again
from ycaudit.model import Target
from ycaudit.rules.judge import Unit
from ycaudit.runs.history import opened


def unit(id_: str, url: str, name: str) -> Unit:
    return Unit(target=Target(id=id_, name=name, url=url), requirements=(PORTAL,))


def test_a_unit_that_moved_is_looked_at_again_and_others_bear_the_names_of_the_list(
    tmp_path: Path,
) -> None:
    base = history_run(0, a="+", b="-", c="+")
    units = (
        unit("a", "http://moved.test/", "a局"),
        unit("b", "http://b.test/", "b局"),
        unit("c", "http://c.test/", "新名"),
        unit("d", "http://d.test/", "d局"),
    )
    with opened(tmp_path / "history.sqlite3") as history:
        looked = again(units, base, "failed", history)
    # Nothing was seen of b, so that it has not failed.
    assert [u.target.id for u in looked] == ["a", "d"]
    carried = list(Selection(units, looked, base).carried())
    assert [(place, report.target.name) for place, report in carried] == [(1, "b局"), (2, "新名")]
