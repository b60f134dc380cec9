"""The well-known services that only count visitors: nothing they load shows a link or a code."""

from __future__ import annotations

import re

from ycaudit.url import parse_web_url

HOSTS = (
    "hm.baidu.com", "*.hm.baidu.com", "zz.bdstatic.com", "push.zhanzhang.baidu.com",
    "*.cnzz.com", "cnzz.mmstat.com", "*.51.la", "js.users.51.la", "www.google-analytics.com",
    "ssl.google-analytics.com", "www.googletagmanager.com", "pingjs.qq.com", "tajs.qq.com",
    "ta.trs.cn",
)  # fmt: skip
"""Host names; * stands for one label."""

_HOST = re.compile("|".join(re.escape(host).replace(r"\*", r"[\w-]+") for host in HOSTS))
# The loaders that these services tell site owners to paste: an element named in full, set to the
# service's own address, put before the first script. Nothing else may stand in the script.
_LOADER = re.compile(
    r"""\s*(?:var\s+_hmt\s*=\s*_hmt\s*\|\|\s*\[\]\s*;?)?\s*\(\s*function\s*\(\s*\)\s*\{
    \s*var\s+(\w+)\s*=\s*document\.createElement\(\s*["']script["']\s*\)\s*;
    (?:\s*\1\.(?:async|type|charset|id)\s*=\s*[^;]{1,40};)*
    \s*\1\.src\s*=\s*["'](?P<src>[^"']+)["'](?:\s*\+\s*["'][^"']*["'])?\s*;
    \s*var\s+(\w+)\s*=\s*document\.getElementsByTagName\(\s*["']script["']\s*\)\s*\[\s*0\s*\]\s*;
    \s*\3\.parentNode\.insertBefore\(\s*\1\s*,\s*\3\s*\)\s*;?
    \s*\}\s*\)\s*\(\s*\)\s*;?\s*""",
    re.VERBOSE,
)


def is_analytics(url: str) -> bool:
    """Whether an address belongs to one of the services."""
    found = parse_web_url(url)
    return found is not None and _HOST.fullmatch(found.host) is not None


def is_loader(source: str) -> bool:
    """Whether an inline script only loads one of the services."""
    found = _LOADER.fullmatch(source)
    if found is None:
        return False
    src = found["src"]
    return is_analytics(f"https:{src}" if src.startswith("//") else src)
