"""Small files of units and rules, loaded from a folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ycaudit.errors import ConfigError
from ycaudit.inputs.plan import Plan, load

TODAY = date(2026, 6, 15)


TARGETS = 'units:\n  - {id: a, name: 甲, url: "http://a.test/"}\n'


RULES = """\
name: 规则
requirements:
  - {id: portal, name: 门户, kind: link, accept: [{host: www.p.test, path: root}]}
"""


def loaded(folder: Path, targets: str = TARGETS, rules: str = RULES) -> Plan:
    (folder / "targets.yaml").write_text(targets, encoding="utf-8")
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    return load(folder / "targets.yaml", [folder / "rules.yaml"], today=TODAY)


def problems(folder: Path, targets: str = TARGETS, rules: str = RULES) -> str:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, targets, rules)
    return str(caught.value).replace(f"{folder}/", "")
