"""All content together: guides, the bot's phrases, the path and the menu."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.guides.errors import ContentError, Problem
from bot.guides.loader import load_guides, load_menu, load_path
from bot.guides.model import Guide, MenuGroup, Stage
from bot.guides.phrases import Phrases, load_phrases


@dataclass(frozen=True, slots=True)
class Content:
    """What the assistant can say. `titles` has a title for every guide id, written or not."""

    guides: Mapping[str, Guide]
    titles: Mapping[str, str]
    phrases: Phrases
    path: tuple[Stage, ...]
    menu: tuple[MenuGroup, ...]

    def title(self, guide_id: str) -> str:
        """The guide's own title, or the topic's name when no guide is written yet."""
        guide = self.guides.get(guide_id)
        return guide.title if guide else self.titles.get(guide_id, guide_id)


def load_content(folder: Path, titles: Mapping[str, str]) -> Content:
    """Read everything under `folder`; `titles` maps every known guide id to its topic's name.

    Raises ContentError with the problems of all files together.
    """
    problems: list[Problem] = []
    loaded: list[object] = []
    for load, where in (
        (lambda p: load_guides(p, titles.keys()), folder / "guides"),
        (lambda p: load_path(p, titles.keys()), folder / "path.yml"),
        (lambda p: load_menu(p, titles.keys()), folder / "menu.yml"),
        (load_phrases, folder / "phrases.yml"),
    ):
        try:
            loaded.append(load(where))
        except ContentError as error:
            problems.extend(error.problems)
    if problems:
        raise ContentError(tuple(problems))
    guides, path, menu, phrases = loaded
    return Content(guides, titles, phrases, path, menu)  # type: ignore[arg-type]
