"""Inviting, links, changing, resetting, removing; one's own sessions and password."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from bot.models.schema import staff_invites, staff_sessions
from bot.services.runtime import Runtime
from bot.services.staff import Fault, Role, StaffRefused
from bot.services.staff_admin import COMMAND, StaffAdmin
from bot.store import staff as store
from tests.console.world import PASSWORD, World, csrf_of, hidden, log_in

NEW = "một câu hoàn toàn khác"
EVIL = '"><script>alert(1)</script>'


def post(client: TestClient, path: str, **fields: str) -> httpx.Response:
    answer: httpx.Response = client.post(path, data={"csrf": csrf_of(client), **fields})
    return answer


def invited(admin: TestClient, name: str = "lan", role: str = "lead", areas: str = "") -> str:
    """The path of the link that inviting somebody shows."""
    page = post(admin, "/staff/people", username=name, role=role, areas=areas)
    assert page.status_code == 200, page.text
    return path_in(page)


def path_in(page: httpx.Response) -> str:
    found = re.search(r'value="http[^"]*(/staff/join/[\w-]{43})"', page.text)
    assert found
    return found.group(1)


def join(client: TestClient, path: str, password: str = NEW, again: str | None = None) -> int:
    data = {"password": password, "again": password if again is None else again}
    status: int = client.post(path, data=data).status_code
    return status


def number_of(world: World, name: str) -> int:
    return next(a.id for a in world.db.read_now(store.accounts) if a.username == name)


# Invitations ------------------------------------------------------------------------------------


def test_from_a_link_to_the_first_login(world: World) -> None:
    path = invited(world.logged_in("admin"), areas="xã Tân Ân, Cà Mau")
    lan = world.browser()
    page = lan.get(path)
    assert page.status_code == 200
    assert "Chào lan" in page.text
    assert lan.get(path).status_code == 200, "looking uses nothing up"
    assert join(lan, path) == 303
    assert lan.get("/staff/tickets").status_code == 200
    assert "xã Tân Ân, tỉnh Cà Mau" in lan.get("/staff/me").text
    assert log_in(world.browser(), "lan", NEW).status_code == 303


def test_a_link_works_once(world: World) -> None:
    path = invited(world.logged_in("admin"))
    assert join(world.browser(), path) == 303
    late = world.browser()
    assert late.get(path).status_code == 410
    assert join(late, path, "của kẻ đến sau đó") == 410
    assert "báo ngay cho quản trị viên" in late.get(path).text
    assert log_in(world.browser(), "lan", "của kẻ đến sau đó").status_code == 401


def test_of_two_at_the_same_moment_one_gets_in(world: World) -> None:
    path = invited(world.logged_in("admin"))
    browsers = [world.browser() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda b: join(b, path), browsers))
    assert sorted(statuses) == [303, 410, 410, 410]


def test_a_link_ends(world: World) -> None:
    path = invited(world.logged_in("admin"))
    world.wait(hours=71, minutes=59)
    assert world.browser().get(path).status_code == 200
    world.wait(minutes=1)
    assert world.browser().get(path).status_code == 410
    assert join(world.browser(), path) == 410


def test_a_new_link_ends_the_old_one(world: World) -> None:
    admin = world.logged_in("admin")
    old = invited(admin)
    new = path_in(post(admin, f"/staff/people/{number_of(world, 'lan')}/link"))
    assert join(world.browser(), old) == 410
    assert join(world.browser(), new) == 303


@pytest.mark.parametrize("token", ["x", "é", "a" * 43, "a" * 3000, "%2e%2e", "' OR 1=1"])
def test_a_made_up_link_is_none(world: World, token: str) -> None:
    assert world.browser().get(f"/staff/join/{token}").status_code == 410
    assert join(world.browser(), f"/staff/join/{token}") == 410


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("ngắn", "ngắn", "ít nhất 10"),
        ("0900000011", "0900000011", "dễ đoán"),
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "dễ đoán"),
        ("Nguyễn Lan 12", "Nguyễn Lan 12", "dễ đoán"),
        ("x" * 1001, "x" * 1001, "1.000"),
        (NEW, NEW + "x", "chưa giống nhau"),
        ("", "", "ít nhất 10"),
    ],
)
def test_a_password_that_cannot_be_leaves_the_link_good(
    world: World, password: str, again: str, said: str
) -> None:
    path = invited(world.logged_in("admin"), "Nguyễn Lan")
    page = world.browser().post(path, data={"password": password, "again": again})
    assert page.status_code == 422
    assert said in page.text
    if password:
        assert password not in page.text.replace("Nguyễn Lan", "")
    assert join(world.browser(), path) == 303


def test_only_a_hash_of_the_link_is_kept(world: World) -> None:
    token = invited(world.logged_in("admin")).rpartition("/")[2]
    kept = world.db.read_now(
        lambda c: c.execute(select(staff_invites.c.token_hash)).scalars().all()
    )
    assert len(kept) == 1
    assert token not in kept[0]
    assert token not in str(world.record())


def test_before_the_link_is_used_no_password_gets_in(world: World) -> None:
    invited(world.logged_in("admin"))
    for password in ("", "x", PASSWORD):
        assert log_in(world.browser(), "lan", password).status_code == 401


def test_a_link_s_form_of_another_site_is_refused(world: World) -> None:
    path = invited(world.logged_in("admin"))
    headers = {"Sec-Fetch-Site": "cross-site"}
    data = {"password": NEW, "again": NEW}
    assert world.browser().post(path, data=data, headers=headers).status_code == 403
    assert join(world.browser(), path) == 303


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"username": "", "role": "lead"}, "2 đến 64"),
        ({"username": EVIL, "role": "lead"}, "2 đến 64"),
        ({"username": "cán bộ admin", "role": "lead"}, "đã có người dùng"),
        ({"username": "CÁN BỘ  ADMIN", "role": "lead"}, "đã có người dùng"),
        ({"username": "lan", "role": "boss"}, "chọn một vai trò"),
        ({"username": "lan", "role": ""}, "chọn một vai trò"),
        ({"username": "lan", "role": "lead", "areas": EVIL}, "Chưa rõ nơi phụ trách"),
        ({"username": "lan", "role": "lead", "areas": "96\n96.00000"}, "96.00000"),
        ({"username": "lan", "role": "lead", "areas": "Tan An"}, "có thể là"),
        ({"username": "lan", "role": "admin", "areas": "96"}, "phụ trách mọi nơi"),
        ({"username": "lan", "role": "lead", "areas": "96\n" * 201}, "nhiều hơn 200"),
    ],
)
def test_a_bad_invitation_makes_nobody(world: World, fields: dict[str, str], said: str) -> None:
    page = post(world.logged_in("admin"), "/staff/people", **fields)
    assert page.status_code == 422
    assert said in page.text
    assert "<script>alert" not in page.text
    assert len(world.db.read_now(store.accounts)) == 1
    for value in fields.values():
        if value == EVIL:
            assert "&lt;script&gt;" in page.text, "what was typed comes back"


# Changing ---------------------------------------------------------------------------------------


def test_another_role_ends_the_sessions_and_is_in_force(world: World) -> None:
    admin, lan = world.logged_in("admin"), world.logged_in("lead", "lan")
    person = number_of(world, "lan")
    answer = post(admin, f"/staff/people/{person}", role="viewer", areas="")
    assert answer.headers["location"] == f"/staff/people/{person}?done=changed"
    assert lan.get("/staff/questions").status_code == 303
    log_in(lan, "lan")
    assert lan.get("/staff/tickets").status_code == 403


def test_other_places_are_in_force_at_once(world: World) -> None:
    admin, lan = world.logged_in("admin"), world.logged_in("lead", "lan")
    person = number_of(world, "lan")
    post(admin, f"/staff/people/{person}", role="lead", areas="Cà Mau\nxã Tân Ân, Cà Mau\n66")
    assert "tỉnh Đắk Lắk; tỉnh Cà Mau" in lan.get("/staff/me").text, "one lies in the other"


def test_resetting_ends_password_and_sessions(world: World) -> None:
    admin, lan = world.logged_in("admin"), world.logged_in("lead", "lan")
    path = path_in(post(admin, f"/staff/people/{number_of(world, 'lan')}/link"))
    assert lan.get("/staff/questions").status_code == 303
    assert log_in(world.browser(), "lan").status_code == 401
    assert join(lan, path) == 303
    assert log_in(world.browser(), "lan", NEW).status_code == 303


def test_ending_somebody_s_sessions(world: World) -> None:
    admin, lan = world.logged_in("admin"), world.logged_in("lead", "lan")
    post(admin, f"/staff/people/{number_of(world, 'lan')}/sessions")
    assert lan.get("/staff/questions").status_code == 303
    assert log_in(lan, "lan").status_code == 303


def test_a_removed_member_is_out_with_every_cookie_form_and_link(world: World) -> None:
    admin, lan = world.logged_in("admin"), world.logged_in("admin", "lan")
    csrf, person = csrf_of(lan), number_of(world, "lan")
    ticket = world.ticket()
    assert post(admin, f"/staff/people/{person}/remove").status_code == 303
    assert lan.get("/staff/people").status_code == 303
    for path in (f"/staff/tickets/{ticket}/claim", "/staff/people", "/staff/me/password"):
        assert lan.post(path, data={"csrf": csrf}).status_code == 401
    assert log_in(world.browser(), "lan").status_code == 401
    assert "lan" not in [a.username for a in living(world)]
    assert admin.get(f"/staff/people/{person}").status_code == 404


def living(world: World) -> list[store.Account]:
    return [a for a in world.db.read_now(store.accounts) if not a.removed]


def test_a_pending_link_of_a_removed_member_is_not_good(world: World) -> None:
    admin = world.logged_in("admin")
    path = invited(admin)
    post(admin, f"/staff/people/{number_of(world, 'lan')}/remove")
    assert join(world.browser(), path) == 410


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("", {"role": "viewer"}),
        ("/remove", {}),
        ("/link", {}),
        ("", {"role": "lead", "areas": "96"}),
    ],
)
def test_nobody_locks_themself_out(world: World, what: str, fields: dict[str, str]) -> None:
    admin = world.logged_in("admin", "hoa")
    world.staff("lan", "admin")
    page = post(admin, f"/staff/people/{number_of(world, 'hoa')}{what}", **fields)
    assert page.status_code == 409
    assert "Nhờ một quản trị viên khác" in page.text
    assert admin.get("/staff/people").status_code == 200


def test_the_last_admin_stays(world: World) -> None:
    world.staff("hoa", "admin")
    world.db.write_now(lambda c: world.admin().invite(c, "lan", Role.ADMIN))
    for change in (
        lambda c: world.admin().remove(c, "hoa"),
        lambda c: world.admin().change(c, "hoa", Role.LEAD, ()),
    ):
        with pytest.raises(StaffRefused) as refused:
            world.db.write_now(change)
        assert refused.value.fault is Fault.LAST_ADMIN, "who never set a password counts for none"
    world.staff("minh", "admin")
    world.remove_staff("hoa")
    assert [a.username for a in living(world)] == ["lan", "minh"]


def test_two_admins_who_remove_each_other(runtime: Runtime) -> None:
    """One of them stays, on both databases."""

    def made(name: str) -> int | None:
        return runtime.db.write_now(lambda c: store.add(c, name, "hash", "admin", runtime.now()))

    made("hoa"), made("lan")

    def remove(pair: tuple[str, str]) -> str:
        who, whom = pair
        try:
            runtime.db.write_now(lambda c: StaffAdmin(runtime, who).remove(c, whom))
        except StaffRefused as refused:
            return refused.fault
        return "removed"

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(remove, [("hoa", "lan"), ("lan", "hoa")]))
    assert sorted(done) == [Fault.LAST_ADMIN, "removed"]


def test_somebody_who_is_not_there(world: World) -> None:
    admin = world.logged_in("admin")
    for number in ("999", str(2**63), str(10**30)):
        assert admin.get(f"/staff/people/{number}").status_code == 404
        for what in ("", "/link", "/sessions", "/remove"):
            answer = post(admin, f"/staff/people/{number}{what}", role="lead")
            assert answer.status_code == 404


# One's own account ------------------------------------------------------------------------------


def handles(page: httpx.Response) -> list[str]:
    return re.findall(r'name="session" value="([0-9a-f]{16})"', page.text)


def test_one_s_own_devices(world: World) -> None:
    here = world.logged_in("lead", "hoa")
    there, third = world.browser(), world.browser()
    log_in(there, "hoa")
    log_in(third, "hoa")
    page = here.get("/staff/me")
    assert page.text.count("Phiên này") == 1
    assert len(handles(page)) == 2
    post(here, "/staff/me/sessions", session=handles(page)[0])
    living = [each.get("/staff/me").status_code for each in (there, third)]
    assert sorted(living) == [200, 303]
    post(here, "/staff/me/sessions", session="")
    assert there.get("/staff/me").status_code == 303
    assert third.get("/staff/me").status_code == 303
    assert here.get("/staff/me").status_code == 200


def test_nobody_ends_the_session_of_another(world: World) -> None:
    hoa, lan = world.logged_in("lead", "hoa"), world.logged_in("lead", "lan")
    kept = world.db.read_now(
        lambda c: c.execute(select(staff_sessions.c.token_hash)).scalars().all()
    )
    for token_hash in kept:
        post(hoa, "/staff/me/sessions", session=token_hash[:16])
        if hoa.get("/staff/me").status_code == 303:
            log_in(hoa, "hoa")
    assert lan.get("/staff/me").status_code == 200


@pytest.mark.parametrize("handle", ["x", "%", "_" * 16, EVIL, "0" * 64])
def test_a_made_up_session_ends_nothing(world: World, handle: str) -> None:
    hoa = world.logged_in("lead", "hoa")
    answer = post(hoa, "/staff/me/sessions", session=handle)
    assert answer.headers["location"] == "/staff/me?done=nothing"
    assert hoa.get("/staff/me").status_code == 200


def test_another_password_ends_the_other_sessions_and_renews_this_one(world: World) -> None:
    here = world.logged_in("lead", "hoa")
    there = world.browser()
    log_in(there, "hoa")
    before, csrf = here.cookies["congdanso_staff"], csrf_of(here)
    answer = post(here, "/staff/me/password", old=PASSWORD, password=NEW, again=NEW)
    assert answer.headers["location"] == "/staff/me?done=password"
    assert here.cookies["congdanso_staff"] != before
    assert csrf_of(here) != csrf
    assert there.get("/staff/me").status_code == 303
    replayed = here.post("/staff/me/sessions", data={"csrf": csrf})
    assert replayed.status_code == 403, "the token of the session before is replayed in vain"
    assert log_in(world.browser(), "hoa").status_code == 401
    assert log_in(world.browser(), "hoa", NEW).status_code == 303


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"old": "sai rồi nhé", "password": NEW, "again": NEW}, "đang dùng chưa đúng"),
        ({"old": PASSWORD, "password": NEW, "again": "x"}, "chưa giống nhau"),
        ({"old": PASSWORD, "password": "ngắn", "again": "ngắn"}, "ít nhất 10"),
    ],
)
def test_a_password_is_not_changed_by_mistake(
    world: World, fields: dict[str, str], said: str
) -> None:
    hoa = world.logged_in("lead", "hoa")
    page = post(hoa, "/staff/me/password", **fields)
    assert page.status_code == 422
    assert said in page.text
    assert log_in(world.browser(), "hoa").status_code == 303


def test_guessing_the_password_on_an_open_screen_is_throttled(world: World) -> None:
    hoa = world.logged_in("lead", "hoa")
    wrong = {"old": "sai rồi nhé", "password": NEW, "again": NEW}
    statuses = [post(hoa, "/staff/me/password", **wrong).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


# The record -------------------------------------------------------------------------------------


def test_every_act_stands_in_the_record(world: World) -> None:
    admin = world.logged_in("admin", "hoa")
    path = invited(admin, "lan", "lead", "96")
    lan = world.browser()
    join(lan, path)
    person = number_of(world, "lan")
    post(admin, f"/staff/people/{person}", role="editor", areas="")
    post(admin, f"/staff/people/{person}", role="editor", areas="")
    post(admin, f"/staff/people/{person}/sessions")
    post(admin, f"/staff/people/{person}/link")
    post(admin, f"/staff/people/{person}/remove")
    post(admin, "/staff/logout")
    world.db.write_now(lambda c: world.admin().invite(c, "minh", Role.VIEWER))
    assert world.record() == [
        ("hoa", "login", ""),
        ("hoa", "staff.invite", "lan: lead 96"),
        ("lan", "password.set", "lan"),
        ("hoa", "staff.change", "lan: editor"),
        ("hoa", "staff.sessions_end", "lan"),
        ("hoa", "staff.reset", "lan"),
        ("hoa", "staff.remove", "lan"),
        ("hoa", "logout", ""),
        (COMMAND, "staff.invite", "minh: viewer"),
    ]


def test_a_refused_act_leaves_no_line(world: World) -> None:
    admin = world.logged_in("admin", "hoa")
    before = world.record()
    post(admin, "/staff/people", username="hoa", role="lead")
    post(admin, f"/staff/people/{number_of(world, 'hoa')}/remove")
    assert world.record() == before


def test_what_the_pages_show_of_people_is_escaped(world: World) -> None:
    admin = world.logged_in("admin")
    world.db.write_now(lambda c: store.add(c, EVIL, "hash", "lead", world.clock, (EVIL,)))
    person = number_of(world, EVIL)
    for path in ("/staff/people", f"/staff/people/{person}"):
        page = admin.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    page = post(admin, f"/staff/people/{person}/link")
    assert "<script>alert" not in page.text
    assert hidden(admin.get("/staff/people"), "csrf")
