"""What two networks see of one homepage: an accusation takes both, and each is named."""

from __future__ import annotations

import pytest

from support.pages import blind, link, page, unseen
from support.requirements import PORTAL, RIGHT_LINK, TARGET
from ycaudit.model import Observation, Outcome, Sense, Verdict
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement

PROXY = "p:8080"
LOOKS = {
    "+": page(RIGHT_LINK),
    "-": page(link("http://other.test/")),
    "?": page(link("http://other.test/"), blind(Sense.LINK)),
    "x": unseen("timeout", code="connection_timeout"),
    "d": unseen("dns", code="bad_address"),
}
FORBIDDEN = PORTAL.model_copy(update={"expect": "absent"})


def look(what: str) -> Observation:
    """A letter says what is seen; < says that it was without a browser, > that it is beyond."""
    painted = "static" if "<" in what else "browser"
    via = PROXY if ">" in what else None
    return LOOKS[what[-1]].model_copy(update={"observer": painted, "via": via})


def verdict(looks: str, requirement: LinkRequirement = PORTAL) -> Verdict:
    unit = Unit(target=TARGET, requirements=(requirement,))
    return unit.conclude([look(what) for what in looks.split()])[0]


@pytest.mark.parametrize(
    ("looks", "outcome", "code"),
    [
        # Both lack it.
        ("- >-", "fail", "not_among"),
        ("- <+ >-", "fail", "not_among"),
        ("<- ><-", "fail", "not_among"),
        # Only one of them does, whichever.
        ("- >+", "undetermined", "networks_differ"),
        ("- >?", "undetermined", "networks_differ"),
        ("- >x", "undetermined", "networks_differ"),
        ("- >? >+", "undetermined", "networks_differ"),
        ("x >-", "undetermined", "networks_differ"),
        ("x >- >-", "undetermined", "networks_differ"),
        ("? >- >-", "undetermined", "networks_differ"),
        ("+ >-", "undetermined", "networks_differ"),
        # It is there for one, and nothing speaks against that.
        ("x >+", "pass", "found"),
        ("? >+", "pass", "found"),
        ("+ >x", "pass", "found"),
        ("x <+ >x", "pass", "found"),
        # Nobody can tell.
        ("x >?", "undetermined", "networks_differ"),
        ("? >?", "undetermined", "not_all_seen"),
        ("x >d", "undetermined", "not_seen"),
        # One network alone is judged as ever.
        ("- -", "fail", "not_among"),
        ("- +", "pass", "found"),
        (">- >-", "fail", "not_among"),
    ],
)
def test_a_fail_that_only_one_network_sees_is_none(looks: str, outcome: str, code: str) -> None:
    found = verdict(looks)
    assert (found.outcome, found.reason_code) == (outcome, code)


@pytest.mark.parametrize(
    ("looks", "outcome"),
    [
        ("+ >+", "fail"),
        ("+ >-", "undetermined"),
        ("- >+", "undetermined"),
        ("+ >x", "undetermined"),
        ("- >-", "pass"),
    ],
)
def test_what_must_not_be_there_is_held_against_nobody_who_shows_it_to_one(
    looks: str, outcome: str
) -> None:
    assert verdict(looks, FORBIDDEN).outcome == outcome


def test_the_reason_says_what_each_network_found() -> None:
    assert verdict("- >+").reason == (
        "two networks see it differently; from here: not among 1 link of the homepage; through "
        "p:8080: shows http://www.yichang.gov.cn/"
    )
    assert verdict("x >d").reason == (
        "not seen: from here: the server does not answer in time; through p:8080: no such address"
    )
    assert "from here: not seen: the server does not answer in time; through" in (
        verdict("x >-").reason
    )


def test_a_waiver_excuses_whatever_networks_see() -> None:
    from ycaudit.model import Waiver

    waiver = Waiver(
        unit="u", requirement="portal", reason="迁站", approved_by="王", until="2026-06-15"
    )
    unit = Unit(target=TARGET, requirements=(PORTAL,), waivers=(waiver,))
    assert unit.conclude([look("-"), look(">+")])[0].outcome is Outcome.WAIVED
