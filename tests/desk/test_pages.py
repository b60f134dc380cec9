"""What the desk shows of runs: the same as the history and the formats say."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest

from support.cli import ycaudit
from support.golden import golden_run
from support.history import run as history_run
from support.pages import blind, page
from support.windows import Window, opened_desk
from ycaudit.auditing.papers import Office, availability_of
from ycaudit.cli import settings
from ycaudit.model import MemoryReports, Policy, ScanRun, Sense
from ycaudit.report.formats import FORMATS, Background
from ycaudit.report.letterhead import Letterhead
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.runs.history import opened

RULES = "name: 规则\nrequirements:\n  - {id: p, name: 门户, kind: link, accept: [{host: p.test}]}\n"

HOUR = timedelta(hours=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "r.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path


@pytest.fixture
def window(folder: Path) -> Iterator[Window]:
    with opened_desk(folder, *rounds(), golden_run()) as opened_one:
        yield opened_one


def rounds() -> tuple[ScanRun, ScanRun]:
    """Two rounds: 甲 has mended it, 乙 has not, 丙 is new and down."""
    return history_run(0, a="-", b="-"), history_run(14, a="+", b="-", c="?")


def words(page: str) -> str:
    """What a person reads on a page."""
    main = page[page.index("<main") :]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", main)))


def units(page: str) -> list[str]:
    return re.findall(r'<a href="/run/[^"]*/unit/\d+"><b>([^<]*)</b>', page)


def test_the_first_page_lists_every_run_the_newest_first(window: Window) -> None:
    page = window.text("/")
    found = re.findall(r'<a href="/run/([^"]*)">', page)
    assert found == [golden_run().id, rounds()[1].id, rounds()[0].id]
    assert "2026-06-15 16:00" in words(page)  # as the history says it, by the office's clock


def test_the_chart_shows_only_rounds_by_the_same_rules(folder: Path) -> None:
    other = rounds()[1].model_copy(update={"id": "z", "rules": Policy(name="别的", sha256="1")})
    with opened_desk(folder, *rounds()) as window:
        assert window.text("/").count("<g><title>") == 2
    (folder / "history.sqlite3").unlink()
    with opened_desk(folder, rounds()[0], other) as window:
        assert "<g><title>" not in window.text("/")


def test_offices_are_set_beside_each_other_round_by_round(folder: Path) -> None:
    def under(run: ScanRun, **offices: str) -> ScanRun:
        reports = [
            report.model_copy(update={"target": report.target.model_copy(
                update={"office": offices[report.target.id]}
            )})
            for report in run.reports
        ]  # fmt: skip
        return run.header.with_reports(MemoryReports(reports))

    first, second = rounds()
    first = under(first, a="教育局", b="教育局<b>")
    second = under(second, a="教育局", b="教育局<b>", c="卫健委")
    with opened_desk(folder, first, second) as window:
        assert "/offices" in window.text("/")
        page = window.text("/offices")
    rows = re.findall(r"<tr><th scope=\"row\"[^>]*>(.*?)</tr>", page, re.S)
    assert [words(f"<main>{row}").strip() for row in rows] == [
        "教育局 0 / 1（0%） 1 / 1（100%）",
        "教育局<b> 0 / 1（0%） 0 / 1（0%）",
        "卫健委 — 0 / 1（0%）",
    ]


def test_an_empty_desk_says_where_to_begin(folder: Path) -> None:
    with opened_desk(folder) as window:
        assert "还没有检查过" in window.text("/")
        assert "还没有名单" in window.text("/list")
        assert "还没有名单" in window.text("/check")
        assert window.get("/run/last").status_code == 400


def test_an_empty_folder_is_told_what_it_lacks_and_begun_by_a_button(tmp_path: Path) -> None:
    with opened_desk(tmp_path) as window:
        for path in ("/", "/rules"):
            page = words(window.text(path))
            assert f"规则（{tmp_path / 'rules'}）" in page
            assert f"名单（{tmp_path / 'targets.yaml'}）" in page
        assert window.post("/begin").headers["location"] == "/rules?notice=begun"
        assert "共 2 项要求" in words(window.text("/rules"))
        assert "还没有：" not in words(window.text("/"))
    cli = tmp_path / "by the command"
    assert ycaudit("init", cli).returncode == 0
    places = sorted(path.relative_to(cli) for path in cli.rglob("*") if path.is_file())
    for place in places:
        # The desk has begun elsewhere to keep what it does, and goes on there.
        own = (tmp_path / place).read_bytes().replace(b"\n# history =", b"\nhistory =")
        assert own == (cli / place).read_bytes()
    found = settings.find(tmp_path, {})
    assert found is not None
    assert "history" not in found.table


def test_what_is_there_is_never_written_over_by_examples(folder: Path) -> None:
    (folder / "ycaudit.toml").write_text("# mine\n", encoding="utf-8")
    with opened_desk(folder) as window:
        window.post("/begin")
    assert (folder / "ycaudit.toml").read_text(encoding="utf-8") == "# mine\n"
    assert [path.name for path in (folder / "rules").iterdir()] == ["r.yaml"]
    assert (folder / "targets.yaml").exists()


def test_no_button_offers_examples_that_the_desk_would_not_read(tmp_path: Path) -> None:
    with opened_desk(tmp_path, targets=tmp_path / "名单.yaml") as window:
        page = window.text("/rules")
    assert "还没有：" in page
    assert 'action="/begin"' not in page


def test_what_went_wrong_leads_back_to_the_form_and_names_no_command(window: Window) -> None:
    form = f"/run/{golden_run().id}/cases?state=found"
    for referer, back in (
        (window.root + form, form),
        ("http://evil.test/", ""),
        (window.origin + form, ""),
        (f"{window.root}//evil.test/", ""),
        (f"{window.origin}.evil.test/", ""),
    ):
        page = window.get("/run/none", headers={"Referer": referer}).text
        assert "no run &#39;none&#39;" in page
        assert "ycaudit history" not in page
        found = re.findall(r'<a class="button" href="([^"]*)">', page)
        assert [unescape(path) for path in found] == [back] * bool(back)


def test_a_site_that_could_not_be_reached_says_so_once_and_rests_on_nobody(folder: Path) -> None:
    run = history_run(0, a="?")
    (report,) = run.reports
    twice = report.model_copy(update={"observations": report.observations * 2})
    with opened_desk(folder, run.header.with_reports(MemoryReports([twice]))) as window:
        page = words(window.text(f"/run/{run.id}/unit/0"))
    assert page.count("未能看到首页：") == 1
    assert "依据" not in page


def test_all_that_could_not_be_seen_can_be_opened(folder: Path) -> None:
    spots = [blind(Sense.LINK, why=f"part {n}") for n in range(3)]
    rule = LinkRequirement(id="p", name="门户", kind="link", accept=[{"host": "p.test"}])
    run = history_run(0, a="-")
    (report,) = run.reports
    seen = page(*spots)
    verdicts = Unit(target=report.target, requirements=(rule,)).judge(seen)
    partly = report.model_copy(update={"observations": (seen,), "verdicts": verdicts})
    with opened_desk(folder, run.header.with_reports(MemoryReports([partly]))) as window:
        for path in ("unit/0", "review"):
            text = words(window.text(f"/run/{run.id}/{path}"))
            assert "未能看到的 3 处 part 0 part 1 part 2" in text


def test_the_papers_say_what_is_set_for_them_and_where(folder: Path) -> None:
    office = Office(letterhead=Letterhead(issuer="云江市政府办"))
    with opened_desk(folder, golden_run(), office=office) as window:
        text = words(window.text(f"/run/{golden_run().id}/papers"))
    assert "署名 云江市政府办 文号 未设置，公文中留空" in text
    assert "ycaudit.toml" in text


def test_a_sheet_is_looked_at_without_its_empty_ends(window: Window) -> None:
    run = golden_run()
    page = window.text(f"/run/{run.id}/papers/form")
    rows = [re.findall(r"<td[^>]*>", row) for row in re.findall(r"<tr>(.*?)</tr>", page)]
    assert {len(row) for row in rows} == {1, 8}
    assert all('colspan="8"' in row[0] for row in rows if len(row) == 1)


def test_a_run_is_narrowed_by_outcome_and_words(window: Window) -> None:
    here = f"/run/{rounds()[1].id}"
    assert units(window.text(here)) == ["b局", "c局", "a局"]  # what has to be done first
    assert units(window.text(f"{here}?outcome=fail")) == ["b局"]
    assert units(window.text(f"{here}?outcome=pass&text=A.TEST")) == ["a局"]
    assert units(window.text(f"{here}?text=none")) == []


def test_a_long_list_comes_in_parts_that_hold_all_units(folder: Path) -> None:
    whole = history_run(0, **{f"u{n:03}": "+-?"[n % 3] for n in range(230)})
    with opened_desk(folder, whole) as window:
        address, found = f"/run/{whole.id}", []
        while address:
            page = window.text(address)
            found += units(page)
            after = re.search(r'rel="next" href="([^"#]*)', page)
            address = f"/run/{whole.id}{unescape(after[1])}" if after else ""
    assert sorted(found) == sorted(report.target.name for report in whole.reports)


def test_a_unit_shows_each_verdict_with_its_reason_and_what_changed(window: Window) -> None:
    run = rounds()[1]
    page = words(window.text(f"/run/{run.id}/unit/1"))
    (verdict,) = run.reports[1].verdicts
    assert f"不合格 {verdict.name}" in page
    assert verdict.why.translated() in page
    assert "仍未整改（自 2026-06-01，连续 2 次未整改）" in page


def test_sites_of_one_unit_stand_on_one_page(folder: Path) -> None:
    run = history_run(0, a="+", b="-")
    one, other = (
        r.model_copy(update={"target": r.target.model_copy(update={"unit": "云江市"})})
        for r in run.reports
    )
    whole = run.header.with_reports(MemoryReports([one, other]))
    with opened_desk(folder, whole) as window:
        assert units(window.text(f"/run/{run.id}")) == ["云江市"]
        first, second = (window.text(f"/run/{run.id}/unit/{n}") for n in (0, 1))
    assert "a局" in words(first)
    assert "b局" in words(first)
    assert first == second.replace(f"/run/{run.id}/unit/1", f"/run/{run.id}/unit/0")


@pytest.mark.parametrize("place", ["8", "-1", "x", "1" * 40, "²"])
def test_a_unit_that_is_not_there_is_not_found(window: Window, place: str) -> None:
    assert window.get(f"/run/{golden_run().id}/unit/{place}").status_code == 404


def test_changes_are_those_that_diff_tells(window: Window) -> None:
    page = words(window.text(f"/run/{rounds()[1].id}/changes"))
    assert "仍未整改 1 项 b局 门户 自 2026-06-01，连续 2 次未整改" in page
    assert "已整改 1 项 a局 门户" in page
    assert "新增单位 1 c局" in page
    assert "从未看到首页的网站 1 c局 已检 1 次" in page


def test_every_format_is_the_one_that_show_writes(window: Window, folder: Path) -> None:
    run = golden_run()
    for name, chosen in FORMATS.items():
        if not chosen.suffix:
            continue
        assert window.get(f"/run/{run.id}/papers/{name}").status_code == 200, name
        answer = window.post(f"/run/{run.id}/papers/{name}")
        if chosen.names:
            assert answer.status_code == 400, name
            assert "no person has confirmed" in unescape(answer.text)
            continue
        assert answer.status_code == 200, name
        assert answer.headers["content-disposition"].startswith("attachment; "), name
        if name in ("json", "csv", "html"):
            out = io.BytesIO()
            with opened(folder / "history.sqlite3") as kept:
                there = Background(availability=availability_of(run, kept, None))
                chosen.render(kept.load(run.id), out, background=there)
            assert answer.content == out.getvalue(), name


def test_papers_that_name_units_wait_for_a_person(window: Window, folder: Path) -> None:
    run = rounds()[1]
    path = f"/run/{run.id}/review"
    card = window.form(window.text(f"{path}?what=fail"), path)
    assert window.post(path, **card, all="fail", by="王敏").status_code == 303
    circular = window.post(f"/run/{run.id}/papers/docx")
    assert circular.status_code == 200
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(circular.content)).paragraphs)
    assert "不合格1家" in text
    with opened(folder / "history.sqlite3") as kept:
        assert not kept.past().named  # a paper that was written is no circular issued


def test_a_preview_says_what_the_paper_says_and_names_nobody_in_the_history(
    window: Window, folder: Path
) -> None:
    run = golden_run()
    page = words(window.text(f"/run/{run.id}/papers/docx"))
    assert "落实情况的通报" in page
    assert "乙中学" in page
    notices = words(window.text(f"/run/{run.id}/papers/notice"))
    assert "整改通知书" in notices
    with opened(folder / "history.sqlite3") as kept:
        assert kept.past().named == {}


def test_the_report_itself_is_shown_as_nobodys_page(window: Window) -> None:
    answer = window.get(f"/run/{golden_run().id}/papers/html/sheet")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'; ")
    assert "script-src 'sha256-" in policy
    assert "allow-same-origin" not in policy
    assert "乙中学" in answer.text
    assert window.get(f"/run/{golden_run().id}/papers/json/sheet").status_code == 404


def test_papers_of_one_category_are_about_its_units_alone(window: Window) -> None:
    run = golden_run()
    whole = window.post(f"/run/{run.id}/papers/notice", tag="学校")
    assert whole.status_code == 400  # nobody has confirmed these either
    answer = window.post(f"/run/{run.id}/papers/json", tag="学校")
    found = ScanRun.model_validate_json(answer.content)
    assert {t for r in found.reports for t in r.target.tags} == {"学校"}
    assert found.partial
    assert window.get(f"/run/{run.id}/papers?office=none").status_code == 400


def test_the_proof_is_an_archive(window: Window) -> None:
    answer = window.post(f"/run/{golden_run().id}/papers/proof")
    with ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None


def test_a_check_again_is_a_part_of_its_round(folder: Path) -> None:
    first, second = rounds()
    again = history_run(16, a="+", b="+", c="?").model_copy(update={"carries": second.id})
    with opened_desk(folder, first, second, again) as window:
        page = window.text("/")
        assert re.findall("<g><title>([^<]*)</title>", page) == ["2026-06-01", "2026-06-15"]
        assert "2026-06-15 16:00" in words(page[page.index("<table") :].replace("<table", "<main"))
        assert second.id not in words(page)


def test_rounds_of_one_day_are_told_apart_by_their_time(folder: Path) -> None:
    first, second = rounds()
    later = second.model_copy(update={"id": "x", "started_at": second.started_at + HOUR})
    with opened_desk(folder, first, second, later) as window:
        names = re.findall("<g><title>([^<]*)</title>", window.text("/"))
    assert names == ["2026-06-01", "2026-06-15 16:00", "2026-06-15 17:00"]
