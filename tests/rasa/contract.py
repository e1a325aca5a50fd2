"""What every engine must do, whichever it is: the same cases against the embedded one and Rasa."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nlu.engine import Decision, Engine
from nlu.intents import INTENTS, OUT_OF_SCOPE

Check = Callable[[Engine], None]

#: Sentences that any engine worth the name understands.
KNOWN = [
    ("làm định danh mức 2 ở đâu", "vneid_level_2"),
    ("lam dinh danh muc 2 o dau", "vneid_level_2"),
    ("bị lừa chuyển tiền rồi", "scam_victim"),
    ("bi lua chuyen tien roi", "scam_victim"),
    ("cho tôi gặp người thật", "talk_to_human"),
    ("xin chào", "greet"),
    ("cảm ơn cháu nhé", "thanks"),
    ("quét mã QR trả tiền kiểu gì", "qr_pay"),
    ("quên mật khẩu vneid", "vneid_recover"),
]
HOSTILE = [
    "",
    " \n\t",
    "👍👍",
    "/greet",
    '/scam_victim{"a": "b"}',
    "a" * 100_000,
    "không được " * 9_000,
    "\x00\x01\x02",
    "\ud800\udfff",
    "ខ្មែរ ភាសា",
    '{"text": "x"}',
    "zzqx",
]
#: What is asked besides the cases above, so that it is recorded for the fake.
OTHERS = ["làm thẻ căn cước", "lam the can cuoc", "chào"]


def check_shape(engine: Engine, text: str) -> None:
    """A parse is complete and ordered, for any text."""
    parse = engine.parse(text)
    assert parse.text == text
    assert parse.intent in INTENTS
    assert parse.ranking[0].name == parse.intent
    assert parse.confidence == parse.ranking[0].confidence
    names = [ranked.name for ranked in parse.ranking]
    assert len(set(names)) == len(names)
    assert set(names) <= set(INTENTS)
    chances = [ranked.confidence for ranked in parse.ranking]
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) == pytest.approx(1.0, abs=1e-3)
    assert parse.decision in Decision
    parse.as_jsonl().encode("utf-8")


def check_known(engine: Engine, text: str, intent: str) -> None:
    """The intent is the first, and it is not refused."""
    parse = engine.parse(text)
    assert parse.intent == intent
    assert parse.decision is not Decision.REFUSE


def check_marks_do_not_matter_much(engine: Engine) -> None:
    """Most people here type without them."""
    one, other = engine.parse("làm thẻ căn cước"), engine.parse("lam the can cuoc")
    assert one.intent == other.intent == "chip_id_card"


def check_nothing_readable_is_refused(engine: Engine) -> None:
    """A thumb is no question."""
    parse = engine.parse("👍👍")
    assert (parse.intent, parse.decision) == (OUT_OF_SCOPE, Decision.REFUSE)


def check_entities_fit_the_text(engine: Engine) -> None:
    """Places are those of the message as it came."""
    text = "  Chuyển 5 triệu qua ZALO, gọi 0912345678"
    found = {entity.kind: text[entity.start : entity.end] for entity in engine.parse(text).entities}
    assert found == {"money": "5 triệu", "app": "ZALO", "phone": "0912345678"}


def check_many_is_one_by_one(engine: Engine) -> None:
    """Same results, same order."""
    texts = ["chào", "", "zzqx", "làm thẻ căn cước"]
    assert engine.parse_many(texts) == [engine.parse(text) for text in texts]
    assert engine.parse_many([]) == []


def check_it_names_itself(engine: Engine) -> None:
    """For logs."""
    assert engine.name
    assert engine.model_id
