"""The question log."""

from __future__ import annotations

import re

import httpx
import pytest
from sqlalchemy import update

from bot.console.questions import PAGE
from bot.domain.effects import Outcome
from bot.models.schema import questions
from tests.console.world import World

SCRIPT = "<script>alert(1)</script>"


def texts(page: httpx.Response) -> list[str]:
    found = re.findall(r'class="text">(.*?)</td>', page.text, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", each).strip() for each in found]


def test_the_newest_is_first_with_everything_in_words(world: World) -> None:
    world.question("câu cũ")
    world.wait(minutes=5)
    world.question("câu mới", locality="Xã Đất Mũi", channel="web")
    page = world.logged_in("editor").get("/staff/questions")
    assert texts(page) == ["câu mới", "câu cũ"]
    for word in ("Định danh mức 2", "87%", "Đã trả lời", "Trang chat", "Telegram", "Xã Đất Mũi"):
        assert word in page.text
    assert "09:35 22/11/2025" in page.text, "02:35 UTC is 09:35 in Vietnam"


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_words_and_a_filter(world: World, outcome: Outcome) -> None:
    for each in Outcome:
        world.question(f"câu {each.value}", outcome=each)
    page = world.logged_in("editor").get(f"/staff/questions?outcome={outcome.value}")
    assert texts(page) == [f"câu {outcome.value}"]
    assert f'<option value="{outcome.value}" selected>' in page.text
    assert f">{outcome.value}<" not in page.text


def test_paging_shows_each_question_once(world: World) -> None:
    for n in range(PAGE * 2 + 3):
        world.question(f"câu {n}")
    client = world.logged_in("editor")
    seen: list[str] = []
    page = client.get("/staff/questions")
    assert "Mới nhất" not in page.text
    sizes = []
    while True:
        sizes.append(len(texts(page)))
        seen += texts(page)
        older = re.search(r'href="([^"]*)" rel="next"', page.text)
        if older is None:
            break
        # A question that comes in meanwhile moves nothing.
        world.question("vừa hỏi")
        page = client.get(older.group(1).replace("&amp;", "&"))
    assert sizes == [PAGE, PAGE, 3]
    assert seen == [f"câu {n}" for n in reversed(range(PAGE * 2 + 3))]


def test_paging_keeps_the_filter(world: World) -> None:
    for n in range(PAGE + 1):
        world.question(f"chưa hiểu {n}", outcome=Outcome.NOT_UNDERSTOOD)
        world.question(f"trả lời {n}")
    client = world.logged_in("editor")
    page = client.get("/staff/questions?outcome=not_understood")
    older = re.search(r'href="([^"]*)" rel="next"', page.text)
    assert older is not None
    page = client.get(older.group(1).replace("&amp;", "&"))
    assert texts(page) == ["chưa hiểu 0"]
    assert 'href="/staff/questions?outcome=not_understood"' in page.text


def test_exactly_one_page_has_no_next(world: World) -> None:
    for n in range(PAGE):
        world.question(f"câu {n}")
    assert 'rel="next"' not in world.logged_in("editor").get("/staff/questions").text


@pytest.mark.parametrize(
    "query",
    [
        "before=x",
        "before=-1",
        "before=²",
        f"before={2**70}",
        f"before=1-{2**70}",
        "before=99999999999999999-1",
        "outcome=x",
        "since=2025-13-01",
        "until=x",
        "step=0",
        "step=x",
        "walked=maybe",
        "area=zz",
    ],
)
def test_a_query_that_makes_no_sense_is_left_out(world: World, query: str) -> None:
    world.question("một câu")
    page = world.logged_in("editor").get(f"/staff/questions?{query}")
    assert texts(page) == ["một câu"]


def test_an_empty_log_says_what_to_do(world: World) -> None:
    page = world.logged_in("editor").get("/staff/questions")
    assert "Chưa có câu hỏi nào" in page.text
    assert 'href="http://127.0.0.1:8000/"' in page.text


def test_an_empty_filter_offers_all(world: World) -> None:
    world.question()
    page = world.logged_in("editor").get("/staff/questions?outcome=stopped")
    assert "Dừng giữa chừng" in page.text
    assert "Xem tất cả câu hỏi" in page.text


def test_past_the_last_page_is_said(world: World) -> None:
    world.question()
    page = world.logged_in("editor").get("/staff/questions?before=1000000-1")
    assert "không còn câu hỏi cũ hơn" in page.text


def test_what_citizens_write_is_escaped(world: World) -> None:
    world.question(f"hỏi {SCRIPT}", intent=f"x{SCRIPT}", channel="<b>zalo</b>", locality=SCRIPT)
    page = world.logged_in("editor").get("/staff/questions").text
    assert SCRIPT not in page
    assert "<b>zalo" not in page
    assert page.count("&lt;script&gt;") == 3


def test_an_erased_question_stays_as_a_line(world: World) -> None:
    world.question("chữ sẽ bị xóa")
    erased = update(questions).values(text=None, locality=None)
    world.db.write_now(lambda c: c.execute(erased).rowcount)
    page = world.logged_in("editor").get("/staff/questions")
    assert texts(page) == ["(đã xóa chữ)"]


def test_an_intent_without_a_title_shows_its_id(world: World) -> None:
    world.question(intent="new_intent")
    assert "new_intent" in world.logged_in("editor").get("/staff/questions").text
