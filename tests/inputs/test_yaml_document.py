"""YAML files: values stay as written, bombs are refused, errors name the file."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import given, settings
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


PAIRS = zip("abcdefgh", "bcdefghi", strict=True)
LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in PAIRS
)
BOMBS = {
    "billion laughs": (LAUGHS, "too many aliases"),
    "a long list, repeated": (
        f"a: &a [{'x, ' * 20_000}]\nb: [{'*a, ' * 9}]\n",
        "too many aliases: write out",
    ),
    "a word, repeated": ("a: &a x\nb: [" + "*a, " * 200 + "]\n", "too many aliases"),
    "a list of itself": ("units: &a [*a]\n", "the alias *a stands within what it repeats"),
    "itself, further in": ("&a\nunits:\n  - tags: *a\n", "yaml:3: the alias *a stands within"),
    "itself as a key": ("? &a [*a]\n: x\n", "a key must be a word"),
    "depth": ("[" * 1000, "nested deeper"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_yaml_bomb_is_refused_as_soon_as_it_is_met(bomb: str, tmp_path: Path) -> None:
    text, why = BOMBS[bomb]
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "targets.yaml").write_text(text, encoding="utf-8")
    assert why in str(yaml_document.read(tmp_path / "targets.yaml").problems[0])


def test_more_values_than_a_list_has_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml_document, "MAX_NODES", 1000)  # all of them take seconds to count
    assert "more than 1,000 values; split" in problems(tmp_path, "units: [" + "x, " * 1000 + "]")


def test_aliases_of_a_list_that_a_person_wrote_are_its_values(tmp_path: Path) -> None:
    targets = """
units:
  - {id: a, name: a, url: "http://a.test/", tags: &both [部门, 市直]}
  - {id: b, name: b, url: "http://b.test/", tags: *both}
"""
    units = loaded(tmp_path, targets, RULES).units
    assert [unit.target.tags for unit in units] == [("部门", "市直")] * 2


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "targets.yaml").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    with pytest.raises(ConfigError, match="larger than 32 MB"):
        load(tmp_path / "targets.yaml", [tmp_path / "rules.yaml"], today=TODAY)


@pytest.mark.parametrize("nothing", ["", "~", "null", "# only a comment", "---"])
def test_a_file_that_says_nothing_is_empty(tmp_path: Path, nothing: str) -> None:
    assert "the file is empty" in problems(tmp_path, rules=nothing)


TAB = "not valid YAML: a tab or an odd sign begins the line; indent with blanks"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("units:\n\t- http://a.test/\n", 2, TAB),
        ("requirements:\n  - accept:\n      - host: a.test\n\tpath: root\n", 4, TAB),
        ("requirements:\n  - accept:\n      - host: a.test\n    \t  path: root\n", 4, TAB),
        ("units:\r\n  - id: a\r\n\turl: http://a.test/\r\n", 3, TAB),
        ("units:\n  - id: a\n\t\n    url: http://a.test/\n", 3, TAB),
        # Indented further than the item, it would be the rest of the text above.
        ("units:\n  - id: a\n      \turl: http://a.test/\n", 3, TAB),
        ("units:\n  - name: 'a\n      \tb", 3, "not valid YAML: a closing quote is missing"),
        ("units:\n  - name: a:\tb: c\n", 2, "not valid YAML: a colon too many; put the text into"),
    ],
)
def test_a_tab_that_indents_a_line_is_told_in_that_line(
    text: str, line: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "t.yaml").write_bytes(text.encode())
    (problem,) = yaml_document.read(tmp_path / "t.yaml").problems
    assert problem.line == line
    assert problem.what.startswith(said)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_a_config_error_and_never_a_crash(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.yaml"
        path.write_bytes(data)
        with pytest.raises(ConfigError):
            load(path, [path], today=TODAY)


UNITS = """\
units:
  - id: a
    url: http://a.test/
    contact:
      person: 王
      email: nobody
  - {id: b, url: "http://b.test/", contact: {email: "@b"}}
  - http://c.test/
  - id: d
    sites:
      - url: http://d.test/
      - id: e
        url: http://e
"""


def test_what_is_wrong_within_a_unit_has_its_own_line(tmp_path: Path) -> None:
    told = loaded(tmp_path, UNITS.replace("http://e", "http://e.test/"), RULES)
    assert [n.partition(": ")[0].rpartition(":")[2] for n in told.notices] == ["6", "7"]
    assert [u.target.listed.line for u in told.units if u.target.listed] == [2, 7, 8, 11, 12]
    assert ":13: " in problems(tmp_path, UNITS.replace("http://e", "http://exa mple/"))


def test_lists_in_a_list_are_no_units(tmp_path: Path) -> None:
    assert ":1: must begin with keys, such as units:" in problems(
        tmp_path, "- - {url: http://a.test/}"
    )
    told = problems(tmp_path, "units:\n  - - {url: http://a.test/}\n")
    assert ":2: " in told
    assert "keys to values" in told


WORDS = st.text("abc", min_size=1)
UNIT = st.dictionaries(
    WORDS,
    st.recursive(WORDS, lambda part: st.lists(part) | st.dictionaries(WORDS, part), max_leaves=8),
)


@given(UNIT)
@settings(max_examples=30)
def test_what_was_read_of_a_unit_is_where_it_stands_though_it_is_not_kept(unit: object) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "list.yaml"
        file.write_text(yaml.safe_dump({"units": [unit, "x", unit], "note": "y"}), encoding="utf-8")
        kept = yaml_document.read(file)
        gone = yaml_document.read(file, keep=lambda values: None)
    assert gone.values["units"] == [None, "x", unit], "an alias stands for all of it"
    for path in (
        ("note",),
        ("units", 9),
        *(("units", n, *p) for n in range(3) for p in paths(unit)),
    ):
        assert gone.line(path) == kept.line(path) == gone.line((*path, "no such")), path


def paths(value: object) -> Iterator[tuple[Hashable, ...]]:
    """All that a value holds, and itself."""
    yield ()
    parts = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for step, part in parts:
        yield from ((step, *path) for path in paths(part))


KEYS = st.sampled_from(["units", "url", "id", "sites", "contact", "tags", "waivers", "defaults"])
ANYTHING = st.recursive(
    st.none() | KEYS,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(KEYS, part, max_size=3),
    max_leaves=12,
)


@given(ANYTHING)
@settings(max_examples=60)
def test_whatever_a_file_holds_is_no_crash(values: object) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "list.yaml"
        file.write_text(yaml.safe_dump(values), encoding="utf-8")
        with pytest.raises(ConfigError):
            load(file, [file], today=TODAY)
