"""The load bench at small size: three channels at once, nothing lost, order kept; its tables."""

from __future__ import annotations

import asyncio
import itertools
import re
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from bench.load import charts, compare, growth, report, soak
from bench.load.channels import text_of
from bench.load.compare import Plan, channels_of
from bench.load.measure import Crowd
from bench.load.programs import congdanso, fakes
from tests.process import with_model

pytestmark = pytest.mark.faults

_NUMBER = re.compile(r"không có số (\d+)")
_PEOPLE = 40
_FIRST = 11
_EACH = 5
_TELEGRAM_ONLY = ("telegram",)


def test_200_messages_of_three_channels_are_answered_once_and_in_order(tmp_path: Path) -> None:
    """Whoever was offered choices and types a number beyond them is told that very number."""
    told = asyncio.run(_numbered(tmp_path))
    wanted = [str(_FIRST + n) for n in range(_EACH)]
    assert len(told) == _PEOPLE
    wrong = {who: said for who, said in told.items() if said != wanted}
    assert not wrong, wrong
    with closing(sqlite3.connect(tmp_path / "var" / "congdanso.db")) as connection:
        left = dict(connection.execute("SELECT status, count(*) FROM outbox GROUP BY status"))
        waiting = connection.execute("SELECT count(*) FROM inbox WHERE handled_at IS NULL")
        assert waiting.fetchone() == (0,)
    assert set(left) <= {"sent", "pending"}, "nothing failed; pages may not have acknowledged yet"


async def _numbered(folder: Path) -> dict[str, list[str]]:
    """The numbers that each person was told, in the order they were told."""
    with fakes(folder) as made, congdanso(made, folder / "var") as target:
        channels = channels_of("mix", made, target)
        crowd = Crowd(target, channels, "mix")
        people = await crowd.people(_PEOPLE)
        await crowd.say(people, ["chào em"] * _PEOPLE)
        texts = [str(_FIRST + n) for n in range(_EACH) for _ in range(_PEOPLE)]
        figures = await crowd.say(people, texts)
        assert figures.messages == _PEOPLE * _EACH
        heard = {
            who: [text_of(text) for text in channel.heard([who])[who].texts]
            for who, channel in people
        }
        for channel in channels:
            await channel.close()
    assert Counter(channel.name for _, channel in people) == {"telegram": 14, "zalo": 13, "web": 13}
    return {
        who: list(itertools.chain.from_iterable(_NUMBER.findall(text) for text in said))
        for who, said in heard.items()
    }


def test_the_bench_measures_two_servers_in_turn(tmp_path: Path) -> None:
    plan = Plan(1, 20.0, 20, 40, 10, 10, _TELEGRAM_ONLY)
    result = asyncio.run(compare.run(tmp_path, plan))
    assert [row["server"] for row in result["rows"]] == ["echo", "echo", "congdanso", "congdanso"]
    assert all(row["rate"] > 0 for row in result["rows"])
    assert all(row["reply_p95"] > 0 for row in result["rows"] if row["kind"] == "latency")
    ((rate, cpu),) = report.ratios(result["rows"], "sustained", "telegram", "echo")
    assert rate > 0
    assert cpu > 0
    drawn = charts.draw(result, tmp_path / "charts")
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in drawn)


def test_a_filled_database_is_what_it_says(tmp_path: Path) -> None:
    result = asyncio.run(growth.run(tmp_path, [2000], 20.0, 20, 40))
    (row,) = result["rows"]
    assert row["stored"] == 2000
    assert row["database_mb"] > 0
    with closing(sqlite3.connect(with_model(tmp_path / "var") / "congdanso.db")) as connection:
        kept = connection.execute("SELECT count(*) FROM inbox WHERE external_id LIKE 'filled%'")
        assert kept.fetchone() == (2000,)
    assert charts.draw(result, tmp_path)[0].name == "load-growth.png"


def test_a_soak_is_told_by_the_minute(tmp_path: Path) -> None:
    result = asyncio.run(soak.run(tmp_path, 0.05, 10.0))
    assert result["rows"][0]["minute"] == 1
    assert result["rows"][0]["rss_mb"] > 0


@pytest.mark.parametrize(
    ("values", "rise"), [([5.0, 1.0, 2.0, 3.0], 1.0), ([1.0, 2.0, 2.0], 0.0), ([1.0], 0.0)]
)
def test_the_second_half_says_whether_memory_grows(values: list[float], rise: float) -> None:
    assert soak.slope(values) == pytest.approx(rise)
