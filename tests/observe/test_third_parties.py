"""Services that only count visitors are told from scripts that show something."""

from __future__ import annotations

from ycaudit.observe.third_parties import is_loader


def test_only_the_plain_loader_of_a_counting_service_is_taken_for_one() -> None:
    loader = """var _hmt = _hmt || [];
    (function() { var hm = document.createElement("script");
      hm.src = "https://hm.baidu.com/hm.js?0123";
      var s = document.getElementsByTagName("script")[0];
      s.parentNode.insertBefore(hm, s); })();"""
    assert is_loader(loader)
    assert not is_loader(loader + "document.write('x')")
    assert not is_loader(loader.replace("hm.baidu.com", "hm.baidu.com.evil.test"))
