"""The page of training: what is under way, before and after, publishing, taking back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import Connection, update

from bot.models.schema import RunKind, staff
from bot.store import training as store
from nlu.engine import code_key, model_key
from tests.console.world import World, csrf_of

URL = "/staff/training"


def run(world: World, figures: dict[str, Any] | None = None, problem: str = "") -> int:
    """A run that is over."""

    def work(c: Connection) -> int:
        number = store.ask(c, RunKind.TRAIN, "lan", world.clock)
        assert number is not None
        store.end(c, number, world.clock, figures=figures, problem=problem)
        return number

    return world.db.write_now(work)


def figures(key: str = "k1", **changes: Any) -> dict[str, Any]:
    shown = dict.fromkeys(
        ("all", "badly_typed", "wrong_answers", "in_scope_refused", "out_of_scope_refused"), 1.5
    )
    return {
        "model": key,
        "before_key": model_key(),
        "before": {"in_scope": 97.0, **shown},
        "after": {"in_scope": 97.4, **shown},
        "urgent": ["scam_victim"],
        "intents": {"scam_victim": [21, 20, 20], "qr_pay": [20, 18, 19], "menu": [20, 20, 17]},
        "examples": 10_700,
        "labels": 12,
        "withheld": {"conflict": 2},
        "named": [],
        "unfit": "",
        **changes,
    }


def model(world: World, **changes: Any) -> int:
    found = figures(**changes)
    number = run(world, found)
    return world.db.write_now(
        lambda c: store.add_model(
            c, key=found["model"], code=code_key(), data="d", run_id=number,
            made_at=world.clock, examples=9, labels=1, top1=found["after"]["in_scope"], fits=True,
        )
    )  # fmt: skip


def test_nothing_yet_says_what_to_do(world: World) -> None:
    page = world.logged_in("editor").get(URL).text
    assert "mô hình của các câu đi kèm" in page
    assert "Huấn luyện</button>" in page
    assert "Huấn luyện</button>" not in world.logged_in("viewer").get(URL).text


def test_the_button_asks_for_a_run_once(world: World) -> None:
    client = world.logged_in("editor")
    form = {"csrf": csrf_of(client)}
    assert client.post(URL, data=form).headers["location"] == f"{URL}?done=asked"
    assert client.post(URL, data=form).headers["location"] == f"{URL}?done=busy"
    assert "đang chờ tới lượt" in client.get(f"{URL}/live").text


def test_progress_is_shown(world: World) -> None:
    def work(c: Connection) -> None:
        number = store.ask(c, RunKind.TRAIN, "lan", world.clock)
        assert number is not None
        store.take(c, number, "me", "elsewhere", world.clock)
        store.beat(c, number, world.clock, stage="fit", progress=55)

    world.db.write_now(work)
    page = world.logged_in("viewer").get(f"{URL}/live").text
    assert '<progress max="100" value="55"' in page
    assert "Đang học, 55%" in page


def test_a_killed_run_is_marked_at_the_next_look(world: World) -> None:
    def work(c: Connection) -> None:
        number = store.ask(c, RunKind.TRAIN, "lan", world.clock)
        assert number is not None
        store.take(c, number, "me", "elsewhere", world.clock)

    world.db.write_now(work)
    world.wait(seconds=40)
    page = world.logged_in("editor").get(URL).text
    assert "Huấn luyện lần gần nhất chưa xong" in page
    assert "Chưa xong" in page


def test_before_and_after_with_the_urgent_first(world: World) -> None:
    number = run(world, figures())
    page = world.logged_in("viewer").get(f"{URL}/{number}").text
    rows = re.findall(r'<tr role="row"><td role="cell">(\w+)', page)
    assert [name for name in rows if "_" in name or name == "menu"] == [
        "scam_victim", "menu", "qr_pay",
    ]  # fmt: skip
    assert "97.0%" in page
    assert "-3" in page
    assert "2 câu: mâu thuẫn" in page


def test_publishing_and_taking_back(world: World) -> None:
    number = model(world)
    client = world.logged_in("editor", "lan")
    form = {"csrf": csrf_of(client)}
    assert f"Dùng mô hình {number}" in client.get(URL).text
    answer = client.post(f"{URL}/models/{number}/publish", data=form, follow_redirects=True)
    assert "Đang dùng" in answer.text
    assert "Quay lại mô hình của các câu đi kèm" in answer.text
    answer = client.post(f"{URL}/rollback", data=form, follow_redirects=True)
    assert "Đã quay lại" in answer.text
    assert client.post(f"{URL}/rollback", data=form).status_code == 409


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"after": {"in_scope": 90.0}}, "hiểu đúng ít hơn"),
        ({"intents": {"scam_victim": [21, 20, 19]}}, "bỏ sót thêm"),
        ({"before_key": "other"}, "huấn luyện lại"),
    ],
)
def test_a_worse_model_cannot_be_published(
    world: World, changes: dict[str, Any], says: str
) -> None:
    number = model(world, **changes)
    client = world.logged_in("admin")
    assert says in client.get(URL).text
    assert f"Dùng mô hình {number}" not in client.get(URL).text
    answer = client.post(f"{URL}/models/{number}/publish", data={"csrf": csrf_of(client)})
    assert answer.status_code == 409
    assert world.db.read_now(store.served) is None


def test_somebody_of_a_place_changes_nothing_for_everybody(world: World) -> None:
    number = model(world)
    client = world.logged_in("lead", "ba")
    mine = update(staff).where(staff.c.username == "ba").values(scope="96")
    world.db.write_now(lambda c: c.execute(mine).rowcount)
    form = {"csrf": csrf_of(client)}
    for path in ("", f"/models/{number}/publish", "/rollback"):
        assert client.post(f"{URL}{path}", data=form).status_code == 403
    assert "việc của người phụ trách mọi nơi" in client.get(URL).text
