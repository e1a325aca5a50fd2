"""The list of intents."""

from nlu.intents import DIALOGUE_INTENTS, GUIDE_INTENTS, INTENTS, OUT_OF_SCOPE, Kind


def test_every_intent_is_of_one_kind() -> None:
    assert len(INTENTS) >= 63
    assert set(INTENTS) == GUIDE_INTENTS | DIALOGUE_INTENTS
    assert not GUIDE_INTENTS & DIALOGUE_INTENTS
    assert len(GUIDE_INTENTS) >= 46


def test_entries_are_complete() -> None:
    for name, intent in INTENTS.items():
        assert intent.id == name == name.lower()
        assert intent.title
        assert intent.covers


def test_known_members() -> None:
    assert INTENTS[OUT_OF_SCOPE].kind is Kind.DIALOGUE
    assert INTENTS["scam_victim"].kind is Kind.GUIDE
    assert INTENTS["talk_to_human"].kind is Kind.DIALOGUE
