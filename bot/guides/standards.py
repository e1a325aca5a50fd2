"""What every text is held against: the numbers and addresses that are allowed, the words known.

Errors: ContentError from `load_standards`, naming file, line and field.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.guides.allowed import Allowed, load_allowed
from bot.guides.glossary import Glossary, load_glossary
from bot.guides.readability import reading_faults
from bot.guides.rules import address_faults, hotline_faults, links_in, numbers_in, text_faults

_HOTLINE = "official.hotline"
_ADDRESS = "official.domain"


@dataclass(frozen=True, slots=True)
class Standards:
    """content/allowed.yml and content/glossary.yml."""

    allowed: Allowed
    glossary: Glossary

    def faults(self, field: str, text: str) -> Iterator[str]:
        """What is wrong with the text of a field, each as "what; what would be right"."""
        if field == _HOTLINE:
            yield from hotline_faults(text, self.allowed)
        elif field == _ADDRESS:
            yield from address_faults(text, self.allowed)
        else:
            yield from text_faults(text, self.allowed)
            yield from reading_faults(field, text, self.glossary)

    def uses(self, field: str, text: str) -> set[str]:
        """The allowed numbers and addresses in a text, as the list has them."""
        phones = map(self.allowed.phone, numbers_in(f"gọi {text}" if field == _HOTLINE else text))
        links = [text.partition("/")] if field == _ADDRESS else ()
        places = [(host, slash + path) for host, slash, path in links] or links_in(text)
        domains = (self.allowed.domain(*place) for place in places)
        return {item.number for item in phones if item} | {item.domain for item in domains if item}


def load_standards(content_dir: Path) -> Standards:
    """Read both files of a content folder. Raises ContentError with the problems of the first."""
    return Standards(
        load_allowed(content_dir / "allowed.yml"), load_glossary(content_dir / "glossary.yml")
    )
