"""A rules file whose requirements wait for a pin."""

from __future__ import annotations

from pathlib import Path

RULES = """\
# 抬头
name: 规则   # 名称
requirements:
  - {id: portal, name: 门户, kind: link, accept: [{host: www.p.test, path: root}]}

  - id: wechat   # 最重要
    name: 发布微信
    kind: qr
    labels: [发布, 微信]
    accept: []   # 待核定

  - id: weibo
    name: "发布微博"
    kind: qr
    labels: [发布, 微博]
    exhaustive: false
    accept:
      # 名单
      - weibo: {uid: "1999404300"}
        source: 名单
        verified: 2026-01-01
# 完
"""


RIGHT = "http://weixin.qq.com/r/RIGHT"


def write_rules(folder: Path) -> Path:
    path = folder / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path
