"""Charts as SVG inside the page: pygal draws, `pages.css` gives colours and letters.

The console's Content-Security-Policy allows no style or script inside a page, so what pygal brings
of both is taken out; the colours are those of the style sheet, in dark mode and on paper too. A
chart is a picture with a name: its numbers, with their links, stand in a table beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup

from bot.weblib.words import number

_SVG = "http://www.w3.org/2000/svg"
_WIDTH, _HEIGHT, _ROW = 420, 250, 34
#: As many labels of the axis as find room side by side on a phone.
_LABELS_MOST = 6
_LETTERS_MOST = 24
#: As many colours as `pages.css` tells apart.
SERIES_MOST = 6
_DROPPED = frozenset({"defs", "script", "style", "desc", "title"})
_DROPPED_PARTS = ("titles", "legends", "tooltip-overlay")

ElementTree.register_namespace("", _SVG)


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one colour of bars; None is a gap (a number that is not shown)."""

    name: str
    values: Sequence[float | None]


def _pygal() -> Any:
    """pygal, imported where it is used; without the finder that it leaves among the importers.

    That one has the form of Python 2 (`find_module` alone), finds plug-ins nobody installed, and
    breaks whatever asks the importers directly, as pytest does.
    """
    import pygal

    sys.meta_path[:] = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]
    return pygal


def line(title: str, labels: Sequence[str], series: Sequence[Series]) -> Markup:
    """Lines over time, one for each series, from zero up."""
    pygal = _pygal()
    chart = pygal.Line(dots_size=3, show_dots=len(labels) <= 62, **_settings(len(labels)))
    return _figure(chart, title, labels, series)


def stacked(title: str, labels: Sequence[str], series: Sequence[Series]) -> Markup:
    """Bars over time, the series on top of each other."""
    pygal = _pygal()

    return _figure(pygal.StackedBar(**_settings(len(labels))), title, labels, series)


def bars(title: str, labels: Sequence[str], values: Sequence[float | None]) -> Markup:
    """Lying bars, the first on top, for names that need room; long ones are cut (the table has
    them whole)."""
    pygal = _pygal()

    settings = _settings(len(labels), height=60 + _ROW * len(labels))
    chart = pygal.HorizontalBar(**{**settings, "x_labels_major_every": 1})
    shown = [_short(label) for label in labels]
    return _figure(chart, title, shown[::-1], [Series("", list(values)[::-1])])


def share(part: float, whole: float) -> Markup:
    """A small bar for a cell of a table: `part` of `whole`."""
    width = 0 if whole <= 0 else max(0.0, min(100.0, 100 * part / whole))
    return Markup(
        '<svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" '
        'focusable="false"><rect class="all" width="100" height="10"/>'
        '<rect class="part" width="{}" height="10"/></svg>'
    ).format(f"{width:.1f}")


def _settings(labels: int, height: int = _HEIGHT) -> dict[str, Any]:
    return {
        "width": _WIDTH,
        "height": height,
        "js": [],
        "css": [],
        "disable_xml_declaration": True,
        "show_legend": False,
        "include_x_axis": True,
        "margin": 6,
        "min_scale": 2,
        "max_scale": 5,
        "truncate_label": -1,
        "x_label_rotation": 0,
        "formatter": lambda value: "" if value is None else number(value),
        "no_data_text": "Chưa có số liệu",
        "x_labels_major_every": max(1, -(-labels // _LABELS_MOST)),
        "show_minor_x_labels": False,
        "style": _style(),
    }


def _style() -> Any:
    """What pygal measures its margins by; the page's own letters are as large."""
    style = _pygal().style
    return style.Style(label_font_size=15, major_label_font_size=15, value_font_size=15)


def _figure(chart: Any, title: str, labels: Sequence[str], series: Sequence[Series]) -> Markup:
    if len(series) > SERIES_MOST:
        raise ValueError(f"a chart of {len(series)} series: {SERIES_MOST} can be told apart")
    chart.x_labels = list(labels)
    if not any(value for each in series for value in each.values):
        chart.range = (0, 1)
    for each in series:
        chart.add(each.name, list(each.values))
    drawn = Markup(_cleaned(chart.render(), title))
    caption = Markup("<figcaption>{}</figcaption>").format(title)
    return Markup('<figure class="chart">{}{}{}</figure>').format(caption, _legend(series), drawn)


def _legend(series: Sequence[Series]) -> Markup:
    if len(series) < 2:
        return Markup()
    items = Markup().join(
        Markup('<li class="color-{}">{}</li>').format(number, each.name)
        for number, each in enumerate(series)
    )
    return Markup('<ul class="legend">{}</ul>').format(items)


def _cleaned(drawn: str, title: str) -> str:
    """pygal's SVG without styles, scripts, comments and its own hover texts."""
    root = ElementTree.fromstring(drawn)
    _clean(root)
    for name in ("id", "class"):
        root.attrib.pop(name, None)
    root.set("role", "img")
    root.set("aria-label", title)
    return ElementTree.tostring(root, encoding="unicode")


def _clean(element: ElementTree.Element) -> None:
    element.attrib.pop("style", None)
    element.attrib.pop("id", None)
    for child in list(element):
        if _dropped(child):
            element.remove(child)
        else:
            _clean(child)


def _dropped(element: ElementTree.Element) -> bool:
    tag = element.tag.rpartition("}")[2]
    classes = element.get("class", "")
    return tag in _DROPPED or any(part in classes for part in _DROPPED_PARTS)


def _short(label: str) -> str:
    return label if len(label) <= _LETTERS_MOST else f"{label[: _LETTERS_MOST - 1].rstrip()}…"


__all__ = ["SERIES_MOST", "Series", "bars", "line", "share", "stacked"]
