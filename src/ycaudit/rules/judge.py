"""A unit under its requirements: what looks say together, and whether another look is worth it."""

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
from ycaudit.rules.requirements import MAX_NEAR, BaseRequirement, Requirement

MAX_FOLLOWED = 60
"""Addresses of a page that are followed to where they lead."""

# No observer gets past these: there is no server to ask, or no page.
_SAME_FOR_ALL = frozenset({Cause.DNS, Cause.REFUSED_ADDRESS, Cause.NOT_HTML})


class Unit(Record):
    """A target with the requirements that apply to it and the waivers that hold today."""

    target: Target
    requirements: tuple[Requirement, ...]
    waivers: tuple[Waiver, ...] = ()

    def judge(self, observation: Observation) -> tuple[Verdict, ...]:
        """One verdict a requirement, in the order of the rules."""
        waived = {waiver.requirement: waiver for waiver in self.waivers}
        verdicts = (self._explained(requirement, observation) for requirement in self.requirements)
        return tuple(_waive(v, waived.get(v.requirement)) for v in verdicts)

    @cached_property
    def hosts(self) -> frozenset[str] | None:
        """The hosts of the links that alone settle all that is asked; None where more is needed."""
        hosts = [r.hosts if r.expect == "present" else None for r in self.requirements]
        return None if None in hosts else frozenset[str]().union(*filter(None, hosts))

    def to_follow(self, observation: Observation, verdicts: Iterable[Verdict]) -> tuple[str, ...]:
        """The addresses of which it must be known where they lead, to settle what is open."""
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
        """The verdict, what was there instead being called by its name where others ask for it."""
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
        """The senses that a clearer sight could still settle something with."""
        return frozenset(
            sense
            for requirement, verdict in zip(self.requirements, verdicts, strict=True)
            if _looking_helps(observation, requirement, verdict)
            for sense in requirement.needs
        )

    def worth_another_look(self, observation: Observation, verdicts: Sequence[Verdict]) -> bool:
        """Whether another observer should look, to settle a doubt."""
        if isinstance(observation, Unseen) and observation.cause in _SAME_FOR_ALL:
            return False
        return bool(self.in_doubt(observation, verdicts))

    def conclude(self, observations: Sequence[Observation]) -> tuple[Verdict, ...]:
        """What all looks say together; what one alone calls a fail is none yet."""
        looks = list(map(self.judge, observations))
        return tuple(map(_concluded, zip(*looks, strict=True)))


def _looking_helps(
    observation: Observation, requirement: BaseRequirement, verdict: Verdict
) -> bool:
    """Whether the doubt comes from what was not seen, rather than from what the rules lack."""
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
    """What two looks at the same homepage say together; the later look sees more clearly.

    Presence may be concluded from a glimpse, so it stands where the later look saw less. What was
    absent from full sight stays absent where the later look was blind. Only where one look shows
    what the other, seeing everything, denies is nobody certain.
    """
    after = after.model_copy(update={"near": _joined(after.near, before.near)})
    if after.outcome is Outcome.UNDETERMINED:
        found_but_hidden = bool(after.evidence)
        return after if found_but_hidden or not _settled(before) else before
    if _settled(before) and _there(before) and not _there(after):
        why = Reason.of(
            "looks_disagree",
            because=before.why,
            observer=observer_name(before.observer),
            other=observer_name(after.observer),
        )
        return before.model_copy(update={"outcome": Outcome.UNDETERMINED, "why": why})
    return after


def _concluded(looks: Sequence[Verdict]) -> Verdict:
    """Of one requirement, as each look judged it: nobody is accused on the word of one look."""
    verdict = reduce(agree, looks)
    failing = [look for look in looks if look.outcome is Outcome.FAIL]
    # What must not be there and was seen is sure: presence may be concluded from a glimpse.
    if verdict.outcome is not Outcome.FAIL or len(failing) > 1 or _there(verdict):
        return verdict
    blind = next((look for look in reversed(looks) if look is not failing[0]), None)
    return verdict.model_copy(
        update={"outcome": Outcome.UNDETERMINED, "why": _unconfirmed(verdict, blind)}
    )


def _unconfirmed(verdict: Verdict, blind: Verdict | None) -> Reason:
    if blind is None:
        return Reason.of("one_look_only", because=verdict.why)
    name = observer_name(blind.observer)
    return Reason.of("unconfirmed", first=verdict.why, observer=name, because=blind.why)


def observer_name(name: str) -> Reason | str:
    """An observer as readers know it."""
    code = f"observer_{name}"
    return Reason.of(code) if code in REASONS else name


def _joined(one: Sequence[Evidence], other: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """What either look would tell; the browser, say, is not told of comments."""
    known = {evidence.value for evidence in one}
    return tuple([*one, *(e for e in other if e.value not in known)][:MAX_NEAR])


def _settled(verdict: Verdict) -> bool:
    return verdict.outcome in (Outcome.PASS, Outcome.FAIL)


def _there(verdict: Verdict) -> bool:
    return any(evidence.visible.counts for evidence in verdict.evidence)
