"""A message as each channel will show it, and what of it does not fit there. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.replies import Reply
from bot.renderers.bubbles import bubbles, numbered_bubbles
from bot.renderers.text import numbered, split_text, utf16_length

#: A longer label is cut on a small phone.
LABEL_MOST = 30
#: https://core.telegram.org/bots/api#sendmessage, #sendphoto, #inlinekeyboardbutton. Stated here
#: too (a test compares), since the sender's module takes most of a second to import.
TELEGRAM_TEXT = 4096
TELEGRAM_CAPTION = 1024
TELEGRAM_DATA = 64
#: What one text message of Zalo may have.
ZALO_TEXT = 2000


class Channel(StrEnum):
    """Where a guide can be shown."""

    TELEGRAM = "telegram"
    ZALO = "zalo"
    WEB = "web"
    TERMINAL = "terminal"

    @property
    def buttons(self) -> bool:
        """Whether choices are buttons there; else they are numbered lines."""
        return self in (Channel.TELEGRAM, Channel.WEB)


@dataclass(frozen=True, slots=True)
class Bubble:
    """One bubble on a screen."""

    text: str
    buttons: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        """Its characters, as platforms count them."""
        return utf16_length(self.text)


def bubbles_on(channel: Channel, reply: Reply) -> list[Bubble]:
    """A message as the bubbles that people see."""
    if channel.buttons:
        return [
            Bubble(each.text, tuple(choice.label for choice in each.choices))
            for each in bubbles(reply)
        ]
    return [Bubble(text) for text in numbered_bubbles(reply)]


def notes(channel: Channel, reply: Reply) -> list[str]:
    """What of a message does not fit the channel."""
    return list(_NOTES[channel](reply))


def long_labels(reply: Reply) -> list[str]:
    """The buttons that a small phone cuts."""
    return [choice.label for choice in reply.choices if len(choice.label) > LABEL_MOST]


def _long_labels(reply: Reply) -> Iterator[str]:
    for label in long_labels(reply):
        yield f"the button {label!r} has {len(label)} characters of {LABEL_MOST}"


def _too_long(text: str, most: int) -> Iterator[str]:
    parts = split_text(text, most)
    if len(parts) > 1:
        yield f"{utf16_length(text)} characters; over {most} it is sent as {len(parts)} messages"


def _telegram(reply: Reply) -> Iterator[str]:
    yield from _too_long(reply.text, TELEGRAM_TEXT)
    length = utf16_length(reply.text)
    if TELEGRAM_CAPTION < length <= TELEGRAM_TEXT:
        yield f"with a picture the text follows it: a caption has at most {TELEGRAM_CAPTION}"
    yield from _long_labels(reply)
    for choice in reply.choices:
        if len(choice.id.encode()) > TELEGRAM_DATA:
            yield f"the button {choice.label!r} cannot be sent: shorten the ids of the question"


_NOTES: dict[Channel, Callable[[Reply], Iterator[str]]] = {
    Channel.TELEGRAM: _telegram,
    Channel.ZALO: lambda reply: _too_long(numbered(reply), ZALO_TEXT),
    Channel.WEB: _long_labels,
    Channel.TERMINAL: lambda reply: iter(()),
}
