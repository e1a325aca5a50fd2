"""content/cards.yml: the words on every card, its alt text, and which icon a step gets.

Errors: ContentError with every problem of the file, named by line and field.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.cards import icons
from bot.cards.card import StepCard
from bot.domain.replies import StepPicture
from bot.guides.errors import ContentError, Problem
from bot.guides.loader import load_menu
from bot.guides.nodes import Faults, join
from bot.guides.record import Record, open_record

_RULES_MOST = 80
_WORDS_MOST = 30
_BLANKS = {
    "step": {"step", "total"},
    "checked": {"day"},
    "alt": {"step", "total", "title", "text"},
}


@dataclass(frozen=True, slots=True)
class IconRule:
    """A step whose title has one of these words gets this icon."""

    icon: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class CardWords:
    """The checked content of cards.yml."""

    name: str
    step: str
    checked: str
    alt: str
    icon: str
    groups: Mapping[str, str]
    rules: tuple[IconRule, ...]

    def icon_for(self, title: str, group: str) -> str:
        """The icon of a step: by its title, else by the menu group of its guide, else any."""
        found = (rule.icon for rule in self.rules if rule.pattern.search(title))
        return next(found, self.groups.get(group, self.icon))

    def card(self, picture: StepPicture, group: str) -> StepCard:
        """What is drawn for a step of a guide that stands in a group of the menu."""
        return StepCard(
            guide=picture.guide_title,
            label=self.step.format(step=picture.step, total=picture.total),
            step=picture.step,
            total=picture.total,
            icon=self.icon_for(picture.title, group),
            title=picture.title,
            text=picture.text,
            name=self.name,
            checked=self.checked.format(day=f"{picture.verified_on:%d/%m/%Y}"),
        )

    def alt_for(self, picture: StepPicture) -> str:
        """What the picture says, in words."""
        text = " ".join(picture.text.split())
        return self.alt.format(
            step=picture.step, total=picture.total, title=picture.title, text=text
        )


def card_problems(content_dir: Path, known_ids: Collection[str]) -> tuple[Problem, ...]:
    """What is wrong with a folder's cards.yml; `known_ids` are those of all guides."""
    try:
        groups = [group.id for group in load_menu(content_dir / "menu.yml", known_ids)]
    except ContentError:
        # That is said of menu.yml already.
        groups = None
    try:
        load_card_words(content_dir / "cards.yml", groups)
    except ContentError as error:
        return error.problems
    return ()


def load_card_words(file: Path, groups: Collection[str] | None) -> CardWords:
    """Read cards.yml; `groups` are the ids of the menu's groups, None when any will do.

    Raises ContentError.
    """
    faults = Faults(str(file))
    top = open_record(file, faults)
    words = _read(top, groups) if top else None
    faults.raise_any()
    assert words is not None, "a file that cannot be read has a problem"
    return words


def _read(top: Record, groups: Collection[str] | None) -> CardWords:
    words = CardWords(
        name=top.text("name", 40),
        step=_sentence(top, "step", 30),
        checked=_sentence(top, "checked", 40),
        alt=_sentence(top, "alt", 120),
        icon=_icon(top, "icon"),
        groups=_groups(top.record("groups"), groups),
        rules=_rules(top),
    )
    top.close()
    return words


def _sentence(record: Record, name: str, limit: int) -> str:
    text = record.text(name, limit)
    wanted = _BLANKS[name]
    try:
        found = {blank for _, blank, _, _ in string.Formatter().parse(text) if blank is not None}
    except ValueError as error:
        found = {str(error)}
    if text and found != wanted:
        right = ", ".join("{" + blank + "}" for blank in sorted(wanted))
        record.fault(name, f"has the wrong blanks; use: {right}")
    return text


def _icon(record: Record, name: str) -> str:
    icon = record.text(name, 40)
    if icon and icon not in icons.names():
        record.fault(name, f"{icon!r} is not an icon; use a name of the lucide icons")
    return icon


def _groups(record: Record | None, known: Collection[str] | None) -> dict[str, str]:
    if record is None:
        return {}
    for name in record.names():
        if known is not None and name not in known:
            what = f"is not a group of the menu; must be one of {', '.join(known)}"
            record.fault(name, what)
    return {name: _icon(record, name) for name in record.names()}


def _rules(top: Record) -> tuple[IconRule, ...]:
    rules = []
    seen: dict[str, int] = {}
    for number, record in enumerate(top.records("icons", 0, _RULES_MOST), 1):
        icon = _icon(record, "icon")
        words = record.texts("words", 40, _WORDS_MOST)
        if not words:
            record.fault("words", "is empty; give it words, or remove the entry")
        for position, word in enumerate(words, 1):
            if seen.setdefault(word.casefold(), number) != number:
                field = f"words[{position}]"
                line = record.faults.lines.get(join(record.path, field))
                record.fault(field, f"{word!r} stands in an entry above; keep one", line)
        record.close()
        rules.append(IconRule(icon, _any_of(words)))
    return tuple(rules)


def _any_of(words: Collection[str]) -> re.Pattern[str]:
    """The words anywhere in a title, whole and in whatever case."""
    some = "|".join(re.escape(word) for word in words)
    return re.compile(rf"(?<!\w)(?:{some})(?!\w)" if some else r"(?!)", re.IGNORECASE)
