"""Recording a voice note in the web chat: asked for, said, sent and answered."""

from __future__ import annotations

import contextlib
import re
import sqlite3

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.watch import Watch
from tests.process import Served

pytestmark = pytest.mark.browser

#: A microphone that hums; whether it was let go of.
HUMS = """
window.tracks = [];
if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async () => {
  if (window.refused) throw new DOMException('no', 'NotAllowedError');
  const audio = new AudioContext();
  const out = audio.createMediaStreamDestination();
  const tone = audio.createOscillator();
  tone.connect(out);
  tone.start();
  window.tracks = out.stream.getTracks();
  return out.stream;
};
"""


@pytest.fixture
def speaking(phone: BrowserContext, watch: Watch, server: Served) -> Page:
    """A phone with a microphone."""
    phone.add_init_script(HUMS)
    page = phone.new_page()
    page.goto(server.url)
    expect(page.locator(".bot")).to_have_count(1)
    return page


def open_recorder(page: Page) -> None:
    page.locator("#menu summary").click()
    page.get_by_role("button", name="Gửi tin thoại").click()


def test_a_note_is_recorded_sent_and_answered(speaking: Page, watch: Watch, server: Served) -> None:
    page = speaking
    assert not [r for r in watch.requests if "record.js" in r.url]
    open_recorder(page)
    dialog = page.get_by_role("dialog", name="Gửi tin thoại")
    expect(dialog).to_contain_text("Đừng đọc mật khẩu")
    assert page.evaluate("window.tracks.length") == 0
    dialog.get_by_role("button", name="Bắt đầu nói").click()
    expect(dialog).to_contain_text("Đang ghi")
    expect(dialog).to_contain_text("0:02")
    serious = [
        each
        for each in Axe().run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == []
    dialog.get_by_role("button", name="Gửi", exact=True).click()
    expect(page.locator(".own")).to_contain_text(re.compile(r"Đã gửi một tin thoại \(\d+ giây\)"))
    assert page.evaluate("window.tracks.every(t => t.readyState === 'ended')")
    assert len(watch.posts("/chat/notes")) == 1
    # This server has nothing that hears.
    answer = page.locator(".bot").last
    expect(answer).to_contain_text("chưa nghe được tiếng nói")
    expect(answer.get_by_role("button", name="Gửi cho người giúp nghe")).to_be_visible()
    with contextlib.closing(sqlite3.connect(server.var_dir / "congdanso.db")) as db:
        media, length = db.execute(
            "SELECT media, length(payload) FROM voice_notes ORDER BY id DESC"
        ).fetchone()
    assert media == "audio/webm"
    assert 500 < length < 100_000


@pytest.mark.parametrize("how", ["button", "escape"])
def test_a_note_that_is_left_is_not_sent(speaking: Page, watch: Watch, how: str) -> None:
    page = speaking
    open_recorder(page)
    dialog = page.get_by_role("dialog", name="Gửi tin thoại")
    dialog.get_by_role("button", name="Bắt đầu nói").click()
    expect(dialog).to_contain_text("Đang ghi")
    if how == "button":
        dialog.get_by_role("button", name="Thôi").click()
    else:
        page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Câu hỏi")).to_be_focused()
    assert page.evaluate("window.tracks.every(t => t.readyState === 'ended')")
    assert watch.posts("/chat/notes") == []
    expect(page.locator(".own")).to_have_count(0)


def test_no_microphone_is_said(speaking: Page, watch: Watch) -> None:
    page = speaking
    page.evaluate("window.refused = true")
    open_recorder(page)
    dialog = page.get_by_role("dialog", name="Gửi tin thoại")
    dialog.get_by_role("button", name="Bắt đầu nói").click()
    expect(dialog).to_contain_text("Chưa dùng được micrô")
    dialog.get_by_role("button", name="Thôi").click()
    assert watch.posts("/chat/notes") == []


def test_the_microphone_records_where_the_browser_takes_no_dictation(
    phone: BrowserContext, server: Served
) -> None:
    phone.add_init_script(
        HUMS + "delete window.webkitSpeechRecognition; window.SpeechRecognition = undefined"
    )
    page = phone.new_page()
    page.goto(server.url)
    expect(page.locator(".bot")).to_have_count(1)
    page.locator("#dictate").click()
    expect(page.get_by_role("dialog", name="Gửi tin thoại")).to_be_visible()
