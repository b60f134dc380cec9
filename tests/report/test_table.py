"""The table for the terminal: the verdict is whole however narrow it is, a reason stands once."""

from __future__ import annotations

import io
import re

import pytest
from rich.cells import cell_len

from support.reports import report, run, verdict
from ycaudit.i18n import in_language
from ycaudit.model import NoWebsite, Outcome, ScanRun
from ycaudit.report import table
from ycaudit.report.rows import WORD, columns

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.BytesIO):
    def isatty(self) -> bool:
        return True


def shown(whole: ScanRun, width: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a terminal of this width shows, without its colours."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")  # of a dumb one nobody knows the width
    out = Terminal()
    with io.TextIOWrapper(out, "utf-8", write_through=True) as text:
        table.show(whole, text)
        said = out.getvalue()
    return COLOURS.sub("", said.decode()).splitlines()


def city(units: int) -> ScanRun:
    """Units with long names; one fails by itself, the rest share their doubt."""
    doubt = (verdict(Outcome.UNDETERMINED, "q"), verdict(Outcome.UNDETERMINED, "p"))
    names = [f"云江市第{n}实验中学（北校区）" for n in range(units)]
    rest = (report(name, *doubt) for name in names)
    return run(report("云江市水利局", verdict(Outcome.FAIL, "q")), *rest)


def test_the_summary_counts_every_unit_of_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    without = (NoWebsite(id="n", name="档案馆"),)
    whole = city(1).model_copy(update={"no_website": without})
    last = shown(whole, 80, monkeypatch)[-1]
    assert last.startswith("3 units in ")
    assert last.endswith(": 不合格 1, 待核实 1, 未开设网站 1")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_verdict_stands_second_and_whole_and_nothing_is_cut_off(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = shown(city(3), width, monkeypatch)
    assert max(map(cell_len, lines)) <= width
    cells = [line.split("│") for line in lines if line.startswith("│")]
    assert {len(row) for row in cells} == {6}  # two borders, and four columns between
    words = [row[2].strip() for row in cells if row[2].strip()]
    assert words == [WORD[Outcome.FAIL], *[WORD[Outcome.UNDETERMINED]] * 3]


def test_what_is_not_asked_of_the_first_unit_has_its_column_in_the_order_of_the_rules(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = run(
        report("甲", verdict(Outcome.FAIL, "q")),
        report("乙", verdict(Outcome.FAIL, "p"), verdict(Outcome.FAIL, "q")),
    )
    assert list(columns(whole)) == ["p", "q"]
    head = next(line for line in shown(whole, 100, monkeypatch) if "微信公众号" in line)
    assert head.index("政府门户链接") < head.index("微信公众号")


def test_a_reason_that_many_share_is_told_once_with_their_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "\n".join(shown(city(48), 80, monkeypatch))
    assert text.count("because undetermined") == 1
    assert "? 48 家：微信公众号、政府门户链接: because undetermined" in text
    assert "云江市第0实验中学（北校区）、云江市第1实验中学（北校区）、" in text
    assert " 等" in text
    # What only one has is told with its name.
    assert "云江市水利局  http://www.edu.test/\n  ✗ 微信公众号: because fail" in text


def test_what_sites_of_one_unit_share_counts_the_unit_once(monkeypatch: pytest.MonkeyPatch) -> None:
    doubt = (verdict(Outcome.UNDETERMINED, "q"),)
    sites = (
        one.model_copy(update={"target": one.target.model_copy(update={"unit": "一中"})})
        for one in (report("一中 a", *doubt), report("一中 b", *doubt))
    )
    with in_language("zh"):
        told = "\n".join(shown(run(*sites, report("二中", *doubt)), 100, monkeypatch))
    assert "2 家、3 个网站：" in told


def test_a_long_run_is_folded_to_the_sites_where_something_is_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passing = [report(f"第{n}小学", verdict(Outcome.PASS, "q")) for n in range(table.MAX_WHOLE)]
    lines = shown(run(*passing), 80, monkeypatch)
    assert sum(line.startswith("│") for line in lines) == len(passing)
    lines = shown(run(*passing, report("第100小学", verdict(Outcome.PASS, "q"))), 80, monkeypatch)
    assert not any(line.startswith("│") for line in lines)
    assert lines[-1].endswith(f"{WORD[Outcome.PASS]} 101")
    failing = report("云江市水利局", verdict(Outcome.FAIL, "q"))
    lines = shown(run(*passing, failing), 80, monkeypatch)
    assert [line.split()[1] for line in lines if line.startswith("│")] == ["云江市水利局"]
    assert "100" in lines[-1]
    assert "--output" in lines[-1]


def test_a_site_that_lacks_only_what_is_advised_is_among_the_open_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(table, "MAX_WHOLE", 1)
    advice = verdict(Outcome.FAIL, "p", level="should")
    passing = report("甲小学", verdict(Outcome.PASS, "q"))
    lines = shown(
        run(passing, report("乙小学", verdict(Outcome.PASS, "q"), advice)), 80, monkeypatch
    )
    assert [line.split()[1] for line in lines if line.startswith("│")] == ["乙小学"]


def test_a_file_has_the_sites_that_a_terminal_folds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_WHOLE", 1)
    whole = run(*(report(f"第{n}小学", verdict(Outcome.PASS, "q")) for n in range(3)))
    out = io.BytesIO()
    table.render(whole, out)
    assert [f"第{n}小学" in out.getvalue().decode() for n in range(3)] == [True] * 3
    assert "--output" not in out.getvalue().decode()


def test_of_very_many_open_sites_the_first_are_shown_and_the_rest_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(table, "MAX_WHOLE", 2)
    monkeypatch.setattr(table, "MAX_OPEN", 3)
    lines = shown(city(4), 200, monkeypatch)
    assert sum(line.startswith("│") for line in lines) == 3
    assert lines[-1].strip().startswith("2 sites") or "2 个网站" in lines[-1]
    assert "? 4 家" in "\n".join(lines)  # a reason counts those that are not shown, too
