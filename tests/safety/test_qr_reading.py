"""What is said of a code: its kind, what is covered, what to beware of."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.pictures import CodeKind, SeenCode, Verdict
from bot.guides.phrase_keys import SAY
from bot.safety.qr.banks import load_banks
from bot.safety.qr.reading import LinkOpinion, covered, defanged, one_line, read_code
from bot.safety.qr.tlv import Fault
from bot.safety.qr.vietqr import Service, make

BANKS = load_banks(Path(__file__).resolve().parents[2] / "content")
CARD = "079012345678|012345678|Nguyễn Văn Mẫu|01011990|Nam|Ấp Mẫu, xã Mẫu|01012021"


def read(payload: str) -> SeenCode:
    """A code without anybody to judge links."""
    return read_code(payload, BANKS)


def test_a_transfer_says_bank_sum_and_purpose_and_covers_the_account() -> None:
    code = read(make("970405", "1234567890", 150_000, "mua tom kho"))
    assert code.kind is CodeKind.VIETQR
    assert (code.bank, code.bin) == ("Agribank", "970405")
    assert (code.account, code.card) == ("••••••7890", False)
    assert (code.amount, code.memo, code.once) == ("150000", "mua tom kho", True)
    assert code.verdict is Verdict.UNKNOWN


def test_a_card_is_said_to_be_one() -> None:
    code = read(make("970403", "9704031101234567", service=Service.CARD))
    assert code.card
    assert code.account.endswith("•4567")


def test_a_bank_nobody_knows_is_a_reason_to_be_careful() -> None:
    code = read(make("123456", "1234567890"))
    assert (code.bank, code.verdict) == ("", Verdict.CAUTION)
    assert code.reasons[0] == "code_bank_unknown"


def test_a_code_whose_checksum_is_wrong_is_not_read() -> None:
    payload = make("970405", "1234567890")
    code = read(payload[:-1] + ("0" if payload[-1] != "0" else "1"))
    assert (code.kind, code.fault) == (CodeKind.BROKEN_PAYMENT, Fault.BAD_CRC.value)
    assert code.verdict is Verdict.CAUTION
    assert code.account == code.bin == ""


def test_the_code_of_a_citizens_card_leaves_nothing_behind() -> None:
    for text in (CARD, CARD.replace("|012345678|", "||"), "DN4010123456789|a|01/01/1990|1|b"):
        code = read(text)
        assert code == SeenCode(CodeKind.CITIZEN_CARD, Verdict.CAUTION, 0.5, ("code_card_private",))


@pytest.mark.parametrize(
    ("payload", "kind", "text"),
    [
        ("WIFI:T:WPA;S:Quan\\;Ca;P:bi-mat-123;;", CodeKind.WIFI, "Quan;Ca"),
        ("BEGIN:VCARD\nN:Ba;Co\nFN:Cô Ba\nTEL:0900000011\nEND:VCARD", CodeKind.CONTACT, "Cô Ba"),
        ("MECARD:N:Ba,Co;TEL:0900000012;;", CodeKind.CONTACT, "Ba,Co"),
        ("SMSTO:0900000013:DK", CodeKind.PHONE, "⟨số điện thoại⟩"),
        ("tel:1900 0000", CodeKind.PHONE, "1900 0000"),
        ("https://vi-du.example/a?b=1", CodeKind.URL, "hxxps://vi-du[.]example/a?b=1"),
        ("vi-du.example", CodeKind.URL, "vi-du[.]example"),
        ("zalo://qr/1", CodeKind.URL, "zalo://qr/1"),
        ("Chuyen cho chi Hai 150.000 dong", CodeKind.TEXT, "Chuyen cho chi Hai 150.000 dong"),
        ("", CodeKind.TEXT, ""),
        ("1|2|3|4", CodeKind.TEXT, "1|2|3|4"),
    ],
)
def test_kinds(payload: str, kind: CodeKind, text: str) -> None:
    code = read(payload)
    assert (code.kind, code.text) == (kind, text)


def test_the_password_of_a_network_is_not_shown() -> None:
    assert "bi-mat" not in repr(read("WIFI:S:Quan;T:WPA;P:bi-mat-123;;"))


def test_secrets_in_a_text_are_covered() -> None:
    shown = read("mật khẩu: abc12345, gọi 0900 000 014").text
    assert "abc12345" not in shown
    assert "0900" not in shown


@pytest.mark.parametrize("bare", ["Hoasen2020!", "abc12345", " x9#k ", "anh-sau-1960", "p@ssword"])
def test_a_word_that_may_be_a_password_is_covered(bare: str) -> None:
    code = read(bare)
    assert (code.kind, code.reasons) == (CodeKind.TEXT, ("code_text_bare",))
    assert bare.strip() not in repr(code)


@pytest.mark.parametrize("said", ["Phở", "Mời vào", "ban so 5", "Tầng 2 - quầy 4"])
def test_words_that_are_none_are_shown(said: str) -> None:
    assert read(said).text == said


def test_a_link_is_judged_by_whoever_judges_links() -> None:
    opinion = LinkOpinion(Verdict.DANGEROUS, 0.97, ("giống mà không phải",), "xau[.]example")
    code = read_code("https://xau.example/1", BANKS, lambda _: opinion)
    assert (code.verdict, code.score, code.said) == (Verdict.DANGEROUS, 0.97, opinion.said)
    assert (code.text, code.link) == ("xau[.]example", "hxxps://xau[.]example/1")
    text = read_code("vào xau.example nhận quà", BANKS, lambda _: opinion)
    assert (text.kind, text.verdict) == (CodeKind.TEXT, Verdict.DANGEROUS)
    assert "xau[.]example" in text.text


def test_a_link_nobody_judged_is_never_called_official() -> None:
    assert read("https://dichvucong.gov.vn").verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("account", "shown"),
    [("0123456789", "••••••6789"), ("12345", "•2345"), ("1234", "••••"), ("1", "•"), ("", "")],
)
def test_covering(account: str, shown: str) -> None:
    assert covered(account) == shown


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("HTTP://A.example:80/x.html", "hxxp://A[.]example:80/x[.]html"),
        ("http://1.2.3.4/a", "hxxp://1[.]2[.]3[.]4/a"),
        ("https://a.vn?u=http://b.top", "hxxps://a[.]vn?u=hxxp://b[.]top"),
        ("giá 150.000 đồng, 1.5 kg.", "giá 150.000 đồng, 1.5 kg."),
    ],
)
def test_links_cannot_be_tapped(link: str, shown: str) -> None:
    assert defanged(link) == shown


@given(st.text(max_size=400) | st.text("|0123456789Nam/", max_size=200))
def test_whatever_a_code_says_it_is_read(text: str) -> None:
    code = read(text)
    assert set(code.reasons) <= SAY.keys()
    assert len(code.text) <= 400
    assert not any(char in code.text for char in "\0\n\r\u202e")


def test_a_payload_of_four_thousand_letters_is_shown_short() -> None:
    assert len(read("CHUYEN TIEN " * 350).text) <= 200
    assert len(one_line("https://vi-du.example/" + "a" * 4000)) == 200


def test_every_fault_and_kind_has_words() -> None:
    for kind in CodeKind:
        assert f"code_is_{kind.value}" in SAY
    for verdict in Verdict:
        assert f"code_{verdict.value}" in SAY
