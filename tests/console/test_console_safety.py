"""The page "An toàn": health of lists, what staff decide of hosts, the record."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from bot.safety.links.report import Verdict
from bot.services.feeds import Feeds, add_feed
from bot.services.linkcheck import open_checker
from bot.store import feeds as store
from bot.weblib.headers import CONTENT_SECURITY_POLICY
from tests.console.world import World, csrf_of

HOST = "cua-hang-vidu.com"


def decide(world: World, role: str = "editor", **fields: str) -> tuple[int, str]:
    """Send the form; the status and the page one ends on."""
    client = world.logged_in(role)
    data = {"csrf": csrf_of(client), "host": HOST, "what": "bad", "text": "bà con báo", **fields}
    answer = client.post("/staff/safety/hosts", data=data)
    if answer.status_code == 303:
        return 303, client.get(answer.headers["location"]).text
    return answer.status_code, answer.text


def add_list(world: World, folder: Path, hosts: int = 40) -> Path:
    """A list from a file."""
    file = folder / "list.txt"
    file.write_text("".join(f"listed{n}.example.com\n" for n in range(hosts)))
    given = {"name": "list", "title": "Danh sách thử", "format": "plain"}
    add_feed(world.runtime, "lan", source=str(file), plain_http=False, **given)
    return file


def test_a_host_is_bad_from_the_moment_it_is_decided(world: World) -> None:
    status, page = decide(world, host=f"https://www.{HOST}/abc")
    assert status == 303
    assert "Đã đánh dấu nguy hiểm" in page
    assert HOST.replace(".", "[.]") in page
    assert "bà con báo" in page
    assert world.feeds.checker.check(HOST).verdict is Verdict.DANGEROUS
    (row,) = world.db.read_now(store.audit)
    assert (row.who, row.act, row.subject) == ("cán bộ editor", "host_bad", HOST)


def test_cleared_and_left_to_the_rules_again(world: World) -> None:
    decide(world)
    _, page = decide(world, "lead", what="clear", text="đã gọi hỏi chủ trang")
    assert "Đã gỡ dấu nguy hiểm" in page
    assert world.feeds.checker.check(HOST).verdict is not Verdict.DANGEROUS
    _, page = decide(world, "admin", what="forget", text="")
    assert "Đã bỏ quyết định" in page
    assert world.db.read_now(store.hosts) == []
    client = world.logged_in("admin", "người khác")
    data = {"csrf": csrf_of(client), "host": HOST, "what": "forget"}
    assert client.post("/staff/safety/hosts", data=data).headers["location"].endswith("unknown")


def test_another_process_takes_it_up_by_its_clock(world: World) -> None:
    other = Feeds(world.runtime, *open_checker(world.runtime.settings))
    decide(world)
    assert other.checker.check(HOST).verdict is not Verdict.DANGEROUS
    asyncio.run(other.tick())
    assert other.checker.check(HOST).verdict is Verdict.DANGEROUS


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"host": "không phải trang"}, "Chưa đọc ra tên trang"),
        ({"host": ""}, "Chưa đọc ra tên trang"),
        ({"host": "com"}, "Chưa đọc ra tên trang"),
        ({"text": "  "}, "ghi lý do"),
        ({"text": "a" * 301}, "nhiều nhất 300"),
        ({"what": "x"}, "chọn đánh dấu"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    world: World, fields: dict[str, str], words: str
) -> None:
    status, page = decide(world, **fields)
    assert status == 422
    assert words in page
    assert f'value="{fields.get("host", HOST)}"' in page
    assert world.db.read_now(store.audit) == []


def test_text_of_the_outside_is_escaped(world: World) -> None:
    _, page = decide(world, text='<script>alert("x")</script>')
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_health_of_lists(world: World, tmp_path: Path) -> None:
    client = world.logged_in("editor")
    assert "Chưa có danh sách nào" in client.get("/staff/safety").text
    file = add_list(world, tmp_path)
    assert "Chưa tải về lần nào" in client.get("/staff/safety").text
    form = {"csrf": csrf_of(client)}
    answer = client.post("/staff/safety/feeds/list/refresh", data=form)
    assert answer.headers["location"] == "/staff/safety?done=refreshed"
    page = client.get("/staff/safety").text
    assert "Đang dùng tốt" in page
    assert "09:30 22/11/2025" in page
    assert world.feeds.checker.check("listed7.example.com").verdict is Verdict.DANGEROUS
    file.write_text("<html>moved</html>")
    os.utime(file, (1_000_000, 1_000_000))
    answer = client.post("/staff/safety/feeds/list/refresh", data=form)
    page = client.get(answer.headers["location"]).text
    assert "Bản tốt gần nhất vẫn được dùng" in page
    assert "web page" in page
    assert "1 lần liền" in page
    assert client.post("/staff/safety/feeds/other/refresh", data=form).status_code == 404


def test_a_viewer_sees_and_has_nothing_to_press(world: World, tmp_path: Path) -> None:
    add_list(world, tmp_path)
    decide(world)
    page = world.logged_in("viewer").get("/staff/safety")
    assert HOST.replace(".", "[.]") in page.text
    assert "Quyết định về một trang" not in page.text
    assert "/staff/safety/" not in page.text
    assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


def test_unknown_words_in_the_address_say_nothing(world: World) -> None:
    page = world.logged_in("viewer").get("/staff/safety?done=<b>x</b>").text
    assert 'role="status"' not in page
    assert "<b>x</b>" not in page
