"""Lists and rules that cannot mean what they say are refused, by every command that reads them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest
import yaml

from support.cli import ycaudit
from ycaudit import AuditError, audit, load_units
from ycaudit.inputs import json_schema
from ycaudit.model import Target
from ycaudit.rules.judge import Unit

RULES = """name: n
requirements:
  - {id: portal, name: Portal, kind: link, accept: [{host: www.p.test}]}
"""
SCHOOL = "  - {id: s, name: S, kind: link, applies_to: {tags: [%s]}, accept: [{host: s.test}]}\n"
UNITS = "units:\n  - {id: a, url: 'http://a.test/', tags: [school]}\n"
ONLY_SCHOOLS = "name: n\nrequirements:\n" + SCHOOL % "school"
LOOK = ("http://127.0.0.1:9/", "--observer", "static")


def rule(accept: str) -> str:
    return f"name: n\nrequirements:\n  - {{id: p, name: P, kind: link,\n     accept: [{accept}]}}\n"


def code(payload: str) -> str:
    return rule(f"{{payload: '{payload}'}}").replace("link", "qr")


@dataclass(frozen=True)
class Trap:
    """A list and rules of which one cannot be meant: where that is told, and the cure."""

    rules: str = RULES
    units: str = UNITS
    where: str = "rules.yaml:4: "
    cure: str = ""
    check: tuple[tuple[str, ...], str] | None = None
    """For `check`, which reads no list: more words, and the cure; None where it is no mistake."""
    schema: str = ""
    """Which schema marks it in an editor."""

    def write(self, folder: Path) -> None:
        (folder / "targets.yaml").write_text(self.units, "utf-8")
        (folder / "rules.yaml").write_text(self.rules, "utf-8")


def of_rules(rules: str, where: str, cure: str, schema: str = "rules") -> Trap:
    """One that stands in the rules alone, so that `check` tells it in the same words."""
    return Trap(rules, UNITS, where, cure, check=((), cure), schema=schema)


TRAPS = {
    "a misspelt tag": Trap(
        RULES + SCHOOL % "schol",
        cure="mean 'school'?",
        check=(("--tag", "school"), "mean 'schol'?"),
    ),
    "a misspelt tag beside one that is carried": Trap(
        RULES + SCHOOL % "school, schol", cure="'schol'; did you mean 'school'?"
    ),
    "a tag of nobody": Trap(
        RULES + SCHOOL % "hospital", cure="carries the tag 'hospital'; they carry school"
    ),
    "a tag where no unit has any": Trap(
        RULES + SCHOOL % "school",
        "units:\n  - http://a.test/\n",
        cure="no unit carries any: give it to those",
    ),
    "a unit of which nothing is asked": Trap(
        ONLY_SCHOOLS,
        UNITS + "  - {id: b, url: 'http://b.test/'}\n",
        "targets.yaml:3: ",
        "one of the tags school",
        check=((), "one of the tags school with --tag"),
    ),
    "an address twice": Trap(
        units=UNITS + "  - {id: b, url: 'HTTP://A.test:80'}\n",
        where="targets.yaml:3: ",
        cure="already listed as 'a'",
    ),
    "an address without a scheme": Trap(
        units=UNITS + "  - {id: b, url: b.test}\n",
        where="targets.yaml:3: ",
        cure="write http://b.test",
        schema="targets",
    ),
    "a wide colon in an address of the list": Trap(
        units=UNITS + "  - {id: b, url: 'http：//b.test/'}\n",
        where="targets.yaml:3: ",
        cure="has full-width signs; write http://b.test/",
        schema="targets",
    ),
    "a comma in a host of the list": Trap(
        units=UNITS + "  - {id: b, url: 'http://www,b,gov.cn/'}\n",
        where="targets.yaml:3: ",
        cure="'www,b,gov.cn' is not a host name: it has a ,",
    ),
    "two dots in a host of the list": Trap(
        units=UNITS + "  - {id: b, url: 'http://www.e..gov.cn/'}\n",
        where="targets.yaml:3: ",
        cure="two dots stand side by side; take one out",
    ),
    "a blank in an address of the list": Trap(
        units=UNITS + "  - {id: b, url: 'http://b.test/ path'}\n",
        where="targets.yaml:3: ",
        cure="has a blank inside; take it out",
    ),
    "a wide question mark in an address of the list": Trap(
        units=UNITS + "  - {id: b, url: 'http://b.test/a？b=1'}\n",
        where="targets.yaml:3: ",
        cure="has a full-width ？; write ?",
    ),
    "no tag at all": of_rules(RULES + SCHOOL % "", "rules.yaml:4: ", "at least one entry"),
    "no host at all": of_rules(rule("{host: []}"), "rules.yaml:4: ", "at least one entry"),
    "a form that names nothing": of_rules(rule("{path: /x}"), "rules.yaml:4: ", "must name a"),
    "a pattern for a host": of_rules(
        rule("{host: '*.p.test'}"), "rules.yaml:4: ", "list each host by its name"
    ),
    "an address for a host": of_rules(
        rule("{host: 'http://www.P.test/x'}"), "rules.yaml:4: ", "write only the host: www.p.test"
    ),
    "a path behind a host": of_rules(
        rule("{host: 'p.test:8080/x'}"), "rules.yaml:4: ", "write only the host: p.test:8080"
    ),
    "a link without a scheme": of_rules(
        rule("{host: p.test},\n      {payload: www.p.test}"), "rules.yaml:5: ", "with its scheme"
    ),
    "a mistake without a scheme": of_rules(
        RULES.replace("accept:", "mistakes: [{payload: www.p.test}], accept:"),
        "rules.yaml:3: ",
        "with its scheme",
    ),
    "a comma in a host": of_rules(rule("{host: 'www.p,test'}"), "rules.yaml:4: ", "it has a ,"),
    "a wide comma in a host": of_rules(
        rule("{host: [p.test, 'q.test，r.test']}"), "rules.yaml:4: ", "it has a ，"
    ),
    "a wide colon in an address": of_rules(
        code("http：//p.test/"), "rules.yaml:4: ", "full-width signs; write http://p.test/", ""
    ),
    "a wide question mark in an address": of_rules(
        code("http://p.test/a？b=1"), "rules.yaml:4: ", "has a full-width ？; write ?", ""
    ),
    "a blank in an address": of_rules(
        code("http://weixin.qq.com/r/A B"), "rules.yaml:4: ", "has a blank inside; take it", ""
    ),
    "a blank behind a scheme": of_rules(
        code("http:// p.test/"), "rules.yaml:4: ", "is no address that a browser opens", ""
    ),
    "a code of WeChat without a scheme": of_rules(
        code("weixin.qq.com/r/A"), "rules.yaml:4: ", "write http://weixin.qq.com/r/A", ""
    ),
    "a payload on another host": of_rules(
        rule("{host: a.test, payload: 'http://b.test/'}"),
        "rules.yaml:4: ",
        "does not match what stands beside it: write two entries",
        "",
    ),
    "two ports": of_rules(
        rule("{host: 'p.test:8080', port: 80}"),
        "rules.yaml:4: ",
        "not even http://p.test:8080/",
        "",
    ),
    "a scheme in capitals": of_rules(
        rule("{host: p.test, scheme: 'https://'}"), "rules.yaml:4: ", "write it like https", ""
    ),
    "a path that no browser asks for": of_rules(
        rule("{host: p.test, path: '/a/../b'}"), "rules.yaml:4: ", "not even http://p.test/a/..", ""
    ),
    "parameters in a path": of_rules(
        rule("{host: p.test, path: '/list?id=7'}"),
        "rules.yaml:4: ",
        "write /list and query: {id: …}",
        "",
    ),
    "a domain that must be there": of_rules(
        rule("{domain: p.test}"), "rules.yaml:4: ", "list each host by its name", ""
    ),
    "a domain with a star": of_rules(
        rule("{domain: '*.p.test'}"), "rules.yaml:4: ", "write it like example.gov.cn"
    ),
    "a path without a slash": of_rules(
        rule("{host: p.test, path: x}"), "rules.yaml:4: ", "begin with a slash"
    ),
}


@pytest.mark.parametrize("command", ["validate", "scan"])
@pytest.mark.parametrize("trap", TRAPS)
def test_what_cannot_be_meant_is_refused_with_its_line_and_cure(
    trap: str, command: str, tmp_path: Path
) -> None:
    TRAPS[trap].write(tmp_path)
    done = ycaudit(command, "targets.yaml", "--rules", "rules.yaml", cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert TRAPS[trap].where in done.stderr
    assert TRAPS[trap].cure in done.stderr


@pytest.mark.parametrize("trap", [name for name, trap in TRAPS.items() if trap.check])
def test_check_refuses_what_it_reads_of_it(trap: str, tmp_path: Path) -> None:
    TRAPS[trap].write(tmp_path)
    words, cure = TRAPS[trap].check or ((), "")
    done = ycaudit("check", *LOOK, "--rules", "rules.yaml", *words, cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert cure in done.stderr
    assert TRAPS[trap].schema != "rules" or TRAPS[trap].where in done.stderr


@pytest.mark.parametrize("trap", [name for name, trap in TRAPS.items() if not trap.check])
def test_check_knows_no_list_in_which_it_could_be_wrong(trap: str, tmp_path: Path) -> None:
    TRAPS[trap].write(tmp_path)
    done = ycaudit("check", *LOOK, "--rules", "rules.yaml", cwd=tmp_path)
    assert done.returncode == 3, done.stderr


@pytest.mark.parametrize("trap", TRAPS)
def test_the_library_refuses_the_same(trap: str, tmp_path: Path) -> None:
    TRAPS[trap].write(tmp_path)
    with pytest.raises(AuditError, match=re.escape(TRAPS[trap].cure)):
        load_units(tmp_path / "targets.yaml", tmp_path / "rules.yaml")


@pytest.mark.parametrize("trap", TRAPS)
def test_editors_mark_what_a_schema_can_tell(trap: str) -> None:
    texts = {"targets": TRAPS[trap].units, "rules": TRAPS[trap].rules}
    for name, text in texts.items():
        schema = jsonschema.Draft202012Validator(json_schema.SCHEMAS[name]())
        assert schema.is_valid(yaml.safe_load(text)) is (TRAPS[trap].schema != name), name


@pytest.mark.parametrize(
    "twin", ["https://a.test/", "http://www.a.test/", "https://www.a.test/index.html#top"]
)
def test_addresses_that_differ_in_www_or_https_are_told_as_likely_the_same(
    twin: str, tmp_path: Path
) -> None:
    Trap(units=UNITS + f"  - {{id: b, url: '{twin}'}}\n").write(tmp_path)
    done = ycaudit("validate", "targets.yaml", "--rules", "rules.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "targets.yaml:3: a and b are likely the same homepage" in done.stderr
    assert f"(http://a.test/, {twin}): if so, take one out" in done.stderr


def test_a_tag_is_not_called_nobodys_where_a_unit_that_carries_it_cannot_be_read(
    tmp_path: Path,
) -> None:
    Trap(RULES + SCHOOL % "school", UNITS.replace("http://", "ftp://")).write(tmp_path)
    done = ycaudit("validate", "targets.yaml", "--rules", "rules.yaml", cwd=tmp_path)
    assert "targets.yaml:2: " in done.stderr
    assert "no unit carries" not in done.stderr


def test_a_line_is_told_rightly_below_units_that_cannot_be_read(tmp_path: Path) -> None:
    wrong = "  - {id: b, url: 'ftp://b.test/'}\n  - {id: c, url: 'http://c.test/'}\n"
    Trap(ONLY_SCHOOLS, UNITS + wrong).write(tmp_path)
    done = ycaudit("validate", "targets.yaml", "--rules", "rules.yaml", cwd=tmp_path)
    assert "targets.yaml:3: " in done.stderr
    assert "targets.yaml:4: no requirement applies to c" in done.stderr


@pytest.mark.parametrize("format_name", ["table", "json"])
def test_check_lists_what_it_does_not_judge_in_every_format(
    format_name: str, tmp_path: Path
) -> None:
    Trap(RULES + SCHOOL % "school").write(tmp_path)
    words = ("--rules", "rules.yaml", "--format", format_name)
    done = ycaudit("check", *LOOK, *words, cwd=tmp_path)
    said = done.stdout if format_name == "table" else done.stderr
    assert "not judged, for lack of a tag (school): S" in said
    whole = ycaudit("check", *LOOK, *words, "--tag", "school", cwd=tmp_path)
    assert "not judged" not in whole.stdout + whole.stderr


def test_a_stored_run_is_not_judged_by_rules_that_ask_nothing_of_a_unit(tmp_path: Path) -> None:
    Trap(RULES).write(tmp_path)
    words = ("check", *LOOK, "--rules", "rules.yaml", "--output", "run.json")
    assert ycaudit(*words, cwd=tmp_path).returncode == 3
    Trap(ONLY_SCHOOLS).write(tmp_path)
    nothing = ycaudit("judge", "run.json", "--rules", "rules.yaml", cwd=tmp_path)
    assert nothing.returncode == 2
    assert "no requirement applies to 127.0.0.1-9: give it one of the tags school" in nothing.stderr
    Trap(RULES + SCHOOL % "school").write(tmp_path)
    part = ycaudit("judge", "run.json", "--rules", "rules.yaml", "--format", "json", cwd=tmp_path)
    assert part.returncode == 3
    assert "s is asked of no unit of this run: none carries school" in part.stderr
    assert [v["requirement"] for v in json.loads(part.stdout)["reports"][0]["verdicts"]] == [
        "portal"
    ]


def test_a_unit_of_which_nothing_is_asked_is_never_a_pass_for_programs_either() -> None:
    unit = Unit(target=Target(id="a", name="A", url="http://127.0.0.1:9/"), requirements=())
    with pytest.raises(AuditError, match="nothing is asked of A"):
        audit([unit], observer="static")
