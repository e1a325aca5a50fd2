"""What a word means: one of the glossary, asked for by itself ("OTP là gì"), is explained."""

from __future__ import annotations

import re

from bot.dialogue import urgent, walk
from bot.dialogue.turn import Turn
from bot.domain.effects import Outcome
from bot.domain.replies import Choice
from nlu.remembered import read

#: Over the text without marks. What stands before and after the word says nothing of it.
_ASKED = re.compile(
    r"(?:(?:cho|xin|chau|con|em|toi|minh|ad|bot|oi|a|da|hoi|biet|muon|vay|the)\s+)*"
    r"(?P<word>\w(?:.{0,28}?\w)??)\s+"
    r"(?:co\s+)?(?:nghia\s+)?la\s+(?:cai\s+|con\s+|thu\s+)?(?:gi|chi|sao)"
    r"(?:\s+(?:vay|the|rua|a|ha|em|nhi|ban|chau|con|do))*\W*"
)
#: What people put before a name, when the glossary has the name alone.
_BEFORE = re.compile(r"(?:cai|ma|chu|tu|the|ung dung|phan mem|app|trang|mang|so)\s+")
#: A guide that is likelier than this is perhaps what was meant.
_LIKELY = 0.2
_GUIDES_MOST = 2


def explained(turn: Turn) -> bool:
    """Whether the message asks what a word means, and the word was explained.

    The guides the engine thought of are offered with it; inside a guide, the way back to it.
    """
    parse = turn.facts.parse
    found = _ASKED.fullmatch(read(parse.text).stripped) if parse is not None else None
    if parse is None or found is None:
        return False
    entry = _entry(turn, found["word"])
    if entry is None:
        return False
    turn.set(misses=0)
    urgent.log(turn, Outcome.ANSWERED)
    text = turn.text("word_means", word=entry[0], meaning=entry[1])
    if turn.state.session is not None:
        walk.put_aside(turn, turn.state.session, text)
        return True
    likely = [r.name for r in parse.ranking if r.confidence >= _LIKELY]
    guides = [name for name in likely if name in turn.content.titles][:_GUIDES_MOST]
    event = turn.facts.event_id
    choices = [Choice(f"pick:{event}:{name}", turn.content.title(name)) for name in guides]
    turn.put(text, [*choices, turn.choice("human", "help"), turn.choice("menu", "menu")])
    return True


def _entry(turn: Turn, word: str) -> tuple[str, str] | None:
    glossary = turn.content.glossary
    shorter = _BEFORE.sub("", word, count=1)
    return glossary.entry(word) or glossary.entry(shorter)
