"""The shipped files of places, and what is said of wrong ones."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from bot.locality.convert import places, provinces, read_wheel
from bot.locality.errors import LocalityError
from bot.locality.files import load_gazetteer, province_text, provinces_text
from bot.locality.gazetteer import Commune, Gazetteer, OldCommune, Province
from bot.settings import ROOT

FOLDER = ROOT / "content" / "localities"
PROVINCES = "code,name,formed_of\n96,Tỉnh Cà Mau,Tỉnh Cà Mau;Tỉnh Bạc Liêu\n"
PLACES = "level,code,name,district,province,successors\n"


@pytest.fixture(scope="module")
def shipped() -> Gazetteer:
    return load_gazetteer(FOLDER)


def write(folder: Path, places: str, provinces: str = PROVINCES, aliases: str = "") -> Path:
    (folder / "provinces.csv").write_text(provinces, encoding="utf-8")
    (folder / "aliases.csv").write_text(aliases or "alias,name\n", encoding="utf-8")
    (folder / "ca-mau.csv").write_text(places, encoding="utf-8")
    return folder


@pytest.mark.parametrize(("province", "count"), [("96", 64), ("66", 102), ("19", 92)])
def test_the_shipped_provinces_have_all_their_communes(
    shipped: Gazetteer, province: str, count: int
) -> None:
    assert len(shipped.of_province(province)) == count


def test_every_commune_was_something_before(shipped: Gazetteer) -> None:
    reached = {code for old in shipped.old for code in old.successors}
    assert reached == set(shipped.communes)
    assert len(shipped.provinces) == 34
    assert sum(len(old.successors) > 1 for old in shipped.old) == 30
    assert {old.province for old in shipped.old} == {
        *("Tỉnh Cà Mau", "Tỉnh Bạc Liêu", "Tỉnh Đắk Lắk", "Tỉnh Phú Yên"),
        *("Tỉnh Thái Nguyên", "Tỉnh Bắc Kạn"),
    }


def test_every_alias_means_a_name(shipped: Gazetteer) -> None:
    names = [p for province in shipped.provinces.values() for p in province.formed_of]
    names += [c.name for c in shipped.communes.values()]
    names += [o.district for o in shipped.old]
    assert [m for _, m in shipped.aliases if not any(n.endswith(m) for n in names)] == []


def test_source_and_licence_are_named() -> None:
    for file in FOLDER.glob("*.csv"):
        if file.name != "aliases.csv":
            head = file.read_text(encoding="utf-8")[:400]
            assert "vietnamadminunits" in head
            assert "MIT" in head
    assert "Permission is hereby granted" in (FOLDER / "SOURCE.md").read_text(encoding="utf-8")


def test_a_folder_that_is_not_there_has_no_places(tmp_path: Path) -> None:
    assert not load_gazetteer(tmp_path / "none")


@pytest.mark.parametrize(
    ("places", "why"),
    [
        ("code,name\n", r"ca-mau.csv:1: has the columns code,name; must have level,code"),
        (PLACES + "commune,96.1,Xã A,,,\n", r"ca-mau.csv:2: code is '96.1'; must be a province"),
        (PLACES + "commune,95.00001,Xã A,,,\n", r"of a province in provinces.csv"),
        (PLACES + "# x\ncommune,96.00001,,,,\n", r"ca-mau.csv:3: name is ''"),
        (PLACES + "ward,96.00001,A,,,\n", r"level is 'ward'; must be commune or old"),
        (PLACES + "old,1,Xã A,,,96.00009\n", r"successors is '96.00009'; must be codes"),
        (PLACES + "old,1,Xã A,,,\n", r"successors is ''"),
        (PLACES + "commune,96.00001\n", r"ca-mau.csv:2: has 2 columns; must have 6"),
        (PLACES + "commune,96.00001,A,,,\ncommune,96.00001,B,,,\n", r"commune's code twice"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, places: str, why: str) -> None:
    with pytest.raises(LocalityError, match=why):
        load_gazetteer(write(tmp_path, places))


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    write(tmp_path, PLACES)
    (tmp_path / "ca-mau.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LocalityError, match=r"ca-mau.csv: cannot be read .* CSV in UTF-8"):
        load_gazetteer(tmp_path)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    communes = [Commune("96.00001", "Xã A"), Commune("96.00002", 'Xã "B", mới')]
    old = [OldCommune("1", "Xã C", "Huyện D", "Tỉnh Cà Mau", ("96.00001", "96.00002"))]
    province = Province("96", "Tỉnh Cà Mau", ("Tỉnh Cà Mau", "Tỉnh Bạc Liêu"))
    write(tmp_path, province_text("a\n\nb", communes, old), provinces_text("c", [province]))
    found = load_gazetteer(tmp_path)
    assert list(found.communes.values()) == communes
    assert list(found.old) == old
    assert list(found.provinces.values()) == [province]


# The source -------------------------------------------------------------------------------------

WARD = {"ward": "Xã A", "wardCode": "00001"}
NEW = {
    "DICT_PROVINCE": {"tinhcamau": {"province": "Tỉnh Cà Mau", "provinceCode": "96"}},
    "DICT_PROVINCE_WARD_NO_ACCENTED": {
        "tinhcamau": {"xaa": WARD, "xab": {"ward": "Xã B", "wardCode": "00002"}}
    },
    "DICT_PROVINCE_WARD_ACCENTED": {},
}
LEGACY = {
    "DICT_PROVINCE": {
        "tinhbaclieu": {"province": "Tỉnh Bạc Liêu"},
        "tinhcamau": {"province": "Tỉnh Cà Mau"},
    },
    "DICT_PROVINCE_DISTRICT": {
        "tinhbaclieu": {"huyend": {"district": "Huyện D", "districtCode": "900"}}
    },
    "DICT_PROVINCE_DISTRICT_WARD_NO_ACCENTED": {
        "tinhbaclieu": {"huyend": {"xac": {"ward": "Thị Trấn C", "wardCode": "00003"}}}
    },
    "DICT_PROVINCE_DISTRICT_WARD_ACCENTED": {
        "tinhbaclieu": {"huyend": {"xãe": {"ward": "Xã E", "wardCode": "00004"}}}
    },
}
CHANGES = {
    "DICT_PROVINCE": {"tinhcamau": ["tinhbaclieu", "tinhcamau"]},
    "DICT_PROVINCE_WARD_NO_DIVIDED": {
        "tinhcamau": {"xaa": ["tinhbaclieu_huyend_xac", "tinhbaclieu_huyend_"]}
    },
    "DICT_PROVINCE_WARD_DIVIDED": {
        "tinhcamau": {"tinhbaclieu_huyend_xãe": [{"newWardKey": "xab"}, {"newWardKey": "xaa"}]}
    },
}


def wheel(folder: Path, **parts: object) -> Path:
    file = folder / "vietnamadminunits-1.0.4-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as out:
        for name, data in parts.items():
            out.writestr(f"vietnamadminunits/data/{name}.json", json.dumps(data))
    return file


def test_a_wheel_becomes_places(tmp_path: Path) -> None:
    source = read_wheel(
        wheel(tmp_path, parser_from_2025=NEW, parser_legacy=LEGACY, converter_2025=CHANGES)
    )
    assert source.version == "1.0.4"
    assert provinces(source) == [Province("96", "Tỉnh Cà Mau", ("Tỉnh Cà Mau", "Tỉnh Bạc Liêu"))]
    communes, old = places(source, "96")
    assert [c.code for c in communes] == ["96.00001", "96.00002"]
    assert old == [
        OldCommune("00003", "Thị trấn C", "Huyện D", "Tỉnh Bạc Liêu", ("96.00001",)),
        OldCommune("00004", "Xã E", "Huyện D", "Tỉnh Bạc Liêu", ("96.00001", "96.00002")),
        OldCommune("900", "Huyện D", "Huyện D", "Tỉnh Bạc Liêu", ("96.00001",)),
    ]
    with pytest.raises(LocalityError, match="no province's code"):
        places(source, "00")


def test_another_file_is_no_wheel(tmp_path: Path) -> None:
    text = tmp_path / "x.whl"
    text.write_text("x")
    for file in (text, tmp_path / "none", wheel(tmp_path, other={})):
        with pytest.raises(LocalityError, match="not a wheel of vietnamadminunits"):
            read_wheel(file)
    odd = wheel(tmp_path, parser_from_2025={}, parser_legacy={}, converter_2025={})
    with pytest.raises(LocalityError, match="another form"):
        provinces(read_wheel(odd))
    with pytest.raises(LocalityError, match="another form"):
        places(read_wheel(odd), "96")
