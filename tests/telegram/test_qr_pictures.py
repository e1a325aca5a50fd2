"""QR pictures on Telegram, through the whole program: in, and a seller's code out."""

from __future__ import annotations

from bench.bad_pictures import code, encoded
from bot.pictures.codes import find_codes
from bot.safety.qr.vietqr import VietQr, make, read_payment
from tests.telegram.stage import Person, Stage

PAYLOAD = make("970405", "1234567890", 150_000, "mua tom kho")


def shown(stage: Stage, person: Person, data: bytes, **document: str) -> str:
    """Send a picture and read the answer."""
    person.catch_up()
    if document:
        stage.tg.send_document(person.user, data, **document)
    else:
        stage.tg.send_photo(person.user, data)
    return person.next().text


def test_a_photo_of_a_payment_code_is_read(stage: Stage) -> None:
    ba = stage.person("Ba")
    ba.start()
    text = shown(stage, ba, encoded(code(PAYLOAD), "JPEG"))
    for part in ("Agribank", "••••••7890", "150.000 đồng", "mua tom kho", "đọc to tên người nhận"):
        assert part in text
    assert "1234567890" not in text


def test_a_picture_sent_as_a_file_is_read_and_a_pdf_is_named(stage: Stage) -> None:
    ba = stage.person("Ba")
    ba.start()
    text = shown(stage, ba, encoded(code(PAYLOAD)), filename="qr.png", mime="image/png")
    assert "Agribank" in text
    assert "PDF" in shown(stage, ba, b"%PDF-1.7", filename="a.pdf")
    assert "không thấy mã QR" in shown(stage, ba, encoded(code("a").resize((1, 1)), "JPEG"))


def test_a_photo_that_the_platform_does_not_give_is_asked_for_again(stage: Stage) -> None:
    ba = stage.person("Ba")
    ba.start()
    stage.tg.fault("getFile", times=None, status=400, description="Bad Request: file is too big")
    try:
        assert "20 MB" in shown(stage, ba, encoded(code(PAYLOAD), "JPEG"))
    finally:
        stage.tg.clear_faults()


def test_a_seller_gets_a_code_that_can_be_read(stage: Stage) -> None:
    ba = stage.person("Ba")
    ba.start()
    ba.say("tạo mã QR nhận tiền")
    ba.say("nông nghiệp")
    ba.say("0900 000 022")
    ba.say("Trần Thị Bé")
    ba.tap("Bỏ qua")
    asked = ba.tap("Bỏ qua")
    assert "0900 0000 22" in asked.text
    made = ba.tap("Đúng, tạo mã")
    assert made.method == "sendPhoto"
    assert made.file_id is not None
    (payload,) = find_codes(stage.tg.files[made.file_id].data).payloads
    assert read_payment(payload) == VietQr("970405", "0900000022")
    kept = stage.rows("SELECT state FROM chats WHERE external_id = ?", str(ba.id))
    assert b"0900" not in kept[0][0]
    cards = stage.served.var_dir / "cards"
    assert not cards.exists() or made.file_id not in [path.stem for path in cards.iterdir()]
