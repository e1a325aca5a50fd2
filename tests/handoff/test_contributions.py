"""What members did, and how long citizens waited: sums over plain rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.tickets import Rung, TicketOutcome
from bot.domain.work import Finished, Passage, Taken, Visited, Worker
from bot.handoff.contributions import By, Spread, contributions, spread, times

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 18, 5, tzinfo=UTC)
HOA = Worker(1, "m-1", "Hoa", "Tổ B", Rung.HAMLET)
AN = Worker(2, "m-2", "An", "Tổ B", Rung.HAMLET)
LAN = Worker(3, "", "Lan", "Tổ A", Rung.COMMUNE)
IDLE = Worker(4, "", "Rảnh", "Tổ A", Rung.COMMUNE)


def test_each_member_gets_what_is_theirs() -> None:
    found = contributions(
        [HOA, AN, LAN, IDLE],
        [
            Taken(1, 10),
            Taken(1, 10),
            Taken(1, 11),
            Finished(1, TicketOutcome.SOLVED, 5),
            Finished(1, TicketOutcome.NOT_REACHABLE, None),
            Finished(1, TicketOutcome.SOLVED_AT_HOME, 4),
            Visited(1, 90),
            Visited(1, None),
            Visited(2, 45),
            Taken(3, 12),
            Taken(99, 13),
        ],
    )
    # By team, then name; who did nothing and who is unknown are not in it.
    assert [each.worker for each in found] == [LAN, AN, HOA]
    hoa = found[2]
    assert (hoa.taken, hoa.closed, hoa.solved) == (2, 3, 2)
    assert (hoa.visits, hoa.visits_untimed, hoa.minutes, hoa.hours) == (2, 1, 90, 1.5)
    assert hoa.rating == 4.5
    assert (found[1].hours, found[1].rating, found[1].closed) == (0.75, None, 0)
    assert contributions([HOA], []) == ()


def test_hours_are_rounded_once() -> None:
    """Three visits of twenty minutes are an hour, not 3 x 0.33."""
    (found,) = contributions([HOA], [Visited(1, 20)] * 3)
    assert found.hours == 1.0


def passage(
    locality: str = "96.32083.rach-goc",
    member: int | None = 1,
    reply: float | None = 1,
    closed: float | None = 2,
) -> Passage:
    return Passage(
        locality,
        member,
        NOON,
        None if reply is None else NOON + reply * HOUR,
        None if closed is None else NOON + closed * HOUR,
    )


def test_times_of_hamlets_communes_and_members() -> None:
    rows = [
        passage(),
        passage("96.32083.rach-goc", 2, 3, None),
        passage("96.32083.hoc-nang", 1, None, None),
        passage("96.32083", None),
        passage("96", None),
        passage("", 1),
    ]
    hamlets = {each.key: each.tickets for each in times(rows, By.HAMLET)}
    assert hamlets == {"": 3, "96.32083.hoc-nang": 1, "96.32083.rach-goc": 2}
    communes = {each.key: each for each in times(rows, By.COMMUNE)}
    assert {key: each.tickets for key, each in communes.items()} == {"": 2, "96.32083": 4}
    assert communes["96.32083"].first_reply == Spread(3, HOUR, 3 * HOUR)
    assert communes["96.32083"].resolution == Spread(2, 2 * HOUR, 2 * HOUR)
    assert {each.key: each.tickets for each in times(rows, By.MEMBER)} == {"": 2, "1": 3, "2": 1}
    assert times([], By.MEMBER) == ()


@pytest.mark.parametrize(
    ("hours", "middle", "p90"),
    [
        ([], None, None),
        ([5], 5, 5),
        ([1, 3], 2, 3),
        ([3, 1, 2], 2, 3),
        (list(range(1, 11)), 5.5, 9),
        (list(range(1, 101)), 50.5, 90),
        ([-4, 1], 0.5, 1),
    ],
)
def test_spread(hours: list[float], middle: float | None, p90: float | None) -> None:
    found = spread([hour * HOUR for hour in hours])
    assert found.count == len(hours)
    assert found.median == (None if middle is None else middle * HOUR)
    assert found.p90 == (None if p90 is None else p90 * HOUR)


@given(st.lists(st.timedeltas(timedelta(0), timedelta(days=30)), min_size=1))
def test_nine_in_ten_were_within_the_p90(spans: list[timedelta]) -> None:
    found = spread(spans)
    assert found.p90 is not None
    assert found.median is not None
    assert sum(span <= found.p90 for span in spans) >= 0.9 * len(spans)
    assert sum(span < found.p90 for span in spans) < 0.9 * len(spans)
    assert min(spans) <= found.median <= found.p90 or len(spans) < 2
