"""Judges a unit by its requirements: from one observation, and from several together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import combinations, islice

import pydantic.dataclasses

from ycaudit.model import (
    Cause,
    Evidence,
    Link,
    Observation,
    Outcome,
    Page,
    QrCode,
    Sense,
    Target,
    ThirdParty,
    Unseen,
    Verdict,
    Waiver,
    Where,
)
from ycaudit.reason_table import REASONS
from ycaudit.reasons import Reason
from ycaudit.rules import Requirement
from ycaudit.rules.base import MAX_NEAR, BaseRequirement, without_codes
from ycaudit.rules.link import LEADS_ON
from ycaudit.rules.networks import agreed
from ycaudit.rules.qr import LABELLED, OTHER
from ycaudit.rules.third_parties import ThirdParties
from ycaudit.rules.wordings import Span
from ycaudit.url import host_of

ENOUGH = 2
"""Full sights that lack something."""
MAX_FOLLOWED = 60
"""Addresses of one page whose redirects are followed."""

_SAME_FOR_ALL = frozenset({Cause.DNS, Cause.REFUSED_ADDRESS, Cause.NOT_HTML})
"""Another observer fails alike: there is no server to ask, or no page."""


@dataclass(frozen=True, slots=True)
class InDoubt:
    """What a homepage may or may not have, by what was seen of it so far."""

    requirements: tuple[BaseRequirement, ...]
    senses: frozenset[Sense]
    """Of which more could decide."""

    @classmethod
    def of(cls, requirements: Iterable[BaseRequirement]) -> InDoubt:
        """All of these."""
        open_ones = tuple(requirements)
        return cls(open_ones, frozenset(sense for one in open_ones for sense in one.needs))

    def __bool__(self) -> bool:
        return bool(self.senses)

    def __contains__(self, sense: Sense) -> bool:
        return sense in self.senses

    def names(self, text: str) -> bool:
        """Whether a text is the name of anything that is asked for by them."""
        return any(one.is_named_in(text) for one in self.requirements)


@pydantic.dataclasses.dataclass(frozen=True, kw_only=True)
class Unit:
    """A target, the requirements that apply to it, and the waivers that are valid today."""

    target: Target
    requirements: tuple[Requirement, ...]
    waivers: tuple[Waiver, ...] = ()
    added_third_parties: tuple[ThirdParty, ...] = ()
    """Those of the rules, beside the shipped ones."""

    def judge(self, observation: Observation) -> tuple[Verdict, ...]:
        """One verdict for each requirement, in the order of the rules."""
        latest = sorted(self.waivers, key=lambda waiver: waiver.until)
        waived = {waiver.requirement: waiver for waiver in latest}
        verdicts = (self._explained(requirement, observation) for requirement in self.requirements)
        return tuple(_waive(v, waived.get(v.requirement)) for v in verdicts)

    @cached_property
    def third_parties(self) -> ThirdParties:
        """The services from which nothing that is asked for can come."""
        asked_for = (host for r in self.requirements for host in r.named_hosts)
        return ThirdParties(self.added_third_parties, asked_for=asked_for)

    @cached_property
    def hosts(self) -> frozenset[str] | None:
        """Hosts of the links that can meet all requirements; None if other things are needed."""
        hosts = [r.hosts if r.expect == "present" else None for r in self.requirements]
        return None if None in hosts else frozenset[str]().union(*filter(None, hosts))

    def seeks_link(self, href: str, text: str, *, is_own: bool) -> bool:
        """Whether a link could meet a requirement, were it shown.

        Also one to the unit's own host that has the right name, since it may lead on.
        """
        return any(
            r.seeks(href)
            or r.resolves
            or (is_own and r.is_named_in(text))
            or (not r.has_forms() and self._finds_link(r, href, text))
            for r in self.requirements
            if Sense.LINK in r.needs
        )

    def seeks_code(self, payload: str) -> bool:
        """Whether a code could meet a requirement, were it shown."""
        return any(
            r.seeks(payload) or (not r.has_forms() and self._finds_code(r, payload))
            for r in self.requirements
            if Sense.QR_CODE in r.needs
        )

    def _finds_link(self, requirement: BaseRequirement, href: str, text: str) -> bool:
        link = Link(href=href, text=text, how="a", where=self._here)
        return any(True for _ in requirement.find(self._page_with(links=(link,))))

    def _finds_code(self, requirement: BaseRequirement, payload: str) -> bool:
        code = QrCode(payload=payload, src="", sha256="", where=self._here)
        return any(True for _ in requirement.find(self._page_with(qr_codes=(code,))))

    @cached_property
    def _here(self) -> Where:
        return Where(origin="browser", url=self.target.url)

    def _page_with(self, **things: object) -> Page:
        """A page that shows these things alone."""
        url = self.target.url
        empty = Page(
            url=url, final_url=url, status=200, observer="browser", sha256="",
            taken_at=datetime.min.replace(tzinfo=UTC),
        )  # fmt: skip
        return empty.model_copy(update=things)

    @cached_property
    def unseen(self) -> InDoubt:
        """What is in doubt of a homepage that nobody has looked at."""
        return InDoubt.of(self.requirements)

    def names(self, text: str) -> bool:
        """Whether a text is the name of anything that is asked for."""
        return self.unseen.names(text)

    def names_link(self, text: str) -> bool:
        """Whether a text is the name under which a link is asked for."""
        return any(r.is_named_in(text) for r in self.requirements if Sense.LINK in r.needs)

    @cached_property
    def sought(self) -> tuple[str, ...]:
        """What a look at its homepage is for (`Page.sought`)."""
        return tuple(dict.fromkeys(one for r in self.requirements for one in r.sought))

    @cached_property
    def asks_for_text(self) -> bool:
        """Whether the text of the page is needed at all."""
        return any(Sense.TEXT in r.needs for r in self.requirements)

    def text_spans(self, text: str) -> Iterator[Span]:
        """Where something that a requirement asks for stands in folded lines."""
        for requirement in self.requirements:
            yield from requirement.spans(text)

    def to_follow(self, observation: Observation, verdicts: Iterable[Verdict]) -> tuple[str, ...]:
        """The addresses whose redirects could decide an undetermined verdict."""
        if not isinstance(observation, Page):
            return ()
        wanted = (
            href
            for requirement, verdict in zip(self.requirements, verdicts, strict=True)
            if requirement.resolves and verdict.outcome is Outcome.UNDETERMINED
            for href in requirement.to_follow(
                without_codes(observation, self._codes_of_others(requirement, observation))
            )
        )
        return tuple(islice(dict.fromkeys(wanted), MAX_FOLLOWED))

    def _explained(self, requirement: BaseRequirement, observation: Observation) -> Verdict:
        """The verdict, with a note on each thing found instead that another requirement accepts."""
        verdict = requirement.judge(observation, self._codes_of_others(requirement, observation))
        if verdict.outcome is Outcome.PASS:
            shown = tuple(self._captioned(requirement, each) for each in verdict.evidence)
            return verdict.model_copy(update={"evidence": shown})
        near = tuple(e for each in verdict.near for e in self._named(requirement, each))
        ranked = tuple(sorted(near, key=lambda each: self._is_of_other(requirement, each)))
        return verdict.model_copy(update={"near": ranked}) if verdict.near else verdict

    def _codes_of_others(self, mine: BaseRequirement, observation: Observation) -> frozenset[str]:
        """Payloads that are exactly what another requirement asks for, and can not be this one."""
        if not isinstance(observation, Page) or Sense.QR_CODE not in mine.needs:
            return frozenset()
        others = [r for r in self.requirements if r.id != mine.id and _asks_for_a_code(r)]
        return frozenset(
            payload
            for payload in {code.payload for code in observation.qr_codes}
            if any(r.identifies(payload) for r in others) and not mine.may_be_met_by(payload)
        )

    def _named(self, mine: BaseRequirement, evidence: Evidence) -> Iterator[Evidence]:
        """The evidence with its note; none for a link of another site that is right there."""
        others = [r for r in self.requirements if r.id != mine.id]
        other = next((r for r in others if _asks_for(r, evidence)), None)
        if other is None and evidence.note in LABELLED and self._is_of_other(mine, evidence):
            yield evidence.model_copy(update={"note": OTHER})
        elif other is None:
            yield evidence
        elif evidence.sense is not Sense.LINK or _is_mistaken_for(mine, evidence):
            note = Reason.of("asked_by_other", other=other.name, mine=mine.name)
            yield evidence.model_copy(update={"note": note})

    def _is_of_other(self, mine: BaseRequirement, evidence: Evidence) -> bool:
        """Whether a code's label fits another code that is asked for better than this one."""
        return self._owner_of_label(mine, evidence) is not None

    def _owner_of_label(self, mine: BaseRequirement, evidence: Evidence) -> BaseRequirement | None:
        """The other code whose name a code's label has, where it has none of this one beside it."""
        label = evidence.label if evidence.sense is Sense.QR_CODE else ""
        fit = mine.fit(label)
        named = (r for r in self.requirements if _asks_for_a_code(r) and r.fit(label) > fit)
        return next((r for r in named if not mine.fit(label.replace(r.name, ""))), None)

    def _captioned(self, mine: BaseRequirement, evidence: Evidence) -> Evidence:
        """What meets a requirement, with a remark where it stands under the name of another."""
        owner = self._owner_of_label(mine, evidence)
        if owner is None or evidence.note is not None:
            return evidence
        note = Reason.of("captioned_as_other", other=owner.name)
        return evidence.model_copy(update={"note": note})

    def in_doubt(self, observation: Observation, verdicts: Iterable[Verdict]) -> InDoubt:
        """What a more thorough observation could decide."""
        return InDoubt.of(
            requirement
            for requirement, verdict in zip(self.requirements, verdicts, strict=True)
            if _could_be_decided(observation, requirement, verdict)
        )

    def worth_another_look(self, observation: Observation, verdicts: Sequence[Verdict]) -> bool:
        """Whether an observation by another observer could decide a verdict."""
        if isinstance(observation, Unseen) and observation.cause in _SAME_FOR_ALL:
            return False
        return bool(self.in_doubt(observation, verdicts))

    def conclude(self, observations: Sequence[Observation]) -> tuple[Verdict, ...]:
        """The verdicts of all observations together; a fail needs two of them."""
        looks = list(zip(*map(self.judge, observations), strict=True))
        verdicts = tuple(map(self._concluded, self.requirements, looks))
        via = next(filter(None, (one.via for one in observations)), None)
        if via is None or all(one.via for one in observations):
            why = _varies(looks) or _broken_off(observations)
            of_codes = why or _codes_vary(observations)
            return tuple(
                _unless_missing(verdict, of_codes if _asks_for_a_code(requirement) else why)
                for requirement, verdict in zip(self.requirements, verdicts, strict=True)
            )
        there = [one.via is not None for one in observations]
        return tuple(
            agreed(verdict, *_by_network(look, there), via=via)
            for verdict, look in zip(verdicts, looks, strict=True)
        )

    def _concluded(self, requirement: BaseRequirement, looks: Sequence[Verdict]) -> Verdict:
        verdict = concluded(looks)
        # What is in the page at all, whether it shows or not, the markup tells as well.
        in_page = looks if requirement.visible == "any" else ()
        return verdict if _shows_it(verdict) else next(filter(_shows_it, in_page), verdict)

    def wants_markup(self, observations: Sequence[Observation]) -> bool:
        """Whether the markup may hold what the screen does not show, and counts all the same."""
        looks = zip(*map(self.judge, observations), strict=True)
        return any(
            requirement.visible == "any"
            and not any(_shows_it(v) or v.basis == "sent" for v in verdicts)
            for requirement, verdicts in zip(self.requirements, looks, strict=True)
        )

    def unconfirmed(self, observations: Sequence[Observation]) -> bool:
        """Whether one more look by the witness that decides could settle a verdict."""
        judged = map(self.judge, observations)
        return any(map(_is_unconfirmed, zip(*judged, strict=True)))


def _asks_for_a_code(requirement: BaseRequirement) -> bool:
    return requirement.expect == "present" and Sense.QR_CODE in requirement.needs


def _asks_for(requirement: BaseRequirement, evidence: Evidence) -> bool:
    are_words = evidence.sense is Sense.TEXT
    of_one_kind = are_words is (Sense.TEXT in requirement.needs)
    return of_one_kind and requirement.expect == "present" and requirement.seeks(evidence.value)


def _is_mistaken_for(mine: BaseRequirement, evidence: Evidence) -> bool:
    """Whether a link has the name of what is missing, or leads to its site."""
    return mine.is_named_in(evidence.label) or host_of(evidence.value) in mine.named_hosts


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


def concluded(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict of all observations of one homepage on one requirement.

    The painted screen is the stronger witness: what it could not tell, the markup never decides.
    One sure glimpse is presence; absence needs two full sights by the stronger witness.
    """
    verdict = _of_one_witness(_strongest(verdicts))
    if verdict.basis == "painted" and not _saw(verdict):
        # The browser was shut out: what the markup surely carries still counts.
        verdict = next(filter(_carries_it, verdicts), verdict)
    if verdict.basis == "sent" and verdict.expect == "absent" and _shows_it(verdict):
        why = Reason.of("only_sent", because=verdict.why)
        verdict = verdict.model_copy(update={"outcome": Outcome.UNDETERMINED, "why": why})
    others = [v for v in verdicts if v is not verdict]
    met = {evidence.label for evidence in verdict.evidence if _shows_it(verdict)}
    near = (
        evidence
        for other in others
        for evidence in other.near
        if not (evidence.note in LEADS_ON and evidence.label in met)
    )
    mine = (*_only_in_markup(verdict, others), *verdict.near)
    return verdict.model_copy(update={"near": _joined(mine, near)})


def _only_in_markup(verdict: Verdict, others: Iterable[Verdict]) -> Iterator[Evidence]:
    """What the markup has of something that is missing from the screen."""
    is_missing = verdict.expect == "present" and verdict.outcome is Outcome.FAIL
    if is_missing and verdict.basis == "painted" and not verdict.evidence:
        for evidence in (e for v in others if v.basis == "sent" for e in v.evidence):
            yield evidence.model_copy(update={"note": _ONLY_IN_MARKUP})


_ONLY_IN_MARKUP = Reason.of("only_in_markup")


def _strongest(verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
    return [v for v in verdicts if v.basis == "painted"] or verdicts


def _is_unconfirmed(verdicts: Sequence[Verdict]) -> bool:
    strongest = _strongest(verdicts)
    if any(map(_shows_it, strongest)):
        return False
    missing = sum(v.outcome is Outcome.FAIL for v in strongest)
    if missing == ENOUGH and any(_shows_it(v) for v in verdicts):
        return True  # the page may have been another one each time
    shut_out = strongest[0].basis == "painted" and not any(map(_saw, strongest))
    may_pass = len(strongest) == 1 and strongest[0].why.has(*_MAY_PASS)
    return missing == 1 or (shut_out and may_pass)


def _varies(looks: Iterable[Sequence[Verdict]]) -> Reason | None:
    """That the page shows something else each time, where one sight had what another lacks."""
    for verdicts in looks:
        painted = [verdict for verdict in verdicts if verdict.basis == "painted"]
        there = next(filter(_shows_it, painted), None)
        if there is not None and any(map(_misses_it, painted)):
            return Reason.of("varies", value=there.evidence[0].value if there.evidence else "")
    return None


def _codes_vary(observations: Iterable[Observation]) -> Reason | None:
    """That each of two screens showed a code of a site of which the other had none: another may
    show what neither did."""
    pages = (one for one in observations if isinstance(one, Page) and one.observer == "browser")
    # Of one site, codes may be made anew for each visitor, such as those to sign in.
    shown = [{host_of(c.payload): c for c in page.qr_codes if c.visible.counts} for page in pages]
    for one, other in combinations(shown, 2):
        if (only := one.keys() - other.keys()) and other.keys() - one.keys():
            return Reason.of("varies", value=one[min(only)].payload)
    return None


def _broken_off(observations: Iterable[Observation]) -> Reason | None:
    """That the server did not send the page to its end, where a browser takes that for its end."""
    spots = (s for one in observations if isinstance(one, Page) for s in one.blind_spots)
    return next((spot.why for spot in spots if spot.why.code in _BROKEN_OFF), None)


_BROKEN_OFF = ("body_broke_off", "body_encoding_broke_off", "body_encoding_damaged")


def _unless_missing(verdict: Verdict, why: Reason | None) -> Verdict:
    """The verdict; where it says that something is missing, that this is not known."""
    if why is None or not _misses_it(verdict):
        return verdict
    doubt = Reason.of("not_all_seen", because=why, more=0)
    return verdict.model_copy(update={"outcome": Outcome.UNDETERMINED, "why": doubt})


def _by_network(verdicts: Sequence[Verdict], there: Sequence[bool]) -> tuple[Verdict, Verdict]:
    """What the looks of each network say, from here and from there: each by its best look."""
    strongest = _strongest(verdicts)
    words = [
        [v for v, is_there in zip(verdicts, there, strict=True) if is_there is beyond]
        for beyond in (False, True)
    ]
    here, beyond = ([v for v in own if v in strongest] or own for own in words)
    return _best(here), _best(beyond)


def _best(verdicts: Sequence[Verdict]) -> Verdict:
    """The sure glimpse, else the full sight that lacks it, else the one that saw most."""
    sure = (*filter(_shows_it, verdicts), *filter(_misses_it, verdicts))
    return next(iter(sure), None) or max(verdicts, key=lambda v: (_saw(v), bool(v.evidence)))


_MAY_PASS = ("browser_gave_up", "browser_kept_out", "browser_no_page", "look_timeout")
"""Why the browser was shut out, where another try may let it in."""


def _of_one_witness(verdicts: Sequence[Verdict]) -> Verdict:
    """Presence if any saw it, else absence if two saw all, else why that is not known."""
    last = verdicts[-1]
    if last.outcome is Outcome.WAIVED:
        return last
    if (found := next(filter(_shows_it, verdicts), None)) is not None:
        return found
    missing = [v for v in verdicts if _misses_it(v)]
    if not missing:
        return max(verdicts, key=lambda v: (_saw(v), bool(v.evidence)))
    if len(missing) > 1 or missing[0].outcome is not Outcome.FAIL:
        return missing[-1]
    blind = next((v for v in reversed(verdicts) if v is not missing[0]), None)
    why = _unconfirmed(missing[0], blind)
    return missing[0].model_copy(update={"outcome": Outcome.UNDETERMINED, "why": why})


def _shows_it(verdict: Verdict) -> bool:
    """Whether the thing was seen: a pass, or a fail of what must not be there."""
    seen = Outcome.PASS if verdict.expect == "present" else Outcome.FAIL
    return verdict.outcome is seen


def _carries_it(verdict: Verdict) -> bool:
    """Whether it is a pass by presence: that something is missing, the markup cannot vouch for."""
    return verdict.outcome is Outcome.PASS and verdict.expect == "present"


def _misses_it(verdict: Verdict) -> bool:
    """Whether it is missing from a page that was seen whole."""
    missing = Outcome.FAIL if verdict.expect == "present" else Outcome.PASS
    return verdict.outcome is missing


def _saw(verdict: Verdict) -> bool:
    """Whether the homepage was seen at all."""
    return verdict.why.code != "not_seen"


def _unconfirmed(verdict: Verdict, blind: Verdict | None) -> Reason:
    if blind is None:
        return Reason.of("one_look_only", because=verdict.why)
    name = observer_name(blind.observer)
    return Reason.of("unconfirmed", first=verdict.why, observer=name, because=blind.why)


def observer_name(name: str) -> Reason | str:
    """The name of an observer as a reason where there is one, else as it is."""
    code = f"observer_{name}"
    return Reason.of(code) if code in REASONS else name


def _joined(one: Sequence[Evidence], others: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The evidence of all observations; comments, say, are seen by the static one only."""
    known = {evidence.value: evidence for evidence in one}
    for evidence in others:
        known.setdefault(evidence.value, evidence)
    return tuple(known.values())[:MAX_NEAR]
