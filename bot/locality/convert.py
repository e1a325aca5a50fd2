"""Our files of places out of the data that PyPI's `vietnamadminunits` ships (MIT).

Only its JSON is read, out of the wheel; none of its code is run, and nothing is sent anywhere.

Errors: LocalityError when the file is not that wheel or its data has another form.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.locality.errors import LocalityError
from bot.locality.gazetteer import Commune, OldCommune, Province

_DATA = "vietnamadminunits/data/"
_PARTS = ("parser_from_2025.json", "parser_legacy.json", "converter_2025.json")


@dataclass(frozen=True, slots=True)
class Source:
    """The data of one wheel. `version` and `day` (of the data files) are for the files' headers."""

    new: dict[str, Any]
    legacy: dict[str, Any]
    changes: dict[str, Any]
    version: str
    day: str


def read_wheel(file: Path) -> Source:
    """The data in a wheel of vietnamadminunits."""
    try:
        with zipfile.ZipFile(file) as wheel:
            new, legacy, changes = (json.loads(wheel.read(_DATA + name)) for name in _PARTS)
            stamp = wheel.getinfo(_DATA + _PARTS[2]).date_time
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise LocalityError(
            f"{file}: is not a wheel of vietnamadminunits ({error}); get one with "
            "`pip download --no-deps vietnamadminunits`"
        ) from error
    version = file.name.split("-")[1] if file.name.count("-") > 1 else "?"
    return Source(new, legacy, changes, version, "{:04}-{:02}-{:02}".format(*stamp[:3]))


def about(source: Source, what: str) -> str:
    """The header of a file made from this source."""
    return "\n".join(
        (
            what,
            f"Source: vietnamadminunits {source.version} (PyPI), its data of {source.day}, MIT "
            "License,",
            "Copyright (c) 2025 Tran Ngoc Minh Hieu; the licence stands in SOURCE.md. Its sources:",
            "danhmuchanhchinh.gso.gov.vn, sapnhap.bando.com.vn.",
            "Made by `congdanso locality load`; do not edit by hand.",
        )
    )


def provinces(source: Source) -> list[Province]:
    """All provinces, each with what it was formed of."""
    try:
        old = source.legacy["DICT_PROVINCE"]
        found = []
        for key, keys in source.changes["DICT_PROVINCE"].items():
            item = source.new["DICT_PROVINCE"][key]
            name = _tidy(item["province"])
            names = sorted((_tidy(old[each]["province"]) for each in keys), key=lambda n: n != name)
            found.append(Province(item["provinceCode"], name, tuple(names)))
    except (KeyError, TypeError) as error:
        raise _odd(error) from error
    return sorted(found, key=lambda province: province.code)


def places(source: Source, province: str) -> tuple[list[Commune], list[OldCommune]]:
    """The communes of a province by its code, and the old ones that went into them."""
    try:
        by_code = {i["provinceCode"]: k for k, i in source.new["DICT_PROVINCE"].items()}
        if province not in by_code:
            raise LocalityError(f"{province!r}: is no province's code; must be one such as 96")
        return _places(source, province, by_code[province])
    except (KeyError, TypeError, ValueError) as error:
        raise _odd(error) from error


def _places(source: Source, code: str, key: str) -> tuple[list[Commune], list[OldCommune]]:
    wards = dict(source.new["DICT_PROVINCE_WARD_NO_ACCENTED"].get(key, {}))
    wards |= source.new["DICT_PROVINCE_WARD_ACCENTED"].get(key, {})
    codes = {name: f"{code}.{ward['wardCode']}" for name, ward in wards.items()}
    communes = [Commune(codes[name], _tidy(ward["ward"])) for name, ward in wards.items()]
    whole = source.changes["DICT_PROVINCE_WARD_NO_DIVIDED"].get(key, {})
    divided = source.changes["DICT_PROVINCE_WARD_DIVIDED"].get(key, {})
    moves: list[tuple[str, tuple[str, ...]]] = [
        (old, (codes[name],)) for name, olds in whole.items() for old in olds
    ]
    moves += [
        (old, tuple(sorted(codes[part["newWardKey"]] for part in parts)))
        for old, parts in divided.items()
    ]
    old = [found for each, to in moves for found in _old(source, each, to)]
    return (
        sorted(communes, key=lambda commune: commune.code),
        sorted(old, key=lambda each: (each.province, each.code)),
    )


def _old(source: Source, key: str, successors: tuple[str, ...]) -> Iterator[OldCommune]:
    province, district, ward = key.split("_")
    of_province = source.legacy["DICT_PROVINCE"][province]
    of_district = source.legacy["DICT_PROVINCE_DISTRICT"][province][district]
    name, code = of_district["district"], of_district["districtCode"]
    if ward:
        item = _ward(source, province, district, ward)
        name, code = item["ward"], item["wardCode"]
    # An island district had no communes: it stands for itself.
    yield OldCommune(
        code,
        _tidy(name),
        _tidy(of_district["district"]),
        _tidy(of_province["province"]),
        successors,
    )


def _ward(source: Source, province: str, district: str, ward: str) -> dict[str, str]:
    for table in ("NO_ACCENTED", "ACCENTED"):
        wards = source.legacy[f"DICT_PROVINCE_DISTRICT_WARD_{table}"].get(province, {})
        if ward in wards.get(district, {}):
            found: dict[str, str] = wards[district][ward]
            return found
    raise KeyError(f"{province}_{district}_{ward}")


_KINDS = ("Thị trấn", "Thị xã", "Thành phố", "Đặc khu")


def _tidy(name: str) -> str:
    """The name with its kind spelt one way: "Thị Trấn Năm Căn" is "Thị trấn Năm Căn"."""
    for kind in _KINDS:
        if name.lower().startswith(kind.lower() + " "):
            return kind + name[len(kind) :]
    return name


def _odd(error: Exception) -> LocalityError:
    return LocalityError(f"the data of vietnamadminunits has another form than known ({error!r})")
