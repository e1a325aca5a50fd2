"""When a member is away, in their own words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.schedule.availability import Availability, read_availability
from bot.schedule.visit_time import FURTHEST
from bot.schedule.zone import ICT, local

#: A Wednesday in November, ten in the morning.
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=ICT)


def said(found: Availability | None) -> str:
    """The way the tables say it: "free", a problem, "until" or "since > until"."""
    if found is None:
        return "nothing"
    if found.free or found.problem:
        assert found.until is None
        return found.problem or "free"
    assert found.until is not None
    until = f"{local(found.until):%d/%m %H:%M}"
    return until if found.since is None else f"{local(found.since):%d/%m %H:%M} > {until}"


FREE = """
rảnh | rảnh rồi | tôi rảnh | toi ranh roi | em rảnh rỗi | hết bận | het ban roi | không bận
khong ban nua | ko bận | rảnh hôm nay | rảnh sáng nay | xong bận
"""

AWAY = """
bận đến thứ hai | 23/11 00:00
ban den thu hai | 23/11 00:00
bận 2 ngày | 20/11 10:00
bận hai ngày | 20/11 10:00
bận tới 17h | 18/11 17:00
ban toi 17h | 18/11 17:00
bận tuần này | 23/11 00:00
ban tuan nay | 23/11 00:00
bận đến 15/12 | 15/12 00:00
ban den 15-12 | 15/12 00:00
tôi bận | 19/11 00:00
toi ban | 19/11 00:00
tôi bận rồi bác ơi | 19/11 00:00
không rảnh | 19/11 00:00
chưa rảnh | 19/11 00:00
bận đến hết thứ hai | 24/11 00:00
bận đến hết 15/12 | 16/12 00:00
bận hết tuần | 23/11 00:00
bận cả tuần | 23/11 00:00
bận suốt tuần này | 23/11 00:00
bận tới cuối tuần | 21/11 00:00
bận cuối tuần | 21/11 00:00 > 23/11 00:00
bận tuần sau | 23/11 00:00 > 30/11 00:00
bận đến tuần sau | 23/11 00:00
ban toi tuan sau | 23/11 00:00
bận 3 tiếng | 18/11 13:00
bận 3h | 18/11 13:00
bận 17h | 18/11 17:00
bận 30 phút | 18/11 10:30
bận nửa tiếng | 18/11 10:30
bận 1 tiếng rưỡi | 18/11 11:30
bận nửa ngày | 18/11 22:00
bận 1 tuần | 25/11 10:00
bận hai tuần | 02/12 10:00
bận một tháng | 18/12 10:00
bận tháng này | 01/12 00:00
bận đến hết tháng | 01/12 00:00
bận đến tháng sau | 01/12 00:00
bận tháng sau | 01/12 00:00 > 01/01 00:00
bận hôm nay | 19/11 00:00
bận sáng nay | 18/11 12:00
bận chiều nay | 18/11 13:00 > 18/11 18:00
bận tối nay | 18/11 18:00 > 18/11 22:00
ban toi nay | 18/11 18:00 > 18/11 22:00
bận mai | 19/11 00:00 > 20/11 00:00
mai tôi bận | 19/11 00:00 > 20/11 00:00
bận sáng mai | 19/11 06:00 > 19/11 12:00
bận đến sáng mai | 19/11 06:00
bận tới tối | 18/11 18:00
ban toi toi | 18/11 18:00
bận đến trưa | 18/11 11:00
em bận việc nhà đến chiều | 18/11 13:00
bận đến 5h | 18/11 17:00
bận đến 7h sáng | 19/11 07:00
bận đến 8h mai | 19/11 08:00
bận đến 3h mai | 19/11 15:00
bận đến 7 giờ tối mai | 19/11 19:00
bận từ 8h đến 10h mai | 19/11 08:00 > 19/11 10:00
bận 14h-16h | 18/11 14:00 > 18/11 16:00
mai bận đến 10h | 19/11 10:00
thứ hai bận tới chiều | 23/11 13:00
bận từ thứ hai đến thứ tư | 23/11 00:00 > 26/11 00:00
bận từ thứ năm đến thứ ba tuần sau | 19/11 00:00 > 25/11 00:00
bận từ 20/11 đến 25/11 | 20/11 00:00 > 26/11 00:00
bận thứ bảy chủ nhật | 21/11 00:00 > 23/11 00:00
bận tới thứ 7 tuần sau | 28/11 00:00
bận đến thứ tư | 25/11 00:00
bận đến mốt | 20/11 00:00
bận đến ngày 25 | 25/11 00:00
bận đến 15/1 | 15/01 00:00
nghỉ đến thứ 6 | 20/11 00:00
nghỉ 3 ngày | 21/11 10:00
tôi đi vắng 2 hôm | 20/11 10:00
rảnh từ 17h | 18/11 17:00
rảnh sau 5h chiều | 18/11 17:00
rảnh tối nay | 18/11 18:00
thứ hai mới rảnh | 23/11 00:00
"""

WRONG = """
bận đến 10/11 | past
bận đến hôm qua | past
bận đến 31/2 | no_such_day
bận đến 15/12/2030 | too_far
bận 90 tuần | too_far
bận qua tết | lunar
bận đến rằm | lunar
bận vài ngày | unclear
bận mấy hôm | unclear
bận 100 năm | unclear
bận đến khi khỏe | unclear
bận 25h | no_such_hour
bận đến 13h sáng | no_such_hour
"""

NEITHER = ["", "chào bạn", "tôi bán cá", "ai rồi", "9h", "đến thứ hai", "/phieu 12", "vâng"]


def rows(table: str) -> list[tuple[str, str]]:
    """(text, meaning) of a table."""
    pairs = (line.split(" | ") for line in table.strip().splitlines())
    return [(text, meant) for text, meant in pairs]


@pytest.mark.parametrize(("text", "meant"), [*rows(AWAY), *rows(WRONG)])
def test_what_a_member_types(text: str, meant: str) -> None:
    assert said(read_availability(text, NOW)) == meant


@pytest.mark.parametrize("text", FREE.replace("\n", " | ").strip(" |").split(" | "))
def test_free(text: str) -> None:
    assert said(read_availability(text, NOW)) == "free"


@pytest.mark.parametrize("text", NEITHER)
def test_neither_free_nor_busy(text: str) -> None:
    assert read_availability(text, NOW) is None


@pytest.mark.parametrize(
    ("text", "now", "meant"),
    [
        ("bận", "2026-11-18 20:59", "19/11 00:00"),
        ("bận", "2026-11-18 21:00", "20/11 00:00"),
        ("bận tới 17h", "2026-11-18 18:00", "19/11 17:00"),
        ("bận đến 5h", "2026-11-18 18:00", "19/11 05:00"),
        ("bận tuần này", "2026-11-22 20:00", "23/11 00:00"),
        ("bận đến thứ hai", "2026-11-23 08:00", "30/11 00:00"),
        ("bận tháng sau", "2026-12-15 08:00", "01/01 00:00 > 01/02 00:00"),
        ("bận sáng nay", "2026-11-18 13:00", "past"),
        ("rảnh sáng nay", "2026-11-18 05:00", "18/11 06:00"),
        ("bận hôm nay", "2028-02-29 08:00", "01/03 00:00"),
    ],
)
def test_it_depends_on_the_moment(text: str, now: str, meant: str) -> None:
    assert said(read_availability(text, datetime.fromisoformat(now).replace(tzinfo=ICT))) == meant


_WORDS = sorted({word for text, _ in (*rows(AWAY), *rows(WRONG)) for word in text.split()})


@given(
    st.lists(st.sampled_from(_WORDS), max_size=8).map(" ".join) | st.text(max_size=60),
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
)
def test_nobody_is_ever_away_until_the_past(text: str, now: datetime) -> None:
    found = read_availability(f"bận {text}", now)
    assert found is not None
    said(found)
    if found.until is not None:
        assert now < found.until <= now + FURTHEST
        assert found.since is None or now < found.since < found.until
