"""What nobody planned to receive. Each gets a sensible answer or none; what follows is answered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.telegram.stage import PATIENCE, Person, Stage, ask_for_help, level_2

pytestmark = pytest.mark.program

GREETING = "Chào anh/chị"


@pytest.fixture
def ba(stage: Stage) -> Person:
    """A citizen who has read the greeting."""
    person = stage.person("Ba")
    person.start()
    return person


@pytest.fixture
def chat(ba: Person) -> dict[str, Any]:
    """The citizen's chat as an update names it."""
    return {"id": ba.id, "type": "private", "first_name": "Ba"}


def still_answers(person: Person) -> None:
    """The conversation is not stuck, and nothing comes late."""
    assert person.start().text.startswith(GREETING)
    assert not person.unread


def silent(stage: Stage, person: Person, before: int) -> None:
    """Nothing was said to the person, and nothing but the message that proves it was kept."""
    stage.settle()
    assert not person.unread
    assert stage.kept() == before + 1


# Texts ------------------------------------------------------------------------------------------

EMPTY = "chưa thấy chữ nào"
TEXTS = {
    "spaces": (" \n\t ", EMPTY),
    "zero width": ("\u200b\u200d\ufeff\u2060", EMPTY),
    "controls": ("\x00\x01\x07\x1b[2J\x7f", ""),
    "emoji": ("👍🏽👩‍👩‍👧‍👦🇻🇳", EMPTY),
    "right to left": ("\u202eمرحبا بالعالم\u202c", ""),
    "letters upon letters": ("e" + "\u0301" * 500, ""),
    "4096 letters": ("a" * 4096, ""),
    "4096 units of emoji": ("😀" * 2048, ""),
    "a long question": ("lam dinh danh muc 2 nhu the nao " * 128, ""),
    "many lines": ("\n".join(["tôi"] * 500), ""),
    "markup": ("<b>x</b> *y* [z](http://x) {you} %s {0}", ""),
    "a slash": ("/", "không biết lệnh"),
    "an unknown command": ("/khongco", "không biết lệnh"),
    "a command for another bot": ("/khongco@other_bot x", "không biết lệnh"),
    "another's start": ("/startx", "không biết lệnh"),
    "only a secret": ("4111 1111 1111 1111", "che đi"),
}


@pytest.mark.parametrize(("text", "answer"), TEXTS.values(), ids=TEXTS.keys())
def test_any_text_is_answered(ba: Person, text: str, answer: str) -> None:
    said = ba.say(text)
    assert answer in said.text
    assert said.labels
    still_answers(ba)


@pytest.mark.parametrize("text", ["\u200b", "👍", "a" * 4096, "\x00", "/khongco"])
def test_any_text_in_a_form_is_asked_again(ba: Person, text: str) -> None:
    ba.say("gặp người")
    ba.tap("Đồng ý")
    assert "gọi anh/chị" in ba.say(text).text or "đang chờ tên" in ba.tg.last(ba.id).text
    assert "gọi điện" in ba.say("cô Ba").text


def test_a_text_that_is_not_one_is_answered(stage: Stage, ba: Person, chat: dict[str, Any]) -> None:
    """Half of a pair of code units: no such text can be written as UTF-8."""
    sender = {"id": ba.id, "is_bot": False, "first_name": "\ud83d"}
    message = {"message_id": 9, "date": 1, "chat": chat, "from": sender, "text": "tiếp \ud83d"}
    stage.tg.push("message", message, ba.id)
    assert ba.next().text
    still_answers(ba)


# Other things than text -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("send", "what"),
    [
        ("send_sticker", "hình dán"),
        ("send_video", "đoạn phim"),
        ("send_voice", "tin thoại"),
    ],
)
def test_a_file_is_named_and_a_text_is_asked_for(
    stage: Stage, ba: Person, send: str, what: str
) -> None:
    getattr(stage.tg, send)(ba.user)
    said = ba.next()
    assert what in said.text
    assert "gõ vài chữ" in said.text
    still_answers(ba)


@pytest.mark.parametrize(
    ("send", "why"), [("send_photo", "không phải hình"), ("send_document", "tệp PDF")]
)
def test_a_picture_that_is_none_is_said_to_be_none(
    stage: Stage, ba: Person, send: str, why: str
) -> None:
    getattr(stage.tg, send)(ba.user)
    assert why in ba.next().text
    still_answers(ba)


@pytest.mark.parametrize("kind", ["video_note", "animation", "audio"])
def test_other_files_are_answered(stage: Stage, ba: Person, kind: str) -> None:
    extra: dict[str, Any] = {"length": 1, "duration": 1, "width": 1, "height": 1}
    content = {kind: {"file_id": "x", "file_unique_id": "y", **extra}}
    stage.tg._say(ba.user, content)
    assert "chưa đọc được" in ba.next().text
    still_answers(ba)


def test_a_place_and_a_poll_are_named(stage: Stage, ba: Person) -> None:
    stage.tg.send_location(ba.user, 8.6, 105.0)
    assert "vị trí" in ba.next().text
    stage.tg.send_poll(ba.user, "Làm chưa?", ["Rồi", "Chưa"])
    assert "bình chọn" in ba.next().text
    stage.tg._say(ba.user, {"dice": {"emoji": "🎲", "value": 6}})
    assert "chưa đọc được" in ba.next().text
    still_answers(ba)


def test_a_phone_number_nobody_asked_for_is_not_taken(stage: Stage, ba: Person) -> None:
    stage.tg.send_contact(ba.user, "+84912345678")
    assert "0912" not in ba.next().text
    stage.tg.send_contact(ba.user, "+84912345678", own=False)
    assert "chưa đọc được" in ba.next().text
    still_answers(ba)


def test_another_person_s_contact_is_no_answer_to_the_question_for_a_phone(
    stage: Stage, ba: Person
) -> None:
    ba.say("gặp người")
    ba.tap("Đồng ý")
    ba.say("cô Ba")
    ba.tap("Gọi điện cho tôi")
    ba.catch_up()
    stage.tg.send_contact(ba.user, "+84912345678", own=False)
    assert "số điện thoại" in ba.next().text


def test_an_album_is_answered_picture_by_picture(stage: Stage, ba: Person) -> None:
    for _ in range(3):
        stage.tg.send_photo(ba.user, extra={"media_group_id": "77"})
    for _ in range(3):
        assert "không phải hình" in ba.next().text
    still_answers(ba)


def test_what_is_written_under_a_picture_is_answered(stage: Stage, ba: Person) -> None:
    stage.tg.send_photo(ba.user, caption="con tôi bị lừa chuyển tiền rồi")
    assert "chưa đọc được" in ba.next().text
    assert "113" in ba.hears("113").text


def test_what_is_written_under_a_picture_may_be_a_swindle(stage: Stage, ba: Person) -> None:
    stage.tg.send_photo(ba.user, caption="vào vietcombank-xacminh.top nhập mã OTP")
    assert "NGUY HIỂM" in ba.next().text


def test_service_messages_are_not_answered(stage: Stage, ba: Person) -> None:
    before = stage.kept()
    stage.tg._say(ba.user, {"pinned_message": {"message_id": 1, "date": 0, "chat": {"id": ba.id}}})
    stage.tg._say(ba.user, {"new_chat_title": "x"})
    silent(stage, ba, before)


# Buttons ----------------------------------------------------------------------------------------


def test_a_button_of_an_old_message_shows_the_step_of_now(stage: Stage, ba: Person) -> None:
    first = level_2(ba)
    ba.say("tiếp")
    ba.say("tiếp")
    pressed = stage.tg.press(ba.user, first, "Chưa làm được")
    said = ba.next()
    assert "của bước khác" in said.text
    assert "Bước 3/8" in said.text
    stage.tg.wait_for(lambda tg: tg.answers(pressed), PATIENCE, "the button's spinner to stop")


def test_a_button_pressed_twice_goes_one_step(stage: Stage, ba: Person) -> None:
    first = level_2(ba)
    stage.tg.press(ba.user, first, "Xong, bước tiếp")
    stage.tg.press(ba.user, first, "Xong, bước tiếp")
    assert "Bước 2/8" in ba.next().text
    assert "Bước 3/8" in ba.say("tiếp").text


@pytest.mark.parametrize(
    "data",
    ["", " ", "x", "next:", "guide:nothing", "next:vneid_level_2:99", "pick:1", "rate:1:5"]
    + [f"{action}:{'9' * 40}" for action in ("claim", "done", "drop", "rate", "none")]
    + ["claim:1", "done:1", "to:1", "hand:yes", "erase:yes", "menu:" + "đ" * 28, "\x00", "👍"],
)
def test_a_forged_button_does_no_harm(stage: Stage, ba: Person, data: str) -> None:
    failed = 'congdanso_events_handled_total{result="failed"}'
    before = stage.rows("SELECT count(*) FROM tickets"), stage.metric(failed)
    stage.tg.press_data(ba.user, ba.start(), data)
    stage.tg.send_text(ba.user, "/start")
    assert ba.hears(GREETING)
    assert (stage.rows("SELECT count(*) FROM tickets"), stage.metric(failed)) == before


def test_a_button_of_a_message_too_old_to_read_works(stage: Stage, ba: Person) -> None:
    stage.tg.press_data(ba.user, 1, "menu")
    assert "cần việc gì" in ba.next().text


# Updates ----------------------------------------------------------------------------------------


def test_edits_and_other_kinds_of_update_are_not_asked_for(stage: Stage, ba: Person) -> None:
    before = stage.kept()
    said = stage.tg.send_text(ba.user, "/khongco")
    ba.next()
    stage.tg.edited_message(ba.user, said, "tôi muốn làm định danh")
    stage.settle()
    assert not ba.unread
    assert stage.kept() == before + 2


def test_blocking_and_coming_back_is_no_message(stage: Stage, ba: Person) -> None:
    before = stage.kept()
    stage.tg.block(ba.user)
    stage.tg.unblock(ba.user)
    silent(stage, ba, before)
    still_answers(ba)


def test_an_update_that_comes_twice_is_answered_once(stage: Stage, ba: Person) -> None:
    update = stage.tg.send_text(ba.user, "/khongco")
    ba.next()
    stage.tg.inject(update)
    before = stage.kept()
    silent(stage, ba, before)


BROKEN: dict[str, object] = {
    "nothing": {},
    "a word": "message",
    "a list": [1, 2],
    "nobody": None,
    "no chat": {"message_id": 1, "date": 1, "text": "x"},
    "no date": {"message_id": 1, "chat": {"id": 1, "type": "private"}, "text": "x"},
    "a date of words": {"message_id": 1, "date": "x", "chat": {"id": 1, "type": "private"}},
    "a chat of words": {"message_id": 1, "date": 1, "chat": "x", "text": "x"},
    "a text that is a number": {
        "message_id": 1,
        "date": 1,
        "chat": {"id": 1, "type": "private"},
        "text": 5,
    },
    "a year after all years": {
        "message_id": 1,
        "date": 10**18,
        "chat": {"id": 1, "type": "private"},
        "text": "x",
    },
}


@pytest.mark.parametrize("payload", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("kind", ["message", "callback_query"])
def test_an_update_that_cannot_be_read_does_not_hold_up_the_others(
    stage: Stage, ba: Person, kind: str, payload: object
) -> None:
    with stage.tg.lock:
        stage.tg.push(kind, payload)
        stage.tg.send_text(ba.user, "/khongco")
        stage.tg.push(kind, payload)
    assert "không biết lệnh" in ba.next().text
    still_answers(ba)


def test_an_answer_to_an_answer_three_hundred_deep(
    stage: Stage, ba: Person, chat: dict[str, Any]
) -> None:
    nested: dict[str, Any] = {"message_id": 1, "date": 1, "chat": chat, "text": "/khongco"}
    for number in range(2, 302):
        nested = {**nested, "message_id": number, "reply_to_message": nested}
    stage.tg.push("message", nested, ba.id)
    # It may be answered or not; the next one must be.
    stage.tg.send_text(ba.user, "/start")
    ba.hears(GREETING)


# Groups -----------------------------------------------------------------------------------------


def test_what_people_say_to_each_other_in_a_group_is_not_kept(stage: Stage) -> None:
    an, binh = stage.person("An"), stage.person("Bình")
    team = stage.team("Hồ Thị Kỷ", an, binh)
    citizen = stage.person()
    ticket = ask_for_help(citizen, "Hồ Thị Kỷ")
    team.card(ticket)
    stage.settle()
    before = stage.kept()
    group, tg = team.group, stage.tg
    said = tg.send_text(an.user, "Chiều nay họp nhé", chat=group)
    tg.send_text(binh.user, "Ừ", chat=group, reply_to=said["message"]["message_id"])
    tg.send_text(binh.user, "tiếp", chat=group)
    tg.send_text(an.user, "/start", chat=group)
    tg.send_text(an.user, "@congdanso_test_bot ơi", chat=group)
    tg.send_photo(an.user, chat=group)
    tg.send_sticker(binh.user, chat=group)
    other = {"id": 555, "is_bot": True, "first_name": "Another bot"}
    theirs = {"message_id": 900, "date": 1, "chat": group.json, "from": other, "text": "x"}
    tg._say(binh.user, {"text": "cảm ơn bot kia", "reply_to_message": theirs}, group)
    stage.settle()
    assert stage.kept() == before + 1
    assert len(tg.messages(group.id)) == 1


def test_a_group_of_no_team_is_left_alone(stage: Stage) -> None:
    an = stage.person("An")
    group = stage.tg.group(-1_000_777, "Nhóm lạ", [an.user])
    stage.tg.send_text(an.user, "chào bot", chat=group)
    stage.tg.press_data(an.user, 1, "claim:1", chat=group)
    stage.tg.press_data(an.user, 1, "menu", chat=group)
    stage.settle()
    assert "Chào" not in "".join(m.text for m in stage.tg.messages(group.id))
