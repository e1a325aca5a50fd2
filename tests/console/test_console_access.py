"""Which role may do what, which forms are refused, and the headers on everything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute
from sqlalchemy.exc import OperationalError
from starlette.routing import Route
from starlette.testclient import TestClient

from bot.console.router import console_router
from bot.weblib.deps import WebDeps
from bot.weblib.headers import SECURITY_HEADERS
from tests.console.world import QUICK, ROLES, SAME_ORIGIN, World, csrf_of, reply

ALL = frozenset(ROLES)
HELPS = frozenset({"lead", "admin"})
EDITS = HELPS | {"editor"}
#: (method, path) -> who may; None = no login needed. Tickets are made per test.
TABLE: dict[tuple[str, str], frozenset[str] | None] = {
    ("GET", "/staff/static/{name}"): None,
    ("GET", "/staff/login"): None,
    ("POST", "/staff/login"): None,
    ("POST", "/staff/logout"): ALL,
    ("GET", "/staff"): ALL,
    ("GET", "/staff/"): ALL,
    ("GET", "/staff/questions"): ALL,
    ("GET", "/staff/tickets"): HELPS,
    ("GET", "/staff/tickets/{ticket:int}"): HELPS,
    ("GET", "/staff/tickets/{ticket:int}/live"): HELPS,
    ("POST", "/staff/tickets/{ticket:int}/claim"): HELPS,
    ("POST", "/staff/tickets/{ticket:int}/reply"): HELPS,
    ("POST", "/staff/tickets/{ticket:int}/close"): HELPS,
    ("GET", "/staff/safety"): ALL,
    ("POST", "/staff/safety/hosts"): EDITS,
    ("POST", "/staff/safety/feeds/{feed}/refresh"): EDITS,
    ("GET", "/staff/alerts"): ALL,
    ("GET", "/staff/alerts/new"): EDITS,
    ("POST", "/staff/alerts"): EDITS,
    ("GET", "/staff/alerts/{alert:int}"): ALL,
    ("GET", "/staff/alerts/{alert:int}/edit"): EDITS,
    ("POST", "/staff/alerts/{alert:int}"): EDITS,
    ("GET", "/staff/alerts/{alert:int}/picture.jpg"): ALL,
    ("POST", "/staff/alerts/{alert:int}/picture"): EDITS,
    ("POST", "/staff/alerts/{alert:int}/send"): HELPS,
    ("POST", "/staff/alerts/{alert:int}/cancel"): EDITS,
}
GUARDED = [key for key, who in TABLE.items() if who is not None]
POSTS = [path for method, path in GUARDED if method == "POST"]


def routes(world: World) -> Iterator[tuple[str, str]]:
    for route in console_router(WebDeps(world.runtime, print), QUICK).routes:
        assert isinstance(route, Route | APIRoute)
        if "{rest:path}" in route.path:
            continue
        for method in (route.methods or set()) - {"HEAD"}:
            yield method, route.path


#: What a role that may gets from forms that are sent without what they need; else 200 or 303.
LACKING = {
    "/staff/tickets/{ticket:int}/close": 409,  # the ticket is nobody's
    "/staff/safety/hosts": 422,
    "/staff/safety/feeds/{feed}/refresh": 404,
    "/staff/alerts": 422,
    "/staff/alerts/{alert:int}": 422,
    "/staff/alerts/{alert:int}/picture": 422,
    "/staff/alerts/{alert:int}/picture.jpg": 404,
    "/staff/alerts/{alert:int}/send": 409,
}


def filled(path: str, ticket: int) -> str:
    names = {"{ticket:int}": str(ticket), "{name}": "pages.css", "{feed}": "x", "{alert:int}": "1"}
    for name, value in names.items():
        path = path.replace(name, value)
    return path


def send(client: TestClient, method: str, path: str, csrf: str = "") -> int:
    data = None if method == "GET" else {"csrf": csrf, "text": "Dạ"}
    files = {"picture": ("a.png", b"no picture")} if path.endswith("/picture") else None
    status: int = client.request(method, path, data=data, files=files).status_code
    return status


def test_the_table_names_every_route(world: World) -> None:
    assert set(routes(world)) == set(TABLE)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_each_role_on_each_route(world: World, role: str, method: str, path: str) -> None:
    client = world.logged_in(role)
    ticket = world.ticket()
    assert world.alert() == 1
    status = send(client, method, filled(path, ticket), csrf_of(client))
    allowed = TABLE[method, path]
    assert allowed is not None
    if role in allowed:
        lacking = LACKING.get(path) if method == "POST" or path.endswith(".jpg") else None
        assert status in ((lacking,) if lacking else (200, 303))
    else:
        assert status == 403
        assert world.view(ticket).status == "waiting"


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_nobody_gets_in_without_a_login(world: World, method: str, path: str) -> None:
    ticket = world.ticket()
    world.alert()
    answer = world.browser().request(method, filled(path, ticket))
    if method == "GET" and not path.endswith("/live"):
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/staff/login?next=/staff")
    else:
        assert answer.status_code == 401
    assert "Bà Sáu" not in answer.text


@pytest.mark.parametrize("csrf", [None, "", "x", "é", "0" * 43])
@pytest.mark.parametrize("path", POSTS)
def test_a_form_without_the_session_s_token_is_refused(
    world: World, path: str, csrf: str | None
) -> None:
    client = world.logged_in("admin")
    ticket = world.ticket()
    data = {"text": "Dạ"} if csrf is None else {"text": "Dạ", "csrf": csrf}
    answer = client.post(filled(path, ticket), data=data)
    assert answer.status_code == 403
    assert "bị chặn" in answer.text
    assert world.view(ticket).status == "waiting"
    assert world.told(ticket) == []
    assert client.get("/staff/questions").status_code == 200


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", [*POSTS, "/staff/login"])
def test_a_form_of_another_site_is_refused(
    world: World, path: str, headers: dict[str, str]
) -> None:
    client = world.logged_in("admin")
    ticket = world.ticket()
    data = {"csrf": csrf_of(client), "text": "Chữ của kẻ lạ"}
    answer = client.post(filled(path, ticket), data=data, headers=headers)
    assert answer.status_code == 403
    assert "Chữ của kẻ lạ" not in answer.text


@pytest.mark.parametrize("origin", [None, "null", "http://testserver", "http://127.0.0.1:8000"])
def test_an_old_phone_s_form_is_taken(world: World, origin: str | None) -> None:
    client = world.logged_in("lead")
    ticket = world.ticket()
    data = {"csrf": csrf_of(client)}
    del client.headers["Sec-Fetch-Site"]
    headers = {} if origin is None else {"Origin": origin}
    answer = client.post(f"/staff/tickets/{ticket}/claim", data=data, headers=headers)
    assert answer.status_code == 303


def test_a_form_of_another_kind_is_refused(world: World) -> None:
    client = world.logged_in("lead")
    ticket = world.ticket()
    answer = client.post(f"/staff/tickets/{ticket}/claim", json={"csrf": csrf_of(client)})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/staff/nope",
        "/staff/logout",
        "/staff/tickets/999",
        "/staff/tickets/x",
        f"/staff/tickets/{2**63}",
    ],
)
def test_a_page_that_does_not_exist(world: World, path: str) -> None:
    answer = world.logged_in("lead").get(path)
    assert answer.status_code == 404
    assert "Không tìm thấy trang" in answer.text


def every_answer(world: World) -> Iterator[tuple[str, object]]:
    lead, viewer, nobody = world.logged_in("lead"), world.logged_in("viewer"), world.browser()
    ticket = world.ticket()
    for method, path in TABLE:
        for client in (lead, viewer, nobody):
            yield path, client.request(method, filled(path, ticket))
    for path in ("/staff/nope", "/staff/tickets/999", "/staff/static/nope.css"):
        yield path, lead.get(path)
    yield "put", lead.put("/staff/questions")
    yield "reply", reply(lead, "/staff", ticket, "Dạ chào bác")
    yield "foreign", lead.post("/staff/logout", headers={"Sec-Fetch-Site": "cross-site"})


def test_security_headers_are_on_every_answer(world: World) -> None:
    seen = 0
    for path, answer in every_answer(world):
        headers = answer.headers  # type: ignore[attr-defined]
        for name, value in SECURITY_HEADERS.items():
            assert headers.get(name) == value, (path, name)
        if "static" not in path:
            assert headers["cache-control"] == "no-store", path
        seen += 1
    assert seen > 40


def test_the_policy_lets_nothing_foreign_in() -> None:
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ):
        assert part in policy.split("; ")
    assert "unsafe" not in policy


def test_pages_need_nothing_the_policy_forbids(world: World) -> None:
    client = world.logged_in("lead")
    ticket = world.ticket()
    world.question()
    for path in ("/staff/login", "/staff/questions", "/staff/tickets", f"/staff/tickets/{ticket}"):
        page = (world.browser() if path.endswith("login") else client).get(path).text
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick" not in page
        assert "<script>" not in page


def test_static_files_are_kept_by_the_browser_while_they_stay_the_same(world: World) -> None:
    page = world.browser().get("/staff/login").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    found = world.browser().get(address)
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/css")
    assert "immutable" in found.headers["cache-control"]
    old = world.browser().get("/staff/static/pages.css?v=old")
    assert old.headers["cache-control"] == "no-cache"
    assert world.browser().get("/staff/static/..%2Fpages.py").status_code == 404


def test_a_failing_database_is_a_page_that_keeps_the_text(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = world.logged_in("lead")
    ticket = world.ticket()
    page = client.get(f"/staff/tickets/{ticket}")
    nonce = page.text.split('name="nonce" value="')[1].split('"')[0]

    async def broken(_work: object) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    data = {"csrf": csrf_of(client), "nonce": nonce, "text": "Bác ra xã nhé"}
    with monkeypatch.context() as patch:
        patch.setattr(world.db, "write", broken)
        answer = client.post(f"/staff/tickets/{ticket}/reply", data=data)
    assert answer.status_code == 503
    assert "Bác ra xã nhé" in answer.text
    assert nonce in answer.text
    assert "disk full" not in answer.text
    assert client.post(f"/staff/tickets/{ticket}/reply", data=data).status_code == 303
    assert world.said(ticket) == ["Bác ra xã nhé"]


def test_refusals_are_counted(world: World) -> None:
    client = world.logged_in("viewer")
    client.get("/staff/tickets")
    sample = world.runtime.metrics.registry.get_sample_value(
        "congdanso_http_refused_total", {"where": "staff", "why": "role"}
    )
    assert sample == 1
    assert client.headers["Sec-Fetch-Site"] == SAME_ORIGIN["Sec-Fetch-Site"]
