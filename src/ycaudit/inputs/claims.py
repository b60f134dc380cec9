"""What units claim of their homepages, beside what was found on them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from ycaudit.inputs.headings import heading
from ycaudit.model import Outcome, ScanRun, Verdict

# What forms write around the name of a thing: 是否设置三峡宜昌网链接.
_ASKING = re.compile(r"^(?:首页)?(?:是否|有无)?(?:已)?(?:有|设置|添加|放置|链接)?(?:首页)?")
_WHAT = re.compile(r"(?:的)?(?:首页)?(?:链接|二维码|图标|公众号|账号)?(?:有无|是否设置|情况)?$")


class Fit(StrEnum):
    """What a unit claims of its homepages beside what was found on them."""

    BOTH = "both"
    CLAIMED_MISSING = "claimed_missing"
    UNCLAIMED_PRESENT = "unclaimed_present"
    NEITHER = "neither"
    OPEN = "open"
    """Claimed either way; what was found is undetermined or waived, or there is no site."""
    UNCLAIMED = "unclaimed"
    """Nothing was said of it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a unit says of one requirement, and what was found on its sites."""

    requirement: str
    name: str
    claimed: bool | None
    found: bool | None
    """Whether all of its sites show it; None where that could not be told."""
    sites: tuple[str, ...] = ()
    """The addresses of the sites without it."""
    by_person: bool = False
    """Whether people decided what was found missing."""

    @property
    def fit(self) -> Fit:
        """Whether the two go together."""
        if self.claimed is None:
            return Fit.UNCLAIMED
        if self.found is None:
            return Fit.OPEN
        if self.claimed:
            return Fit.BOTH if self.found else Fit.CLAIMED_MISSING
        return Fit.UNCLAIMED_PRESENT if self.found else Fit.NEITHER


@dataclass(frozen=True)
class Asked:
    """The requirements of a run: id to name."""

    names: Mapping[str, str]

    @classmethod
    def of(cls, run: ScanRun) -> Asked:
        """What the rules of the run ask for."""
        verdicts = (v for report in run.reports.briefs() for v in report.verdicts)
        return cls({verdict.requirement: verdict.name for verdict in verdicts})

    def meant(self, head: str) -> str | None:
        """The requirement that a heading names, such as 是否有三峡宜昌网链接; None for others."""
        word = heading(head)
        for one in (word, _WHAT.sub("", word), _WHAT.sub("", _ASKING.sub("", word))):
            if (found := self._by_word.get(one)) is not None:
                return found
        return self._by_word.get(re.sub(r"[\W_]+", "", head))

    @cached_property
    def _by_word(self) -> dict[str, str]:
        words: dict[str, set[str]] = defaultdict(set)
        for id_, name in self.names.items():
            within = re.findall(r"[（(]([^（）()]+)[)）]", name)
            for word in (name, re.sub(r"[\W_]+", "", name), id_, *within):
                words[heading(word)].add(id_)
                words[word].add(id_)
        return {word: min(ids) for word, ids in words.items() if len(ids) == 1}


def shows(verdict: Verdict) -> bool | None:
    """Whether the page shows it, which for `expect: absent` is the opposite of a pass."""
    if verdict.outcome not in (Outcome.PASS, Outcome.FAIL):
        return None
    return (verdict.outcome is Outcome.PASS) is (verdict.expect == "present")
