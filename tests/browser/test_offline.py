"""The web chat without a network: what opens, what can be read, what is sent when it is back."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_web_chat import ask_activate, button, say, step, waiting
from tests.browser.watch import Watch, until
from tests.process import ROOT, Served

pytestmark = pytest.mark.browser

KEPT = "async () => (await Promise.all((await caches.keys()).map(async n => [n, (await (await"
KEPT += " caches.open(n)).keys()).map(r => new URL(r.url).pathname)])))"


def kept(page: Page) -> dict[str, list[str]]:
    """The addresses kept on this phone, by cache."""
    return dict(page.evaluate(KEPT))


def settled(page: Page) -> None:
    """The service worker has all it needs and answers for this page."""
    until(page, "() => navigator.serviceWorker.controller !== null")


def guide_kept(page: Page) -> None:
    """The guide that was opened is on this phone."""
    until(page, "async () => (await (await caches.open('congdanso-guides')).keys()).length === 1")


def erase(page: Page) -> None:
    """Through the menu, as a person does."""
    page.locator("#menu summary").click()
    page.locator("#ask-forget").click()
    page.get_by_role("dialog").get_by_role("button", name="Xóa khỏi máy này").click()


def upgrade(served: Served, folder: Path) -> None:
    """Stop the server and start the next version in its place: the same but for the style."""
    served.stop()
    shutil.copytree(ROOT / "bot", folder / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("content", "nlu", "migrations", "config.yml"):
        (folder / part).symlink_to(ROOT / part)
    style = folder / "bot" / "channels" / "web" / "static" / "chat.css"
    style.write_text(style.read_text(encoding="utf-8") + "#log { --next: 1; }\n", encoding="utf-8")
    command = [sys.executable, "-m", "bot", "serve"]
    served.process = subprocess.Popen(command, cwd=folder, env=served._environment)
    served.until_ready()


def test_the_chat_opens_and_can_be_read_without_a_network(
    page: Page, phone: BrowserContext, watch: Watch, server: Served
) -> None:
    settled(page)
    ask_activate(page)
    before = page.locator(".message").all_inner_texts()
    phone.set_offline(True)
    page.close()
    again = phone.new_page()
    again.goto(server.url)
    expect(again.locator(".message")).to_have_count(len(before))
    assert again.locator(".message").all_inner_texts() == before
    expect(again.locator("#state")).to_contain_text("Mất mạng")


def test_what_is_typed_in_a_chat_opened_offline_goes_out_once_in_order(
    page: Page, phone: BrowserContext, watch: Watch, server: Served
) -> None:
    """Opened offline, typed, closed, opened offline again, typed, and only then a network."""
    settled(page)
    ask_activate(page)
    phone.set_offline(True)
    for number, text in enumerate(("tiếp", "tiếp theo"), 1):
        page.close()
        page = phone.new_page()
        page.goto(server.url)
        say(page, text)
        expect(waiting(page)).to_have_count(number)
    tries = len(watch.sent_ids())
    phone.set_offline(False)
    expect(step(page, 3)).to_have_count(1)
    expect(waiting(page)).to_have_count(0)
    assert [step(page, n).count() for n in (1, 2, 3, 4)] == [1, 1, 1, 0]
    taken = [r for r in watch.posts("/chat/messages")[tries:] if r.response()]
    assert list(Counter(r.post_data for r in taken).values()) == [1, 1]


def test_an_opened_guide_can_be_read_to_its_end(
    page: Page, phone: BrowserContext, server: Served
) -> None:
    """All its steps, though only the first was shown in the chat."""
    settled(page)
    ask_activate(page)
    guide_kept(page)
    phone.set_offline(True)
    page.locator("#menu summary").click()
    page.get_by_role("link", name="Khi mất mạng").click()
    expect(page.get_by_role("heading", name="Vẫn dùng được")).to_be_visible()
    expect(page.locator("#none")).to_be_hidden()
    page.locator("#kept a").click()
    expect(page.locator("h1")).to_contain_text("Kích hoạt VNeID")
    assert page.locator(".steps > li").count() > 2
    expect(page.locator(".steps > li").last).to_be_visible()
    page.get_by_role("link", name="Về trò chuyện").click()
    expect(step(page, 1)).to_have_count(1)
    # A guide never opened: the page that says what there is.
    page.goto(f"{server.url}/huong-dan/qr_pay")
    expect(page.locator("h1")).to_have_text("Khi mất mạng")


def test_a_withdrawn_guide_is_thrown_away(page: Page, server: Served) -> None:
    settled(page)
    page.evaluate(
        "async () => (await caches.open('congdanso-guides'))"
        ".put('/huong-dan/no_such_guide', new Response('<title>Cũ</title>'))"
    )
    page.goto(f"{server.url}/huong-dan/no_such_guide")
    expect(page.locator(".notice")).to_contain_text("rút lại")
    page.goto(f"{server.url}/khi-mat-mang")
    expect(page.locator("#none")).to_be_visible()


def test_an_old_copy_is_looked_at_again(page: Page) -> None:
    """A guide kept for more than a day is asked for anew when the chat is opened."""
    settled(page)
    page.evaluate(
        "async () => { const c = await caches.open('congdanso-guides');"
        " const old = {headers: {Date: 'Mon, 01 Jan 2024 00:00:00 GMT'}};"
        " await c.put('/huong-dan/qr_pay', new Response('<title>Cũ</title>', old));"
        " await c.put('/huong-dan/no_such_guide', new Response('', old)); }"
    )
    page.reload()
    until(
        page,
        "async () => { const c = await caches.open('congdanso-guides');"
        " const paths = (await c.keys()).map(r => new URL(r.url).pathname);"
        " const known = await c.match('/huong-dan/qr_pay');"
        " return paths.length === 1 && (await known.text()).includes('steps'); }",
    )


def test_nothing_private_is_kept_besides_the_chat(page: Page) -> None:
    settled(page)
    ask_activate(page)
    say(page, "tên tôi là Nguyễn Văn Thử")
    expect(page.locator(".bot")).to_have_count(3)
    guide_kept(page)
    caches = kept(page)
    paths = [path for each in caches.values() for path in each]
    assert [p for p in paths if p.startswith(("/chat", "/staff", "/desk"))] == []
    stored = page.evaluate(
        "async () => (await Promise.all((await caches.keys()).map(async n => { const c = await"
        " caches.open(n); return (await Promise.all((await c.matchAll()).map(r => r.text())))"
        ".join() }))).join()"
    )
    assert "Nguyễn Văn Thử" not in stored


@pytest.mark.parametrize("offline", [False, True])
def test_erasing_takes_everything(page: Page, phone: BrowserContext, offline: bool) -> None:
    """The kept page and guides, what waits to be sent, what was chosen, the service worker."""
    settled(page)
    page.locator("#larger").click()
    ask_activate(page)
    guide_kept(page)
    if offline:
        phone.set_offline(True)
        say(page, "tin còn chờ")
        expect(waiting(page)).to_have_count(1)
    erase(page)
    expect(page.locator("#farewell")).to_contain_text("Đã xóa")
    until(page, "async () => (await caches.keys()).length === 0")
    assert page.evaluate("() => Object.keys(localStorage)") == []
    # Without a network the chat's cookie is still there: that it must go is all that is remembered.
    left = {str(cookie.get("name")) for cookie in phone.cookies()}
    assert left == ({"congdanso_chat", "congdanso_forgetting"} if offline else set())
    until(page, "async () => (await navigator.serviceWorker.getRegistrations()).length === 0")


def test_after_an_upgrade_the_old_page_goes_on_and_the_next_load_is_new(
    own_server: Served, phone: BrowserContext, watch: Watch, tmp_path: Path
) -> None:
    page = phone.new_page()
    page.goto(own_server.url)
    expect(page.locator(".bot")).to_have_count(1)
    settled(page)
    (old,) = (name for name in kept(page) if "shell" in name)
    upgrade(own_server, tmp_path / "next")
    look = "async () => { const r = await navigator.serviceWorker.getRegistration();"
    page.evaluate(look + " await r.update(); }")
    until(page, look + " return Boolean(r.waiting); }")
    # The page that is open goes on with what it has. Chromium lets no worker take over while the
    # one before still has a request, and takes minutes over one that a reload cut off.
    with page.expect_response("**/chat/ack"):
        ask_activate(page)
    guide_kept(page)
    expect(page.locator("#log")).to_have_css("--next", "")
    # The next load is the old page once more, at once; it lets the new version take over.
    page.reload()
    expect(step(page, 1)).to_have_count(1)
    until(page, look + " return r.active.state === 'activated' && !r.waiting; }")
    page.reload()
    expect(page.locator("#log")).to_have_css("--next", "1")
    # What belongs to the version before stays for whoever may still need it.
    assert old in kept(page)
    assert len([name for name in kept(page) if "shell" in name]) == 2
    button(page, "Xong, bước tiếp").click()
    expect(step(page, 2)).to_have_count(1)


def test_installable(page: Page, phone: BrowserContext) -> None:
    """Chromium itself finds nothing that keeps the chat from being installed."""
    settled(page)
    session = phone.new_cdp_session(page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"].endswith("/manifest.webmanifest")
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # Test contexts are private windows, in which Chromium installs nothing.
    assert [e["errorId"] for e in errors if e["errorId"] != "in-incognito"] == []


def test_first_load_on_the_wire(server: Served, phone: BrowserContext) -> None:
    """As Chromium counts the bytes, with headers, until the chat can be used."""
    page = phone.new_page()
    session = phone.new_cdp_session(page)
    sizes: list[float] = []
    count: Callable[[dict[str, float]], None] = lambda e: sizes.append(e["encodedDataLength"])  # noqa: E731
    session.send("Network.enable")
    session.on("Network.loadingFinished", count)
    page.goto(server.url)
    expect(page.locator(".bot")).to_have_count(1)
    settled(page)
    assert 15_000 < sum(sizes) <= 60_000
