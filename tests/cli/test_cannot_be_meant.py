"""Lists and rules that cannot mean what they say are refused, by every command that reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli import ycaudit

RULES = """name: n
requirements:
  - {id: portal, name: Portal, kind: link, accept: [{host: www.p.test}]}
"""
SCHOOL = "  - {id: s, name: S, kind: link, applies_to: {tags: [%s]}, accept: [{host: s.test}]}\n"
UNITS = "units:\n  - {id: a, url: 'http://a.test/', tags: [school]}\n"


def rule(accept: str) -> str:
    return f"name: n\nrequirements:\n  - {{id: p, name: P, kind: link, accept: [{accept}]}}\n"


TRAPS = {
    "a misspelt tag": (UNITS, RULES + SCHOOL % "schol", "rules.yaml:4: ", "mean 'school'?"),
    "a tag of nobody": (UNITS, RULES + SCHOOL % "hospital", "rules.yaml:4: ", "'hospital'"),
    "a unit of which nothing is asked": (
        UNITS + "  - {id: b, url: 'http://b.test/'}\n",
        "name: n\nrequirements:\n" + SCHOOL % "school",
        "targets.yaml:3: ",
        "one of the tags school",
    ),
    "an address twice": (
        UNITS + "  - {id: b, url: 'HTTP://A.test:80'}\n",
        RULES,
        "targets.yaml:3: ",
        "already listed as 'a'",
    ),
    "a pattern for a host": (UNITS, rule("{host: '*.p.test'}"), "rules.yaml:3: ", "host name"),
    "an address for a host": (UNITS, rule("{host: 'http://p.test'}"), "rules.yaml:3: ", "like www"),
    "a link without a scheme": (UNITS, rule("{payload: www.p.test}"), "rules.yaml:3: ", "scheme"),
    "a path without a slash": (
        UNITS,
        rule("{host: p.test, path: x}"),
        "rules.yaml:3: ",
        "begin with a slash",
    ),
}


@pytest.mark.parametrize("command", ["validate", "scan"])
@pytest.mark.parametrize("trap", TRAPS)
def test_what_cannot_be_meant_is_refused_with_its_line_and_cure(
    trap: str, command: str, tmp_path: Path
) -> None:
    targets, rules, where, cure = TRAPS[trap]
    (tmp_path / "targets.yaml").write_text(targets, "utf-8")
    (tmp_path / "rules.yaml").write_text(rules, "utf-8")
    words = (command, "targets.yaml", "--rules", "rules.yaml")
    done = ycaudit(*words, cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert where in done.stderr
    assert cure in done.stderr


def test_addresses_that_differ_in_www_or_https_are_told_as_likely_the_same(tmp_path: Path) -> None:
    twins = "  - {id: b, url: 'https://www.a.test/'}\n"
    (tmp_path / "targets.yaml").write_text(UNITS + twins, "utf-8")
    (tmp_path / "rules.yaml").write_text(RULES, "utf-8")
    done = ycaudit("validate", "targets.yaml", "--rules", "rules.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "a and b are likely the same homepage" in done.stderr


def test_check_says_what_it_does_not_judge_and_judges_nothing_for_nobody(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("name: n\nrequirements:\n" + SCHOOL % "school", "utf-8")
    words = ("check", "http://127.0.0.1:9/", "--rules", "rules.yaml", "--observer", "static")
    none = ycaudit(*words, cwd=tmp_path)
    assert none.returncode == 2
    assert "one of the tags school with --tag" in none.stderr
    (tmp_path / "rules.yaml").write_text(RULES + SCHOOL % "school", "utf-8")
    done = ycaudit(*words, cwd=tmp_path)
    assert "not judged, for lack of a tag (school): S" in done.stdout
