"""The workbook of what was collected: who has not reported, claims beside findings, and rates."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from html import unescape
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

from ycaudit.i18n import LANGUAGES, Message, Translated, in_language, translate
from ycaudit.inputs.claims import Claim, Fit
from ycaudit.inputs.collection import Collection, Rate, Return
from ycaudit.model import ScanRun
from ycaudit.report.census import percent
from ycaudit.report.office_text import days, plain, rules_title
from ycaudit.report.rows import suspicion_lines
from ycaudit.report.sheet_writer import Book, Cell, Column, Sheet, Value

SHEETS = SUMMARY, COUNTS, DIFFERING, MISSING, UNITS, LEFT_OUT = (
    *(Message("汇总"), Message("申报与检查"), Message("不一致")),
    *(Message("未报单位"), Message("各单位"), Message("未采用")),
)
NO_OFFICE = Message("（未列主管部门）")
FITS = Translated(
    {
        Fit.BOTH: "申报有，实有",
        Fit.CLAIMED_MISSING: "申报有，未发现",
        Fit.UNCLAIMED_PRESENT: "申报无，实有",
        Fit.NEITHER: "申报无，未发现",
        Fit.OPEN: "未能核实",
        Fit.UNCLAIMED: "未申报",
    }
)
DIFFER = (Fit.CLAIMED_MISSING, Fit.UNCLAIMED_PRESENT)
_NAME = 80
_SHEETS_ARE_IN = "xl/workbook.xml"
_TITLE = re.compile(r'<(?:\w+:)?sheet\s[^>]*?\bname="([^"]*)"')
_MOST_READ = 1 << 20
"""Bytes: six titles are found far before."""


def write(collection: Collection, run: ScanRun, out: IO[bytes]) -> None:
    """Write the workbook; the same run and returns give the same bytes."""
    book = Book(run)
    _summary(book.sheet(SUMMARY), collection, run)
    _counts(book.sheet(COUNTS), collection)
    _differing(book.sheet(DIFFERING), collection)
    _missing(book.sheet(MISSING), collection)
    _units(book.sheet(UNITS), collection)
    _left_out(book.sheet(LEFT_OUT), collection)
    book.write(out)


def is_summary(path: Path) -> bool:
    """Whether it is such a workbook, in whatever language; False where it cannot be read."""
    try:
        with ZipFile(path) as archive, archive.open(_SHEETS_ARE_IN) as part:
            text = part.read(_MOST_READ).decode("utf-8", "replace")
    except (OSError, BadZipFile, KeyError, RuntimeError, NotImplementedError, zlib.error):
        return False
    titles = {unescape(title) for title in _TITLE.findall(text)}
    return any(titles.issuperset(_titles(language)) for language in LANGUAGES)


def _titles(language: str) -> Iterator[str]:
    with in_language(language):
        yield from map(translate, SHEETS)


def told(collection: Collection) -> str:
    """How many units there are, and how many have reported."""
    units, missing = len(collection.returns), len(collection.missing)
    without = sum(not each.sites for each in collection.returns)
    none = Message("，其中 {0} 家未开设网站", without) if without else ""
    return translate(
        "清单单位 {0} 家{1}：已报 {2} 家，未报 {3} 家", units, none, units - missing, missing
    )


def office_name(office: str | None) -> str:
    """The name of an office, also where there is none."""
    return translate(NO_OFFICE) if office is None else plain(office, _NAME)


def rate_text(rate: Rate) -> str:
    """The rate with what it is of, such as 80%（8 / 10，1 / 2 家）; empty where there is none."""
    share = _share(rate)
    if not share:
        return ""
    return translate(
        "{0}（{1} / {2}，{3} / {4} 家）", share, rate.installed, rate.staff, rate.units, rate.of
    )


def remark(collection: Collection, units: Sequence[Return], *names: str) -> str:
    """What is odd about the rates of these units, or about those with one of these names."""
    over = (collection.exceeds(units, name) for name in names or _rated(collection))
    return translate("比率超过 100%，请核对") if any(over) else ""


def _share(rate: Rate) -> str:
    """In percent; empty where nobody works."""
    return percent(rate.installed, rate.staff) if rate.staff else ""


def _summary(sheet: Sheet, collection: Collection, run: ScanRun) -> None:
    sheet.add(Cell(translate("{0}填报汇总", rules_title(run)), "title"))
    for line in suspicion_lines(run):
        sheet.add(Cell(line, "warning"))
    sheet.add(Cell(told(collection), "note"))
    sheet.add(Cell(translate("检查日期：{0}。比率按同时报了两个数的单位计算。", days(run)), "note"))
    heads = [Column(Message("主管部门"), 30), Column(Message("单位数")), Column(Message("已报"))]
    heads.append(Column(Message("未报")))
    for name in collection.installed if collection.staff else ():
        share = translate("{0} / {1}", plain(name, _NAME), plain(collection.staff or "", _NAME))
        heads += [Column(share, 40), Column(translate("{0}名次", plain(name, _NAME)), 16)]
    heads += [Column(Message("备注"), 30)] if _rated(collection) else []
    sheet.head(*heads)
    for row in _offices(collection):
        sheet.add(*row)
    sheet.finish()


def _offices(collection: Collection) -> Iterator[list[Value]]:
    """One row an office, in the order of the first ranking."""
    rankings = [collection.ranking(n) for n in collection.installed] if collection.staff else []
    placed = [{office: (place, rate) for place, office, rate in one} for one in rankings]
    order = [office for _, office, _ in rankings[0]] if rankings else [*collection.offices]
    for office in order:
        units = collection.offices[office]
        reported = sum(each.has_reported for each in units)
        row: list[Value] = [office_name(office), len(units), reported, len(units) - reported]
        for one in placed:
            place, rate = one[office]
            row += [rate_text(rate), Cell(place or "", "middle")]
        yield [*row, remark(collection, units)] if placed else row


def _counts(sheet: Sheet, collection: Collection) -> None:
    sheet.head(Column(Message("要求"), 30), *(Column(FITS[fit], 16) for fit in Fit))
    for id_, name in collection.requirements.items():
        counts = collection.fits(id_)
        sheet.add(plain(name, _NAME), *(counts[fit] for fit in Fit))
    sheet.finish()


def _differing(sheet: Sheet, collection: Collection) -> None:
    sheet.head(
        *(
            Column(Message("单位"), 30),
            Column(Message("主管部门"), 30),
            Column(Message("要求"), 24),
        ),
        *(Column(Message("申报与检查"), 20), Column(Message("未发现的网站"), 50)),
        Column(Message("是否经人工复核"), 16),
    )
    for each, claim in differing(collection):
        reviewed = translate("已复核") if claim.by_person else translate("未复核")
        sheet.add(
            *(plain(each.name, _NAME), office_name(each.office), plain(claim.name, _NAME)),
            *(FITS[claim.fit], plain("、".join(claim.sites))),
            reviewed if claim.fit is Fit.CLAIMED_MISSING else "",
        )
    sheet.finish()


def differing(collection: Collection) -> Iterator[tuple[Return, Claim]]:
    """The claims that do not fit what was found, by kind, then in the order of the list."""
    for fit in DIFFER:
        for each in collection.returns:
            yield from ((each, claim) for claim in each.claims if claim.fit is fit)


def _missing(sheet: Sheet, collection: Collection) -> None:
    sheet.head(
        Column(Message("单位"), 30), Column(Message("主管部门"), 30), Column(Message("备注"), 16)
    )
    for each in collection.missing:
        remark = "" if each.sites else translate("未开设网站")
        sheet.add(plain(each.name, _NAME), office_name(each.office), remark)
    sheet.finish()


def _units(sheet: Sheet, collection: Collection) -> None:
    sheet.head(
        *(Column(Message("单位"), 30), Column(Message("主管部门"), 30), Column(Message("网站数"))),
        *(Column(plain(name, _NAME), 16) for name in collection.requirements.values()),
        *(Column(plain(name, _NAME), 16) for name in collection.figures),
        *(Column(translate("{0}比率", plain(name, _NAME)), 16) for name in _rated(collection)),
        Column(Message("备注"), 30),
    )
    for each in collection.returns:
        claims = {claim.requirement: FITS[claim.fit] for claim in each.claims}
        sheet.add(
            *(plain(each.name, _NAME), office_name(each.office), each.sites),
            *(claims.get(id_, "") for id_ in collection.requirements),
            *(each.figures.get(name, "") for name in collection.figures),
            *(_share(collection.rate([each], name)) for name in _rated(collection)),
            remark(collection, [each]) if each.has_reported else translate("未报"),
        )
    sheet.finish()


def _rated(collection: Collection) -> tuple[str, ...]:
    return collection.installed if collection.staff else ()


def _left_out(sheet: Sheet, collection: Collection) -> None:
    sheet.head(Column(Message("文件名"), 40), Column(Message("行")), Column(Message("说明"), 80))
    for problem in collection.problems:
        sheet.add(plain(problem.file), problem.line or "", plain(translate(problem.what)))
    sheet.finish()
