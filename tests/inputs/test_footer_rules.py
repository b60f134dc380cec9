"""The example rules for the foot of government homepages: each says where it is known from."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.pages import link, page
from ycaudit.inputs.plan import load_rules
from ycaudit.rules.base import BaseRequirement
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.text import TextRequirement
from ycaudit.url import host_of

FOOTER = Path(__file__).parents[2] / "examples/footer/rules.yaml"
RULES, _ = load_rules([FOOTER])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.id))
def test_each_requirement_has_its_source_and_each_form_one_or_is_not_verified(
    rule: BaseRequirement,
) -> None:
    assert rule.source
    for form in rule.accept:
        assert form.source or form.note or len(rule.accept) == 1


def test_what_one_requirement_asks_for_is_no_near_miss_of_another() -> None:
    links = [rule for rule in RULES if isinstance(rule, LinkRequirement)]
    for mine in links:
        others = (f"https://{host}/" for rule in links for host in rule.named_hosts)
        shown = page(*(link(href) for href in others if host_of(href) not in mine.named_hosts))
        assert shown.links
        assert mine.judge(shown).near == (), mine.id


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        # As they stand on saved pages, the digits changed.
        ("icp-number", "京ICP备 10000000号-1"),
        ("icp-number", "粤ICP备2020000000号-1"),
        ("icp-number", "晋ICP备05000000"),
        ("icp-number", "蜀ICP备：19000000号"),
        ("police-number", "川公网安备 51000000000000号"),
        ("police-number", "粤公网安备号44000000000000"),
        ("police-number", "京公网安备11000000000000"),
        ("site-code", "政府网站标识码：1100000000　　"),
        ("site-code", "网站标识码1100000000 备案序号"),
        ("site-code", "政府网站标识码 1100000000"),
    ],
)
def test_numbers_are_known_as_homepages_write_them(rule: str, line: str) -> None:
    found = next(r for r in RULES if r.id == rule)
    assert isinstance(found, TextRequirement) and found.seeks(line)


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("icp-number", "ICP备案"),
        ("icp-number", "京ICP证030000号"),
        ("police-number", "公网安备"),
        ("site-code", "网站标识码：110000000"),
        ("site-code", "标识码：1100000000"),
    ],
)
def test_other_numbers_are_others(rule: str, line: str) -> None:
    found = next(r for r in RULES if r.id == rule)
    assert not found.seeks(line)
