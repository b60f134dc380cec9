"""What changed in a run since the last time."""

from __future__ import annotations

from starlette.responses import Response

from ycaudit.desk import html
from ycaudit.desk.asked import Asked
from ycaudit.report.changes import remarks
from ycaudit.runs.diff import WORD, Kind, compare


def show(asked: Asked) -> Response:
    """Who newly fails, who has mended what, who has not, and what can no longer be seen."""
    with asked.desk.history() as kept:
        shown = asked.desk.shelf.shown(kept, asked.params["run"])
        found = compare(kept.past(before=shown.run), shown.run)
    places = {report.target.id: place for place, report in enumerate(shown.reports)}
    return html.page(
        asked,
        "changes",
        run=shown.run,
        found=found,
        kinds=[(WORD[kind], found.of(kind)) for kind in Kind if found.of(kind)],
        places=places,
        remarks=remarks,
    )
