"""What was collected, for the terminal: who has not reported, claims beside findings, and rates."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TextIO

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ycaudit.i18n import translate
from ycaudit.inputs.claims import Fit
from ycaudit.inputs.collection import Collection
from ycaudit.model import ScanRun
from ycaudit.report.collection_book import FITS, differing, office_name, rate_text, remark, told
from ycaudit.report.rows import clean, suspicion_lines
from ycaudit.report.table import console_of

MAX_LINES = 200
"""Units that are listed: more are in the workbook."""


def show(collection: Collection, run: ScanRun, out: TextIO) -> None:
    """Write it as text, coloured on a terminal and plain to a file."""
    console_of(out).print(Group(*_parts(collection, run)))


def _parts(collection: Collection, run: ScanRun) -> Iterator[RenderableType]:
    if lines := suspicion_lines(run):
        yield Text("\n  ! ".join(lines) + "\n", style="bold red")
    yield Text(told(collection))
    if collection.missing:
        yield Text(f"\n{translate('未报单位')}", style="bold")
        yield from _listed(_missing(collection), len(collection.missing))
    yield Text("")
    yield _counts(collection)
    if lines := list(_differing(collection)):
        yield Text(f"\n{translate('申报与检查不一致')}", style="bold")
        yield from _listed(iter(lines), len(lines))
    for name in collection.installed if collection.staff else ():
        yield Text("")
        yield _ranking(collection, name)


def _listed(lines: Iterator[str], of: int) -> Iterator[Text]:
    yield from (Text(f"  {line}") for line in islice(lines, MAX_LINES))
    if of > MAX_LINES:
        yield Text(translate("  另有 {0} 条，见 --output", of - MAX_LINES))


def _missing(collection: Collection) -> Iterator[str]:
    for each in collection.missing:
        office = translate("（{0}）", clean(each.office, 40)) if each.office else ""
        yield f"{clean(each.name, 80)}{office}"


def _differing(collection: Collection) -> Iterator[str]:
    for each, claim in differing(collection):
        where = f"  {clean(translate('、').join(claim.sites), 200)}" if claim.sites else ""
        open_ = claim.fit is Fit.CLAIMED_MISSING and not claim.by_person
        reviewed = translate("（{0}）", translate("未复核")) if open_ else ""
        told = translate("{0}：{1}", clean(claim.name, 40), FITS[claim.fit])
        yield f"{clean(each.name, 80)}  {told}{reviewed}{where}"


def _counts(collection: Collection) -> Table:
    table = Table(title=translate("申报与检查（按单位计）"), title_justify="left")
    table.add_column(translate("要求"), overflow="fold")
    for fit in Fit:
        table.add_column(FITS[fit], justify="right")
    for id_, name in collection.requirements.items():
        counts = collection.fits(id_)
        table.add_row(Text(clean(name, 40)), *(str(counts[fit]) for fit in Fit))
    return table


def _ranking(collection: Collection, name: str) -> Table:
    of = clean(collection.staff or "", 40)
    table = Table(title=f"{clean(name, 40)} / {of}", title_justify="left")
    table.add_column(translate("名次"), justify="right")
    table.add_column(translate("主管部门"), overflow="fold")
    table.add_column(translate("比率"))
    remarks = {
        office: remark(collection, units, name) for office, units in collection.offices.items()
    }
    if any(remarks.values()):
        table.add_column(translate("备注"), overflow="fold")
    for place, office, rate in collection.ranking(name):
        row = (str(place or ""), Text(office_name(office)), rate_text(rate))
        table.add_row(*row, remarks[office] or None)
    return table
