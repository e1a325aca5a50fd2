"""content preview: a guide as each channel will show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Annotated

import typer

from bot.domain.replies import Reply
from bot.renderers.text import numbered, split_text, utf16_length
from bot.settings import load_settings

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


def preview(
    guide: Annotated[str, typer.Argument(help="The guide's id.")],
    channel: Annotated[Channel | None, typer.Option(help="One channel; all when left out.")] = None,
    province: Annotated[str, typer.Option(help="As people of this province read it.")] = "",
    choice: Annotated[str, typer.Option(help="The answer to its question, by id.")] = "",
    stuck: Annotated[
        bool, typer.Option("--stuck", help="Also what is said to whoever gets stuck.")
    ] = False,
) -> None:
    """Show every message of a guide as citizens will get it, with its length."""
    from bot.app import guide_titles
    from bot.guides.content import load_content
    from bot.services.preview import Reader, other_choices, rehearse
    from bot.services.runtime import utc_now

    content = load_content(load_settings().content_dir, guide_titles())
    reader = Reader(province, choice, stuck)
    messages = rehearse(content, guide, reader, utc_now())
    for each in [channel] if channel else list(Channel):
        print(f"===== {each}: {content.title(guide)}")
        for number, shown in enumerate(messages, 1):
            length = utf16_length(shown.reply.text)
            print(f"\n----- {each} {number}/{len(messages)}: {shown.what} ({length} characters)")
            print(_RENDERED[each](shown.reply))
            for note in notes(each, shown.reply):
                print(f"! {note}")
        print()
    others = other_choices(content.guides[guide], reader, content)
    if others:
        asked = content.guides[guide].question
        option = "--province" if asked and asked.about == "province" else "--choice"
        print(f"Its question has other answers: {', '.join(f'{option} {each}' for each in others)}")


# How it looks -----------------------------------------------------------------------------------


def _buttons(reply: Reply) -> str:
    lines = [f"[ {choice.label} ]" for choice in reply.choices]
    return "\n".join([reply.text, "", *lines] if lines else [reply.text])


_RENDERED: dict[Channel, Callable[[Reply], str]] = {
    Channel.TELEGRAM: _buttons,
    Channel.ZALO: numbered,
    Channel.WEB: _buttons,
    Channel.TERMINAL: numbered,
}


# What to look at --------------------------------------------------------------------------------


def _long_labels(reply: Reply) -> Iterator[str]:
    for choice in reply.choices:
        if len(choice.label) > LABEL_MOST:
            yield f"the button {choice.label!r} has {len(choice.label)} characters of {LABEL_MOST}"


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


def notes(channel: Channel, reply: Reply) -> list[str]:
    """What of a message does not fit the channel."""
    return list(_NOTES[channel](reply))


_NOTES: dict[Channel, Callable[[Reply], Iterator[str]]] = {
    Channel.TELEGRAM: _telegram,
    Channel.ZALO: lambda reply: _too_long(numbered(reply), ZALO_TEXT),
    Channel.WEB: _long_labels,
    Channel.TERMINAL: lambda reply: iter(()),
}
