"""Whose link opens what."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import update

from bot.desk.router import desk_router
from bot.models.schema import members
from bot.weblib.deps import WebDeps
from bot.weblib.headers import SECURITY_HEADERS
from tests.console.world import World, acted, reply

LINKS: dict[str, Callable[[World, int], str]] = {
    "forged": lambda w, m: w.link(m, key="another purpose"),
    "changed": lambda w, m: w.link(m)[:-3] + "AAA",
    "of nobody": lambda w, m: w.link(m + 100),
    "cut": lambda w, m: w.link(m)[:30],
    "not a token": lambda w, m: "/desk/xin-chao",
    "not ascii": lambda w, m: "/desk/công-dân",
}
ROUTES = (
    ("GET", ""),
    ("GET", "/live"),
    ("GET", "/tickets/{id}"),
    ("GET", "/tickets/{id}/live"),
    ("GET", "/tickets/{id}/notes/1"),
    ("POST", "/tickets/{id}/claim"),
    ("POST", "/tickets/{id}/reply"),
    ("POST", "/tickets/{id}/close"),
    ("POST", "/tickets/{id}/giveback"),
    ("POST", "/tickets/{id}/pass"),
    ("POST", "/tickets/{id}/call"),
    ("POST", "/tickets/{id}/visit"),
    ("POST", "/tickets/{id}/novisit"),
    ("POST", "/tickets/{id}/resend"),
    ("POST", "/tickets/{id}/send"),
    ("GET", "/me"),
    ("POST", "/away"),
    ("GET", "/close"),
    ("POST", "/close"),
    ("GET", "/calls"),
)


@pytest.fixture
def member(world: World) -> int:
    return world.member(world.team(), "Chị Lan")


def route_of(path: str) -> str:
    """As the router has it."""
    return path.replace("{id}", "{ticket:int}").replace("/notes/1", "/notes/{note:int}")


def test_the_table_names_every_route(world: World) -> None:
    found = {
        (method, r.path)  # type: ignore[attr-defined]
        for r in desk_router(WebDeps(world.runtime, print)).routes
        for method in r.methods - {"HEAD"}  # type: ignore[attr-defined]
        if "{rest:path}" not in r.path  # type: ignore[attr-defined]
    }
    mine = {(m, "/desk/{token}" + route_of(p)) for m, p in ROUTES}
    join = {(method, "/desk/join/{token}") for method in ("GET", "POST")}
    assert found == mine | join | {("GET", "/desk/static/{name}")}


@pytest.mark.parametrize("kind", LINKS)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_wrong_link_opens_nothing(
    world: World, member: int, kind: str, method: str, path: str
) -> None:
    ticket = world.ticket(1)
    link = LINKS[kind](world, member)
    answer = world.browser().request(method, link + path.format(id=ticket), data={"text": "Dạ"})
    assert answer.status_code == 403
    assert "xin liên kết mới" in answer.text
    assert "Cài VNeID" not in answer.text
    assert world.view(ticket).status == "waiting"


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_link_ends(world: World, member: int, method: str, path: str) -> None:
    ticket = world.ticket(1)
    link = world.link(member, days=30)
    assert world.browser().get(link).status_code == 200
    world.wait(days=30, seconds=1)
    answer = world.browser().request(method, link + path.format(id=ticket), data={"text": "Dạ"})
    assert answer.status_code == 403
    assert world.view(ticket).status == "waiting"


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_the_link_of_a_removed_member_ends(
    world: World, member: int, method: str, path: str
) -> None:
    ticket = world.ticket(1)
    link = world.link(member)
    world.db.write_now(lambda c: c.execute(update(members).values(removed_at=world.clock)).rowcount)
    answer = world.browser().request(method, link + path.format(id=ticket), data={"text": "Dạ"})
    assert answer.status_code == 403
    assert "xin liên kết mới" in answer.text


def test_text_typed_behind_an_ended_link_comes_back(world: World, member: int) -> None:
    ticket = world.ticket(1)
    link = world.link(member, days=1)
    world.wait(days=2)
    answer = world.browser().post(f"{link}/tickets/{ticket}/reply", data={"text": "Bác <i>ơi"})
    assert "Bác &lt;i&gt;ơi" in answer.text


@pytest.mark.parametrize(("method", "path"), [r for r in ROUTES if "{id}" in r[1]])
@pytest.mark.parametrize("theirs", ["another team", "no team"])
def test_a_ticket_of_others_does_not_exist_here(
    world: World, member: int, method: str, path: str, theirs: str
) -> None:
    ticket = world.ticket(world.team("Tổ khác") if theirs == "another team" else None)
    link = world.link(member)
    answer = world.browser().request(method, link + path.format(id=ticket), data={"text": "Dạ"})
    assert answer.status_code == 404
    assert "Cài VNeID" not in answer.text
    assert world.view(ticket).status == "waiting"
    assert "Cài VNeID" not in world.browser().get(link).text


def test_a_link_to_one_member_is_not_another_s(world: World) -> None:
    team = world.team()
    lan, ba = world.member(team, "Chị Lan"), world.member(team, "Anh Ba")
    ticket = world.ticket(team)
    browser = world.browser()
    acted(browser, world.link(lan), ticket, "claim")
    assert "0912" in browser.get(f"{world.link(lan)}/tickets/{ticket}").text
    assert "0912" not in browser.get(f"{world.link(ba)}/tickets/{ticket}").text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
    ],
)
@pytest.mark.parametrize("what", ["claim", "reply", "close"])
def test_a_form_of_another_site_is_refused(
    world: World, member: int, what: str, headers: dict[str, str]
) -> None:
    ticket = world.ticket(1)
    address = f"{world.link(member)}/tickets/{ticket}/{what}"
    answer = world.browser().post(address, data={"text": "Dạ"}, headers=headers)
    assert answer.status_code == 403
    assert world.view(ticket).status == "waiting"


def every_answer(world: World, member: int) -> Iterator[tuple[str, object]]:
    link, ticket, browser = world.link(member), world.ticket(1), world.browser()
    for method, path in ROUTES:
        for base in (link, "/desk/wrong"):
            address = base + path.format(id=ticket)
            yield address, browser.request(method, address, data={"text": ""})
    other = world.ticket(1)
    yield "claim", acted(browser, link, other, "claim")
    yield "reply", reply(browser, link, other, "Dạ")
    for path in ("/desk/static/live.js", "/desk/static/no", "/desk", "/desk/", f"{link}/no"):
        yield path, browser.get(path)


def test_security_headers_are_on_every_answer(world: World, member: int) -> None:
    for path, answer in every_answer(world, member):
        if path == "/desk":
            continue  # nothing of ours: the application answers
        headers = answer.headers  # type: ignore[attr-defined]
        for name, value in SECURITY_HEADERS.items():
            assert headers.get(name) == value, (path, name)


def test_the_link_does_not_travel(world: World, member: int) -> None:
    answer = world.browser().get(world.link(member))
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "noindex" in answer.headers["x-robots-tag"]
