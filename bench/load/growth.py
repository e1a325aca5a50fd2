"""What a message costs as the database grows: filled in bulk to so many messages, then measured."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.load import report
from bench.load.compare import channels_of
from bench.load.measure import Crowd
from bench.load.programs import Fakes, congdanso, connect, fakes
from bench.reply import texts
from tests.process import with_model

_COLUMNS = (
    ("stored", "stored messages"),
    ("database_mb", "database MB"),
    ("start_s", "start s"),
    ("reply_p50", "reply p50 ms"),
    ("reply_p95", "p95"),
    ("rate", "sustained/s"),
    ("cpu_ms", "CPU ms a message"),
    ("rss_mb", "RSS MB"),
)
#: Messages of one person, and what a message that was handled and sent leaves behind.
_EACH = 20
_STATE = 400
_BATCH = 10_000
_CHATS = (
    "INSERT INTO chats (id, channel, external_id, is_group, state, state_version, next_seq,"
    " acked_seq, area, created_at, seen_at) VALUES (?, ?, ?, 0, ?, 20, 21, 20, '', ?, ?)"
)
_INBOX = (
    "INSERT INTO inbox (chat_id, source, external_id, received_at, handled_at, attempts)"
    " VALUES (?, ?, ?, ?, ?, 0)"
)
_OUTBOX = (
    "INSERT INTO outbox (chat_id, seq, priority, coalesce, status, attempts, uncertain,"
    " created_at, sent_at, external_id) VALUES (?, ?, 2, '', 'sent', 1, 0, ?, ?, ?)"
)
_QUESTIONS = (
    "INSERT INTO questions (id, chat_id, asked_at, channel, text, intent, confidence, outcome,"
    " guide_id, area, commune, province, topic)"
    " VALUES (?, ?, ?, ?, ?, 'qr_pay', 0.9, 'answered', 'qr_pay', '', '', '', 'qr_pay')"
)
_CHANNELS = ("telegram", "zalo_oa", "web")


async def run(folder: Path, sizes: list[int], rate: float, messages: int, burst: int) -> report.Row:
    """Fill, start, measure Telegram's path; at each size. Everything measured."""
    result: report.Row = {"machine": report.machine(), "rate": rate}
    rows: list[report.Row] = []
    var = with_model(folder / "var")
    with fakes(folder) as made:
        connect(made, var)
        for size in sorted(sizes):
            began = time.monotonic()
            fill(var / "congdanso.db", size)
            filled = time.monotonic() - began
            row = await _measured(made, var, rate, messages, burst)
            rows.append({"stored": size, "fill_s": filled} | row)
            print(report.table(rows[-1:], _COLUMNS).splitlines()[-1], flush=True)
    print(report.table(rows, _COLUMNS))
    return result | {"rows": rows}


async def _measured(
    made: Fakes, var: Path, rate: float, messages: int, burst: int
) -> dict[str, Any]:
    with congdanso(made, var) as target:
        crowd = Crowd(target, channels_of("telegram", made, target))
        await crowd.latency(60, rate)
        latency = (await crowd.latency(messages, rate)).row()
        sustained = (await crowd.sustained(texts(burst), 200)).row()
        kept = {name: latency[name] for name in ("reply_p50", "reply_p95", "reply_p99")}
        kept |= {name: sustained[name] for name in ("rate", "cpu_ms", "rss_mb")}
        return kept | {"start_s": target.start, "database_mb": target.database_mb()}


def fill(database: Path, size: int) -> None:
    """Bring a database to `size` messages in and as many out, as a year would leave them."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        there = int(connection.execute("SELECT count(*) FROM inbox").fetchone()[0])
        first = int(connection.execute("SELECT coalesce(max(id), 0) FROM chats").fetchone()[0]) + 1
        people = max(0, -(-(size - there) // _EACH))
        for begin in range(first, first + people, _BATCH // _EACH):
            end = min(begin + _BATCH // _EACH, first + people)
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_CHATS, _people(begin, end))
            connection.executemany(_INBOX, _taken(begin, end))
            connection.executemany(_OUTBOX, _sent(begin, end))
            connection.executemany(_QUESTIONS, _asked(begin, end))
            connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _moment(chat: int, number: int) -> str:
    """Spread over the last ninety days."""
    minutes = (chat * 7919 + number * 3) % (90 * 24 * 60)
    return (datetime.now(UTC) - timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M:%S.%f")


def _people(begin: int, end: int) -> Iterator[tuple[Any, ...]]:
    for chat in range(begin, end):
        when = _moment(chat, 0)
        name = f"filled-{chat}"
        yield chat, _CHANNELS[chat % 3], name, os.urandom(_STATE), when, when


def _taken(begin: int, end: int) -> Iterator[tuple[Any, ...]]:
    for chat in range(begin, end):
        for number in range(_EACH):
            when = _moment(chat, number)
            yield chat, _CHANNELS[chat % 3], f"filled-{chat}-{number}", when, when


def _sent(begin: int, end: int) -> Iterator[tuple[Any, ...]]:
    for chat in range(begin, end):
        for number in range(1, _EACH + 1):
            when = _moment(chat, number)
            yield chat, number, when, when, f"{chat * _EACH + number}"


def _asked(begin: int, end: int) -> Iterator[tuple[Any, ...]]:
    """Every fourth message is a question; their ids are those of events long gone."""
    for chat in range(begin, end):
        for number in range(0, _EACH, 4):
            asked = -(chat * _EACH + number)
            text = f"lam sao quet ma tra tien lan {number}"
            yield asked, chat, _moment(chat, number), _CHANNELS[chat % 3], text
