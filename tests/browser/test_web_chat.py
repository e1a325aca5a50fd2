"""The web chat in a real browser against the real program."""

from __future__ import annotations

import re
import signal
from collections import Counter

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.browser.watch import Watch, message_id, until
from tests.process import Served

pytestmark = pytest.mark.browser

QUESTION = "lam sao kich hoat vneid"
NEXT = "Xong, bước tiếp"


def say(page: Page, text: str) -> None:
    box = page.get_by_label("Câu hỏi")
    box.fill(text)
    box.press("Enter")


def ask_activate(page: Page) -> None:
    """Type the question and wait for its first step."""
    say(page, QUESTION)
    expect(step(page, 1)).to_have_count(1)


def step(page: Page, number: int) -> Locator:
    return page.locator(".bot").filter(has_text=re.compile(rf"Bước {number}/\d+:"))


def button(page: Page, label: str) -> Locator:
    """A button of the newest message that has buttons."""
    return page.locator(".newest").get_by_role("button", name=label, exact=True)


def waiting(page: Page) -> Locator:
    """Messages that wait for the network."""
    return page.locator(".own .status").filter(has_text="đang chờ mạng")


def transcript(page: Page) -> list[str]:
    return page.locator(".message").all_inner_texts()


def width_of(page: Page) -> tuple[int, int]:
    """How wide the content is, and how wide the window."""
    root = "document.documentElement"
    return page.evaluate(f"{root}.scrollWidth"), page.evaluate(f"{root}.clientWidth")


def test_greeting_says_it_is_a_machine(page: Page) -> None:
    expect(page.locator(".bot")).to_contain_text("máy trả lời tự động")
    expect(page.get_by_role("banner")).to_contain_text("Máy trả lời tự động, không phải cán bộ")
    expect(page.locator(".newest").get_by_role("button")).not_to_have_count(0)
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")


def test_typed_question_without_diacritics_shows_step_1(page: Page) -> None:
    ask_activate(page)
    expect(step(page, 1)).to_contain_text("Kích hoạt VNeID")
    expect(page.locator(".own")).to_have_text([re.compile(QUESTION)])
    expect(page.locator("#typing")).to_be_hidden()


def test_buttons_walk_through_the_guide(page: Page) -> None:
    ask_activate(page)
    button(page, NEXT).click()
    expect(step(page, 2)).to_have_count(1)
    expect(page.locator(".own").last).to_contain_text(NEXT)
    button(page, "Bước trước").click()
    expect(step(page, 1)).to_have_count(2)


def test_pressed_button_sleeps_until_the_answer(page: Page, watch: Watch) -> None:
    ask_activate(page)
    pressed = button(page, NEXT)
    pressed.evaluate("(b) => { b.click(); b.click(); }")
    expect(step(page, 2)).to_have_count(1)
    assert len(watch.posts("/chat/messages")) == 2
    expect(page.locator(".own")).to_have_count(2)


def test_old_buttons_still_work(page: Page) -> None:
    greeting = page.locator(".bot").first
    ask_activate(page)
    expect(greeting).not_to_have_class(re.compile("newest"))
    greeting.get_by_role("button", name="Xem tất cả").click()
    expect(page.locator(".bot")).to_have_count(3)


def test_reload_keeps_the_transcript(page: Page) -> None:
    ask_activate(page)
    button(page, NEXT).click()
    expect(step(page, 2)).to_have_count(1)
    before = transcript(page)
    page.reload()
    expect(page.locator(".message")).to_have_count(len(before))
    button(page, NEXT).click()
    expect(step(page, 3)).to_have_count(1)
    assert transcript(page)[: len(before)] == before
    assert len(transcript(page)) == len(before) + 2


def test_offline_messages_wait_and_go_out_once_in_order(
    page: Page, phone: BrowserContext, watch: Watch
) -> None:
    ask_activate(page)
    phone.set_offline(True)
    say(page, "tiếp")
    say(page, "tiếp theo")
    expect(waiting(page)).to_have_count(2)
    expect(page.locator("#state")).to_contain_text("Mất mạng")
    tries = len(watch.sent_ids())
    phone.set_offline(False)
    expect(step(page, 3)).to_have_count(1)
    expect(waiting(page)).to_have_count(0)
    expect(page.locator("#state")).to_be_hidden()
    assert [step(page, n).count() for n in (1, 2, 3, 4)] == [1, 1, 1, 0]
    assert list(Counter(watch.sent_ids()[tries:]).values()) == [1, 1]


def test_messages_queued_offline_survive_closing_the_page(
    page: Page, phone: BrowserContext, server: Served
) -> None:
    ask_activate(page)
    phone.set_offline(True)
    say(page, "tiếp")
    expect(waiting(page)).to_have_count(1)
    page.close()
    phone.set_offline(False)
    again = phone.new_page()
    again.goto(server.url)
    expect(step(again, 2)).to_have_count(1)
    expect(again.locator(".own")).to_have_count(2)


def test_lost_answer_to_a_post_is_tried_again_with_the_same_id(page: Page, watch: Watch) -> None:
    ask_activate(page)
    lost: list[str] = []

    def lose_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(message_id(route.request))
        route.fetch()
        route.abort()

    page.route("**/chat/messages", lose_first)
    say(page, "tiếp")
    with page.expect_response(
        lambda r: r.url.endswith("/chat/messages") and r.status == 202
    ) as answer:
        expect(step(page, 2)).to_have_count(1)
    assert message_id(answer.value.request) == lost[0]
    button(page, NEXT).click()
    expect(step(page, 3)).to_have_count(1)
    assert [step(page, n).count() for n in (2, 3)] == [1, 1]
    expect(page.locator(".own")).to_have_count(3)


def test_too_fast_shows_the_reason_and_sends_later(page: Page) -> None:
    refusals = iter([1])

    def refuse_once(route: Route) -> None:
        if next(refusals, None) is None:
            route.continue_()
        else:
            route.fulfill(status=429, json={"error": "Gửi nhanh quá."})

    page.route("**/chat/messages", refuse_once)
    say(page, QUESTION)
    expect(page.locator("#state")).to_have_text("Gửi nhanh quá.")
    expect(step(page, 1)).to_have_count(1)
    expect(page.locator("#state")).to_be_hidden()


def test_refused_message_says_why_and_does_not_block(page: Page) -> None:
    page.route(
        "**/chat/messages",
        lambda route: route.fulfill(status=413, json={"error": "Tin dài quá."}),
        times=1,
    )
    say(page, "một tin bị từ chối")
    expect(page.locator(".own .status")).to_have_text("Tin dài quá.")
    ask_activate(page)


def test_gone_cookie_begins_again_and_keeps_the_message(page: Page, phone: BrowserContext) -> None:
    ask_activate(page)
    phone.clear_cookies()
    say(page, "cách trả tiền bằng mã QR")
    expect(page.locator(".own")).to_have_count(1)
    expect(page.locator(".bot")).to_have_count(2)
    expect(page.locator(".own")).to_contain_text("mã QR")
    expect(step(page, 1)).not_to_contain_text("Kích hoạt VNeID")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_restart_loses_and_repeats_nothing(
    own_server: Served, phone: BrowserContext, watch: Watch, how: signal.Signals
) -> None:
    page = phone.new_page()
    page.goto(own_server.url)
    expect(page.locator(".bot")).to_have_count(1)
    with page.expect_response("**/chat/messages"):
        say(page, QUESTION)
    own_server.stop(how)
    expect(page.locator("#state")).to_have_text("Đang nối lại…")
    say(page, "tiếp")
    expect(waiting(page)).to_have_count(1)
    own_server.start()
    expect(step(page, 2)).to_have_count(1, timeout=60_000)
    expect(page.locator("#state")).to_be_hidden()
    button(page, NEXT).click()
    expect(step(page, 3)).to_have_count(1)
    assert [step(page, n).count() for n in (1, 2, 3, 4)] == [1, 1, 1, 0]
    expect(page.locator(".own")).to_have_count(3)
    expect(page.locator(".bot")).to_have_count(4)
    before = transcript(page)
    page.reload()
    expect(page.locator(".message")).to_have_count(len(before))
    assert transcript(page) == before


def test_two_tabs_stay_in_step(page: Page, phone: BrowserContext, server: Served) -> None:
    other = phone.new_page()
    other.goto(server.url)
    expect(other.locator(".bot")).to_have_count(1)
    ask_activate(page)
    expect(step(other, 1)).to_have_count(1)
    button(other, NEXT).click()
    expect(step(page, 2)).to_have_count(1)
    expect(step(other, 2)).to_have_count(1)
    say(page, "tiếp")
    expect(step(other, 3)).to_have_count(1)
    expect(step(page, 3)).to_have_count(1)
    assert transcript(page) == transcript(other)
    assert len(transcript(page)) == 7


def test_keyboard_alone_is_enough(page: Page) -> None:
    keys = page.keyboard
    focused = page.locator(":focus")
    keys.press("Tab")
    expect(focused).to_have_text("Đến ô gõ tin")
    keys.press("Enter")
    expect(page.locator("#text")).to_be_focused()
    keys.type("lam sao kich")
    keys.press("Shift+Enter")
    keys.type("hoat vneid")
    keys.press("Enter")
    expect(step(page, 1)).to_have_count(1)
    expect(page.locator(".own p").first).to_have_text("lam sao kich\nhoat vneid")
    labels = [b.inner_text() for b in page.locator(".newest .choices button").all()]
    seen: list[str] = []
    for _ in range(len(labels) + 3):
        if len(seen) == len(labels):
            break
        keys.press("Shift+Tab")
        assert focused.evaluate("(e) => getComputedStyle(e).outlineStyle") == "solid"
        if focused.evaluate("(e) => e.closest('#log') !== null"):
            seen.append(focused.inner_text())
    assert seen == labels[::-1]
    keys.press("Enter")
    expect(step(page, 2)).to_have_count(1)
    # The pressed button keeps the focus; the new buttons are further on.
    for _ in labels:
        keys.press("Tab")
    expect(focused).to_have_text(NEXT)
    keys.press("Space")
    expect(step(page, 3)).to_have_count(1)


def test_menu_and_dialog_by_keyboard(page: Page) -> None:
    keys = page.keyboard
    for name in ("Đến ô gõ tin", "Chữ to", "Mục khác"):
        keys.press("Tab")
        expect(page.locator(":focus")).to_have_accessible_name(name)
    keys.press("Enter")
    expect(page.locator("#ask-forget")).to_be_visible()
    keys.press("Escape")
    expect(page.locator("#ask-forget")).to_be_hidden()
    keys.press("Enter")
    below = ("Gửi tin thoại", "Khi mất mạng", "Tải dữ liệu của tôi", "Xóa khỏi máy này")
    for name in ("Tương phản cao", *below):
        keys.press("Tab")
        expect(page.locator(":focus")).to_have_accessible_name(name)
    keys.press("Enter")
    dialog = page.get_by_role("dialog", name="Xóa khỏi máy này?")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("xóa dữ liệu của tôi")
    expect(page.locator(":focus")).to_have_text("Không xóa")
    keys.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("summary")).to_be_focused()
    expect(page.locator(".bot")).to_have_count(1)


def test_phone_has_no_sideways_scroll_and_large_targets(page: Page) -> None:
    ask_activate(page)
    say(page, "x" * 300)
    expect(page.locator(".bot")).to_have_count(3)
    content, window = width_of(page)
    assert content <= window
    page.locator("summary").click()
    targets = page.locator("button:visible, summary:visible, textarea, .bubble a").all()
    sizes = [(t.inner_text(), t.bounding_box()) for t in targets]
    small = [(n, b) for n, b in sizes if b and (b["height"] < 44 or b["width"] < 44)]
    assert len(sizes) > 8
    assert small == []
    newest = [b.bounding_box() for b in page.locator(".newest .choices button").all()]
    assert all(box and box["height"] >= 48 for box in newest)


@pytest.mark.parametrize("size", [(640, 400), (320, 256), (320, 568)])
def test_zoomed_page_stays_usable(browser: Browser, server: Served, size: tuple[int, int]) -> None:
    """1280x800 at 200 % and 1280x1024 at 400 % are 640x400 and 320x256 CSS pixels."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=2, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(server.url)
    expect(page.locator(".bot")).to_have_count(1)
    ask_activate(page)
    content, window = width_of(page)
    assert content <= window
    button(page, NEXT).click()
    expect(step(page, 2)).to_have_count(1)
    context.close()


def test_large_text_setting_of_the_phone(page: Page, phone: BrowserContext) -> None:
    phone.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": 32}})
    assert page.locator("#text").evaluate("(e) => getComputedStyle(e).fontSize") == "36px"
    ask_activate(page)
    content, window = width_of(page)
    assert content <= window
    button(page, NEXT).click()
    expect(step(page, 2)).to_have_count(1)


def test_forget_clears_this_phone_and_the_other_tab(
    page: Page, phone: BrowserContext, server: Served
) -> None:
    ask_activate(page)
    other = phone.new_page()
    other.goto(server.url)
    expect(step(other, 1)).to_have_count(1)
    page.locator("summary").click()
    page.locator("#ask-forget").click()
    page.get_by_role("dialog").get_by_role("button", name="Xóa khỏi máy này").click()
    for tab in (page, other):
        expect(tab.locator("#farewell")).to_contain_text("Đã xóa khỏi máy này")
        expect(tab.locator(".bubble")).to_have_count(0)
    until(page, "() => localStorage.length === 0")
    assert phone.cookies() == []
    page.get_by_role("button", name="Bắt đầu lại").click()
    expect(page.locator(".bot")).to_have_count(1)
    expect(page.locator(".own")).to_have_count(0)


@pytest.mark.parametrize("reopened", [False, True])
def test_forget_offline_drops_the_cookie_when_there_is_a_network(
    page: Page, phone: BrowserContext, server: Served, reopened: bool
) -> None:
    ask_activate(page)
    (cookie,) = phone.cookies()
    phone.set_offline(True)
    page.locator("summary").click()
    page.locator("#ask-forget").click()
    page.get_by_role("dialog").get_by_role("button", name="Xóa khỏi máy này").click()
    expect(page.locator("#farewell")).to_contain_text("khi có mạng")
    expect(page.locator(".bubble")).to_have_count(0)
    if reopened:
        page.close()
        phone.set_offline(False)
        page = phone.new_page()
        page.goto(server.url)
    else:
        phone.set_offline(False)
        expect(page.locator("#farewell p")).to_have_text("Đã xóa khỏi máy này.")
        assert phone.cookies() == []
        page.get_by_role("button", name="Bắt đầu lại").click()
    expect(page.locator(".bot")).to_have_count(1)
    expect(page.locator(".own")).to_have_count(0)
    (fresh,) = phone.cookies()
    assert fresh["value"] != cookie["value"]


def test_html_is_shown_as_text(page: Page) -> None:
    nasty = "<img src=x onerror=alert(1)><script>alert(2)</script> https://example.com"
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    say(page, nasty)
    expect(page.locator(".own p").first).to_have_text(nasty)
    expect(page.locator(".bot")).to_have_count(2)
    page.reload()
    expect(page.locator(".own p").first).to_have_text(nasty)
    assert page.locator("#log img, #log script, #log a[href^=http]").count() == 0


def test_emergency_numbers_can_be_called(page: Page) -> None:
    say(page, "toi lo chuyen tien cho lua dao roi")
    urgent = page.locator(".bot.urgent").last
    expect(urgent).to_contain_text("Việc gấp")
    expect(urgent.get_by_role("link", name="113").first).to_have_attribute("href", "tel:113")


def test_typing_then_busy_words(page: Page) -> None:
    # The answer never comes: the stream is cut.
    page.clock.install()
    page.route("**/chat/stream*", lambda route: route.abort())
    page.reload()
    expect(page.locator(".bot")).to_have_count(1)
    with page.expect_response("**/chat/messages"):
        say(page, QUESTION)
    expect(page.locator("#typing")).to_contain_text("đang trả lời…")
    page.clock.fast_forward(8500)
    expect(page.locator("#typing")).to_contain_text("Máy đang bận, tin vừa gửi vẫn được giữ")


def test_works_without_storage(phone: BrowserContext, watch: Watch, server: Served) -> None:
    phone.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } })"
    )
    page = phone.new_page()
    page.goto(server.url)
    expect(page.locator(".bot")).to_have_count(1)
    ask_activate(page)
    button(page, NEXT).click()
    expect(step(page, 2)).to_have_count(1)


def test_text_box_grows_and_stops_at_4096(page: Page) -> None:
    box = page.locator("#text")
    low = box.bounding_box()
    box.fill("một\nhai\nba")
    high = box.bounding_box()
    assert low
    assert high
    assert high["height"] > low["height"] + 30
    box.fill("a" * 4000)
    expect(page.locator("#room")).to_have_text("Còn 96 chữ cái")
    expect(box).to_have_attribute("maxlength", "4096")


def test_nothing_leaves_the_origin(page: Page, watch: Watch, server: Served) -> None:
    ask_activate(page)
    button(page, NEXT).click()
    expect(step(page, 2)).to_have_count(1)
    urls = {r.url for r in watch.requests if not r.url.startswith("data:")}
    assert len(urls) > 5
    assert [u for u in urls if not u.startswith(server.url)] == []


def test_says_what_to_do_without_javascript(browser: Browser, server: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url)
    expect(page.locator("noscript .notice").first).to_be_visible()
    assert "Ủy ban nhân dân xã" in page.content()
    expect(page.locator("#loading")).to_be_hidden()
    expect(page.locator("#composer")).to_be_hidden()
    page.get_by_role("link", name="Xem các bài hướng dẫn").click()
    page.get_by_role("link", name="Định danh mức 2").click()
    expect(page.locator(".case[open] .steps > li").first).to_contain_text("Xem thẻ còn hạn không")
    context.close()


def test_message_typed_before_the_chat_could_open(
    phone: BrowserContext, watch: Watch, server: Served
) -> None:
    page = phone.new_page()
    page.route("**/chat/open", lambda route: route.abort())
    page.goto(server.url)
    say(page, QUESTION)
    expect(waiting(page)).to_have_count(1)
    page.unroute("**/chat/open")
    expect(step(page, 1)).to_have_count(1)
    expect(page.locator(".own")).to_have_count(1)
    expect(page.locator(".bot")).to_have_count(2)
