"""Mistakes in values: each with its line and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.plans import RULES, TARGETS, problems


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        'units:\n  - {id: a, nmae: 甲, url: "http://a.test/"}\n  - {id: b, url: www.b.test}\n',
        RULES.replace("kind: link", "kind: lnik") + "  - {id: x, name: y, kind: qr, lables: [z]}\n",
    )
    assert "targets.yaml:2: unknown key 'nmae'; did you mean 'name'?" in told
    assert "rules.yaml:3: 'kind' must be one of link, qr, text; did you mean 'link'?" in told
    assert "rules.yaml:4: unknown key 'lables'; did you mean 'labels'?" in told


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ("", "targets.yaml: the file is empty"),
        ("units: []\n", "targets.yaml:1: units: "),
        ("units:\n  - {id: a}\n", "targets.yaml:2: 'url' is missing"),
        ("units:\n  - {id: a, url: www.a.test}\n", "targets.yaml:2: 'www.a.test' has no scheme"),
        (
            "units:\n  - {id: a, url: 'http://a b/'}\n",
            "targets.yaml:2: 'http://a b/' is not an http",
        ),
        ("units:\n  - a: [\n", "not valid YAML"),
        ("units:\n  - 'http://a.test/'\nunits: []\n", "targets.yaml:3: 'units' stands here twice"),
        (
            "units:\n  - {id: a, url: 'http://a.test/'}\n  - {id: a, url: 'http://b.test/'}\n",
            "targets.yaml:3: unit id 'a' is already used in line 2",
        ),
        (
            TARGETS + "waivers:\n  - {unit: aa, requirement: portel, reason: r, approved_by: w, "
            "until: 2027-01-01}\n",
            "targets.yaml:4: no requirement has the id 'portel'; did you mean 'portal'?",
        ),
        ("- just a list\n", "targets.yaml:1: must begin with keys, such as units:"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_remedy(
    tmp_path: Path, targets: str, expected: str
) -> None:
    assert expected in problems(tmp_path, targets)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("{path: root}", "must name a payload, a host or an account"),
        ("{host: 'http://a.test/'}", "write only the host: a.test"),
        ("{host: a.test, path: index.html}", "must be `root` or begin with a slash"),
        ("{host: a.test, verified: soon}", "must be a day like 2026-11-23"),
    ],
)
def test_a_wrong_accept_entry_is_told(tmp_path: Path, entry: str, expected: str) -> None:
    rules = RULES.replace("{host: www.p.test, path: root}", entry)
    assert expected in problems(tmp_path, rules=rules)
