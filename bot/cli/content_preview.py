"""content preview: a guide as each channel will show it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from bot.domain.replies import Reply
from bot.renderers.text import numbered, utf16_length
from bot.services.channel_views import Channel, notes
from bot.settings import load_settings


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
