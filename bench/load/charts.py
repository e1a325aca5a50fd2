"""Charts of what was measured, as PNG files. Altair is a development dependency."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt

from bench.load.report import Row
from tests.screenshots import small

_WIDTH, _HEIGHT = 420, 220
_SHARES = ("p50", "p95", "p99")


def draw(result: Row, folder: Path) -> list[Path]:
    """The pictures that a result of any of the three kinds gives; their files."""
    rows: Sequence[Row] = result["rows"]
    folder.mkdir(parents=True, exist_ok=True)
    if rows and "stored" in rows[0]:
        return [_save(_growth(rows), folder / "load-growth.png")]
    if rows and "minute" in rows[0]:
        return [_save(_soak(rows), folder / "load-soak.png")]
    return [
        _save(_latency(rows), folder / "load-latency.png"),
        _save(_rates(rows), folder / "load-rates.png"),
    ]


def _latency(rows: Sequence[Row]) -> Any:
    """Bars by server and channel; rounds of one kind are shown by their middle."""
    values = [
        {"what": f"{row['server']}, {row['channel']}", "share": share, "ms": row[f"reply_{share}"]}
        for row in rows
        if row["kind"] == "latency"
        for share in _SHARES
    ]
    return (
        alt.Chart(_data(values))
        .mark_bar()
        .encode(
            x=alt.X("median(ms):Q", title="milliseconds from the webhook to the outgoing message"),
            y=alt.Y("share:N", title=None),
            color=alt.Color("share:N", legend=None),
            row=alt.Row("what:N", title=None, header=alt.Header(labelAngle=0, labelAlign="left")),
        )
        .properties(width=_WIDTH)
    )


def _rates(rows: Sequence[Row]) -> Any:
    values = [
        {"what": f"{row['server']}, {row['channel']}", "rate": row["rate"]}
        for row in rows
        if row["kind"] == "sustained"
    ]
    base = alt.Chart(_data(values)).encode(y=alt.Y("what:N", title=None))
    bars = base.mark_bar(opacity=0.4).encode(
        x=alt.X("median(rate):Q", title="messages a second, sustained (each round a point)")
    )
    points = base.mark_circle(color="black").encode(x="rate:Q")
    return (bars + points).properties(width=_WIDTH)


def _growth(rows: Sequence[Row]) -> Any:
    titles = (
        ("cpu_ms", "CPU ms a message"),
        ("reply_p50", "reply p50 ms"),
        ("reply_p95", "reply p95 ms"),
        ("database_mb", "database MB"),
    )
    return alt.vconcat(*(_line(rows, "stored", "messages stored", *each) for each in titles))


def _soak(rows: Sequence[Row]) -> Any:
    titles = (
        ("rss_mb", "resident memory MB"),
        ("reply_p95", "reply p95 ms"),
    )
    return alt.vconcat(*(_line(rows, "minute", "minute", *each) for each in titles))


def _line(rows: Sequence[Row], x: str, x_title: str, name: str, title: str) -> Any:
    values = [{"x": row[x], "y": row[name]} for row in rows]
    sizes = x == "stored"
    scale = alt.Scale(type="log" if sizes else "linear")
    axis = alt.Axis(values=[row[x] for row in rows]) if sizes else alt.Undefined
    return (
        alt.Chart(_data(values))
        .mark_line(point=True)
        .encode(
            x=alt.X("x:Q", title=x_title, scale=scale, axis=axis),
            y=alt.Y("y:Q", title=title, scale=alt.Scale(domainMin=0)),
        )
        .properties(width=_WIDTH, height=_HEIGHT // 2)
    )


def _data(values: list[dict[str, Any]]) -> Any:
    # Altair's classes of data are not annotated.
    made: Any = alt.Data
    return made(values=values)


def _save(chart: Any, path: Path) -> Path:
    chart.configure_view(stroke="lightgrey").properties(background="white").save(
        str(path), scale_factor=2
    )
    path.write_bytes(small(path.read_bytes()))
    return path
