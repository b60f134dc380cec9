"""Returns are booked against the list: who is missing, what does not fit, and at what rate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.figures import csv_file
from support.history import run as history_run
from ycaudit.inputs.claims import Asked, Fit
from ycaudit.inputs.collection import Collection, Rate, collected
from ycaudit.inputs.statistics import read_figures
from ycaudit.model import MemoryReports, NoWebsite, ScanRun


def list_of(
    targets: dict[str, dict[str, Any]], without: tuple[NoWebsite, ...] = (), **units: str
) -> ScanRun:
    """A run whose targets say more of themselves."""
    scan = history_run(0, **units)
    reports = (
        r.model_copy(update={"target": r.target.model_copy(update=targets.get(r.target.id, {}))})
        for r in scan.reports
    )
    header = scan.header.model_copy(update={"no_website": without})
    return header.with_reports(MemoryReports(reports))


def booked(folder: Path, scan: ScanRun, *texts: str) -> Collection:
    asked = Asked.of(scan)
    forms = []
    for number, text in enumerate(texts):
        (folder / str(number)).mkdir()
        path = csv_file(folder / str(number), text)
        forms.append(read_figures(path, lambda head: asked.meant(head) is not None))
    return collected(scan, forms, asked)


def fits(collection: Collection) -> dict[str, Fit]:
    return {each.name: claim.fit for each in collection.returns for claim in each.claims}


def test_claims_stand_beside_what_was_found(tmp_path: Path) -> None:
    scan = list_of({}, a="+", b="-", c="+", d="-", e="?", f="+")
    found = booked(tmp_path, scan, "单位,门户\na局,有\nb局,有\nc局,无\nd局,无\ne局,有\n")
    assert fits(found) == {
        "a局": Fit.BOTH, "b局": Fit.CLAIMED_MISSING, "c局": Fit.UNCLAIMED_PRESENT,
        "d局": Fit.NEITHER, "e局": Fit.OPEN, "f局": Fit.UNCLAIMED,
    }  # fmt: skip
    assert [each.name for each in found.missing] == ["f局"]
    (claim,) = found.returns[1].claims
    assert (claim.sites, claim.by_person) == (("http://b.test/",), False)
    assert found.fits("p")[Fit.BOTH] == 1


def test_a_unit_of_several_sites_has_a_thing_only_where_all_have_it(tmp_path: Path) -> None:
    scan = list_of(
        {"a": {"unit": "局"}, "b": {"unit": "局"}, "c": {"unit": "会"}, "d": {"unit": "会"}},
        a="+", b="-", c="+", d="?",
    )  # fmt: skip
    found = booked(tmp_path, scan, "单位,门户\n局,有\n会,有\n")
    first, second = (each.claims[0] for each in found.returns)
    assert (first.fit, first.sites) == (Fit.CLAIMED_MISSING, ("http://b.test/",))
    assert second.fit is Fit.OPEN
    assert [each.sites for each in found.returns] == [2, 2]


def test_a_unit_without_a_website_is_asked_to_report_too(tmp_path: Path) -> None:
    scan = list_of({}, (NoWebsite(id="w", name="馆"), NoWebsite(id="v", name="所")), a="+")
    found = booked(tmp_path, scan, "单位,门户,数\n馆,有,3\n")
    assert [each.name for each in found.missing] == ["a局", "所"]
    assert fits(found) == {"a局": Fit.UNCLAIMED, "馆": Fit.OPEN}


def test_files_that_contradict_each_other_are_told_and_neither_is_taken(tmp_path: Path) -> None:
    scan = list_of({}, a="+", b="+")
    found = booked(tmp_path, scan, "单位,门户,数\na局,有,1\n", "单位,门户,数\na局,无,1\nz局,有,\n")
    assert fits(found)["a局"] is Fit.UNCLAIMED
    assert found.returns[0].figures == {"数": 1}
    first, second = (problem.what for problem in found.problems)
    assert "'z局' is no unit of this run; left out" in first
    assert second.startswith("门户 is 无 here and 有 in row 2 of ")


def test_a_row_that_contradicts_itself_is_told(tmp_path: Path) -> None:
    found = booked(tmp_path, list_of({}, a="+"), "单位,门户,是否有门户链接\na局,有,无\n")
    assert fits(found) == {"a局": Fit.UNCLAIMED}
    assert [p.what for p in found.problems] == ["门户 is 无 here and 有 in row 2; neither is taken"]


OFFICES: dict[str, dict[str, Any]] = {
    "a": {"office": "甲局"}, "b": {"office": "甲局"}, "c": {"office": "乙局"},
    "d": {"office": "丙局"}, "e": {"office": "乙局"},
}  # fmt: skip
NUMBERS = (
    "单位,在编人数,云上宜昌安装数,微信关注数,安装率\n"
    "a局,10,8,10,80%\nb局,10,,5,\nc局,5,4,0,\nd局,0,3,,\ne局,20,25,1,\n"
)


def test_rates_are_sums_over_those_who_said_both(tmp_path: Path) -> None:
    found = booked(tmp_path, list_of(OFFICES, a="+", b="+", c="+", d="+", e="+"), NUMBERS)
    assert (found.staff, found.installed) == ("在编人数", ("云上宜昌安装数", "微信关注数"))
    assert found.rate(found.offices["甲局"], "云上宜昌安装数") == Rate(8, 10, 1, 2)
    assert found.rate(found.offices["甲局"], "微信关注数") == Rate(15, 20, 2, 2)
    ranking = [(place, office) for place, office, _ in found.ranking("云上宜昌安装数")]
    assert ranking == [(1, "乙局"), (2, "甲局"), (None, "丙局")]


def test_offices_of_one_rate_share_a_place(tmp_path: Path) -> None:
    text = "单位,职工数,安装数\na局,2,1\nc局,4,2\nd局,4,1\n"
    found = booked(tmp_path, list_of(OFFICES, a="+", c="+", d="+"), text)
    assert [place for place, _, _ in found.ranking("安装数")] == [1, 1, 3]


def test_how_many_should_have_installed_is_surer_than_how_many_there_are(tmp_path: Path) -> None:
    text = "单位,人数,应安装人数,安装人数\na局,9,8,4\n"
    found = booked(tmp_path, list_of(OFFICES, a="+"), text)
    assert (found.staff, found.installed) == ("应安装人数", ("安装人数",))


def test_a_column_of_claims_that_nobody_asks_for_is_told(tmp_path: Path) -> None:
    found = booked(tmp_path, list_of({}, a="+"), "单位,门户,是否有公众号\na局,有,有\n")
    assert found.unasked == ("是否有公众号",)
