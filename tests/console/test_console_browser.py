"""The console in a real browser: a small phone, without and with a script, and a tool that looks
for what keeps people out (axe-core)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from bot.console.nav import MENU
from tests.console.seeded import served
from tests.console.shots import addresses, seeded_site, visiting
from tests.console.world import PASSWORD, World

pytestmark = pytest.mark.browser

GRAVE = ("serious", "critical")
PHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.fixture
def site(world: World) -> Iterator[str]:
    """The world served on loopback."""
    with served(world.app) as url:
        yield url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A small phone; what the page complains of fails the test, an answer of 4xx does not."""
    context = browser.new_context(viewport=PHONE, locale="vi-VN")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    yield page
    context.close()
    assert [c for c in complaints if "Failed to load resource" not in c] == []


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, str]]:
    """A console with data on every page."""
    with seeded_site(tmp_path_factory.mktemp("full")) as made:
        yield made


def log_in(page: Page, url: str, name: str, password: str = PASSWORD) -> None:
    page.goto(f"{url}/staff/login")
    page.get_by_label("Tên đăng nhập").fill(name)
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("button", name="Đăng nhập").click()


def found(page: Page) -> list[str]:
    """What the tool calls serious or worse, with the place it stands."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')[:200]}"
        for each in violations
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


# Every page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_keeps_nobody_out(full: tuple[World, str], browser: Browser, dark: bool) -> None:
    url, faults, wide = full[1], {}, []
    with visiting(browser, url, 360, dark=dark) as page:
        others = ("/staff/login", "/staff/people/2", "/staff/nope", "/staff/join/x")
        for address in (*addresses().values(), *others):
            page.goto(f"{url}{address}")
            faults[address] = found(page)
            if not fits(page):
                wide.append(address)
        page.get_by_text("Đăng nhập").wait_for()
    assert {address: each for address, each in faults.items() if each} == {}
    assert wide == [], "no page is wider than the phone"


def test_every_page_has_one_heading_and_shows_where_one_is(
    full: tuple[World, str], browser: Browser
) -> None:
    with visiting(browser, full[1], 1440) as page:
        for entry in MENU:
            page.goto(f"{full[1]}{entry.url}")
            assert page.locator("h1").count() == 1, entry.url
            current = page.locator(".pages [aria-current=page]")
            assert current.all_inner_texts() == [entry.title]
            assert page.title().endswith(" · Công dân số")


def test_the_menu_without_a_script(full: tuple[World, str], browser: Browser) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    log_in(page, full[1], "Nguyễn Thị Hoa")
    people = page.get_by_role("link", name="Nhân viên")
    expect(people).to_be_hidden()
    page.get_by_text("Menu").click()
    people.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nhân viên")
    page.get_by_text("Menu").click()
    page.get_by_role("button", name="Thoát").click()
    page.wait_for_url("**/staff/login")
    context.close()


def test_the_keyboard_comes_past_the_menu(full: tuple[World, str], browser: Browser) -> None:
    with visiting(browser, full[1], 1440) as page:
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Đến nội dung chính")
        expect(skip).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", "where one is can be seen"


def test_on_paper_there_is_no_menu(full: tuple[World, str], browser: Browser) -> None:
    with visiting(browser, full[1], 1440) as page:
        page.goto(f"{full[1]}/staff/audit")
        page.emulate_media(media="print")
        for gone in (".bar", "form.filter"):
            expect(page.locator(gone)).to_be_hidden()
        expect(page.get_by_role("table")).to_be_visible()


# Getting in -------------------------------------------------------------------------------------


def test_wrong_passwords_and_then_a_pause(world: World, site: str, page: Page) -> None:
    world.staff("hoa", "lead")
    for _ in range(5):
        log_in(page, site, "hoa", "sai mật khẩu rồi")
        expect(page.get_by_role("alert")).to_contain_text("chưa đúng")
    log_in(page, site, "hoa")
    expect(page.get_by_role("alert")).to_contain_text("chờ 15 phút")
    world.wait(minutes=15, seconds=1)
    log_in(page, site, "hoa")
    page.wait_for_url("**/staff/tickets")


def test_from_the_invitation_to_the_first_login(
    world: World, site: str, page: Page, browser: Browser
) -> None:
    world.staff("hoa", "admin")
    log_in(page, site, "hoa")
    page.goto(f"{site}/staff/people")
    page.get_by_label("Tên đăng nhập").fill("Phạm Văn Tư")
    page.get_by_role("radio", name=re.compile("^Phụ trách")).check()
    page.get_by_role("textbox", name="Nơi phụ trách").fill("xã Tân Ân, Cà Mau")
    page.get_by_role("button", name="Tạo liên kết mời").click()
    link = page.get_by_label("Gửi riêng cho Phạm Văn Tư").input_value()
    # The address is the one of the settings; this server has another port.
    path = link[link.index("/staff/join/") :]
    context = browser.new_context(viewport=PHONE)
    other = context.new_page()
    other.goto(f"{site}{path}")
    other.get_by_label("Mật khẩu mới", exact=True).fill("một câu dài của Tư")
    other.get_by_label("Gõ lại mật khẩu mới").fill("một câu dài của Tư")
    other.get_by_role("button", name="Đặt mật khẩu và vào").click()
    other.wait_for_url("**/staff/tickets")
    other.goto(f"{site}/staff/me")
    expect(other.get_by_text("xã Tân Ân, tỉnh Cà Mau")).to_be_visible()
    other.goto(f"{site}{path}")
    expect(other.get_by_role("heading", level=1)).to_have_text("Liên kết này đã dùng rồi")
    # Whoever is removed is out at the next click.
    page.goto(f"{site}/staff/people")
    page.get_by_role("link", name="Phạm Văn Tư").click()
    page.get_by_text("Xóa tài khoản").click()
    page.get_by_role("button", name="Xóa Phạm Văn Tư").click()
    page.wait_for_url("**/staff/people?done=removed")
    other.goto(f"{site}/staff/tickets")
    other.wait_for_url("**/staff/login?next=**")
    context.close()


def test_hostile_names_run_nothing(world: World, site: str, page: Page) -> None:
    """What people type reaches every list; the policy of the page would stop what slipped past."""
    evil = "<img src=x onerror=document.title='ran'><script>document.title='ran'</script>"
    world.question(evil)
    world.ticket(topic=evil, commune=evil)
    world.alert(text=evil)
    world.staff("hoa", "admin")
    log_in(page, site, "hoa")
    for entry in MENU:
        page.goto(f"{site}{entry.url}?q={evil}&outcome={evil}&who={evil}")
        assert page.title() != "ran"
        assert page.locator("img[src=x]").count() == 0
