"""How a reply looks on a channel: the only ways in which channels may differ.

Everything is compared with white space made equal: where bubbles are cut is a channel's own
business, what they say together is not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.renderers.text import utf16_length


@dataclass(frozen=True)
class Seen:
    """A message as a person sees it: text, buttons, whether there is a picture, its words."""

    text: str
    labels: tuple[str, ...] = ()
    picture: bool = False
    alt: str = ""


@dataclass(frozen=True)
class Look:
    """`numbered`: every choice stands in the text with its number, and the first `taps` of them are
    buttons too. `words`: a picture is told in words. `most`: UTF-16 units of a bubble, 0 for any.
    `page`: what concerns a page alone is said, where nobody can be told once it is closed."""

    numbered: bool = False
    words: bool = False
    most: int = 0
    page: bool = False
    taps: int = 0

    def offers(self, seen: Seen, label: str) -> bool:
        """Whether a message offers a choice."""
        if not self.numbered:
            return label in seen.labels
        return re.search(rf"^\d+\. {re.escape(label)}$", seen.text, re.MULTILINE) is not None

    def whole(self, seen: Sequence[Seen]) -> str:
        """Several messages as one text."""
        parts = []
        for each in seen:
            parts.append(each.text)
            if not self.numbered:
                parts += [f"[{label}]" for label in each.labels]
        return same(" ".join(parts))

    def expected(self, told: Sequence[Seen]) -> re.Pattern[str]:
        """What `whole` must be for these replies."""
        parts = []
        for each in told:
            text = each.text if self.page else each.text.replace(PAGE_ONLY, "")
            parts.append(re.escape(same(text)))
            if self.words and each.alt:
                parts.append(re.escape(same(f"[{each.alt}]")))
            for label in each.labels:
                quoted = re.escape(same(label))
                parts.append(rf"\d+\. {quoted}" if self.numbered else rf"\[{quoted}\]")
        return re.compile(" ".join(filter(None, parts)) + r"\Z")

    def faults(self, seen: Sequence[Seen], told: Sequence[Seen]) -> list[str]:
        """Bubbles that are too long, pictures and buttons too few or too many."""
        long = [s.text for s in seen if self.most and utf16_length(s.text) > self.most]
        found = [f"a bubble too long: {text[:60]}" for text in long]
        pictures, wanted = sum(s.picture for s in seen), sum(s.picture for s in told)
        if pictures != wanted and not self.words:
            found.append(f"{pictures} pictures, not {wanted}")
        taps = [label for s in seen for label in s.labels]
        some = [label for s in told for label in s.labels[: self.taps]]
        if self.numbered and taps != some:
            found.append(f"buttons {taps}, not {some}")
        return found


#: phrases.yml, hand_keep_page.
PAGE_ONLY = "Anh/chị mở lại trang này trên chính máy này để xem trả lời nhé."
#: Telegram.
BUTTONS = Look(most=4096)
#: The web chat.
PAGE = Look(page=True)
#: Zalo: a bubble of 600, and five buttons on the Official Account.
NUMBERS = Look(numbered=True, most=600)
NUMBERS_AND_TAPS = Look(numbered=True, most=600, taps=5)
#: The terminal.
WORDS = Look(numbered=True, words=True, page=True)


def same(text: str) -> str:
    """White space made equal."""
    return " ".join(text.split())


def number_of(text: str, label: str) -> str:
    """The number of a choice in a message."""
    found = re.search(rf"^(\d+)\. {re.escape(label)}$", text, re.MULTILINE)
    assert found, f"{label!r} is not offered in {text!r}"
    return found[1]
