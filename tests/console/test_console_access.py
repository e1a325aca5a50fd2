"""Which role may do what, which forms are refused, and the headers on everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from sqlalchemy.exc import OperationalError
from starlette.routing import Route
from starlette.testclient import TestClient

from bot.console.router import console_router
from bot.weblib.deps import WebDeps
from bot.weblib.headers import SECURITY_HEADERS
from tests.console.world import QUICK, ROLES, SAME_ORIGIN, World, csrf_of, make_world, reply

ALL = frozenset(ROLES)
HELPS = frozenset({"lead", "admin"})
EDITS = HELPS | {"editor"}
ADMINS = frozenset({"admin"})
#: (method, path) -> who may; None = no login needed. Tickets are made per test.
TABLE: dict[tuple[str, str], frozenset[str] | None] = {
    ("GET", "/staff/static/{name}"): None,
    ("GET", "/staff/login"): None,
    ("POST", "/staff/login"): None,
    ("GET", "/staff/join/{token}"): None,
    ("POST", "/staff/join/{token}"): None,
    ("POST", "/staff/logout"): ALL,
    ("GET", "/staff/me"): ALL,
    ("POST", "/staff/me/password"): ALL,
    ("POST", "/staff/me/sessions"): ALL,
    ("GET", "/staff/people"): ADMINS,
    ("POST", "/staff/people"): ADMINS,
    ("GET", "/staff/people/{person:int}"): ADMINS,
    ("POST", "/staff/people/{person:int}"): ADMINS,
    ("POST", "/staff/people/{person:int}/link"): ADMINS,
    ("POST", "/staff/people/{person:int}/sessions"): ADMINS,
    ("POST", "/staff/people/{person:int}/remove"): ADMINS,
    ("GET", "/staff/audit"): ADMINS,
    ("GET", "/staff/audit.csv"): ADMINS,
    ("GET", "/staff"): ALL,
    ("GET", "/staff/"): ALL,
    ("GET", "/staff/questions"): ALL,
    ("GET", "/staff/themes"): ALL,
    ("GET", "/staff/stops"): ALL,
    ("GET", "/staff/report"): ALL,
    ("GET", "/staff/report.xlsx"): ALL,
    ("GET", "/staff/tickets"): HELPS,
    ("GET", "/staff/tickets/{ticket:int}"): HELPS,
    ("GET", "/staff/tickets/{ticket:int}/live"): HELPS,
    ("GET", "/staff/tickets/{ticket:int}/notes/{note:int}"): HELPS,
    ("POST", "/staff/tickets/{ticket:int}/claim"): HELPS,
    ("POST", "/staff/tickets/{ticket:int}/reply"): HELPS,
    ("POST", "/staff/tickets/{ticket:int}/close"): HELPS,
    ("POST", "/staff/tickets/{ticket:int}/giveback"): HELPS,
    ("POST", "/staff/tickets/{ticket:int}/pass"): HELPS,
    ("POST", "/staff/tickets/{ticket:int}/call"): HELPS,
    ("POST", "/staff/tickets/{ticket:int}/resend"): HELPS,
    ("POST", "/staff/tickets/{ticket:int}/send"): HELPS,
    ("POST", "/staff/tickets/{ticket:int}/remind"): HELPS,
    ("POST", "/staff/tickets/several"): HELPS,
    ("POST", "/staff/tickets/several/do"): HELPS,
    ("GET", "/staff/teams"): HELPS,
    ("GET", "/staff/teams/new"): HELPS,
    ("POST", "/staff/teams"): HELPS,
    ("GET", "/staff/teams/{team:int}"): HELPS,
    ("POST", "/staff/teams/{team:int}/phones"): HELPS,
    ("GET", "/staff/teams/{team:int}/edit"): HELPS,
    ("POST", "/staff/teams/{team:int}/edit"): HELPS,
    ("POST", "/staff/teams/{team:int}/stop"): HELPS,
    ("POST", "/staff/teams/{team:int}/start"): HELPS,
    ("GET", "/staff/teams/{team:int}/members/new"): HELPS,
    ("POST", "/staff/teams/{team:int}/members"): HELPS,
    ("GET", "/staff/teams/{team:int}/members/{member:int}"): HELPS,
    ("POST", "/staff/teams/{team:int}/members/{member:int}"): HELPS,
    ("POST", "/staff/teams/{team:int}/members/{member:int}/away"): HELPS,
    ("POST", "/staff/teams/{team:int}/members/{member:int}/remove"): HELPS,
    ("POST", "/staff/teams/{team:int}/members/{member:int}/link"): HELPS,
    ("GET", "/staff/rosters"): ADMINS,
    ("POST", "/staff/rosters"): ADMINS,
    ("GET", "/staff/rosters/export{kind}"): ADMINS,
    ("GET", "/staff/rosters/{file:int}"): ADMINS,
    ("GET", "/staff/rosters/{file:int}/live"): ADMINS,
    ("POST", "/staff/rosters/{file:int}/import"): ADMINS,
    ("GET", "/staff/contributions"): HELPS,
    ("GET", "/staff/contributions/{month}.xlsx"): HELPS,
    ("GET", "/staff/health"): ALL,
    ("POST", "/staff/health/events/{event:int}/retry"): ADMINS,
    ("POST", "/staff/health/events/{event:int}/discard"): ADMINS,
    ("GET", "/staff/unanswered"): ALL,
    ("GET", "/staff/unanswered/live"): ALL,
    ("POST", "/staff/unanswered/group"): EDITS,
    ("GET", "/staff/unanswered/ideas"): ALL,
    ("POST", "/staff/unanswered/ideas/{idea:int}"): EDITS,
    ("GET", "/staff/unanswered/{cluster:int}"): ALL,
    ("POST", "/staff/unanswered/{cluster:int}/label"): EDITS,
    ("POST", "/staff/unanswered/{cluster:int}/intent"): EDITS,
    ("POST", "/staff/unanswered/{cluster:int}/idea"): EDITS,
    ("GET", "/staff/unanswered/{cluster:int}/waiting"): EDITS,
    ("POST", "/staff/unanswered/{cluster:int}/reply"): EDITS,
    ("POST", "/staff/unanswered/{cluster:int}/send"): EDITS,
    ("GET", "/staff/labels"): EDITS,
    ("POST", "/staff/labels/import"): EDITS,
    ("POST", "/staff/labels/{label:int}/withdraw"): EDITS,
    ("GET", "/staff/labels/suggested"): EDITS,
    ("POST", "/staff/labels/suggested"): EDITS,
    ("GET", "/staff/labels/question/{question:int}"): EDITS,
    ("POST", "/staff/labels/question/{question:int}"): EDITS,
    ("GET", "/staff/training"): ALL,
    ("GET", "/staff/training/live"): ALL,
    ("POST", "/staff/training"): EDITS,
    ("GET", "/staff/training/{run:int}"): ALL,
    ("POST", "/staff/training/models/{model:int}/publish"): EDITS,
    ("POST", "/staff/training/rollback"): EDITS,
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
    ("GET", "/staff/recalls"): ALL,
    ("GET", "/staff/content"): ALL,
    ("GET", "/staff/content/{guide}"): ALL,
    ("GET", "/staff/content/{guide}/preview"): ALL,
    ("GET", "/staff/content/{guide}/past/{revision}"): ALL,
    ("POST", "/staff/content/{guide}/past/{revision}"): HELPS,
    ("POST", "/staff/content/{guide}/reviewed"): EDITS,
    ("POST", "/staff/content/{guide}/conflict"): HELPS,
    ("GET", "/staff/content/{guide}/recall"): HELPS,
    ("POST", "/staff/content/{guide}/recall"): HELPS,
    ("POST", "/staff/content/{guide}/draft"): EDITS,
    ("GET", "/staff/content/{guide}/edit"): EDITS,
    ("GET", "/staff/content/{guide}/edit/{section}"): EDITS,
    ("POST", "/staff/content/{guide}/edit/{section}"): EDITS,
    ("POST", "/staff/content/{guide}/check/{section}"): EDITS,
    ("POST", "/staff/content/{guide}/aside/{section}"): EDITS,
    ("POST", "/staff/content/{guide}/steps"): EDITS,
    ("GET", "/staff/content/{guide}/saved/{number:int}"): EDITS,
    ("POST", "/staff/content/{guide}/rebase"): EDITS,
    ("POST", "/staff/content/{guide}/send"): EDITS,
    ("POST", "/staff/content/{guide}/return"): EDITS,
    ("POST", "/staff/content/{guide}/approve"): EDITS,
    ("POST", "/staff/content/{guide}/discard"): EDITS,
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
    "/staff/me/password": 422,
    "/staff/people": 422,
    "/staff/people/{person:int}": 422,
    "/staff/people/{person:int}/link": 409,  # their own account
    "/staff/people/{person:int}/remove": 409,
    "/staff/tickets/{ticket:int}/close": 422,  # without what came of it
    "/staff/tickets/{ticket:int}/giveback": 409,  # the ticket is nobody's
    "/staff/tickets/{ticket:int}/pass": 409,
    "/staff/tickets/{ticket:int}/call": 409,
    "/staff/tickets/{ticket:int}/resend": 409,
    "/staff/tickets/{ticket:int}/send": 409,
    "/staff/tickets/{ticket:int}/remind": 409,  # nobody can be told
    "/staff/tickets/{ticket:int}/notes/{note:int}": 404,  # there is none
    "/staff/tickets/several": 422,
    "/staff/tickets/several/do": 422,
    "/staff/teams": 422,
    "/staff/teams/{team:int}/edit": 422,
    "/staff/teams/{team:int}/members": 422,
    "/staff/teams/{team:int}/members/{member:int}": 422,
    "/staff/teams/{team:int}/members/{member:int}/away": 422,
    "/staff/rosters": 422,
    "/staff/rosters/{file:int}": 404,
    "/staff/rosters/{file:int}/live": 404,
    "/staff/rosters/{file:int}/import": 404,
    "/staff/unanswered/ideas/{idea:int}": 404,
    "/staff/unanswered/{cluster:int}": 404,
    "/staff/unanswered/{cluster:int}/label": 404,
    "/staff/unanswered/{cluster:int}/intent": 404,
    "/staff/unanswered/{cluster:int}/idea": 404,
    "/staff/unanswered/{cluster:int}/waiting": 404,
    "/staff/unanswered/{cluster:int}/reply": 404,
    "/staff/unanswered/{cluster:int}/send": 404,
    "/staff/labels/import": 422,
    "/staff/labels/{label:int}/withdraw": 404,
    "/staff/labels/question/{question:int}": 404,
    "/staff/training/{run:int}": 404,
    "/staff/training/models/{model:int}/publish": 409,
    "/staff/training/rollback": 409,
    "/staff/safety/hosts": 422,
    "/staff/safety/feeds/{feed}/refresh": 404,
    "/staff/alerts": 422,
    "/staff/alerts/{alert:int}": 422,
    "/staff/alerts/{alert:int}/picture": 422,
    "/staff/alerts/{alert:int}/picture.jpg": 404,
    "/staff/alerts/{alert:int}/send": 409,
    "/staff/content/{guide}/past/{revision}": 404,
    "/staff/content/{guide}/conflict": 409,
    "/staff/content/{guide}/recall": 422,
    "/staff/content/{guide}/edit/{section}": 409,  # there is no draft
    "/staff/content/{guide}/check/{section}": 409,
    "/staff/content/{guide}/aside/{section}": 409,
    "/staff/content/{guide}/saved/{number:int}": 404,
}


def filled(path: str, ticket: int) -> str:
    names = {
        "{ticket:int}": str(ticket),
        "{name}": "pages.css",
        "{feed}": "x",
        "{alert:int}": "1",
        "{cluster:int}": "1",
        "{idea:int}": "1",
        "{label:int}": "1",
        "{question:int}": "999",
        "{run:int}": "1",
        "{model:int}": "1",
        "{person:int}": "1",
        "{token}": "x",
        "{team:int}": "1",
        "{member:int}": "1",
        "{file:int}": "1",
        "{event:int}": "1",
        "{kind}": ".csv",
        "{month}": "2025-11",
        "{guide}": "qr_pay",
        "{section}": "main",
        "{revision}": "000000000000",
        "{number:int}": "1",
        "{note:int}": "1",
    }
    for name, value in names.items():
        path = path.replace(name, value)
    return path


def send(client: TestClient, method: str, path: str, csrf: str = "") -> int:
    data = None if method == "GET" else {"csrf": csrf, "text": "Dạ"}
    uploads = path.endswith(("/picture", "/rosters", "/labels/import")) and method == "POST"
    files = {"picture": ("a.png", b"no picture")} if uploads else None
    status: int = client.request(method, path, data=data, files=files).status_code
    return status


def test_the_table_names_every_route(world: World) -> None:
    assert set(routes(world)) == set(TABLE)


#: What addresses name and these tests do not make: a page of it says that there is none.
_NOT_MADE = (
    "{note:int}",
    ".jpg",
    "{file:int}",
    "{revision}",
    "{number:int}",
    "{cluster:int}",
    "{question:int}",
    "{run:int}",
)


@dataclass(frozen=True)
class Shared:
    """A world that nothing here changes: everything asked of it is refused, or only looked at."""

    world: World
    clients: dict[str, TestClient]
    csrf: dict[str, str]
    ticket: int

    def send(self, role: str, method: str, path: str) -> int:
        return send(self.clients[role], method, filled(path, self.ticket), self.csrf[role])

    def unchanged(self) -> bool:
        seen = self.world.view(self.ticket)
        return seen.status == "waiting" and self.world.told(self.ticket) == []


def things(world: World) -> int:
    """One of each that addresses name; the number of the ticket."""
    ticket = world.ticket()
    assert world.alert() == 1
    assert world.member(world.team(), "Chị Lan") == 1
    return ticket


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Shared]:
    with make_world(tmp_path_factory.mktemp("shared"), migrated) as world:
        clients = {role: world.logged_in(role) for role in (*ROLES[::-1],)}
        csrf = {role: csrf_of(client) for role, client in clients.items()}
        yield Shared(world, clients, csrf, things(world))


def may(role: str, key: tuple[str, str]) -> bool:
    allowed = TABLE[key]
    return allowed is not None and role in allowed


def bare(method: str, path: str) -> int | None:
    """How a form without what it needs is answered; None when it does what it is for."""
    unmade = any(name in path for name in _NOT_MADE)
    return LACKING.get(path) if method == "POST" or unmade else None


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_may_not(shared: Shared, role: str) -> None:
    wrong = {
        key: status
        for key in GUARDED
        if not may(role, key) and (status := shared.send(role, *key)) != 403
    }
    assert wrong == {}
    assert shared.unchanged()


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_may_see_and_what_is_lacking(shared: Shared, role: str) -> None:
    wrong = {}
    for key in GUARDED:
        expected = bare(*key)
        if may(role, key) and (key[0] == "GET" or expected):
            status = shared.send(role, *key)
            if status not in ((expected,) if expected else (200, 303)):
                wrong[key] = status
    assert wrong == {}
    assert shared.unchanged()


ACTS = [
    (r, path) for path in POSTS for r in ROLES if may(r, ("POST", path)) and not bare("POST", path)
]


@pytest.mark.parametrize(("role", "path"), ACTS)
def test_what_a_role_may_do(world: World, role: str, path: str) -> None:
    client = world.logged_in(role)
    ticket = things(world)
    assert send(client, "POST", filled(path, ticket), csrf_of(client)) in (200, 303)


def test_nobody_gets_in_without_a_login(shared: Shared) -> None:
    browser = shared.world.browser()
    for method, path in GUARDED:
        answer = browser.request(method, filled(path, shared.ticket))
        if method == "GET" and not path.endswith(("/live", "/notes/{note:int}")):
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/staff/login?next=/staff")
        else:
            assert answer.status_code == 401, path
        assert "Bà Sáu" not in answer.text
    assert shared.unchanged()


@pytest.mark.parametrize("csrf", [None, "", "x", "é", "0" * 43])
def test_a_form_without_the_session_s_token_is_refused(shared: Shared, csrf: str | None) -> None:
    client = shared.clients["admin"]
    data = {"text": "Dạ"} if csrf is None else {"text": "Dạ", "csrf": csrf}
    for path in POSTS:
        answer = client.post(filled(path, shared.ticket), data=data)
        assert answer.status_code == 403, path
        assert "bị chặn" in answer.text
    assert shared.unchanged()
    assert client.get("/staff/questions").status_code == 200


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_form_of_another_site_is_refused(shared: Shared, headers: dict[str, str]) -> None:
    client = shared.clients["admin"]
    data = {"csrf": shared.csrf["admin"], "text": "Chữ của kẻ lạ"}
    for path in (*POSTS, "/staff/login", "/staff/join/{token}"):
        answer = client.post(filled(path, shared.ticket), data=data, headers=headers)
        assert answer.status_code == 403, path
        assert "Chữ của kẻ lạ" not in answer.text
    assert shared.unchanged()


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
    lead, nobody = world.logged_in("lead"), world.browser()
    ticket = world.ticket()
    for method, path in TABLE:
        for client in (lead, nobody):
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
