"""The monthly report: one set of figures, for the page that is printed and for the workbook."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from bot.guides.content import Content
from bot.rosters.sheets import letter
from bot.services.overview import Funnel, Row, Wanted, overview, stops
from bot.services.periods import Period, Piece, months_back, next_month
from bot.services.sheets import workbook_cell

HIDDEN = "ẩn"
#: The guides that the table of steps names.
_GUIDES = 20
_FUNNEL = (
    ("Được hỏi", "asked"),
    ("Máy hiểu", "understood"),
    ("Trả lời bằng một bài", "guided"),
    ("Làm từng bước", "walked"),
    ("Trong đó làm xong", "finished"),
    ("Trong đó nói dừng", "stopped"),
    ("Trong đó chuyển người giúp", "handed_over"),
    ("Trong đó đang làm hoặc im lặng", "silent"),
    ("Chuyển người giúp ngay, không qua từng bước", "helped"),
)
#: "" is a figure there is none of; None one that is hidden.
Value = int | str | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the report: the first column is in words, the others are mostly counts."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The tables of a month and a place; `title` says of which."""

    title: str
    month: date
    tables: tuple[Table, ...]
    small_hidden: bool


@dataclass(frozen=True, slots=True)
class Names:
    """Words for what is counted."""

    area: Callable[[str], str]
    topics: Mapping[str, str]
    channels: Mapping[str, str]


def report(
    connection: Connection,
    first: date,
    areas: Sequence[str],
    content: Content,
    names: Names,
) -> Report:
    """The report of the month that begins on `first`, of these areas (none: everywhere)."""
    wanted = Wanted(_whole(first), tuple(areas))
    before = Wanted(_whole(months_back(first, 1)), tuple(areas))
    provinces = {area[:2] for area in areas}
    province = provinces.pop() if len(provinces) == 1 else ""
    now = overview(connection, wanted, content, None, province=province)
    past = overview(connection, before, content, None, province=province)
    stages = {stage.id: stage.title for stage in content.path}
    where = ", ".join(names.area(area) for area in areas) or "mọi nơi"
    tables = (
        _funnel(now.funnel, past.funnel),
        _table("Theo chủ đề", "Chủ đề", now.topics, past.topics, lambda k: _topic(k, names)),
        _table(
            "Theo chặng của con đường công dân số",
            "Chặng",
            now.stages,
            past.stages,
            lambda k: stages.get(k, "Ngoài bốn chặng"),
        ),
        _table(
            "Theo kênh", "Kênh", now.channels, past.channels, lambda k: names.channels.get(k, k)
        ),
        _table("Theo nơi ở", "Nơi", now.places, past.places, lambda k: _place(k, names, province)),
        _stops(connection, wanted, names),
    )
    title = f"Báo cáo tháng {first.month}/{first.year}: {where}"
    return Report(title, first, tables, small_hidden=bool(areas))


def _whole(first: date) -> Period:
    """A month, counted by months."""
    return Period(f"{first:%Y-%m}", first, next_month(first), Piece.MONTH)


def _funnel(now: Funnel, past: Funnel) -> Table:
    rows = tuple((word, getattr(now, name), getattr(past, name)) for word, name in _FUNNEL)
    return Table("Từ lúc hỏi đến lúc xong", ("Chặng", "Tháng này", "Tháng trước"), rows)


def _table(
    title: str, head: str, now: Iterable[Row], past: Iterable[Row], word: Callable[[str], str]
) -> Table:
    before = {row.key: row.asked for row in past}
    rows = tuple((word(row.key), row.asked, before.get(row.key, 0)) for row in now)
    return Table(title, (head, "Tháng này", "Tháng trước"), rows)


def _stops(connection: Connection, wanted: Wanted, names: Names) -> Table:
    headings = ("Bài", "Làm từng bước", "Dừng giữa chừng", "Bước dừng nhiều nhất")
    rows = tuple(
        (_topic(each.guide, names), each.walked, each.left, each.worst or "")
        for each in stops(connection, wanted)[:_GUIDES]
    )
    return Table("Chỗ người dân dừng", headings, rows)


def _topic(key: str, names: Names) -> str:
    return names.topics.get(key, key) if key else "Chưa hiểu là gì"


def _place(key: str, names: Names, province: str) -> str:
    if not key:
        return "Chưa rõ nơi ở"
    return "Chưa rõ xã, phường" if key == province else names.area(key)


# As a workbook ----------------------------------------------------------------------------------


def workbook(made: Report) -> bytes:
    """The report as .xlsx, a sheet for each table; texts are texts, whatever they look like."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for number, table in enumerate(made.tables, 1):
        _fill(book.create_sheet(f"{number}. {table.title}"[:31]), made, table)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(page: Any, made: Report, table: Table) -> None:
    for column in range(1, len(table.headings) + 1):
        page.column_dimensions[letter(column)].width = 48 if column == 1 else 20
    page.freeze_panes = "B5"
    page.page_setup.orientation = "landscape"
    note = "Số từ 1 đến 4 được ẩn, và vài số khác theo đó." if made.small_hidden else ""
    for line in (made.title, table.title, note):
        page.append([_cell(page, line, bold=line is made.title)])
    page.append([_cell(page, heading, bold=True) for heading in table.headings])
    for row in table.rows:
        page.append([_cell(page, value) for value in row])


def _cell(page: Any, value: Value, *, bold: bool = False) -> Any:
    from openpyxl.styles import Font

    cell = workbook_cell(page, HIDDEN if value is None else value)
    cell.number_format = "#,##0" if isinstance(value, int) else "@"
    if bold:
        cell.font = Font(bold=True)
    return cell
