"""A seller's payment code: asked for, shown once more, made, forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain import events as ev
from bot.domain.effects import LogQuestion
from bot.domain.state import SellerDraft, Slot
from bot.safety.qr.banks import load_banks
from bot.safety.qr.vietqr import VietQr, read_payment
from tests.dialogue.helpers import ROOT, Talk, say, talk

BANKS = load_banks(Path(ROOT) / "content")
ACCOUNT = "0900 000 021"
DRAFT = SellerDraft("970405", "0900000021", "CÔ BA")


def seller(**state: object) -> Talk:
    """A person with the banks at hand."""
    return talk(**state).know(banks=BANKS)


def filled(*typed: str) -> Talk:
    """Somebody who began and typed these answers."""
    person = seller().text("tạo mã QR nhận tiền")
    for text in typed:
        person.text(text)
    return person


def test_from_the_first_word_to_the_picture() -> None:
    person = filled("nông nghiệp", ACCOUNT, "Trần Thị Bé", "50 nghìn", "tiền mắm")
    assert person.state.slot is None
    for part in ("Agribank", "0900 0000 21", "TRẦN THỊ BÉ", "50.000 đồng", "tien mam"):
        assert part in person.said
    (made,) = person.tap("seller_make").replies
    picture = made.payment
    assert picture is not None
    assert (picture.bank, picture.holder) == ("Agribank", "TRẦN THỊ BÉ")
    assert read_payment(picture.payload) == VietQr(
        "970405", "0900000021", amount=50_000, memo="tien mam", once=True
    )
    assert made.text == say("seller_made")


def test_nothing_is_kept_once_it_is_made() -> None:
    person = filled("vcb", ACCOUNT, "cô Ba", "bỏ qua", "bỏ qua").text("đúng")
    assert person.replies[0].payment is not None
    assert person.state.seller is None
    assert person.state.slot is None
    assert "0900" not in repr(person.state)


def test_without_sum_and_memo_the_code_can_be_used_many_times() -> None:
    person = filled("vcb", ACCOUNT, "cô Ba").tap("skip").tap("skip")
    assert say("seller_amount_open") in person.said
    picture = person.tap("seller_make").replies[0].payment
    assert picture is not None
    assert read_payment(picture.payload) == VietQr("970436", "0900000021")
    assert len(picture.lines) == 1


def test_the_account_is_taken_unmasked_and_logged_nowhere() -> None:
    person = filled("vcb", ACCOUNT)
    assert person.state.seller == SellerDraft("970436", "0900000021")
    assert not any(isinstance(effect, LogQuestion) for effect in person.effects)
    assert say("masked") not in person.said


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("12", "seller_account_again"),
        ("abcdef", "seller_account_again"),
        ("0" * 20, "seller_account_again"),
        ("9704 1512 3456 7890", "seller_account_card"),
        ("4111 1111 1111 1111", "seller_account_card"),
    ],
)
def test_a_number_that_is_no_account_is_asked_for_again(typed: str, key: str) -> None:
    person = filled("vcb", typed)
    assert person.said == say(key, bank="Vietcombank")
    assert person.state.slot is Slot.SELLER_ACCOUNT
    assert person.state.seller == SellerDraft("970436")


@pytest.mark.parametrize("typed", ["123", "a" * 41, "?", "Ba 3", "<b>Ba</b>"])
def test_a_name_that_cannot_be_one_is_asked_for_again(typed: str) -> None:
    person = filled("vcb", ACCOUNT, typed)
    assert person.said == say("seller_name_again")
    assert person.state.slot is Slot.SELLER_NAME


@pytest.mark.parametrize("typed", ["nhiều", "500", "999999999999"])
def test_a_sum_that_cannot_be_one_is_asked_for_again(typed: str) -> None:
    person = filled("vcb", ACCOUNT, "cô Ba", typed)
    assert person.said == say("seller_amount_again")


def test_a_bank_nobody_knows_is_asked_for_again() -> None:
    assert filled("ngân hàng nhà tôi ở").said == say("seller_bank_again")


def test_a_name_of_two_banks_gives_both_and_a_number_picks() -> None:
    person = filled("sài gòn")
    assert person.ids == ["seller:bin:970400", "seller:bin:970429", "seller:stop"]
    assert person.text("2").state.seller == SellerDraft("970429")


def test_another_bank_forgets_the_account() -> None:
    person = filled("vcb", ACCOUNT)
    person.press("seller:bin:970405")
    assert person.state.seller == SellerDraft("970405")


@pytest.mark.parametrize("word", ["thôi", "hủy", "không"])
def test_stopping_keeps_nothing(word: str) -> None:
    person = filled("vcb", ACCOUNT, word)
    assert person.said == say("seller_stopped")
    assert (person.state.seller, person.state.slot) == (None, None)


def test_asking_for_something_else_drops_it() -> None:
    for person in (filled("vcb", ACCOUNT).text("menu"), filled("vcb", ACCOUNT).press("scam")):
        assert (person.state.seller, person.state.slot) == (None, None)


def test_a_question_at_the_last_page_drops_it_and_old_buttons_make_nothing() -> None:
    person = seller(seller=DRAFT, yes="seller:make", offered=("seller:make",))
    person.text("lừa đảo qua link", "scam_link")
    assert person.state.seller is None
    person.press("seller:make")
    assert say("seller_nothing") in person.replies[-1].text
    assert all(reply.payment is None for reply in person.replies)


def test_making_again_begins_anew() -> None:
    person = filled("vcb", ACCOUNT, "cô Ba", "bỏ qua", "bỏ qua").tap("seller_redo")
    assert person.state.seller == SellerDraft()
    assert person.state.slot is Slot.SELLER_BANK


def test_a_button_to_make_does_nothing_before_all_is_known() -> None:
    person = filled("vcb").press("seller:make")
    assert person.state.slot is Slot.SELLER_ACCOUNT
    assert person.replies[0].payment is None


def test_a_request_for_a_person_and_a_code_exclude_each_other() -> None:
    person = filled("vcb").text("gặp người")
    assert person.state.seller is None
    person.press("hand:yes")
    assert person.state.draft is not None
    person.text("/taoqr")
    assert person.state.draft is None
    assert person.state.slot is Slot.SELLER_BANK


def test_a_picture_in_between_asks_again() -> None:
    person = filled("vcb").event(ev.Attachment("sticker"))
    assert say("seller_account", bank="Vietcombank") in person.said


def test_danger_comes_before_the_form() -> None:
    person = filled("vcb").text("có người đòi giết tôi")
    assert person.state.seller is None
    assert "113" in person.said


def test_the_guide_says_that_a_picture_can_be_had() -> None:
    person = seller().text("làm sao có mã nhận tiền", "qr_receive")
    assert say("seller_offer") in person.replies[0].text
