"""Mistakes in values: each with its line and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.plans import RULES, TARGETS, TODAY, loaded, problems
from ycaudit.errors import ConfigError
from ycaudit.inputs.plan import load


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
            "targets.yaml:2: 'http://a b/' has a blank inside; take it out",
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
            "targets.yaml:4: no requirement has the id or the name 'portel'; did you mean "
            "'portal'?",
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


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("applies_to: [school]", "applies_to: must be a mapping of keys to values, like {tags: "),
        (
            "accept: [{host: a.test, query: 'src=x'}]",
            "query: must be a mapping of keys to values, like {src: homepage}",
        ),
        (
            "accept: [{weibo: {uid: 微博号}}]",
            "uid: '微博号' is no uid of Weibo: write the digits of https://weibo.com/u/1999404300",
        ),
        ("accept: [{weibo: {uid: 1999404300}}]", ""),
    ],
)
def test_a_value_of_another_form_is_told_with_one_that_is_right(
    tmp_path: Path, written: str, expected: str
) -> None:
    rules = RULES.replace("accept: [{host: www.p.test, path: root}]", "%s")
    if written.startswith("applies_to"):
        written += ", accept: [{host: a.test}]"
    if expected:
        assert expected in problems(tmp_path, rules=rules % written)
    else:
        assert loaded(tmp_path, rules=rules % written).units


def test_what_a_waiver_lacks_is_told_with_an_example(tmp_path: Path) -> None:
    told = problems(tmp_path, TARGETS + "waivers:\n  - {unit: a, requirement: portal, reason: r}\n")
    assert told.splitlines() == [
        "targets.yaml:4: 'approved_by' is missing: write it like approved_by: 李主任",
        "targets.yaml:4: 'until' is missing: write it like until: 2027-03-31",
    ]


def test_a_domain_that_must_be_there_is_told_where_it_stands(tmp_path: Path) -> None:
    entry = "name: n\nrequirements:\n  - id: p\n    name: P\n    kind: link\n    accept:\n"
    told = problems(tmp_path, rules=f"{entry}      - host: a.test\n      - domain: b.test\n")
    assert told.startswith("rules.yaml:8: domain: 'b.test' has many sites")


def test_all_that_is_wrong_with_a_list_comes_at_once(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        "units:\n"
        "  - {id: a, url: 'http://a.test/', nmae: 甲}\n"
        "  - {id: b}\n"
        "  - {id: c, url: 'http://c.test:99999/'}\n"
        "  - {id: c, url: 'ftp://d.test/', tgs: [x]}\n"
        "  - {id: e, url: 'http：//e.test/'}\n"
        "  - {id: a, url: 'http://f.test/'}\n"
        "  - [id, url]\n"
        "waivers:\n"
        "  - {unit: a, requirement: portal, reason: r, approved_by: w, until: 2027-02-30}\n",
    )
    assert [line.split(": ", 1)[0] for line in told.splitlines()] == [
        *("targets.yaml:2", "targets.yaml:3", "targets.yaml:4", "targets.yaml:5", "targets.yaml:5"),
        *(
            "targets.yaml:5",
            "targets.yaml:6",
            "targets.yaml:7",
            "targets.yaml:8",
            "targets.yaml:10",
        ),
    ]


def test_a_misspelt_kind_hides_nothing_else_and_is_told_in_its_line(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        rules="name: n\nrequirements:\n  - id: p\n    name: P\n    kind: lnik\n    level: shoud\n"
        "    acept: [{host: a.test}]\n",
    )
    assert told.splitlines() == [
        "rules.yaml:5: 'kind' must be one of link, qr, text; did you mean 'link'?",
        "rules.yaml:6: level: must be one of must, should",
        "rules.yaml:7: unknown key 'acept'; did you mean 'accept'?",
    ]


@pytest.mark.parametrize(
    ("kind", "form", "expected"),
    [
        ("link", "www.a.test", "'www.a.test' needs a key: write {host: www.a.test}"),
        (
            "qr",
            "'http://a.test/x'",
            "'http://a.test/x' needs a key: write {payload: http://a.test/x}",
        ),
        ("text", "找错", "'找错' needs a key: write {text: 找错}"),
    ],
)
def test_a_form_without_a_key_is_told_the_likeliest(
    kind: str, form: str, expected: str, tmp_path: Path
) -> None:
    rules = f"name: n\nrequirements:\n  - {{id: p, name: P, kind: {kind}, accept: [{form}]}}\n"
    assert f"rules.yaml:3: {expected}" in problems(tmp_path, rules=rules)


@pytest.mark.parametrize(
    ("kind", "meant"), [("qrcode", "qr"), ("链接", "link"), ("QRCode", "qr"), ("文字", "text")]
)
def test_other_words_for_a_kind_are_understood_as_slips(
    kind: str, meant: str, tmp_path: Path
) -> None:
    told = problems(tmp_path, rules=RULES.replace("kind: link", f"kind: {kind}"))
    assert f"must be one of link, qr, text; did you mean {meant!r}?" in told


@pytest.mark.parametrize("url", ["“http://a.test/”", "http：//a.test/", "http:／／a.test/"])
def test_an_address_with_full_width_signs_is_told_as_it_is_meant(url: str, tmp_path: Path) -> None:
    told = problems(tmp_path, f"units:\n  - {{id: a, url: '{url}'}}\n")
    assert told == f"targets.yaml:2: {url!r} has full-width signs; write http://a.test/"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http:/a.test", "'http:/a.test' is not an http or https address; write http://a.test"),
        ("//a.test/x", "'//a.test/x' has no scheme; write http://a.test/x"),
        (
            "ftp://a.test/",
            "'ftp://a.test/' is not an http or https address; write http://host/path",
        ),
        (
            "http://me:word@a.test/ x",
            "'http://a.test/ x' has a blank inside; take it out, or write",
        ),
        ("http://a.test:70000/", "'http://a.test:70000/': 70000 is no port: at most 65535"),
        (
            "http://www,a,gov.cn/",
            "'www,a,gov.cn' is not a host name: it has a ,; write it like www.example.gov.cn",
        ),
        (
            "www.a..gov.cn",
            "'www.a..gov.cn' is not a host name: two dots stand side by side; take one out",
        ),
        ("http://a.test/x？y=1", "'http://a.test/x？y=1' has a full-width ？; write ?"),
    ],
)
def test_an_address_that_cannot_be_meant_is_told_with_its_cure(
    url: str, said: str, tmp_path: Path
) -> None:
    told = problems(tmp_path, f"units:\n  - {{id: a, url: '{url}'}}\n")
    assert told.startswith(f"targets.yaml:2: {said}")


@pytest.mark.parametrize(
    "url",
    [
        "http://a_b.test/",
        "http://10.0.0.1:8080/x",
        "http://[::1]/",
        "http://示例。中国/",
        "HTTP://A.test./中文/",
        "http://me:word@a.test/",
        " http://a.test/ ",
    ],
)
def test_an_address_that_a_browser_opens_as_it_is_meant_is_taken(url: str, tmp_path: Path) -> None:
    plan = loaded(tmp_path, f"units:\n  - {{id: a, url: '{url}'}}\n")
    assert [unit.target.url for unit in plan.units] == [url]


def test_every_mistake_of_a_unit_is_told_at_once(tmp_path: Path) -> None:
    told = problems(tmp_path, "units:\n  - {id: a, url: a.test, intranet: [10.3]}\n")
    assert "'a.test' has no scheme; write http://a.test" in told
    assert "'10.3' is no network; write 10.3.0.0/16" in told


WAIVER = TARGETS + (
    "waivers:\n  - {unit: a, requirement: portal, reason: r, approved_by: w, until: %s}\n"
)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2027-06-31", "'2027-06-31': the calendar has no such day"),
        ("2027-02-29", "'2027-02-29': the calendar has no such day"),
        ("2027/6/30", "'2027/6/30' must be a day like 2026-11-23"),
        ("20270630", "'20270630' must be a day like 2026-11-23"),
    ],
)
def test_a_day_is_told_by_what_is_wrong_with_it(day: str, said: str, tmp_path: Path) -> None:
    assert problems(tmp_path, WAIVER % day) == f"targets.yaml:4: until: {said}"


def test_a_misspelt_key_is_told_and_not_that_the_right_one_is_missing(tmp_path: Path) -> None:
    told = problems(tmp_path, TARGETS.replace("units", "unit"), RULES.replace("kind", "knd"))
    assert told.splitlines() == [
        "rules.yaml:3: 'kind' must be one of link, qr, text",
        "targets.yaml:1: unknown key 'unit'; did you mean 'units'?",
    ]
    told = problems(tmp_path, rules=RULES.replace("accept", "acept").replace("id: portal, ", ""))
    assert told.splitlines() == [
        "rules.yaml:3: 'id' is missing: write it like id: news",
        "rules.yaml:3: unknown key 'acept'; did you mean 'accept'?",
    ]


def test_what_is_wrong_with_the_rules_is_told_before_what_follows_in_the_list(
    tmp_path: Path,
) -> None:
    (tmp_path / "list.yaml").write_text(WAIVER % "2099-01-01", encoding="utf-8")
    rules = tmp_path / "rules.yaml"
    entry = "  - {id: gov, name: N, kind: link, accept: [{host: www.q.test}]}\n"
    rules.write_text(RULES.replace("id: portal", "id: gov") + entry, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "list.yaml", [rules], today=TODAY)
    assert str(caught.value).replace(f"{tmp_path}/", "").splitlines() == [
        "rules.yaml:4: requirement id 'gov' is already used in rules.yaml:3",
        "list.yaml:4: no requirement has the id or the name 'portal'; there are 门户, N, gov",
    ]


WIDE = "a full-width {0}; write {1}"
COLON = "a full-width ：; write : and a blank"


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ("units：\n  - {id: a, url: 'http://a.test/'}\n", [f"1: {COLON}"]),
        ("note：n\nunits：\n  - id：a\n    url: x\n", [f"{n}: {COLON}" for n in (1, 2, 3)]),
        ("units:\n  - id：a\n    url: 'http://a.test/'\n", [f"2: {COLON}"]),
        ("units:\n  - {id: a，name: b, url: 'x'}\n", ["2: " + WIDE.format("，", ",")]),
        ("units:\n  - {id: a, tags: ［x, y］, url: b: c}\n", ["2: " + WIDE.format("［", "[")]),
        (
            "units:\n  - {id：a, url: 'http://a.test/'}\n",
            [f"2: unknown key 'id：a' (it has {COLON})"],
        ),
        (
            "units:\n  - {id: a, url: 'http://a.test/', \u3000tags: [x]}\n",
            ["2: unknown key '\\u3000tags' (it has a full-width blank; write a narrow one)"],
        ),
        # Wide signs that are meant stand beside a mistake of another kind.
        (
            "# 注：x\nunits:\n  - {id: a, name: 甲：乙，丙, url: b: c}\n",
            ["3: not valid YAML: a comma or a closing bracket is missing"],
        ),
    ],
)
def test_a_full_width_sign_is_told_where_it_stands(
    targets: str, expected: list[str], tmp_path: Path
) -> None:
    assert problems(tmp_path, targets) == "\n".join(f"targets.yaml:{line}" for line in expected)
