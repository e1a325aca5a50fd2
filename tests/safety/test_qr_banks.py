"""Finding a bank as people type it, and the file the banks stand in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.guides.errors import ContentError
from bot.safety.qr.banks import FILE, load_banks

BANKS = load_banks(Path(__file__).resolve().parents[2] / "content")


@pytest.mark.parametrize(
    ("typed", "bank"),
    [
        ("vcb", "Vietcombank"),
        ("viet com", "Vietcombank"),
        ("Vietcombank nha em", "Vietcombank"),
        ("ngân hàng TMCP ngoại thương Việt Nam", "Vietcombank"),
        ("nông nghiệp", "Agribank"),
        ("ngan hang nong nghiep", "Agribank"),
        ("agribank", "Agribank"),
        ("agribak", "Agribank"),
        ("970405", "Agribank"),
        ("công thương", "VietinBank"),
        ("b.i.d.v", "BIDV"),
        ("quân đội", "MB Bank"),
        ("mb", "MB Bank"),
        ("teckcombank", "Techcombank"),
        ("sacom bank", "Sacombank"),
        ("bưu điện", "LPBank"),
        ("chính sách xã hội", "VBSP"),
        ("đông á", "Vikki Bank"),
        ("vp bank", "VPBank"),
        ("Việt Á", "VietABank"),
        ("momo", "Ví MoMo"),
    ],
)
def test_a_bank_by_what_people_call_it(typed: str, bank: str) -> None:
    assert [found.name for found in BANKS.find(typed)] == [bank]


@pytest.mark.parametrize(
    "typed", ["", "ngân hàng", "bank", "việt", "tôi không biết", "0123456789", "hà nội", "???"]
)
def test_what_is_no_banks_name_finds_none(typed: str) -> None:
    assert BANKS.find(typed) == ()


def test_a_name_of_several_gives_all() -> None:
    assert {bank.name for bank in BANKS.find("sài gòn")} == {"SaigonBank", "SCB"}
    assert len(BANKS.find("ibk")) == 2


def test_every_bank_is_found_by_its_own_names() -> None:
    for bank in BANKS:
        for name in (bank.bin, bank.code, bank.name, bank.full):
            assert bank in BANKS.find(name), name


def test_no_two_banks_share_a_short_name() -> None:
    for bank in BANKS:
        assert BANKS.find(bank.code) == (bank,)


@given(st.text())
def test_any_text_can_be_asked_for(text: str) -> None:
    assert len(BANKS.find(text)) <= 5


def test_what_is_wrong_with_the_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.parent.mkdir()
    file.write_text(
        "source: x\n"
        "banks:\n"
        '  - {bin: "97040", code: A, name: A, full: A, also: []}\n'
        '  - {bin: "970405", code: B, name: B, full: B, also: []}\n'
        '  - {bin: "970405", code: C, name: C, full: C, also: [], swift: D}\n'
    )
    with pytest.raises(ContentError) as caught:
        load_banks(tmp_path)
    said = str(caught.value)
    assert "banks.yml:3: banks[1].bin: is not allowed; must be six digits in quotes" in said
    assert "banks[3].bin: 970405 stands in an entry above; keep one" in said
    assert "banks[3].swift: is not a known field" in said


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"banks\.yml"):
        load_banks(tmp_path)
