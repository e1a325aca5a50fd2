"""A seller's payment code drawn: it can be read back, whatever the words."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from bot.cards.cache import whole_png
from bot.cards.payment import HEIGHT, WIDTH, draw_payment
from bot.cards.style import BYTES_MOST
from bot.domain.replies import PaymentPicture, Reply, decode_reply, encode_reply
from bot.pictures.codes import find_codes
from bot.safety.qr.vietqr import make

PICTURE = PaymentPicture(
    payload=make("970405", "0900000021", 1_250_000, "tien mam"),
    head="QUÉT MÃ ĐỂ TRẢ TIỀN",
    bank="Agribank",
    holder="TRẦN THỊ BÉ NĂM",
    lines=("Số tài khoản: 0900 0000 21", "1.250.000 đồng", "Nội dung: tien mam"),
    foot="Xem đúng tên người nhận rồi mới bấm trả",
    alt="Hình mã QR",
)


@pytest.mark.parametrize(
    "picture",
    [
        PICTURE,
        replace(PICTURE, lines=()),
        replace(PICTURE, holder="BA"),
        replace(PICTURE, holder="HỘ KINH DOANH NGUYỄN THỊ HUỲNH NHƯ PHƯƠN"),
        replace(PICTURE, holder="W" * 40, bank="Standard Chartered Việt Nam AB"),
        replace(PICTURE, holder="💰 ???", head="", foot=""),
        replace(PICTURE, payload=make("970405", "0" * 19, 10**12, "x" * 25)),
    ],
    ids=lambda picture: picture.holder[:9],
)
def test_what_is_drawn_is_read_back(picture: PaymentPicture) -> None:
    png = draw_payment(picture)
    assert whole_png(png)
    assert len(png) <= BYTES_MOST
    assert Image.open(io.BytesIO(png)).size == (WIDTH, HEIGHT)
    assert find_codes(png).payloads == (picture.payload,)


def test_it_is_read_after_printing_small_and_photographing_badly() -> None:
    seen = Image.open(io.BytesIO(draw_payment(PICTURE))).convert("L")
    small = seen.resize((WIDTH // 3, HEIGHT // 3)).rotate(7, expand=True, fillcolor=180)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=40)
    assert find_codes(out.getvalue()).payloads == (PICTURE.payload,)


def test_the_foot_is_free_of_other_letters() -> None:
    tall = replace(PICTURE, holder="HỘ KINH DOANH NGUYỄN THỊ HUỲNH NHƯ PHƯƠN")
    grey = Image.open(io.BytesIO(draw_payment(tall))).convert("L")
    above = grey.crop((0, HEIGHT - 88, WIDTH, HEIGHT - 80))
    assert above.getextrema() == (255, 255)


def test_a_reply_carries_it_through_the_outbox() -> None:
    reply = Reply("đây", payment=PICTURE)
    assert decode_reply(encode_reply(reply)) == reply
