"""The proof of what is said of a unit (证据包): reasons, pictures and the manifest, in one ZIP."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ycaudit import office_time
from ycaudit.i18n import Message, translate
from ycaudit.model import Evidence, Outcome, Page, ScanRun, UnitReport, Verdict
from ycaudit.report.formats import ReadEvidence, no_evidence
from ycaudit.report.rows import BASIS, MARK, WORD, clean, described, suspicion_lines
from ycaudit.runs.checks import checks_of
from ycaudit.runs.evidence import MANIFESTS, STAMP, Kind, files_of

MAX_NAME = 40
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\s]+')
_KINDS: dict[Kind, Message] = {
    "screenshot": Message("首页截图"),
    "framed": Message("首页标注"),
    "state": Message("页面状态"),
    "crop": Message("二维码"),
    "image": Message("页面图片"),
    "html": Message("网页源码"),
    "headers": Message("响应头"),
}
"""What each kind of file shows; in this order they stand in the folder."""
_PICTURES = ((b"\x89PNG", ".png"), (b"\xff\xd8\xff", ".jpg"), (b"GIF8", ".gif"))

_LOST = Message("以下证据文件未找到", hint=Message("用 --evidence 指明证据文件夹"))


def render(run: ScanRun, out: IO[bytes], read_evidence: ReadEvidence = no_evidence) -> None:
    """Write a folder a site, and the manifests of the runs that looked."""
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for number, report in enumerate(run.reports.briefs(), start=1):
            _Folder(run, report, read_evidence, f"{number:02}_{safe(report.target.name)}").write(
                archive
            )
        for name, data in _manifests(run, read_evidence):
            _add(archive, run, name, data)


def safe(name: str) -> str:
    """A part of a file name that is valid on every system."""
    seen = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    return _FORBIDDEN.sub("_", seen)[:MAX_NAME].strip(" ._") or translate("单位")


class _Folder:
    """What there is on one site."""

    def __init__(
        self, run: ScanRun, report: UnitReport, read_evidence: ReadEvidence, name: str
    ) -> None:
        self._run, self._report, self._name = run, report, name
        self._data: dict[str, bytes] = {}
        self._missing: list[str] = []
        kinds = files_of(report)
        for file in sorted(kinds, key=lambda file: list(_KINDS).index(kinds[file])):
            data = read_evidence(file)
            if data is None:
                self._missing.append(file)
            else:
                self._data[file] = data
        self._called = dict(self._names(kinds))

    def write(self, archive: ZipFile) -> None:
        """Write the reasons, and every file under a name that a person can read."""
        reasons = f"{self._name}/{translate('结论与原因')}.txt"
        # With a byte order mark: Windows' editors take it for GBK without.
        _add(archive, self._run, reasons, "\r\n".join(self._text()).encode("utf-8-sig"))
        for file, data in self._data.items():
            _add(archive, self._run, f"{self._name}/{self._called[file]}", data)

    def _names(self, kinds: dict[str, Kind]) -> Iterator[tuple[str, str]]:
        asked = dict(_asked(self._report))
        for number, (file, data) in enumerate(self._data.items(), start=1):
            what = translate(_KINDS[kinds[file]])
            of = f"_{safe(asked[file])}" if kinds[file] == "crop" and file in asked else ""
            yield file, f"{number:02}_{what}{of}{_suffix(file, data)}"

    def _text(self) -> Iterator[str]:
        target = self._report.target
        yield from suspicion_lines(self._run)
        yield f"{clean(target.name, 80)}  {clean(target.url, 300)}"
        yield translate("依据：{0}", clean(self._run.rules.name, 120))
        days = (
            f"{office_time.local(at):%Y-%m-%d %H:%M}" for at in checks_of(self._run, self._report)
        )
        yield translate("检查时间：{0}{1}", "、".join(days), office_time.named())
        yield translate("结论：{0}", WORD[self._report.outcome])
        for verdict in self._report.verdicts:
            yield from self._verdict(verdict)
        if self._data:
            yield from ("", translate("文件与证据清单中的名称、SHA-256 的对照："))
        for file, data in self._data.items():
            yield f"{self._called[file]}  {file}  {hashlib.sha256(data).hexdigest()}"
        if self._missing:
            yield ""
            yield translate(_LOST) + translate("：")
            yield from (f"  {clean(file, 200)}" for file in self._missing)

    def _verdict(self, verdict: Verdict) -> Iterator[str]:
        clause = f"（{clean(verdict.clause, 120)}）" if verdict.clause else ""
        yield ""
        yield f"{MARK[verdict.outcome]} {clean(verdict.name, 60)}{clause}：{WORD[verdict.outcome]}"
        is_settled = verdict.outcome in (Outcome.PASS, Outcome.FAIL)
        basis = BASIS[verdict.basis] if is_settled else translate("原因")
        yield f"  {basis}：{clean(verdict.why.translated(), 400)}"
        yield from (self._seen(Message("见到"), one) for one in verdict.evidence)
        yield from (self._seen(Message("相近"), one) for one in verdict.near)

    def _seen(self, how: Message, evidence: Evidence) -> str:
        file = self._called.get(evidence.file or "")
        shown = translate("（见 {0}）", file) if file else ""
        return f"  {translate(how)}：{described(evidence)}{shown}"


def _asked(report: UnitReport) -> Iterator[tuple[str, str]]:
    """Which file is named by the verdict on which requirement."""
    for verdict in report.verdicts:
        for one in (*verdict.evidence, *verdict.near):
            if one.file:
                yield one.file, verdict.name
    for page in report.observations:
        if isinstance(page, Page):
            for spot in page.blind_spots:
                if spot.file:
                    yield spot.file, translate("未能读取")


def _suffix(file: str, data: bytes) -> str:
    """The suffix of the evidence file; of an image as it was sent, that of its kind, if known."""
    suffix = "".join(PurePosixPath(file).suffixes)
    if suffix != ".bin":
        return suffix
    return next((found for magic, found in _PICTURES if data.startswith(magic)), suffix)


def _manifests(run: ScanRun, read_evidence: ReadEvidence) -> Iterator[tuple[str, bytes]]:
    """The manifests, with their time stamps, of this run and of those whose looks it has."""
    for looked in filter(None, (run.id, run.judges, run.carries)):
        for suffix in (".json", STAMP):
            data = read_evidence(f"{MANIFESTS}/{looked}{suffix}")
            if data is not None:
                yield f"{translate('证据清单')}_{looked}{suffix}", data


def _add(archive: ZipFile, run: ScanRun, name: str, data: bytes) -> None:
    """The same run gives the same bytes: files are dated by its end."""
    ended = office_time.local(run.finished_at)
    info = ZipInfo(name, ended.timetuple()[:6])
    info.compress_type = ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    archive.writestr(info, data)
