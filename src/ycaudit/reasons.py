"""Why: a code of the one table of reasons, and what fills its sentence.

A reason is data. Its sentence is made where it is shown, in the reader's language: English from
the table, others from the catalogues. Nothing compares sentences, and the words of a page live in
parameters only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, computed_field

from ycaudit.i18n import Message, fill, lookup, translate, translated
from ycaudit.reason_table import ASK, OF_SITE, OF_WHAT_IS_WANTED, PERSON, REASONS, Kind

MAX_DETAIL = 4000
"""Characters."""


class Reason(BaseModel):
    """A code of `REASONS`, what fills its sentence, and the reason behind it.

    `detail` keeps the words of a driver or a library: for `--verbose` and the run document, never
    for the sentence.
    """

    # A newer program may write more; the sentence in documents is for readers and made anew.
    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="null")

    code: str
    params: dict[str, Reason | int | float | str] = Field(default_factory=dict)
    because: Reason | None = None
    detail: str = ""

    @classmethod
    def of(
        cls,
        code: str,
        /,
        *,
        because: Reason | None = None,
        detail: object = "",
        **params: Reason | int | float | str,
    ) -> Self:
        """The reason with this code. Raises KeyError where the table has none."""
        assert REASONS[code] is not None
        return cls(code=code, params=params, because=because, detail=str(detail)[-MAX_DETAIL:])

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sentence(self) -> str:
        """The sentence in English, as run documents have it."""
        return self._filled(_kind(self).text, _english)

    def __str__(self) -> str:
        return self.sentence

    def __hash__(self) -> int:
        return hash((self.code, tuple(self.params.items()), self.because, self.detail))

    def translated(self) -> str:
        """The sentence in the reader's language."""
        kind = _kind(self)
        told = self._filled(lookup(f"reason.{self.code}", kind.text), translated)
        return translate(Message("{0}", told, hint=kind.hint)) if kind.hint else told

    def chain(self) -> tuple[Reason, ...]:
        """This reason, the one behind it, and so on."""
        return (self, *(self.because.chain() if self.because else ()))

    def has(self, *codes: str) -> bool:
        """Whether it, a reason behind it or one among its parameters has one of the codes."""
        inner = (value for value in self.params.values() if isinstance(value, Reason))
        return self.code in codes or any(
            reason.has(*codes) for reason in (*inner, *filter(None, (self.because,)))
        )

    def _filled(self, template: str, shown: Callable[[object], object]) -> str:
        values: dict[str, object] = dict(self.params)
        if self.because is not None:
            values["because"] = self.because
        return fill(template, values, shown)


def remedy(reason: Reason) -> str:
    """What an office that checks can do about it, in the reader's language; empty where nothing.

    Where a person has decided, nobody is asked to let a person decide.
    """
    advice = (_kind(r).remedy for r in reason.chain())
    done = PERSON if reason.code == "decided" else ""
    found = next((one for one in advice if one and one != done), "")
    return translate(found) if found else ""


def site_remedy(reason: Reason, *, unwanted: bool = False) -> str:
    """What who runs the site can do about it, in the reader's language; empty where nothing.

    Where a thing is `unwanted`, nobody is told to put it there.
    """
    kinds = [_kind(each) for each in reason.chain()]
    advice = (*(kind.of_site for kind in kinds), *(OF_SITE.get(k.remedy, "") for k in kinds))
    fitting = (one for one in advice if one and not (unwanted and one in OF_WHAT_IS_WANTED))
    found = next(fitting, ASK if remedy(reason) else "")
    return translate(found) if found else ""


def _english(value: object) -> object:
    return value.sentence if isinstance(value, Reason) else value


def _kind(reason: Reason) -> Kind:
    """A document of a newer program may hold codes that this table does not know."""
    return REASONS.get(reason.code) or Kind(reason.code)
