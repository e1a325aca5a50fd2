"""Polling: other pollers, wrong tokens, a platform that is away, and a kill in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.fakes.telegram import FakeTelegram
from tests.process import Served, telegram_settings, with_model
from tests.telegram.stage import PATIENCE, QUICK, Person, Stage, eventually

pytestmark = pytest.mark.program

AWAY = "the Bot API cannot be reached"
OTHER = "another program polls with this token"


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A bot that was started while the Bot API was away, and has found it since."""
    var = with_model(tmp_path_factory.mktemp("late") / "var")
    with FakeTelegram(rate_limits=False) as tg:
        tg.stop_server()
        with Served(var, telegram_settings(tg.url) | QUICK) as served:
            stage = Stage(tg, served)
            eventually(lambda: stage.telegram_state() == AWAY, AWAY)
            tg.start_server()
            eventually(lambda: stage.telegram_state() == "ok", "the Bot API was found")
            yield stage


@pytest.fixture
def ba(late: Stage) -> Person:
    """A citizen who has read the greeting."""
    person = late.person("Ba")
    person.start()
    return person


def test_a_bot_that_started_before_the_bot_api_was_there_works(late: Stage) -> None:
    assert "Chào anh/chị" in late.person().start().text
    assert late.telegram_state() == "ok"


def test_only_what_is_understood_is_asked_for(late: Stage, ba: Person) -> None:
    asked = late.tg.calls_of("getUpdates")[-1].params
    assert asked["allowed_updates"] == ["message", "callback_query", "my_chat_member"]


def test_a_second_poller_is_told_of_and_got_over(late: Stage, ba: Person) -> None:
    def poll_too() -> int:
        late.tg.wait_for(lambda tg: tg.polling, PATIENCE, "the bot to poll")
        url = f"{late.tg.url}{late.tg.token}/getUpdates"
        return httpx.post(url, json={"timeout": 20}, timeout=60, trust_env=False).status_code

    with ThreadPoolExecutor(1) as pool:
        theirs = pool.submit(poll_too)
        eventually(lambda: late.telegram_state() == OTHER, OTHER)
        assert late.get("/readyz").status_code == 200
        # The bot polls again, which ends the other's wait in turn.
        assert theirs.result(PATIENCE) == 409
    assert "không biết lệnh" in ba.say("/khongco").text
    eventually(lambda: late.telegram_state() == "ok", "polling again")


def test_a_platform_that_goes_away_and_comes_back_loses_nothing(late: Stage, ba: Person) -> None:
    late.tg.stop_server()
    eventually(lambda: late.telegram_state() == AWAY, AWAY)
    late.tg.send_text(ba.user, "/khongco")
    late.tg.start_server()
    assert "không biết lệnh" in ba.next().text


def test_nothing_is_lost_over_a_kill(late: Stage) -> None:
    """What Telegram was told to forget is in the database; the rest it gives again."""
    people = [late.person(f"Người {n}") for n in range(8)]
    numbers = range(11, 16)
    for person in people:
        late.tg.start(person.user)
    updates = [
        int(late.tg.send_text(person.user, str(number))["update_id"])
        for number in numbers
        for person in people
    ]
    late.tg.wait_for(
        lambda tg: sum(len(tg.chats[p.id].sent) for p in people) >= 12, PATIENCE, "some answers"
    )
    late.served.kill()
    with late.tg.lock:
        pending = {int(p.update["update_id"]) for p in late.tg.pending}
    forgotten = set(updates) - pending
    kept = {int(row[0]) for row in late.rows("SELECT external_id FROM inbox")}
    assert forgotten <= kept
    in_flight = late.served.sending()
    late.served.start()

    def numbers_said(person: Person) -> list[int]:
        said = [m.text for m in late.tg.messages(person.id)]
        return [n for text in said for n in numbers if f"không có số {n}" in text]

    late.tg.wait_for(
        lambda tg: all(numbers_said(p)[-1:] == [numbers[-1]] for p in people),
        PATIENCE,
        "every answer",
    )
    repeats = 0
    for person in people:
        said = numbers_said(person)
        assert said == sorted(said)
        assert set(said) == set(numbers)
        repeats += len(late.tg.messages(person.id)) - 1 - len(numbers)
    assert repeats <= in_flight


def test_a_wrong_token_is_said_and_the_web_goes_on(tmp_path: Path) -> None:
    var = with_model(tmp_path / "var")
    with FakeTelegram(["987654321:AAAnother"], rate_limits=False) as tg:
        settings = telegram_settings(tg.url) | QUICK
        with Served(var, settings) as served:
            stage = Stage(tg, served)
            wrong = "CONGDANSO_TELEGRAM_TOKEN is not accepted"
            eventually(lambda: stage.telegram_state() == wrong, wrong)
            assert stage.get("/").status_code == 200
            assert settings["CONGDANSO_TELEGRAM_TOKEN"] not in stage.get("/readyz").text
