"""Everything about one site, as lines of plain text for who runs it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from contextlib import nullcontext

from ycaudit.i18n import Message, away_from_terminal, translate
from ycaudit.model import (
    OPEN,
    Evidence,
    Observation,
    Outcome,
    Page,
    Sense,
    UnitReport,
    Unseen,
    Verdict,
)
from ycaudit.net.addresses import is_loopback
from ycaudit.reasons import Reason, site_remedy
from ycaudit.report.findings import is_to_blame
from ycaudit.report.required import required
from ycaudit.report.rows import (
    MARK,
    ORIGIN,
    VISIBILITY,
    WORD,
    basis_of,
    clean,
    described,
    near_visibility,
)
from ycaudit.rules import Requirement
from ycaudit.rules.judge import observer_name
from ycaudit.url import host_of

MAX_CODES = 30
"""What somebody has to do something about."""


def explained(
    requirement: Requirement, verdict: Verdict, to_copy: str, *, codes: bool = False
) -> Iterator[str]:
    """One verdict: what is required, witness, evidence with its state, near misses, the chain of
    reasons, and how to mend it; `to_copy` is the official thing, empty where the rules have none.
    `codes` adds those of the reasons, by which the documentation lists them.
    """
    yield f"{MARK[verdict.outcome]} {_named(verdict)}: {WORD[verdict.outcome]}"
    if verdict.clause:
        yield translate("  clause: {0}", clean(verdict.clause, 300))
    yield translate("  required: {0}", required(requirement))
    yield translate("  witness: {0}", observer_name(verdict.observer))
    for evidence in verdict.evidence:
        yield translate("  evidence: {0} [{1}]", described(evidence), _state(evidence))
    for evidence in verdict.near:
        yield translate("  near: {0} [{1}]", described(evidence), _near_state(evidence))
    yield from _told_why(verdict, codes=codes)
    if verdict.outcome in OPEN:
        yield from _to_do(verdict)
        if to_copy and verdict.expect == "present" and not verdict.why.has("not_seen"):
            yield translate("  to copy: {0}", to_copy)


def _told_why(verdict: Verdict, *, codes: bool) -> Iterator[str]:
    """The chain of reasons, without those that one before has told word for word."""
    before = ""
    for depth, why in enumerate(verdict.why.chain()):
        told = clean(why.translated() if depth else _why(verdict), 600)
        if codes:
            yield f"  {'  ' * depth}{told} ({why.code})"
        elif told not in before:
            yield f"  {'  ' * depth}{told}"
        before = told


def _to_do(verdict: Verdict) -> Iterator[str]:
    """Advice on the nearest thing that was found instead, then on what leaves doubt."""
    unwanted = verdict.expect == "absent"
    if unwanted and (verdict.outcome is Outcome.FAIL or verdict.evidence):
        yield translate("  what to do: {0}", translate("take it off the homepage and its template"))
        return
    is_told = verdict.why.code in _LACKING and not unwanted
    rest = "" if is_told else site_remedy(verdict.why, unwanted=unwanted)
    subject = _subject(verdict.why)
    near, first = _of_near(verdict) or (None, rest)
    if near is None or verdict.outcome is Outcome.FAIL or near.value == subject or first == rest:
        subject, rest = "", first  # it is about one thing alone
    else:
        called = f"“{clean(near.label, 60)}”" if near.label else clean(near.value, 200)
        yield translate("  what to do about {0}: {1}", called, first)
    if rest and subject:
        yield translate("  what to do about {0}: {1}", clean(subject, 200), rest)
    elif rest:
        yield translate("  what to do: {0}", rest)


def _of_near(verdict: Verdict) -> tuple[Evidence, str] | None:
    """The nearest thing that was found instead and can be mended, where something is missing."""
    if verdict.expect == "absent" or verdict.evidence or verdict.why.has("not_seen"):
        return None
    advice = ((e, site_remedy(e.note)) for e in verdict.near if e.note and _is_meant(verdict, e))
    return next((pair for pair in advice if pair[1]), None)


def _subject(why: Reason) -> str:
    """The address of the thing that a reason is about; empty where it names none, or one that
    may have nothing to do with it."""
    if why.has("text_in_picture"):
        return ""
    named = (one.params.get(key) for one in why.chain() for key in ("src", "value", "url"))
    return str(next(filter(None, named), ""))


def _is_meant(verdict: Verdict, near: Evidence) -> bool:
    """Whether a near miss was meant to be it: a host that looks alike need not be."""
    is_alike = near.note is not None and near.note.code == "lookalike_host"
    return not is_alike or verdict.name in near.label


def details(report: UnitReport, requirements: Sequence[Requirement]) -> Iterator[str]:
    """Everything about the unit, verdict by verdict in the order of the requirements, then look by
    look.
    """
    if any(isinstance(observation, Page) for observation in report.observations):
        for requirement, verdict in zip(requirements, report.verdicts, strict=True):
            yield from _judged(requirement, verdict)
    # Nobody needs what was not seen and could not have held anything that is still open.
    missing = [
        requirement
        for requirement, verdict in zip(requirements, report.verdicts, strict=True)
        if verdict.outcome in OPEN
    ]
    sought = frozenset[Sense]().union(*(requirement.needs for requirement in requirements))
    looked: dict[str, list[list[str]]] = {}
    for observation in report.observations:
        lines = _observed(observation, missing, sought)
        before = looked.setdefault(observation.observer, [])
        name = observer_name(observation.observer)
        yield ""
        if lines in before:
            yield translate("[{0}] a second look saw the same", name)
        else:
            first, *rest = lines
            label = Message("[{0}, second look] {1}") if before else Message("[{0}] {1}")
            yield translate(label, name, first)
            yield from rest
        before.append(lines)


def _judged(requirement: Requirement, verdict: Verdict) -> Iterator[str]:
    yield ""
    judged = f"{MARK[verdict.outcome]} {_named(verdict)}: {WORD[verdict.outcome]}"
    yield f"{judged} [{basis}]" if (basis := basis_of(verdict)) else judged
    yield f"    {clean(_why(verdict), 600)}"
    yield from (f"    • {described(e)} [{_where(e)}]" for e in verdict.evidence)
    yield from (f"    ≈ {described(e)}" for e in verdict.near if _is_news(verdict, e))
    if verdict.outcome in OPEN:
        yield translate("    required: {0}", required(requirement))


_LACKING = frozenset({"unpinned", "unknown_forms"})
"""What the rules lack: no fault of the site, and nothing that its webmaster could pin."""


def _why(verdict: Verdict) -> str:
    """The reason; where the rules lack something, what that means for who runs the site."""
    is_wanted = verdict.why.code in _LACKING and verdict.expect == "present"
    return site_remedy(verdict.why) if is_wanted else verdict.why.translated()


def _is_news(verdict: Verdict, near: Evidence) -> bool:
    """Whether it says more than that the page has this code, too: all are listed at the end."""
    if near.sense is not Sense.QR_CODE or near.note is None:
        return True
    return near.note.code != "other_code" and is_to_blame(verdict, near)


def _named(verdict: Verdict) -> str:
    """The name, with advice marked as what the outcome of the unit does not depend on."""
    if verdict.level == "should":
        return translate("{0} (advice, does not count)", verdict.name)
    return verdict.name


def _observed(
    observation: Observation, missing: Sequence[Requirement], sought: Set[Sense]
) -> list[str]:
    if isinstance(observation, Page):
        return list(_seen(observation, missing, sought))
    todo = _how_to_open(observation)
    with away_from_terminal() if _is_private(observation) else nullcontext():
        told = observation.why.translated()  # of a list's `intranet` nobody needs to hear here
    return [
        translate("not seen: {0}", clean(told, 2000)),
        *([translate("    what to do: {0}", todo)] if todo else []),
    ]


def _is_private(unseen: Unseen) -> bool:
    return unseen.why.has("refused_address")


def _how_to_open(unseen: Unseen) -> str:
    """What to do where the homepage could not be seen; a server of this machine is one's own."""
    if unseen.why.has("connection_refused") and is_loopback(host_of(unseen.url)):
        return translate("start the server of this page, and check the port in its address")
    return site_remedy(unseen.why)


def raw(report: UnitReport) -> Iterator[str]:
    """What drivers and libraries said, by the code of the reason that keeps it."""
    for why in _reasons(report):
        for one in why.chain():
            if one.detail:
                yield f"    {one.code}: {clean(one.detail, 2000)}"


def _reasons(report: UnitReport) -> Iterator[Reason]:
    for verdict in report.verdicts:
        yield verdict.why
    for observation in report.observations:
        if isinstance(observation, Page):
            yield from observation.remarks
            yield from (spot.why for spot in observation.blind_spots)
        else:
            yield observation.why


def _state(evidence: Evidence) -> str:
    """In which state of the page it is seen, and where it was found."""
    state = VISIBILITY[evidence.visible] or translate("seen as the page is loaded")
    return translate("，").join((state, ORIGIN[evidence.where.origin]))


def _near_state(near: Evidence) -> str:
    """Where it was found, and whether a visitor sees it, where that is known."""
    return translate("，").join(filter(None, (near_visibility(near), ORIGIN[near.where.origin])))


def _where(evidence: Evidence) -> str:
    state = evidence.where.state
    reached = clean(state.translated(), 120) if state else VISIBILITY[evidence.visible]
    return translate("，").join(filter(None, (reached, ORIGIN[evidence.where.origin])))


def _seen(page: Page, missing: Sequence[Requirement], sought: Set[Sense]) -> Iterator[str]:
    links, images, codes = len(page.links), len(page.images), len(page.qr_codes)
    counts = Message("{0} link{0:|s}, {1} image{1:|s}, {2} QR code{2:|s}", links, images, codes)
    if Sense.QR_CODE not in sought:
        counts = Message(
            "{0} link{0:|s}, {1} image{1:|s}; no rule asks for a QR code, so none was looked for",
            *(links, images),
        )
    yield translate("{0} answered {1}: {2}", page.final_url, page.status, counts)
    if page.title:
        yield translate("    title: {0}", clean(page.title, 120))
    yield from (f"    ! {clean(remark.translated())}" for remark in page.remarks)
    for code in page.qr_codes[:MAX_CODES]:
        label = f" “{clean(code.label, 60)}”" if code.label else ""
        payload, src = clean(code.payload, 200), clean(code.src, 120)
        yield translate("    code {0}{1} in {2}", payload, label, src)
    for spot in page.blind_to(frozenset[Sense]().union(*(r.needs for r in missing))):
        if any(spot.hides & r.needs and r.may_hide_in(spot, page) for r in missing):
            yield translate("    not seen: {0}", clean(spot.why.translated(), 300))
