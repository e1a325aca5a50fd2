"""Script in every field of every form, forms sent again, and what is shown afterwards."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.console.test_console_access import GUARDED, POSTS, filled, things
from tests.console.world import World, csrf_of

TEMPLATES = Path(__file__).resolve().parents[2] / "bot" / "console" / "templates"
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
RAW = ("<script>alert", "<img src=x", ">49<")
#: Acts that end what the rest of the test needs.
_LAST = ("/staff/logout",)


def names() -> set[str]:
    """The name of every field in any form of the console."""
    pages = [path.read_text("utf-8") for path in TEMPLATES.glob("*.html")]
    found = {name for page in pages for name in re.findall(r'\bname="([\w-]+)"', page)}
    assert {"text", "areas", "username"} <= found
    return found - {"csrf"}


@pytest.mark.parametrize("evil", ["\x00\x1b[31m" + "\u202e" + EVIL, EVIL * 400])
def test_script_in_every_field_of_every_form(world: World, evil: str) -> None:
    admin = world.logged_in("admin")
    world.question(EVIL)
    ticket = things(world)
    csrf = csrf_of(admin)
    every = sorted(names())
    for path in POSTS:
        if path in _LAST:
            continue
        # More fields than a form may have are no form at all: in parts.
        for first in range(0, len(every), 50):
            fields = {**dict.fromkeys(every[first : first + 50], evil), "csrf": csrf}
            answer = admin.post(filled(path, ticket), data=fields)
            assert answer.status_code < 500, (path, answer.status_code)
            assert not [raw for raw in RAW if raw in answer.text], path
    for method, path in GUARDED:
        if method == "GET":
            address = filled(path, ticket)
            query = urlencode(dict.fromkeys(every, evil[:300]))
            for asked in (address, f"{address}?{query}"):
                answer = admin.get(asked)
                assert answer.status_code < 500, (asked[:80], answer.status_code)
                assert not [raw for raw in RAW if raw in answer.text], asked[:80]


def test_a_form_sent_again_acts_once(world: World) -> None:
    admin = world.logged_in("admin", "hoa")
    data = {"csrf": csrf_of(admin), "username": "lan", "role": "lead", "areas": ""}
    assert admin.post("/staff/people", data=data).status_code == 200
    again = admin.post("/staff/people", data=data)
    assert again.status_code == 422
    assert "đã có người dùng" in again.text
    assert [line for line in world.record() if line[1] == "staff.invite"] == [
        ("hoa", "staff.invite", "lan: lead")
    ]


def test_a_token_of_an_ended_session_is_replayed_in_vain(world: World) -> None:
    first = world.logged_in("lead", "hoa")
    csrf = csrf_of(first)
    cookie = first.cookies["congdanso_staff"]
    first.post("/staff/logout", data={"csrf": csrf})
    ticket = world.ticket()
    headers = {"Cookie": f"congdanso_staff={cookie}"}
    replayed = world.browser().post(
        f"/staff/tickets/{ticket}/claim", data={"csrf": csrf}, headers=headers
    )
    assert replayed.status_code == 401
    other = world.logged_in("lead", "lan")
    forged = other.post(f"/staff/tickets/{ticket}/claim", data={"csrf": csrf})
    assert forged.status_code == 403
    assert world.view(ticket).status == "waiting"
