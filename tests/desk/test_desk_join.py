"""The page of a link to join with."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.models.schema import members
from bot.services.joining import VALID, Joining
from tests.console.world import SAME_ORIGIN, World


@pytest.fixture
def page(world: World) -> str:
    """The address of a link."""
    member = world.member(world.team("Tổ Khánh An"), "Chị Lan")
    return Joining(world.runtime).link_for(str(member)).web.partition("8000")[2]


def joined(world: World) -> bool:
    query = select(members.c.web_joined_at)
    return world.db.read_now(lambda c: c.execute(query).scalar_one()) is not None


def test_looking_changes_nothing_and_the_button_opens_the_page(world: World, page: str) -> None:
    browser = world.browser()
    for _ in range(2):
        shown = browser.get(page)
        assert shown.status_code == 200
        assert "Chị Lan" in shown.text
        assert "Vào Tổ Khánh An" in shown.text
    assert not joined(world)
    done = browser.post(page, headers=SAME_ORIGIN, follow_redirects=False)
    assert done.status_code == 303
    assert joined(world)
    assert "Phiếu của tổ" in browser.get(done.headers["location"]).text


def test_it_works_once(world: World, page: str) -> None:
    world.browser().post(page, headers=SAME_ORIGIN)
    for answer in (world.browser().get(page), world.browser().post(page, headers=SAME_ORIGIN)):
        assert answer.status_code == 410
        assert "đã được dùng rồi" in answer.text
        assert "Chị Lan" not in answer.text


def test_it_ends(world: World, page: str) -> None:
    world.wait(seconds=VALID.total_seconds())
    answer = world.browser().post(page, headers=SAME_ORIGIN)
    assert (answer.status_code, "quá bảy ngày" in answer.text) == (410, True)
    assert not joined(world)


def test_a_wrong_link_and_another_sites_form(world: World, page: str) -> None:
    wrong = world.browser().get(page[:-2] + "xx")
    assert (wrong.status_code, "bị thiếu chữ" in wrong.text) == (404, True)
    foreign = world.browser().post(page, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert not joined(world)
