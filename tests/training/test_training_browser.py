"""From a group of questions nobody answered to a model that answers them, in a real browser."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, expect

from bot.app import Program, build, make_app, running
from bot.services.staff import add_staff
from bot.settings import Settings
from nlu.engine import model_key, train_embedded
from tests.console.world import PASSWORD, QUICK

pytestmark = pytest.mark.browser

ASKED = (
    "xáng xịt lụp bụp chỗ bà bán mắm mần răng hè",
    "xáng xịt lụp bụp bà bán mắm mần răng",
    "xáng xịt lụp bụp chỗ bán mắm mần răng hè rứa",
)


@pytest.fixture
def program(
    tmp_path: Path, little: Path, few_guides: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Program]:
    """The whole program, on the little training data."""
    key = model_key(little)
    for module in ("models", "training"):
        monkeypatch.setattr(f"bot.services.{module}.model_key", lambda _=None: key)
    # What serves first must be worse than what is trained with the labels, or as good.
    monkeypatch.setenv("CONGDANSO_TRAIN_DROP_POINTS", "100")
    settings = Settings(_env_file=None, var_dir=tmp_path / "var", content_dir=few_guides)
    train_embedded(little, settings.var_dir / "models")
    made = build(settings)
    made.understanding._data = little
    made.jobs.runs._data = little
    made.jobs.runs._nice = 0
    assert made.jobs.models is not None
    made.jobs.models._data = little
    add_staff(made.runtime.db, "lan", PASSWORD, "editor", made.runtime.now(), QUICK)
    yield made
    shutil.rmtree(settings.var_dir, ignore_errors=True)


@pytest.fixture
def site(program: Program) -> Iterator[str]:
    """The program served on loopback."""
    listener = socket.create_server(("127.0.0.1", 0))
    # An open page keeps its stream open: it is not waited for.
    server = uvicorn.Server(
        uvicorn.Config(make_app(program), log_level="warning", timeout_graceful_shutdown=2)
    )

    async def serve() -> None:
        async with running(program):
            await server.serve(sockets=[listener])

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    program.close()


def test_from_a_group_to_a_model_that_answers(site: str, browser: Browser) -> None:
    wait = 120_000
    phone = browser.new_context(viewport={"width": 360, "height": 640}, service_workers="block")
    chat = phone.new_page()
    chat.goto(site)
    expect(chat.locator(".bot")).to_have_count(1, timeout=wait)
    box = chat.get_by_role("textbox")
    for number, text in enumerate(ASKED, 2):
        box.fill(text)
        box.press("Enter")
        expect(chat.locator(".bot")).to_have_count(number, timeout=wait)

    desk = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    desk.goto(f"{site}/staff/unanswered")
    desk.get_by_label("Tên").first.fill("lan")
    desk.get_by_label("Mật khẩu").first.fill(PASSWORD)
    desk.keyboard.press("Enter")
    desk.get_by_role("button", name="Xếp nhóm lại").click()
    expect(desk.locator('[data-state="done"]')).to_be_visible(timeout=wait)
    desk.goto(f"{site}/staff/unanswered")
    desk.get_by_role("link", name="Nhóm 1").click()
    desk.get_by_label("Các câu được chọn thuộc ý định").select_option("qr_pay")
    desk.get_by_role("button", name="Gán nhãn").click()
    expect(desk.get_by_text("Đã gán nhãn 3 câu")).to_be_visible()

    desk.goto(f"{site}/staff/training")
    desk.get_by_role("button", name="Huấn luyện").click()
    expect(desk.locator('[data-state="done"]')).to_be_visible(timeout=wait)
    desk.goto(f"{site}/staff/training")
    desk.get_by_role("button", name="Dùng mô hình 1").click()
    expect(desk.get_by_text("Đang dùng", exact=True)).to_be_visible()
    # Every process looks every two seconds.
    desk.wait_for_timeout(5_000)

    box.fill(f"{ASKED[0]} vậy")
    box.press("Enter")
    expect(chat.locator(".bot").last).to_contain_text("Quét QR", timeout=wait)
