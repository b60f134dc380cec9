"""Makes the desk's pages: all text is escaped, whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ycaudit import i18n, office_time
from ycaudit.desk.asked import Asked
from ycaudit.i18n import translate, translated
from ycaudit.model import Outcome
from ycaudit.reasons import remedy
from ycaudit.report.changes import remarks
from ycaudit.report.html import web_address
from ycaudit.report.rows import MARK, WORD, basis_of, clean, described, noted
from ycaudit.runs.decisions import confirmed_by
from ycaudit.runs.diff import WORD as KIND

ORDER = (Outcome.FAIL, Outcome.UNDETERMINED, Outcome.PASS, Outcome.WAIVED)
"""In which outcomes are listed: what has to be done first."""
_FROM_ROOT = re.compile(r'( (?:href|src|action)=")/')
"""Pages name each other from the desk's root. Text of others has no bare quotes."""


def page(asked: Asked, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page of the desk."""
    desk = asked.desk
    text = (
        _environment()
        .get_template(f"{template}.html.j2")
        .render(
            asked=asked,
            desk=desk,
            read_only=desk.place.read_only,
            one_run=bool(desk.place.run),
            form_token=desk.session.form_token,
            scanning=desk.audits.scanning,
            html_language={"en": "en"}.get(i18n.language(), "zh-CN"),
            **values,
        )
    )
    rooted = _FROM_ROOT.sub(rf"\1{desk.session.root}/", text)
    return HTMLResponse(rooted.encode("utf-8", "replace"), status_code=status)


def see(path: str, **query: object) -> Response:
    """Where the browser is to go after it has changed something."""
    return RedirectResponse(link(path, **query), status_code=303)


def link(path: str, **query: object) -> str:
    """An address of the desk; what is empty is left out."""
    said = {key: value for key, value in query.items() if value not in ("", None)}
    return f"{path}?{urlencode(said)}" if said else path


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ycaudit.desk"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        clean=clean, web=web_address, day=day, clock=clock, query=_query, described=described
    )
    environment.globals.update(
        _=translate, own=translated, MARK=MARK, WORD=WORD, basis_of=basis_of, ORDER=ORDER,
        Outcome=Outcome, link=link, remedy=remedy, remarks=remarks, KIND=KIND,
        confirmed_by=confirmed_by, noted=noted,
    )  # fmt: skip
    return environment


def day(moment: datetime) -> str:
    """The day at the office."""
    return f"{office_time.local(moment):%Y-%m-%d}"


def clock(moment: datetime) -> str:
    """The day and the hour at the office."""
    return f"{office_time.local(moment):%Y-%m-%d %H:%M}"


def clock_of(run: str) -> str:
    """When a run began, as its id says it, at the office; an id that says no moment as it is."""
    try:
        return clock(datetime.strptime(run, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC))
    except ValueError:
        return clean(run, 60)


def _query(values: Mapping[str, str], **changed: object) -> str:
    """The same choice with something changed, as the end of an address."""
    return link("", **{**values, **changed})
