"""The pages "Chủ đề" and "Chỗ dừng": what they count, whom they show it, what they hide."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from markupsafe import Markup
from starlette.testclient import TestClient

from bot.console import charts
from bot.domain.effects import LogQuestion, Outcome, ReachedStep, SetOutcome
from bot.services.rollups import Rollups
from bot.store import inbox, questions, records, staff
from bot.store.inbox import ChatKey
from tests.console.world import World

TAN_AN, DAT_MUI = "96.32236", "96.32248"
SCRIPT = "<script>alert(1)</script>"


def ask(
    world: World,
    number: int,
    *,
    topic: str = "qr_pay",
    area: str = "",
    channel: str = "telegram",
    days_ago: int = 0,
    outcome: Outcome = Outcome.ANSWERED,
    step: int | None = None,
    end: Outcome | None = None,
) -> None:
    """So many people ask the same."""

    def work(c):  # type: ignore[no-untyped-def]
        when = world.clock - timedelta(days=days_ago)
        for _ in range(number):
            world._next += 1
            chat = inbox.chat_id(c, ChatKey(channel, f"p{world._next}"), when)
            guide = "" if outcome is Outcome.NOT_UNDERSTOOD else topic
            effect = LogQuestion("câu hỏi", topic, 0.9, outcome, guide)
            records.log_question(c, world._next, chat, channel, None, effect, when, area)
            if step is not None:
                questions.reached_step(c, chat, ReachedStep(world._next, step))
            if end is not None:
                records.set_outcome(c, chat, SetOutcome(world._next, end, step))

    world.db.write_now(work)


def counted(world: World) -> None:
    asyncio.run(Rollups(world.runtime).tick())


def table(page: str, name: str) -> dict[str, str]:
    """A table of figures by its section's name: first column to second."""
    part = page.split(f'aria-labelledby="{name}"')[1].split("</section>")[0]
    rows = re.findall(r'<th scope="row">(.*?)</th>\s*<td class="figure">(.*?)</td>', part, re.S)
    plain = [tuple(re.sub(r"<[^>]+>", "", cell).strip() for cell in row) for row in rows]
    return dict(plain)  # type: ignore[arg-type]


def scoped(world: World, role: str, *areas: str) -> TestClient:
    client = world.logged_in(role, f"{role} của xã")
    account = next(a for a in world.db.read_now(staff.accounts) if a.username == f"{role} của xã")
    world.db.write_now(lambda c: staff.change(c, account.id, role, areas))
    return client


def test_an_empty_log_says_what_to_do(world: World) -> None:
    page = world.logged_in("viewer").get("/staff/themes").text
    assert "Chưa có câu hỏi nào đúng như đã lọc" in page
    assert "12 tháng qua, mọi chủ đề" in page
    assert "Chưa ai làm từng bước" in world.logged_in("editor").get("/staff/stops").text


def test_the_figures_are_what_was_asked(world: World) -> None:
    ask(world, 7, area=TAN_AN)
    ask(world, 3, topic="scam_link", channel="web", days_ago=3)
    ask(world, 2, outcome=Outcome.NOT_UNDERSTOOD)
    ask(world, 4, step=2, end=Outcome.FINISHED)
    ask(world, 1, step=3)
    ask(world, 1, step=3, end=Outcome.STOPPED)
    ask(world, 1, days_ago=200)
    counted(world)
    page = world.logged_in("viewer").get("/staff/themes").text
    assert table(page, "funnel") == {
        "Được hỏi": "18",
        "Máy hiểu": "16",
        "Trả lời bằng một bài": "16",
        "Làm từng bước": "6",
        "– làm xong": "4",
        "– nói dừng": "1",
        "– chuyển người giúp": "0",
        "– đang làm hoặc im lặng": "1",
        "Chuyển người giúp ngay": "0",
    }
    topics = table(page, "topics")
    assert list(topics.values()) == ["13", "3", "2"]
    assert topics["Chưa hiểu là gì"] == "2"
    assert table(page, "channels") == {"Telegram": "15", "Trang chat": "3"}
    # By province even without a filter it is a view of places: the other is hidden with a small
    # one, and here there is none.
    assert table(page, "places") == {"Chưa rõ nơi ở": "11", "Cà Mau": "7"}


def test_every_number_leads_to_what_it_counts(world: World) -> None:
    ask(world, 6, area=TAN_AN)
    ask(world, 5, topic="scam_link", channel="web", step=2)
    ask(world, 5, outcome=Outcome.NOT_UNDERSTOOD)
    counted(world)
    client = world.logged_in("editor")
    for address in ("/staff/themes?period=7d", "/staff/stops", "/staff/themes?topic=qr_pay"):
        page = client.get(address).text
        links = re.findall(r'<a href="(/staff/questions[^"]*)">([\d.]+)</a>', page)
        assert links
        for link, number in links:
            log = client.get(link.replace("&amp;", "&")).text
            assert log.count('class="time"') == int(number), link


def test_a_filter_stands_in_the_address_and_is_kept(world: World) -> None:
    ask(world, 6)
    counted(world)
    client = world.logged_in("viewer")
    page = client.get("/staff/themes?period=7d&topic=qr_pay&channel=telegram").text
    for picked in ("7d", "qr_pay", "telegram"):
        assert f'<option value="{picked}" selected>' in page
    link = re.search(r'href="(/staff/questions\?[^"]*)"', page)
    assert link is not None
    query = parse_qs(urlsplit(link.group(1).replace("&amp;", "&")).query)
    assert query["topic"] == ["qr_pay"]
    assert query["channel"] == ["telegram"]


@pytest.mark.parametrize(
    "query",
    ["period=x", "area=zz", "area=99.99999", "channel=" + "x" * 500, "topic=%00", "period=2099-01"],
)
def test_what_makes_no_sense_is_no_error(world: World, query: str) -> None:
    ask(world, 6)
    counted(world)
    client = world.logged_in("viewer")
    assert client.get(f"/staff/themes?{query}").status_code == 200
    assert client.get(f"/staff/stops?{query}").status_code == 200
    assert client.get(f"/staff/report?{query}").status_code == 200


def test_small_counts_of_places_are_hidden_and_cannot_be_worked_out(world: World) -> None:
    ask(world, 3, area=TAN_AN)
    ask(world, 9, area=DAT_MUI)
    ask(world, 20, area="96.32059")
    counted(world)
    page = world.logged_in("admin").get("/staff/themes?area=96&period=12m").text
    places = table(page, "places")
    assert places["Xã Tân Ân, Cà Mau"] == "ẩn"
    assert places["Xã Đất Mũi, Cà Mau"] == "ẩn", "32 less 20 less 9 would be 3"
    assert places["Xã Khánh An, Cà Mau"] == "20"
    # The page of the place itself says no more.
    for area in (TAN_AN, DAT_MUI):
        alone = (
            world.logged_in("admin", f"a{area}").get(f"/staff/themes?area={area}&period=12m").text
        )
        assert table(alone, "funnel")["Được hỏi"] == "ẩn"


def test_a_topic_hidden_in_a_place_is_hidden_when_asked_for_by_name(world: World) -> None:
    ask(world, 3, area=TAN_AN, topic="scam_link")
    ask(world, 7, area=TAN_AN, topic="qr_pay")
    ask(world, 30, area=TAN_AN, topic="vneid_level_2")
    counted(world)
    client = world.logged_in("admin")
    page = client.get(f"/staff/themes?area={TAN_AN}&period=12m").text
    assert list(table(page, "topics").values()).count("ẩn") == 2
    for topic in ("scam_link", "qr_pay"):
        page = client.get(f"/staff/themes?area={TAN_AN}&period=12m&topic={topic}").text
        assert table(page, "funnel")["Được hỏi"] == "ẩn"


def test_staff_of_a_commune_see_theirs_only(world: World) -> None:
    ask(world, 8, area=TAN_AN)
    ask(world, 11, area=DAT_MUI, topic="scam_link")
    counted(world)
    client = scoped(world, "editor", TAN_AN)
    for address in ("/staff/themes", f"/staff/themes?area={DAT_MUI}", "/staff/themes?area=96"):
        page = client.get(address).text
        assert table(page, "funnel")["Được hỏi"] == "8"
        assert f'value="{DAT_MUI}"' not in page
    log = client.get(f"/staff/questions?area={DAT_MUI}").text
    assert log.count('class="time"') == 8
    assert "Đất Mũi" not in log


def test_viewers_read_no_texts_and_no_single_questions_of_a_commune(world: World) -> None:
    ask(world, 8, area=TAN_AN)
    counted(world)
    page = world.logged_in("viewer").get("/staff/questions").text
    assert "câu hỏi" not in page.replace("Câu hỏi", "").split("<tbody", 1)[1].split("</tbody")[0]
    assert "Tân Ân" not in page
    assert (
        "con số chung"
        in world.logged_in("viewer", "v2").get(f"/staff/questions?area={TAN_AN}").text
    )
    assert "con số chung" in scoped(world, "viewer", TAN_AN).get("/staff/questions").text


def test_where_people_stop(world: World) -> None:
    ask(world, 9, topic="vneid_level_2", step=3)
    ask(world, 6, topic="vneid_level_2", step=3, end=Outcome.STOPPED)
    ask(world, 2, topic="vneid_level_2", step=2)
    ask(world, 5, topic="vneid_level_2", step=6, end=Outcome.FINISHED)
    ask(world, 3, topic="qr_pay", step=2)
    counted(world)
    client = world.logged_in("viewer")
    page = client.get("/staff/stops").text
    assert "bước 3" in page
    assert re.search(r">22</a>", page)
    one = client.get("/staff/stops?topic=vneid_level_2").text
    assert one.count("dừng nhiều nhất") == 1
    assert re.search(r"Bước 3.*?dừng nhiều nhất", one, re.S)
    assert "<svg" in one


def test_what_rises_is_named(world: World) -> None:
    for week in range(9):
        for day in range(7):
            ask(world, 3, days_ago=week * 7 + day + 1)
            ask(world, 9 if week == 0 else 3, topic="scam_link", days_ago=week * 7 + day + 1)
    counted(world)
    page = world.logged_in("viewer").get("/staff/themes").text
    changes = page.split('aria-labelledby="changes"')[1].split("</section>")[0]
    assert "tăng 200%" in changes
    assert changes.count('<th scope="row">') == 1


def test_nothing_is_run_that_came_from_outside(world: World) -> None:
    ask(world, 6, topic=SCRIPT[:60], channel="<b>x</b>", step=2)
    counted(world)
    client = world.logged_in("editor")
    for address in (
        "/staff/themes",
        "/staff/stops",
        "/staff/report?month=2025-11",
        "/staff/questions",
    ):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "<b>x" not in page
        for forbidden in ("<style", " style=", " onclick", "<script>"):
            assert forbidden not in page, (address, forbidden)


# Charts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "drawn",
    [
        charts.line("Tên & <b>", ["1/1", "2/1"], [charts.Series("a<b", [1, None])]),
        charts.line("T", ["1"], [charts.Series("a", [0]), charts.Series("b", [2])]),
        charts.stacked("T", ["1", "2"], [charts.Series("a", [1, 2]), charts.Series("b", [2, 0])]),
        charts.bars("T", ["một tên rất dài cần phải cắt bớt", "<i>"], [5, 1]),
        charts.line("T", [], [charts.Series("a", [])]),
    ],
)
def test_a_chart_is_a_picture_with_a_name_and_nothing_the_policy_forbids(drawn: Markup) -> None:
    root = ElementTree.fromstring(drawn)
    (picture,) = (e for e in root.iter() if e.tag.endswith("}svg"))
    assert picture.get("role") == "img"
    assert picture.get("aria-label")
    for element in root.iter():
        assert element.tag.rpartition("}")[2] not in ("script", "style", "defs", "a", "i", "b")
        assert not {"style", "onclick", "id"} & set(element.attrib)


def test_no_more_colours_than_can_be_told_apart() -> None:
    many = [charts.Series(str(n), [1]) for n in range(7)]
    with pytest.raises(ValueError, match="6 can be told apart"):
        charts.line("T", ["1"], many)


def test_a_share_stays_inside_its_bar() -> None:
    assert 'width="50.0"' in charts.share(1, 2)
    assert 'width="100.0"' in charts.share(5, 2)
    assert 'width="0.0"' in charts.share(1, 0)
