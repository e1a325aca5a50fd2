"""All content together: guides, the bot's phrases, the path, the menu, the people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bot.guides.alert_texts import load_alert_texts
from bot.guides.canned import Canned, load_canned
from bot.guides.errors import ContentError, Problem
from bot.guides.glossary import Glossary, load_glossary
from bot.guides.loader import load_guides, load_menu, load_path
from bot.guides.model import Guide, MenuGroup, Stage
from bot.guides.people import People, load_people
from bot.guides.phrases import Phrases, load_phrases

T = TypeVar("T")

CANNED = "canned_replies.yml"


@dataclass(frozen=True, slots=True)
class Content:
    """What the assistant can say. `titles` has a title for every guide id, written or not;
    `alert_texts` a draft for each guide whose theme is watched.
    """

    guides: Mapping[str, Guide]
    titles: Mapping[str, str]
    phrases: Phrases
    path: tuple[Stage, ...]
    menu: tuple[MenuGroup, ...]
    people: People
    canned: tuple[Canned, ...] = ()
    alert_texts: Mapping[str, str] = field(default_factory=dict)
    glossary: Glossary = field(default_factory=Glossary)

    def title(self, guide_id: str) -> str:
        """The guide's own title, or the topic's name when no guide is written yet."""
        guide = self.guides.get(guide_id)
        return guide.title if guide else self.titles.get(guide_id, guide_id)


def load_content(folder: Path, titles: Mapping[str, str]) -> Content:
    """Read everything under `folder`; `titles` maps every known guide id to its topic's name.

    Raises ContentError with the problems of all files together.
    """
    problems: list[Problem] = []

    def read(load: Callable[[Path], T], name: str) -> T | None:
        try:
            return load(folder / name)
        except ContentError as error:
            problems.extend(error.problems)
            return None

    ids = titles.keys()
    people = read(load_people, "people.yml")
    guides = read(lambda place: load_guides(place, ids), "guides")
    path = read(lambda file: load_path(file, ids), "path.yml")
    menu = read(lambda file: load_menu(file, ids), "menu.yml")
    alert_texts = read(lambda file: load_alert_texts(file, ids), "alert_texts.yml")
    address = people.neutral.blanks() if people else {}
    phrases = read(lambda file: load_phrases(file, address), "phrases.yml")
    canned = read(load_canned, CANNED)
    glossary = read(load_glossary, "glossary.yml")
    if people is None or guides is None or path is None or menu is None or phrases is None:
        raise ContentError(tuple(problems))
    if canned is None or alert_texts is None or glossary is None:
        raise ContentError(tuple(problems))
    return Content(guides, titles, phrases, path, menu, people, canned, alert_texts, glossary)
