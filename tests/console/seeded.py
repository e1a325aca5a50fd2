"""A console with invented data in it, served: for pictures, and for looking at every page."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Connection

from bot.domain.effects import Outcome
from bot.services.rollups import Rollups
from bot.services.staff import Role
from bot.store import audit
from bot.store import feeds as feed_store
from tests.console.world import World

ADMIN = "Nguyễn Thị Hoa"
_DAYS = 42
_ASKED = (
    ("lam dinh danh muc 2 o dau", "vneid_level_2", Outcome.FINISHED, "Xã Tân Ân", 11),
    ("kich hoat vneid sao khong duoc", "vneid_activate", Outcome.STOPPED, "Xã Năm Căn", 7),
    ("quet ma qr tra tien cho", "qr_pay", Outcome.ANSWERED, "Xã Tân Ân", 6),
    (
        "nguoi ta goi noi con toi bi tai nan bao chuyen tien",
        "scam_victim",
        Outcome.HANDED_OVER,
        "",
        3,
    ),
    ("link nay co phai lua dao khong", "scam_link", Outcome.ANSWERED, "Phường Buôn Ma Thuột", 8),
    ("bao hiem y te cua ma toi dau mat", "none", Outcome.NOT_UNDERSTOOD, "Xã Năm Căn", 5),
    ("chuyen nham tien qua so khac", "wrong_transfer", Outcome.CLARIFIED, "", 2),
)
_TOPICS = (
    "Cài VNeID",
    "Kích hoạt tài khoản mức 2",
    "Đăng ký VssID",
    "Bị đòi chuyển tiền qua điện thoại",
)


def seed(world: World) -> None:
    """Six weeks of questions, teams with tickets, staff, alerts, a record."""
    end = world.clock
    world.staff(ADMIN, "admin")
    world.staff("Trần Văn Minh", "lead", "96.32236")
    world.staff("Lê Thị Cúc", "editor")
    world.db.write_now(lambda c: world.admin(ADMIN).invite(c, "Phạm Văn Tư", Role.VIEWER, ("66",)))
    _questions(world)
    world.clock = end - timedelta(hours=3)
    teams = [world.team(name) for name in ("Tổ xã Tân Ân", "Tổ phường An Xuyên")]
    for team, names in zip(teams, (("Chị Lan", "Anh Phúc"), ("Cô Bảy",)), strict=True):
        for name in names:
            world.member(team, name)
    for n, topic in enumerate(_TOPICS * 2):
        world.ticket((*teams, None)[n % 3], topic=topic, urgent=n == 3, commune="Xã Tân Ân")
        world.wait(minutes=17)
    world.alert(text="Có người giả công an gọi điện, đòi cài ứng dụng lạ.", written_by="Lê Thị Cúc")
    world.clock = end
    world.db.write_now(lambda c: _hosts(c, world))
    # On a thread of its own: a browser's test has a loop running on this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(_counted(world))).result()


def _questions(world: World) -> None:
    end = world.clock
    for day in range(_DAYS, 0, -1):
        world.clock = end - timedelta(days=day)
        for n, (text, intent, outcome, place, often) in enumerate(_ASKED):
            # A weekly rhythm, and one theme that rises.
            times = (often if world.clock.weekday() < 5 else often // 2) // (1 if n == 4 else 2)
            for _ in range(max(1, times * (2 if n == 4 and day < 8 else 1) // 2)):
                guide = "" if intent == "none" else intent
                channel = ("telegram", "web")[n % 2]
                world.question(
                    text,
                    intent=intent,
                    outcome=outcome,
                    locality=place,
                    channel=channel,
                    guide_id=guide,
                )
                world.wait(minutes=9)
    world.clock = end


def _hosts(connection: Connection, world: World) -> None:
    for host, bad in (("dichvucong-gov.example", True), ("tanan.example", False)):
        feed_store.decide_host(connection, host, bad, ADMIN, "Bà con báo", world.clock)
    for n in range(6):
        audit.record(connection, "Trần Văn Minh", "ticket.view", f"ticket {n + 1}", world.clock)


async def _counted(world: World) -> None:
    rollups = Rollups(world.runtime)
    while await rollups.tick():
        pass


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of an application on loopback."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
