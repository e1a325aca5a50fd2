"""What people write in the load bench: conversations as they are really typed.

A number takes the choice of that number, on every channel. Each line is answered at least once.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

#: (how often, what is typed one after the other).
TALKS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (6, ("chào em", "cách trả tiền bằng mã QR", "tiếp", "xong", "làm xong rồi", "tiep")),
    (6, ("wuet ma tra tien kieu gi", "tiep", "chua duoc", "1", "tiếp", "thôi")),
    (5, ("lam dinh danh muc 2 o dau", "1", "tiếp", "tiếp", "quay lại", "nhắc lại")),
    (5, ("kích hoạt VNeID", "tiếp", "chưa được", "2", "xong", "tiếp")),
    (4, ("bị lừa chuyển tiền rồi", "1", "tiếp", "tiếp", "cảm ơn em")),
    (4, ("https://vneid-capnhat.top/dang-nhap", "có an toàn không", "chào em")),
    (3, ("link này https://dichvucong.gov.vn có đúng không", "cảm ơn", "nộp hồ sơ qua mạng")),
    (3, ("co nguoi goi bao toi no tien dien", "lam sao bay gio", "1")),
    (3, ("chuyển nhầm tiền cho người ta", "tiếp", "tiếp", "chưa được", "1")),
    (3, ("chuyển tiền quét mã tài khoản", "1", "tiếp", "thôi", "giá vàng hôm nay bao nhiêu")),
    (2, ("quen mat khau vneid", "1", "tiếp", "xong", "cam on nhieu nha")),
    (2, ("dt cu cai duoc vneid ko", "1", "2", "1")),
    (2, ("công dân số là gì", "1", "chào em")),
    (1, ("ờ", "không hiểu", "menu", "3", "tiếp")),
)


def talk(seed: int) -> Iterator[str]:
    """What one person writes, without end."""
    dice = random.Random(seed)
    weights = [often for often, _ in TALKS]
    while True:
        yield from dice.choices(TALKS, weights)[0][1]
