"""The desk as an application: the table of its pages, and how a request reaches one."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from ycaudit import i18n
from ycaudit.desk import html
from ycaudit.desk.asked import Asked, came_from, own_path
from ycaudit.desk.desk import Desk
from ycaudit.desk.guard import SAFE, Guard
from ycaudit.desk.pages import (
    cases,
    changes,
    check,
    letters,
    papers,
    pictures,
    review,
    rounds,
    rules,
    run,
    unit,
)
from ycaudit.desk.pages import list as list_
from ycaudit.errors import AuditError
from ycaudit.i18n import Message

MAX_BODY = 33 << 20
"""Bytes of a request: a list of 32 MB, which is the most that is read, and its form."""
MAX_FIELDS = 500
STATIC = {
    "desk.css": "text/css; charset=utf-8",
    "desk.js": "text/javascript; charset=utf-8",
    "desk.svg": "image/svg+xml",
}
Answer = Callable[[Asked], Response]


@dataclass(frozen=True, slots=True)
class Page:
    """A page: what it shows, and what its form does."""

    path: str
    show: Answer | None = None
    do: Answer | None = None
    works: bool = False
    """Whether it is for work alone, so that a desk that only shows has none of it."""
    of_run: bool = True
    """Whether a desk that shows one run alone has it."""


PAGES = (
    Page("/", rounds.show),
    Page("/offices", rounds.offices, of_run=False),
    Page("/run/{run}", run.show),
    Page("/run/{run}/changes", changes.show),
    Page("/run/{run}/unit/{place}", unit.show),
    Page("/run/{run}/review", review.show, review.answer, works=True),
    Page("/run/{run}/review/undo", do=review.undo, works=True),
    Page("/run/{run}/calls", review.calls, works=True),
    Page("/run/{run}/checked", papers.show, papers.vouch),
    Page("/run/{run}/cases", cases.show, cases.record),
    Page("/run/{run}/cases/slips", cases.slips, cases.take),
    Page("/run/{run}/papers", papers.show),
    Page("/run/{run}/papers/{format}", papers.preview, papers.download),
    Page("/run/{run}/papers/{format}/sheet", papers.sheet),
    Page("/run/{run}/letters", letters.show, letters.send, works=True),
    Page("/picture/{folder}/{file}", pictures.show),
    Page("/list", list_.show, list_.upload, works=True),
    Page("/list/{upload}", list_.preview, list_.take, works=True),
    Page("/rules", rules.show, of_run=False),
    Page("/begin", do=rules.begin, works=True),
    Page("/judge", do=rules.judge, works=True),
    Page("/rules/{requirement}", rules.pin, rules.write, works=True),
    Page("/rules/{requirement}/picture", do=rules.upload, works=True),
    Page("/check", check.show, check.start, works=True),
    Page("/check/stop", do=check.stop, works=True),
    Page("/look", check.looks, check.look, works=True),
    Page("/look/{number}", check.looked, works=True),
)


def application(desk: Desk) -> ASGIApp:
    """The desk, behind its guard."""
    pages: Iterable[Page] = PAGES
    if desk.place.read_only:
        pages = [replace(p, do=None) for p in PAGES if p.show is not None and not p.works]
    if desk.place.run:
        pages = [page for page in pages if page.of_run]
    routes = [
        *(_route(desk, page) for page in pages),
        _route(desk, Page("/language", do=_choose_language)),
        Route("/static/{name}", _static),
    ]
    handlers = {HTTPException: _not_there(desk), ClientDisconnect: _left, Exception: _bug(desk)}
    app = Starlette(routes=routes, exception_handlers=handlers, max_body_size=MAX_BODY)
    return Guard(app, desk.session)


def _route(desk: Desk, page: Page) -> Route:
    async def endpoint(request: Request) -> Response:
        is_change = request.method not in SAFE
        only = desk.place.run
        if only and request.path_params.get("run", only) != only:
            raise HTTPException(404)
        answer = page.do if is_change else page.show
        assert answer is not None, "the methods of the route say what it has"
        async with request.form(max_fields=MAX_FIELDS, max_files=2) as sent:
            form = sent if is_change else FormData()
            if is_change and not desk.session.is_of_form(str(form.get("form_token", ""))):
                raise HTTPException(403)
            asked = Asked(
                desk, _path(desk, request), request.path_params, request.query_params, form,
                await _read(form), came_from(request.headers, desk.session.root),
            )  # fmt: skip
            return await run_in_threadpool(_answered, answer, asked)

    methods = [name for name, has in (("GET", page.show), ("POST", page.do)) if has]
    return Route(page.path, endpoint, methods=methods)


def _path(desk: Desk, request: Request) -> str:
    """From the desk's root, as all its pages name each other."""
    return str(request.url.path).removeprefix(desk.session.root)


async def _read(form: FormData) -> Mapping[str, tuple[str, bytes]]:
    return {
        name: (value.filename or "", await value.read())
        for name, value in form.items()
        if isinstance(value, UploadFile)
    }


def _answered(answer: Answer, asked: Asked) -> Response:
    """The answer, in the language of the desk; what a person can mend as a page."""
    with i18n.in_language(asked.desk.language or i18n.language()), i18n.away_from_terminal():
        try:
            return answer(asked)
        except AuditError as error:
            told = map(asked.desk.uploads.told, error.messages)
            return html.page(asked, "wrong", status=400, messages=tuple(told))


def _not_there(desk: Desk) -> Callable[[Request, Exception], Response]:
    def handler(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        path, back = _path(desk, request), came_from(request.headers, desk.session.root)
        asked = Asked(desk, path, {}, request.query_params, FormData(), {}, back)
        said = {
            400: Message("收到的表单有误，未作处理；请返回重新打开页面后再提交。"),
            403: Message("这张表单已失效，请返回重新打开页面后再提交。"),
            500: Message("程序出错，详情见运行工作台的窗口；已记录的内容不受影响。"),
            413: Message("文件太大，最多 {0} MB。", MAX_BODY >> 20),
        }.get(status, Message("没有这个页面。"))
        with i18n.in_language(desk.language or i18n.language()):
            return html.page(asked, "wrong", status=status, messages=(said,))

    return handler


def _left(request: Request, error: Exception) -> Response:
    """To a browser that closed the connection before all of its request was here."""
    return Response(status_code=400)


def _bug(desk: Desk) -> Callable[[Request, Exception], Response]:
    def handler(request: Request, error: Exception) -> Response:
        desk.bug("".join(traceback.format_exception(error)))
        return _not_there(desk)(request, error)

    return handler


def _choose_language(asked: Asked) -> Response:
    chosen = asked.word("language")
    if chosen in i18n.LANGUAGES:
        asked.desk.language = chosen
    return html.see(own_path(asked.word("back")) or "/")


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        raise HTTPException(404)
    data = (files("ycaudit.desk") / "static" / name).read_bytes()
    return Response(data, media_type=STATIC[name])
