"""What was measured, as a table, and as a JSON file."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Row = dict[str, Any]
_TABLE = (
    ("server", "server"),
    ("channel", "channel"),
    ("kind", "kind"),
    ("messages", "messages"),
    ("rate", "messages/s"),
    ("reply_p50", "reply p50 ms"),
    ("reply_p95", "p95"),
    ("reply_p99", "p99"),
    ("acknowledged_p50", "webhook answered p50 ms"),
    ("acknowledged_p95", "p95"),
    ("acknowledged_max", "max"),
    ("cpu_ms", "CPU ms a message"),
    ("rss_mb", "RSS MB"),
)


def machine() -> Row:
    """Where and when."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "cores": os.cpu_count(),
        "load_before": [round(value, 2) for value in os.getloadavg()],
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def table(rows: Sequence[Row], columns: Iterable[tuple[str, str]] = _TABLE) -> str:
    """Rows as a Markdown table; a column that no row has is left out."""
    used = [(key, title) for key, title in columns if any(r.get(key) is not None for r in rows)]
    lines = ["| " + " | ".join(title for _, title in used) + " |"]
    lines.append("|" + "---|" * len(used))
    for row in rows:
        lines.append("| " + " | ".join(_cell(row.get(key)) for key, _ in used) + " |")
    return "\n".join(lines)


def ratios(rows: Sequence[Row], kind: str, channel: str, other: str) -> list[tuple[float, float]]:
    """Round by round: congdanso's rate against the other's, and the other's CPU against its own."""

    def of(server: str) -> list[Row]:
        wanted = (server, channel, kind)
        return [r for r in rows if (r["server"], r["channel"], r["kind"]) == wanted]

    return [
        (mine["rate"] / theirs["rate"], theirs["cpu_ms"] / mine["cpu_ms"])
        for mine, theirs in zip(of("congdanso"), of(other), strict=False)
    ]


def write(path: Path, result: Row) -> None:
    """The JSON file; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}"
    return "" if value is None else str(value)
