"""Recordings of looks: what each asked the network and got, in the open format WARC.

One file a look: a `warcinfo` record, a `request` and a `response` record of each exchange (or a
`metadata` record that says why there was no answer), and at the end a `metadata` record with the
facts of the look. WARC 1.1: https://iipc.github.io/warc-specifications/ ; bodies that a browser
has unpacked stand without the headers of their packing.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

from pydantic import Field
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ycaudit.errors import AuditError
from ycaudit.model import Cause, Record
from ycaudit.net.exchange import Exchange, Failure, Headers
from ycaudit.reasons import Reason

FACTS = "urn:ycaudit:look"
"""The address of the record with the facts of the look."""
MAX_BODY = 64 << 20
"""Bytes of one body that are read back: what a whole visit may load."""
_JSON = "application/json"


class LookFacts(Record):
    """What one look was."""

    unit: str
    """The id of the unit; of a look along redirects, the address where it began."""
    observer: str
    began: datetime
    ended: datetime
    software: str = ""
    """Which browser looked, and what it called itself."""
    partial: bool = False
    """Whether the browser died, so that another look took the place of this one."""
    troubles: dict[str, tuple[Cause, Reason]] = Field(default_factory=dict)
    """By host: why a browser could not connect."""
    addresses: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """By host: what the name server answered."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that was read back."""

    facts: LookFacts
    exchanges: tuple[Exchange, ...]


class RecordingWriter:
    """Writes exchanges as they come; each record is a member of its own, so a break costs one."""

    def __init__(self, out: IO[bytes], *, software: str, run: str) -> None:
        self._warc = WARCWriter(out, gzip=True, warc_version="WARC/1.1")
        info = {"software": software, "format": "WARC File Format 1.1", "isPartOf": run}
        self._warc.write_record(self._warc.create_warcinfo_record(None, info))

    def add(self, exchange: Exchange) -> None:
        """Write a request, and its answer or why there is none."""
        at = {"WARC-Date": _date(exchange.began), "Ycaudit-Ended": _date(exchange.ended)}
        if exchange.failure is not None:
            told = exchange.failure.model_dump_json(exclude_defaults=True)
            self._add_metadata(exchange.url, told, {**at, "Ycaudit-Method": exchange.method})
            return
        answer = self._answer(exchange, at)
        asked = self._warc.create_warc_record(
            exchange.url, "request", **_block(exchange.sent_body),
            warc_headers_dict=dict(at), http_headers=_Head(_request_line(exchange), exchange.sent),
        )  # fmt: skip
        # The request comes first: who reads on knows the method when the answer comes.
        identity = answer.rec_headers.get_header("WARC-Record-ID")
        asked.rec_headers.add_header("WARC-Concurrent-To", identity)
        self._warc.write_record(asked)
        self._warc.write_record(answer)
        if exchange.certificate:
            self._add_certificate(exchange, identity)

    def finish(self, facts: LookFacts) -> None:
        """Write the facts of the look, after which nothing comes."""
        at = {"WARC-Date": _date(facts.began)}
        self._add_metadata(FACTS, facts.model_dump_json(exclude_defaults=True), at)

    def _answer(self, exchange: Exchange, at: dict[str, str]) -> Any:
        headers = dict(at)
        if exchange.address:
            headers["WARC-IP-Address"] = exchange.address
        if exchange.broken:
            headers["WARC-Truncated"] = "disconnect"
        status = f"HTTP/1.1 {exchange.status} {exchange.phrase}".rstrip()
        return self._warc.create_warc_record(
            exchange.url, "response", **_block(exchange.body),
            warc_headers_dict=headers, http_headers=_Head(status, exchange.received),
        )  # fmt: skip

    def _add_metadata(self, url: str, text: str, headers: dict[str, str]) -> None:
        record = self._warc.create_warc_record(
            url, "metadata", **_block(text.encode()),
            warc_content_type=_JSON, warc_headers_dict=headers,
        )  # fmt: skip
        self._warc.write_record(record)

    def _add_certificate(self, exchange: Exchange, identity: str) -> None:
        record = self._warc.create_warc_record(
            exchange.url, "metadata", **_block(exchange.certificate),
            warc_content_type="application/pkix-cert",
            warc_headers_dict={"WARC-Date": _date(exchange.ended), "WARC-Refers-To": identity},
        )  # fmt: skip
        self._warc.write_record(record)


def read_from(file: IO[bytes], name: str) -> Recording:
    """Read one recording; `name` is for what is said of it.

    Raises AuditError where it is none, or not whole.
    """
    facts: LookFacts | None = None
    exchanges: list[Exchange] = []
    try:
        for kind, one in _records(file):
            if kind == "facts":
                facts = one
            else:
                exchanges.append(one)
    except (ArchiveLoadFailed, ValueError, OSError, EOFError) as error:
        raise AuditError("{0}: no recording of ycaudit, or damaged", name) from error
    if facts is None:
        raise AuditError("{0}: no recording of ycaudit, or damaged", name)
    return Recording(facts, tuple(exchanges))


def _records(file: IO[bytes]) -> Iterator[tuple[str, Any]]:
    asked = _Message("GET / HTTP/1.1", (), b"")
    for record in ArchiveIterator(file, no_record_parse=True):
        match record.rec_type:
            case "request":
                asked = _message(record)
            case "response":
                yield "exchange", _exchange(record, asked)
            case "metadata" if record.rec_headers.get_header("WARC-Target-URI") == FACTS:
                yield "facts", LookFacts.model_validate_json(record.raw_stream.read())
            case "metadata" if record.rec_headers.get_header("Content-Type") == _JSON:
                yield "exchange", _failed(record)


def _exchange(record: Any, asked: _Message) -> Exchange:
    head, answer = record.rec_headers, _message(record)
    _, status, *phrase = answer.first.split(" ", 2)
    return Exchange(
        url=head.get_header("WARC-Target-URI"),
        began=datetime.fromisoformat(head.get_header("WARC-Date")),
        ended=datetime.fromisoformat(head.get_header("Ycaudit-Ended")),
        method=asked.first.partition(" ")[0],
        sent=asked.headers,
        sent_body=asked.body,
        status=int(status),
        phrase="".join(phrase),
        received=answer.headers,
        body=answer.body,
        broken=head.get_header("WARC-Truncated") is not None,
        address=head.get_header("WARC-IP-Address") or "",
    )


def _failed(record: Any) -> Exchange:
    head = record.rec_headers
    return Exchange(
        url=head.get_header("WARC-Target-URI"),
        began=datetime.fromisoformat(head.get_header("WARC-Date")),
        ended=datetime.fromisoformat(head.get_header("Ycaudit-Ended")),
        method=head.get_header("Ycaudit-Method") or "GET",
        failure=Failure.model_validate_json(record.raw_stream.read()),
    )


def _request_line(exchange: Exchange) -> str:
    _, _, rest = exchange.url.partition("://")
    return f"{exchange.method} /{rest.partition('/')[2]} HTTP/1.1"


class _Head(StatusAndHeaders):  # type: ignore[misc]
    """A head as it came: warcio itself would rewrite what is no ASCII."""

    def __init__(self, first: str, headers: Headers) -> None:
        super().__init__(first, [])
        lines = (first, *(f"{name}: {value}" for name, value in headers), "", "")
        self._raw = "\r\n".join(lines).encode("latin-1", "replace")

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        self.headers_buff = self._raw


@dataclass(frozen=True, slots=True)
class _Message:
    """A request or an answer: its first line, its headers, its body."""

    first: str
    headers: Headers
    body: bytes


def _message(record: Any) -> _Message:
    head, _, body = record.raw_stream.read(MAX_BODY).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    return _Message(first, tuple((name, value) for name, _, value in pairs), body)


def _block(data: bytes) -> dict[str, Any]:
    """A block with its length, without which warcio would make a file of it."""
    return {"payload": io.BytesIO(data), "length": len(data)}


def _date(at: datetime) -> str:
    """A date as WARC 1.1 has it, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
