"""Tables as files."""

from __future__ import annotations

import csv
import stat
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rosters.sheets import (
    Formula,
    Merge,
    SheetError,
    harmless,
    letter,
    open_sheet,
    write_sheet,
)
from tests.rosters.files import GOOD, HEADINGS, write_csv, write_xlsx

HOSTILE = ("=1+1", "+84900000001", "-100123", "@SUM(A1)", "＝1", "'=x", "''+1", "'", "a=b")


def cells(path: Path) -> list[tuple[object, ...]]:
    return [values for _, values in open_sheet(path).rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_as_excel_writes_it(tmp_path: Path, encoding: str, delimiter: str) -> None:
    file = write_csv(tmp_path / "a.csv", GOOD, delimiter=delimiter, encoding=encoding)
    head, first, second = cells(file)
    assert head == HEADINGS
    assert first == GOOD[0]
    assert second == (*GOOD[1][:6], None)


def test_rows_are_numbered_as_a_spreadsheet_does(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('a,b\n\n"x\ny",1\n,\nz,2\n', encoding="utf-8")
    assert [number for number, _ in open_sheet(file).rows] == [1, 3, 6]
    book = write_xlsx(tmp_path / "a.xlsx", [("x", 1), (None, None), ("z", 2)], ("a", "b"))
    assert [number for number, _ in open_sheet(book).rows] == [1, 2, 4]


def test_a_workbooks_cells_keep_their_kinds(tmp_path: Path) -> None:
    day = datetime(2026, 11, 22)
    row = (900000001, 0.5, day, "=A1", " ", True)
    file = write_xlsx(tmp_path / "a.xlsx", [row], "abcdef")
    assert cells(file)[1] == (900000001, 0.5, day, Formula("=A1"), None, True)


def test_merged_ranges_are_found(tmp_path: Path) -> None:
    rows = [("tổ", number) for number in range(4)]
    file = write_xlsx(tmp_path / "a.xlsx", rows, ("a", "b"), merge=["A2:A4", "AA1:AB1"])
    assert sorted(open_sheet(file).merges, key=str) == [Merge(1, 1, 27, 28), Merge(2, 4, 1, 1)]


def test_a_named_sheet(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    second = book.create_sheet("Tổ")
    second.append(["x"])
    book.save(tmp_path / "a.xlsx")
    assert [values for _, values in open_sheet(tmp_path / "a.xlsx", "Tổ").rows] == [("x",)]
    with pytest.raises(SheetError, match=r'no sheet "Khác"; it has: "Sheet", "Tổ"'):
        open_sheet(tmp_path / "a.xlsx", "Khác")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BAD: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.csv", b"", "is empty"),
    "blank": ("a.csv", b"\xef\xbb\xbf \n\n", "is empty"),
    "no xlsx": ("a.xlsx", b"Ten to,Ho ten\n", "no Excel file"),
    "old xls": ("a.xls", OLE + b"\0" * 600, "old .xls"),
    "password": ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
    "cut": ("a.xlsx", b"PK\x03\x04" + b"\0" * 50, "damaged"),
    "latin": ("a.csv", "Tên tổ\nx\nấp".encode("cp1258", "replace"), ":1: is not UTF-8"),
    "binary": ("a.csv", b"abc\0def", "no text"),
    "sheet of a csv": ("a.csv", b"a,b\n", ""),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_table_says_why(tmp_path: Path, kind: str) -> None:
    name, content, why = BAD[kind]
    (tmp_path / name).write_bytes(content)
    sheet = "" if why else "x"
    with pytest.raises(SheetError, match=why or "no sheets") as caught:
        list(open_sheet(tmp_path / name, sheet).rows)
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("hello.txt", "x")
    with pytest.raises(SheetError, match="no Excel file"):
        open_sheet(tmp_path / "a.xlsx")


def test_a_workbook_with_broken_rows(tmp_path: Path) -> None:
    file = write_xlsx(tmp_path / "a.xlsx", GOOD)
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet][: len(parts[sheet]) // 2]
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(SheetError, match="damaged"):
        list(open_sheet(file).rows)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="cannot be read"):
        open_sheet(tmp_path / "no.xlsx")
    with pytest.raises(SheetError, match="cannot be read"):
        open_sheet(tmp_path)


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_what_is_written_is_read_back_and_never_run(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    write_sheet(file, ["Tên"], [[text] for text in HOSTILE])
    assert cells(file) == [("Tên",), *((text,) for text in HOSTILE)]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


@given(st.text(alphabet=st.sampled_from("'=+-@\t\rab1"), max_size=6))
def test_no_cell_of_a_csv_begins_like_a_formula(text: str) -> None:
    written = harmless(text)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert written.endswith(text)


def test_a_csv_shows_the_apostrophe_to_a_spreadsheet(tmp_path: Path) -> None:
    write_sheet(tmp_path / "a.csv", ["a"], [["=cmd|' /C calc'!A1"]])
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1] == ["'=cmd|' /C calc'!A1"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("old")

    def rows() -> list[list[str]]:
        raise OSError(28, "No space left on device")

    with pytest.raises(SheetError, match="must end with"):
        write_sheet(tmp_path / "a.txt", ["a"], [])
    with pytest.raises(SheetError, match="cannot be written"):
        write_sheet(tmp_path / "none" / "a.csv", ["a"], [])
    with pytest.raises(OSError, match="No space"):
        write_sheet(file, ["a"], rows())
    assert file.read_text() == "old"


def test_columns_are_named_as_a_spreadsheet_does() -> None:
    assert [letter(n) for n in (1, 26, 27, 52, 703)] == ["A", "Z", "AA", "AZ", "AAA"]
