"""Joins what two networks see of one homepage: an accusation takes both."""

from __future__ import annotations

from ycaudit.model import Outcome, Verdict
from ycaudit.reasons import Reason


def agreed(verdict: Verdict, here: Verdict, there: Verdict, *, via: str) -> Verdict:
    """The verdict of all looks, as far as both networks bear it out; else undetermined.

    `here` is what the looks from our own network say, `there` what those through `via` say. What
    is there for one of them is there, unless the other has looked everywhere and lacks it.
    """
    seen = [word.why.code != "not_seen" for word in (here, there)]
    outcomes = {here.outcome, there.outcome}
    if (len(outcomes) == 1 and all(seen)) or verdict.outcome is Outcome.WAIVED:
        return verdict
    if verdict.outcome is Outcome.PASS and Outcome.FAIL not in outcomes:
        return verdict
    if any(seen):
        why = Reason.of("networks_differ", proxy=via, here=here.why, there=there.why)
    else:
        both = Reason.of(
            "from_both_networks",
            proxy=via,
            here=here.why.because or here.why,
            there=there.why.because or there.why,
        )
        why = Reason.of("not_seen", because=both)
    return verdict.model_copy(update={"outcome": Outcome.UNDETERMINED, "why": why})
