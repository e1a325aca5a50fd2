"""The foreign words, names and abbreviations guides may use: content/glossary.yml as a value.

Each is explained in a few plain words, so that "OTP là gì" has an answer.

Errors: ContentError, naming file, line and field.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from bot.guides.nodes import Faults
from bot.guides.record import Record, open_record
from nlu.text import strip_diacritics

EXPLANATION = 120
WORD = 30

_NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Glossary:
    """`words` maps each word, as it is written, to its explanation.

    `plain` are words that are not Vietnamese but need no explanation: units, peoples, places.
    """

    words: Mapping[str, str] = field(default_factory=dict)
    plain: tuple[str, ...] = ()
    _words: re.Pattern[str] = _NOTHING
    _plain: re.Pattern[str] = _NOTHING

    def entry(self, word: str) -> tuple[str, str] | None:
        """A word as it is written here, and its explanation, however its letters were written;
        None when there is none."""
        wanted = _place(word)
        return next((item for item in self.words.items() if _place(item[0]) == wanted), None)

    def meant(self, word: str) -> str | None:
        """The word of the glossary that was probably meant by one that is not in it."""
        by_place = {_place(name): name for name in self.words}
        wanted = _place(word)
        longer = [place for place in by_place if len(wanted) > 3 and place.startswith(wanted)]
        close = longer or get_close_matches(wanted, by_place, n=1, cutoff=0.8)
        return by_place[close[0]] if close else None

    def take_out(self, text: str) -> tuple[str, int]:
        """The text without any word of the glossary, and how many explained ones were in it."""
        rest, found = self._words.subn(" ", text)
        return self._plain.sub(" ", rest), found


def make_glossary(words: Mapping[str, str], plain: tuple[str, ...] = ()) -> Glossary:
    """A glossary that finds these words in texts, in capitals or not, the longest first."""
    return Glossary(words, plain, _any_of(words), _any_of(plain))


def load_glossary(file: Path) -> Glossary:
    """Read glossary.yml. Raises ContentError with every problem of the file."""
    faults = Faults(str(file))
    glossary = read_glossary(file, faults)
    faults.raise_any()
    return glossary


def read_glossary(file: Path, faults: Faults) -> Glossary:
    """What glossary.yml says; meaningless when `faults` has problems afterwards."""
    top = open_record(file, faults)
    if top is None:
        return Glossary()
    words: dict[str, str] = {}
    record = top.record("words")
    if record:
        for name in record.names():
            words[name] = record.text(name, EXPLANATION)
        _in_order(record, {f"words.{name}": name for name in words})
    plain = top.texts("plain", WORD, 300)
    _in_order(top, {f"plain[{n}]": name for n, name in enumerate(plain, 1)})
    top.close()
    return make_glossary(words, plain)


def _in_order(record: Record, names: Mapping[str, str]) -> None:
    """Note what is too long, given twice or not where the alphabet wants it."""
    before = ""
    for path, name in names.items():
        line = record.faults.lines.get(path, record.line)
        if len(name) > WORD:
            what = f"{name!r} has {len(name)} characters; must have at most {WORD}"
            record.faults.add(line, path, what)
        if _place(name) == _place(before):
            record.faults.add(line, path, f"{name!r} is {before!r} again; keep one of them")
        elif _place(name) < _place(before):
            what = f"{name!r} stands after {before!r}; put it in alphabetical order"
            record.faults.add(line, path, what)
        before = name


def _place(name: str) -> str:
    """Where the alphabet has a word: marks, capitals and hyphens aside."""
    return "".join(filter(str.isalnum, strip_diacritics(name))).casefold()


def _any_of(words: Mapping[str, str] | tuple[str, ...]) -> re.Pattern[str]:
    if not words:
        return _NOTHING
    longest_first = sorted(words, key=len, reverse=True)
    # "wifi" is "Wi-Fi" for everybody.
    choices = "|".join(re.escape(word).replace(r"\-", "-?") for word in longest_first)
    return re.compile(rf"(?<!\w)(?:{choices})(?!\w)", re.IGNORECASE)
