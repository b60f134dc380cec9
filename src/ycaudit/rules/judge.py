"""Judges a unit by its requirements: from one observation, and from several together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property, reduce
from itertools import islice

from ycaudit.model import (
    Cause,
    Evidence,
    Observation,
    Outcome,
    Page,
    Record,
    Sense,
    Target,
    Unseen,
    Verdict,
    Waiver,
)
from ycaudit.reasons import REASONS, Reason
from ycaudit.rules import Requirement
from ycaudit.rules.base import MAX_NEAR, BaseRequirement

MAX_FOLLOWED = 60
"""Addresses of one page whose redirects are followed."""

_SAME_FOR_ALL = frozenset({Cause.DNS, Cause.REFUSED_ADDRESS, Cause.NOT_HTML})
"""Another observer fails alike: there is no server to ask, or no page."""


class Unit(Record):
    """A target, the requirements that apply to it, and the waivers that are valid today."""

    target: Target
    requirements: tuple[Requirement, ...]
    waivers: tuple[Waiver, ...] = ()

    def judge(self, observation: Observation) -> tuple[Verdict, ...]:
        """One verdict for each requirement, in the order of the rules."""
        waived = {waiver.requirement: waiver for waiver in self.waivers}
        verdicts = (self._explained(requirement, observation) for requirement in self.requirements)
        return tuple(_waive(v, waived.get(v.requirement)) for v in verdicts)

    @cached_property
    def hosts(self) -> frozenset[str] | None:
        """Hosts of the links that can meet all requirements; None if other things are needed."""
        hosts = [r.hosts if r.expect == "present" else None for r in self.requirements]
        return None if None in hosts else frozenset[str]().union(*filter(None, hosts))

    def to_follow(self, observation: Observation, verdicts: Iterable[Verdict]) -> tuple[str, ...]:
        """The addresses whose redirects could decide an undetermined verdict."""
        if not isinstance(observation, Page):
            return ()
        wanted = (
            href
            for requirement, verdict in zip(self.requirements, verdicts, strict=True)
            if requirement.resolves and verdict.outcome is Outcome.UNDETERMINED
            for href in requirement.to_follow(observation)
        )
        return tuple(islice(dict.fromkeys(wanted), MAX_FOLLOWED))

    def _explained(self, requirement: BaseRequirement, observation: Observation) -> Verdict:
        """The verdict, with a note on each thing found instead that another requirement accepts."""
        verdict = requirement.judge(observation)
        near = tuple(self._named(requirement, evidence) for evidence in verdict.near)
        return verdict.model_copy(update={"near": near}) if near else verdict

    def _named(self, mine: BaseRequirement, evidence: Evidence) -> Evidence:
        for other in self.requirements:
            if other.id != mine.id and any(a.matches(evidence.value) for a in other.accept):
                note = Reason.of("asked_by_other", other=other.name, mine=mine.name)
                return evidence.model_copy(update={"note": note})
        return evidence

    def in_doubt(self, observation: Observation, verdicts: Iterable[Verdict]) -> frozenset[Sense]:
        """The senses of which a more thorough observation could decide a verdict."""
        return frozenset(
            sense
            for requirement, verdict in zip(self.requirements, verdicts, strict=True)
            if _could_be_decided(observation, requirement, verdict)
            for sense in requirement.needs
        )

    def worth_another_look(self, observation: Observation, verdicts: Sequence[Verdict]) -> bool:
        """Whether an observation by another observer could decide a verdict."""
        if isinstance(observation, Unseen) and observation.cause in _SAME_FOR_ALL:
            return False
        return bool(self.in_doubt(observation, verdicts))

    def conclude(self, observations: Sequence[Observation]) -> tuple[Verdict, ...]:
        """The verdicts of all observations together; a fail needs two of them."""
        judged = map(self.judge, observations)
        return tuple(map(_concluded, zip(*judged, strict=True)))


def _could_be_decided(
    observation: Observation, requirement: BaseRequirement, verdict: Verdict
) -> bool:
    """Whether a verdict is undetermined for what was not seen, not for what the rules lack."""
    if verdict.outcome is not Outcome.UNDETERMINED:
        return False
    if isinstance(observation, Unseen) or verdict.evidence:
        return True
    return any(spot.hides & requirement.needs for spot in observation.blind_spots)


def _waive(verdict: Verdict, waiver: Waiver | None) -> Verdict:
    if waiver is None:
        return verdict
    why = Reason.of(
        "waived", until=waiver.until.isoformat(), by=waiver.approved_by, why=waiver.reason
    )
    return verdict.model_copy(update={"outcome": Outcome.WAIVED, "why": why})


def agree(before: Verdict, after: Verdict) -> Verdict:
    """The verdict of two observations of one homepage; the later one is the more thorough.

    What was seen stays present where the later observation saw less, and what was missing from a
    whole page stays missing where the later one had blind spots. Where a thing was seen, and is
    missing from a whole page later, the verdict is undetermined.
    """
    after = after.model_copy(update={"near": _joined(after.near, before.near)})
    if after.outcome is Outcome.UNDETERMINED:
        found_but_hidden = bool(after.evidence)
        return after if found_but_hidden or not _determined(before) else before
    if _determined(before) and _seen(before) and not _seen(after):
        why = Reason.of(
            "looks_disagree",
            because=before.why,
            observer=observer_name(before.observer),
            other=observer_name(after.observer),
        )
        return before.model_copy(update={"outcome": Outcome.UNDETERMINED, "why": why})
    return after


def _concluded(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict of all observations on one requirement; one alone does not make a fail."""
    verdict = reduce(agree, verdicts)
    failing = [v for v in verdicts if v.outcome is Outcome.FAIL]
    # A thing that must not be there and was seen needs no second observation.
    if verdict.outcome is not Outcome.FAIL or len(failing) > 1 or _seen(verdict):
        return verdict
    blind = next((v for v in reversed(verdicts) if v is not failing[0]), None)
    return verdict.model_copy(
        update={"outcome": Outcome.UNDETERMINED, "why": _unconfirmed(verdict, blind)}
    )


def _unconfirmed(verdict: Verdict, blind: Verdict | None) -> Reason:
    if blind is None:
        return Reason.of("one_look_only", because=verdict.why)
    name = observer_name(blind.observer)
    return Reason.of("unconfirmed", first=verdict.why, observer=name, because=blind.why)


def observer_name(name: str) -> Reason | str:
    """The name of an observer as a reason where there is one, else as it is."""
    code = f"observer_{name}"
    return Reason.of(code) if code in REASONS else name


def _joined(one: Sequence[Evidence], other: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence of both observations; comments, say, are seen by the static one only."""
    known = {evidence.value for evidence in one}
    return tuple([*one, *(e for e in other if e.value not in known)][:MAX_NEAR])


def _determined(verdict: Verdict) -> bool:
    return verdict.outcome in (Outcome.PASS, Outcome.FAIL)


def _seen(verdict: Verdict) -> bool:
    return any(evidence.visible.counts for evidence in verdict.evidence)
