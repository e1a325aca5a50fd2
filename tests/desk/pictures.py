"""Writes docs/images/desk-*.png: a member's page on a small phone, with invented people.

python -m tests.desk.pictures
"""

from __future__ import annotations

import io
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import uvicorn
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from bot.services.helping import Helping
from bot.store import members
from tests.chromium import launch
from tests.console.world import World, make_world

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
HAMLET = "96.32236.rach-goc"
_WIDTH, _HEIGHT, _TALLEST = 360, 640, 1500
_COLOURS = 64


@contextmanager
def _served(world: World) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(world.app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def _people(world: World) -> tuple[str, int]:
    """A team with two members and three tickets; the first member's link and their ticket."""
    team = world.team("Tổ công nghệ số ấp Rạch Gốc")
    world.db.write_now(lambda c: members.set_coverage(c, team, [HAMLET]))
    lan = world.member(team, "Chị Lan", "501")
    world.member(team, "Anh Hùng", "502")
    held = world.ticket(
        team, locality=HAMLET, commune="Ấp Rạch Gốc, xã Tân Ân", phone="0900 000 001"
    )
    more = {"locality": HAMLET, "commune": "Ấp Rạch Gốc, xã Tân Ân"}
    world.ticket(team, urgent=True, topic="Lỡ bấm link lạ", guide_title="", step=None, **more)
    world.ticket(team, topic="Quét mã QR trả tiền", guide_title="Trả tiền bằng QR", step=3, **more)
    world.wait(minutes=25)

    def talk(c):  # type: ignore[no-untyped-def]
        plan = replace(world.runtime.plan)
        Helping(c, world.runtime.vault, world.clock, "a", plan).claim(held, lan)

    world.db.write_now(talk)
    world.citizen_says(held, "Cô bấm gửi mã rồi mà chưa thấy tin nhắn con ơi")
    return world.link(lan), held


def _take(page: Page, name: str, *, end: bool = False) -> None:
    """The page, or the `end` of a long one, in as few colours as show it well."""
    whole = page.evaluate("document.documentElement.scrollHeight")
    height = min(_TALLEST, whole)
    top = whole - height if end else 0
    clip = {"x": 0, "y": top, "width": _WIDTH, "height": height}
    raw = page.screenshot(clip=clip, full_page=True)  # type: ignore[arg-type]
    picture = Image.open(io.BytesIO(raw)).convert("RGB").quantize(_COLOURS)
    picture.save(IMAGES / f"desk-{name}.png", optimize=True)


def main() -> None:
    """Every picture."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        make_world(Path(folder)) as world,
        sync_playwright() as playwright,
    ):
        link, held = _people(world)
        with _served(world) as site:
            browser = launch(playwright)
            page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
            page.goto(site + link)
            _take(page, "list")
            page.goto(f"{site}{link}/tickets/{held}")
            _take(page, "ticket")
            page.get_by_text("Chuyển cho người khác").click()
            page.get_by_text("Xong phiếu này").click()
            _take(page, "acts", end=True)
            page.goto(f"{site}{link}/me")
            _take(page, "me")
            browser.close()


if __name__ == "__main__":
    main()
