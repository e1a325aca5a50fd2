"""Logging in, being throttled, and how long a session lasts."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from bot.models.schema import login_failures, staff_sessions
from bot.services.staff_logins import MOST_PER_ADDRESS, MOST_PER_NAME
from tests.console.world import PASSWORD, World, acted, csrf_of, log_in, make_world

WRONG = "mật khẩu sai rồi"


def count(world: World, table: object) -> int:
    return world.db.read_now(
        lambda c: c.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]
    )


def test_login_leads_to_the_page_that_was_wanted(world: World) -> None:
    world.staff("hoa", "lead")
    client = world.browser()
    asked = client.get("/staff/questions?outcome=answered")
    assert asked.status_code == 303
    form = client.get(asked.headers["location"])
    assert 'value="/staff/questions?outcome=answered"' in form.text
    answer = client.post(
        "/staff/login",
        data={
            "username": "hoa",
            "password": PASSWORD,
            "next": "/staff/questions?outcome=answered",
        },
    )
    assert answer.headers["location"] == "/staff/questions?outcome=answered"
    assert client.get("/staff/questions").status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/staff/",
        "//evil.example/staff",
        "/\\evil.example",
        "/staffroom",
        "/staff/../desk/x",
        "javascript:alert(1)",
        "/",
        "",
    ],
)
def test_login_never_leads_out_of_the_console(world: World, wanted: str) -> None:
    world.staff("hoa", "lead")
    data = {"username": "hoa", "password": PASSWORD, "next": wanted}
    answer = world.browser().post("/staff/login", data=data)
    assert answer.headers["location"] == "/staff"


def test_each_role_lands_on_its_page(world: World) -> None:
    assert world.logged_in("viewer").get("/staff").headers["location"] == "/staff/themes"
    assert world.logged_in("lead").get("/staff").headers["location"] == "/staff/tickets"


def test_the_cookie_is_for_this_site_and_no_script(world: World) -> None:
    world.staff("hoa", "lead")
    cookie = log_in(world.browser(), "hoa").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/staff" in cookie
    assert "max-age=43200" in cookie
    assert "secure" not in cookie


@pytest.mark.parametrize(
    "setting", [{"secure_cookies": True}, {"public_url": "https://congdanso.example"}]
)
def test_the_cookie_is_secure_when_the_site_is(tmp_path: Path, setting: dict[str, object]) -> None:
    with make_world(tmp_path, None, **setting) as world:
        world.staff("hoa", "lead")
        answer = log_in(world.browser(), "hoa")
        assert "secure" in answer.headers["set-cookie"].lower()
        assert answer.headers["strict-transport-security"] == "max-age=15552000"


def test_the_token_itself_is_not_stored(world: World) -> None:
    client = world.logged_in()
    token = client.cookies["congdanso_staff"]
    kept = world.db.read_now(lambda c: c.execute(select(staff_sessions)).all())
    assert len(kept) == 1
    assert token not in str(kept)


def test_unknown_name_and_wrong_password_look_the_same(world: World) -> None:
    world.staff("hoa", "lead")
    wrong = log_in(world.browser(), "hoa", WRONG)
    unknown = log_in(world.browser(), "thúy", WRONG)
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("hoa", "?") == unknown.text.replace("thúy", "?")
    assert "chưa đúng" in wrong.text
    assert "set-cookie" not in wrong.headers


def test_a_removed_member_cannot_log_in(world: World) -> None:
    world.staff("hoa", "lead")
    world.remove_staff("hoa")
    assert log_in(world.browser(), "hoa").status_code == 401


def test_the_name_typed_stays_in_the_form_and_the_password_does_not(world: World) -> None:
    answer = log_in(world.browser(), '"><script>hoa', WRONG)
    assert "<script>hoa" not in answer.text
    assert "&lt;script&gt;hoa" in answer.text
    assert WRONG not in answer.text


@pytest.mark.parametrize("name", ["hoa", "không có ai"])
def test_failures_of_a_name_are_limited_from_any_address(world: World, name: str) -> None:
    world.staff("hoa", "lead")
    for n in range(MOST_PER_NAME):
        assert log_in(world.browser(f"10.0.1.{n}"), name, WRONG).status_code == 401
    last = log_in(world.browser("10.0.2.1"), name.upper())
    assert last.status_code == 429
    assert "chờ 15 phút" in last.text
    assert last.headers["retry-after"] == "900"


def test_failures_of_an_address_are_limited_for_any_name(world: World) -> None:
    world.staff("hoa", "lead")
    for n in range(MOST_PER_ADDRESS):
        assert log_in(world.browser(), f"người {n}", WRONG).status_code == 401
    assert log_in(world.browser(), "hoa").status_code == 429
    assert log_in(world.browser("10.9.9.9"), "hoa").status_code == 303


def test_who_waits_gets_in_and_refused_tries_do_not_count(world: World) -> None:
    world.staff("hoa", "lead")
    for _ in range(MOST_PER_NAME):
        log_in(world.browser(), "hoa", WRONG)
    world.wait(minutes=10)
    refused = log_in(world.browser(), "hoa")
    assert "chờ 5 phút" in refused.text
    world.wait(minutes=5, seconds=1)
    assert log_in(world.browser(), "hoa").status_code == 303


def test_a_right_password_clears_the_name_s_failures(world: World) -> None:
    world.staff("hoa", "lead")
    for _ in range(3):
        for _ in range(MOST_PER_NAME - 1):
            assert log_in(world.browser(), "hoa", WRONG).status_code == 401
        assert log_in(world.browser(), "hoa").status_code == 303


def test_right_passwords_never_fill_an_address_up(world: World) -> None:
    world.staff("hoa", "lead")
    for _ in range(MOST_PER_ADDRESS + 2):
        assert log_in(world.browser(), "hoa").status_code == 303
    assert count(world, login_failures) == 0


def test_the_limit_holds_for_tries_at_the_same_moment(world: World) -> None:
    world.staff("hoa", "lead")
    answers: list[httpx.Response] = []
    threads = [
        threading.Thread(target=lambda: answers.append(log_in(world.browser(), "hoa", WRONG)))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = sorted(a.status_code for a in answers)
    assert statuses == [401] * MOST_PER_NAME + [429] * (12 - MOST_PER_NAME)


def test_no_typed_name_is_kept_among_the_failures(world: World) -> None:
    log_in(world.browser(), "mật khẩu gõ nhầm ô", WRONG)
    kept = world.db.read_now(lambda c: c.execute(select(login_failures.c.key)).scalars().all())
    assert len(kept) == 2
    assert "nhầm" not in str(kept)
    assert "10.0.0.1" not in str(kept)


def test_a_session_ends(world: World) -> None:
    client = world.logged_in()
    for _ in range(11):
        world.wait(hours=1)
        assert client.get("/staff/questions").status_code == 200
    world.wait(minutes=59)
    assert client.get("/staff/questions").status_code == 200
    world.wait(minutes=1)
    token = client.cookies["congdanso_staff"]
    answer = world.browser().get("/staff/questions", headers={"Cookie": f"congdanso_staff={token}"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/staff/login?next=")


def test_logging_out_ends_the_session_itself(world: World) -> None:
    client = world.logged_in()
    token = client.cookies["congdanso_staff"]
    answer = client.post("/staff/logout", data={"csrf": csrf_of(client)})
    assert answer.headers["location"] == "/staff/login"
    assert "congdanso_staff" not in client.cookies
    assert count(world, staff_sessions) == 0
    stale = world.browser().get("/staff", headers={"Cookie": f"congdanso_staff={token}"})
    assert stale.headers["location"].startswith("/staff/login")


def test_the_cookie_of_a_removed_member_is_refused(world: World) -> None:
    client = world.logged_in("lead", "hoa")
    ticket = world.ticket()
    csrf = csrf_of(client)
    staff_id = 1
    world.forget_staff(staff_id)
    assert client.get("/staff/tickets").status_code == 303
    answer = client.post(f"/staff/tickets/{ticket}/claim", data={"csrf": csrf})
    assert answer.status_code == 401
    assert world.view(ticket).status == "waiting"


def test_removing_a_member_ends_every_session(world: World) -> None:
    client = world.logged_in("lead", "hoa")
    world.remove_staff("Hoa")
    assert count(world, staff_sessions) == 0
    assert client.get("/staff").status_code == 303


def test_a_session_nobody_uses_ends_before(world: World) -> None:
    client = world.logged_in()
    for _ in range(3):
        world.wait(minutes=119)
        assert client.get("/staff/questions").status_code == 200
    world.wait(minutes=120)
    assert client.get("/staff/questions").status_code == 303


def test_a_page_left_open_keeps_no_session(world: World) -> None:
    client = world.logged_in()
    ticket = world.ticket()
    for _ in range(4):
        assert client.get(f"/staff/tickets/{ticket}/live").status_code == 200
        world.wait(minutes=29, seconds=55)
    assert client.get(f"/staff/tickets/{ticket}/live").status_code == 200
    world.wait(minutes=1)
    assert client.get(f"/staff/tickets/{ticket}/live").status_code == 401


def test_a_login_ends_the_session_the_browser_came_with(world: World) -> None:
    client = world.logged_in("lead", "hoa")
    old = client.cookies["congdanso_staff"]
    data = {"username": "hoa", "password": PASSWORD}
    assert client.post("/staff/login", data=data).status_code == 303
    assert client.cookies["congdanso_staff"] != old
    stale = world.browser().get("/staff", headers={"Cookie": f"congdanso_staff={old}"})
    assert stale.headers["location"].startswith("/staff/login")
    assert count(world, staff_sessions) == 1


@pytest.mark.parametrize("cookie", ["", "x", "é", "a" * 5000])
def test_a_made_up_cookie_is_nobody(world: World, cookie: str) -> None:
    raw = f"congdanso_staff={cookie}".encode()
    answer = world.browser().get("/staff", headers=[(b"cookie", raw)])
    assert answer.headers["location"].startswith("/staff/login")


def test_every_login_has_its_own_token_and_form_token(world: World) -> None:
    world.staff("hoa", "lead")
    one, two = world.browser(), world.browser()
    log_in(one, "hoa")
    log_in(two, "hoa")
    assert one.cookies["congdanso_staff"] != two.cookies["congdanso_staff"]
    assert csrf_of(one) != csrf_of(two)
    ticket = world.ticket()
    crossed = one.post(f"/staff/tickets/{ticket}/claim", data={"csrf": csrf_of(two)})
    assert crossed.status_code == 403


def test_somebody_logged_in_skips_the_form(world: World) -> None:
    assert world.logged_in().get("/staff/login").headers["location"] == "/staff"


def test_expired_sessions_are_swept_at_the_next_login(world: World) -> None:
    world.logged_in("lead", "hoa")
    world.wait(hours=13)
    log_in(world.browser(), "hoa")
    assert count(world, staff_sessions) == 1


def test_text_typed_into_an_ended_session_comes_back(world: World) -> None:
    client = world.logged_in()
    ticket = world.ticket()
    csrf = csrf_of(client)
    world.wait(hours=13)
    answer = client.post(
        f"/staff/tickets/{ticket}/reply", data={"csrf": csrf, "text": "Bác ra xã <b>nhé</b>"}
    )
    assert answer.status_code == 401
    assert "Bác ra xã &lt;b&gt;nhé&lt;/b&gt;" in answer.text
    assert acted(world.logged_in("lead", "lan"), "/staff", ticket, "claim").status_code == 303
