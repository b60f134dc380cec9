"""Every figure, date and name of the circular, against the run, counted by another hand."""

from __future__ import annotations

import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from zipfile import ZipFile

import docx
import pytest
from docx.document import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from support.pages import NOON, blind, code, link, page
from support.papers import PORTAL, RIGHT, run_with, unit, written
from ycaudit import office_time
from ycaudit.model import Decision, NoWebsite, Outcome, ScanRun, Sense, UnitReport
from ycaudit.report.formats import FORMATS, NO_BACKGROUND, Background
from ycaudit.report.letterhead import Letterhead
from ycaudit.runs.decisions import decided, fingerprint
from ycaudit.runs.inspections import Notified
from ycaudit.runs.rounds import failed_twice

OFFICES = ("教育局", "卫健委", None)
LOOKS = {
    "+": page(*RIGHT),
    "-": page(link("http://p.test.evil.test/")),
    "?": page(blind(Sense.LINK, Sense.QR_CODE)),
    "w": page(),
}


def site(number: int, name: str, fate: str, office: str | None = None) -> UnitReport:
    report = unit(f"{name}{number}", LOOKS[fate], waived=("p", "q") if fate == "w" else ())
    named = {"name": f"{name}{number}", "unit": name, "office": office}
    target = report.target.model_copy(update=named)
    return report.model_copy(update={"target": target})


def circular(run: ScanRun, background: Background = NO_BACKGROUND) -> Document:
    out = io.BytesIO()
    FORMATS["docx"].render(run, out, background=background)
    return docx.Document(io.BytesIO(out.getvalue()))


def text(document: Document) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def found(pattern: str, told: str) -> tuple[str, ...]:
    match = re.search(pattern, told)
    assert match, (pattern, told)
    return match.groups()


def units_by_hand(run: ScanRun) -> dict[tuple[str, str | None], str]:
    """The gravest fate of the sites of each unit: counted apart from the program's census."""
    fates: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for report in run.reports:
        fates[report.target.unit or "", report.target.office].append(report.outcome.value)
    order = ("fail", "undetermined", "pass", "waived")
    return {key: next(o for o in order if o in mine) for key, mine in fates.items()}


sites = st.lists(
    st.tuples(st.sampled_from("甲乙丙丁戊"), st.sampled_from("+-?w"), st.sampled_from(OFFICES)),
    min_size=1,
    max_size=9,
)


@settings(max_examples=25, deadline=None)
@given(sites, st.integers(0, 2))
def test_every_figure_is_what_the_run_holds(
    listed: list[tuple[str, str, str | None]], without: int
) -> None:
    missing = tuple(NoWebsite(id=f"n{n}", name=f"无{n}", office="教育局") for n in range(without))
    reports = [site(n, name, fate, office) for n, (name, fate, office) in enumerate(listed)]
    run = run_with(*reports, no_website=missing)
    document = circular(run)
    told = text(document)
    units = units_by_hand(run)
    counts = Counter(units.values())
    total = len(units) + without

    assert found(r"应检(\d+)家单位", told) == (str(total),)
    assert found(r"实际检查(\d+)家单位的(\d+)个网站", told) == (str(len(units)), str(len(reports)))
    (results,) = found(r"检查结果：([^。]*)。", told)
    for word, units_of_it in (
        ("合格", counts["pass"]),
        ("不合格", counts["fail"]),
        ("待核实", counts["undetermined"]),
        ("豁免", counts["waived"]),
        ("未开设网站", without),
    ):
        said = re.search(rf"(?:，|^){word}(\d+)家", results)
        assert (int(said[1]) if said else 0) == units_of_it, word
    share = _share(counts["pass"], total - counts["waived"])
    assert found(r"合格率为([\d.]+%|—)（", told) == (share,)
    assert ("由检查人员进一步核实" in told) is bool(counts["undetermined"])
    _annexes_are_true(document, units, without)


def _share(part: int, whole: int) -> str:
    if not whole:
        return "—"
    rounded = f"{100 * part / whole + 1e-9:.1f}".removesuffix(".0")
    return f"{rounded}%"


@pytest.mark.parametrize("name", ["html", "xlsx", "docx"])
def test_every_report_rounds_a_share_alike(name: str) -> None:
    fates = "+" * 5 + "-" * 11
    run = run_with(*(site(n, f"局{n}", fate) for n, fate in enumerate(fates)))
    data = written(name, run)
    told = (
        data.decode()
        if name == "html"
        else "".join(
            ZipFile(io.BytesIO(data)).read(part).decode()
            for part in ZipFile(io.BytesIO(data)).namelist()
            if part in ("word/document.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml")
        )
    )
    assert "31.3%" in told
    assert "31.2%" not in told


def _annexes_are_true(
    document: Document, units: dict[tuple[str, str | None], str], without: int
) -> None:
    tables = list(document.tables)
    if any(office for _, office in units) or without:
        rows = [[cell.text for cell in row.cells] for row in tables.pop(0).rows]
        *groups, whole = rows[1:]
        for column in range(2, 8):
            assert sum(int(row[column]) for row in groups) == int(whole[column])
        for row in groups:
            office = None if row[1] == "其他" else row[1]
            mine = Counter(fate for (_, o), fate in units.items() if o == office)
            extra = without if office == "教育局" else 0
            assert [int(cell) for cell in row[2:8]] == [
                mine.total() + extra,
                *(mine[fate] for fate in ("pass", "fail", "undetermined", "waived")),
                extra,
            ]
    if failing := [name for (name, _), fate in units.items() if fate == "fail"]:
        rows = [[cell.text for cell in row.cells] for row in tables.pop(0).rows[1:]]
        assert sorted(row[1] for row in rows if row[0].isdigit()) == sorted(failing)
    if passing := [name for (name, _), fate in units.items() if fate == "pass"]:
        names = [cell.text for row in tables.pop(0).rows for cell in row.cells]
        assert sorted(n.partition("．")[2] for n in names if "．" in n) == sorted(passing)
    assert tables == []


def rounds() -> tuple[ScanRun, ScanRun]:
    """Two rounds, a month apart: one unit mended, one failed twice, one newly fails."""
    now = run_with(*(site(n, "甲乙丙"[n], fate) for n, fate in enumerate("+--")))
    then = run_with(*(site(n, "甲乙丙"[n], fate) for n, fate in enumerate("--+")))
    month_ago = NOON - timedelta(days=30)
    earlier = [
        report.model_copy(
            update={
                "observations": tuple(
                    seen.model_copy(update={"taken_at": month_ago}) for seen in report.observations
                )
            }
        )
        for report in then.reports
    ]
    before = {"started_at": month_ago, "finished_at": month_ago}
    return now, run_with(*earlier, **before)


def test_the_share_is_compared_with_the_round_before() -> None:
    now, then = rounds()
    told = text(circular(now, Background(previous=then)))
    assert "合格率为33.3%" in told
    assert "，与上次检查（2026年5月16日，33.3%）持平。" in told
    better = run_with(*(site(n, name, "+") for n, name in enumerate("甲乙丙")))
    assert "，比上次检查（2026年5月16日，33.3%）提高66.7个百分点。" in text(
        circular(better, Background(previous=then))
    )
    assert "上次检查" not in text(circular(now))


def confirmed(run: ScanRun) -> ScanRun:
    """The run with every fail confirmed by a person."""
    decisions = {
        (report.target.id, "p"): [
            Decision(outcome=Outcome.FAIL, by="王", at=NOON, page=fingerprint(report))
        ]
        for report in run.reports
        if report.outcome is Outcome.FAIL
    }
    return decided(run, decisions)


def test_only_who_failed_both_times_is_named_as_such_and_only_if_a_person_confirmed_it() -> None:
    now, then = rounds()
    assert failed_twice(now, then, {}, persons=1) == frozenset()
    then = confirmed(then)
    repeated = failed_twice(now, then, {}, persons=1)
    told = text(circular(now, Background(previous=then, repeated=repeated)))
    assert "（三）部分单位连续两次检查不合格：1家单位" in told
    assert "上次检查（2026年5月16日）不合格、本次检查仍不合格的单位有：乙。" in told
    assert "连续" not in text(circular(now, Background(previous=then)))


def test_a_unit_that_still_had_time_has_not_failed_twice() -> None:
    now, then = rounds()
    (failing,) = failed_twice(now, confirmed(then), {}, persons=1)
    today = office_time.today(NOON)
    for due, expected in ((today, set()), (today - timedelta(1), {failing}), (None, {failing})):
        notified = {failing: (Notified(today - timedelta(20), due),)}
        assert failed_twice(now, confirmed(then), notified, persons=1) == expected, due


def test_figures_of_other_units_are_not_compared() -> None:
    now, then = rounds()
    part = now.model_copy(update={"partial": True})
    assert "持平" in text(circular(part, Background(previous=then)))
    fewer = run_with(*list(now.reports)[:2], partial=True)
    assert "上次检查" not in text(circular(fewer, Background(previous=then)))
    broken_off = now.model_copy(update={"complete": False})
    assert "上次检查" not in text(circular(broken_off, Background(previous=then)))


def test_nobody_is_asked_to_mend_where_nobody_fails() -> None:
    told = text(circular(run_with(site(0, "甲", "+"), site(1, "乙", "?"))))
    assert "检查中未发现不合格的单位。" in told
    assert "逐项整改" not in told
    assert "均经人工核定" not in told
    broken_off = text(circular(run_with(site(0, "甲", "+"), complete=False)))
    assert "已检查的单位中未发现不合格的单位。" in broken_off


def test_the_office_and_its_deadline_stand_where_they_belong() -> None:
    now, _ = rounds()
    head = Letterhead(
        "云江市人民政府办公室", "云政办函〔2026〕12号", date(2026, 7, 15), "张三", "6251234"
    )
    lines = [p.text for p in circular(now, Background(letterhead=head)).paragraphs]
    assert lines[:2] == ["云江市人民政府办公室", "云政办函〔2026〕12号"]
    assert lines[2].startswith("云江市人民政府办公室\n关于推广方案")
    told = "\n".join(lines)
    assert "于2026年7月15日前完成，并将整改情况书面报送云江市人民政府办公室。" in told
    assert "（联系人：张三，电话：6251234）" in lines
    late = Letterhead(deadline=date(2026, 6, 15))
    assert "于____年__月__日前完成" in text(circular(now, Background(letterhead=late)))


def test_that_people_confirmed_is_said_only_where_they_did() -> None:
    now, _ = rounds()
    assert "人工核定" not in text(circular(now))
    assert "不合格的单位均经人工核定" in text(circular(confirmed(now)))


def test_groups_all_of_whose_units_pass_are_named() -> None:
    run = run_with(site(0, "甲", "+", "教育局"), site(1, "乙", "-", "卫健委"))
    assert "按主管部门统计，所属单位全部合格的有：教育局（1家）。" in text(circular(run))


def _words(document: Document) -> Iterator[str]:
    for paragraph in document.paragraphs:
        yield paragraph.text
    for table in document.tables:
        for row in table.rows:
            for cell in row.cells:
                yield cell.text


def test_no_english_stands_in_a_circular() -> None:
    other = unit("己", page(link("http://p.test/x"), code("other")), [PORTAL])
    run = run_with(*(site(n, str(n), fate) for n, fate in enumerate("+-?w")), other)
    said = " ".join(_words(circular(run)))
    assert not re.findall(r"[A-Za-z]{3,}", re.sub(r"https?://\S+", "", said))
