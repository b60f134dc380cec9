"""Follows, without a browser and without network, what the scripts of a page write at load.

The rule above all others: nothing is reported as written that a browser would not have written.
So scripts are run, not searched, in a sandboxed engine that knows no page. What a page would
have answered is unknown there; a script that asks halts, nothing it writes afterwards counts
(catching what is thrown does not help it), and it is a blind spot.

What a halted, failed or lost script leaves behind is unknown as well. Later scripts are
therefore run in a fresh world in which every global name that they read before they set it
halts them in turn: they count only when they depend on nothing but themselves, on the language
and on later scripts that were followed. Two things remain that no such script can be shown not
to have done: patched a built-in of the language, or set a timer that fires before a later
script. Replacing document.write itself, or stopping the parser, is looked for in its text.

Chance and time: the clock stands at the full hour (`now`), in China, as for most visitors; a
page that rolls dice is followed twice with opposite luck, and what differs counts as unknown.

The engine runs in a process of its own: a few of its built-ins loop without asking the clock, and
only a process can be ended from outside. It is kept and used again; each page has a world of its
own (`script_worker`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ycaudit import CHROME
from ycaudit.observe.subprocess_pool import SubprocessPool

PAGE_TIMEOUT = 5.0
"""Processor seconds after which the process is ended: well above what a page may use."""
MAX_WRITTEN = 2_000_000
"""Characters that the scripts of a page may write together."""

LOST = "script_unavailable"
LATE = "script_runs_later"
OUT_OF_TIME = "script_out_of_time"
NO_ENGINE = "script_no_engine"
CHANCE = "script_by_chance"
SWALLOWED = "script_markup_open"
REPLACED = "script_write_replaced"
PROMISES = "script_uses_promises"
FAILS = "script_fails"
TOO_MANY = "too_many_scripts"
CODES = frozenset(
    {LOST, LATE, OUT_OF_TIME, NO_ENGINE, CHANCE, SWALLOWED, REPLACED, PROMISES, FAILS, TOO_MANY}
)
"""Codes of `ycaudit.reasons`; whatever else stops a script is reported by the prelude."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script of a page: its text, or None where it is lost; its address if it is external.

    `deferred` says that it is external and has `async` or `defer`: browsers ignore what such a
    script writes, so it is a blind spot and not run.
    """

    source: str | None
    url: str | None
    deferred: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """What a script did at load.

    `markup` is what it wrote, as HTML; scripts in it have run and are replaced by what they wrote.
    `opaque` is None when it was followed to its end and could show or lead nowhere else;
    otherwise why not, in a few words. `goes_to` is the address, as given, to which it sends the
    visitor.
    """

    markup: str
    opaque: str | None
    goes_to: str | None


@dataclass(frozen=True, slots=True)
class Followed:
    """One effect for each script, in order, and the scripts that are wanted to see more.

    `wanted` holds absolute addresses that were not among the sources.
    """

    effects: tuple[Effect, ...]
    wanted: tuple[str, ...]


class ScriptSandbox:
    """Follows scripts in processes that are kept and used again. Safe between threads."""

    def __init__(self, *, timeout: float = PAGE_TIMEOUT) -> None:
        """`timeout`: processor seconds for a page. Processes start when they are needed."""
        program = Path(__file__).with_name("script_worker.py")
        # Asia/Shanghai in the form that needs no time zone files.
        self._pool = SubprocessPool(program, timeout=timeout, environment={"TZ": "CST-8"})

    def follow(
        self,
        scripts: Sequence[Script],
        *,
        page_url: str,
        sources: Mapping[str, str | None],
        base_url: str | None = None,
        framed: bool = False,
        user_agent: str = CHROME,
        now: float | None = None,
    ) -> Followed:
        """What the scripts of a page, in document order, write at load. Never raises.

        `sources` maps absolute addresses of scripts that scripts write to their text, or to None
        where it could not be had. `base_url` is the page's base where that is not its address.
        `framed` says that the page stands in a frame. `now` is in seconds since the epoch; without
        it, it is the current hour.
        """
        if not scripts:
            return Followed((), ())
        request = {
            "scripts": [asdict(script) for script in scripts],
            "sources": dict(sources),
            "base": base_url or page_url,
            "location": _location(page_url),
            "framed": framed,
            "user_agent": user_agent,
            "now": int(now if now is not None else time.time() // 3600 * 3600) * 1000,
        }
        reply = self._ask(request)
        if isinstance(reply, str):
            return Followed(tuple(Effect("", reply, None) for _ in scripts), ())
        effects = tuple(Effect(*effect) for effect in reply["effects"])
        return Followed(effects, tuple(reply["wanted"]))

    def close(self) -> None:
        """End the processes."""
        self._pool.close()

    def _ask(self, request: dict[str, Any]) -> dict[str, Any] | str:
        """The reply of the worker, or the code that says why there is none."""
        try:
            # JSON escapes whatever UTF-8 cannot hold.
            reply = self._pool.ask(json.dumps(request).encode())
        except TimeoutError:
            return OUT_OF_TIME
        except OSError:
            return NO_ENGINE
        found: dict[str, Any] | str = json.loads(reply) if reply is not None else OUT_OF_TIME
        return found


def _location(page_url: str) -> dict[str, str]:
    """The parts of the page's address under the names that scripts know."""
    from ada_url import URL

    try:
        url = URL(page_url)
    except ValueError:
        url = URL("about:blank")
    parts = ("href", "protocol", "host", "hostname", "port", "pathname", "search", "hash", "origin")
    return {part: getattr(url, part) for part in parts}
