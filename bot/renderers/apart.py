"""A long reply as several messages, each kept and sent by itself.

When one of them fails, those before it are not sent again: the outbox knows how far it came.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.channels import traits
from bot.domain.replies import Reply
from bot.renderers.bubbles import split
from bot.renderers.text import choice_lines, utf16_length


def as_kept(channel: str, replies: tuple[Reply, ...]) -> tuple[Reply, ...]:
    """Replies as the outbox keeps them for a channel."""
    there = traits(channel)
    if not there.apart:
        return replies
    return tuple(
        part for reply in replies for part in apart(reply, there.bubble, numbered=there.numbered)
    )


def apart(reply: Reply, most: int, *, numbered: bool) -> list[Reply]:
    """Messages of at most `most` characters, with their choices where these are `numbered` lines.

    A picture goes with the first; the choices, and what is watched of the delivery, with the last.
    A list of choices stays whole, however long it is, and so does a payment code with its text.
    """
    if reply.payment is not None:
        return [reply]
    parts = split(reply.text, most)
    lines = choice_lines(reply) if numbered else ""
    if lines and utf16_length(parts[-1]) + utf16_length(lines) + 2 > most:
        parts.append("")
    if len(parts) == 1:
        return [reply]
    first = replace(reply, text=parts[0], choices=(), line_id=None)
    rest = replace(first, picture=None, photo=None)
    last = replace(reply, text=parts[-1], picture=None, photo=None)
    return [first, *(replace(rest, text=part) for part in parts[1:-1]), last]
