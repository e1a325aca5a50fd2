"""Reading and speaking on a small phone: letters, contrast, screen reader, voice, dictation."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.renderers.bubbles import BUBBLE_MOST
from bot.renderers.text import utf16_length
from tests.browser.test_web_chat import ask_activate, button, say, step, width_of
from tests.browser.watch import Watch
from tests.process import Served

pytestmark = pytest.mark.browser

#: A browser with a Vietnamese voice, which writes down what it is told to read.
VOICE = """
window.spoken = [];
window.SpeechSynthesisUtterance = class extends EventTarget {
  constructor(text) { super(); this.text = text; }
};
const queue = [];
const next = () => queue[0]?.dispatchEvent(new Event('start'));
Object.defineProperty(window, 'speechSynthesis', { value: Object.assign(new EventTarget(), {
  getVoices: () => [
    { lang: 'en-US', localService: true, name: 'English' },
    { lang: 'vi-VN', localService: LOCAL, name: 'Cô Thử' },
  ],
  speak(words) {
    window.spoken.push(words.text);
    if (queue.push(words) === 1) next();
  },
  cancel() { queue.length = 0; window.cancelled = (window.cancelled ?? 0) + 1; },
}) });
window.finishReading = () => {
  while (queue.length) { queue.shift().dispatchEvent(new Event('end')); next(); }
};
"""
#: A browser that offers dictation and hears what the test says.
HEARS = """
window.webkitSpeechRecognition = window.SpeechRecognition = class {
  start() { window.recognition = this; }
  stop() { this.onend(); }
  abort() { this.onend(); }
};
window.hear = (words) => window.recognition.onresult({ results: [[{ transcript: words }]] });
window.fail = (error) => { window.recognition.onerror({ error }); window.recognition.onend(); };
"""


def serious(page: Page) -> list[str]:
    """What an automated check finds that is serious or critical."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['target']}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("contrast", ["usual", "more"])
def test_no_serious_finding(browser: Browser, server: Served, scheme: str, contrast: str) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        color_scheme="dark" if scheme == "dark" else "light",
        contrast="more" if contrast == "more" else "no-preference",
        reduced_motion="reduce",
    )
    context.add_init_script(VOICE.replace("LOCAL", "true") + HEARS)
    page = context.new_page()
    page.goto(server.url)
    expect(page.locator(".bot")).to_have_count(1)
    expect(page.locator("html")).to_have_attribute("data-contrast", contrast)
    ask_activate(page)
    say(page, "toi lo chuyen tien cho lua dao roi")
    expect(page.locator(".bot.urgent")).not_to_have_count(0)
    assert serious(page) == []
    page.locator("#menu summary").click()
    assert serious(page) == []
    page.locator("#ask-forget").click()
    assert serious(page) == []
    for path in ("/khi-mat-mang", "/huong-dan", "/huong-dan/vneid_level_2"):
        page.goto(server.url + path)
        expect(page.locator("h1")).to_be_visible()
        assert serious(page) == [], path
    context.close()


def test_large_letters_are_remembered_and_fit(page: Page, server: Served) -> None:
    def size() -> float:
        return float(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)"))

    larger = page.get_by_role("button", name="Chữ to")
    sizes = [size()]
    for name in ("to", "rất to"):
        larger.click()
        expect(page.locator("#state")).to_have_text(f"Cỡ chữ: {name}")
        expect(larger).to_have_attribute("aria-pressed", "true")
        sizes.append(size())
    assert sizes[2] > sizes[1] * 1.15 > sizes[0] * 1.3
    page.reload()
    expect(page.locator(".bot")).to_have_count(1)
    assert size() == sizes[2]
    ask_activate(page)
    content, window = width_of(page)
    assert content <= window
    page.locator("#menu summary").click()
    content, window = width_of(page)
    assert content <= window
    page.goto(f"{server.url}/huong-dan/vneid_level_2")
    assert size() == sizes[2]
    content, window = width_of(page)
    assert content <= window
    page.goto(server.url)
    larger.click()
    assert size() == sizes[0]
    expect(larger).to_have_attribute("aria-pressed", "false")


def test_high_contrast_is_remembered(page: Page) -> None:
    def ratio() -> tuple[str, str]:
        style = "getComputedStyle(document.querySelector('.bot .bubble'))"
        return page.evaluate(f"{style}.color"), page.evaluate(f"{style}.backgroundColor")

    before = ratio()
    page.locator("#menu summary").click()
    page.get_by_role("button", name="Tương phản cao").click()
    assert ratio() == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
    page.reload()
    expect(page.locator(".bot")).to_have_count(1)
    assert ratio() == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
    page.locator("#menu summary").click()
    page.get_by_role("button", name="Tương phản cao").click()
    assert ratio() == before


def test_nothing_moves_for_who_wants_that(page: Page) -> None:
    moving = (
        "[...document.querySelectorAll('*')].filter(e => { const s = getComputedStyle(e);"
        " return s.animationName === 'breathe' || s.scrollBehavior === 'smooth'; }).length"
    )
    assert page.evaluate(moving) == 0


def test_long_answers_come_in_short_bubbles(page: Page) -> None:
    ask_activate(page)
    last = page.locator(".bot").last
    bubbles = last.locator(".bubble")
    assert bubbles.count() > 1
    assert all(utf16_length(text) <= BUBBLE_MOST + 40 for text in bubbles.all_inner_texts())
    # The buttons are below the last one, what it is stands above the first only.
    assert last.locator(".bubble + .choices").count() == 1
    assert last.get_by_text("Máy trả lời:").count() == 1
    page.reload()
    expect(page.locator(".bot").last.locator(".bubble")).to_have_count(bubbles.count())


def test_a_screen_reader_hears_urgent_things_at_once(page: Page) -> None:
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    ask_activate(page)
    assert page.get_by_role("alert").count() == 0
    say(page, "toi lo chuyen tien cho lua dao roi")
    expect(page.get_by_role("alert").first).to_contain_text("Việc gấp")
    page.reload()
    expect(page.locator(".bot.urgent")).not_to_have_count(0)
    # What was read once is not called out again.
    assert page.get_by_role("alert").count() == 0


def test_no_voice_no_buttons(page: Page) -> None:
    expect(page.locator(".listen").first).to_be_hidden()
    expect(page.locator("#aloud")).to_be_hidden()


@pytest.fixture
def speaking(phone: BrowserContext, watch: Watch, server: Served) -> Page:
    """A phone with a Vietnamese voice of its own."""
    phone.add_init_script(VOICE.replace("LOCAL", "true"))
    page = phone.new_page()
    page.goto(server.url)
    expect(page.locator(".bot")).to_have_count(1)
    return page


def test_a_bubble_is_read_and_stopped(speaking: Page) -> None:
    page = speaking
    listen = page.get_by_role("button", name="Đọc to đoạn này")
    listen.first.click()
    spoken = " ".join(page.evaluate("window.spoken"))
    assert "máy trả lời tự động" in spoken
    assert max(map(len, page.evaluate("window.spoken"))) <= 180
    stop = page.get_by_role("button", name="Thôi đọc")
    expect(stop).to_have_count(1)
    stop.click()
    expect(stop).to_have_count(0)
    listen.first.click()
    page.evaluate("window.finishReading()")
    expect(stop).to_have_count(0)


def test_typing_stops_the_voice(speaking: Page) -> None:
    page = speaking
    page.get_by_role("button", name="Đọc to đoạn này").first.click()
    page.get_by_label("Câu hỏi").press_sequentially("a")
    assert page.evaluate("window.cancelled") == 1
    expect(page.get_by_role("button", name="Thôi đọc")).to_have_count(0)


def test_answers_are_read_by_themselves_when_asked_for(speaking: Page) -> None:
    page = speaking
    page.locator("#menu summary").click()
    page.get_by_role("button", name="Tự đọc câu trả lời").click()
    assert page.evaluate("window.spoken") == []
    ask_activate(page)
    assert "Bước 1" in " ".join(page.evaluate("window.spoken"))
    page.evaluate("window.finishReading(); window.spoken = []")
    page.reload()
    expect(page.locator(".bot")).to_have_count(2)
    # A transcript is not read out; what comes new is.
    assert page.evaluate("window.spoken") == []
    button(page, "Xong, bước tiếp").click()
    expect(step(page, 2)).to_have_count(1)
    assert "Bước 2" in " ".join(page.evaluate("window.spoken"))


def test_a_voice_at_its_makers_is_not_used(phone: BrowserContext, server: Served) -> None:
    """It would be sent every answer."""
    phone.add_init_script(VOICE.replace("LOCAL", "false"))
    page = phone.new_page()
    page.goto(server.url)
    expect(page.locator(".bot")).to_have_count(1)
    expect(page.locator(".listen").first).to_be_hidden()


@pytest.fixture
def dictating(phone: BrowserContext, watch: Watch, server: Served) -> Page:
    """A phone whose browser offers dictation."""
    phone.add_init_script(HEARS)
    page = phone.new_page()
    page.goto(server.url)
    expect(page.locator(".bot")).to_have_count(1)
    return page


def dictate(page: Page) -> None:
    page.get_by_role("button", name="Nói thay vì gõ").click()


def test_dictation_is_asked_for_and_never_sent_by_itself(dictating: Page, watch: Watch) -> None:
    page = dictating
    dictate(page)
    consent = page.get_by_role("dialog", name="Nói thay vì gõ")
    expect(consent).to_contain_text("có thể gửi tiếng nói cho hãng làm ra nó")
    expect(page.locator(":focus")).to_have_text("Thôi, tôi gõ")
    page.keyboard.press("Enter")
    assert page.evaluate("window.recognition") is None
    dictate(page)
    consent.get_by_role("button", name="Đồng ý, bắt đầu nói").click()
    expect(page.locator("#state")).to_contain_text("đang nghe")
    assert page.evaluate("window.recognition.lang") == "vi-VN"
    page.evaluate("window.hear('làm sao kích')")
    page.evaluate("window.hear('làm sao kích hoạt VNeID')")
    expect(page.get_by_label("Câu hỏi")).to_have_value("làm sao kích hoạt VNeID")
    dictate(page)
    expect(page.get_by_label("Câu hỏi")).to_be_focused()
    expect(page.locator("#state")).to_contain_text("xem lại")
    assert watch.posts("/chat/messages") == []
    page.get_by_role("button", name="Gửi", exact=True).click()
    expect(page.locator(".own")).to_contain_text("làm sao kích hoạt VNeID")
    # Agreed once: not asked again, until everything is erased.
    dictate(page)
    expect(consent).to_be_hidden()
    page.evaluate("window.fail('not-allowed')")
    expect(page.locator("#state")).to_contain_text("chưa được phép dùng micrô")


def test_no_dictation_where_the_browser_has_none(phone: BrowserContext, server: Served) -> None:
    phone.add_init_script(
        "delete window.webkitSpeechRecognition; window.SpeechRecognition = undefined;"
        "delete window.MediaRecorder"
    )
    page = phone.new_page()
    page.goto(server.url)
    expect(page.locator(".bot")).to_have_count(1)
    expect(page.locator("#dictate")).to_be_hidden()
    expect(page.get_by_role("button", name="Gửi", exact=True)).to_be_visible()


def test_everything_fits_a_small_phone_with_all_buttons(
    phone: BrowserContext, server: Served
) -> None:
    phone.add_init_script(VOICE.replace("LOCAL", "true") + HEARS)
    page = phone.new_page()
    page.goto(server.url)
    expect(page.locator(".bot")).to_have_count(1)
    for text in ("", "một câu hỏi"):
        page.get_by_label("Câu hỏi").fill(text)
        content, window = width_of(page)
        assert content <= window
        box = page.locator("#text").bounding_box()
        assert box
        assert box["width"] >= 150
    targets = page.locator("button:visible, summary:visible").all()
    boxes = [(t.get_attribute("class"), t.bounding_box()) for t in targets]
    assert [b for b in boxes if b[1] and min(b[1]["width"], b[1]["height"]) < 44] == []


def test_while_a_person_answers_no_machine_is_named(page: Page) -> None:
    """The words below the chat when the last message came from a helper."""
    key = page.evaluate("Object.keys(localStorage).find(k => k.includes(':bot:'))")
    assert re.search(r":bot:\d+$", key)
    page.evaluate(
        "key => { const said = JSON.parse(localStorage[key]);"
        " localStorage[key] = JSON.stringify({...said, relay: true}); }",
        key,
    )
    page.route("**/chat/messages", lambda route: route.abort())
    # No answer comes while the words are looked at.
    page.route("**/chat/stream*", lambda route: route.abort())
    page.clock.install()
    page.reload()
    expect(page.locator(".bot")).to_have_count(1)
    page.unroute("**/chat/messages")
    with page.expect_response("**/chat/messages"):
        say(page, "cô ơi")
    expect(page.locator("#typing")).to_contain_text("Đang chuyển tin cho người giúp")
    page.clock.fast_forward(8500)
    expect(page.locator("#typing")).to_contain_text("Người giúp đọc được là trả lời ở đây")
