"""The rule by which looking ends: what may still be unseen beside the codes that were read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ycaudit.observe.qr.unseen import Box, largest_free_square, overlap, unseen


def square(x: int, y: int, side: int) -> tuple[tuple[int, int], ...]:
    return (x, y), (x + side, y), (x + side, y + side), (x, y + side)


def test_where_nothing_was_read_anything_may_be() -> None:
    rest = unseen((300, 200), [])
    assert rest.has_room
    assert rest.free == 200
    assert not rest.is_nothing


def test_a_code_that_fills_its_picture_leaves_nothing() -> None:
    rest = unseen((148, 148), [square(16, 16, 116)])
    assert rest.is_nothing
    assert not rest.may_be_small


def test_four_codes_of_which_one_is_missing_leave_room_however_much_they_cover() -> None:
    read = [square(5, 5, 90), square(105, 5, 90), square(5, 105, 90)]
    assert unseen((200, 200), read).has_room
    assert unseen((200, 200), [*read, square(105, 105, 90)]).is_nothing


def test_the_smallest_code_counts_and_not_the_share_of_the_area() -> None:
    large = square(0, 0, 300)
    assert not unseen((400, 300), [large]).has_room
    assert unseen((400, 300), [large, square(300, 200, 90)]).has_room


def test_beside_a_large_code_a_small_one_may_stand() -> None:
    rest = unseen((400, 300), [square(0, 0, 300)])
    assert rest.is_nothing
    assert rest.may_be_small


def test_what_is_seen_and_was_not_read_is_left() -> None:
    read, other = square(0, 0, 100), square(110, 0, 100)
    rest = unseen((210, 100), [read], [square(2, 2, 95), other])
    assert rest.places == (other,)
    assert not rest.is_nothing


@pytest.mark.parametrize(
    ("boxes", "side"),
    [
        ([], 60.0),
        ([(0, 0, 100, 60)], 0.0),
        ([(30, 0, 70, 60)], 30.0),
        ([(40, 20, 60, 40)], 40.0),
        ([(-20, -20, 10, 80)], 60.0),
    ],
)
def test_the_largest_free_square(boxes: list[Box], side: float) -> None:
    assert largest_free_square((100, 60), boxes) == side


corner = st.tuples(st.integers(0, 12), st.integers(0, 9), st.integers(1, 6), st.integers(1, 6))


@given(st.lists(corner, max_size=5))
def test_no_larger_square_is_free(drawn: list[tuple[int, int, int, int]]) -> None:
    """Beside trying every square."""
    boxes = [(float(x), float(y), float(x + w), float(y + h)) for x, y, w, h in drawn]
    wide, high = 14, 11
    free = [
        side
        for side in range(1, 12)
        for x in range(wide - side + 1)
        for y in range(high - side + 1)
        if not any(x < r and left < x + side and y < b and t < y + side for left, t, r, b in boxes)
    ]
    assert largest_free_square((wide, high), boxes) == max(free, default=0)


def test_places_overlap_where_one_holds_the_middle_of_the_other() -> None:
    assert overlap(square(0, 0, 100), square(20, 20, 30))
    assert not overlap(square(0, 0, 100), square(90, 0, 100))
