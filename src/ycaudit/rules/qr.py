"""The requirement that a homepage shows a QR code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from ycaudit.model import BlindSpot, Evidence, Image, Link, Page, QrCode, Sense, Visibility
from ycaudit.reasons import Reason
from ycaudit.rules.addresses import AddressRequirement, link_evidence
from ycaudit.rules.base import IN_COMMENT, distinct, rank
from ycaudit.rules.platforms import WECHAT_HOST, WEIBO_HOSTS, address_in
from ycaudit.url import is_on_disk

MIN_SIDE = 58
"""CSS pixels: the least code has 29 squares a side with its quiet zone (ISO/IEC 18004), and one
whose squares have two pixels is read."""


class QrRequirement(AddressRequirement):
    """A QR code with an accepted payload."""

    title = "a QR code"
    needs = frozenset({Sense.QR_CODE})

    kind: Literal["qr"]
    exhaustive: bool | None = None
    """Whether the accepted forms are all there are, so that any other code proves absence.

    False: the account has other codes too, and no unknown code proves anything. None: other
    addresses of the platform on which the account is leave doubt, and all others do not.
    """

    def find(self, page: Page) -> Iterator[Evidence]:
        """Yield the codes with an accepted payload, or with redirects to one."""
        yield from (
            _code(code, _guess(code) or _too_small(code))
            for code in _shown(page)
            if self._is_met_by(code.payload, _passed_by_phone(code))
        )

    def near(self, page: Page) -> Iterator[Evidence]:
        """Yield all codes, and pictures that should be one, in the order of `_NEARNESS`."""
        best = max((self.fit(code.label) for code in page.qr_codes), default=0)
        found = [_code(code, self._nearness(code, best)) for code in page.qr_codes]
        found += [_picture(image, _trouble(image, page)) for image in self._pictures(page)]
        found += [link_evidence(link, _LINK) for link in page.links if self._links_there(link)]
        yield from distinct(sorted(found, key=lambda one: rank(_NEARNESS, one.note or OTHER)))

    def not_comparable(self, page: Page, *, is_blind: bool) -> Reason | None:
        """No verified payload; a page seen whole that shows no code at all lacks this one too."""
        codes = _shown(page)
        if any(a.is_proof for a in self.accept) or not (codes or is_blind):
            return None
        return Reason.of("unpinned", count=_candidates(codes))

    def likelihood(self, spot: BlindSpot, page: Page) -> int:
        """A picture by how well its name or the text around it fits."""
        src = spot.why.params.get("src")
        uses = (image for image in page.images if image.src == src)
        return max((self.fit(f"{image.alt} {image.nearby}") for image in uses), default=0)

    def doubt(self, page: Page) -> Reason | None:
        """Codes that may still be the wanted one."""
        return self._unsure(self._open(page.qr_codes))

    def to_follow(self, page: Page) -> Iterator[str]:
        """Yield payloads that may redirect to an accepted one, the best captioned first."""
        if self.resolves:
            codes = sorted(self._open(page.qr_codes), key=lambda code: -self.fit(code.label))
            yield from dict.fromkeys(c.payload for c in codes if not (c.leads_to or c.unresolved))

    def _unsure(self, codes: Sequence[QrCode]) -> Reason | None:
        """Why one of these may be the wanted code."""
        return self._unproven(codes) or self._unfollowed(codes) or self._unknown_form(codes)

    def _open(self, codes: Iterable[QrCode]) -> list[QrCode]:
        """Those outside comments that no rule identifies as something else."""
        return [
            code
            for code in codes
            if not code.where.in_comment
            and not self._mistake(code.payload)
            and not all(a.rules_out(code.payload) for a in self.accept)
            and not self._leads_elsewhere(code)
        ]

    def _leads_elsewhere(self, code: QrCode) -> bool:
        """Whether all who follow a code come to what certainly is something else."""
        if _comes_apart(code):
            return False
        return any(a.rules_out(hop) for hop in code.leads_to for a in self.accept)

    def _unproven(self, codes: Iterable[QrCode]) -> Reason | None:
        for code in codes:
            for a in self.accept:
                if not a.is_proof and a.matches(code.payload):
                    return Reason.of("unverified_code", value=code.payload)
                if difference := a.all_but(code.payload):
                    return Reason.of("almost_the_same", value=code.payload, difference=difference)
        return None

    def _unfollowed(self, codes: Iterable[QrCode]) -> Reason | None:
        if not self.resolves:
            return None
        for code in codes:
            if code.unresolved:
                why = code.unresolved
                return Reason.of("code_destination_unknown", value=code.payload, because=why)
        unasked = [code for code in codes if not code.leads_to and address_in(code.payload)]
        if not unasked:
            return None
        return Reason.of("codes_not_followed", count=_candidates(unasked))

    def _unknown_form(self, codes: Sequence[QrCode]) -> Reason | None:
        if self.exhaustive is True:
            return None
        if self.exhaustive is False and codes:
            return Reason.of("unknown_forms", count=_candidates(codes))
        unsure = next((code for code in codes if self._may_be_account(code)), None)
        return Reason.of("other_form", value=unsure.payload) if unsure else None

    def _may_be_account(self, code: QrCode) -> bool:
        end = code.leads_to[-1] if self.resolves and code.leads_to else code.payload
        return any(a.leaves_open(end) for a in self.accept)

    def _pictures(self, page: Page) -> Iterator[Image]:
        """Those that are called as the code is, and in which none was read."""
        read = {code.src for code in page.qr_codes}
        for image in page.images:
            if self._is_called(image.alt) and image.src not in read and image.src[:5] != "data:":
                yield image

    def _is_called(self, name: str) -> bool:
        """Whether a picture's name is that of the code, and not only like those of several."""
        words = self.labels
        return self.name in name or name in words or (bool(words) and all(w in name for w in words))

    def _links_there(self, link: Link) -> bool:
        """Whether a link leads to the account or the address whose code is asked for."""
        return not link.where.in_comment and self._is_met_by(link.href, ())

    def _nearness(self, code: QrCode, best: int) -> Reason:
        if (mistake := self._mistake(code.payload)) is not None:
            return mistake
        if code.where.in_comment:
            return IN_COMMENT if self._is_met_by(code.payload, ()) else _OTHER_IN_COMMENT
        if best and self.fit(code.label) == best:
            if not any(a.is_proof for a in self.accept):
                return _LABELLED_SO
            return _LABELLED_UNSURE if self._unsure(self._open([code])) else _LABELLED
        found = address_in(code.payload)
        hosts = {host for a in self.accept for host in a.hosts} - {WECHAT_HOST, *WEIBO_HOSTS}
        return _OTHER_OF_HOST if found and found.host in hosts else OTHER


_LABELLED = Reason.of("other_code_labelled")
_LABELLED_SO = Reason.of("code_labelled_so")
_LABELLED_UNSURE = Reason.of("code_of_unknown_owner")
LABELLED = (_LABELLED, _LABELLED_SO, _LABELLED_UNSURE)
"""What is said of a code for its label."""
_OTHER_OF_HOST = Reason.of("other_code_of_host")
OTHER = Reason.of("other_code")
_OTHER_IN_COMMENT = Reason.of("other_code_in_comment")
_LINK = Reason.of("link_in_place_of_code")
_NO_CODE = Reason.of("picture_without_code")
_LOST = Reason.of("picture_lost")
_ON_OWN_DISK = Reason.of("picture_on_own_disk")
_NEARNESS = (
    *(IN_COMMENT, *LABELLED, _ON_OWN_DISK, _LOST, _NO_CODE, _LINK),
    *(_OTHER_OF_HOST, OTHER, _OTHER_IN_COMMENT),
)
"""How close a code comes, best first."""


def _shown(page: Page) -> list[QrCode]:
    """The codes of the page outside comments."""
    return [code for code in page.qr_codes if not code.where.in_comment]


def _comes_apart(code: QrCode) -> bool:
    """Whether a code leads phones to one site and computers to another."""
    return code.unresolved is not None and code.unresolved.code == "url_by_device"


def _passed_by_phone(code: QrCode) -> tuple[str, ...]:
    """The hops that a phone passes: nobody scans a code with a computer.

    Where the two come apart, the phone's hops are the last, from the code's own address on.
    """
    hops = code.leads_to
    if code.unresolved is None or not _comes_apart(code):
        return hops
    ways = (n for n, hop in enumerate(hops) if hop == code.unresolved.params["url"])
    return hops[max(ways, default=len(hops)) :]


def _candidates(codes: Sequence[QrCode]) -> int:
    """The number of distinct payloads."""
    return len({code.payload for code in codes})


def _guess(code: QrCode) -> Reason | None:
    if not code.guessed_charset:
        return None
    return Reason.of("charset_guessed", charset=code.guessed_charset)


def _too_small(code: QrCode) -> Reason | None:
    """The size of a code that the screen does not show, where it is too small for any."""
    if code.visible is not Visibility.HIDDEN or code.where.box is None:
        return None
    wide, high = code.where.box[2:]
    if not 0 < max(wide, high) < MIN_SIDE:
        return None
    return Reason.of("shown_too_small", width=wide, height=high)


def _trouble(image: Image, page: Page) -> Reason:
    """Why a picture shows no code."""
    if is_on_disk(image.src):
        return _ON_OWN_DISK
    lost = (spot.why for spot in page.blind_spots if spot.why.has("image_lost", "image_unopened"))
    return _LOST if any(why.params.get("src") == image.src for why in lost) else _NO_CODE


def _picture(image: Image, note: Reason) -> Evidence:
    return Evidence(
        sense=Sense.QR_CODE,
        value=image.src,
        label=image.alt,
        note=note,
        visible=image.visible,
        where=image.where,
    )


def _code(code: QrCode, note: Reason | None = None) -> Evidence:
    return Evidence(
        sense=Sense.QR_CODE,
        value=code.payload,
        label=code.label,
        note=note,
        visible=code.visible,
        where=code.where,
    )
