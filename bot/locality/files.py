"""Reading and writing content/localities: a CSV file for each province, and two for all.

- `provinces.csv`: code, name, formed_of (names joined by ;) of all provinces of the country
- `<province>.csv`: level (province, commune, old), code, name, district, province, successors
- `aliases.csv`: alias, name

Lines that begin with # say where a file comes from.

Errors: LocalityError names the file, the row, the field and what would be right.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bot.locality.codes import is_code, parents
from bot.locality.errors import LocalityError
from bot.locality.gazetteer import Commune, Gazetteer, OldCommune, Province

PROVINCES, ALIASES = "provinces.csv", "aliases.csv"
_PROVINCE_FIELDS = ("code", "name", "formed_of")
_PLACE_FIELDS = ("level", "code", "name", "district", "province", "successors")
_ALIAS_FIELDS = ("alias", "name")


def load_gazetteer(folder: Path) -> Gazetteer:
    """All places under a folder; an empty gazetteer when there is no such folder."""
    if not folder.is_dir():
        return Gazetteer()
    provinces = {p.code: p for p in _read_provinces(folder / PROVINCES)}
    communes: dict[str, Commune] = {}
    old: list[OldCommune] = []
    for file in sorted(folder.glob("*.csv")):
        if file.name not in (PROVINCES, ALIASES):
            found, was = read_places(file, provinces)
            communes |= {commune.code: commune for commune in found}
            old += was
    aliases = tuple((r["alias"], r["name"]) for _, r in _rows(folder / ALIASES, _ALIAS_FIELDS))
    return Gazetteer(provinces, communes, tuple(old), aliases)


def _read_provinces(file: Path) -> Iterator[Province]:
    for number, row in _rows(file, _PROVINCE_FIELDS):
        if not is_code(row["code"]) or "." in row["code"]:
            raise _wrong(file, number, "code", row["code"], "two digits, such as 96")
        yield Province(row["code"], row["name"], tuple(filter(None, row["formed_of"].split(";"))))


def read_places(
    file: Path, provinces: dict[str, Province]
) -> tuple[list[Commune], list[OldCommune]]:
    """The communes and old communes of one file."""
    rows = list(_rows(file, _PLACE_FIELDS))
    communes = [_commune(file, *row, provinces) for row in rows if row[1]["level"] == "commune"]
    known = {commune.code for commune in communes}
    if len(known) != len(communes):
        raise LocalityError(f"{file.name}: has a commune's code twice; each must stand once")
    old = [_old(file, *row, known) for row in rows if row[1]["level"] == "old"]
    for number, row in rows:
        if row["level"] not in ("commune", "old"):
            raise _wrong(file, number, "level", row["level"], "commune or old")
    return communes, old


def _commune(
    file: Path, number: int, row: dict[str, str], provinces: dict[str, Province]
) -> Commune:
    code = row["code"]
    if not is_code(code) or code.count(".") != 1:
        raise _wrong(file, number, "code", code, "a province's and a commune's, such as 96.32236")
    if parents(code)[0] not in provinces:
        raise _wrong(file, number, "code", code, f"of a province in {PROVINCES}")
    return Commune(code, row["name"])


def _old(file: Path, number: int, row: dict[str, str], known: set[str]) -> OldCommune:
    successors = tuple(row["successors"].split())
    for code in successors or ("",):
        if code not in known:
            raise _wrong(file, number, "successors", code, "codes of communes of this file")
    return OldCommune(row["code"], row["name"], row["district"], row["province"], successors)


def _rows(file: Path, fields: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a file with their line numbers."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LocalityError(
            f"{file.name}: cannot be read ({error}); must be CSV in UTF-8"
        ) from error
    lines = text.splitlines()
    numbers = [n for n, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    reader = csv.reader(lines[number - 1] for number in numbers)
    for number, cells in zip(numbers, reader, strict=True):
        if number == numbers[0]:
            if tuple(cells) != tuple(fields):
                raise LocalityError(
                    f"{file.name}:{number}: has the columns {','.join(cells)}; must have "
                    f"{','.join(fields)}"
                )
            continue
        if len(cells) != len(fields):
            raise LocalityError(
                f"{file.name}:{number}: has {len(cells)} columns; must have {len(fields)}"
            )
        row = {name: cell.strip() for name, cell in zip(fields, cells, strict=True)}
        if not row.get("name"):
            raise _wrong(file, number, "name", "", "the place's name")
        yield number, row


def _wrong(file: Path, number: int, name: str, value: str, right: str) -> LocalityError:
    return LocalityError(f"{file.name}:{number}: {name} is {value!r}; must be {right}")


def province_text(about: str, communes: Iterable[Commune], old: Iterable[OldCommune]) -> str:
    """The text of a province's file; `about` says where it comes from."""
    rows = [("commune", c.code, c.name, "", "", "") for c in communes]
    rows += [("old", o.code, o.name, o.district, o.province, " ".join(o.successors)) for o in old]
    return _text(about, _PLACE_FIELDS, rows)


def provinces_text(about: str, provinces: Iterable[Province]) -> str:
    """The text of `provinces.csv`."""
    rows = [(p.code, p.name, ";".join(p.formed_of)) for p in provinces]
    return _text(about, _PROVINCE_FIELDS, rows)


def _text(about: str, fields: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    for line in about.splitlines():
        out.write(f"# {line}".rstrip() + "\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(fields)
    writer.writerows(rows)
    return out.getvalue()
