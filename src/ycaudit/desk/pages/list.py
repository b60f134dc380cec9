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
from ycaudit.i18n import translated
from ycaudit.inputs.plan import LIST_SUFFIXES, Plan, load
from ycaudit.inputs.reimport import Taken, taken
from ycaudit.inputs.targets_yaml import to_yaml
from ycaudit.runs.evidence import write_whole
from ycaudit.runs.units import unit_key
from ycaudit.url import without_credentials

YAML = frozenset({".yaml", ".yml"})
MAX_LINES = 200
MAX_UNITS = 100


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
        notice=asked.word("notice"),
    )


def upload(asked: Asked) -> Response:
    """Keep the file that was handed in, and show what would be taken of it."""
    name, data = asked.file("list")
    if Path(name).suffix.lower() not in LIST_SUFFIXES | YAML:
        known = "、".join(sorted(LIST_SUFFIXES | YAML))
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

    def says(self, text: str) -> str:
        """A message about the file, by the name that the person knows, and without passwords."""
        return without_credentials(self.upload.named(str(translated(text))))

    @property
    def can_be_taken(self) -> bool:
        """Whether anything of it can be used."""
        return self.taken is not None or self.now.plan is not None


def preview(asked: Asked) -> Response:
    """The rows as they would be taken over, before anything is."""
    found = _preview(asked)
    return html.page(
        asked,
        "list_preview",
        found=found,
        targets=asked.desk.place.targets,
        replaces=asked.desk.place.targets.exists(),
        mark=_mark(asked.desk.place.targets),
        most=MAX_UNITS,
        lines=MAX_LINES,
    )


def _preview(asked: Asked) -> Preview:
    upload = asked.desk.uploads.get(asked.params["upload"])
    if upload.path.suffix in YAML:
        return Preview(upload, None, standing(asked, upload.path))
    try:
        found = taken(upload.path, asked.desk.place.targets)
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
        if found.taken is not None:
            data = to_yaml(found.taken.content, source=found.upload.name).encode()
        elif found.now.plan is not None:
            data = found.upload.path.read_bytes()
        else:
            raise AuditError("nothing of this list can be used")
        write_whole(place.targets, data)
    return html.see("/list", notice="taken")


def _mark(targets: Path) -> str:
    """What the file holds now."""
    data = targets.read_bytes() if targets.is_file() else b""
    return hashlib.sha256(data).hexdigest()[:16]
