"""Charts of what was measured, as SVG files. Altair is a development dependency."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nlu.embedded.metrics import Bin
from nlu.engine import EngineError

_SIZE = 420
_MATRIX = 640


class ChartsMissing(EngineError):
    """Pictures were asked for and what draws them is not installed."""


def reliability(by_engine: Mapping[str, Iterable[Bin]], path: Path) -> None:
    """Accuracy against confidence, a line for each engine; on the diagonal it is as sure as right.

    Writes the file. Raises ChartsMissing, OSError.
    """
    alt = _altair()
    rows = [
        {"engine": name, "confidence": b.confidence, "accuracy": b.accuracy, "messages": b.count}
        for name, bins in by_engine.items()
        for b in bins
    ]
    unit = alt.Scale(domain=[0, 1])
    diagonal = (
        alt.Chart(alt.Data(values=[{"x": 0, "y": 0}, {"x": 1, "y": 1}]))
        .mark_line(strokeDash=[4, 4], color="grey")
        .encode(x="x:Q", y="y:Q")
    )
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("confidence:Q", scale=unit, title="confidence"),
        y=alt.Y("accuracy:Q", scale=unit, title="share that is right"),
        color=alt.Color("engine:N", sort=list(by_engine)),
    )
    points = base.mark_circle().encode(size=alt.Size("messages:Q", title="messages"))
    chart = diagonal + base.mark_line() + points
    _save(chart.properties(width=_SIZE, height=_SIZE), path)


def confusion(pairs: Sequence[tuple[tuple[str, str], int]], path: Path) -> None:
    """Mistakes as a matrix of labelled and given intents; intents without any are left out.

    Writes the file. Raises ChartsMissing, OSError.
    """
    alt = _altair()
    rows = [{"labelled": real, "given": given, "count": n} for (real, given), n in pairs]
    # The same order both ways, so that a pair confused both ways is seen as one.
    names = alt.Scale(domain=sorted({name for pair, _ in pairs for name in pair}))
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_rect()
        .encode(
            x=alt.X("given:N", scale=names, axis=alt.Axis(labelAngle=-60, labelLimit=200)),
            y=alt.Y("labelled:N", scale=names, axis=alt.Axis(labelLimit=200)),
            color=alt.Color("count:Q", title="messages", scale=alt.Scale(scheme="oranges")),
        )
    )
    numbers = chart.mark_text(fontSize=9).encode(text="count:Q", color=alt.value("black"))
    _save((chart + numbers).properties(width=_MATRIX, height=_MATRIX), path)


def curves(rows: Sequence[Mapping[str, Any]], titles: tuple[str, str, str], path: Path) -> None:
    """Lines through `x` and `y`, one for each `line`; `titles` are of x, y and the lines.

    Writes the file. Raises ChartsMissing, OSError.
    """
    alt = _altair()
    names = list(dict.fromkeys(str(row["line"]) for row in rows))
    chart = (
        alt.Chart(alt.Data(values=[dict(row) for row in rows]))
        .mark_line(point=True)
        .encode(
            x=alt.X("x:Q", title=titles[0], scale=alt.Scale(zero=False)),
            y=alt.Y("y:Q", title=titles[1], scale=alt.Scale(zero=False)),
            color=alt.Color("line:N", title=titles[2], sort=names),
        )
    )
    _save(chart.properties(width=_SIZE, height=_SIZE * 2 // 3), path)


def _altair() -> Any:
    try:
        import altair
        import vl_convert  # noqa: F401  # what altair saves with
    except ImportError as error:
        raise ChartsMissing(
            "pictures need altair and vl-convert-python: uv sync, or leave out --out"
        ) from error
    return altair


def _save(chart: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    chart.configure_view(stroke="lightgrey").properties(background="white").save(str(path))
