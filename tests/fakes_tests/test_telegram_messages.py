"""Sending, editing and deleting, as python-telegram-bot and a raw client see it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyParameters,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken

from tests.fakes.telegram import FakeTelegram

GROUP = -1001234


def keyboard(*pairs: tuple[str, str]) -> InlineKeyboardMarkup:
    buttons = [InlineKeyboardButton(label, callback_data=data) for label, data in pairs]
    return InlineKeyboardMarkup([buttons])


def failure(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert body["ok"] is False
    assert body["error_code"] == answer.status_code
    return answer.status_code, body["description"]


def send(raw: httpx.Client, **params: Any) -> httpx.Response:
    return raw.post("sendMessage", data=params)


def test_only_configured_tokens_are_accepted(tg: FakeTelegram, raw: httpx.Client) -> None:
    wrong = httpx.get(f"{tg.url}123:wrong/getMe", trust_env=False)
    assert wrong.status_code == 401
    assert wrong.json() == {
        "ok": False,
        "error_code": 401,
        "description": "Unauthorized",
    }

    async def main() -> None:
        with pytest.raises(InvalidToken):
            await Bot("1:bad", base_url=tg.url).get_me()

    asyncio.run(main())
    assert raw.get("noSuchMethod").status_code == 404
    assert raw.get("GETME").json()["result"]["is_bot"] is True
    assert [c.method for c in tg.calls] == ["getMe"]


def test_every_encoding_of_arguments(tg: FakeTelegram, raw: httpx.Client) -> None:
    tg.user(1, "An")
    raw.get("sendMessage", params={"chat_id": 1, "text": "query"})
    raw.post("sendMessage", data={"chat_id": 1, "text": "form"})
    raw.post("sendMessage", json={"chat_id": 1, "text": "json"})
    raw.post("sendMessage", data={"chat_id": 1, "text": "multi"}, files={"x": b"y"})
    assert [m.text for m in tg.messages(1)] == ["query", "form", "json", "multi"]
    assert (
        raw.post(
            "sendMessage", content=b"{", headers={"content-type": "application/json"}
        ).status_code
        == 400
    )


def test_text_limits_count_utf16_after_parsing(tg: FakeTelegram, raw: httpx.Client) -> None:
    tg.user(1, "An")
    assert send(raw, chat_id=1, text="ầ" * 4096).status_code == 200
    long = (400, "Bad Request: message is too long")
    assert failure(send(raw, chat_id=1, text="ầ" * 4097)) == long
    assert failure(send(raw, chat_id=1, text="😀" * 2049)) == long
    tagged = "<b>" + "a" * 4096 + "</b>"
    assert send(raw, chat_id=1, text=tagged, parse_mode="HTML").status_code == 200
    empty = (400, "Bad Request: message text is empty")
    for text in ("", " \n", "<b></b>"):
        assert failure(send(raw, chat_id=1, text=text, parse_mode="HTML")) == empty


def test_html_becomes_entities_or_a_parse_error(tg: FakeTelegram, raw: httpx.Client) -> None:
    tg.user(1, "An")
    text = '😀 <b>Phí</b> &lt; 5 <a href="https://x.vn/?a=1">đây</a>'
    sent = send(raw, chat_id=1, text=text, parse_mode="HTML").json()["result"]
    assert sent["text"] == "😀 Phí < 5 đây"
    assert sent["entities"] == [
        {"type": "bold", "offset": 3, "length": 3},
        {"type": "text_link", "offset": 11, "length": 3, "url": "https://x.vn/?a=1"},
    ]
    for broken, reason in {
        "a < b": 'Unsupported start tag "" at byte offset 2',
        "a <b": "Unclosed start tag at byte offset 2",
        "<b>x</b": "Unclosed end tag at byte offset 4",
        "<p>x</p>": 'Unsupported start tag "p" at byte offset 0',
        "<b>x": 'Can\'t find end tag corresponding to start tag "b"',
        "x</b>": "Unexpected end tag at byte offset 1",
        "<b>ầ</i>": 'Unmatched end tag at byte offset 6, expected "</b>", found "</i>"',
    }.items():
        status, said = failure(send(raw, chat_id=1, text=broken, parse_mode="HTML"))
        assert (status, said) == (400, f"Bad Request: can't parse entities: {reason}")


def test_callback_data_is_64_bytes_not_characters(
    tg: FakeTelegram, bot: Bot, raw: httpx.Client
) -> None:
    tg.user(1, "An")

    async def main() -> None:
        await bot.send_message(1, "ok", reply_markup=keyboard(("A", "é" * 32)))
        with pytest.raises(BadRequest, match="Button_data_invalid"):
            await bot.send_message(1, "no", reply_markup=keyboard(("A", "é" * 33)))

    asyncio.run(main())
    assert tg.last(1).buttons[0].data == "é" * 32
    for button in ({"text": "A", "callback_data": ""}, {"text": "A"}, {"text": ""}):
        markup = json.dumps({"inline_keyboard": [[button]]})
        assert send(raw, chat_id=1, text="x", reply_markup=markup).status_code == 400
    markup = json.dumps({"inline_keyboard": [[{"text": "A", "url": "nowhere"}]]})
    assert "Wrong HTTP URL" in failure(send(raw, chat_id=1, text="x", reply_markup=markup))[1]
    assert failure(send(raw, chat_id=1, text="x", reply_markup="{")) == (
        400,
        "Bad Request: can't parse reply keyboard markup JSON object",
    )


def test_who_can_be_written_to(tg: FakeTelegram, bot: Bot) -> None:
    tg.user(1, "An")
    tg.user(2, "Bình", started=False)
    tg.group(GROUP, "Tổ", [1])

    async def refused(kind: type[Exception], chat_id: int, words: str) -> None:
        with pytest.raises(kind, match=words):
            await bot.send_message(chat_id, "x")

    async def main() -> None:
        await refused(BadRequest, 99, "Chat not found")
        await refused(Forbidden, 2, "bot can't initiate conversation with a user")
        tg.send_text(2, "/start")
        await bot.send_message(2, "now")
        tg.block(1)
        await refused(Forbidden, 1, "bot was blocked by the user")
        tg.unblock(1)
        await bot.send_message(1, "again")
        tg.kick(GROUP, by=1)
        await refused(Forbidden, GROUP, "bot was kicked from the supergroup chat")
        tg.my_chat_member(GROUP, "administrator", by=1)
        await bot.leave_chat(GROUP)
        await refused(Forbidden, GROUP, "bot is not a member of the supergroup chat")

    asyncio.run(main())


def test_a_migrated_group_names_its_successor(tg: FakeTelegram, bot: Bot) -> None:
    tg.user(1, "An")
    tg.group(-55, "Tổ", [1], bot_status="member")
    fresh = tg.migrate_group(-55)

    async def main() -> None:
        with pytest.raises(ChatMigrated) as caught:
            await bot.send_message(-55, "x")
        assert caught.value.new_chat_id == fresh.id == -10055
        await bot.send_message(fresh.id, "x")
        updates = await bot.get_updates()
        assert updates[0].message
        assert updates[0].message.migrate_to_chat_id == fresh.id
        assert updates[1].message
        assert updates[1].message.migrate_from_chat_id == -55

    asyncio.run(main())
    raw = httpx.post(f"{tg.url}{tg.token}/sendMessage", json={"chat_id": -55, "text": "x"})
    assert raw.json()["parameters"] == {"migrate_to_chat_id": fresh.id}


def test_edits_are_recorded_and_checked(tg: FakeTelegram, bot: Bot) -> None:
    tg.user(1, "An")

    async def main() -> None:
        first = keyboard(("A", "a"))
        sent = await bot.send_message(1, "one", reply_markup=first)
        with pytest.raises(BadRequest, match="Message is not modified"):
            await bot.edit_message_text("one", 1, sent.message_id, reply_markup=first)
        with pytest.raises(BadRequest, match="Message is not modified"):
            await bot.edit_message_reply_markup(1, sent.message_id, reply_markup=first)
        await bot.edit_message_reply_markup(1, sent.message_id, reply_markup=keyboard(("B", "b")))
        edited = await bot.edit_message_text("two", 1, sent.message_id)
        assert not isinstance(edited, bool)
        assert edited.edit_date
        with pytest.raises(BadRequest, match="Message to edit not found"):
            await bot.edit_message_text("x", 1, 4242)
        mine = tg.send_text(1, "mine")["message"]["message_id"]
        with pytest.raises(BadRequest, match="Message can't be edited"):
            await bot.edit_message_text("x", 1, mine)

    asyncio.run(main())
    message = tg.last(1)
    assert (message.first_text, message.text, message.buttons) == ("one", "two", [])
    assert [e.text for e in message.edits] == ["one", "two"]
    assert [b.label for b in message.edits[0].buttons] == ["B"]


def test_delete_and_reply(tg: FakeTelegram, bot: Bot) -> None:
    tg.user(1, "An")
    asked = tg.send_text(1, "hỏi")["message"]["message_id"]

    async def main() -> None:
        sent = await bot.send_message(
            1, "đáp", reply_parameters=ReplyParameters(asked), protect_content=True
        )
        assert sent.reply_to_message
        assert sent.reply_to_message.text == "hỏi"
        assert sent.has_protected_content
        assert await bot.delete_message(1, sent.message_id)
        with pytest.raises(BadRequest, match="Message to delete not found"):
            await bot.delete_message(1, sent.message_id)
        with pytest.raises(BadRequest, match="Message to be replied not found"):
            await bot.send_message(1, "x", reply_parameters=ReplyParameters(sent.message_id))
        await bot.send_message(
            1,
            "x",
            reply_parameters=ReplyParameters(sent.message_id, allow_sending_without_reply=True),
        )
        old = await bot.send_message(1, "old")
        tg.advance(49 * 3600)
        with pytest.raises(BadRequest, match="can't be deleted for everyone"):
            await bot.delete_message(1, old.message_id)

    asyncio.run(main())
    assert tg.messages(1)[0].deleted
    assert tg.messages(1)[0].reply_to == asked


def test_presses_and_their_answers(tg: FakeTelegram, bot: Bot) -> None:
    an = tg.user(1, "An", username="an")

    async def main() -> None:
        await bot.send_message(1, "Chọn", reply_markup=keyboard(("Có", "y")))
        pressed = tg.press(an, tg.last(1), "Có")
        tg.press(an, tg.last(1), "y")
        with pytest.raises(LookupError):
            tg.press(an, tg.last(1), "Không")
        first, second = (u.callback_query for u in await bot.get_updates())
        assert first
        assert second
        assert (first.data, first.from_user.language_code) == ("y", "vi")
        assert first.chat_instance
        assert first.message
        assert first.message.message_id == tg.last(1).message_id
        await first.answer("Đã ghi")
        assert tg.answers(pressed)[0]["text"] == "Đã ghi"
        with pytest.raises(BadRequest, match="Query is too old"):
            await bot.answer_callback_query("777")
        tg.advance(3600)
        with pytest.raises(BadRequest, match="Query is too old"):
            await second.answer()
        await bot.send_message(
            1,
            "Số?",
            reply_markup=ReplyKeyboardMarkup(
                [["Huỷ"], [KeyboardButton("Gửi số", request_contact=True)]]
            ),
        )
        assert tg.last(1).labels == ["Huỷ", "Gửi số"]
        assert tg.press(an, tg.last(1), "Huỷ")["message"]["text"] == "Huỷ"
        shared = tg.press(an, tg.last(1), "Gửi số")["message"]["contact"]
        assert shared["user_id"] == 1
        with pytest.raises(LookupError):
            tg.press(an, tg.messages(1)[0].message_id, "Không", stale=True)

    asyncio.run(main())


def test_files_up_and_down(tg: FakeTelegram, bot: Bot) -> None:
    tg.user(1, "An")

    async def main() -> None:
        photo = await bot.send_photo(1, b"\xff\xd8jpeg", caption="<b>Ảnh</b>", parse_mode="HTML")
        assert photo.caption == "Ảnh"
        again = await bot.send_photo(1, photo.photo[-1].file_id)
        file = await bot.get_file(again.photo[-1].file_id)
        assert bytes(await file.download_as_bytearray()) == b"\xff\xd8jpeg"
        document = await bot.send_document(1, b"%PDF\r\n--x", filename="tờ khai.pdf")
        assert document.document
        assert document.document.file_name == "tờ khai.pdf"
        got = await (await bot.get_file(document.document)).download_as_bytearray()
        assert bytes(got) == b"%PDF\r\n--x"
        with pytest.raises(BadRequest, match="caption is too long"):
            await bot.send_photo(1, b"x", caption="a" * 1025)
        with pytest.raises(BadRequest, match="too big for a photo"):
            await bot.send_photo(1, b"x" * (10 * 1024 * 1024 + 1))
        with pytest.raises(BadRequest, match="Wrong file identifier"):
            await bot.send_photo(1, "nonsense")
        tg.send_voice(1, b"OggSvoice")
        tg.send_document(1, b"", "lon.zip", size=21 * 1024 * 1024)
        voice, large = (u.message for u in await bot.get_updates())
        assert voice
        assert voice.voice
        assert large
        assert large.document
        with pytest.raises(BadRequest, match="File is too big"):
            await bot.get_file(large.document)
        with pytest.raises(BadRequest, match="Invalid file_id"):
            await bot.get_file("nonsense")

    asyncio.run(main())
    gone = httpx.get(f"{tg.file_url}{tg.token}/photos/none.jpg", trust_env=False)
    assert gone.status_code == 404


def test_forum_topics(tg: FakeTelegram, bot: Bot) -> None:
    tg.user(1, "An")
    tg.group(GROUP, "Tổ", [1], forum=True)
    tg.group(-5, "Không chủ đề", [1])

    async def main() -> None:
        topic = await bot.create_forum_topic(GROUP, "Hồ sơ 12")
        thread = topic.message_thread_id
        sent = await bot.send_message(GROUP, "x", message_thread_id=thread)
        assert sent.is_topic_message
        assert sent.message_thread_id == thread
        tg.send_text(1, "đã nhận", GROUP, reply_to=sent.message_id)
        (update,) = await bot.get_updates()
        assert update.message
        assert update.message.message_thread_id == thread
        tg.delete_topic(GROUP, thread)
        for wrong in (thread, 999):
            with pytest.raises(BadRequest, match="Message thread not found"):
                await bot.send_message(GROUP, "x", message_thread_id=wrong)
        other = tg.add_topic(GROUP, "B")
        await bot.delete_forum_topic(GROUP, other)
        with pytest.raises(BadRequest, match="The chat is not a forum"):
            await bot.create_forum_topic(-5, "x")
        tg.my_chat_member(GROUP, "member", by=1)
        with pytest.raises(BadRequest, match="Not enough rights to create a topic"):
            await bot.create_forum_topic(GROUP, "x")

    asyncio.run(main())


def test_chats_members_commands_and_actions(tg: FakeTelegram, bot: Bot) -> None:
    an = tg.user(1, "An")
    tg.group(GROUP, "Tổ", [an])

    async def main() -> None:
        assert (await bot.get_chat(1)).first_name == "An"
        assert (await bot.get_chat(GROUP)).title == "Tổ"
        assert (await bot.get_chat_member(GROUP, 1)).status == "member"
        assert (await bot.get_chat_member(GROUP, tg.bot.id)).status == "administrator"
        tg.set_member(GROUP, an, "kicked")
        assert (await bot.get_chat_member(GROUP, 1)).status == "kicked"
        await bot.set_my_commands([("start", "Bắt đầu")])
        assert (await bot.get_my_commands())[0].command == "start"
        with pytest.raises(BadRequest, match="Bot_command_invalid"):
            await bot.set_my_commands([("Bắt", "x")])
        assert await bot.send_chat_action(1, "typing")
        with pytest.raises(BadRequest, match="Wrong parameter action"):
            await bot.send_chat_action(1, "dancing")
        await bot.send_message(1, "x")
        moved = await bot.forward_message(GROUP, 1, tg.last(1).message_id)
        assert moved.forward_origin
        await bot.copy_message(GROUP, 1, tg.last(1).message_id)
        assert [m.text for m in tg.messages(GROUP)] == ["x", "x"]

    asyncio.run(main())
