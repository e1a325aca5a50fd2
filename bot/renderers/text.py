"""Text for platforms: cutting long texts, and choices as numbered lines."""

from __future__ import annotations

from bot.domain.replies import Reply

_BREAKS = ("\n\n", "\n", ". ", " ")


def utf16_length(text: str) -> int:
    """Length as Telegram counts it: characters outside the basic plane are two."""
    # Half a pair that stands alone is no character, but counts.
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split_text(text: str, most: int) -> list[str]:
    """Parts of at most `most` UTF-16 units, cut at paragraph, line, sentence or word ends."""
    parts: list[str] = []
    rest = text
    while utf16_length(rest) > most:
        cut = _cut(rest, most)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest or not parts else parts


def _cut(text: str, most: int) -> int:
    """Where to cut so that what is before fits; never 0, so that cutting always ends."""
    fits = _fitting(text, most)
    for mark in _BREAKS:
        found = text.rfind(mark, 0, fits)
        if found > fits // 2:
            return found + len(mark)
    return fits


def _fitting(text: str, most: int) -> int:
    units = 0
    for index, ch in enumerate(text):
        units += 2 if ord(ch) > 0xFFFF else 1
        if units > most:
            return max(index, 1)
    return len(text)


def numbered(reply: Reply) -> str:
    """The reply for platforms without buttons: the number is accepted as the answer."""
    return "\n\n".join(filter(None, (reply.text, choice_lines(reply))))


def choice_lines(reply: Reply) -> str:
    """The choices as numbered lines, each with the number that is accepted for it."""
    lines = (f"{choice.number or n}. {choice.label}" for n, choice in enumerate(reply.choices, 1))
    return "\n".join(lines)
