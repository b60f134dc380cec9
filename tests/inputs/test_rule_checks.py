"""Requirements that exclude each other are refused; what is only odd is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.plans import RULES, TARGETS, loaded, problems

PORTAL = "  - {id: portal, name: 门户, kind: link, accept: [%s]}\n"
OLD = "  - {id: old, name: 旧站, kind: link, expect: absent, accept: [%s]}\n"


def rules(*entries: str) -> str:
    return "name: 规则\nrequirements:\n" + "".join(entries)


@pytest.mark.parametrize(
    ("asked", "forbidden"),
    [
        ("{host: a.test, path: root}", "{host: a.test}"),
        ("{host: a.test}", "{domain: a.test}"),
        ("{host: [a.test, www.a.test]}, {host: b.test}", "{host: b.test}, {domain: a.test}"),
        ("{payload: 'http://a.test/x'}", "{host: a.test, path: '/*'}"),
        ("{weibo: {uid: '10000'}}", "{weibo: {uid: '10000'}}"),
    ],
)
def test_what_is_asked_for_and_forbidden_is_refused(
    asked: str, forbidden: str, tmp_path: Path
) -> None:
    told = problems(tmp_path, rules=rules(PORTAL % asked, OLD % forbidden))
    assert told == "rules.yaml:4: what 'portal' asks for is what 'old' forbids: no homepage " + (
        "meets both"
    )


@pytest.mark.parametrize(
    ("asked", "forbidden"),
    [
        ("{host: a.test}", "{host: a.test, path: root}"),
        ("{host: a.test}", "{host: a.test, scheme: http}"),
        ("{host: [a.test, b.test]}", "{host: a.test}"),
        ("{host: a.test, path: root}", "{host: a.test, path: '/2015/*'}"),
        ("{weibo: {uid: '10000'}}", "{host: weibo.com}"),
    ],
)
def test_what_leaves_a_way_to_meet_both_is_taken(
    asked: str, forbidden: str, tmp_path: Path
) -> None:
    plan = loaded(tmp_path, rules=rules(PORTAL % asked, OLD % forbidden))
    assert len(plan.units[0].requirements) == 2


def test_words_that_are_asked_for_and_forbidden_are_refused(tmp_path: Path) -> None:
    text = "  - {id: t, name: T, kind: text, accept: [{text: 广告招租电话}]}\n"
    none = "  - {id: n, name: N, kind: text, expect: absent, accept: [{text: 广告}]}\n"
    assert "what 't' asks for is what 'n' forbids" in problems(tmp_path, rules=rules(text, none))


def test_requirements_of_different_units_do_not_exclude_each_other(tmp_path: Path) -> None:
    targets = (
        "units:\n  - {url: 'http://a.test/', tags: [x]}\n  - {url: 'http://b.test/', tags: [y]}\n"
    )
    asked, forbidden = (
        (entry % "{host: a.test}").replace("kind", f"applies_to: {{tags: [{tag}]}}, kind")
        for entry, tag in ((PORTAL, "x"), (OLD, "y"))
    )
    assert len(loaded(tmp_path, targets, rules(asked, forbidden)).units) == 2


def test_an_id_used_twice_is_told_beside_the_other_mistakes(tmp_path: Path) -> None:
    told = problems(tmp_path, rules=rules(PORTAL % "{host: a.test}", PORTAL % "{hots: b.test}"))
    assert "rules.yaml:4: unknown key 'hots'; did you mean 'host'?" in told
    assert "rules.yaml:4: requirement id 'portal' is already used in rules.yaml:3" in told


def test_a_pattern_without_a_sample_is_refused(tmp_path: Path) -> None:
    entry = "  - {id: t, name: T, kind: text,\n     accept: [{pattern: 'ICP备[0-9]+'}]}\n"
    told = problems(tmp_path, rules=rules(entry))
    assert told.startswith("rules.yaml:4: 'sample' is missing: a text that the pattern must match")


WAIVER = "waivers:\n  - {unit: a, requirement: s, reason: r, approved_by: w, until: 2099-01-01}\n"
ODD = {
    "one name": (
        RULES + PORTAL.replace("portal", "p2") % "{host: b.test}",
        TARGETS,
        "rules.yaml:4: 'portal' and 'p2' have one name: 门户",
    ),
    "a day to come": (
        RULES.replace("path: root", "path: root, verified: 2026-06-16"),
        TARGETS,
        "rules.yaml:3: verified: 2026-06-16 is still to come",
    ),
    "no scheme": (
        rules("  - {id: q, name: Q, kind: qr, accept: [{payload: www.a.test/app}]}\n"),
        TARGETS,
        "rules.yaml:3: 'www.a.test/app' has no http:// in front: only a code with just this "
        "text counts",
    ),
    "blanks at its ends": (
        rules("  - {id: q, name: Q, kind: qr, accept: [{payload: ' 甲 '}]}\n"),
        TARGETS,
        "rules.yaml:3: ' 甲 ' begins or ends with a blank, which a code must have, too",
    ),
    "a picture for a payload": (
        rules("  - {id: q, name: Q, kind: qr, accept: [{payload: codes/a.png}]}\n"),
        TARGETS,
        "rules.yaml:3: 'codes/a.png' looks like the name of a picture, and a payload is what the "
        "code says: to take it from the picture, run ycaudit pin q codes/a.png",
    ),
    "a form that another requirement forbids": (
        rules(
            PORTAL % "{host: [www.a.test, a.test, news.b.test], path: root}",
            OLD % "{domain: a.test}",
        ),
        TARGETS,
        "rules.yaml:4: 'portal' accepts http://www.a.test/, http://a.test/, which 'old' forbids: "
        "who shows it meets the one and fails the other",
    ),
    "mail that reaches nobody": (
        RULES,
        TARGETS + "  - {url: 'http://b.test/', contact: {email: wang}}\n",
        "targets.yaml:3: 'wang' is no e-mail address",
    ),
    "two waivers of one thing": (
        RULES,
        TARGETS
        + WAIVER.replace("requirement: s", "requirement: portal")
        + WAIVER.replace("requirement: s", "requirement: portal")
        .replace("waivers:\n", "")
        .replace("2099", "2098"),
        "targets.yaml:5: a has two waivers of portal, until 2099-01-01 and until 2098-01-01: the "
        "later day counts; take one out",
    ),
    "a waiver of what is not asked": (
        RULES + (PORTAL % "{host: s.test}").replace(
            "id: portal, name: 门户", "id: s, name: S, applies_to: {tags: [school]}"
        ),
        TARGETS + "  - {url: 'http://b.test/', tags: [school]}\n" + WAIVER,
        "targets.yaml:5: the waiver of s for a is needless: it is not asked of this unit",
    ),
}  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_what_is_odd_is_told_and_taken(odd: str, tmp_path: Path) -> None:
    written, targets, told = ODD[odd]
    (notice,) = loaded(tmp_path, targets, written).notices
    assert notice.replace(f"{tmp_path}/", "") == told


@pytest.mark.parametrize("payload", ["微信号 abc", "WIFI:S:x;;", "BEGIN:VCARD\\nN:王\\nEND:VCARD"])
def test_a_code_may_hold_any_text(payload: str, tmp_path: Path) -> None:
    entry = f'  - {{id: q, name: Q, kind: qr, accept: [{{payload: "{payload}"}}]}}\n'
    assert loaded(tmp_path, rules=rules(entry)).notices == ()
