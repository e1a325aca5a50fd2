"""Links in texts, as they are typed and as they are hidden."""

from __future__ import annotations

import pytest

from bot.safety.links.extract import find_links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("vào hxxps://evil[.]com/a nhé", ["https://evil.com/a"]),
        ("hxxp : // evil . com/a", ["http://evil.com/a"]),
        ("vietcombank . xyz", ["vietcombank.xyz"]),
        ("vietcombank .xyz nha", ["vietcombank.xyz"]),
        ("vietcombank. xyz", ["vietcombank.xyz"]),
        ("vietcombank,com", ["vietcombank.com"]),
        ("abc(dot)com", ["abc.com"]),
        ("vietcombank chấm com", ["vietcombank.com"]),
        ("dichvucong . gov . vn", ["dichvucong.gov.vn"]),
        ("ｖｉｅｔｃｏｍｂａｎｋ．ｘｙｚ", ["vietcombank.xyz"]),
        ("viet\u200bcom\u00adbank.xyz", ["vietcombank.xyz"]),
        ("h t t p s://abc.top/x", ["https://abc.top/x"]),
        ("http:\\\\evil.com", ["http://evil.com"]),
        ("t.me/abc, zalo.me/09", ["t.me/abc", "zalo.me/09"]),
        ("vietcombank.com.vn@evil.xyz/login", ["vietcombank.com.vn@evil.xyz/login"]),
        ("192.168.1.1/admin", ["192.168.1.1/admin"]),
        ("https://2130706433/", ["https://2130706433/"]),
        ("xem tại https://a.vn/b(c).", ["https://a.vn/b(c)"]),
        ("(https://a.com/x)!", ["https://a.com/x"]),
        ("garena.vn,shopee.vn và tiki.vn.", ["garena.vn", "shopee.vn", "tiki.vn"]),
        ("TÔI ĐI VIETCOMBANK.COM.VN", ["VIETCOMBANK.COM.VN"]),
        ("ngânhàngsố.com", ["ngânhàngsố.com"]),
        ("momo.vn momo.vn", ["momo.vn"]),
    ],
)
def test_found(text: str, links: list[str]) -> None:
    assert find_links(text, 50) == (links, 0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "chào bác",
        "xong.Em về",
        "rồi.ai biết",
        "roi.ai biet",
        "di cho.me toi",
        "hội.an đẹp",
        "toi vao ngan hang. com chua chin",
        "nguyen.van.a@gmail.com",
        "ngày 12.10.2024 lúc 8.30",
        "1.234.567đ",
        "file.zip và don.doc",
        "10.2.3.4",
        "v.v...",
        "mailto:a@b.vn",
    ],
)
def test_no_link(text: str) -> None:
    assert find_links(text, 50) == ([], 0)


def test_many_links_are_counted_and_cut() -> None:
    text = " ".join(f"a{n}.com" for n in range(500))
    links, more = find_links(text, 50)
    assert len(links) == 50
    assert more == 450
