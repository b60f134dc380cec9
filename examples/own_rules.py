"""Rules that no file holds: every site of ours must link to its privacy notice."""

from __future__ import annotations

import asyncio
from typing import Any

from ycaudit import LinkRequirement, ScanRun, Target, Unit, audit_async

PRIVACY = LinkRequirement.model_validate(
    {
        "id": "privacy",
        "name": "Privacy notice",
        "kind": "link",
        "accept": [{"host": ["www.example.org"], "path": "/privacy*"}],
    }
)


def units(addresses: dict[str, str]) -> list[Unit]:
    """A unit for each address, by its name."""
    return [
        Unit(target=Target(id=f"u{n}", name=name, url=url), requirements=(PRIVACY,))
        for n, (name, url) in enumerate(addresses.items())
    ]


async def look(addresses: dict[str, str], **how: Any) -> ScanRun:
    """The run; other things may go on meanwhile in the same event loop."""
    return await audit_async(units(addresses), observer="static", **how)


if __name__ == "__main__":
    print(asyncio.run(look({"Shop": "https://shop.example.org/"})).outcome)
