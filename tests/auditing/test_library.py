"""The audit from a program: three examples, run against the embedded city."""

from __future__ import annotations

import asyncio
import importlib.util
import re
import subprocess
import sys
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import ycaudit
from support.history import PORTAL
from ycaudit import AuditError, Outcome, UnitReport, audit, load_units
from ycaudit.auditing import demo_city
from ycaudit.model import NoWebsite, Target
from ycaudit.rules.judge import Unit

EXAMPLES = Path(__file__).parents[2] / "examples"


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def how(there: demo_city.City) -> dict[str, Any]:
    return {"observer": "static", "allow_private": True, "resolve": [f"*:{there.port}:127.0.0.1"]}


def test_a_program_sees_what_an_audit_takes() -> None:
    takes, also = (signature(one).parameters for one in (audit, ycaudit.audit_async))
    assert takes == also
    assert "allow_private" in takes


def test_a_program_audits_a_list(lists: Path, running_city: demo_city.City) -> None:
    told: list[UnitReport] = []
    units = load_units(lists / "targets.yaml", lists / "rules")
    without = (NoWebsite(id="w", name="馆"),)
    run = audit(
        units, done=told.append, evidence=lists / "proof", no_website=without, **how(running_city)
    )
    assert run.no_website == without
    assert [report.target.id for report in run.reports] == ["complies", "nothing", "server-error"]
    assert {report.target.id for report in told} == {unit.target.id for unit in units}
    assert [r.outcome for r in run.reports] == [Outcome.PASS, Outcome.FAIL, Outcome.UNDETERMINED]
    assert run.suspicions == ()
    assert run.complete
    assert (lists / "proof" / "manifests" / f"{run.id}.json").is_file()


def test_the_first_example_tells_who_fails(
    lists: Path, running_city: demo_city.City, capsys: pytest.CaptureFixture[str]
) -> None:
    weekly = example("weekly")
    run = weekly.main(str(lists / "targets.yaml"), str(lists / "rules"), **how(running_city))
    name = running_city.cases["nothing"].name
    assert set(weekly.failing(run)) == {name}
    assert name in capsys.readouterr().out


def test_the_second_example_has_rules_of_its_own(running_city: demo_city.City) -> None:
    rest = {key: value for key, value in how(running_city).items() if key != "observer"}
    address = f"http://complies.city.test:{running_city.port}/"
    run = asyncio.run(example("own_rules").look({"Shop": address}, **rest))
    assert run.outcome is Outcome.FAIL
    assert run.reports[0].verdicts[0].requirement == "privacy"


def test_the_third_example_tells_every_code(lists: Path, running_city: demo_city.City) -> None:
    units = load_units(lists / "targets.yaml", lists / "rules")
    run = audit(units, **how(running_city))
    codes = list(example("seen_codes").codes(run))
    assert {code["unit"] for code in codes} == {"complies"}
    assert len({code["says"] for code in codes}) == len(codes) > 1


def test_mistakes_are_errors_that_a_program_can_catch(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match=r"no \*.yaml file in this folder"):
        load_units(tmp_path / "none.yaml", tmp_path)
    with pytest.raises(AuditError, match="choose one of auto, browser, static"):
        audit([asked_of("甲局")], observer="eyes")


def asked_of(name: str, *, things: int = 1) -> Unit:
    target = Target(id=name, name=name, url="http://127.0.0.1:9/")
    return Unit(target=target, requirements=(PORTAL,) * things)


@pytest.mark.parametrize(
    ("units", "how", "why"),
    [
        ([], {}, "there is no unit to look at"),
        ([asked_of("甲局"), asked_of("乙局", things=0)], {}, "nothing is asked of 乙局"),
        ([asked_of("甲局")], {"timeout": -1}, "timeout: must be at least 1"),
        ([asked_of("甲局")], {"timeout": float("nan")}, "timeout: must be at least 1"),
        ([asked_of("甲局")], {"jobs": 0}, "jobs: must be at least 1"),
        ([asked_of("甲局")], {"jobs": 501}, "jobs: must be at most 500"),
        ([asked_of("甲局")], {"resolve": "a.test:1"}, "'a.test:1': write HOST:PORT:ADDR"),
    ],
)
def test_what_nobody_could_judge_is_no_pass(
    units: list[Unit], how: dict[str, Any], why: str
) -> None:
    with pytest.raises(AuditError, match=re.escape(why)):
        audit(units, observer="static", **how)


def test_one_host_is_where_it_is_said_to_be(lists: Path, running_city: demo_city.City) -> None:
    there = {**how(running_city), "resolve": f"*:{running_city.port}:127.0.0.1"}
    first, *_ = load_units(lists / "targets.yaml", lists / "rules")
    assert audit([first], **there).outcome is Outcome.PASS


def test_every_name_of_the_library_is_there_and_none_costs_anything_before() -> None:
    for name in ycaudit.__all__:
        assert getattr(ycaudit, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = ycaudit.nonsense
    program = "import sys, ycaudit; print('pydantic' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
    assert (Path(ycaudit.__file__).parent / "py.typed").is_file()


def test_within_a_running_loop_the_other_function_is_named() -> None:
    async def notebook() -> None:
        with pytest.raises(ycaudit.AuditError, match="await audit_async"):
            ycaudit.audit([])

    asyncio.run(notebook())


def test_the_package_shows_the_library_and_nothing_else() -> None:
    assert dir(ycaudit) == sorted(ycaudit.__all__)
    assert {"audit", "audit_async", "load_units", "ScanRun"} <= set(dir(ycaudit))
