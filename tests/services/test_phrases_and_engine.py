"""The shipped engine over the exact phrases of the content: which it takes for a loss (ADR 12)."""

from __future__ import annotations

from bot.guides.phrases import Command, load_phrases
from bot.settings import ROOT
from nlu.engine import Decision, load_embedded
from tests.process import trained_models

LOSS = "scam_victim"
#: What asks this program for something, and only sounds like money that is gone.
ONLY_SOUND = frozenset({Command.MINE, Command.ALERTS})


def test_no_other_phrase_sounds_like_a_loss() -> None:
    """A victim's own words must not be anybody's command."""
    engine = load_embedded(trained_models())
    phrases = load_phrases(ROOT / "content" / "phrases.yml").commands
    taken = {
        phrase: command
        for phrase, command in phrases.items()
        for parse in [engine.parse(phrase)]
        if parse.intent == LOSS and parse.decision is Decision.ANSWER
    }
    assert taken, "the order of the rules matters for some"
    wrong = {phrase for phrase, command in taken.items() if command not in ONLY_SOUND}
    assert wrong == set()
