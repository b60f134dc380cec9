"""名单: the list of units, and a new one before it is taken over."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import Response

from ycaudit import office_time
from ycaudit.desk import html
from ycaudit.desk.asked import Asked
from ycaudit.desk.uploads import Upload
from ycaudit.errors import AuditError, ConfigError
from ycaudit.i18n import Listed, Translated
from ycaudit.inputs.plan import LIST_SUFFIXES, Plan, is_sample, load
from ycaudit.inputs.reimport import Taken, taken
from ycaudit.inputs.targets_yaml import to_yaml
from ycaudit.inputs.unit_list import Listing
from ycaudit.runs.evidence import write_whole
from ycaudit.runs.units import unit_key
from ycaudit.url import without_credentials

COLUMNS = Translated(
    {"office": "主管部门", "tags": "类别", "person": "联系人", "phone": "电话", "email": "邮箱"}
)
"""What a list may say of its units."""
YAML = frozenset({".yaml", ".yml"})
MAX_LINES = 200
MAX_UNITS = 100
MAX_SITES = 20
"""Of a unit."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The list as it is now."""

    plan: Plan | None
    """None where there is none, or where it is not in order."""
    problems: Sequence[str]

    @property
    def units(self) -> int:
        """How many units it has."""
        if self.plan is None:
            return 0
        owners = {unit_key(unit.target) for unit in self.plan.units}
        return len(owners) + len(self.plan.no_website)

    @property
    def samples(self) -> int:
        """How many of its sites are those of `ycaudit init`."""
        return sum(is_sample(unit.target.url) for unit in self.plan.units) if self.plan else 0

    @property
    def columns(self) -> tuple[str, ...]:
        """What the list says of any unit."""
        if self.plan is None:
            return ()
        return _filled([*(unit.target for unit in self.plan.units), *self.plan.no_website])


def _filled(units: Sequence[object]) -> tuple[str, ...]:
    return tuple(name for name in COLUMNS if any(getattr(unit, name, None) for unit in units))


def standing(asked: Asked, targets: Path | None = None) -> Standing:
    """The list and what is wrong with it; `targets` is another than the one in use."""
    place = asked.desk.place
    file = targets or place.targets
    if not file.exists():
        return Standing(None, ())
    try:
        plan = load(file, place.rules, today=office_time.today())
    except ConfigError as error:
        return Standing(None, error.messages)
    return Standing(plan, ())


def show(asked: Asked) -> Response:
    """The list in use, and the form for a new one."""
    return html.page(
        asked,
        "list",
        targets=asked.desk.place.targets,
        is_there=asked.desk.place.targets.exists(),
        is_list=asked.desk.place.targets.suffix.lower() in LIST_SUFFIXES,
        now=standing(asked),
        most=MAX_UNITS,
        lines=MAX_LINES,
        words=COLUMNS,
        is_sample=is_sample,
        notice=asked.word("notice"),
    )


def upload(asked: Asked) -> Response:
    """Keep the file that was handed in, and show what would be taken of it."""
    name, data = asked.file("list")
    if Path(name).suffix.lower() not in LIST_SUFFIXES | YAML:
        known = Listed(sorted(LIST_SUFFIXES | YAML))
        raise AuditError("a list is a file of these kinds: {0}", known)
    return html.see(f"/list/{asked.desk.uploads.keep(name, data).id}")


@dataclass(frozen=True, slots=True)
class Preview:
    """What is to be taken over."""

    upload: Upload
    taken: Taken | None
    """None where the file is YAML, which is taken as it is."""
    now: Standing
    """Of a YAML file: the list that it would be."""

    @property
    def columns(self) -> tuple[str, ...]:
        """What the list says of any unit."""
        return _filled(self.taken.listing.units) if self.taken else ()

    @property
    def notices(self) -> list[str]:
        """What was mended and passed over, but the rows that are left out, which stand apart."""
        listing = self.taken.listing if self.taken else Listing(())
        left = {problem.message for problem in listing.left_out}
        return [text for text in listing.notices if text not in left]

    @property
    def can_be_taken(self) -> bool:
        """Whether anything of it can be used."""
        return self.taken is not None or self.now.plan is not None

    def content(self) -> bytes:
        """The targets file that it would be."""
        if self.taken is not None:
            return to_yaml(self.taken.content, source=self.upload.name).encode()
        return self.upload.path.read_bytes()

    def is_in_use(self, targets: Path) -> bool:
        """Whether the list in use is this one, as after the way back from taking it over."""
        if not (self.can_be_taken and targets.is_file()) or (self.taken and self.taken.changes):
            return False
        return targets.read_bytes() == self.content()


def preview(asked: Asked) -> Response:
    """The rows as they would be taken over, before anything is."""
    found = _preview(asked)
    return html.page(
        asked,
        "list_preview",
        found=found,
        targets=asked.desk.place.targets,
        replaces=asked.desk.place.targets.exists(),
        is_in_use=found.is_in_use(asked.desk.place.targets),
        told=asked.desk.uploads.told,
        mark=_mark(asked.desk.place.targets),
        most=MAX_UNITS,
        lines=MAX_LINES,
        words=COLUMNS,
        most_sites=MAX_SITES,
        without_credentials=without_credentials,
    )


def _preview(asked: Asked) -> Preview:
    upload = asked.desk.uploads.get(asked.params["upload"])
    if upload.path.suffix in YAML:
        return Preview(upload, None, standing(asked, upload.path))
    try:
        found = taken(upload.path, asked.desk.place.targets, asked.desk.place.rules)
    except ConfigError as error:
        return Preview(upload, None, Standing(None, error.messages))
    return Preview(upload, found, Standing(None, ()))


def take(asked: Asked) -> Response:
    """Write the list, unless the file was changed since it was shown."""
    place = asked.desk.place
    if place.targets.suffix.lower() in LIST_SUFFIXES:
        raise AuditError("{0} is a spreadsheet: start the desk with a .yaml file", place.targets)
    with asked.desk.sitting.lock:
        if _mark(place.targets) != asked.word("mark"):
            raise AuditError(
                "{0} was changed since this page was opened: open it again", place.targets
            )
        found = _preview(asked)
        if not found.can_be_taken:
            raise AuditError("nothing of this list can be used")
        write_whole(place.targets, found.content())
    return html.see("/list", notice="taken")


def _mark(targets: Path) -> str:
    """What the file holds now."""
    data = targets.read_bytes() if targets.is_file() else b""
    return hashlib.sha256(data).hexdigest()[:16]
