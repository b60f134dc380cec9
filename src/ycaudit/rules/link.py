"""The requirement that a homepage links to an address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ycaudit.errors import InvalidValueError
from ycaudit.model import BlindSpot, Evidence, Link, Page, Sense, Where
from ycaudit.reasons import Reason
from ycaudit.rules.addresses import AddressRequirement, link_evidence
from ycaudit.rules.base import IN_COMMENT, distinct, rank
from ycaudit.rules.matchers import Accept
from ycaudit.rules.platforms import WECHAT_HOST, WEIBO_HOSTS
from ycaudit.rules.spelling import slip_before
from ycaudit.url import WEB_PATTERN, WEB_SCHEMES, Url, host_of, nowhere, parse_web_url, same_host


def _with_scheme(entry: Accept) -> Accept:
    """The entry; a link never leads to an address without a scheme."""
    if entry.payload is not None and parse_web_url(entry.payload) is None:
        raise InvalidValueError(
            "{0!r} is no address; write it with its scheme, like http://www.example.gov.cn/",
            entry.payload,
        )
    return entry


_Address = Annotated[
    Accept,
    AfterValidator(_with_scheme),
    Field(json_schema_extra={"properties": {"payload": {"pattern": WEB_PATTERN}}}),
]


class LinkRequirement(AddressRequirement):
    """A link to one of the accepted addresses."""

    title = "a link"
    needs = frozenset({Sense.LINK})

    kind: Literal["link"]
    accept: tuple[_Address, ...] = Field(min_length=1)
    mistakes: tuple[_Address, ...] = ()
    exhaustive: Literal[True] | None = None
    """None: other addresses of the platform on which a wanted account is leave doubt."""

    def find(self, page: Page) -> Iterator[Evidence]:
        """Yield the links to an accepted address."""
        hosts = self.hosts
        if self.expect == "absent":
            yield from self._ends_there(page)
        yield from (
            link_evidence(link, _SENDS_THERE if link.how == "onward" else None)
            for link in page.links
            if (hosts is None or link.leads_to or host_of(link.href) in hosts)
            and not link.where.in_comment
            and (link.how != "onward" or self.expect == "absent")
            and self._is_met_by(link.href, link.leads_to)
        )

    def _ends_there(self, page: Page) -> Iterator[Evidence]:
        """That whoever goes to the homepage comes to such an address."""
        has_left = host_of(page.final_url) != host_of(page.url)
        if has_left and self._is_met_by(page.final_url, ()):
            where = Where(origin="markup", url=page.url)
            yield Evidence(sense=Sense.LINK, value=page.final_url, note=_SENDS_THERE, where=where)

    def example(self) -> str | None:
        """An accepted address; None where no form gives one."""
        texts = (a.example() for a in self.accept if a.is_proof)
        return next((text for text in texts if text and parse_web_url(text)), None)

    @cached_property
    def hosts(self) -> frozenset[str] | None:
        """Hosts of the accepted addresses, before redirects; None if any host can match."""
        hosts = [a.bare_hosts for a in self.accept]
        return None if None in hosts else frozenset[str]().union(*filter(None, hosts))

    def near(self, page: Page) -> Iterator[Evidence]:
        """Yield links by their resemblance, in the order of `_RESEMBLANCE`."""
        own = parse_web_url(page.final_url)
        links = (link for link in page.links if link.how != "onward")
        notes = [(link, note) for link in links if (note := self._resemblance(link, own))]
        ranked = sorted(notes, key=lambda pair: rank(_RESEMBLANCE, pair[1]))
        yield from distinct(link_evidence(link, note) for link, note in ranked)

    def doubt(self, page: Page) -> Reason | None:
        """An unverified form, nearly an accepted one, or an address that may redirect to one."""
        links = [x for x in page.links if not x.where.in_comment and x.how != "onward"]
        for link in links:
            if any(not a.is_proof and a.matches(link.href) for a in self.accept):
                return Reason.of("unverified_link", value=link.href)
            if differs := self._differs(link):
                return Reason.of("link_almost_the_same", value=link.href, difference=differs)
        own = parse_web_url(page.final_url)
        for link in links:
            found = parse_web_url(link.href)
            known = self.resolves and link.leads_to
            if known or own is None or found is None or not same_host(found.host, own.host):
                continue
            # A browser has followed what is called so.
            by_name = page.observer != "browser" and self._is_called_so(link, own)
            if by_name or self._jumps(found):
                return Reason.of("may_jump", value=found.href)
        followed = self._unfollowed(links, own) if self.resolves else None
        return followed or self._other_form(links)

    def may_hide_in(self, spot: BlindSpot, page: Page) -> bool:
        """Not behind a jump that says where to: to the site of somebody else."""
        if spot.why.code != "may_jump" or self.resolves:
            return True
        found = parse_web_url(str(spot.why.params.get("value")))
        own = parse_web_url(page.final_url)
        if found is None or own is None or len(found.parameters) != 1 or self._jumps(found):
            return True
        ((name, value),) = found.parameters
        to = host_of(value) if name.lower() in _WHERE_TO else ""
        return not to or same_host(to, own.host) or self._may_be_of_its_site(value, to)

    def to_follow(self, page: Page) -> Iterator[str]:
        """Yield links with an expected caption, then those to other hosts, then the others."""
        links = [link for link in page.links if not link.where.in_comment and not link.leads_to]
        own = parse_web_url(page.final_url)
        ranked = sorted(links, key=lambda link: (not self._is_named(link), _is_own(link, own)))
        if self.resolves:
            yield from dict.fromkeys(link.href for link in ranked if parse_web_url(link.href))

    def _unfollowed(self, links: Iterable[Link], own: Url | None) -> Reason | None:
        """Why it is not known where a link of the right name, or to another host, leads."""
        asked = [link for link in links if self._is_named(link) or not _is_own(link, own)]
        for link in asked:
            if link.unresolved:
                return Reason.of("destination_unknown", value=link.href, because=link.unresolved)
        if any(not link.leads_to and parse_web_url(link.href) for link in asked):
            return Reason.of("links_not_followed")
        return None

    def _other_form(self, links: Iterable[Link]) -> Reason | None:
        for link in links if not self.exhaustive else ():
            end = link.leads_to[-1] if self.resolves and link.leads_to else link.href
            if any(a.leaves_open(end) for a in self.accept) and not self._mistake(link.href):
                return Reason.of("other_form", value=link.href)
        return None

    def _differs(self, link: Link) -> Reason | None:
        """In which small things a link differs from an accepted address; None: not only in such."""
        if self._mistake(link.href):
            return None
        return next(filter(None, (a.all_but(link.href) for a in self.accept)), None)

    def _is_named(self, link: Link) -> bool:
        return self.is_named_in(link.text)

    def _is_called_so(self, link: Link, own: Url) -> bool:
        """Whether a page of the own site has the name of what is asked for, and not an article."""
        is_slip = _MISSPELT.search(link.href) is not None
        is_caption = len(link.text) <= MAX_CAPTION and not is_slip
        return is_caption and self._resemblance(link, own) is _NAMED_OWN_PAGE

    def _jumps(self, found: Url) -> bool:
        return any(a.matches(value) for _, value in found.parameters for a in self.accept)

    def _resemblance(self, link: Link, own: Url | None) -> Reason | None:
        if not (host := host_of(link.href)):
            return None
        if self.mistakes and (mistake := self._mistake(link.href)) is not None:
            return mistake
        if link.where.in_comment:
            return IN_COMMENT if self._is_met_by(link.href, ()) else None
        found = parse_web_url(link.href)
        slip = self._www(found) or self._scheme(found, own) if found else None
        if slip is None and (differs := self._differs(link)):
            return Reason.of("right_but_for", difference=differs)
        return slip or self._likeness(link, host, own)

    def _likeness(self, link: Link, host: str, own: Url | None) -> Reason | None:
        """What an address that is written well has of what is asked for."""
        named = self._is_named(link)
        if host in self._known_hosts:
            return _NAMED_OTHER_PAGE if named else _OTHER_PAGE
        if own and same_host(host, own.host):
            is_bare = link.href == nowhere(own.href)
            return (_NAMED_NOWHERE if is_bare else _NAMED_OWN_PAGE) if named else None
        found = parse_web_url(link.href)
        jumps = found is not None and self._jumps(found)
        if found is not None and not jumps and self._looks_like_its_host(found):
            return _LOOKALIKE_HOST
        return _NAMED_ELSEWHERE if named else None

    def _looks_like_its_host(self, found: Url) -> bool:
        """Whether an address is of a host that can be taken for an accepted one, or shows one."""
        return any(
            _shows(known, found) or _is_spelling_of(known, found.host)
            for known in self._known_hosts
            if known not in WEIBO_HOSTS and known != WECHAT_HOST
        )

    def _may_be_of_its_site(self, href: str, host: str) -> bool:
        """Whether an address names an accepted host, or is of one that may belong to its site."""
        return any(
            known in href or host.endswith(f".{bare}") or _is_spelling_of(known, host)
            for known, bare in self._known_hosts.items()
        )

    def _www(self, found: Url) -> Reason | None:
        """That an address would be right with the www. that it lacks, or without that it has."""
        bare = found.host.removeprefix("www.")
        lacks = bare == found.host
        host = f"www.{bare}" if lacks else bare
        if host not in self._known_hosts:
            return None
        if not self._is_met_by(found.href.replace(found.host, host, 1), ()):
            return None
        return Reason.of("link_lacks_www" if lacks else "link_has_www", host=host)

    def _scheme(self, found: Url, own: Url | None) -> Reason | None:
        """Why a browser looks for an accepted host on the page's own site, or on none."""
        if found.host in WEB_SCHEMES:  # http://http://www.example.cn
            typed = f"{found.scheme}://{found.host}:{found.path}"
        elif own and (found.host, found.port) == (own.host, own.port):
            folder = own.path[: own.path.rfind("/") + 1]
            typed = found.path.removeprefix(folder)
        else:
            return None
        hosts = {*self._known_hosts, *self._known_hosts.values()}
        return slip_before(hosts, typed)

    @cached_property
    def _known_hosts(self) -> dict[str, str]:
        """The accepted hosts, each without www."""
        hosts = {host for a in self.accept for host in a.hosts}
        return {host: host.removeprefix("www.") for host in sorted(hosts)}


_MISSPELT = re.compile(r"[^/:]/(?:https?\W|www\.)", re.IGNORECASE)
"""A path that is an address without its colon or its scheme: no site has such a page."""
MAX_CAPTION = 24
"""Characters of the name of a site; of an article's, there are more."""
_WHERE_TO = frozenset(
    {"url", "u", "to", "link", "href", "target", "go", "goto", "jump", "redirect"}
    | {"gourl", "tourl", "jumpurl", "linkurl", "targeturl", "redirecturl"}
)
"""Names of the parameter by which a jump says where to; others may say whence: from, ref."""
_NAMED_OTHER_PAGE = Reason.of("named_other_page")
_LOOKALIKE_HOST = Reason.of("lookalike_host")
_NAMED_ELSEWHERE = Reason.of("named_leads_elsewhere")
_NAMED_OWN_PAGE = Reason.of("named_own_page")
_NAMED_NOWHERE = Reason.of("named_leads_nowhere")
_SENDS_THERE = Reason.of("sends_there")
LEADS_ON = (_NAMED_OWN_PAGE, _NAMED_NOWHERE)
"""What is said of a link without a browser, where a click on it may yet lead to the right site."""
_OTHER_PAGE = Reason.of("other_page")
_RESEMBLANCE = (
    *(IN_COMMENT, _NAMED_OTHER_PAGE, _LOOKALIKE_HOST, _NAMED_ELSEWHERE, _NAMED_OWN_PAGE),
    *(_NAMED_NOWHERE, _OTHER_PAGE),
)
"""How close a link comes, best first; a slip of the pen comes before all."""


_ENDING = re.compile(
    r"(?:com|net|org|gov|edu|ac|mil|co|[a-z]{2})\.[a-z]{2}|[a-z]{2,}|xn--[a-z0-9-]+"
)
"""What is registered for all, such as gov.cn or com: a name under it is that of its owner."""
_RESERVED = re.compile(r"(?:gov|edu|mil|ac)\.cn")
"""An ending for one kind of owner each: the same name under another is of another owner."""
_VERSION = re.compile(r"w+\d*|m|3g|wap|mobile|old|new")
"""The first label of a host that has a version of the same site, or a misspelt www."""


def _is_own(link: Link, own: Url | None) -> bool:
    """Whether a link leads to the host of the page itself."""
    return own is not None and same_host(host_of(link.href), own.host)


def _shows(known: str, found: Url) -> bool:
    """Whether an address has a whole host in the front of its own, or behind it."""
    behind = f"{found.path}#{found.fragment}"
    is_behind = re.search(rf"(?<![\w.-]){re.escape(known)}(?![\w.-])", behind)
    return found.host.startswith(f"{known}.") or is_behind is not None


def _is_spelling_of(known: str, other: str) -> bool:
    """Whether a host is a known one with or without www, equal to it but for dots and hyphens,
    of the same name under another ending, or a version of its site.

    A host that only shares a label or an ending with it is that of somebody else.
    """
    bare, own = known.removeprefix("www."), other.removeprefix("www.")
    if own == bare or _is_ending(bare):  # www.gov.cn: all below gov.cn is of others
        return own == bare
    if _letters(known) in (_letters(other), f"www{_letters(own)}"):
        return True
    label, _, rest = own.partition(".")
    if rest == bare:
        return _VERSION.fullmatch(label) is not None
    name, _, ending = bare.partition(".")
    is_name = known.startswith("www.")  # else it is one of many: mp.weixin.qq.com
    return is_name and label == name and _is_ending(ending) and _is_free(rest)


def _is_ending(text: str) -> bool:
    """Whether it is what names are registered under."""
    return _ENDING.fullmatch(text) is not None


def _is_free(text: str) -> bool:
    """Whether anybody may have a name under it."""
    return _is_ending(text) and _RESERVED.fullmatch(text) is None


def _letters(host: str) -> str:
    return host.replace("-", "").replace(".", "")
