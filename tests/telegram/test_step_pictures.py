"""Steps as pictures in a conversation on Telegram, through the whole program."""

from __future__ import annotations

import pytest

from bot.cards.cache import whole_png
from tests.fakes.telegram import SentMessage
from tests.telegram.stage import Stage

pytestmark = pytest.mark.program

#: A guide that asks nothing before its first step.
QUESTION = "kích hoạt vneid"


def picture(stage: Stage, message: SentMessage) -> bytes:
    """The file of a photo."""
    assert message.method == "sendPhoto"
    assert message.file_id is not None
    return stage.tg.files[message.file_id].data


def test_a_step_is_seen_on_request_then_always_then_no_more(stage: Stage) -> None:
    ba = stage.person("Ba")
    ba.start()
    step = ba.say(QUESTION)
    assert step.method == "sendMessage"
    seen = ba.tap("Xem hình", step)
    assert whole_png(picture(stage, seen))
    assert "Bước 1/" in seen.text
    assert "Luôn gửi hình" in seen.labels
    always = ba.tap("Luôn gửi hình", seen)
    assert picture(stage, always) == picture(stage, seen)
    following = ba.tap("Xong, bước tiếp", always)
    assert "Bước 2/" in following.text
    assert picture(stage, following) != picture(stage, seen)
    no_more = ba.tap("Thôi gửi hình", following)
    assert no_more.method == "sendMessage"
    assert "Bước 2/" in no_more.text
    assert "Xem hình" in no_more.labels


def test_the_conversation_goes_on_when_pictures_are_refused(stage: Stage) -> None:
    stage.tg.fault("sendPhoto", times=None, status=400, description="Bad Request: PHOTO_INVALID")
    try:
        ba = stage.person("Ba")
        ba.start()
        step = ba.say(QUESTION)
        shown = ba.tap("Xem hình", step)
        assert shown.method == "sendMessage"
        assert "Bước 1/" in shown.text
        assert stage.metric('congdanso_pictures_total{channel="telegram",result="failed"}') >= 1
    finally:
        stage.tg.clear_faults()
