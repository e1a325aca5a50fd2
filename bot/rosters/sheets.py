"""Tables as files: .xlsx and .csv in and out.

In: cells as they are typed, with where every one stands; what is no such file is a SheetError that
says what would be right. Out: text only, nothing that a spreadsheet would take for a formula
(OWASP, "CSV Injection": a cell that begins with = + - @ tab or return is run).
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from bot.errors import CongdansoError

#: openpyxl takes a fifth of a second to import: it is imported where it is used.

ROWS_MOST = 200_000
_COLUMNS_MOST = 200
_CELL_MOST = 4_000
#: Of a workbook's XML, unpacked. A province's roster has some 10 MB.
_BYTES_MOST = 400_000_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DELIMITERS = (",", ";", "\t")
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_RUN = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_GUARDED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")
#: What openpyxl is known to raise for a damaged workbook.
_DAMAGED = (
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
)

#: What a cell can hold.
Value = str | int | float | bool | datetime | date | time | None


class SheetError(CongdansoError):
    """The file is not a table that can be read; the text says why and what would be right."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell with a formula: what it shows is not in the file for certain."""

    text: str


Cell = Value | Formula


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range; rows and columns from 1, both ends counted."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(slots=True)
class Sheet:
    """A table that can be read once. `rows` are (number from 1, cells), empty ones left out."""

    name: str
    rows: Iterator[tuple[int, tuple[Cell, ...]]]
    merges: list[Merge] = field(default_factory=list)
    #: Cells of a CSV are words only; of a workbook they have kinds.
    typed: bool = False


def letter(column: int) -> str:
    """The name of a column counted from 1: "A", "B", … "AA"."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def open_sheet(path: Path, sheet: str = "") -> Sheet:
    """The table of a file; of a workbook the named sheet, or the first. SheetError otherwise."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
            rest = file.read(2_000_000) if head == _OLE else b""
    except OSError as error:
        raise SheetError(f"{path}: cannot be read ({error.strerror})") from error
    if not head:
        raise SheetError(f"{path}: is empty; must be .xlsx or .csv with a row of headings")
    if head == _OLE:
        if _ENCRYPTED in rest:
            raise SheetError(
                f"{path}: is protected by a password; open it in Excel, take the password off "
                "(File > Info > Protect Workbook) and save it again"
            )
        raise SheetError(f"{path}: is an old .xls file; open it in Excel and save it as .xlsx")
    if head.startswith(b"PK"):
        return _workbook(path, sheet)
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        raise SheetError(f"{path}: is no Excel file; open it in Excel and save it as .xlsx")
    if sheet:
        raise SheetError(f"{path}: is a CSV file, which has no sheets; leave out --sheet")
    return _text(path)


# Workbooks --------------------------------------------------------------------------------------


def _workbook(path: Path, wanted: str) -> Sheet:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(item.file_size for item in archive.infolist()) > _BYTES_MOST:
                raise SheetError(f"{path}: is too large; split it, one file a province")
            if "[Content_Types].xml" not in archive.namelist():
                raise SheetError(f"{path}: is no Excel file; must be .xlsx or .csv")
        book = load_workbook(path, read_only=True, keep_links=False)
        names = [page.title for page in book.worksheets]
    except (InvalidFileException, OSError, *_DAMAGED) as error:
        raise SheetError(
            f"{path}: is a damaged Excel file; open it in Excel and save it again"
        ) from error
    if not names or (wanted and wanted not in names):
        right = ", ".join(f'"{name}"' for name in names) or "none"
        raise SheetError(f'{path}: has no sheet "{wanted}"; it has: {right}')
    page = book[wanted] if wanted else book.worksheets[0]
    inner = str(getattr(page, "_worksheet_path", "")).lstrip("/")
    merges = _merges(path, inner)

    def rows() -> Iterator[tuple[int, tuple[Cell, ...]]]:
        filled = 0
        try:
            # The size a workbook claims for a sheet is often wrong, and then cells are lost.
            page.reset_dimensions()
            for number, row in enumerate(page.iter_rows(), 1):
                values = tuple(_typed(cell.value, cell.data_type) for cell in row[:_COLUMNS_MOST])
                if any(value is not None for value in values):
                    filled += 1
                    _not_too_many(path, filled)
                    yield number, values
        except _DAMAGED as error:
            raise SheetError(
                f"{path}: is a damaged Excel file; open it in Excel and save it again"
            ) from error
        finally:
            book.close()

    return Sheet(page.title, rows(), merges, typed=True)


def _typed(value: object, kind: str) -> Cell:
    if kind == "f":
        return Formula(str(value)[:80])
    if isinstance(value, str):
        return value[:_CELL_MOST] if value.strip() else None
    if value is None or isinstance(value, bool | int | float | datetime | date | time):
        return value
    return str(value)[:_CELL_MOST]


def _merges(path: Path, inner: str) -> list[Merge]:
    """The merged ranges: openpyxl does not give them where it reads row by row."""
    found: list[Merge] = []
    with zipfile.ZipFile(path) as archive:
        if inner not in archive.namelist():
            return []
        with archive.open(inner) as stream:
            kept = b""
            while chunk := stream.read(1 << 20):
                # They stand behind the rows, which have no such tag.
                text = kept + chunk
                done = 0
                for match in _MERGE.finditer(text):
                    left, top, right, bottom = match.groups()
                    found.append(Merge(int(top), int(bottom), _column(left), _column(right)))
                    done = match.end()
                kept = text[max(done, len(text) - 200) :]
    return found


def _column(letters: bytes) -> int:
    number = 0
    for each in letters.decode("ascii"):
        number = number * 26 + ord(each) - ord("A") + 1
    return number


# Text -------------------------------------------------------------------------------------------


def _text(path: Path) -> Sheet:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SheetError(f"{path}: cannot be read ({error.strerror})") from error
    if len(raw) > _BYTES_MOST:
        raise SheetError(f"{path}: is too large; split it, one file a province")
    text = _decoded(path, raw)
    if not text.strip():
        raise SheetError(f"{path}: is empty; must be .xlsx or .csv with a row of headings")

    def rows() -> Iterator[tuple[int, tuple[Cell, ...]]]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        filled = 0
        line = 1
        try:
            for row in reader:
                values = tuple(_plain(cell) for cell in row[:_COLUMNS_MOST])
                if any(values):
                    filled += 1
                    _not_too_many(path, filled)
                    yield line, values
                line = reader.line_num + 1
        except csv.Error as error:
            raise SheetError(f"{path}:{line}: the row cannot be read as CSV") from error

    return Sheet(path.name, rows())


def _decoded(path: Path, raw: bytes) -> str:
    # UTF-16 is what Excel calls "Unicode Text".
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SheetError(f'{path}:{line}: is not UTF-8; in Excel save it as "CSV UTF-8"') from error
    if "\0" in text:
        raise SheetError(f"{path}: is no text; must be .xlsx or .csv")
    return text


def _delimiter(text: str) -> str:
    """What stands most often between the words of the fullest of the first lines."""
    lines = text[:20_000].splitlines()[:20]
    return max(_DELIMITERS, key=lambda sign: max((line.count(sign) for line in lines), default=0))


def _plain(cell: str) -> str | None:
    """A cell as it was meant: without the apostrophe that keeps it from being run."""
    text = cell.strip()
    if _GUARDED.match(text):
        text = text[1:]
    return text[:_CELL_MOST] or None


def _not_too_many(path: Path, filled: int) -> None:
    if filled > ROWS_MOST:
        raise SheetError(f"{path}: has more than {ROWS_MOST:,} rows; split it, one file a province")


# Writing ----------------------------------------------------------------------------------------


def write_sheet(path: Path, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table of texts by the file's ending, .xlsx or .csv; the file is for its owner only.

    The file is written aside first: a failure leaves an older one as it was. SheetError when it
    cannot be written or has another ending.
    """
    kind = path.suffix.lower()
    if kind not in (".xlsx", ".csv"):
        raise SheetError(f"{path}: must end with .xlsx or .csv")
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.unlink(missing_ok=True)
        draft.touch(0o600)
        if kind == ".xlsx":
            _write_workbook(draft, headings, rows)
        else:
            _write_text(draft, headings, rows)
        draft.replace(path)
    except OSError as error:
        raise SheetError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        draft.unlink(missing_ok=True)


def _write_workbook(path: Path, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    page: Any = book.create_sheet("Danh sách")
    page.freeze_panes = "A2"
    for number, heading in enumerate(headings, 1):
        page.column_dimensions[letter(number)].width = max(12, len(heading) + 2)
    for number, row in enumerate((headings, *rows)):
        page.append(_cells(page, row, bold=number == 0))
    book.save(path)


def _cells(page: Any, row: Sequence[str], *, bold: bool) -> list[object]:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cells: list[object] = []
    for text in row:
        cell = WriteOnlyCell(page, value=_drawable(text))
        # Text, whatever it looks like: no formula, no lost zero in front, no date.
        cell.data_type = "s"
        cell.number_format = "@"
        cell.quotePrefix = text.startswith(_RUN)
        if bold:
            cell.font = Font(bold=True)
        cells.append(cell)
    return cells


def _drawable(text: str) -> str:
    """Without the control characters XML cannot carry."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)


def _write_text(path: Path, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    # The byte order mark tells Excel that it is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows([harmless(text) for text in row] for row in rows)


def harmless(text: str) -> str:
    """A CSV cell that no spreadsheet runs: an apostrophe in front where it would be."""
    return f"'{text}" if text.startswith(_RUN) or _GUARDED.match(text) else text
