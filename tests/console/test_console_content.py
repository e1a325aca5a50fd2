"""Files that are wrong are named to staff, with what would mend them."""

from __future__ import annotations

import pytest

from bot.guides.errors import Problem
from tests.console.world import World

WRONG = Problem("guides/qr_pay.yml", 12, "steps[2].text", "has 300 characters; at most 280")


@pytest.mark.parametrize(("role", "page"), [("viewer", "themes"), ("lead", "tickets")])
def test_the_front_page_names_file_line_field_and_fix(world: World, role: str, page: str) -> None:
    client = world.logged_in(role)
    assert client.get("/staff").headers["location"] == f"/staff/{page}"
    assert "content-problems" not in client.get(f"/staff/{page}").text
    world.problems.append(WRONG)
    text = client.get(f"/staff/{page}").text
    assert 'id="content-problems"' in text
    for word in ("guides/qr_pay.yml", "dòng 12", "steps[2].text", "at most 280", "bản tốt gần"):
        assert word in text
    world.problems.clear()
    assert "content-problems" not in client.get(f"/staff/{page}").text


def test_a_whole_file_has_no_field(world: World) -> None:
    world.problems.append(Problem("guides/qr_pay.yml", 1, "-", "is empty; write it"))
    assert "mục" not in world.logged_in("viewer").get("/staff/questions").text.split("</ul>")[0]


def test_many_are_counted(world: World) -> None:
    world.problems += [Problem("menu.yml", n, "groups", "is wrong; mend it") for n in range(13)]
    text = world.logged_in("viewer").get("/staff/questions").text
    assert text.count("mend it") == 10
    assert "13 chỗ" in text
    assert "Còn 3 chỗ nữa" in text


def test_what_a_file_says_is_text_and_no_page(world: World) -> None:
    script = "<script>alert(1)</script>"
    world.problems.append(Problem("menu.yml", 1, script, f"{script}; mend it"))
    assert script not in world.logged_in("viewer").get("/staff/questions").text


def test_nobody_else_sees_it(world: World) -> None:
    world.problems.append(WRONG)
    assert "steps[2]" not in world.browser().get("/staff/login").text
