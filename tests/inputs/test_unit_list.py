"""Lists as offices keep them: what is understood, what is mended, and what is left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from support.lists import (
    HEAD,
    csv_file,
    fill,
    of_cell,
    read_or_refuse,
    refusal,
    saved,
    told,
    urls,
    workbook,
)
from ycaudit.i18n import in_language, translate
from ycaudit.inputs.unit_list import ListedSite, ListedUnit, read_list


def test_a_list_with_titles_above_and_a_footer_below_is_read(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        [
            ("宜昌市市直部门网站名单",),
            (),
            ("序号", "单 位：", "类 别", "网址（首页）", "联系人", "联系\n电话", "E-mail", "编号"),
            (1, "教育局", "市直部门、教育", "http://jyj.a.cn/", "王", 13800000000, "w@a.cn", 7),
            (2, "财政局", None, "http://czj.a.cn/", None, None, None, None),
            ("合计", None, None, "2 家"),
            ("填表人：李", "http://left.a.cn/"),
        ],
    )
    found = read_list(path)
    assert found.units == (
        ListedUnit(
            name="教育局",
            number=4,
            sites=(ListedSite("http://jyj.a.cn/", 4, id="7"),),
            tags=("市直部门", "教育"),
            person="王",
            phone="13800000000",
            email="w@a.cn",
            id="7",
        ),
        ListedUnit(name="财政局", number=5, sites=(ListedSite("http://czj.a.cn/", 5),)),
    )
    assert found.problems == ()
    assert [n[n.index("名单") :] for n in found.notices] == [
        "名单.xlsx:6: '合计' is no unit; passed over",
        "名单.xlsx:7: '填表人：李' is no unit; passed over",
    ]


@pytest.mark.parametrize(
    "head", ["URL", "Ｗｅｂｓｉｔｅ", "home page", "*网 址：", "【网站】", "域名(主)"]
)
def test_an_address_column_is_known_by_many_names(tmp_path: Path, head: str) -> None:
    assert urls(read_list(workbook(tmp_path, [(head,), ("http://a.cn/",)]))) == ["http://a.cn/"]


def test_the_better_of_two_columns_is_taken(tmp_path: Path) -> None:
    head = ("部门", "学校", "网站", "网址")
    rows = [head, ("市教育局", "一中", "一中校园网", "http://yz.a.cn/")]
    found = read_list(workbook(tmp_path, rows))
    assert (found.units[0].name, urls(found)) == ("一中", ["http://yz.a.cn/"])
    assert found.units[0].data == (("部门", "市教育局"), ("网站", "一中校园网"))


def test_a_header_repeated_on_every_page_is_no_unit(tmp_path: Path) -> None:
    found = read_list(workbook(tmp_path, [HEAD, ("甲", "http://a.cn"), HEAD, ("乙", "b.cn")]))
    assert [unit.number for unit in found.units] == [2, 4]
    assert found.problems == ()


def test_without_an_address_column_the_understood_names_are_told(tmp_path: Path) -> None:
    late = [("标题",)] * 20 + [HEAD, ("甲", "http://a.cn/")]
    for path in (workbook(tmp_path, late), csv_file(tmp_path, "序号,地址\n1,http://a.cn/\n")):
        assert "names an address column; call it 网址, " in refusal(path)


def test_a_list_of_nothing_says_so(tmp_path: Path) -> None:
    assert told(read_list(workbook(tmp_path, [HEAD]))) == (
        "名单.xlsx:1: no unit stands below this header"
    )


def test_sheets_become_tags_only_where_there_are_several(tmp_path: Path) -> None:
    rows = [HEAD, ("甲", "http://a.cn/")]
    others = [("学校", "网址"), ("一中", "http://b.cn/"), ("二中", "见附件")]
    one = read_list(workbook(tmp_path, rows, 说明=[("只有一张",)]))
    assert [unit.tags for unit in one.units] == [()]
    both = read_list(workbook(tmp_path, rows, 学校=others))
    assert [(u.name, u.tags) for u in both.units] == [("甲", ("Sheet",)), ("一中", ("学校",))]
    assert told(both) == "名单.xlsx:3: sheet 学校: 二中: '见附件' is no web address"


def test_the_category_of_a_row_goes_before_the_name_of_its_sheet(tmp_path: Path) -> None:
    others = [
        ("单位", "类别", "网址"),
        ("一中", "学校", "http://b.cn/"),
        ("供水", None, "http://c.cn/"),
    ]
    found = read_list(workbook(tmp_path, [HEAD, ("甲", "http://a.cn/")], 学校企业=others))
    assert [unit.tags for unit in found.units] == [("Sheet",), ("学校", "学校企业"), ("学校企业",)]


def test_a_sheet_of_units_without_addresses_is_left_out_and_told(tmp_path: Path) -> None:
    rows = [HEAD, ("甲", "http://a.cn/")]
    found = read_list(workbook(tmp_path, rows, 附表=[("单位", "人数"), ("乙", 3)]))
    assert told(found) == (
        "名单.xlsx:1: sheet 附表: has no column of addresses; the sheet is left out"
    )


def test_what_a_sheet_of_waivers_says_beside_is_told(tmp_path: Path) -> None:
    head = ("单位", "豁免要求", "理由", "批准人", "期限", "文号")
    waived = [head, ("甲", "门户", "改版", "王", "2099-1-1", "宜府〔2026〕1号")]
    found = read_list(workbook(tmp_path, [HEAD, ("甲", "http://a.cn/")], 豁免=waived))
    assert [waiver.unit for waiver in found.waivers] == ["甲"]
    assert told(found) == "名单.xlsx:1: sheet 豁免: columns not taken: 文号"


def hiding(folder: Path, *, everything: bool = False) -> Path:
    """A list with a hidden row and a hidden sheet, or one whose every list of units is hidden."""
    book = Workbook()
    fill(book.active, [HEAD, ("甲", "http://a.cn/"), ("乙（已撤销）", "http://b.cn/")])
    book.active.row_dimensions[3].hidden = True
    fill(book.create_sheet("去年旧名单"), [HEAD, ("旧", "http://old.cn/")])
    fill(book.create_sheet("选项"), [("是",), ("否",)])
    for title in ("去年旧名单", "选项"):
        book[title].sheet_state = "hidden"
    if everything:
        fill(book.create_sheet("说明"), [("本表由市网信办制作",)])
        book.active.sheet_state = "hidden"
    return saved(folder, book)


def test_a_hidden_row_is_taken_and_a_hidden_sheet_left_out_and_both_are_told(
    tmp_path: Path,
) -> None:
    found = read_list(hiding(tmp_path))
    assert [unit.name for unit in found.units] == ["甲", "乙（已撤销）"]
    assert told(found).splitlines() == [
        "名单.xlsx:1: sheet 去年旧名单: the sheet is hidden, and left out; unhide it to have it "
        "read",
        "名单.xlsx:3: 乙（已撤销）: the row is hidden, and taken all the same; delete it if the "
        "unit is to go",
    ]


def test_hidden_sheets_are_read_where_no_other_lists_units(tmp_path: Path) -> None:
    found = read_list(hiding(tmp_path, everything=True))
    assert [unit.name for unit in found.units] == ["甲", "乙（已撤销）", "旧"]
    assert told(found).count("the sheet is hidden, and read all the same") == 2


def test_a_unit_whose_only_row_is_left_out_is_lost_and_one_that_has_another_is_not(
    tmp_path: Path,
) -> None:
    rows = [
        ("单位名称", "网址"),
        ("二中", "http://b.cn/"),
        ("二中东校区", "http://b.cn/"),
        ("二中", "http://B.cn:80"),
        ("气象局", "见附件"),
        ("合计", "4 家"),
    ]
    found = read_list(workbook(tmp_path, rows))
    assert [problem.line for problem in found.left_out] == [3, 4, 5]
    assert found.lost == ("二中东校区", "气象局")


def test_the_same_address_twice_is_kept_once(tmp_path: Path) -> None:
    rows = [HEAD, ("甲", "http://a.cn"), ("乙", "http://A.cn:80/"), ("丙", "http://a.cn/x")]
    found = read_list(workbook(tmp_path, rows))
    assert [unit.name for unit in found.units] == ["甲", "丙"]
    assert "名单.xlsx:3: 乙: http://A.cn:80/ stands in row 2 already; left out" in told(found)


def test_several_addresses_in_a_cell_or_in_rows_are_the_sites_of_one_unit(tmp_path: Path) -> None:
    rows = [
        ("单位名称", "网站名称", "网址", "联系人"),
        ("甲", "门户", "http://a.cn/", "王"),
        ("乙", "", "http://b.cn/ http://c.cn/", "李"),
        ("甲", "招生网", "http://d.cn/", "赵"),
        (None, None, "http://e.cn/", None),
    ]
    found = read_list(workbook(tmp_path, rows))
    first, second, third = found.units
    assert (first.name, first.person) == ("甲", "王")
    assert first.sites == (
        ListedSite("http://a.cn/", 2, "门户"), ListedSite("http://d.cn/", 4, "招生网"),
    )  # fmt: skip
    assert [site.url for site in second.sites] == ["http://b.cn/", "http://c.cn/"]
    assert third.name == "http://e.cn/"
    assert told(found).splitlines() == [
        "名单.xlsx:3: 'http://b.cn/ http://c.cn/' is read as http://b.cn/, http://c.cn/",
        "名单.xlsx:5: http://e.cn/ has no name; its address stands for it",
        "名单.xlsx:4: 甲 stands in row 2, too: one unit of both",
        "名单.xlsx:4: 赵 is left out, for 王 of row 2",
    ]


def test_units_of_one_name_in_other_places_are_two(tmp_path: Path) -> None:
    rows = [
        ("学校", "县市区", "主管部门", "网站类型", "网址"),
        ("实验小学", "夷陵区", "区教育局", "门户", "http://a.cn/"),
        ("实验小学", "西陵区", "区教育局", "门户", "http://b.cn/"),
        ("实验小学", "夷陵区", "区教育局", "专题", "http://c.cn/"),
        ("实验小学", "夷陵区", "市教育局", "门户", "http://d.cn/"),
    ]
    found = read_list(workbook(tmp_path, rows))
    assert [(u.name, u.office, len(u.sites), u.tags) for u in found.units] == [
        ("实验小学", "区教育局", 2, ("门户", "夷陵区", "专题")),
        ("实验小学（西陵区）", "区教育局", 1, ("门户", "西陵区")),
        ("实验小学", "市教育局", 1, ("门户", "夷陵区")),
    ]
    assert "3: another 实验小学 stands in row 2: this is 实验小学（西陵区）" in told(found)


@pytest.mark.parametrize(
    "text",
    [
        *("无", "＠", "@", "/", "-", "——", "暂无", "建设中", "没有网站", "未开设网站"),
        *("网站建设中。", "正在建设中", "暂未开通", "无（筹建）", "尚未建立网站", "已关停"),
        *("N/A", "本单位无网站", "网站已关闭"),
    ],
)  # fmt: skip
def test_a_unit_that_says_it_has_no_website_stays_in_the_list(tmp_path: Path, text: str) -> None:
    found = of_cell(tmp_path, text)
    (unit,) = found.units
    assert (unit.name, unit.sites, unit.address_is_empty) == ("教育局", (), False)
    assert told(found) == f"名单.xlsx:2: 教育局 runs no website, by {text!r}: only counted"
    assert found.problems == ()


@pytest.mark.parametrize("text", [None, "  \u3000", "#N/A"])
def test_an_empty_address_is_no_website_and_told(tmp_path: Path, text: object) -> None:
    found = of_cell(tmp_path, text)
    assert [(unit.sites, unit.address_is_empty) for unit in found.units] == [((), True)]
    assert told(found) == (
        "名单.xlsx:2: 教育局: the address cell is empty, so it is counted as running no website; "
        "if it runs one, fill in the address"
    )


@pytest.mark.parametrize(
    ("phone", "lost"),
    [
        (2712345604, "2712345604"), (1062345678, "1062345678"), (7176212345, "7176212345"),
        (75581234567, "75581234567"), ("7176212345、13800000000", "7176212345"),
        (13800000000, ""), ("0717-6212345", ""), ("07176212345", ""), (6212345, ""),
        (62123456, ""), (4001234567, ""), (8008101234, ""), ("400-123-4567", ""),
        ("+86 2712345604", ""), ("86-27-12345604", ""), (12345, ""), (138000000000, ""),
    ],
)  # fmt: skip
def test_a_telephone_that_lacks_its_zero_is_doubted_and_stays_as_it_is(
    tmp_path: Path, phone: object, lost: str
) -> None:
    rows = [(*HEAD, "电话"), ("统计局", "http://a.cn/", phone)]
    found = read_list(workbook(tmp_path, rows))
    assert found.units[0].phone == str(phone)
    what = f"名单.xlsx:2: 统计局: the telephone {lost} may lack the 0 of its area code"
    assert told(found) == (what if lost else "")


@pytest.mark.parametrize(
    ("email", "is_one"),
    [
        ("w@a.cn", True), ("王 <w@a.cn>", True), ("ｗ＠ａ.ｃｎ", True),
        ("不知道", False), ("w@a.cn、v@a.cn", False), ("w a.cn", False), ("无", False),
    ],
)  # fmt: skip
def test_what_is_no_address_of_mail_is_doubted_with_its_row(
    tmp_path: Path, email: str, is_one: bool
) -> None:
    found = read_list(workbook(tmp_path, [(*HEAD, "邮箱"), ("甲局", "http://a.cn/", email)]))
    what = f"名单.xlsx:2: 甲局: {email!r} is no e-mail address"
    assert told(found) == ("" if is_one else what)


@pytest.mark.parametrize(
    "text",
    ["http://u:geheim@a.cn/", "http：//u：geheim@a.cn/", "网址 http://u:geheim@a.cn/ 和 b.cn"],
)
def test_no_message_tells_a_password(tmp_path: Path, text: str) -> None:
    rows = [
        HEAD,
        ("甲", text),
        ("乙", text),
        ("", "http://u:geheim@c.cn/"),
        ("丙", "见附件 u:geheim@"),
    ]
    found = read_list(workbook(tmp_path, rows))
    assert urls(found)[0] == "http://u:geheim@a.cn/"
    names = [unit.name for unit in found.units]
    said = "".join((*names, *found.notices, *found.doubts))
    assert "http://a.cn/ stands in row 2 already" in said
    assert "geheim" not in said


def test_rows_of_one_unit_keep_what_each_says_once(tmp_path: Path) -> None:
    head, rest = (
        (*HEAD, "备注"),
        [("甲", f"{n}.cn", note) for n, note in zip("abc", "xyx", strict=True)],
    )
    (unit,) = read_list(workbook(tmp_path, [head, *rest])).units
    assert unit.data == (("备注", "x；y"),)


def test_what_names_no_unit_within_a_table_is_told(tmp_path: Path) -> None:
    rows = [
        ("序号", "单位", "网址", "备注"),
        ("一、市直部门",),
        (None, "（二）学校"),
        (1, "甲", "http://a.cn/"),
        (2, None, None, None),
        (None, None, None, "另行通知"),
    ]
    found = read_list(workbook(tmp_path, rows))
    assert [unit.name for unit in found.units] == ["甲"]
    assert told(found).splitlines() == [
        "名单.xlsx:3: '（二）学校' is no unit; passed over",
        "名单.xlsx:6: '另行通知' is no unit; passed over",
    ]


def test_rows_that_sum_up_or_sign_are_told_as_no_units(tmp_path: Path) -> None:
    rows = [("单位", "网址"), ("甲", "http://a.cn/"), ("合计", "1"), ("填表人：李", None)]
    assert told(read_list(workbook(tmp_path, rows))).splitlines() == [
        "名单.xlsx:3: '合计' is no unit; passed over",
        "名单.xlsx:4: '填表人：李' is no unit; passed over",
    ]


def test_a_column_is_told_as_taken_or_as_kept_and_not_as_both(tmp_path: Path) -> None:
    rows = [("单位", "网站名称", "网址", "备注"), ("甲", "甲网", "http://a.cn/", "新")]
    taken, kept = read_list(workbook(tmp_path, rows)).columns
    assert "网站名称 (site)" in taken
    assert kept.endswith("kept as data: 备注")


def test_telephones_and_mail_are_narrow(tmp_path: Path) -> None:
    rows = [("单位", "网址", "电话", "邮箱"), ("甲", "http://a.cn/", "０７６９－６２５", "a＠b.cn")]
    (unit,) = read_list(workbook(tmp_path, rows)).units
    assert (unit.phone, unit.email) == ("0769-625", "a@b.cn")


def test_every_column_is_told_and_what_is_not_taken_is_kept(tmp_path: Path) -> None:
    rows = [
        ("序号", "单位名称", "网址", "联系电话", "手机", "法人代表", None, "备注"),
        (1, "甲", "http://a.cn/", "6250000", "13800000000", "王", "?", "'1+1 见附件"),
    ]
    path = workbook(tmp_path, rows)
    found = read_list(path)
    assert found.units[0].data == (
        ("手机", "13800000000"), ("法人代表", "王"), ("备注", "'1+1 见附件"),
    )  # fmt: skip
    assert [line[line.index("名单") :] for line in found.columns] == [
        "名单.xlsx:1: columns taken: 序号 (row number), 网址 (address), 单位名称 (unit), "
        "联系电话 (telephone), "
        "手机 (telephone)",
        "名单.xlsx:1: columns not taken, kept as data: 手机, 法人代表, 备注",
    ]
    assert told(found) == "名单.xlsx:1: columns without a heading are left out: 7"


@given(text=st.text(alphabet='网址,;\t\n\r"htp:/\\.www@()。、a1 ', max_size=80))
def test_arbitrary_cells_below_a_header_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    read_or_refuse(tmp_path_factory.getbasetemp(), "b.csv", f"单位,网址\n{text}".encode())


def test_problems_and_notices_are_translated(tmp_path: Path) -> None:
    found = read_list(workbook(tmp_path, [HEAD, ("甲", "a.cn"), ("乙", "见下")], 二=[HEAD]))
    with in_language("zh"):
        (problem,) = map(translate, (p.message for p in found.problems))
        (notice,) = map(translate, found.notices)
    assert problem.endswith("名单.xlsx:3: 表 Sheet：乙: '见下' 不是网址")
    assert notice.endswith("名单.xlsx:2: 表 Sheet：'a.cn' 读作 http://a.cn")
