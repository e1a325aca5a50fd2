"""All that is said of one message: its links and its words."""

from __future__ import annotations

from dataclasses import dataclass

from bot.safety.links.knowledge import Wording
from bot.safety.links.report import LinkReport
from bot.safety.messages.check import MessageReport
from bot.safety.messages.knowledge import Kind
from bot.safety.messages.knowledge import Wording as MessageWording


@dataclass(frozen=True, slots=True)
class Checked:
    """`kind` is the kind of swindle the words resemble; the wordings are what citizens read."""

    links: LinkReport
    message: MessageReport
    kind: Kind | None
    link_words: Wording
    message_words: MessageWording
