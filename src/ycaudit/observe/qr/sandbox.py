"""Reads and crops images in child processes, so that one that crashes its decoder costs itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ycaudit.observe.qr.cascade import (
    Effort,
    Located,
    Reading,
    StepCost,
    Symbol,
    read_codes,
)
from ycaudit.observe.qr.raster import ImageTrouble, crop_png
from ycaudit.observe.subprocess_pool import Children, serve

PATIENCE = 30.0
"""Wall seconds for one image: the largest photo, stared at by all decoders, takes a third of it."""
MEMORY = 2 << 30
"""Bytes of address space; a picture of 40 million pixels needs half of it."""
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_children = Children(Path(__file__), patience=PATIENCE, memory=MEMORY, environment=_ONE_THREAD)


def read(data: bytes, *, effort: Effort = Effort.NORMAL, timed: bool = False) -> Reading:
    """Every code in the image, as `read_codes` reads it.

    Raises ImageTrouble, also where the image ends or outlasts the process that reads it; only then
    it is of the kind "given_up", and another try may succeed.
    """
    said = _ask({"effort": int(effort), "timed": timed}, data)
    if "trouble" in said:
        raise ImageTrouble.read(said["trouble"])
    return _reading(said)


def crop(data: bytes, corners: Sequence[tuple[int, int]]) -> bytes | None:
    """The code cut out of its image with its corners marked, as PNG; None for drawings."""
    try:
        return _children.ask(_message({"corners": list(corners)}, data)) or None
    except TimeoutError:
        return None


def close() -> None:
    """End the processes; who waits for one gets none."""
    _children.close()


def _ask(order: dict[str, object], data: bytes) -> dict[str, Any]:
    message = _message(order, data)
    try:
        # A second try: the child may have died of what an image before this one did to it.
        answer = _children.ask(message) or _children.ask(message)
    except TimeoutError:
        answer = None
    if answer is None:
        raise ImageTrouble("image_given_up")
    said: dict[str, Any] = json.loads(answer)
    return said


def _message(order: dict[str, object], data: bytes) -> bytes:
    return json.dumps(order).encode() + b"\n" + data


def _reading(said: dict[str, Any]) -> Reading:
    symbols = (Symbol(s["payload"], _corners(s["corners"]), s["step"]) for s in said["symbols"])
    return Reading(
        symbols=tuple(symbols),
        located=tuple(Located(_corners(p["corners"]), p["why"]) for p in said["located"]),
        width=said["width"],
        height=said["height"],
        truncated=said["truncated"],
        steps=tuple(StepCost(**cost) for cost in said["steps"]),
    )


def _corners(said: list[list[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((x, y) for x, y in said)


# --- the child's side ----------------------------------------------------------------------------


def _answer(request: bytes) -> bytes:
    head, _, data = request.partition(b"\n")
    order = json.loads(head)
    if "corners" in order:
        return crop_png(data, _corners(order["corners"])) or b""
    try:
        reading = read_codes(data, effort=Effort(order["effort"]), timed=order["timed"])
    except ImageTrouble as trouble:
        return json.dumps({"trouble": trouble.written}).encode()
    return json.dumps(asdict(reading)).encode()


if __name__ == "__main__":
    serve(_answer)
