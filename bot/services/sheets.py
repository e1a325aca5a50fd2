"""Cells of exports that no spreadsheet runs, for CSV and for workbooks.

A spreadsheet takes what begins with = + - @ for a formula, also behind spaces, and one that was
written by a stranger can send the sheet away (OWASP, "CSV Injection"). Numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

Value = str | int | float | datetime | None

_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
#: What XML cannot hold; a cell with one of these would spoil the workbook.
_UNDRAWABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


def safe_cell(value: Value) -> Value:
    """A value to put into a cell: a text that would be run gets an apostrophe in front.

    What is no text is returned as it is; it must come from the program, not from a person.
    """
    if not isinstance(value, str):
        return value
    text = value.translate(_UNDRAWABLE)
    return f"'{text}" if text.startswith(_RUN) or text.lstrip().startswith(_RUN) else text


def csv_line(row: Sequence[Value]) -> str:
    """One line of a CSV file, guarded."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([safe_cell(value) for value in row])
    return out.getvalue()


def csv_file(headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """A CSV file that Excel opens with its Vietnamese letters right."""
    return ("\ufeff" + "".join(csv_line(row) for row in (headings, *rows))).encode()


def workbook_cell(page: Any, value: Value) -> Any:
    """A cell of an openpyxl write-only sheet: a text stays a text, a number a number."""
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, str):
        return WriteOnlyCell(page, value=value)
    text = value.translate(_UNDRAWABLE)
    cell = WriteOnlyCell(page, value=text)
    # Text, whatever it looks like; Excel's own mark keeps it so when somebody edits the cell.
    cell.data_type = "s"
    cell.quotePrefix = safe_cell(text) != text
    return cell
