"""The one way to the network: a guarded httpx client with deadlines, caps and few retries.

Facts about hostile servers that shaped it: httpx times out per read and not in total, unpacks
without bound, and a cancelled request keeps its place in the pool. So every request has a total
deadline, bodies are read raw and unpacked here under a cap, and each unit has pools of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from types import TracebackType
from typing import Self
from weakref import WeakValueDictionary

import httpx

from ycaudit import USER_AGENT
from ycaudit.model import Cause
from ycaudit.net.answer import (
    EXPECTED,
    Fetched,
    FetchError,
    HandshakeError,
    redirect_of,
    request_headers,
    response_headers,
    trouble_of,
)
from ycaudit.net.body import Unpacker
from ycaudit.net.connect import Connector, Resolve, TlsContexts
from ycaudit.net.exchange import (
    Exchange,
    Failure,
    Headers,
    LookArchive,
    as_kept,
    unpacked,
    without_chunks,
    without_secrets,
)
from ycaudit.net.http1 import Transport, told_as_sent
from ycaudit.net.proxy import Proxy
from ycaudit.net.replay import ReplayTransport
from ycaudit.net.resource_cache import CachedResource, ResourceCache, RunCache
from ycaudit.net.retry import HostGates, pause_before_retry
from ycaudit.reasons import Reason
from ycaudit.url import host_of, parse_web_url


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on what a server may cost; seconds and bytes."""

    dns: float = 5.0
    connect: float = 6.0
    read: float = 6.0
    homepage: float = 15.0
    resource: float = 10.0
    hops: int = 10
    wire_bytes: int = 8 * 1024 * 1024
    body_bytes: int = 16 * 1024 * 1024
    page_bytes: int = 4 * 1024 * 1024
    """Of HTML, unpacked: the largest of the homepages measured has less than a quarter of it."""
    per_host: int = 6
    cache_bytes: int = 256 * 1024 * 1024
    retry_pause: float = 0.3
    retry_after: float = 10.0
    """The longest that a server may ask us to wait before the second try."""
    interval: float = 0.0
    """Between the beginnings of two requests to one host."""
    patience: float = 1.0
    """What the seconds for a browser and for our own processes are multiplied by: a slow machine
    needs more."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to reach the network; `resolve` maps (host or "*", port) to addresses."""

    allow_private: bool = False
    resolve: Resolve = field(default_factory=dict)
    proxy: Proxy | None = None
    also_via: Proxy | None = None
    """The way to another network, through which what seems to lack something is seen again."""
    user_agent: str = USER_AGENT
    limits: Limits = Limits()


class Fetcher:
    """What all units of a run share: TLS contexts, addresses, the gates of hosts, and resources."""

    def __init__(
        self,
        options: Options,
        cache: ResourceCache | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        steady: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`now` reads the dates of servers; `steady` and `sleep` are the clock of pauses."""
        self.options = options
        self.now = now
        self.cache = cache
        self.sleep = sleep
        self.connector = Connector(
            allow_private=options.allow_private,
            resolve=options.resolve,
            dns_seconds=options.limits.dns,
            proxy=options.proxy,
        )
        limits = options.limits
        self.tls = TlsContexts()
        self.gates = HostGates(limits.per_host, limits.interval, steady=steady, sleep=sleep)
        self.run_cache = RunCache(limits.cache_bytes)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def session(
        self,
        intranet: tuple[str, ...] = (),
        archive: LookArchive | None = None,
        agent: str | None = None,
    ) -> Session:
        """A session with cookies of its own, for one unit; its networks are open to it alone.

        `archive` keeps what it asks, or answers it in the network's place. `agent` is what it calls
        itself, where that is not what the run does.
        """
        return Session(self, intranet, archive, agent)

    def turn(self, url: str) -> asyncio.Lock:
        """Held by the unit that asks for a resource, while the others wait for its answer."""
        turn = self._turns.get(url)
        if turn is None:
            turn = self._turns[url] = asyncio.Lock()
        return turn


class Session:
    """One unit's requests: cookies, pools and the hosts that need the lax handshake."""

    def __init__(
        self,
        fetcher: Fetcher,
        intranet: tuple[str, ...] = (),
        archive: LookArchive | None = None,
        agent: str | None = None,
    ) -> None:
        self._fetcher = fetcher
        self._agent = agent or fetcher.options.user_agent
        # What others are answered is not what an earlier run kept.
        self._cache = None if agent else fetcher.cache
        self._archive = archive or LookArchive()
        self._kept_again: set[str] = set()
        self._connector = fetcher.connector.admitting(intranet)
        # What one unit may fetch from its own network is not for others to find.
        self._realm = " ".join((*intranet, ""))
        self._limits = fetcher.options.limits
        self._clients: dict[bool, httpx.AsyncClient] = {}
        self._cookies = httpx.Cookies()
        self._lax_hosts: dict[str, Reason] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def page(self, url: str, *, referer: str | None = None) -> Fetched | FetchError:
        """A page, with one more try where the first may have been bad luck.

        A page that an earlier run kept is asked about by its ETag alone: pages made on demand often
        carry a date that does not change when they do.
        """
        cache = self._cache
        kept = cache.get(url) if cache else None
        kept = replace(kept, modified="") if kept and kept.etag and kept.body is not None else None
        got = await self._get(url, "text/html", referer, self._limits.homepage, kept)
        if (pause := self._pause(got, self._limits.retry_pause)) is not None:
            await self._fetcher.sleep(pause)
            again = await self._get(url, "text/html", referer, self._limits.homepage, kept)
            got = again if isinstance(again, Fetched) or isinstance(got, FetchError) else got
        return self._completed(url, got, kept, "page") if isinstance(got, Fetched) else got

    async def resource(
        self,
        url: str,
        *,
        kind: str,
        referer: str | None = None,
        is_known: Callable[[str], bool] | None = None,
    ) -> Fetched | FetchError:
        """A script, sheet or image; asked for once a run, whichever unit needs it first.

        An image of another site is asked for once for each site that shows it: servers answer
        foreign pages with another picture, and say 200.
        What an earlier run kept is asked about rather than fetched. Where `is_known` says of the
        sha256 of an image that its bytes are not needed, they may be missing: see `digest`.
        """
        fetcher = self._fetcher
        key = _key_of(url, kind, referer)

        def at_hand() -> Fetched | None:
            known = fetcher.run_cache.get(self._realm + key)
            needs_bytes = known and known.digest and not (is_known and is_known(known.digest))
            return None if needs_bytes else known

        if known := at_hand():
            await self._keep_again(known)
            return known
        async with fetcher.turn(self._realm + key):
            if known := at_hand():
                await self._keep_again(known)
                return known
            kept = self._cache.get(key) if self._cache else None
            if kept and kept.body is None and not (is_known and is_known(kept.sha256)):
                kept = None
            got = await self._get(url, kind, referer, self._limits.resource, kept)
            if (pause := self._pause(got, 0.0)) is not None:
                await fetcher.sleep(pause)
                got = await self._get(url, kind, referer, self._limits.resource, kept)
            if isinstance(got, Fetched):
                got = self._completed(key, got, kept, kind)
                fetcher.run_cache.put(self._realm + key, got)
            return got

    def _completed(self, key: str, got: Fetched, kept: CachedResource | None, kind: str) -> Fetched:
        """The answer, completed by what is kept where the server said that it is the same."""
        cache = self._cache
        if cache is None:
            return got
        is_direct = got.hops == (got.url,)
        if kept is not None and got.status == 304 and is_direct:
            cache.touch(key)
            headers = {**got.headers, "content-type": kept.content_type}
            digest = kept.sha256 if kept.body is None else None
            return replace(got, status=200, headers=headers, body=kept.body or b"", digest=digest)
        varies = got.headers.get("vary", "").strip() == "*"
        if got.status == 200 and not (got.truncated or got.remarks or varies) and is_direct:
            sha256 = hashlib.sha256(got.body).hexdigest()
            cache.put(key, got, sha256=sha256, is_image=kind == "image")
        return got

    def _pause(self, got: Fetched | FetchError, usual: float) -> float | None:
        return pause_before_retry(
            got, usual=usual, most=self._limits.retry_after, now=self._fetcher.now()
        )

    async def _get(
        self,
        url: str,
        kind: str,
        referer: str | None,
        seconds: float,
        kept: CachedResource | None = None,
    ) -> Fetched | FetchError:
        found = parse_web_url(url)  # as browsers read it: http://www。a。cn/ is typed, too
        hops = [found.href if found else url]
        try:
            async with asyncio.timeout(seconds):
                conditions = kept.conditions if kept else {}
                return await self._follow(hops, request_headers(kind, referer), conditions)
        except EXPECTED as error:
            cause, why = trouble_of(error, seconds)
            await self._keep_failure(hops[-1], Failure(cause=cause, why=why))
            return FetchError(url, cause, why, hops=tuple(hops))

    async def _follow(
        self, hops: list[str], headers: dict[str, str], conditions: dict[str, str]
    ) -> Fetched | FetchError:
        """Along the redirects, each hop checked like the first; conditions are for that alone.

        Each address is added to the hops before it is asked, so that they tell of it in any case.
        """
        url = hops[0]
        for _ in range(self._limits.hops + 1):
            here = hops[-1]
            got = await self._one(here, headers if len(hops) > 1 else {**headers, **conditions})
            there = redirect_of(got.status, got.headers)
            if there is None:
                return replace(got, url=url, remarks=self._remarks(here), hops=tuple(hops))
            target = parse_web_url(there, here)
            if target is None:
                why = Reason.of("bad_redirect", target=there[:200])
                return FetchError(url, Cause.REDIRECTS, why, (*hops, there))
            hops.append(target.href.partition("#")[0])
        why = Reason.of("too_many_redirects", count=self._limits.hops)
        return FetchError(url, Cause.REDIRECTS, why, tuple(hops))

    async def _one(self, url: str, headers: dict[str, str]) -> Fetched:
        """One request without redirects; the second handshake is lax where the first failed."""
        parsed = parse_web_url(url)
        host = parsed.host if parsed else ""
        async with self._fetcher.gates.request_to(host):
            try:
                return await self._ask(url, headers, lax=host in self._lax_hosts)
            except HandshakeError as error:
                if host in self._lax_hosts:
                    raise
                self._lax_hosts[host] = error.reason
                await self._keep_failure(url, Failure(why=error.reason, is_handshake=True))
                return await self._ask(url, headers, lax=True)

    async def _ask(self, url: str, headers: dict[str, str], *, lax: bool) -> Fetched:
        client = await self._client(lax=lax)
        began = self._fetcher.now()
        wire: list[bytes] | None = None if self._archive.log is None else []
        async with client.stream("GET", url, headers=headers) as response:
            body, truncated = b"", None
            plain = response_headers(response)
            if redirect_of(response.status_code, plain) is None:
                is_page = headers["Accept"].startswith("text/html")
                limits = self._limits
                most = min(limits.body_bytes, limits.page_bytes) if is_page else limits.body_bytes
                body, truncated = await self._body(response, most, wire)
            if wire is not None:
                broken = truncated is not None and truncated.code == "body_broke_off"
                await self._keep(response, b"".join(wire), began, broken=broken)
            return Fetched(url, url, response.status_code, plain, body, truncated)

    async def _body(
        self, response: httpx.Response, most: int, copy: list[bytes] | None
    ) -> tuple[bytes, Reason | None]:
        """The unpacked body, and why it is not whole; what arrived before a break still counts.

        Its parts as they came are added to `copy`.
        """
        unpack = Unpacker(response.headers.get("content-encoding", ""), most)
        wire = 0
        try:
            async for part in response.aiter_raw():
                wire += len(part)
                if copy is not None:
                    copy.append(part)
                unpack.feed(part)
                if wire > self._limits.wire_bytes or unpack.full:
                    why = Reason.of("body_too_long", megabytes=len(unpack.body) >> 20)
                    return unpack.body, why
        except (httpx.NetworkError, httpx.ProtocolError, httpx.TimeoutException):
            if not wire:
                raise
            return unpack.body, Reason.of("body_broke_off", count=wire)
        unpack.finish()
        return unpack.body, unpack.trouble

    async def _client(self, *, lax: bool) -> httpx.AsyncClient:
        client = self._clients.get(lax)
        if client is None:
            fetcher, replay = self._fetcher, self._archive.replay
            client = httpx.AsyncClient(
                transport=Transport(partial(fetcher.tls.get, lax=lax), self._connector)
                if replay is None
                else ReplayTransport(replay),
                headers={"User-Agent": self._agent},
                cookies=self._cookies,
                timeout=httpx.Timeout(self._limits.read, connect=self._limits.connect, pool=None),
                trust_env=False,
            )
            self._clients[lax] = await self._stack.enter_async_context(client)
        return client

    async def _keep(
        self, response: httpx.Response, body: bytes, began: datetime, *, broken: bool
    ) -> None:
        """Keep an answer as it came."""
        assert self._archive.log is not None
        peer = response.extensions.get("peer")
        address, certificate = peer() if peer else ("", b"")
        await self._archive.log.add(
            Exchange(
                url=as_kept(str(response.request.url)),
                began=began,
                ended=self._fetcher.now(),
                sent=without_secrets(_read(response.request.headers.raw)),
                status=response.status_code,
                phrase=response.reason_phrase,
                received=without_chunks(
                    _read((told_as_sent(name), v) for name, v in response.headers.raw)
                ),
                body=body,
                broken=broken,
                address=address,
                certificate=certificate,
            )
        )

    async def _keep_failure(self, url: str, failure: Failure) -> None:
        """Keep that there was no answer."""
        if self._archive.log is not None:
            now = self._fetcher.now()
            one = Exchange(url=_as_asked(url), began=now, ended=now, failure=failure)
            await self._archive.log.add(one)

    async def _keep_again(self, got: Fetched) -> None:
        """Keep for this look, too, what another look of the run has fetched."""
        if self._archive.log is None or got.url in self._kept_again:
            return
        self._kept_again.add(got.url)
        now = self._fetcher.now()
        for here, there in pairwise(got.hops):
            hop = Exchange(
                url=_as_asked(here), began=now, ended=now,
                status=302, phrase="Found", received=(("Location", there),),
            )  # fmt: skip
            await self._archive.log.add(hop)
        last = Exchange(
            url=_as_asked(got.hops[-1] if got.hops else got.url), began=now, ended=now,
            status=got.status, received=unpacked(got.headers.items()), body=got.body,
            broken=got.truncated is not None,
        )  # fmt: skip
        await self._archive.log.add(last)

    def _remarks(self, url: str) -> tuple[Reason, ...]:
        parsed = parse_web_url(url)
        trouble = self._lax_hosts.get(parsed.host) if parsed and parsed.scheme == "https" else None
        return (Reason.of("tls_unverified", because=trouble),) if trouble else ()


def _key_of(url: str, kind: str, referer: str | None) -> str:
    """Under what an answer is kept: for whom it was given is part of it."""
    page = host_of(referer) if referer and kind == "image" else ""
    return url if page in ("", host_of(url)) else f"{url} for {page}"


def _as_asked(url: str) -> str:
    """The address as it stands in a request."""
    try:
        return as_kept(str(httpx.URL(url)))
    except httpx.InvalidURL:
        return as_kept(url)


def _read(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
