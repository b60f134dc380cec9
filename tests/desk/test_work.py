"""The desk's work: a list is taken over, homepages are checked, codes become rules."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from support.codes import PAYLOAD, picture, saved
from support.town import PORTAL, Town, built
from support.windows import Window, opened_desk
from ycaudit.auditing import service
from ycaudit.desk import extra
from ycaudit.errors import AuditError
from ycaudit.inputs.plan import load_rules
from ycaudit.model import Outcome, ScanRun
from ycaudit.runs.history import opened

RULES = """\
name: 云江市网站规定
requirements:
  # 门户
  - {id: portal, name: 门户, kind: link, accept: [{host: p.test}]}
  - {id: wechat, name: 微信, kind: qr, accept: []}
"""
CODE = '<p>政府微信 <img src="/code.png" alt="微信" width="148" height="148"></p>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "rules.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path


@pytest.fixture
def town() -> Iterator[Town]:
    with built() as there:
        there.pages = {"a": PORTAL + CODE, "b": CODE}
        there.files["code.png"] = saved(picture())
        yield there


@pytest.fixture
def window(folder: Path) -> Iterator[Window]:
    with opened_desk(folder) as opened_one:
        yield opened_one


def workbook(folder: Path, *rows: tuple[str, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in (("单位", "网址", "电话", "职能"), *rows):
        book.active.append(row)
    file = folder / "名单.xlsx"
    book.save(file)
    return file.read_bytes()


def handed_in(window: Window, name: str, data: bytes) -> str:
    """The address at which the list is shown before it is taken over."""
    answer = window.post("/list", files={"list": (name, data)})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def take(window: Window, address: str, page: str) -> Any:
    (mark,) = re.findall(r'name="mark" value="(\w+)"', page)
    return window.post(address, mark=mark)


# --- 名单 --------------------------------------------------------------------------------------


def test_a_workbook_is_shown_row_by_row_before_anything_is_taken(
    window: Window, folder: Path
) -> None:
    data = workbook(
        folder, ("甲局", "a.test", "1", "x"), ("乙局", "见附件", "", ""), ("丙局", "", "", "")
    )
    address = handed_in(window, "名单.xlsx", data)
    page = window.text(address)
    assert not (folder / "targets.yaml").exists()
    assert "<b>2</b> <span>家单位" in page
    assert "<b>1</b> <span>家未开设网站" in page
    assert "<b>1</b> <span>行未采用" in page
    assert re.search(r"<b>第 3 行</b> 乙局: &#39;见附件&#39;", page)
    assert "名单.xlsx:2: &#39;a.test&#39; is read as http://a.test" in page
    assert re.search(r"名单.xlsx:1: columns taken: [^<]*单位 \(unit\)", page)
    assert re.search(r"名单.xlsx:1: [^<]*: 职能<", page)
    assert str(window.desk.uploads.get(address.rpartition("/")[2]).path.parent) not in page
    assert take(window, address, page).status_code == 303
    assert "甲局" in (folder / "targets.yaml").read_text(encoding="utf-8")
    assert "共 2 家单位，1 个网站" in window.text("/list")


def test_a_row_that_repeats_another_counts_as_left_out_and_its_unit_is_named(
    window: Window, folder: Path
) -> None:
    data = workbook(
        folder, ("二中", "http://b.test/", "", ""), ("二中东校区", "http://b.test/", "", "")
    )
    page = window.text(handed_in(window, "名单.xlsx", data))
    assert "<b>1</b> <span>行未采用" in page
    assert page.count("stands in row 2 already") == 1
    assert "<b>第 3 行</b> 二中东校区: " in page
    assert "因此不在名单中的单位：二中东校区" in page


def rows_of(page: str) -> list[list[str]]:
    """The texts of the cells of the tables of a page."""
    return [
        [" ".join(re.sub(r"<[^>]*>", "", cell).split()) for cell in re.findall(CELL, row, re.S)]
        for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL)
    ]


CELL = r"<t[hd][^>]*>(.*?)</t[hd]>"


def test_what_a_person_must_look_at_stands_above_the_rows(window: Window) -> None:
    sheet = (
        "单位,网址,联系人,电话,邮箱,类别\n"
        "统计局,,李,2712345604,,\n水务局,无,,,不知道,\n甲局,http://u:geheim@a.test/,,,w@a.test,\n"
    )
    address = handed_in(window, "名单.csv", sheet.encode())
    page = window.text(address)
    doubts = re.findall(r"<li>名单.csv:(.*?)</li>", page.partition("照原样采用，但可能有误")[2])
    assert [unescape(text) for text in doubts[:3]] == [
        "2: 统计局: the address cell is empty, so it is counted as running no website; if it runs "
        "one, fill in the address",
        "2: 统计局: the telephone 2712345604 may lack the 0 of its area code",
        "3: 水务局: '不知道' is no e-mail address",
    ]
    assert rows_of(page) == [
        ["行", "单位", "网址", "联系人", "电话", "邮箱"],
        ["2", "统计局", "未开设网站（网址一栏是空的）", "李", "2712345604", "—"],
        ["3", "水务局", "未开设网站", "—", "—", "不知道"],
        ["4", "甲局", "http://a.test/", "—", "—", "w@a.test"],
    ]
    take(window, address, page)
    shown = window.text("/list")
    assert rows_of(shown) == [
        ["单位", "网址"],
        ["甲局", "http://a.test/"],
        ["统计局", "未开设网站"],
        ["水务局", "未开设网站"],
    ]
    assert "geheim" not in page + shown


def test_of_many_sites_of_one_unit_the_first_are_shown(window: Window) -> None:
    rows = "".join(f"甲局,http://a{n}.test/\n" for n in range(21))
    ((_, *rest),) = rows_of(window.text(handed_in(window, "a.csv", f"单位,网址\n{rows}".encode())))[
        1:
    ]
    assert rest[1].count("http://") == 20
    assert rest[1].endswith("http://a19.test/；只显示前 20 个。")


def test_a_list_that_is_in_use_says_so_when_one_goes_back(window: Window) -> None:
    sheet = "单位,网址\n甲局,http://a.test/\n".encode()
    address = handed_in(window, "a.csv", sheet)
    page = window.text(address)
    assert "尚未启用" in page
    take(window, address, page)
    for again in (address, handed_in(window, "a.csv", sheet)):
        page = window.text(again)
        assert "已经启用" in page and "尚未启用" not in page
        assert 'name="mark"' not in page
    other = window.text(handed_in(window, "a.csv", sheet + "乙局,http://b.test/\n".encode()))
    assert "尚未启用" in other and 'name="mark"' in other
    yaml = handed_in(window, "b.yaml", b"units: [http://b.test/]\n")
    take(window, yaml, window.text(yaml))
    assert "已经启用" in window.text(yaml)
    assert "尚未启用" in window.text(address)


def test_samples_are_marked_as_such(window: Window, folder: Path) -> None:
    start = files("ycaudit") / "starting" / "zh" / "targets.yaml"
    (folder / "targets.yaml").write_bytes(start.read_bytes())
    page = window.text("/list")
    assert "其中 2 个是样例，并非真实网站" in page
    assert rows_of(page)[1][0] == "教育局 （样例）"
    (folder / "targets.yaml").write_text("units: [http://a.test/]\n", encoding="utf-8")
    assert "样例" not in window.text("/list")


def test_a_list_is_taken_over_as_import_does_with_ids_kept(window: Window, folder: Path) -> None:
    (folder / "targets.yaml").write_text(
        'units:\n  - {id: old, name: 甲局, url: "http://a.test/"}\n', encoding="utf-8"
    )
    data = workbook(folder, ("甲局（新）", "http://a.test/", "", ""), ("乙局", "b.test", "", ""))
    address = handed_in(window, "新.xlsx", data)
    page = window.text(address)
    assert "added, 1: 乙局" in page
    assert "renamed: 甲局 is 甲局（新） now; its id stays old" in page
    take(window, address, page)
    assert "id: old" in (folder / "targets.yaml").read_text(encoding="utf-8")


def test_passwords_of_a_list_are_taken_over_and_not_shown(window: Window, folder: Path) -> None:
    targets = folder / "targets.yaml"
    targets.write_text(
        'units: [{id: a, name: 甲局, url: "http://u:alt@a.test/"}]', encoding="utf-8"
    )
    data = workbook(folder, ("甲局", "http://u:geheim@a.test/x", "", ""))
    address = handed_in(window, "新.xlsx", data)
    page = window.text(address)
    assert "http://a.test/x" in page
    assert take(window, address, page).status_code == 303
    assert "geheim" in targets.read_text(encoding="utf-8")
    for shown in (page, window.text("/list")):
        assert "geheim" not in shown
        assert "u:alt" not in shown


def test_a_list_that_was_changed_meanwhile_is_not_written_over(
    window: Window, folder: Path
) -> None:
    address = handed_in(window, "a.csv", "单位,网址\n甲局,http://a.test/\n".encode())
    page = window.text(address)
    (folder / "targets.yaml").write_text("units: [http://b.test/]\n", encoding="utf-8")
    refused = take(window, address, page)
    assert refused.status_code == 400
    assert "was changed since this page was opened" in refused.text
    assert (folder / "targets.yaml").read_text(encoding="utf-8") == "units: [http://b.test/]\n"


def test_a_yaml_list_is_taken_as_it_is_if_it_is_in_order(window: Window, folder: Path) -> None:
    data = "# 我的名单\nunits:\n  - {name: 甲局, url: 'http://a.test/'}\n".encode()
    address = handed_in(window, "list.yaml", data)
    assert take(window, address, window.text(address)).status_code == 303
    assert (folder / "targets.yaml").read_bytes() == data
    wrong = handed_in(window, "list.yaml", b"units:\n  - {nam: x}\n")
    page = window.text(wrong)
    assert "list.yaml:2:" in page
    assert "启用这份名单" not in page


@pytest.mark.parametrize("name", ["list.exe", "list", "list.html", "list.yaml.exe"])
def test_other_files_are_no_lists(window: Window, name: str) -> None:
    assert window.post("/list", files={"list": (name, b"x")}).status_code == 400


def test_a_form_without_a_file_says_so(window: Window) -> None:
    answer = window.post("/list", files={"list": ("", b"")})
    assert answer.status_code == 400
    assert "choose a file first" in answer.text


def test_a_list_that_is_a_workbook_is_not_replaced(folder: Path) -> None:
    (folder / "名单.xlsx").write_bytes(workbook(folder, ("甲局", "http://a.test/", "", "")))
    with opened_desk(folder, targets=folder / "名单.xlsx") as window:
        assert "共 1 家单位" in window.text("/list")
        address = handed_in(window, "a.csv", "单位,网址\n甲,http://b.test/\n".encode())
        assert take(window, address, window.text(address)).status_code == 400


# --- 检查 --------------------------------------------------------------------------------------


def ended(window: Window) -> ScanRun:
    """The scan that was started, once it has ended."""
    audit = window.desk.audits.scan
    assert audit is not None
    audit.join()
    assert audit.run is not None, audit.error
    return audit.run


def test_a_check_is_the_run_that_scan_makes(window: Window, folder: Path, town: Town) -> None:
    town.write_list(folder, a="甲局", b="乙局")
    (folder / "rules" / "rules.yaml").write_text(RULES, encoding="utf-8")
    assert "共 2 家单位" in window.text("/check")
    assert window.post("/check", how="whole").status_code == 303
    run = ended(window)
    with opened(folder / "history.sqlite3") as kept:
        assert kept.load("last") == run
    assert [r.outcome for r in run.reports] == [Outcome.UNDETERMINED, Outcome.FAIL]
    page = window.text("/check")
    assert "检查完成" in page
    assert f'href="/run/{run.id}"' in page
    assert "不用浏览器检查" in page


def test_a_check_goes_on_when_no_window_looks_and_is_found_again(
    folder: Path, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.write_list(folder, a="甲局", b="乙局")
    gate = threading.Event()
    with opened_desk(folder) as window:
        held(monkeypatch, gate)
        window.post("/check", how="whole")
        assert "检查进行中：已完成 0 / 2" in window.text("/")
        page = window.text("/check")
        assert "data-progress" in page
        assert "停止检查" in page
        twice = window.post("/check", how="whole")
        assert twice.status_code == 400
        assert "a check is running already" in twice.text
        gate.set()
        assert len(ended(window).reports) == 2


def held(monkeypatch: pytest.MonkeyPatch, gate: threading.Event) -> None:
    """Audits begin when the gate opens."""
    run = service.run

    def waiting(*things: Any, **more: Any) -> ScanRun:
        gate.wait()
        return run(*things, **more)

    monkeypatch.setattr(service, "run", waiting)


def test_a_check_that_is_stopped_keeps_what_is_finished_and_goes_on_later(
    folder: Path, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.write_list(folder, a="甲局", b="乙局")
    gate = threading.Event()
    with opened_desk(folder) as window:
        held(monkeypatch, gate)
        window.post("/check", how="whole")
        window.post("/check/stop")
        assert "正在停止" in window.text("/check")
        gate.set()
        stopped = ended(window)
        assert not stopped.complete
        page = window.text("/check")
        assert "检查已停止，已完成的部分保留" in page
        window.post("/check", how="resume")
        whole = ended(window)
    assert whole.id == stopped.id
    assert whole.complete
    assert [r.target.name for r in whole.reports] == ["甲局", "乙局"]


def test_what_has_ended_with_the_desk_goes_on_at_the_next_one(
    folder: Path, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.write_list(folder, a="甲局", b="乙局")
    gate = threading.Event()
    with monkeypatch.context() as patch, opened_desk(folder) as window:
        held(patch, gate)
        window.post("/check", how="whole")
        window.post("/check/stop")
        gate.set()
    with opened_desk(folder) as window:
        assert "中途停止" in window.text("/check")
        window.post("/check", how="resume")
        assert ended(window).complete


def test_only_what_failed_is_looked_at_again(window: Window, folder: Path, town: Town) -> None:
    town.write_list(folder, a="甲局", b="乙局")
    window.post("/check", how="whole")
    first = ended(window)
    town.pages["b"] = PORTAL
    window.post("/check", how="undetermined")
    again = ended(window)
    assert again.carries == first.id
    assert window.post("/check", how="nothing").status_code == 400


def test_a_check_that_cannot_begin_says_why(window: Window, folder: Path) -> None:
    assert window.post("/check", how="whole").status_code == 400  # there is no list
    (folder / "targets.yaml").write_text("units: []\n", encoding="utf-8")
    page = window.text("/check")
    assert "名单或规则有误" in page
    assert "开始检查" not in page


def test_one_address_is_looked_at_and_not_kept(window: Window, folder: Path, town: Town) -> None:
    answer = window.post("/look", url=town.url("a"))
    assert answer.status_code == 303
    (audit,) = window.desk.audits.looks.values()
    audit.join()
    page = window.text(answer.headers["location"])
    assert town.url("a") in page
    assert "门户" in page
    with opened(folder / "history.sqlite3") as kept:
        assert list(kept.entries()) == []
    for url in ("", "ftp://a.test/", "javascript:alert(1)"):
        assert window.post("/look", url=url).status_code == 400
    assert window.get("/look/99").status_code == 404


# --- 规则 --------------------------------------------------------------------------------------


def payloads(folder: Path) -> list[str | None]:
    requirements, _ = load_rules([folder / "rules"])
    return [a.payload for r in requirements if r.id == "wechat" for a in r.accept]


def test_the_requirements_stand_in_words(window: Window, folder: Path) -> None:
    more = """\
  - {id: old, name: 旧站, kind: link, expect: absent, accept: [{domain: old.test}]}
  - {id: m, name: 手机版, kind: link, accept: [{host: [m.test, n.test], path: "/city/*"}]}
  - {id: icp, name: 备案号, kind: text,
     accept: [{pattern: '^ICP备[0-9]+$', sample: ICP备1, verified: false}]}
  - {id: ads, name: 广告, kind: text, expect: absent, accept: [{text: 招租}]}
"""
    (folder / "rules" / "rules.yaml").write_text(RULES + more, encoding="utf-8")
    shown = window.text("/rules")
    sections = re.findall(r"<section class=.rule.*?</section>", shown, re.DOTALL)
    told = [" ".join(re.sub(r"<[^>]*>", " ", each).split()) for each in sections]
    portal, wechat, old, mobile, icp, ads = told
    assert "首页应当有通往此处的链接" in portal and "认可的内容： p.test/*" in portal
    assert "首页应当出现这个二维码" in wechat and "has no verified payload" in wechat
    assert "首页不得出现这个链接" in old
    assert "不得出现的内容： old.test/* *.old.test/*" in old
    assert "m.test/city/* n.test/city/*" in mobile
    assert "首页应当出现这段文字" in icp
    assert "of the form of ICP备1 尚未核实，不作为合格依据" in icp
    assert "首页不得出现这段文字" in ads and "不得出现的内容： 招租" in ads


def test_waivers_and_the_source_of_the_rules_are_shown(window: Window, folder: Path) -> None:
    rules = RULES.replace("requirements:", "source: 政办发〔2026〕7号\nrequirements:", 1)
    (folder / "rules" / "rules.yaml").write_text(rules, encoding="utf-8")
    (folder / "targets.yaml").write_text(
        "units: [{id: a, name: 甲局, url: 'http://a.test/'}]\nwaivers:\n  - {unit: a, "
        "requirement: wechat, reason: 改版, approved_by: 李, until: 2099-03-31}\n",
        encoding="utf-8",
    )
    assert "豁免至 2099-03-31" in window.text("/list")
    assert "依据：政办发〔2026〕7号" in window.text("/rules")


def read_in(window: Window, name: str, data: bytes) -> dict[str, str]:
    """The form that shows the one code of a picture, before a person confirms it."""
    page = window.post("/rules/wechat/picture", files={"picture": (name, data)}).text
    (code,) = re.findall(r'name="code" value="(\w+)"', page)
    return {**window.form(page, "/rules/wechat"), "code": code}


def test_a_code_is_pinned_of_a_picture_once_a_person_confirms_it(
    window: Window, folder: Path
) -> None:
    form = read_in(window, "码.png", saved(picture()))
    assert payloads(folder) == []
    nowhere = window.post("/rules/wechat", **form)
    assert nowhere.status_code == 400
    assert "say where this code comes from" in nowhere.text
    written = window.post("/rules/wechat", **form, source="来文", exhaustive="all")
    assert written.status_code == 303
    assert payloads(folder) == [PAYLOAD]
    text = (folder / "rules" / "rules.yaml").read_text(encoding="utf-8")
    assert "# 门户" in text
    assert "来文" in text
    assert list((folder / "rules" / "codes").iterdir())


def test_what_is_not_in_the_picture_is_not_pinned_and_the_rules_stay(
    window: Window, folder: Path
) -> None:
    form = {**read_in(window, "码.png", saved(picture())), "source": "来文"}
    for wrong in (
        {"image": "0" * 32},
        {"code": "0" * 64},
        {"code": ""},
        {"payload": "x", "code": ""},
    ):
        answer = window.post("/rules/wechat", **{**form, **wrong})
        assert answer.status_code == 400
        assert (folder / "rules" / "rules.yaml").read_text(encoding="utf-8") == RULES


@pytest.mark.parametrize("payload", ["BEGIN:VCARD\nN:x\nEND:VCARD", "一\r\n二", " x "])
def test_a_code_of_several_lines_is_pinned_as_it_is_whatever_a_browser_makes_of_them(
    window: Window, folder: Path, payload: str
) -> None:
    form = read_in(window, "码.png", saved(picture(payload)))
    sent = {name: re.sub(r"\r?\n", "\r\n", value) for name, value in form.items()}  # as they do
    assert window.post("/rules/wechat", **sent, source="来文").status_code == 303
    assert payloads(folder) == [payload]


def test_where_the_picture_cannot_be_kept_it_is_said_that_the_rules_were_written(
    window: Window, folder: Path
) -> None:
    (folder / "rules" / "codes").write_bytes(b"no folder")
    answer = window.post(
        "/rules/wechat", **read_in(window, "码.png", saved(picture())), source="文"
    )
    assert answer.status_code == 400
    assert "the code is in the rules now, but its picture was not kept" in answer.text
    assert payloads(folder) == [PAYLOAD]


def test_a_code_is_pinned_of_what_units_show(window: Window, folder: Path, town: Town) -> None:
    town.write_list(folder, a="甲局", b="乙局")
    (folder / "rules" / "rules.yaml").write_text(RULES, encoding="utf-8")
    window.post("/check", how="whole")
    run = ended(window)
    page = window.text("/rules/wechat")
    assert PAYLOAD in page
    assert "2 个网站中有 2 个显示它" in page
    assert "这些网站共用 1 个域名" in page
    form = window.form(page, "/rules/wechat")
    assert form["run"] == run.id
    nobody = window.post("/rules/wechat", **form, by="")
    assert nobody.status_code == 400
    other = window.post("/rules/wechat", **{**form, "code": "0" * 64}, by="王敏")
    assert other.status_code == 400
    assert payloads(folder) == []
    assert window.post("/rules/wechat", **form, by="王敏").status_code == 303
    text = (folder / "rules" / "rules.yaml").read_text(encoding="utf-8")
    (source,) = [line for line in text.splitlines() if "source: " in line and run.id in line]
    assert "王敏" in source
    # What was seen is judged by it, without looking again.
    town.pages.clear()
    assert "按现在的规则和名单重新判定" in window.text("/rules")
    anew = window.post("/judge")
    with opened(folder / "history.sqlite3") as kept:
        judged = kept.load("last")
    assert anew.headers["location"] == f"/run/{judged.id}"
    assert judged.judges == run.id
    assert [[v.outcome for v in r.verdicts] for r in judged.reports] == [
        [Outcome.PASS, Outcome.PASS], [Outcome.FAIL, Outcome.PASS],
    ]  # fmt: skip
    assert "按现在的规则和名单重新判定" not in window.text("/rules")


def test_where_there_is_no_run_nothing_is_judged_anew(window: Window) -> None:
    assert window.post("/judge").status_code == 400


def test_what_asks_for_no_code_is_not_pinned(window: Window) -> None:
    for requirement in ("portal", "none"):
        assert window.get(f"/rules/{requirement}").status_code == 400
        assert window.post(f"/rules/{requirement}", code="x", source="y").status_code == 400


def test_without_the_extra_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda name: None if name == "uvicorn" else name)
    with pytest.raises(AuditError, match=r'pip install "\.\[desk\]"'):
        extra.check()
