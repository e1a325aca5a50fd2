"""What every engine must do, whichever it is: the same cases against the embedded one and Rasa."""

from __future__ import annotations

import pytest

from nlu.engine import Decision, Engine
from nlu.intents import INTENTS, OUT_OF_SCOPE

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


class EngineContract:
    """The cases; a test module says with its fixture `engine` whose they are."""

    @pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
    def test_any_text_gives_a_whole_parse(self, text: str, engine: Engine) -> None:
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

    @pytest.mark.parametrize(("text", "intent"), KNOWN)
    def test_plain_questions_are_understood(self, text: str, intent: str, engine: Engine) -> None:
        """The intent is the first, and it is not refused."""
        parse = engine.parse(text)
        assert parse.intent == intent
        assert parse.decision is not Decision.REFUSE

    def test_marks_do_not_matter_much(self, engine: Engine) -> None:
        """Most people here type without them."""
        one, other = engine.parse("làm thẻ căn cước"), engine.parse("lam the can cuoc")
        assert one.intent == other.intent == "chip_id_card"

    def test_nothing_readable_is_refused(self, engine: Engine) -> None:
        """A thumb is no question."""
        parse = engine.parse("👍👍")
        assert (parse.intent, parse.decision) == (OUT_OF_SCOPE, Decision.REFUSE)

    def test_entities_fit_the_text(self, engine: Engine) -> None:
        """Places are those of the message as it came."""
        text = "  Chuyển 5 triệu qua ZALO, gọi 0912345678"
        found = {
            entity.kind: text[entity.start : entity.end] for entity in engine.parse(text).entities
        }
        assert found == {"money": "5 triệu", "app": "ZALO", "phone": "0912345678"}

    def test_many_is_one_by_one(self, engine: Engine) -> None:
        """Same results, same order."""
        texts = ["chào", "", "zzqx", "làm thẻ căn cước"]
        assert engine.parse_many(texts) == [engine.parse(text) for text in texts]
        assert engine.parse_many([]) == []

    def test_it_names_itself(self, engine: Engine) -> None:
        """For logs."""
        assert engine.name
        assert engine.model_id
