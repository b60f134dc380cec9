"""Wrong inputs of people who are new: what was typed, beside which files, in which environment."""

from __future__ import annotations

from pathlib import Path

RULES = """name: 规则
requirements:
  - id: portal
    name: 门户
    kind: link
    accept: [{host: www.p.test}]
"""
TARGETS = "units:\n  - {id: a, name: 甲局, url: 'http://a.test/', tags: [学校]}\n"
FILES: dict[str, bytes] = {
    "targets.yaml": TARGETS.encode(),
    "rules/r.yaml": RULES.encode(),
    "site/index.html": b"<!DOCTYPE html><p>x",
    "site/deep/page.htm": b"<p>x",
    "gbk.yaml": "units:\n  - {name: 甲局, url: 'http://a.test/'}\n".encode("gbk"),
    "broken.yaml": b"units:\n  - {name: a, url: 'http://a.test/'\n",
    "tabs.yaml": b"units:\n\t- http://a.test/\n",
    "text.txt": "一份名单\n".encode(),
    "no.xlsx": b"this is no workbook",
    "no.xls": b"this is no workbook",
    "no.ods": b"this is no workbook",
    "empty.csv": b"",
    "empty.yaml": b"",
    "odd.csv": "甲,乙\n1,2\n".encode(),
    "paper.pdf": b"%PDF-1.4\n",
    "paper.docx": b"PK\x03\x04no paper",
    "no.json": b"{not json",
    "other.json": b'{"a": 1}',
    "list.json": b"[1, 2]",
    "no.sqlite3": b"this is no database, and long enough to be looked at as one" * 40,
    "rules-kind.yaml": RULES.replace("link", "lnik").encode(),
    "rules-key.yaml": RULES.replace("accept", "acept").encode(),
    "rules-twice.yaml": (RULES + "    kind: link\n").encode(),
    "rules-none.yaml": b"name: x\nrequirements: []\n",
    "rules-host.yaml": RULES.replace("www.p.test", "'http://www.p.test/'").encode(),
    "rules-list.yaml": b"- a\n- b\n",
    "rules-pattern.yaml": RULES.replace("kind: link", "kind: text")
    .replace("{host: www.p.test}", "{pattern: 'ICP备('}")
    .encode(),
    "rules-day.yaml": RULES.replace("www.p.test", "www.p.test, verified: gestern").encode(),
    "rules-type.yaml": RULES.replace("kind: link", "kind: link\n    resolve: perhaps").encode(),
    "rules-ids.yaml": (RULES + RULES.partition("requirements:\n")[2]).encode(),
    "key.toml": b"[scan]\njbos = 3\n",
    "type.toml": b"[scan]\njobs = 'many'\n",
    "image.png": b"\x89PNG\r\n\x1a\nbroken",
}
FOLDERS = ("empty", "proof")


WRONG = {
    "cases --state gone": "--state 'gone': choose one of found, confirmed, told, answered, objected, due, mended, closed",
    "desk --port 70000": "Invalid value for '--port': must be at most 65535",
    "check": "Missing argument 'url'.",
    "check site/index.html": "site/index.html is a file, and a page is looked at as a server delivers it: run `python -m http.server --bind 127.0.0.1 --directory site 8000`, then `ycaudit check http://127.0.0.1:8000/index.html --allow-private`",
    "check site": "site/index.html is a file, and a page is looked at as a server delivers it: run `python -m http.server --bind 127.0.0.1 --directory site 8000`, then `ycaudit check http://127.0.0.1:8000/index.html --allow-private`",
    "check empty": "empty is no page here, and no address either: write it with http:// and its host",
    "check nothing/here.html": "nothing/here.html is no page here, and no address either: write it with http:// and its host",
    "check http://": "URL: 'http://' is not an http or https address; write http://host/path",
    "check ftp://a.test/": "URL: 'ftp://a.test/' is not an http or https address; write http://host/path",
    'check "http://a b/"': "URL: 'http://a b/' is not an http or https address; write http://host/path",
    "check http://a.test --rules missing.yaml": "missing.yaml: no such file",
    "check http://a.test --rules empty": "empty: no *.yaml file in this folder of rules",
    "check http://a.test --rules site/index.html": "site/index.html: no YAML file; lists may also be .xlsx, .xls, .ods or .csv",
    "check http://a.test --format tabel": "--format 'tabel': choose one of table, json, jsonl, csv, html, xlsx, junit, sarif, markdown, github, docx, notice, proof, undetermined, form",
    "check http://a.test --output x.nosuch": "--output x.nosuch: the suffix says no format; known are .txt, .json, .jsonl, .ndjson, .csv, .html, .htm, .xlsx, .xml, .sarif, .md, .docx, .zip",
    "check http://a.test --output nofolder/x.json": "--output nofolder/x.json: no file can be written there",
    "check http://a.test --observer firefox": "--observer 'firefox': choose one of auto, browser, static",
    "YCAUDIT_BROWSER=/nonexistent/chromium check http://a.test --observer browser": "YCAUDIT_BROWSER=/nonexistent/chromium: no such program",
    "check http://a.test --timeout soon": "Invalid value for '--timeout': must be a number",
    "check http://a.test --timeout -1": "Invalid value for '--timeout': must be at least 1.0",
    "check http://a.test --resolve a.test": "--resolve 'a.test': write HOST:PORT:ADDR, like www.x.cn:80:10.0.0.1",
    "check http://a.test --resolve a.test:80:x": "--resolve 'a.test:80:x': 'x' is not an IP address",
    "check http://a.test --proxy socks5://x:1": "--proxy: write http://HOST:PORT or http://NAME:PASSWORD@HOST:PORT, or env; other kinds of proxies are not spoken to",
    "check http://a.test --explain portl": "--explain 'portl': the rules ask this of the unit: portal; did you mean 'portal'?",
    "check http://a.test --evidence text.txt --observer static": "text.txt: evidence goes into a folder, and this is a file",
    "check http://a.test http://b.test": "Got unexpected extra argument(s) (http://b.test)",
    "check http://a.test --nosuch": "No such option: --nosuch; did you mean --no-cache?",
    "check http://a.test --rules": "Option --rules requires an argument.",
    "scan missing.yaml": "missing.yaml: no such file",
    "scan site": "site: this is a folder; name a file",
    "scan gbk.yaml": "gbk.yaml: not UTF-8 text; save it as UTF-8",
    "scan broken.yaml": "broken.yaml:3: not valid YAML: a comma or a closing bracket is missing",
    "scan tabs.yaml": "tabs.yaml:2: not valid YAML: a tab or an odd sign begins the line; indent with blanks",
    "scan text.txt": "text.txt: no YAML file; lists may also be .xlsx, .xls, .ods or .csv",
    "scan no.xlsx": "no.xlsx: not an Excel workbook; open it in Excel and save it as .xlsx",
    "scan no.ods": "no.ods: not an Excel workbook; open it in Excel and save it as .xlsx",
    "scan empty.csv": "empty.csv: the file is empty",
    "scan odd.csv": "odd.csv: none of the first 20 rows names an address column; call it 网址、网站地址、首页地址、网站首页、首页网址、网站网址 or the like",
    "scan paper.pdf": "paper.pdf: no YAML file; lists may also be .xlsx, .xls, .ods or .csv",
    "scan empty.yaml": "empty.yaml: the file is empty",
    "scan other.json": "other.json:1: 'units' is missing",
    "scan --unit nobody": "of 1 unit of the list none fits --unit, --office and --tag",
    "scan --jobs 0": "Invalid value for '--jobs': must be at least 1",
    "scan --jobs many": "Invalid value for '--jobs': must be a whole number",
    "scan --only passed": "--only 'passed': choose one of failed, undetermined, changed",
    "scan --resume": "HERE/history.sqlite3: no run is kept there yet; `ycaudit scan` makes one",
    "scan --history rules": "rules: the history cannot be used: it cannot be opened; name a file, not a folder",
    "scan --history no.sqlite3": "no.sqlite3: the history is damaged, or the file is none; put a copy of it there, or name another file with --history",
    "scan --timestamp http://t.test": "--timestamp is for the manifest of the evidence: give --evidence too",
    "scan --cluster nonsense": "--cluster 'nonsense': write HOST:PORT or tcp://HOST:PORT",
    "scan --mail": "say with --to, or in YCAUDIT_MAIL_TO, who gets the letter",
    "scan --evidence-limit some": "Invalid value for '--evidence-limit': must be a whole number",
    "scan --numbers missing.xlsx": "missing.xlsx: no such file",
    "validate --rules rules-kind.yaml": "rules-kind.yaml:3: 'kind' must be one of link, qr, text; did you mean 'link'?",
    "validate --rules rules-key.yaml": "rules-key.yaml:3: 'accept' is missing",
    "validate --rules rules-twice.yaml": "rules-twice.yaml:7: 'kind' stands here twice (first in line 5)",
    "validate --rules rules-none.yaml": "rules-none.yaml:2: requirements: at least one entry is needed",
    "validate --rules rules-host.yaml": "rules-host.yaml:6: host: 'http://www.p.test/' is an address; write only the host: www.p.test",
    "validate --rules rules-list.yaml": "rules-list.yaml:1: must begin with keys, such as requirements:",
    "validate --rules rules-pattern.yaml": "rules-pattern.yaml:6: 'ICP备(' is no pattern of RE2: a closing parenthesis is missing; https://github.com/google/re2/wiki/Syntax lists what it knows",
    "validate --rules rules-day.yaml": "rules-day.yaml:6: verified: 'gestern' must be a day like 2026-11-23, or false",
    "validate --rules rules-type.yaml": "rules-type.yaml:6: resolve: must be true or false",
    "validate --rules rules-ids.yaml": "rules-ids.yaml:7: requirement id 'portal' is already used in rules-ids.yaml:3",
    "show last": "HERE/history.sqlite3: no run is kept there yet; `ycaudit scan` makes one",
    "show no.json": "no.json: not a run document of ycaudit (is no JSON)",
    "show other.json": "other.json: not a run document of ycaudit (id: is missing)",
    "show missing.json": "missing.json: no such file",
    "show rules": "rules: cannot be read: this is a folder; name a file",
    "judge last": "HERE/history.sqlite3: no run is kept there yet; `ycaudit scan` makes one",
    "sample last": "say either --output SHEET.xlsx, to draw, or --answers SHEET.xlsx",
    "mail last --attach nosuch": "--attach 'nosuch': choose one of table, json, jsonl, csv, html, xlsx, junit, sarif, markdown, docx, notice, proof, undetermined, form",
    "pin portal missing.png": "missing.png: no such file",
    "decode": "Missing argument 'IMAGE…'.",
    "decode missing.png": "missing.png: cannot be read: there is no such file or folder",
    "decode text.txt": "text.txt: the bytes are no image of a known format",
    "decode rules": "no image in rules: name image files, or a folder of them",
    "decode image.png --effort hard": "--effort 'hard': choose fast, normal, thorough",
    "decode image.png --annotate text.txt": "--annotate text.txt: something else has this name",
    "verify .": ". is no evidence folder: no manifest is in manifests; give the folder that `--evidence` wrote, and the run by --run",
    "verify missing": "missing is no evidence folder: no manifest is in missing/manifests; give the folder that `--evidence` wrote, and the run by --run",
    "init .": "targets.yaml is there already, so nothing was written: begin elsewhere",
    "init text.txt": "cannot write text.txt/targets.yaml: something else has this name",
    "schema nosuch": "unknown schema 'nosuch'; one of: targets, rules, run",
    "import missing.xlsx": "missing.xlsx: no such file",
    "import paper.pdf": "paper.pdf: not an Excel workbook; open it in Excel and save it as .xlsx",
    "import odd.csv": "odd.csv: none of the first 20 rows names an address column; call it 网址、网站地址、首页地址、网站首页、首页网址、网站网址 or the like",
    "import no.xls": "no.xls: not an Excel workbook; open it in Excel and save it as .xlsx",
    "collect missing.xlsx": "HERE/history.sqlite3: no run is kept there yet; `ycaudit scan` makes one",
    "chekc http://a.test": "No such command 'chekc'; did you mean 'check'?",
    "--lang fr history": "--lang 'fr': choose one of zh, en",
    "--timezone Mars history": "--timezone: no time zone is called 'Mars'; write it like Asia/Shanghai",
    "--log-format xml history": "--log-format 'xml': choose one of text, json",
    "YCAUDIT_LANG=fr history": "YCAUDIT_LANG 'fr': choose one of zh, en",
    "YCAUDIT_CONFIG=missing.toml history": "missing.toml: cannot be read: there is no such file or folder",
    "YCAUDIT_CONFIG=text.txt history": 'text.txt:1: is no TOML: write KEY = VALUE, and text in quotes, like observer = "static"',
    "YCAUDIT_CONFIG=key.toml scan": "key.toml:2: `ycaudit scan` has no option 'jbos'; did you mean 'jobs'?",
    "YCAUDIT_CONFIG=type.toml scan": "type.toml:2: jobs: must be a whole number",
    "YCAUDIT_JOBS=many scan": "YCAUDIT_JOBS: must be a whole number",
    "YCAUDIT_TIMEZONE=Mars history": "YCAUDIT_TIMEZONE: no time zone is called 'Mars'; write it like Asia/Shanghai",
    "history --history text.txt/h.sqlite3": "text.txt/h.sqlite3: the history cannot be kept: a file stands where a folder must be",
}
"""What is typed, and the first line that is said of it; HERE stands for the folder."""


def lay_out(folder: Path) -> None:
    """Put the files there."""
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    for name in FOLDERS:
        (folder / name).mkdir()
