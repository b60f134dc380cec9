"""What Chromium knows of a page beside its layout: its styles, sheets, listeners."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ycaudit.observe.browser.devtools import CommandError
from ycaudit.observe.browser.dom import strings_of

MAX_LISTENERS, MAX_WINDOWS = 20_000, 20
MAX_MATCHES, MAX_SHEETS, MAX_SHEET_TEXT = 2000, 100, 1_000_000


class PageFacts:
    """What is asked of one page; `send` as of `Tab`."""

    def __init__(self, send: Callable[..., Awaitable[dict[str, Any]]]) -> None:
        self._send = send
        self._sheets: list[str] = []
        """The numbers of the sheets, as Chromium tells them."""

    def note_sheet(self, header: Mapping[str, Any]) -> None:
        """Chromium tells of a sheet."""
        self._sheets.append(str(header["styleSheetId"]))

    async def styles(self, names: Sequence[str]) -> dict[int, list[str]]:
        """Computed styles of these names of all that is laid out, by the numbers of the nodes."""
        found = await self._send("DOMSnapshot.captureSnapshot", computedStyles=list(names))
        strings = strings_of(found)
        return {
            raw["nodes"]["backendNodeId"][node]: [strings[value] for value in values]
            for raw in found["documents"]
            for node, values in zip(
                raw["layout"]["nodeIndex"], raw["layout"]["styles"], strict=True
            )
        }

    async def listeners(self, documents: Sequence[int]) -> dict[int, set[str]]:
        """For which events nodes listen, by their numbers, each window by that of its document.

        `documents`: their numbers, the homepage's first.
        """
        kinds: dict[int, set[str]] = {}
        for document in documents[:MAX_WINDOWS]:
            with suppress(CommandError):  # a frame has gone
                node = await self._send("DOM.resolveNode", backendNodeId=document)
                # No script can put anything else in the place of `window`.
                window = await self._send(
                    "Runtime.callFunctionOn",
                    objectId=node["object"]["objectId"],
                    functionDeclaration="function () { return window }",
                    throwOnSideEffect=True,
                )
                wanted = [(window["result"]["objectId"], 1)]
                if document == documents[0]:
                    wanted.append((node["object"]["objectId"], -1))  # and all below, with frames
                for number, depth in wanted:
                    found = await self._send(
                        "DOMDebugger.getEventListeners", objectId=number, depth=depth, pierce=True
                    )
                    for listener in found["listeners"][:MAX_LISTENERS]:
                        at = listener.get("backendNodeId", document)
                        kinds.setdefault(at, set()).add(listener["type"])
        return kinds

    async def matching(self, selectors: Sequence[str], roots: Iterable[int]) -> set[int]:
        """Which nodes of these documents and shadow roots match a selector, by their numbers."""
        if not selectors:
            return set()
        await self._send("DOM.getDocument", depth=0)
        known = await self._send("DOM.pushNodesByBackendIdsToFrontend", backendNodeIds=list(roots))
        found: set[int] = set()
        for root in filter(None, known["nodeIds"]):
            with suppress(CommandError):
                # `:is()` passes over what Chromium does not understand.
                matched = await self._send(
                    "DOM.querySelectorAll", nodeId=root, selector=f":is({','.join(selectors)})"
                )
                for node in matched["nodeIds"][: MAX_MATCHES - len(found)]:
                    described = await self._send("DOM.describeNode", nodeId=node)
                    found.add(int(described["node"]["backendNodeId"]))
        return found

    async def style_sheets(self) -> list[str]:
        """The text of all sheets as they are now: imported ones, and what scripts have put in."""
        self._sheets.clear()
        await self._send("DOM.getDocument", depth=0)
        await self._send("CSS.enable")
        found: list[str] = []
        for number in self._sheets[:MAX_SHEETS]:
            with suppress(CommandError):  # it has gone
                got = await self._send("CSS.getStyleSheetText", styleSheetId=number)
                found.append(str(got["text"])[:MAX_SHEET_TEXT])
        await self._send("CSS.disable")
        return found
