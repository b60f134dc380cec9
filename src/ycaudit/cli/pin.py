"""ycaudit pin: a code becomes a verified rule."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ycaudit import office_time
from ycaudit.auditing.pin import Pin, Pinned, write_pin
from ycaudit.auditing.pin_candidates import Candidate, Suggestion, suggest, unpinned
from ycaudit.auditing.pin_images import keep_official_image, payloads_in
from ycaudit.cli import console, image_files, options
from ycaudit.cli.stored_runs import HistoryFile, find_run
from ycaudit.errors import AuditError
from ycaudit.i18n import Message, translate
from ycaudit.inputs.plan import load_rules
from ycaudit.model import ScanRun
from ycaudit.report.rows import clean
from ycaudit.rules.spelling import odd_payload
from ycaudit.terminal import file_name

MAX_NAMES = 4


def command(
    requirement: Annotated[
        str, typer.Argument(help="The id or the name of the requirement, as the rules file has it.")
    ] = "",
    code: Annotated[
        str,
        typer.Argument(
            metavar="IMAGE|URL|TEXT",
            help="An image file; the address of one (its path ends like one); or the payload.",
        ),
    ] = "",
    rules: options.Rules = options.DEFAULT_RULES,
    source: Annotated[
        str, typer.Option("--source", help="Where the official code comes from. For TEXT a must.")
    ] = "",
    which: Annotated[
        int | None, typer.Option("--code", min=1, help="Which code of an image with several.")
    ] = None,
    exhaustive: Annotated[
        bool | None,
        typer.Option(
            "--exhaustive/--partly",
            help="Now all codes of this account are known, so that another one fails; or not all.",
        ),
    ] = None,
    allow_private: options.AllowPrivate = False,
    proxy: options.ProxyUrl = "",
    suggest: Annotated[
        str, typer.Option("--suggest", help="A run: choose from the codes that its units show.")
    ] = "",
    history: HistoryFile = None,
    evidence: Annotated[
        Path | None,
        typer.Option("--evidence", help="The evidence of that run, to name the cut-out codes."),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who confirms a suggestion.")] = "",
) -> None:
    """Write the payload of an official code into the rules, with its source and today's date."""
    today = office_time.today()
    if suggest:
        if code:
            raise AuditError("--suggest chooses from a run: leave IMAGE|URL|TEXT out")
        _choose(
            suggest, find_run(suggest, history), requirement, rules, evidence, by, exhaustive, today
        )
        return
    if not requirement or not code:
        raise AuditError("say which requirement and which code, or --suggest RUN")
    official = _official(code, which, allow_private=allow_private, proxy=proxy)
    if not (source or official.source):
        raise AuditError("say with --source where this payload comes from")
    if not _confirmed(requirement, official):
        return
    order = Pin(
        *(requirement, official.payload, source or official.source, today, exhaustive),
        keeps_source=not source,
    )
    pinned = write_pin(order, rules)
    if official.image is not None and which is None:
        folder = pinned.file.parent
        keep_official_image(folder, pinned.requirement, official.payload, official.image)
    _print(pinned, order)


@dataclass(frozen=True, slots=True)
class _Official:
    """An official code as the argument gives it."""

    payload: str
    source: str = ""
    """Empty where the argument does not name one."""
    image: bytes | None = None
    file: Path | None = None


def _confirmed(requirement: str, official: _Official) -> bool:
    """Whether a person presses Enter on what is to be pinned; nobody there to ask, yes."""
    if not sys.stdin.isatty():
        return True
    console.info("{0}: {1}", requirement, clean(official.payload))
    if official.file is not None:
        console.info("  picture: {0}", official.file)
        image_files.open_picture(official.file)
    return _enter()


def _enter() -> bool:
    console.info("  Enter pins it, any other key leaves it: ", nl=False)
    key = typer.getchar()
    console.info(key if key.isprintable() else "")
    return key in ("\r", "\n")


def _official(code: str, which: int | None, *, allow_private: bool, proxy: str) -> _Official:
    """The payload that the argument is or shows."""
    if Path(code).is_file():
        image = Path(code).read_bytes()
        source = translate("image {0}", file_name(Path(code).name))
        return _Official(_read(image, code, which), source, image, Path(code))
    suffix = Path(code.partition("?")[0]).suffix.lower()
    if image_files.is_address(code) and suffix in image_files.IMAGES:
        data = image_files.fetched(code, allow_private=allow_private, proxy=proxy)
        if isinstance(data, str):
            raise AuditError("{0}: {1}", code, data)
        return _Official(_read(data, code, which), code, data)
    if suffix in image_files.IMAGES and not image_files.is_address(code):
        raise AuditError("{0}: no such file", code)
    return _Official(code.strip())


def _read(data: bytes, name: str, which: int | None) -> str:
    payloads = payloads_in(data, name)
    if (which or 0) > len(payloads) or (not which and len(payloads) > 1):
        listed = "\n".join(f"  {n}  {clean(text)}" for n, text in enumerate(payloads, 1))
        raise AuditError(
            "{0} holds {1} codes; say which with --code:\n{2}", name, len(payloads), listed
        )
    return payloads[(which or 1) - 1]


def _print(pinned: Pinned, order: Pin) -> None:
    what = (pinned.requirement, clean(order.payload), pinned.file)
    if pinned.known:
        console.info("confirmed {0}: {1} in {2}", *what)
    else:
        console.info("pinned {0}: {1} in {2}", *what)
    if pinned.replaced:
        console.notice(
            "the source of {0} was {1!r} and is now {2!r}",
            *(pinned.requirement, clean(pinned.replaced, 200), clean(order.source, 200)),
        )
    if pinned.partly:
        console.notice(
            "{0} is still `exhaustive: false`: other codes stay undetermined; with "
            "--exhaustive they fail",
            pinned.requirement,
        )
    if odd := odd_payload(order.payload, pinned.requirement):
        console.notice(odd)


# --- by consensus --------------------------------------------------------------------------------


def _choose(
    name: str,
    run: ScanRun,
    wanted: str,
    rules: list[Path],
    evidence: Path | None,
    by: str,
    exhaustive: bool | None,
    today: date,
) -> None:
    requirements, _ = load_rules(rules)
    every = suggest(run, requirements)
    suggestions = [s for s in every if wanted in ("", s.requirement.id, s.requirement.name)]
    if not suggestions:
        console.info("nothing to pin: every requirement has its payloads")
        return
    pinned = False
    for suggestion in suggestions:
        for line in _described(suggestion, len(run.reports), evidence):
            console.info(line)
        chosen = _key(suggestion.candidates, evidence)
        if chosen is None:
            continue
        source = chosen.source(run, by or options.user())
        order = Pin(
            *(suggestion.requirement.id, chosen.payload, source, today, exhaustive),
            keeps_source=True,
        )
        _print(write_pin(order, rules), order)
        pinned = True
    if pinned:
        again = " ".join(f"--rules {path}" for path in rules)
        console.info(
            "to judge the run by it, without looking again: ycaudit judge {0} {1}", name, again
        )


def _described(suggestion: Suggestion, total: int, evidence: Path | None) -> Iterable[str]:
    requirement = suggestion.requirement
    yield Message("\n{0} ({1}): {2}", requirement.id, requirement.name, unpinned(requirement))
    if not suggestion.candidates:
        yield Message("  no unit shows a code that could be it")
    for number, candidate in enumerate(suggestion.candidates, 1):
        yield f"  {number}  {clean(candidate.payload, 200)}"
        yield (
            Message(
                "     shown by {0}, {1} under the right caption: {2}",
                candidate.share_of(total),
                candidate.labelled,
                _names(candidate),
            )
        )
        if candidate.captions:
            yield Message(
                "     captions: {0}", "; ".join(clean(c, 40) for c in candidate.captions[:3])
            )
        if candidate.file:
            yield Message("     picture: {0}", (evidence or Path()) / candidate.file)


def _names(candidate: Candidate) -> str:
    more = len(candidate.units) - MAX_NAMES
    names = translate("、").join(clean(name, 30) for name in candidate.units[:MAX_NAMES])
    return f"{names} …" if more > 0 else names


def _key(candidates: tuple[Candidate, ...], evidence: Path | None) -> Candidate | None:
    """The one that a person chooses and confirms; nobody there to ask, none."""
    if not candidates or not sys.stdin.isatty():
        return None
    keys = "1" if len(candidates) == 1 else f"1–{len(candidates)}"
    while True:
        console.info("  press {0} to choose, s to leave it open, q to stop: ", keys, nl=False)
        key = typer.getchar()
        console.info(key if key.isprintable() else "")
        if key == "s":
            return None
        if key in ("q", "\x1b"):
            raise typer.Exit
        if key.isdigit() and 1 <= int(key) <= len(candidates):
            chosen = candidates[int(key) - 1]
            if chosen.file:
                image_files.open_picture((evidence or Path()) / chosen.file)
            if _enter():
                return chosen
