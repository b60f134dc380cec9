"""YAML files: values stay as written, bombs are refused, errors name the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.plans import RULES, TODAY, loaded, problems
from ycaudit.errors import ConfigError
from ycaudit.inputs import yaml_document
from ycaudit.inputs.plan import load


def test_values_stay_what_was_written(tmp_path: Path) -> None:
    targets = 'units:\n  - {id: 0123, name: no, url: "http://a.test/"}\n'
    rules = RULES.replace("path: root", "query: {uid: 0123, on: yes}")
    unit = loaded(tmp_path, targets, rules).units[0]
    assert (unit.target.id, unit.target.name) == ("0123", "no")
    assert unit.requirements[0].accept[0].query == {"uid": "0123", "on": "yes"}


def test_files_that_are_none_are_one_sentence_each(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "none.yaml", [tmp_path / "none2.yaml"], today=TODAY)
    with pytest.raises(ConfigError, match="folder"):
        load(tmp_path, [tmp_path], today=TODAY)
    (tmp_path / "gbk.yaml").write_bytes("units: 宜昌".encode("gbk"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load(tmp_path / "gbk.yaml", [tmp_path / "gbk.yaml"], today=TODAY)


def test_a_yaml_bomb_and_a_huge_file_are_refused_before_they_cost_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = yaml_document.MAX_NODES // 20  # all of them take seconds to count
    monkeypatch.setattr(yaml_document, "MAX_NODES", most)
    pairs = zip("abcdefgh", "bcdefghi", strict=True)
    layers = "".join(f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in pairs)
    assert "unfold to millions" in problems(
        tmp_path, "a: &a [x, x, x, x, x, x, x, x, x]\n" + layers
    )
    assert "too many aliases" in problems(tmp_path, "a: &a x\nb: [" + "*a, " * 200 + "]\n")
    assert "nested deeper" in problems(tmp_path, "[" * 1000)
    with (tmp_path / "targets.yaml").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    with pytest.raises(ConfigError, match="larger than 32 MB"):
        load(tmp_path / "targets.yaml", [tmp_path / "rules.yaml"], today=TODAY)


@pytest.mark.parametrize("nothing", ["", "~", "null", "# only a comment", "---"])
def test_a_file_that_says_nothing_is_empty(tmp_path: Path, nothing: str) -> None:
    assert "the file is empty" in problems(tmp_path, rules=nothing)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_a_config_error_and_never_a_crash(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.yaml"
        path.write_bytes(data)
        with pytest.raises(ConfigError):
            load(path, [path], today=TODAY)
