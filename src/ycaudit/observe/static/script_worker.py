"""Runs the scripts of one page after another in a sandboxed engine; started by `scripts`.

A process of its own: it opens no file but its prelude, and no connection.
"""

from __future__ import annotations

import html
import json
import re
import time
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from ycaudit.observe.static.scripts import (
    CHANCE,
    FAILS,
    LATE,
    LOST,
    MAX_WRITTEN,
    NO_ENGINE,
    OUT_OF_TIME,
    PROMISES,
    REPLACED,
    SWALLOWED,
    Effect,
    Script,
)
from ycaudit.observe.subprocess_pool import serve

SCRIPT_SECONDS = 0.25
PAGE_SECONDS = 1.0
"""CPU time of one script and of all scripts of a page."""
MEMORY_BYTES = 64 << 20
SPARE_BYTES = 32 << 20
"""What is left for reading results after a script has used up its memory."""
STACK_BYTES = 512 << 10
MAX_NESTED = 50
"""Scripts that the scripts of a world may write."""
MAX_WORLDS = 40
"""Fresh worlds in one page: the cost of one is bounded, so the cost of all is."""


@dataclass(slots=True)
class _Budget:
    """What the scripts of a page may still use: CPU seconds, characters, worlds."""

    seconds: float = PAGE_SECONDS
    characters: int = MAX_WRITTEN
    worlds: int = MAX_WORLDS


class _World:
    """One global scope with a window and a document around it."""

    def __init__(self, settings: dict[str, Any], budget: _Budget) -> None:
        import quickjs

        self._errors = (quickjs.JSException, quickjs.StackOverflow)
        self._budget = budget
        self._context = quickjs.Context()
        self._context.set_memory_limit(MEMORY_BYTES)
        self._context.set_max_stack_size(STACK_BYTES)
        self._command = self._context.eval(_prelude())
        self.tell("setUp", json.dumps(settings))

    def tell(self, command: str, value: object = None) -> Any:
        """Give the prelude a command. Raises _Spent when no answer is to be had."""
        try:
            self._context.set_memory_limit(MEMORY_BYTES + SPARE_BYTES)
            return self._timed(lambda: self._command(command, value), SCRIPT_SECONDS * 2)
        except (*self._errors, UnicodeDecodeError) as error:
            raise _Spent from error

    def run(self, source: str) -> None:
        """Run a script as the page would; what it throws or uses up makes it halt."""
        self.tell("guardAll", source)
        self._context.set_memory_limit(MEMORY_BYTES)
        limit = min(SCRIPT_SECONDS, self._budget.seconds)
        if limit <= 0:
            self.tell("fail", OUT_OF_TIME)
            return
        try:
            self._timed(lambda: self._context.eval(source), limit)
        except self._errors as error:
            self.tell("fail", _failure(str(error)))
        except (TypeError, ValueError):
            pass  # the script ran; Python has no word for the value of its last expression
        if self._pending():
            self.tell("fail", PROMISES)

    def _timed(self, work: Any, limit: float) -> Any:
        self._context.set_time_limit(limit)
        start = time.process_time()
        try:
            return work()
        finally:
            self._budget.seconds -= time.process_time() - start

    def _pending(self) -> bool:
        """Whether the script queued work for when it ends; that work may do anything."""
        self.tell("hold", True)
        try:
            return bool(self._timed(self._context.execute_pending_job, SCRIPT_SECONDS))
        except self._errors:
            return True
        finally:
            self.tell("hold", False)


class _Spent(Exception):
    """A world that no longer answers."""


@cache
def _prelude() -> str:
    return Path(__file__).with_name("prelude.js").read_text(encoding="utf-8")


def _failure(text: str) -> str:
    """Why a script ended early, without the words of the page's own errors."""
    if "interrupted" in text:
        return OUT_OF_TIME
    return FAILS


# An earlier script that was not followed may have done these; then no later write is sure.
_REPLACES_WRITE = re.compile(
    r"""\.write(?:ln)?\s*=(?!=)|['"]write(?:ln)?['"]\s*\]\s*=(?!=)|window\s*\.\s*stop\s*\("""
)


class _Pass:
    """One pass over the scripts of a page, with good or bad luck."""

    def __init__(self, request: dict[str, Any], budget: _Budget, *, high: bool) -> None:
        self._request = request
        self._budget = budget
        self._high = high
        self._world: _World | None = None
        self._tainted = False
        self._replaced = False
        self._swallowed = False
        self.by_chance = False
        self.wanted: dict[str, None] = {}

    def read(self) -> list[Effect]:
        """One effect for each script."""
        return [self._effect(Script(**script)) for script in self._request["scripts"]]

    def _effect(self, script: Script) -> Effect:
        if script.deferred:
            return Effect("", LATE, None)
        reason = self._doubt(script)
        if reason is not None or script.source is None:
            self._forget(script.source or "")
            return Effect("", reason or LOST, None)
        try:
            return self._run(_text(script.source))
        except _Spent:
            self._forget(script.source)
            return Effect("", OUT_OF_TIME, None)

    def _doubt(self, script: Script) -> str | None:
        """Why this script is not even begun."""
        if script.source is None:
            return LOST
        if self._swallowed:
            return SWALLOWED
        if self._replaced:
            return REPLACED
        return OUT_OF_TIME if min(self._budget.seconds, self._budget.worlds) <= 0 else None

    def _run(self, source: str) -> Effect:
        if not source.strip():
            return Effect("", None, None)
        world = self._world = self._world or self._fresh()
        world.tell("begin", self._budget.characters)
        world.run(source)
        texts = [source, *self._run_nested(world)]
        markup = world.tell("finish")
        self._note(world, texts)
        return Effect(markup, world.tell("why"), world.tell("goes"))

    def _run_nested(self, world: _World) -> list[str]:
        """Run external scripts that were written, as the parser meets them; their texts."""
        texts: list[str] = []
        while not world.tell("halted") and (src := world.tell("src")) is not None:
            source = self._source(src)
            world.tell("unblock")
            if source is None:
                world.tell("fail", LOST)
                break
            world.tell("enter")
            world.run(source)
            world.tell("leave")
            texts.append(source)
            if not world.tell("halted"):
                world.tell("pump")
        return texts

    def _source(self, src: str) -> str | None:
        """The text of a script that was written; None, and wanted, where it is not at hand."""
        url = self._want(src)
        if url is None:
            return None
        source = self._request["sources"].get(url)
        if source is None and self._high:
            # The address of the other pass may carry another random number.
            same = {_settled(known): text for known, text in self._request["sources"].items()}
            source = same.get(_settled(url))
        return None if source is None else _text(source)

    def _want(self, src: str) -> str | None:
        from ada_url import URL

        try:
            url = URL(html.unescape(src), base=self._request["base"]).href
        except ValueError:
            return None
        if url not in self._request["sources"] and url.startswith(("http:", "https:")):
            self.wanted[url] = None
        return url

    def _note(self, world: _World, texts: list[str]) -> None:
        """Take over what later scripts must know."""
        self._budget.characters = int(world.tell("left"))
        self.by_chance |= world.tell("random")
        self._swallowed |= world.tell("swallow")
        for src in world.tell("asked").splitlines():
            self._want(src)
        if world.tell("stale"):
            self._forget(*texts)

    def _forget(self, *texts: str) -> None:
        """Distrust what a script has left behind."""
        self._world = None
        self._tainted = True
        self._replaced |= any(_REPLACES_WRITE.search(text) for text in texts)

    def _fresh(self) -> _World:
        self._budget.worlds -= 1
        agent = self._request["user_agent"]
        settings = {
            "location": self._request["location"],
            "framed": self._request["framed"],
            "now": self._request["now"],
            "high": self._high,
            "tainted": self._tainted,
            "nested": MAX_NESTED,
            "navigator": {**_NAVIGATOR, "userAgent": agent, "appVersion": agent.partition("/")[2]},
            "screen": _SCREEN,
        }
        return _World(settings, self._budget)


_NAVIGATOR = {
    "appCodeName": "Mozilla",
    "appName": "Netscape",
    "platform": "Win32",
    "product": "Gecko",
    "productSub": "20030107",
    "vendor": "Google Inc.",
    "vendorSub": "",
    "language": "zh-CN",
    "cookieEnabled": True,
    "onLine": True,
    "maxTouchPoints": 0,
}
_SCREEN = {
    "width": 1920,
    "height": 1080,
    "availWidth": 1920,
    "availHeight": 1040,
    "colorDepth": 24,
    "pixelDepth": 24,
}


def _text(source: str) -> str:
    """A source that the engine can take: it ends texts at NUL and refuses lone surrogates."""
    return source.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _settled(text: str) -> str:
    """The text without long numbers, such as those that keep an address from being cached."""
    return re.sub(r"0?\.\d{4,}|\d{6,}", "#", text)


def _effects(request: dict[str, Any]) -> dict[str, Any]:
    """The effects of the scripts of a page, and the scripts that are wanted."""
    budget = _Budget()
    first = _Pass(request, budget, high=False)
    effects = first.read()
    if first.by_chance:
        budget = replace(_Budget(), seconds=budget.seconds)
        second = _Pass(request, budget, high=True).read()
        pairs = zip(effects, second, strict=True)
        effects = [_certain(one, other) for one, other in pairs]
    rows = [(effect.markup, effect.opaque, effect.goes_to) for effect in effects]
    return {"effects": rows, "wanted": list(first.wanted)}


def _certain(one: Effect, other: Effect) -> Effect:
    """What two passes with opposite luck agree on."""
    if _settled(one.markup) != _settled(other.markup) or one.goes_to != other.goes_to:
        return Effect("", CHANCE, None)
    return replace(one, opaque=one.opaque or other.opaque)


def reply(request: bytes) -> bytes:
    """JSON of the effects, or of a code that says why there are none."""
    try:
        found: object = _effects(json.loads(request))
    except ImportError:
        found = NO_ENGINE
    return json.dumps(found).encode()


if __name__ == "__main__":
    serve(reply)
