"""What nobody answered: clusters, labels, new intents, ideas, replies to those who wait."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Connection, update
from starlette.testclient import TestClient

from bot.domain import events as ev
from bot.domain.effects import LogQuestion, Outcome
from bot.models.schema import inbox as inbox_table
from bot.models.schema import questions
from bot.services.posting import open_event
from bot.services.waiting import WaitingReplies
from bot.store import clusters, inbox, labels, records
from bot.store.clusters import Grouped
from bot.store.inbox import ChatKey
from tests.console.world import World, csrf_of

SCRIPT = "<script>alert(1)</script>"
URL = "/staff/unanswered"


def ask(world: World, text: str, who: str = "a", area: str = "96.32083.x") -> int:
    """A question that nobody understood."""
    world._next += 1
    number = world._next
    effect = LogQuestion(text, "out_of_scope", 0.2, Outcome.NOT_UNDERSTOOD)

    def work(c: Connection) -> None:
        chat = inbox.chat_id(c, ChatKey("web", who), world.clock)
        records.log_question(c, number, chat, "web", None, effect, world.clock, area)

    world.db.write_now(work)
    return number


def cluster(world: World, *ids: int) -> int:
    """A cluster of questions."""
    group = Grouped(None, ids, [("vneid_level_2", 0.4)])
    times = dict.fromkeys(ids, world.clock)
    world.db.write_now(lambda c: clusters.put(c, [group], times, world.clock))
    return max(world.db.read_now(clusters.members_of_all))


def send(client: TestClient, path: str, **form: str) -> httpx.Response:
    data = {"csrf": csrf_of(client), **form}
    answer: httpx.Response = client.post(f"{URL}{path}", data=data)
    return answer


def labelled(world: World) -> list[tuple[str, str]]:
    return [(x.intent, x.text) for x in world.db.read_now(lambda c: labels.latest(c, None, 99))]


def test_an_empty_list_says_what_to_do(world: World) -> None:
    page = world.logged_in("editor").get(URL)
    assert "Không có nhóm nào chờ xử lý" in page.text
    assert "Xếp nhóm lại" in page.text


def test_a_cluster_shows_its_sentences_to_those_who_may_read(world: World) -> None:
    number = cluster(world, *(ask(world, f"sang tên sổ đỏ {SCRIPT} {n}") for n in range(6)))
    for role, reads in (("viewer", False), ("editor", True)):
        client = world.logged_in(role)
        for page in (client.get(URL).text, client.get(f"{URL}/{number}").text):
            assert "6 câu" in page
            assert ("sang tên sổ đỏ" in page) is reads
            assert SCRIPT not in page
            assert "Định danh mức 2 (40%)" in page


def test_labelling_what_is_ticked(world: World) -> None:
    ids = [ask(world, f"câu {n}") for n in range(4)]
    number = cluster(world, *ids)
    client = world.logged_in("editor", "lan")
    ticks = {f"q{n}": "1" for n in ids[:3]}
    answer = client.post(
        f"{URL}/{number}/label",
        data={"csrf": csrf_of(client), "intent": "vneid_level_2", **ticks},
        follow_redirects=True,
    )
    assert "Đã gán nhãn 3 câu" in answer.text
    assert sorted(labelled(world)) == [("vneid_level_2", f"câu {n}") for n in range(3)]
    assert len(re.findall(r'value="1" checked', answer.text)) == 1


def test_all_of_it_is_out_of_scope(world: World) -> None:
    ids = [ask(world, f"câu {n}") for n in range(60)]
    number = cluster(world, *ids)
    client = world.logged_in("editor")
    shown = ",".join(map(str, ids[:40]))
    ticks = {f"q{n}": "1" for n in ids[1:40]}
    send(client, f"/{number}/label", out="1", intent="x", all="1", shown=shown, **ticks)
    # The one that was taken out by hand stays.
    assert len(labelled(world)) == 59
    assert {intent for intent, _ in labelled(world)} == {"out_of_scope"}


def test_an_unknown_intent_is_refused(world: World) -> None:
    number = cluster(world, ask(world, "câu"))
    client = world.logged_in("editor")
    assert send(client, f"/{number}/label", intent="nope").status_code == 422
    assert labelled(world) == []


def test_a_question_erased_meanwhile_is_left_out(world: World) -> None:
    one, two = ask(world, "câu một"), ask(world, "câu hai", "b")
    number = cluster(world, one, two)
    client = world.logged_in("editor")
    gone = update(questions).where(questions.c.id == one).values(text=None)
    world.db.write_now(lambda c: c.execute(gone).rowcount)
    send(client, f"/{number}/label", intent="vneid_level_2", **{f"q{one}": "1", f"q{two}": "1"})
    assert labelled(world) == [("vneid_level_2", "câu hai")]
    page = client.get(f"/staff/labels/question/{one}")
    assert "Câu này đã bị xóa" in page.text
    data = {"csrf": csrf_of(client), "intent": "vneid_level_2"}
    refused = client.post(f"/staff/labels/question/{one}", data=data)
    assert refused.status_code == 409
    assert "Câu này đã bị xóa" in refused.text


def test_a_new_intent_brings_an_idea(world: World) -> None:
    number = cluster(world, ask(world, "câu"))
    client = world.logged_in("editor")
    form = {"id": "land_papers", "title": f"Đất {SCRIPT}", "covers": "Sổ đỏ, sang tên, tách thửa"}
    assert send(client, f"/{number}/intent", **form).status_code == 303
    page = client.get(f"{URL}/ideas").text
    assert "land_papers" in page
    assert SCRIPT not in page
    again = send(client, f"/{number}/intent", **form)
    assert "đã có người tạo" in again.text
    shipped = send(client, f"/{number}/intent", **{**form, "id": "vneid_level_2"})
    assert "ý định có sẵn" in shipped.text
    send(client, f"/{number}/label", intent="land_papers", **{"q1": "1"})
    assert labelled(world) == [("land_papers", "câu")]


def test_an_idea_moves_on(world: World) -> None:
    number = cluster(world, ask(world, "câu"))
    client = world.logged_in("editor")
    send(client, f"/{number}/idea", title="Sang tên sổ đỏ", text="hay hỏi")
    assert send(client, "/ideas/1", state="writing").status_code == 303
    assert "Đang viết" in client.get(f"{URL}/ideas").text
    assert send(client, "/ideas/1", state="x").status_code == 404


def test_somebody_of_a_place_sees_that_place_only(world: World) -> None:
    here = cluster(world, *(ask(world, f"câu ở đây {n}") for n in range(5)))
    there = cluster(world, ask(world, "câu ở kia", "b", "66.1"))
    world.staff("ba", "editor")
    world.db.write_now(lambda c: _scope(c, "ba", "96"))
    client = world.browser()
    client.post("/staff/login", data={"username": "ba", "password": "một mật khẩu dài"})
    page = client.get(URL).text
    assert "câu ở đây" in page
    assert "câu ở kia" not in page
    assert client.get(f"{URL}/{here}").status_code == 200
    assert client.get(f"{URL}/{there}").status_code == 404


def _scope(c: Connection, name: str, area: str) -> None:
    from bot.models.schema import staff

    c.execute(update(staff).where(staff.c.username == name).values(scope=area))


async def test_those_who_wait_are_answered_once(world: World) -> None:
    ids = [ask(world, "sang tên sổ đỏ sao", who) for who in ("a", "b", "b")]
    number = cluster(world, *ids)
    client = world.logged_in("editor")
    page = client.get(f"{URL}/{number}/waiting").text
    assert "2 người" in page
    form = {"text": "Bác ra xã hỏi cán bộ địa chính.", "guide": "qr_pay"}
    looked = send(client, f"/{number}/reply", **form)
    assert "Gửi cho 2 người" in looked.text
    ask_more = ask(world, "sang tên sổ đỏ", "c")
    world.db.write_now(lambda c: clusters.put(
        c, [Grouped(number, [*ids, ask_more], [])], {}, world.clock))  # fmt: skip
    assert send(client, f"/{number}/send", seen="2", **form).status_code == 409
    assert send(client, f"/{number}/send", seen="3", **form).status_code == 303
    replies = WaitingReplies(world.runtime, world.woken.append)
    assert await replies.tick() == 3
    assert await replies.tick() == 0
    assert told(world) == [("Bác ra xã hỏi cán bộ địa chính.", "qr_pay")] * 3
    assert "Không còn ai chờ" in client.get(f"{URL}/{number}/waiting").text


def told(world: World) -> list[tuple[str, str]]:
    payloads = world.db.read_now(lambda c: list(c.execute(inbox_table.select())))
    events = [open_event(world.runtime.vault, row.payload).event for row in payloads]
    return [(e.text, e.guide_id) for e in events if isinstance(e, ev.StaffAnswered)]


async def test_nobody_is_told_at_night_or_after_erasing(world: World) -> None:
    number = cluster(world, ask(world, "câu"))
    client = world.logged_in("editor")
    assert send(client, f"/{number}/send", seen="1", text="Dạ.").status_code == 303
    replies = WaitingReplies(world.runtime, world.woken.append)
    world.clock += timedelta(hours=13)
    assert await replies.tick() == 0
    world.clock += timedelta(hours=12)

    def erase(c: Connection) -> None:
        chat = inbox.chat_id(c, ChatKey("web", "a"), world.clock)
        records.erase_chat(c, chat, 10**9, world.clock)

    world.db.write_now(erase)
    assert await replies.tick() == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "Anh/chị ghi lời"), ("gọi 0900000001", "số riêng tư"), ("x" * 701, "dài quá"),
     ("vào http://vneid-capnhat.xyz nhé", "địa chỉ trang")],
)  # fmt: skip
def test_a_text_that_must_not_be_sent(world: World, text: str, says: str) -> None:
    number = cluster(world, ask(world, "câu"))
    client = world.logged_in("editor")
    answer = send(client, f"/{number}/reply", text=text)
    assert answer.status_code == 422
    assert says in answer.text
    assert send(client, f"/{number}/send", text=text, seen="1").status_code == 422


def test_a_file_of_labels(world: World) -> None:
    client = world.logged_in("editor")
    data = "intent,text\nvneid_level_2,làm mức hai ở đâu\nnope,x\n"
    answer = client.post(
        "/staff/labels/import",
        data={"csrf": csrf_of(client)},
        files={"file": ("a.csv", data.encode())},
    )
    assert answer.status_code == 200
    assert "nhập 1 nhãn" in answer.text
    assert "2 (không có ý định này)" in answer.text
    bad = client.post(
        "/staff/labels/import",
        data={"csrf": csrf_of(client)},
        files={"file": ("a.csv", b"\xff\xff")},
    )
    assert bad.status_code == 422
    assert labelled(world) == [("vneid_level_2", "làm mức hai ở đâu")]
    page = client.get("/staff/labels")
    number = re.search(r"/staff/labels/(\d+)/withdraw", page.text)
    assert number is not None
    client.post(number.group(0), data={"csrf": csrf_of(client)})
    assert labelled(world) == []


def test_what_citizens_chose_is_a_suggestion_only(world: World) -> None:
    one = ask(world, "làm cái mức hai")
    two = ask(world, "câu khác", "b")
    chose = update(questions).where(questions.c.id.in_([one, two])).values(label="vneid_level_2")
    world.db.write_now(lambda c: c.execute(chose).rowcount)
    client = world.logged_in("editor")
    assert "làm cái mức hai" in client.get("/staff/labels/suggested").text
    assert labelled(world) == []
    data = {"csrf": csrf_of(client), f"q{one}": "1"}
    client.post("/staff/labels/suggested", data=data)
    assert labelled(world) == [("vneid_level_2", "làm cái mức hai")]
