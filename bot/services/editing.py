"""Everything that the console's pages about content need, made once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.services.drafts import Drafts
from bot.services.guide_history import GuideHistory
from bot.services.proofs import Proofs
from bot.services.publishing import Publisher
from bot.services.recalling import Recalling
from bot.services.releasing import Releasing
from bot.services.reloading import Reloading
from bot.services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Editing:
    """The content and how it is changed."""

    runtime: Runtime
    publisher: Publisher
    releasing: Releasing
    drafts: Drafts
    history: GuideHistory
    recalling: Recalling

    @property
    def titles(self) -> Mapping[str, str]:
        """Every guide id with its topic's name."""
        return self.publisher.titles


def make_editing(runtime: Runtime, publisher: Publisher, reloading: Reloading) -> Editing:
    """All of it over what a program serves."""
    releasing = Releasing(runtime, publisher, reloading)
    drafts = Drafts(runtime, publisher, releasing, Proofs(runtime, publisher))
    return Editing(
        runtime,
        publisher,
        releasing,
        drafts,
        GuideHistory(runtime, publisher, releasing, drafts),
        Recalling(runtime, publisher.titles),
    )
