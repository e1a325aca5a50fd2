"""Voice notes on Telegram, through the whole program without the extra: passed on by consent."""

from __future__ import annotations

import re

from tests.telegram.stage import Stage, say_place, ticket_number

NOTE = b"OggS" + bytes(range(256)) * 8


def test_a_note_is_passed_on_and_heard_on_the_helpers_page(stage: Stage) -> None:
    lan = stage.person("Lan")
    team = stage.team("xã Tân Ân", lan)
    lan.start()
    ba = stage.person("Ba")
    ba.start()
    stage.tg.send_voice(ba.user, NOTE)
    assert "người giúp nghe" in ba.next().text
    asked = ba.tap("Gửi cho người giúp nghe")
    assert "nhiều nhất sau 7 ngày" in asked.text
    ba.tap("Đồng ý")
    ba.tap("Bỏ qua")
    ba.tap("Trả lời tại đây")
    ticket = ticket_number(say_place(ba, "xã Tân Ân"))
    sealed = stage.rows("SELECT ticket_id, payload FROM voice_notes")
    assert [row[0] for row in sealed] == [ticket]
    assert NOTE not in bytes(sealed[0][1])
    briefing = team.take(lan, ticket).text
    assert "tin thoại" in briefing
    link = re.search(r"https?://\S+/desk/[\w.~=-]+", briefing)
    assert link
    root = "/desk/" + link.group(0).split("/desk/")[1]
    page = stage.get(f"{root}/tickets/{ticket}").text
    address = re.search(r'<audio controls preload="none" src="([^"]+)"', page)
    assert address
    heard = stage.get(address.group(1))
    assert (heard.content, heard.headers["Content-Type"]) == (NOTE, "audio/ogg")
