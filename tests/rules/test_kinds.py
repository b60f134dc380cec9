"""The table of kinds and the union of their types name the same classes."""

from __future__ import annotations

from typing import get_args

from ycaudit.rules import KINDS, Requirement


def test_the_union_and_the_table_name_the_same_classes() -> None:
    union, _ = get_args(Requirement)
    assert get_args(union) == tuple(KINDS.values())


def test_a_kind_is_found_under_the_word_that_its_class_takes() -> None:
    for word, kind in KINDS.items():
        assert get_args(kind.model_fields["kind"].annotation) == (word,)
