"""ycaudit history: the runs that are kept, and how often a site could be reached."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from ycaudit import office_time
from ycaudit.cli import console, office_tables
from ycaudit.cli.stored_runs import HistoryFile, where
from ycaudit.errors import AuditError
from ycaudit.i18n import Listed, Message, translate
from ycaudit.model import Outcome
from ycaudit.report import availability_text
from ycaudit.report.rows import WORD, clean, marks
from ycaudit.runs.history import History, opened_to_read
from ycaudit.runs.units import Choice


def command(
    unit: Annotated[
        list[str],
        typer.Option(
            "--unit",
            help="How often the sites could be reached whose id, name or address contains this. "
            "Repeatable.",
        ),
    ] = [],  # noqa: B006 - typer copies it
    days: Annotated[
        int | None,
        typer.Option(
            "--days",
            min=1,
            help="With --unit: so many days, today among them. [default: those of the office's "
            "threshold, else 7]",
        ),
    ] = None,
    history: HistoryFile = None,
) -> None:
    """List the runs that are kept, the newest first, with the figures as persons decided them."""
    if days is not None and not unit:
        raise AuditError("--days is for --unit: name a site")
    file = where(history)
    with opened_to_read(file) as kept:
        if unit:
            _tell_availability(kept, unit, days)
        else:
            _list(kept)
            if kept.newest() is None:
                console.notice("{0}: no run is kept there yet; `ycaudit scan` makes one", file)


def _tell_availability(kept: History, texts: list[str], days: int | None) -> None:
    """What the checks say of whether sites are down, up to now."""
    choice = Choice(texts)
    sites = [site for site in kept.sites() if choice.fits(site)]
    if not sites:
        raise AuditError(
            "no run of this history has looked at a site whose id, name or address contains {0}",
            Listed(clean(text, 60) for text in texts),
        )
    threshold = office_tables.threshold()
    found = kept.availability(sites, until=datetime.now(UTC), days=days, threshold=threshold)
    for site in sites:
        console.line(f"{clean(site.name, 80)}  {clean(site.url, 200)}")
        for line in availability_text.lines(found[site.id]):
            console.line(f"  {line}")


def _list(kept: History) -> None:
    for entry in kept.entries():
        figures = translate("，").join(
            f"{WORD[outcome]} {entry.counts[outcome]}"
            for outcome in reversed(Outcome)
            if entry.counts[outcome]
        )
        run = entry.run
        when = office_time.local(run.started_at).strftime("%Y-%m-%d %H:%M")
        units = Message("{0} site{0:|s}", entry.sites)
        told = Message("{0}: {1}", units, figures) if figures else units
        suspect = [Message("suspect")] if run.is_suspect else []
        said = "".join(f"  ({translate(mark)})" for mark in (*suspect, *marks(run)))
        console.line(f"{run.id}  {when}  {translate(told)}  {clean(run.rules.name, 60)}{said}")
