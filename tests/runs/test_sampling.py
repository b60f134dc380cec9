"""Draws of a run: the same for everybody, of what they may be of, and honest about the error."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from support.pages import NOON
from support.reports import report, run, verdict
from ycaudit.errors import AuditError
from ycaudit.model import Decision, Outcome, ScanRun, Tool, UnitReport
from ycaudit.runs.exact_bounds import at_most
from ycaudit.runs.sampling import (
    Answer,
    Question,
    Reply,
    Seal,
    checked,
    decided_before,
    digest,
    drawn,
    errors,
    population,
    seed_of,
)

BOTH = {Outcome.PASS: 3, Outcome.FAIL: 3}


def city(units: int = 30) -> ScanRun:
    """Every third unit fails."""
    return run(
        *(
            report(f"u{n}", verdict(Outcome.FAIL if n % 3 == 0 else Outcome.PASS))
            for n in range(units)
        )
    )


def decided(name: str, machine: Outcome, person: Outcome) -> UnitReport:
    made = Decision(outcome=person, by="王敏", at=NOON, page="0", machine=machine)
    return report(name, verdict(person, decision=made))


def sealed(whole: ScanRun, passes: int = 3, fails: int = 3, **more: object) -> Seal:
    verdicts, left_out = digest(whole), decided_before(whole)
    asked = {Outcome.PASS: passes, Outcome.FAIL: fails}
    seed = seed_of(verdicts)
    fields = {
        "tool": Tool(version="0"), "run": whole.id, "verdicts": verdicts, "seed": seed,
        "passes": passes, "fails": fails, "left_out": left_out,
        "questions": {"q": Question(text="有没有？", wanted="http://w.test/")},
        "rows": drawn(whole, asked, seed, left_out=left_out),
    }  # fmt: skip
    return Seal(**{**fields, **more})


def test_the_same_run_and_seed_draw_the_same_and_another_seed_another() -> None:
    draws = [drawn(city(), BOTH, seed, left_out=()) for seed in (1, 1, 2)]
    assert draws[0] == draws[1]
    assert draws[0] != draws[2]
    assert len(set(draws[0])) == 6


def test_a_draw_is_fixed_for_all_time() -> None:
    """Whoever draws again in ten years gets this."""
    assert drawn(city(), BOTH, 7, left_out=()) == (
        ("id-u18", "q"),
        ("id-u25", "q"),
        ("id-u10", "q"),
        ("id-u2", "q"),
        ("id-u6", "q"),
        ("id-u12", "q"),
    )


def test_a_larger_draw_contains_the_smaller() -> None:
    small = drawn(city(), BOTH, 1, left_out=())
    assert set(small) < set(drawn(city(), dict.fromkeys(BOTH, 5), 1, left_out=()))


def test_every_verdict_is_drawn_equally_often() -> None:
    """Chi-squared of 20 cells has a mean of 19 and a standard deviation of 6.2."""
    counts = Counter(key for seed in range(600) for key in drawn(city(), BOTH, seed, left_out=()))
    passes = [counts[key] for key in population(city(), ())[Outcome.PASS]]
    assert sum(passes) == 600 * 3
    assert sum((count - 90) ** 2 / 90 for count in passes) < 19 + 4 * 6.2


def test_the_order_of_the_sheet_says_nothing_of_the_outcome() -> None:
    whole = city(300)  # 200 pass, so that those that are drawn have the lower ranks
    fails = set(population(whole, ())[Outcome.FAIL])
    asked = {Outcome.PASS: 5, Outcome.FAIL: 5}
    first = [drawn(whole, asked, seed, left_out=())[0] in fails for seed in range(400)]
    assert abs(sum(first) - 200) < 4 * 10


def test_waived_undetermined_advised_and_decided_verdicts_are_not_drawn() -> None:
    whole = run(
        report("a", verdict(Outcome.WAIVED)),
        report("b", verdict(Outcome.UNDETERMINED)),
        report("c", verdict(Outcome.FAIL, level="should")),
        decided("d", Outcome.FAIL, Outcome.PASS),
        decided("e", Outcome.UNDETERMINED, Outcome.PASS),
        report("f", verdict(Outcome.PASS)),
    )
    assert drawn(whole, BOTH, 1, left_out=decided_before(whole)) == (("id-f", "q"),)
    assert decided_before(whole) == (("id-d", "q"),)


def test_what_a_person_decides_after_the_draw_changes_nothing_of_it() -> None:
    before = run(report("a", verdict(Outcome.FAIL)), report("b", verdict(Outcome.PASS)))
    after = run(decided("a", Outcome.FAIL, Outcome.PASS), report("b", verdict(Outcome.PASS)))
    seal = sealed(before)
    seal.check(after)
    found = checked(after, [Reply(unit="id-a", requirement="q", answer=Answer.THERE, by="李")])
    assert [(one.machine, one.is_wrong) for one in found] == [(Outcome.FAIL, True)]


def test_a_seal_that_was_changed_does_not_hold() -> None:
    whole = city()
    sealed(whole).check(whole)
    foreign = {
        "run": "other", "verdicts": "0" * 64, "seed": 1, "passes": 2,
        "rows": (), "left_out": (("id-u0", "q"),), "questions": {},
    }  # fmt: skip
    for name, value in foreign.items():
        with pytest.raises(AuditError, match=r"drawn from|was changed"):
            sealed(whole).model_copy(update={name: value}).check(whole)


def test_a_verdict_that_nobody_had_decided_cannot_be_left_out() -> None:
    whole = city()
    unwanted = sealed(whole).rows[:1]
    rows = drawn(whole, BOTH, seed_of(digest(whole)), left_out=unwanted)
    with pytest.raises(AuditError, match="was changed"):
        sealed(whole, left_out=unwanted, rows=rows).check(whole)


def test_a_run_whose_verdicts_were_changed_is_not_the_one_that_was_drawn_from() -> None:
    seal = sealed(run(report("a", verdict(Outcome.FAIL)), report("b", verdict(Outcome.PASS))))
    with pytest.raises(AuditError, match="are not those"):
        seal.check(run(report("a", verdict(Outcome.PASS)), report("b", verdict(Outcome.PASS))))


def test_nobody_chooses_the_seed_unless_the_seal_says_so() -> None:
    assert not sealed(city()).seed_was_chosen
    assert sealed(city(), seed=1).seed_was_chosen


@pytest.mark.parametrize(
    ("outcome", "expect", "answer", "is_wrong"),
    [
        (Outcome.PASS, "present", Answer.THERE, False),
        (Outcome.PASS, "present", Answer.NOT_THERE, True),
        (Outcome.FAIL, "present", Answer.THERE, True),
        (Outcome.FAIL, "present", Answer.NOT_THERE, False),
        (Outcome.PASS, "absent", Answer.THERE, True),
        (Outcome.FAIL, "absent", Answer.THERE, False),
        (Outcome.FAIL, "absent", Answer.NOT_THERE, True),
        (Outcome.FAIL, "present", Answer.UNCLEAR, None),
    ],
)
def test_what_a_person_saw_is_held_against_what_was_asked_for(
    outcome: Outcome, expect: str, answer: Answer, is_wrong: bool | None
) -> None:
    whole = run(report("a", verdict(outcome, expect=expect)))
    (one,) = checked(whole, [Reply(unit="id-a", requirement="q", answer=answer, by="李")])
    assert one.is_wrong is is_wrong


def replies(whole: ScanRun, seal: Seal, *unclear: str, wrong: tuple[str, ...] = ()) -> list[Reply]:
    """As a person would answer who agrees with the machine on all but these."""
    machine = {r.target.id: r.verdicts[0].outcome for r in whole.reports}
    return [
        Reply(
            unit=unit, requirement=requirement, by="李",
            answer=Answer.UNCLEAR if unit in unclear else
            Answer.THERE if (machine[unit] is Outcome.PASS) != (unit in wrong) else
            Answer.NOT_THERE,
        )
        for unit, requirement in seal.rows
    ]  # fmt: skip


def test_what_is_unclear_counts_as_wrong_in_the_bound_that_always_holds() -> None:
    whole = city(60)
    seal = sealed(whole, passes=0, fails=10)
    one, other = seal.rows[0][0], seal.rows[1][0]
    none, fails = errors(whole, seal, checked(whole, replies(whole, seal, one, wrong=(other,))))
    assert (fails.population, fails.drawn, fails.wrong, fails.unclear) == (20, 10, 1, 1)
    assert (fails.worst.wrong, fails.worst.drawn) == (2, 10)
    assert (fails.clear.wrong, fails.clear.drawn) == (1, 9)
    assert fails.worst.at_most == at_most(2, 10, 20) > fails.clear.at_most == at_most(1, 9, 20)
    assert (none.drawn, none.worst.share, none.worst.at_most) == (0, None, 40)


def test_with_a_known_error_the_bound_holds_in_at_least_95_of_100_draws() -> None:
    """Over 400 seeds; 8 of 100 fails are wrong, and 95 % less four standard deviations is 362."""
    whole = city(300)
    fails = population(whole, ())[Outcome.FAIL]
    bad = set(fails[::13])
    held = 0
    for seed in range(400):
        wrong = bad & set(drawn(whole, {Outcome.PASS: 0, Outcome.FAIL: 20}, seed, left_out=()))
        held += at_most(len(wrong), 20, len(fails)) >= len(bad)
    assert held >= 400 * 0.95 - 4 * math.sqrt(400 * 0.95 * 0.05)
