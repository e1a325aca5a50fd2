"""What the server-rendered pages are given by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.guides.content import Content
from bot.guides.errors import Problem
from bot.services.editing import Editing
from bot.services.feeds import Feeds
from bot.services.health import Process
from bot.services.runtime import Runtime


def _no_content() -> Content:
    raise LookupError("these pages were made without content")


@dataclass(frozen=True, slots=True)
class WebDeps:
    """`wake` is called, after the commit, with each chat that was told something.

    `titles` are the Vietnamese titles of intents by id; an intent without one shows its id.
    `problems` says why some file of the content is not served as it is now; `content` is what is
    served. `feeds` keeps the lists that the program answers by; without it a site has its own.
    `editing` is the content and how it is changed.
    `process` is what this process knows of itself.
    """

    runtime: Runtime
    wake: Callable[[int], None]
    titles: Mapping[str, str] = field(default_factory=dict)
    problems: Callable[[], Sequence[Problem]] = tuple
    content: Callable[[], Content] = _no_content
    feeds: Feeds | None = None
    process: Callable[[], Process] = Process
    editing: Callable[[], Editing] | None = None
