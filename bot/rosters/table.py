"""From a sheet to rows with a value for each column of the form."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from bot.rosters.cells import READERS, CellError
from bot.rosters.form import FIELD_OF, NEEDED, TEAM_FIELDS, Field, key
from bot.rosters.roster import Problem
from bot.rosters.sheets import Cell, Merge, Sheet, SheetError, letter

#: The headings stand in one of the first rows; above them may be a title.
_TITLE_ROWS = 30
_COLUMNS_MOST = 200
_EMPTY: tuple[object, ...] = ("", (), None)


@dataclass(frozen=True, slots=True)
class Row:
    """A row's values; a column that is empty, absent or wrong has none."""

    number: int
    values: dict[Field, object]

    def text(self, field: Field) -> str:
        """A value of words."""
        value = self.values.get(field, "")
        return value if isinstance(value, str) else ""

    def words(self, field: Field) -> tuple[str, ...]:
        """A value of several."""
        value = self.values.get(field, ())
        return value if isinstance(value, tuple) else ()

    def number_of(self, field: Field) -> int | None:
        """A number."""
        value = self.values.get(field)
        return value if isinstance(value, int) else None


class Table:
    """A sheet with its headings understood. SheetError when there are none."""

    def __init__(self, sheet: Sheet, where: str) -> None:
        self.problems: list[Problem] = []
        self.wrong_rows: set[int] = set()
        #: Headings of columns that are no part of the form, left out of account.
        self.ignored: list[str] = []
        self._where = where
        self._rows = sheet.rows
        self._columns, self._heads = self._find_headings()
        self._merges: dict[int, deque[Merge]] = {}
        self._merged: dict[int, Cell] = {}
        self._told: set[Merge] = set()
        self._take_merges(sheet.merges)

    @property
    def columns(self) -> frozenset[Field]:
        """The columns the file has."""
        return frozenset(self._columns.values())

    def name(self, field: Field) -> str:
        """How an error names a column: its letter and its heading in the file."""
        at = next((at for at, each in self._columns.items() if each is field), None)
        return f'"{field.value}"' if at is None else f'{letter(at + 1)} "{self._heads[at]}"'

    def rows(self) -> Iterator[Row]:
        """The rows below the headings that say anything, with what is wrong in them noted."""
        for number, cells in self._rows:
            row = self._row(number, self._with_merged(number, cells))
            if row is not None:
                yield row

    # Headings -----------------------------------------------------------------------------------

    def _find_headings(self) -> tuple[dict[int, Field], dict[int, str]]:
        best = 0
        for count, (number, cells) in enumerate(self._rows, 1):
            heads = {at: self._heading(cell) for at, cell in enumerate(cells)}
            known = {at: FIELD_OF[key(h)] for at, h in heads.items() if key(h) in FIELD_OF}
            if len(known) >= 3 and (Field.NAME in known.values() or Field.TEAM in known.values()):
                self._check_headings(number, known, heads)
                return known, heads
            best = max(best, len(known))
            if count >= _TITLE_ROWS:
                break
        raise SheetError(
            f"{self._where}: has no row of headings; the first row must have: "
            + ", ".join(field.value for field in NEEDED)
            + " (docs/rosters.md)"
        )

    @staticmethod
    def _heading(cell: Cell) -> str:
        return " ".join(cell.split())[:60] if isinstance(cell, str) else ""

    def _check_headings(self, row: int, known: dict[int, Field], heads: dict[int, str]) -> None:
        wrong: list[str] = []
        missing = [field.value for field in NEEDED if field not in known.values()]
        if missing:
            wrong.append(f"has no column {', '.join(missing)}")
        for field in Field:
            at = [place for place, each in known.items() if each is field]
            if len(at) > 1:
                columns = " and ".join(letter(place + 1) for place in at)
                wrong.append(f"has two columns {field.value} ({columns}); leave one")
        if wrong:
            raise SheetError(f"{self._where}: row {row}: {'; '.join(wrong)} (docs/rosters.md)")
        self.ignored = [head for at, head in heads.items() if head and at not in known]

    # Merged cells -------------------------------------------------------------------------------

    def _take_merges(self, merges: list[Merge]) -> None:
        for merge in sorted(merges, key=lambda m: m.first_row):
            for at in range(merge.first_column - 1, min(merge.last_column, _COLUMNS_MOST)):
                if at in self._columns:
                    self._merges.setdefault(at, deque()).append(merge)

    def _with_merged(self, number: int, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """The cells with a team's words repeated in every row that they are merged over."""
        if not self._merges:
            return cells
        filled = list(cells)
        for at, merges in self._merges.items():
            while merges and merges[0].last_row < number:
                merges.popleft()
            if merges and merges[0].first_row <= number:
                filled += [None] * (at + 1 - len(filled))
                filled[at] = self._under(merges[0], at, number, filled[at])
        return tuple(filled)

    def _under(self, merge: Merge, at: int, number: int, cell: Cell) -> Cell:
        field = self._columns[at]
        if merge.first_column != merge.last_column or field not in TEAM_FIELDS:
            if merge not in self._told:
                self._told.add(merge)
                self._wrong(number, field, "is merged with others; unmerge and fill in every cell")
            return None
        if number == merge.first_row:
            self._merged[at] = cell
        return self._merged.get(at)

    # Cells --------------------------------------------------------------------------------------

    def _row(self, number: int, cells: tuple[Cell, ...]) -> Row | None:
        given = {f: cells[at] for at, f in self._columns.items() if at < len(cells)}
        given = {field: cell for field, cell in given.items() if cell is not None}
        if not given or _repeats_headings(given):
            return None
        values: dict[Field, object] = {}
        for field, cell in given.items():
            try:
                value = READERS[field](cell)
            except CellError as error:
                self._wrong(number, field, str(error))
            else:
                if value not in _EMPTY:
                    values[field] = value
        return Row(number, values)

    def _wrong(self, row: int, field: Field, text: str) -> None:
        self.problems.append(Problem(row, self.name(field), text))
        self.wrong_rows.add(row)


def _repeats_headings(given: dict[Field, Cell]) -> bool:
    """Whether a row is the headings once more, as at the top of each printed page."""
    return len(given) >= 3 and all(
        isinstance(cell, str) and FIELD_OF.get(key(cell)) is field for field, cell in given.items()
    )
