"""规则: the requirements in words, and how a code becomes an official one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from starlette.responses import Response

from ycaudit import i18n, office_time
from ycaudit.auditing.judging import as_it_was, as_listed, judged
from ycaudit.auditing.pin import Pin, Pinned, write_pin
from ycaudit.auditing.pin_candidates import Candidate, suggest, unpinned
from ycaudit.auditing.pin_images import keep_official_image, payloads_in
from ycaudit.desk import html
from ycaudit.desk.asked import Asked
from ycaudit.desk.desk import Place
from ycaudit.desk.pages.unit import picture
from ycaudit.errors import AuditError
from ycaudit.i18n import Message
from ycaudit.inputs import examples
from ycaudit.inputs.plan import load_rules
from ycaudit.model import ScanRun
from ycaudit.rules import Requirement
from ycaudit.rules.forms import Form
from ycaudit.rules.qr import QrRequirement
from ycaudit.runs.history import History

MAX_IMAGE = 16 << 20
"""Bytes of an official picture."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A requirement as the desk tells it."""

    requirement: Requirement

    @property
    def is_code(self) -> bool:
        """Whether it asks for a code, which can be pinned."""
        return isinstance(self.requirement, QrRequirement)

    @property
    def unpinned(self) -> str:
        """Why it cannot pass or fail; empty where it can."""
        return unpinned(self.requirement) or ""

    @property
    def sentence(self) -> Message:
        """What is asked for."""
        return _SENTENCES[self.requirement.expect, self.requirement.kind]

    @property
    def forms(self) -> Sequence[Form]:
        """The accepted forms, or those that must not be there."""
        return self.requirement.accept

    @property
    def tags(self) -> Sequence[str]:
        """The tags of the units that it is asked of; empty where it is asked of all."""
        return self.requirement.applies_to.tags if self.requirement.applies_to else ()


_SENTENCES = {
    ("present", "link"): Message("首页应当有通往此处的链接，访问者看得到、点得到。"),
    ("present", "qr"): Message("首页应当出现这个二维码，访问者看得到、扫得出。"),
    ("present", "text"): Message("首页应当出现这段文字，访问者看得到。"),
    ("absent", "link"): Message("首页不得出现这个链接。"),
    ("absent", "qr"): Message("首页不得出现这个二维码。"),
    ("absent", "text"): Message("首页不得出现这段文字。"),
}


@dataclass(frozen=True, slots=True)
class Beginning:
    """What has to be there before anything can be checked."""

    place: Place

    @property
    def folder(self) -> Path:
        """The folder in which the desk works."""
        return self.place.targets.absolute().parent

    @property
    def missing(self) -> list[Message]:
        """What is not there, with its name."""
        rules, targets = "、".join(map(str, self.place.rules)), self.place.targets
        return [
            *([] if any(map(_has_rules, self.place.rules)) else [Message("规则（{0}）", rules)]),
            *([] if targets.exists() else [Message("名单（{0}）", targets)]),
        ]

    @property
    def has_usual_names(self) -> bool:
        """Whether the examples would be what the desk works with."""
        names = [self.place.targets.absolute(), *(path.absolute() for path in self.place.rules)]
        return names == [self.folder / examples.LIST, (self.folder / examples.RULES).parent]


def _has_rules(path: Path) -> bool:
    return any(path.glob("*.y*ml")) if path.is_dir() else path.exists()


def begin(asked: Asked) -> Response:
    """Write the examples of what is missing, as `ycaudit init` does; nothing that is there."""
    place = asked.desk.place
    folder = Beginning(place).folder
    language = "zh" if i18n.language() == "zh" else "en"
    with asked.desk.sitting.lock:
        kept = {name for name in examples.texts(language) if (folder / name).exists()}
        if any(map(_has_rules, place.rules)):
            kept.add(examples.RULES)
        if place.targets.exists():
            kept.add(examples.LIST)
        examples.write(folder, language, but=kept, is_new=False)
    return html.see("/rules", notice="begun")


def show(asked: Asked) -> Response:
    """All requirements."""
    place = asked.desk.place
    if not any(map(_has_rules, place.rules)):
        return html.page(asked, "rules", beginning=Beginning(place), notice="")
    requirements, policy = load_rules(place.rules)
    with asked.desk.history() as kept:
        latest = _latest(kept)
    return html.page(
        asked,
        "rules",
        beginning=None,
        policy=policy,
        is_judged_by_others=latest is not None and latest.rules.sha256 != policy.sha256,
        asking=[Asking(requirement) for requirement in requirements],
        notice=asked.word("notice"),
    )


def judge(asked: Asked) -> Response:
    """Judge what the latest run saw by the rules and the list as they are now: a run of its own."""
    place, today = asked.desk.place, office_time.today()
    with asked.desk.sitting.lock, asked.desk.history() as kept:
        before = _latest(kept)
        if before is None:
            raise AuditError("there is no run to be judged anew")
        plan = None
        if place.targets.exists():
            plan = as_listed(before, place.targets, place.rules, today=today)
        plan = plan or as_it_was(before, place.rules, today=today)
        run = judged(before, plan, kept, kept.decisions(), now=datetime.now(UTC))
    return html.see(f"/run/{run.id}")


def _latest(kept: History) -> ScanRun | None:
    """The latest run, be it of a part of the list; None where there is none."""
    newest = kept.newest()
    return None if newest is None else kept.load(newest)


def _of(asked: Asked) -> Asking:
    """The requirement of the address. Raises AuditError where it is none that asks for a code."""
    requirements, _ = load_rules(asked.desk.place.rules)
    wanted = asked.params["requirement"]
    found = next((Asking(r) for r in requirements if r.id == wanted), None)
    if found is None or not found.is_code:
        raise AuditError("no requirement {0!r} asks for a code", wanted)
    return found


def pin(asked: Asked) -> Response:
    """The forms for an official code: from a picture, or from what units show."""
    found = _of(asked)
    with asked.desk.history() as kept:
        run = _latest(kept)
    return html.page(
        asked,
        "pin",
        found=found,
        run=run,
        candidates=_candidates(asked, found, run) if run else [],
        code_id=code_id,
        picture=picture,
        image="",
        name="",
        payloads=(),
    )


def _candidates(asked: Asked, found: Asking, run: ScanRun) -> list[Candidate]:
    """What units of a run show that may be asked for."""
    requirements, _ = load_rules(asked.desk.place.rules)
    suggestions = suggest(run, requirements)
    mine = [s for s in suggestions if s.requirement.id == found.requirement.id]
    return [candidate for suggestion in mine for candidate in suggestion.candidates]


def upload(asked: Asked) -> Response:
    """Read the codes of a picture that was handed in, for the person to confirm one."""
    found = _of(asked)
    name, data = asked.file("picture")
    if len(data) > MAX_IMAGE:
        raise AuditError("{0}: larger than {1} MB", name, MAX_IMAGE >> 20)
    kept = asked.desk.uploads.keep(name, data)
    return html.page(
        asked,
        "pin",
        found=found,
        run=None,
        candidates=[],
        code_id=code_id,
        picture=picture,
        image=kept.id,
        name=kept.name,
        payloads=payloads_in(data, kept.name),
    )


def write(asked: Asked) -> Response:
    """Write the confirmed payload into the rules, with its source and today's date."""
    found = _of(asked)
    confirmed = _from_picture(asked) if asked.word("image") else _from_units(asked, found)
    exhaustive = {"all": True, "partly": False}.get(asked.word("exhaustive"))
    order = Pin(
        *(found.requirement.id, confirmed.payload, confirmed.source),
        *(office_time.today(), exhaustive),
        keeps_source=not asked.word("image"),
    )
    with asked.desk.sitting.lock:
        pinned = write_pin(order, asked.desk.place.rules)
        if confirmed.picture:
            _keep_picture(pinned, confirmed)
    return html.see("/rules", notice="pinned")


def _keep_picture(pinned: Pinned, confirmed: Confirmed) -> None:
    folder, payload = pinned.file.parent, confirmed.payload
    try:
        keep_official_image(folder, pinned.requirement, payload, confirmed.picture)
    except AuditError as error:
        raise AuditError(
            "the code is in the rules now, but its picture was not kept: {0}", error.message
        ) from error


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a person has confirmed to be official."""

    payload: str
    source: str
    picture: bytes = b""
    """A picture of it; empty where none shows it alone."""


def code_id(payload: str) -> str:
    """What a form calls a payload: a browser would write its line ends otherwise."""
    return hashlib.sha256(payload.encode("utf-8", "surrogatepass")).hexdigest()


def _from_picture(asked: Asked) -> Confirmed:
    """A code of a picture that was handed in. Raises AuditError where nobody says whence it is."""
    kept = asked.desk.uploads.get(asked.word("image"))
    data = kept.path.read_bytes()
    payloads = payloads_in(data, kept.name)
    payload = next((p for p in payloads if code_id(p) == asked.word("code")), None)
    if payload is None:
        raise AuditError("{0}: choose one of its codes", kept.name)
    if not asked.word("source"):
        raise AuditError("say where this code comes from")
    # Of several codes nobody could tell which the picture shows.
    return Confirmed(payload, asked.word("source"), data if len(payloads) == 1 else b"")


def _from_units(asked: Asked, found: Asking) -> Confirmed:
    """A code that units show. Raises AuditError where they show no such, or nobody confirms it."""
    if not asked.word("by"):
        raise AuditError("say who decides: a decision has a name")
    with asked.desk.history() as kept:
        run = kept.load(asked.word("run"))
    for candidate in _candidates(asked, found, run):
        if code_id(candidate.payload) == asked.word("code"):
            return Confirmed(candidate.payload, candidate.source(run, asked.word("by")))
    raise AuditError("no unit of run {0} shows this code", run.id)
