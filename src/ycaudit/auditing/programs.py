"""Which programs look and judge: their versions and sums, so that others can use the same."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ycaudit import __version__
from ycaudit.observe.qr import decoders
from ycaudit.runs.evidence import sha256

LIBRARIES = ("httpx", "selectolax", "pillow", "numpy", "resvg-py", "quickjs-ng", "warcio")
"""Those that what is seen hangs on, beside the decoders."""


@cache
def source_sha256() -> str:
    """The sha256 of this program's source: two builds of one version may judge differently."""
    root = Path(__file__).parents[1]
    total = hashlib.sha256()
    for path in sorted(root.rglob("*.py"), key=lambda p: p.relative_to(root).as_posix()):
        total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def programs(browser: Path | None) -> dict[str, object]:
    """The program, its libraries, decoders and browser; None for what is not installed."""
    return {
        "ycaudit": {"version": __version__, "source_sha256": source_sha256()},
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "decoders": decoders.engines(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "browser": None
        if browser is None
        else {"program": browser.name, "sha256": sha256(browser.resolve())},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
