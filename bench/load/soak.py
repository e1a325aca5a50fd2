"""A steady mix of all channels: what the program holds in memory, and how fast it is, by minute."""

from __future__ import annotations

import time
from pathlib import Path

from bench.load import report
from bench.load.compare import channels_of
from bench.load.measure import Crowd
from bench.load.programs import congdanso, fakes

_PER_MINUTE = 60.0
_WARM = 100
_COLUMNS = (
    ("minute", "minute"),
    ("messages", "messages so far"),
    ("rate", "messages/s"),
    ("reply_p50", "reply p50 ms"),
    ("reply_p95", "p95"),
    ("reply_p99", "p99"),
    ("cpu_ms", "CPU ms a message"),
    ("rss_mb", "RSS MB"),
    ("database_mb", "database MB"),
)


async def run(folder: Path, minutes: float, rate: float) -> report.Row:
    """Measure each minute; everything measured. New people come in every minute."""
    result: report.Row = {"machine": report.machine(), "rate": rate}
    rows: list[report.Row] = []
    told = 0
    with fakes(folder) as made, congdanso(made, folder / "var") as target:
        result["start_s"], result["start_rss_mb"] = target.start, target.rss_mb()
        await Crowd(target, channels_of("telegram", made, target)).latency(_WARM, rate)
        ends = time.monotonic() + minutes * _PER_MINUTE
        while (left := ends - time.monotonic()) > 0:
            channels = channels_of("mix", made, target)
            seconds = max(1.0, min(_PER_MINUTE, left))
            figures = await Crowd(target, channels, "mix").latency(round(rate * seconds), rate)
            for channel in channels:
                await channel.close()
            told += figures.messages
            row = figures.row() | {"minute": len(rows) + 1, "messages": told}
            rows.append(row | {"database_mb": target.database_mb()})
            print(report.table(rows[-1:], _COLUMNS).splitlines()[-1], flush=True)
    result["rows"] = rows
    result["growth_mb_a_minute"] = slope([row["rss_mb"] for row in rows])
    print(report.table(rows, _COLUMNS))
    print(f"memory grows by {result['growth_mb_a_minute']:.2f} MB a minute in the second half")
    return result


def slope(values: list[float]) -> float:
    """What the second half of the values rises by, each time, by least squares."""
    later = values[len(values) // 2 :]
    middle = (len(later) - 1) / 2
    spread = sum((n - middle) ** 2 for n in range(len(later)))
    return sum((n - middle) * v for n, v in enumerate(later)) / spread if spread else 0.0
