"""Whether and when to ask a second time."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ycaudit.model import Cause
from ycaudit.net.answer import Fetched, FetchError

RETRY_STATUS = frozenset({429, 502, 503, 504})


def pause_before_retry(
    got: Fetched | FetchError, *, usual: float, most: float, now: datetime
) -> float | None:
    """Seconds to wait before the second try; None where there is no use in one.

    `usual` is the pause where the server names none; one that asks for more than `most` is not
    asked again.
    """
    if not _may_be_luck(got):
        return None
    asked = (
        retry_after(got.headers.get("retry-after", ""), now) if isinstance(got, Fetched) else None
    )
    if asked is None:
        return usual
    return asked if asked <= most else None


def _may_be_luck(got: Fetched | FetchError) -> bool:
    """Whether a second try helps: broken connections and overload, not silence or a wrong name."""
    if isinstance(got, FetchError):
        return got.cause is Cause.CONNECT
    broke_off = got.truncated is not None and got.truncated.has(
        "body_broke_off", "body_encoding_broke_off"
    )
    return got.status in RETRY_STATUS or broke_off


def retry_after(text: str, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or as a date (RFC 9110)."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
