"""Bounds on how many are wrong: against published values, enumeration, and known errors."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import comb

import pytest

from ycaudit.runs.exact_bounds import at_least, at_most, interval

ENDLESS = 10**7
"""So many that the bounds are those of the binomial model, to six places."""


def test_of_an_endless_run_the_bounds_are_those_of_clopper_and_pearson() -> None:
    """3 of 20 at 95 % and 12 of 30 at 90 %: https://codingace.net/statistics/
    clopper_pearson_interval.html, read in November 2026."""
    assert shares(3, 20) == (0.0321, 0.3789)
    assert shares(12, 30, Fraction(90, 100)) == (0.2495, 0.5661)


def shares(wrong: int, drawn: int, confidence: Fraction = Fraction(95, 100)) -> tuple[float, float]:
    least, most = interval(wrong, drawn, ENDLESS, confidence)
    return round(least / ENDLESS, 4), round(most / ENDLESS, 4)


def test_where_none_is_wrong_the_bound_has_a_closed_form() -> None:
    """Clopper and Pearson of 0 of n: 1 - 0.05 ** (1 / n), near 3 / n, the rule of three of J. A.
    Hanley and A. Lippman-Hand, JAMA 249 (1983), 1743-1745."""
    for drawn in (1, 5, 20, 59, 200):
        most = at_most(0, drawn, ENDLESS) / ENDLESS
        assert most == pytest.approx(1 - 0.05 ** (1 / drawn), abs=1e-5)


def test_of_a_finite_run_the_published_interval_ends_at_the_first_numbers_that_are_refuted() -> (
    None
):
    """45 of 100 of 300: `samplingbook::Sprop` (README of the R package, 1.2.4) tells 110 to 161,
    which have tails of 0.0237 and 0.0225; within 0.025 are those between."""
    assert interval(45, 100, 300) == (111, 160)


@pytest.mark.parametrize("population", range(1, 8))
def test_the_bound_is_the_most_that_counting_all_draws_does_not_refute(population: int) -> None:
    for drawn in range(population + 1):
        draws = list(combinations(range(population), drawn))
        for wrong in range(drawn + 1):
            allowed = [
                bad
                for bad in range(wrong, population - (drawn - wrong) + 1)
                if 20 * sum(sum(n < bad for n in draw) <= wrong for draw in draws) > len(draws)
            ]
            assert at_most(wrong, drawn, population) == max(allowed)


def test_whatever_is_wrong_in_a_run_the_bound_holds_in_95_of_100_draws() -> None:
    population, drawn = 90, 20
    bounds = [at_most(wrong, drawn, population) for wrong in range(drawn + 1)]
    for bad in range(population + 1):
        covered = sum(
            comb(bad, wrong) * comb(population - bad, drawn - wrong)
            for wrong in range(drawn + 1)
            if bounds[wrong] >= bad
        )
        assert covered * 100 >= 95 * comb(population, drawn)


def test_who_looks_at_all_knows_the_number() -> None:
    assert interval(3, 40, 40) == (3, 3)
    assert at_most(0, 40, 40) == 0


def test_who_looks_at_none_knows_nothing() -> None:
    assert interval(0, 0, 40) == (0, 40)
    assert interval(0, 0, 0) == (0, 0)


def test_a_finite_run_never_has_a_larger_bound_than_an_endless_one() -> None:
    for population in (20, 21, 40, 100, 1000):
        assert at_most(1, 20, population) / population <= at_most(1, 20, ENDLESS) / ENDLESS + 1e-6
    assert at_least(1, 20, 100) == 1


@pytest.mark.parametrize(("wrong", "drawn", "all_"), [(-1, 2, 3), (3, 2, 3), (0, 4, 3)])
def test_numbers_that_do_not_fit_each_other_are_refused(wrong: int, drawn: int, all_: int) -> None:
    with pytest.raises(ValueError, match="drawn"):
        at_most(wrong, drawn, all_)
