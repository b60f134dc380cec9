"""How many of a finite number of things are wrong, from those that were drawn and looked at."""

from __future__ import annotations

from fractions import Fraction
from math import comb

CONFIDENCE = Fraction(95, 100)


def at_most(wrong: int, drawn: int, population: int, confidence: Fraction = CONFIDENCE) -> int:
    """The upper bound on how many of `population` are wrong, where `wrong` of `drawn` are.

    The method of Clopper and Pearson (Biometrika 26, 1934, 404-413) with the hypergeometric
    distribution: the largest number under which so few wrong ones among the drawn have a
    probability of more than 1 - `confidence`. A run is finite and is drawn from without
    replacement, so this is exact, whatever the verdicts have to do with each other; the binomial
    model, which is the limit for an endless run, would state a larger error. One-sided.

    Raises ValueError where the numbers do not fit each other.
    """
    if not 0 <= wrong <= drawn <= population:
        raise ValueError(f"{wrong} wrong of {drawn} drawn of {population}")
    level = (1 - confidence) * comb(population, drawn)
    low, high = wrong, population - (drawn - wrong)
    while low < high:  # the more are wrong, the less likely so few were drawn
        middle = (low + high + 1) // 2
        if _ways(wrong, drawn, middle, population - middle) > level:
            low = middle
        else:
            high = middle - 1
    return low


def at_least(wrong: int, drawn: int, population: int, confidence: Fraction = CONFIDENCE) -> int:
    """The lower bound, one-sided: all but the most that can be right."""
    return population - at_most(drawn - wrong, drawn, population, confidence)


def interval(
    wrong: int, drawn: int, population: int, confidence: Fraction = CONFIDENCE
) -> tuple[int, int]:
    """The two-sided interval, half of the doubt on each side."""
    each = (1 + confidence) / 2
    return at_least(wrong, drawn, population, each), at_most(wrong, drawn, population, each)


def _ways(most: int, drawn: int, wrong: int, right: int) -> int:
    """In how many ways at most so many of the drawn are wrong."""
    first = max(0, drawn - right)
    ways = comb(wrong, first) * comb(right, drawn - first)
    total = 0
    for number in range(first, min(most, wrong, drawn) + 1):
        total += ways
        # The next from this one: two large binomials a step would cost most of the time.
        ways = ways * (wrong - number) * (drawn - number)
        ways //= (number + 1) * (right - drawn + number + 1)
    return total
