"""Finding a topic by a few words, where no question was understood ("bảo hiểm", "tìm sim")."""

from __future__ import annotations

from collections.abc import Iterator

from bot.dialogue.turn import Turn
from bot.domain.replies import Choice
from nlu.text import normalize

_SHOWN = 6
_WORDS_MOST = 5


def wanted_words(turn: Turn, text: str) -> str:
    """What a message asks to be searched ("tìm bảo hiểm" -> "bảo hiểm"), "" when it does not."""
    plain = normalize(text).stripped
    for lead in turn.phrases.search:
        if plain.startswith(f"{lead} "):
            return plain.removeprefix(lead).strip()
    return ""


def topics(turn: Turn, words: str) -> list[str]:
    """Guides whose name has all of these words, those that begin with them first.

    None for a whole sentence: that is a question, not a search.
    """
    plain = normalize(words).stripped
    parts = plain.split()
    if not parts or len(parts) > _WORDS_MOST:
        return []
    hits = []
    for guide_id, names in _names(turn):
        for name in names:
            if f" {plain} " in f" {name} ":
                hits.append((not name.startswith(plain), guide_id))
                break
            if set(parts) <= set(name.split()):
                hits.append((True, guide_id))
                break
    return [guide_id for _, guide_id in sorted(hits, key=lambda hit: hit[0])][:_SHOWN]


def _names(turn: Turn) -> Iterator[tuple[str, list[str]]]:
    for group in turn.content.menu:
        for guide_id in group.guides:
            title = turn.content.title(guide_id)
            topic = turn.content.titles.get(guide_id, title)
            yield guide_id, [normalize(name).stripped for name in dict.fromkeys((title, topic))]


def show(turn: Turn, words: str) -> bool:
    """Offer what was found; False, and nothing said, when there is nothing."""
    found = topics(turn, words)
    if not found:
        return False
    choices = [Choice(f"guide:{guide_id}", turn.content.title(guide_id)) for guide_id in found]
    turn.say("search_found", [*choices, *turn.way_back(), turn.choice("menu", "menu")])
    return True
