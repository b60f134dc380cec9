"""ycaudit doctor: what works here, what does not, and what mends it."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ycaudit import __version__, office_time
from ycaudit.cli import console, settings
from ycaudit.cli.options import ProxyUrl
from ycaudit.cli.stored_runs import where
from ycaudit.errors import AuditError, install, why_of
from ycaudit.i18n import Message, translate
from ycaudit.reasons import Reason
from ycaudit.terminal import can_show

State = Literal["works", "missing", "broken"]
MARK: dict[State, str] = {"works": "✓", "missing": "–", "broken": "✗"}
WORD = "https://doctor.test/look"
ROOM = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried: `missing` is done without, `broken` must be mended."""

    what: str
    state: State
    result: str
    mend: str = ""


def command(
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 also for what is only missing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    proxy: ProxyUrl = "",
) -> None:
    """Try everything that an audit uses here, and print how to mend what does not work."""
    found: list[Finding] = []
    checks: tuple[Callable[[], Iterable[Finding]], ...] = (*CHECKS, partial(_proxy, proxy))
    for check in checks:
        for finding in _tried(check):
            found.append(finding)
            if not as_json:
                _show(finding)
    if as_json:
        console.data(json.dumps([asdict(f) for f in found], ensure_ascii=False, indent=2) + "\n")
    states = {finding.state for finding in found}
    raise typer.Exit(1 if "broken" in states or (strict and "missing" in states) else 0)


def _show(finding: Finding) -> None:
    told = translate("{0}：{1}", translate(finding.what), translate(finding.result))
    console.line(f"{MARK[finding.state]} {told}")
    if finding.mend:
        console.line(f"    {translate(finding.mend)}")


def _tried(check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What a check finds; one that fails itself is a finding, too."""
    try:
        yield from check()
    except Exception as error:
        told = f"{type(error).__name__}: {error}"[:300]
        mend = Message("report it with this line: it is a bug")
        yield Finding(Message("a check of the doctor's own"), "broken", told, mend)


def _versions() -> Iterator[Finding]:
    result = Message(
        "{0} on Python {1}, {2}",
        __version__,
        platform.python_version(),
        platform.platform(terse=True),
    )
    yield Finding("ycaudit", "works", result)


def _terminal() -> Iterator[Finding]:
    encoding = sys.stdout.encoding
    if can_show("中文", encoding):
        yield Finding(Message("Chinese in the terminal"), "works", encoding.upper())
    else:
        mend = Message("set LANG=zh_CN.UTF-8 or PYTHONUTF8=1 (Windows: chcp 65001)")
        yield Finding(
            Message("Chinese in the terminal"), "missing", Message("encoding {0}", encoding), mend
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
            yield Finding(
                Message("decoder {0}", name),
                "missing",
                Message("not installed"),
                mends.get(name, ""),
            )
        elif [hit.payload for hit in readers[name](grey)] == [WORD]:
            yield Finding(Message("decoder {0}", name), "works", version)
        else:
            yield Finding(
                Message("decoder {0}", name),
                "broken",
                Message("{0} does not read a plain code", version),
            )


def _looks() -> Iterator[Finding]:
    """Both observers look at control pages, which have a link and a code, and lack them."""
    from ycaudit.auditing.runtime import Runtime
    from ycaudit.net.client import Options
    from ycaudit.observe.browser.chromium import INSTALL, NO_BROWSER, find_browser
    from ycaudit.rules.link import LinkRequirement
    from ycaudit.rules.matchers import Accept
    from ycaudit.rules.qr import QrRequirement

    rules = (
        LinkRequirement(
            id="link", name="link", kind="link", accept=(Accept(host=("doctor.test",)),)
        ),
        QrRequirement(id="code", name="code", kind="qr", accept=(Accept(payload=WORD),)),
    )

    async def tried(name: str, browser: Path | None) -> tuple[Reason, ...]:
        runtime = Runtime(Options(), browser=browser)
        try:
            return await runtime.suspicions(rules, seconds=120, names=[name])
        finally:
            await runtime.aclose()

    def judged(what: str, name: str, used: str, browser: Path | None = None) -> Finding:
        wrong = "; ".join(reason.translated() for reason in asyncio.run(tried(name, browser)))
        return Finding(what, "broken" if wrong else "works", wrong or used)

    yield judged(Message("look without a browser"), "static", Message("control pages"))
    by_browser = Message("look by a browser")
    try:
        browser = find_browser(os.environ)
    except AuditError as error:
        hint = Message("name the program itself, or leave YCAUDIT_BROWSER out")
        yield Finding(by_browser, "broken", error.message, hint)
    else:
        if browser is None:
            yield Finding(by_browser, "missing", NO_BROWSER, INSTALL)
        else:
            yield judged(by_browser, "browser", str(browser), browser)


def _proxy(asked: str) -> Iterator[Finding]:
    """The proxy that `--proxy` names, or the settings or YCAUDIT_PROXY."""
    from ycaudit.net.connect import check_proxy
    from ycaudit.net.proxy import proxy_of

    what = Message("proxy")
    try:
        proxy = proxy_of(asked, os.environ)
        if proxy is None:
            hint = Message("where the web is behind a proxy: --proxy or YCAUDIT_PROXY")
            yield Finding(what, "works", Message("none is used"), hint)
            return
        asyncio.run(check_proxy(proxy))
        yield Finding(what, "works", Message("{0} lets us in", proxy))
    except AuditError as error:
        yield Finding(what, "broken", error.message)


def _fonts() -> Iterator[Finding]:
    """Screenshots and the report need a font with Chinese characters."""
    if (lister := shutil.which("fc-list")) is None:
        if sys.platform in ("win32", "darwin"):
            yield Finding(Message("Chinese fonts"), "works", Message("the system's"))
        else:
            yield Finding(
                Message("Chinese fonts"), "missing", Message("fc-list is not there to ask"), _FONTS
            )
        return
    done = subprocess.run(  # noqa: S603 - the system's own lister
        [lister, ":lang=zh", "family"],
        check=False,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=30,
    )
    families = sorted({line.partition(",")[0] for line in done.stdout.splitlines() if line})
    if families:
        yield Finding(Message("Chinese fonts"), "works", ", ".join(families[:3]))
    else:
        yield Finding(
            Message("Chinese fonts"), "missing", Message("screenshots show boxes"), _FONTS
        )


_FONTS = Message("Debian: sudo apt install fonts-noto-cjk")


def _history() -> Iterator[Finding]:
    from ycaudit.cli.options import cache_file
    from ycaudit.runs.history import opened

    named = _of_scan().get("history")
    file = where(Path(named) if named else None)
    mend = Message("name another file: --history FILE, or YCAUDIT_HISTORY")
    try:
        if not file.exists():
            _check_writable(file)
            told = Message("none yet; the first scan begins it at {0}", file)
        else:
            with opened(file) as history:
                told = Message("{0} run{0:|s} in {1}", len(list(history.entries())), file)
        yield Finding(Message("history"), "works", told)
    except OSError as error:
        told = Message("{0}: {1}", file, why_of(error))
        yield Finding(Message("history"), "broken", told, mend)
    except AuditError as error:
        yield Finding(Message("history"), "broken", error.message, mend)
    cache = cache_file(wanted=True)
    assert cache is not None
    try:
        _check_writable(cache)
        yield Finding(Message("cache"), "works", str(cache))
    except OSError as error:
        hint = Message("name another file by YCAUDIT_CACHE, or scan with --no-cache")
        yield Finding(Message("cache"), "missing", Message("{0}: {1}", cache, why_of(error)), hint)
    place = _nearest(file.parent)
    free = shutil.disk_usage(place).free
    state: State = "works" if free > ROOM else "missing"
    yield Finding(Message("disk"), state, Message("{0} MB are free at {1}", free >> 20, place))


def _check_writable(file: Path) -> None:
    """Raises OSError where the file could not be written; makes nothing."""
    there = file if file.exists() else _nearest(file.parent)
    if file != there and not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if file.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(there, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _nearest(folder: Path) -> Path:
    """The folder, or the first above it that is there."""
    return next(place for place in (folder, *folder.absolute().parents) if place.exists())


def _mail() -> Iterator[Finding]:
    if "YCAUDIT_SMTP_HOST" not in os.environ:
        mend = Message("to send letters, set YCAUDIT_SMTP_HOST and YCAUDIT_MAIL_FROM")
        yield Finding(Message("mail"), "missing", Message("no server is set"), mend)
        return
    from ycaudit.report.mail import Server, send

    try:
        server = Server.of(os.environ)
        list(send([], server, password=os.environ.get("YCAUDIT_SMTP_PASSWORD")))
    except AuditError as error:
        yield Finding(Message("mail"), "broken", error.message)
    else:
        yield Finding(
            Message("mail"), "works", Message("{0}:{1} lets us in", server.host, server.port)
        )


def _extras() -> Iterator[Finding]:
    for extra, module, use in (
        ("desk", "uvicorn", Message("the desk, a window in the browser")),
        ("cluster", "distributed", Message("scan --workers and --cluster")),
        ("timestamp", "rfc3161_client", Message("--timestamp and its verification")),
    ):
        if find_spec(module) is not None:
            yield Finding(use, "works", Message("installed"))
        else:
            yield Finding(use, "missing", Message("not installed"), install(extra))


def _files() -> Iterator[Finding]:
    """The settings, the list and the rules of this folder, if there are any."""
    from ycaudit.cli import options
    from ycaudit.inputs.plan import load

    try:
        found, said = _settings()
        if found is not None:
            yield Finding(Message("settings"), "works", str(found.file))
    except AuditError as error:
        yield from (Finding(Message("settings"), "broken", text) for text in error.messages)
        said = {}
    targets = Path(said.get("targets", options.DEFAULT_TARGETS))
    rules = [Path(path) for path in said.get("rules", options.DEFAULT_RULES)]
    if not targets.exists() and not rules[0].exists():
        mend = Message("`ycaudit init` writes a commented start")
        yield Finding(
            Message("targets.yaml and rules"), "missing", Message("not in this folder"), mend
        )
        return
    try:
        plan = load(targets, rules, today=office_time.today())
        units = len(plan.units)
        yield Finding(Message("targets.yaml and rules"), "works", Message("{0} unit{0:|s}", units))
    except AuditError as error:
        for text in error.messages:
            yield Finding(Message("targets.yaml and rules"), "broken", text)


def _settings() -> tuple[settings.Settings | None, dict[str, Any]]:
    """The settings file, and what it and the environment say to `scan`. Raises ConfigError."""
    from ycaudit.cli.app import said_of_all

    found, said = said_of_all()
    return found, said["scan"]


def _of_scan() -> dict[str, Any]:
    try:
        return _settings()[1]
    except AuditError:
        return {}  # told beside


CHECKS: tuple[Callable[[], Iterable[Finding]], ...] = (
    _versions, _terminal, _decoders, _looks, _fonts, _history, _mail, _extras, _files,
)  # fmt: skip
