"""Services that only count visitors are told from scripts that show something."""

from __future__ import annotations

from ycaudit.model import Target, ThirdParty
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.third_parties import ThirdParties


def test_only_the_plain_loader_of_a_counting_service_is_taken_for_one() -> None:
    loader = """var _hmt = _hmt || [];
    (function() { var hm = document.createElement("script");
      hm.src = "https://hm.baidu.com/hm.js?0123";
      var s = document.getElementsByTagName("script")[0];
      s.parentNode.insertBefore(hm, s); })();"""
    parties = ThirdParties()
    assert parties.is_loader(loader)
    assert not parties.is_loader(loader + "document.write('x')")
    assert not parties.is_loader(loader.replace("hm.baidu.com", "hm.baidu.com.evil.test"))


def test_a_city_adds_its_own() -> None:
    badge = ThirdParty(name="本市找错", hosts=("*.zc.test",), shows="badge", source="t")
    parties = ThirdParties((badge,))
    assert parties.shows_nothing("https://js.zc.test/x.js")
    assert not parties.shows_nothing("https://zc.test.evil.test/x.js")
    assert not parties.counts("https://js.zc.test/x.js")
    assert not ThirdParties().shows_nothing("https://js.zc.test/x.js")


def test_a_badge_that_the_rules_ask_for_is_no_service_that_shows_nothing() -> None:
    badge = "https://dcs.conac.cn/js/1.js"
    other = "https://zfwzgl.www.gov.cn/exposure/1.js"
    asked = LinkRequirement(
        id="i", name="标识", kind="link", accept=[{"host": "bszs.conac.cn", "path": "/sitename"}]
    )
    target = Target(id="u", name="u", url="http://u.test/")
    found = Unit(target=target, requirements=(asked,)).third_parties
    assert not found.shows_nothing(badge), "its loss may have hidden the link"
    assert found.shows_nothing(other)
    assert Unit(target=target, requirements=()).third_parties.shows_nothing(badge)
