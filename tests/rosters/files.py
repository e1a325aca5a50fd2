"""Writing roster files as people have them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

HEADINGS = (
    "Tên tổ",
    "Tỉnh",
    "Xã/phường",
    "Thôn/ấp",
    "Họ tên",
    "Điện thoại",
    "Vai trò",
)
Rows = Iterable[Sequence[Any]]
#: One team of a hamlet with two members.
GOOD = (
    (
        "Tổ ấp Rạch Gốc",
        "Cà Mau",
        "Tân Ân",
        "Ấp Rạch Gốc",
        "Nguyễn Văn An",
        "0900000001",
        "tổ trưởng",
    ),
    ("Tổ ấp Rạch Gốc", "Cà Mau", "Tân Ân", "Ấp Rạch Gốc", "Trần Thị Bé", "0900000002", ""),
)


def write_csv(
    path: Path,
    rows: Rows,
    headings: Sequence[str] = HEADINGS,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> Path:
    """A CSV file."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(headings)
        writer.writerows(rows)
    return path


def write_xlsx(
    path: Path,
    rows: Rows,
    headings: Sequence[str] = HEADINGS,
    *,
    merge: Iterable[str] = (),
    title: str = "",
) -> Path:
    """A workbook with cells of their own kinds."""
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    assert page is not None
    if title:
        page.append([title])
    page.append(list(headings))
    for row in rows:
        page.append(list(row))
    for each in merge:
        page.merge_cells(each)
    book.save(path)
    return path
