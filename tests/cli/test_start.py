"""The first hour: a commented start, schemas for the editor, and a doctor."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from support.browsers import needs_browser
from support.cli import ycaudit
from support.history import run
from ycaudit.cli import doctor, office_tables, settings
from ycaudit.cli.stored_runs import stored
from ycaudit.inputs import json_schema
from ycaudit.inputs.plan import load_rules
from ycaudit.runs.history import opened

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "schemas"


def checked(name: str, text: str) -> list[str]:
    """What a schema says against a YAML text."""
    found = jsonschema.Draft202012Validator(json_schema.SCHEMAS[name]()).iter_errors(written(text))
    return [error.message for error in found]


def written(text: str) -> Any:
    """The text as an editor reads it, in which a day is a text."""
    loader = type("Loader", (yaml.SafeLoader,), {"yaml_implicit_resolvers": {
        key: [(tag, regexp) for tag, regexp in known if "timestamp" not in tag]
        for key, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }})  # fmt: skip
    return yaml.load(text, loader)


@pytest.mark.parametrize("name", json_schema.SCHEMAS)
def test_the_committed_schemas_are_those_of_the_models(name: str) -> None:
    """To accept a change: YCAUDIT_ACCEPT=1."""
    file = SCHEMAS / f"{name}.schema.json"
    if os.environ.get("YCAUDIT_ACCEPT"):
        file.write_text(json_schema.text_of(name), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == json_schema.text_of(name)
    jsonschema.Draft202012Validator.check_schema(json_schema.SCHEMAS[name]())


@pytest.mark.parametrize("name", ["targets", "rules"])
def test_the_editor_tells_what_each_key_is_for(name: str) -> None:
    made = json_schema.SCHEMAS[name]()
    for record in (made, *made["$defs"].values()):
        for key, part in record.get("properties", {}).items():
            assert part.get("description"), key
    known = {json_schema.key_of(d, k) for n in ("targets", "rules")
             for d, r in [(json_schema.SCHEMAS[n]()["title"], json_schema.SCHEMAS[n]()),
                          *json_schema.SCHEMAS[n]()["$defs"].items()]
             for k in r.get("properties", {})}  # fmt: skip
    assert set(json_schema.KEYS) == known


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("targets", "targets.yaml"),
        ("rules", "rules/yichang.yaml"),
        ("rules", "fixtures/city/rules.yaml"),
    ],
)
def test_what_the_program_takes_the_editor_takes(name: str, file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert checked(name, text) == []


def test_what_the_program_refuses_the_editor_marks() -> None:
    assert checked("targets", "units: []\n") != []
    assert checked("targets", "units: [{url: x, nme: y}]\n") != []
    assert checked("targets", "units: ['http://a.test', {url: HTTPS://b.test, tags: one}]\n") == []
    wrong = "name: n\nrequirements: [{id: a, name: b, kind: lnik, accept: [{host: x.test}]}]\n"
    assert checked("rules", wrong) != []
    one = wrong.replace("lnik", "link")
    assert checked("rules", one) == []


def test_the_lists_of_this_project_are_stamped_for_editors() -> None:
    for file, leads_to in (
        ("targets.yaml", "schemas/targets.schema.json"),
        ("rules/yichang.yaml", "../schemas/rules.schema.json"),
    ):
        first = (ROOT / file).read_text(encoding="utf-8").splitlines()[0]
        assert first == f"{json_schema.STAMP}{leads_to}"
        assert ((ROOT / file).parent / leads_to).is_file()


def test_a_schema_is_printed_or_written(tmp_path: Path) -> None:
    assert json.loads(ycaudit("schema", "rules").stdout)["title"] == "RulesFile"
    assert ycaudit("schema", "run", "--output", "run.json", cwd=tmp_path).returncode == 0
    assert json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["title"] == "ScanRun"
    wrong = ycaudit("schema", "rulez")
    assert wrong.returncode == 2
    assert "one of: targets, rules, run" in wrong.stderr


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_start_is_of_no_city_and_leaves_the_code_to_be_pinned(
    tmp_path: Path, language: str
) -> None:
    ycaudit("init", "--lang", language, cwd=tmp_path)
    written = [file.read_text(encoding="utf-8") for file in tmp_path.rglob("*.*ml")]
    assert not any(word in text for text in written for word in ("鄂", "0717", "宜昌", "Yichang"))
    pinned = ycaudit("pin", "app", "http://a.test/", "--source", "s", cwd=tmp_path)
    assert pinned.returncode == 0, pinned.stderr
    valid = ycaudit("validate", cwd=tmp_path)
    assert valid.stdout == "in order: 2 units, 2 requirements\n"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_start_is_in_order_as_it_is_written(tmp_path: Path, language: str) -> None:
    done = ycaudit("init", "--lang", language, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    valid = ycaudit("validate", cwd=tmp_path)
    assert (valid.returncode, valid.stdout) == (
        0,
        "in order: 2 units, 2 requirements, 1 still to be pinned\n",
    )
    assert len(load_rules([tmp_path / "rules"])[0]) == 2
    for name, file in (("targets", "targets.yaml"), ("rules", "rules/policy.yaml")):
        text = (tmp_path / file).read_text(encoding="utf-8")
        stamp = text.splitlines()[0].removeprefix(json_schema.STAMP)
        assert ((tmp_path / file).parent / stamp).is_file()
        assert checked(name, text) == []
        # What stands as a comment is right as well, once it is none.
        opened = re.sub(r"(?m)^#(?=  |waivers)", "", text)
        assert opened != text
        assert checked(name, opened) == []


def test_each_start_keeps_the_runs_of_its_own_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("YCAUDIT_HISTORY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for folder in ("schools", "clinics"):
        assert ycaudit("init", folder, cwd=tmp_path).returncode == 0
    with opened(tmp_path / "schools" / "history.sqlite3") as history:
        history.save(run(0, 甲="+"))
    (entry,) = ycaudit("history", cwd=tmp_path / "schools").stdout.splitlines()
    assert "1 site" in entry
    elsewhere = ycaudit("history", cwd=tmp_path / "clinics")
    assert "1 site" not in elsewhere.stdout + elsewhere.stderr
    monkeypatch.chdir(tmp_path / "schools")
    assert stored("2026") == ["20260601T080000.000000Z"]
    monkeypatch.chdir(tmp_path / "clinics")
    assert stored("2026") == []


def test_a_start_where_runs_are_kept_already_does_not_lose_sight_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("YCAUDIT_HISTORY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "名单.csv").write_text("单位,网址\n", encoding="utf-8")
    with opened(tmp_path / "data" / "ycaudit" / "history.sqlite3") as history:
        history.save(run(0, 甲="+"))
    assert ycaudit("init", cwd=tmp_path / "city").returncode == 0
    assert "1 site" in ycaudit("history", cwd=tmp_path / "city").stdout


def test_a_start_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text("mine", encoding="utf-8")
    done = ycaudit("init", cwd=tmp_path)
    assert done.returncode == 2
    assert "is there already, so nothing was written" in done.stderr
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".yaml"] == ["targets.yaml"]
    assert not (tmp_path / "rules").exists()
    assert (tmp_path / "targets.yaml").read_text(encoding="utf-8") == "mine"


@needs_browser
@pytest.mark.browser
def test_the_doctor_tries_everything_and_tells_what_mends_it(tmp_path: Path) -> None:
    done = ycaudit("doctor", "--json", cwd=tmp_path)
    found = {entry["what"]: entry for entry in json.loads(done.stdout)}
    assert done.returncode == 0, done.stdout
    for what in ("decoder zxing-cpp", "look without a browser", "look by a browser", "history"):
        assert found[what]["state"] == "works", found[what]
    assert "the desk, a window in the browser" in found
    assert found["targets.yaml and rules"]["mend"] == "`ycaudit init` writes a commented start"
    assert ycaudit("doctor", "--strict", cwd=tmp_path).returncode == 1  # no list, no mail server


def test_the_doctor_finds_what_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "targets.yaml").write_text("units: 3\n", encoding="utf-8")
    (tmp_path / "ycaudit.toml").write_text("jobz = 3\n", encoding="utf-8")
    files = {f.what: f for f in doctor._files()}
    assert files["settings"].state == files["targets.yaml and rules"].state == "broken"
    monkeypatch.setenv("YCAUDIT_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("YCAUDIT_SMTP_PORT", "9")
    monkeypatch.setenv("YCAUDIT_MAIL_FROM", "a@b.test")
    (mail,) = doctor._mail()
    assert mail.state == "broken"
    assert "cannot be reached" in mail.result
    (tmp_path / "history").mkdir()
    monkeypatch.setenv("YCAUDIT_HISTORY", str(tmp_path / "history"))
    assert next(iter(doctor._history())).state == "broken"


def test_the_doctor_survives_a_check_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def _odd_check() -> list[doctor.Finding]:
        raise RuntimeError("no luck")

    assert list(doctor._tried(_odd_check)) == [
        doctor.Finding(
            "a check of the doctor's own",
            "broken",
            "RuntimeError: no luck",
            "report it with this line: it is a bug",
        )
    ]


def test_the_doctor_knows_a_terminal_that_cannot_show_chinese(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Latin:
        encoding = "iso-8859-1"

    monkeypatch.setattr(doctor.sys, "stdout", Latin())
    (terminal,) = doctor._terminal()
    assert (terminal.state, terminal.result) == ("missing", "encoding iso-8859-1")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_the_first_settings_propose_is_read_once_it_is_taken_out_of_comments(
    tmp_path: Path, language: str
) -> None:
    text = (ROOT / "src/ycaudit/starting" / language / "ycaudit.toml").read_text("utf-8")
    (tmp_path / "ycaudit.toml").write_text(re.sub(r"(?m)^# (?=\[|\w+ = )", "", text), "utf-8")
    found = settings.find(tmp_path, {})
    office_tables.check(found)
    hearing, threshold = office_tables.hearing_of(found), office_tables.threshold_of(found)
    assert (hearing.persons, hearing.days) == (2, 10)
    assert threshold is not None
    assert office_tables.letterhead_of(found).contact == "张三"
