"""Enters the frames of documents."""

from __future__ import annotations

from collections.abc import Iterable

from ycaudit.model import EVERY_SENSE, BlindSpot, Where
from ycaudit.net import charset
from ycaudit.net.answer import FetchError
from ycaudit.net.client import Session
from ycaudit.observe.static.document import Document, Source
from ycaudit.observe.static.markup import Frame
from ycaudit.reasons import Reason

MAX_DOCUMENTS = 30
MAX_FRAME_DEPTH = 3


async def enter_frame(
    session: Session, parent: Document, frame: Frame, known: Iterable[Document]
) -> Source | BlindSpot | None:
    """The text of the framed document, or why it is lost; None for one that is already known."""
    urls = [document.url for document in known]
    if len(urls) >= MAX_DOCUMENTS or parent.source.depth >= MAX_FRAME_DEPTH:
        return _lost(parent, frame, Reason.of("frame_too_deep"))
    depth = parent.source.depth + 1
    if frame.srcdoc is not None or frame.url is None:
        return Source(frame.srcdoc or "", parent.url, None, "frame", frame.visible, depth)
    if frame.url in urls:
        return None  # a frame of the page itself shows nothing new
    got = await session.page(frame.url, referer=parent.url)
    if isinstance(got, FetchError):
        return _lost(parent, frame, got.why)
    if got.status >= 400:
        return _lost(parent, frame, Reason.of("http_status", status=got.status))
    html = charset.decode(got.body, got.content_type)
    return Source(html, got.final_url, got.truncated, "frame", frame.visible, depth)


def not_entered(parent: Document, frame: Frame) -> BlindSpot:
    """A blind spot for a frame that was not entered yet."""
    where = _where(parent, frame)
    why = Reason.of("frame_not_read", url=where.url)
    return BlindSpot(hides=EVERY_SENSE, why=why, where=where)


def _lost(parent: Document, frame: Frame, because: Reason) -> BlindSpot:
    where = _where(parent, frame)
    why = Reason.of("frame_lost", url=where.url, because=because)
    return BlindSpot(hides=EVERY_SENSE, why=why, where=where)


def _where(parent: Document, frame: Frame) -> Where:
    return Where(origin="frame", url=frame.url or parent.url)
