"""ycaudit doctor: what works here, what does not, and what mends it."""

from __future__ import annotations

import asyncio
import io
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ycaudit import __version__, i18n
from ycaudit.cli import settings
from ycaudit.cli.stored_runs import where
from ycaudit.errors import AuditError
from ycaudit.i18n import plural

State = Literal["works", "missing", "broken"]
MARK: dict[State, str] = {"works": "✓", "missing": "–", "broken": "✗"}
WORD = "https://doctor.test/look"
ROOM = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried: `missing` is done without, `broken` must be mended."""

    what: str
    state: State
    told: str
    mend: str = ""


def command(
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 also for what is only missing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Try everything that an audit uses here, and tell what mends what does not work."""
    found: list[Finding] = []
    for check in CHECKS:
        for finding in _tried(check):
            found.append(finding)
            if not as_json:
                _show(finding)
    if as_json:
        typer.echo(json.dumps([asdict(f) for f in found], ensure_ascii=False, indent=2))
    states = {finding.state for finding in found}
    raise typer.Exit(1 if "broken" in states or (strict and "missing" in states) else 0)


def _show(finding: Finding) -> None:
    what, told = i18n.told(finding.what), i18n.told(finding.told)
    typer.echo(f"{MARK[finding.state]} {what}{i18n.told('：')}{told}")
    if finding.mend:
        typer.echo(f"    {i18n.told(finding.mend)}")


def _tried(check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What a check finds; one that fails itself is a finding, too."""
    try:
        yield from check()
    except Exception as error:
        what = check.__name__.strip("_").replace("_", " ")
        yield Finding(what, "broken", f"{type(error).__name__}: {error}"[:300])


def _versions() -> Iterator[Finding]:
    told = f"{__version__} on Python {platform.python_version()}, {platform.platform(terse=True)}"
    yield Finding("ycaudit", "works", told)


def _terminal() -> Iterator[Finding]:
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    if encoding.startswith("utf8"):
        yield Finding("Chinese in the terminal", "works", "UTF-8")
    else:
        mend = "set LANG=zh_CN.UTF-8 or PYTHONUTF8=1 (Windows: chcp 65001)"
        yield Finding(
            "Chinese in the terminal", "broken", f"encoding {encoding or 'unknown'}", mend
        )


def _decoders() -> Iterator[Finding]:
    """Every engine reads a code that another hand drew."""
    import numpy
    import segno
    from PIL import Image

    from ycaudit.observe.qr import decoders

    drawn = io.BytesIO()
    segno.make_qr(WORD).save(drawn, kind="png", scale=6, border=4)
    grey = numpy.asarray(Image.open(drawn).convert("L"))
    readers: dict[str, Callable[[Any], Iterator[decoders.Hit]]]
    readers = {"zxing-cpp": decoders.zxing, "zbar": decoders.zbar, "neural": decoders.neural}
    mends = {"zbar": decoders.LIBZBAR_HINT, "neural": decoders.why_no_neural() or ""}
    for name, version in decoders.engines().items():
        if version is None:
            yield Finding(f"decoder {name}", "missing", "not installed", mends.get(name, ""))
        elif [hit.payload for hit in readers[name](grey)] == [WORD]:
            yield Finding(f"decoder {name}", "works", version)
        else:
            yield Finding(f"decoder {name}", "broken", f"{version} does not read a plain code")


def _looks() -> Iterator[Finding]:
    """Both observers look at control pages, which have a link and a code, and lack them."""
    from ycaudit.auditing.runtime import Runtime
    from ycaudit.net.client import Options
    from ycaudit.observe.browser.chromium import find_browser, why_no_browser
    from ycaudit.rules.matchers import Accept
    from ycaudit.rules.requirements import LinkRequirement, QrRequirement

    rules = (
        LinkRequirement(
            id="link", name="link", kind="link", accept=(Accept(host=("doctor.test",)),)
        ),
        QrRequirement(id="code", name="code", kind="qr", accept=(Accept(payload=WORD),)),
    )

    async def tried(name: str) -> tuple[str, ...]:
        runtime = Runtime(Options())
        try:
            return await runtime.suspicions(rules, seconds=30, names=[name])
        finally:
            await runtime.aclose()

    why = why_no_browser(os.environ)
    for name, what in (("static", "look without a browser"), ("browser", "look by a browser")):
        if name == "browser" and why is not None:
            yield Finding(what, "missing", why.partition(";")[0], why.partition(";")[2].strip())
            continue
        wrong = asyncio.run(tried(name))
        used = str(find_browser(os.environ)) if name == "browser" else "control pages"
        yield Finding(what, "broken" if wrong else "works", "; ".join(wrong) or used)


def _fonts() -> Iterator[Finding]:
    """Screenshots and the report need a font with Chinese characters."""
    if (lister := shutil.which("fc-list")) is None:
        if sys.platform in ("win32", "darwin"):
            yield Finding("Chinese fonts", "works", "the system's")
        else:
            yield Finding("Chinese fonts", "missing", "fc-list is not there to ask", _FONTS)
        return
    done = subprocess.run(  # noqa: S603 - the system's own lister
        [lister, ":lang=zh", "family"], check=False, capture_output=True, text=True, timeout=30
    )
    families = sorted({line.partition(",")[0] for line in done.stdout.splitlines() if line})
    if families:
        yield Finding("Chinese fonts", "works", ", ".join(families[:3]))
    else:
        yield Finding("Chinese fonts", "missing", "screenshots show boxes", _FONTS)


_FONTS = "Debian: apt install fonts-noto-cjk"


def _history() -> Iterator[Finding]:
    from ycaudit.cli.running import cache_file
    from ycaudit.runs.history import opened

    file = where(None)
    try:
        with opened(file) as history:
            yield Finding("history", "works", f"{len(list(history.entries()))} runs in {file}")
    except AuditError as error:
        mend = "name another file: --history FILE, or YCAUDIT_HISTORY"
        yield Finding("history", "broken", str(error), mend)
    cache = cache_file(wanted=True)
    assert cache is not None
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        able = os.access(cache if cache.exists() else cache.parent, os.W_OK)
    except OSError:
        able = False
    mend = "" if able else "name another file by YCAUDIT_CACHE, or scan with --no-cache"
    yield Finding("cache", "works" if able else "missing", str(cache), mend)
    free = shutil.disk_usage(file.parent).free
    state: State = "works" if free > ROOM else "missing"
    yield Finding("disk", state, f"{free >> 20} MB are free at {file.parent}")


def _mail() -> Iterator[Finding]:
    if "YCAUDIT_SMTP_HOST" not in os.environ:
        mend = "to send letters, set YCAUDIT_SMTP_HOST and YCAUDIT_MAIL_FROM"
        yield Finding("mail", "missing", "no server is set", mend)
        return
    from ycaudit.report.mail import Server, send

    try:
        server = Server.of(os.environ)
        list(send([], server, password=os.environ.get("YCAUDIT_SMTP_PASSWORD")))
    except AuditError as error:
        yield Finding("mail", "broken", str(error), "see docs/deployment.md")
    else:
        yield Finding("mail", "works", f"{server.host}:{server.port} lets us in")


def _extras() -> Iterator[Finding]:
    for extra, module, use in (
        ("cluster", "distributed", "scan --workers and --cluster"),
        ("timestamp", "rfc3161_client", "--timestamp and its verification"),
    ):
        if find_spec(module) is not None:
            yield Finding(use, "works", "installed")
        else:
            yield Finding(use, "missing", "not installed", f"pip install 'ycaudit[{extra}]'")


def _files() -> Iterator[Finding]:
    """The settings, the list and the rules of this folder, if there are any."""
    from datetime import UTC, datetime

    from ycaudit.cli import options
    from ycaudit.cli.app import COMMANDS, tree
    from ycaudit.inputs.yaml_files import load

    try:
        found = settings.find(Path(), os.environ)
        if found is not None:
            program = tree(*COMMANDS)
            settings.said(program, COMMANDS, found, os.environ, whole=lambda: program)
            yield Finding("settings", "works", str(found.file))
    except AuditError as error:
        yield Finding("settings", "broken", str(error))
    targets, rules = options.DEFAULT_TARGETS, options.DEFAULT_RULES
    if not targets.exists() and not rules[0].exists():
        mend = "`ycaudit init` writes a commented start"
        yield Finding("targets.yaml and rules", "missing", "not in this folder", mend)
        return
    try:
        plan = load(targets, rules, today=datetime.now(UTC).date())
        units = len(plan.units)
        yield Finding("targets.yaml and rules", "works", f"{units} unit{plural(units)}")
    except AuditError as error:
        yield Finding("targets.yaml and rules", "broken", str(error))


CHECKS: tuple[Callable[[], Iterable[Finding]], ...] = (
    _versions, _terminal, _decoders, _looks, _fonts, _history, _mail, _extras, _files,
)  # fmt: skip
