"""Sending a picture from the web chat, and getting a payment code there, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, Page, expect

from bench.bad_pictures import code, encoded
from bot.safety.qr.vietqr import make

pytestmark = pytest.mark.browser

PICTURE = encoded(code(make("970405", "1234567890", 150_000), 60))


def test_a_picture_is_made_small_sent_and_answered(page: Page) -> None:
    sent: list[int] = []
    page.on(
        "request",
        lambda r: sent.append(len(r.post_data_buffer or b"")) if "/pictures" in r.url else None,
    )
    file = FilePayload(name="ma.png", mimeType="image/png", buffer=PICTURE)
    page.get_by_label("Gửi hình có mã QR").set_input_files(file)
    expect(page.locator(".own")).to_contain_text("Đã gửi một hình")
    answer = page.locator(".bot").last
    expect(answer).to_contain_text("Agribank")
    expect(answer).to_contain_text("••••••7890")
    expect(page.locator("#state")).to_be_hidden()
    assert len(sent) == 1
    assert sent[0] < 500_000


def test_a_payment_code_is_shown_and_stays(page: Page) -> None:
    answers = page.locator(".bot")
    for number, text in enumerate(
        ("tạo mã QR nhận tiền", "vcb", "0900 000 023", "cô Ba", "bỏ qua", "bỏ qua", "đúng"), 2
    ):
        page.get_by_label("Câu hỏi").fill(text)
        page.get_by_label("Câu hỏi").press("Enter")
        expect(answers).to_have_count(number)
    picture = answers.last.get_by_role("img")
    expect(picture).to_have_attribute("src", re.compile("^data:image/png;base64,"))
    expect(picture).to_have_attribute("alt", re.compile("CÔ BA"))
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 874
    page.reload()
    expect(page.locator(".bot img")).to_have_count(1)


def test_the_button_is_large_enough_and_the_page_no_wider(page: Page) -> None:
    box = page.locator("#attach").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]
