"""Messages out: in order, each once, whatever the platform does."""

from __future__ import annotations

import pytest

from tests.fakes.telegram import Call, FakeTelegram
from tests.telegram.stage import PATIENCE, Person, Stage, level_2, texts

pytestmark = pytest.mark.program

STEPS = 8


@pytest.fixture
def ba(stage: Stage) -> Person:
    """A citizen at the first step of a guide."""
    person = stage.person("Ba")
    level_2(person, person.start())
    return person


def steps(stage: Stage, person: Person) -> list[int]:
    """The steps that were shown, in order."""
    shown = texts(stage.tg.messages(person.id))
    return [n for text in shown for n in range(1, STEPS + 1) if f"Bước {n}/{STEPS}" in text]


def sends(stage: Stage, person: Person) -> list[Call]:
    """The calls that sent to a person."""
    return stage.tg.calls_of("sendMessage", chat_id=person.id)


def sent(stage: Stage, result: str) -> float:
    """How many sends ended so."""
    return stage.metric(f'congdanso_sends_total{{channel="telegram",result="{result}"}}')


def test_a_wait_that_was_asked_for_is_kept_and_order_with_it(stage: Stage, ba: Person) -> None:
    stage.tg.fault("sendMessage", chat_id=ba.id, retry_after=1)
    for _ in range(3):
        stage.tg.send_text(ba.user, "tiếp")
    ba.hears("Bước 4/8")
    assert steps(stage, ba) == [1, 2, 3, 4]
    limited, after = sends(stage, ba)[-4:-2]
    assert limited.status == 429
    assert after.time - limited.time >= 1
    assert sent(stage, "limited") >= 1


def test_one_person_s_wait_is_not_another_s(stage: Stage, ba: Person) -> None:
    stage.tg.fault("sendMessage", chat_id=ba.id, retry_after=30)
    other = stage.person()
    stage.tg.send_text(ba.user, "tiếp")
    stage.tg.wait_for(lambda tg: sends(stage, ba)[-1].status == 429, PATIENCE, "the refusal")
    before = stage.tg.now()
    other.start()
    assert stage.tg.now() - before < 20


@pytest.mark.parametrize("status", [500, 502])
def test_after_the_server_s_trouble_it_is_sent_once(stage: Stage, ba: Person, status: int) -> None:
    stage.tg.fault("sendMessage", chat_id=ba.id, status=status)
    assert "Bước 2/8" in ba.say("tiếp").text
    assert "Bước 3/8" in ba.say("tiếp").text
    assert [c.status for c in sends(stage, ba)[-3:]] == [status, 200, 200]


def test_a_connection_dropped_before_anything_was_done(stage: Stage, ba: Person) -> None:
    stage.tg.fault("sendMessage", chat_id=ba.id, drop="before")
    assert "Bước 2/8" in ba.say("tiếp").text
    assert "Bước 3/8" in ba.say("tiếp").text
    assert steps(stage, ba) == [1, 2, 3]


def test_a_connection_dropped_after_it_was_done_is_uncertain(stage: Stage, ba: Person) -> None:
    before = sent(stage, "uncertain")
    stage.tg.fault("sendMessage", chat_id=ba.id, drop="after")
    stage.tg.send_text(ba.user, "tiếp")
    stage.tg.wait_for(lambda tg: steps(stage, ba) == [1, 2, 2], PATIENCE, "the second try")
    assert "Bước 3/8" in ba.say("tiếp").text
    assert steps(stage, ba) == [1, 2, 2, 3]
    assert sent(stage, "uncertain") == before + 1


def test_uncertain_twice_is_tried_a_third_time(stage: Stage, ba: Person) -> None:
    before = sent(stage, "uncertain")
    stage.tg.fault("sendMessage", chat_id=ba.id, drop="after", times=2)
    stage.tg.send_text(ba.user, "tiếp")
    stage.tg.wait_for(lambda tg: steps(stage, ba) == [1, 2, 2, 2], PATIENCE, "the third try")
    assert "Bước 3/8" in ba.say("tiếp").text
    assert steps(stage, ba) == [1, 2, 2, 2, 3]
    assert sent(stage, "uncertain") == before + 2


def test_what_the_platform_refuses_does_not_hold_up_the_rest(stage: Stage, ba: Person) -> None:
    refusal = "Bad Request: can't parse entities"
    stage.tg.fault("sendMessage", chat_id=ba.id, status=400, description=refusal)
    stage.tg.send_text(ba.user, "tiếp")
    stage.tg.send_text(ba.user, "tiếp")
    assert "Bước 3/8" in ba.next().text
    assert steps(stage, ba) == [1, 3]
    assert sent(stage, "rejected") >= 1


def test_who_blocked_the_bot_is_left_alone_and_may_come_back(stage: Stage, ba: Person) -> None:
    stage.tg.fault("sendMessage", chat_id=ba.id, delay=0.3)
    stage.tg.send_text(ba.user, "tiếp")
    stage.tg.block(ba.user)
    stage.tg.wait_for(lambda tg: sends(stage, ba)[-1].status == 403, PATIENCE, "the refusal")
    stage.settle()
    stage.tg.unblock(ba.user)
    assert "Bước 3/8" in ba.say("tiếp").text
    assert [c.status for c in sends(stage, ba)[-2:]] == [403, 200]


def test_a_whole_guide_tapped_at_once_comes_in_order(stage: Stage, ba: Person) -> None:
    for _ in range(5):
        stage.tg.send_text(ba.user, "tiếp")
    ba.hears("Bước 6/8")
    assert steps(stage, ba) == [1, 2, 3, 4, 5, 6]


def test_the_text_is_wiped_once_it_is_sent(stage: Stage) -> None:
    stage.settle()
    kept = "SELECT count(*) FROM outbox WHERE status IN ('sent', 'failed') AND payload IS NOT NULL"
    assert stage.rows(kept) == [(0,)]
    kept = "SELECT count(*) FROM inbox WHERE handled_at IS NOT NULL AND payload IS NOT NULL"
    assert stage.rows(kept) == [(0,)]


# With the platform's limits ---------------------------------------------------------------------


def test_forty_people_at_once_stay_within_the_limits(hooked: Stage) -> None:
    people = [hooked.person(f"Người {n}") for n in range(40)]
    busy = people[0]
    for person in people:
        hooked.tg.start(person.user)
    for number in range(11, 15):
        hooked.tg.send_text(busy.user, str(number))

    def all_answered(tg: FakeTelegram) -> bool:
        return all(tg.chats[p.id].sent for p in people) and len(tg.chats[busy.id].sent) == 5

    hooked.tg.wait_for(all_answered, PATIENCE, "forty greetings")
    for person in people[1:]:
        assert len(hooked.tg.messages(person.id)) == 1
    answers = texts(hooked.tg.messages(busy.id))[1:]
    assert [f"không có số {n}" in t for n, t in zip(range(11, 15), answers, strict=True)] == (
        [True] * 4
    )
    assert [c for c in hooked.tg.calls if c.status == 429] == []
