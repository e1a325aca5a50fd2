"""Patterns of words, as editors write them in `content/safety/messages.yml`.

`chuyen ~4 tien` is "tien" at most four words after "chuyen"; `(a|b c)` is one of these; `(a )?` may
be missing; `<pay>` is one of the words of that group; `@` is a word that begins with a digit,
`@tien` an amount of money, `@dai` a number as long as a phone's or an account's. They are matched
on a message without marks, its words separated by one space.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_ALLOWED = re.compile(r"[a-z0-9 |()?@~<>]+")
_GAP = re.compile(r" ?~(\d{1,2}) ?")
_GAP_MOST = 30
_GROUP = re.compile(r"<([a-z]+)>")
_DIGIT = "@"
#: What `_join` makes of an amount and of a long number.
_NUMBERS = {"@tien": r"\d\S*tien", "@dai": r"\d{8,}\S*", "@": r"\d\S*"}
_NUMBER = re.compile("|".join(_NUMBERS))
#: What forbids: right before, or a little before in a rule ("không bao giờ gửi link"). Without
#: marks "đừng" is also the end of "ứng dụng", "sử dụng", "áp dụng" and "nội dung".
_DUNG = "".join(rf"(?<!(?<!\S){word} )" for word in ("ung", "su", "ap", "noi")) + "dung"
_FORBIDDEN = re.compile(
    rf"(?:(?<!\S)(?:khong|{_DUNG}|chang|cam)(?: \S+)?"
    r"|(?<!\S)(?:khong (?:bao gio|yeu cau|ai|gui|nen|duoc)|tuyet doi khong)(?: \S+){0,4}) $"
)
_LOOK_BACK = 60

_AMOUNT = re.compile(
    r"(?<!\S)(\d{1,3}(?: \d{3})+|\d{1,9}(?: \d)?)"
    r" (?:trieu|tr|nghin|ngan|dong|vnd|d|ty|cu|usd|do)(?!\S)"
)
_SHORT_AMOUNT = re.compile(r"(?<!\S)(\d+)(?:tr|k|trieu|ty)(\d*)(?!\S)")
_BARE_AMOUNT = re.compile(r"(?<!\S)\d{1,3}(?: \d{3})* (?:000|500)(?!\S)")
_SPLIT_NUMBER = re.compile(r"(?<!\S)\d{3,4}(?: \d{2,4}){1,4}(?!\S)")
_LONG = 8


@dataclass(frozen=True, slots=True)
class Pattern:
    """`first`: the words one of which every match begins with, so that most messages need no
    search; a digit is any word that begins with one."""

    written: str
    first: frozenset[str]
    regex: re.Pattern[str]

    def found(self, text: str, words: frozenset[str], *, unless_not: bool = False) -> bool:
        """Whether it is in the text, whose words (digits as "@") are `words`.

        With `unless_not` what is forbidden just before ("đừng", "không") is not there.
        """
        if self.first.isdisjoint(words):
            return False
        if not unless_not:
            return self.regex.search(text) is not None
        return any(not _forbidden(text, found.start()) for found in self.regex.finditer(text))

    def found_at(self, text: str, starts: Iterable[int], *, unless_not: bool = False) -> bool:
        """As `found`, where it is known at which places, in order, its first words begin: matched
        there alone, which takes a tenth of searching."""
        end = 0
        for start in starts:
            match = self.regex.match(text, start) if start >= end else None
            if match is not None:
                if not unless_not or not _forbidden(text, start):
                    return True
                end = match.end()
        return False


def _forbidden(text: str, start: int) -> bool:
    return _FORBIDDEN.search(text[max(0, start - _LOOK_BACK) : start]) is not None


def compile_pattern(written: str, groups: Mapping[str, Sequence[str]] | None = None) -> Pattern:
    """A pattern, ready to be searched. Raises ValueError with what is wrong."""
    if not _ALLOWED.fullmatch(written):
        raise ValueError(f"{written!r}: only small letters without marks, digits and | ( ) ? @ ~ <")
    spelled = _spelled(written, groups or {})
    gaps = [int(n) for n in _GAP.findall(spelled)]
    if any(not 0 < n <= _GAP_MOST for n in gaps):
        raise ValueError(f"{written!r}: a gap is ~1 to ~{_GAP_MOST}")
    if "~" in _GAP.sub("", spelled):
        raise ValueError(f"{written!r}: ~ must be followed by how many words")
    regex = _GAP.sub(r"~\1~", spelled).replace("(", "(?:")
    regex = _NUMBER.sub(lambda found: _NUMBERS[found[0]], regex)
    regex = re.sub(r"~(\d+)~", r"(?: \\S+){0,\1}? ", regex)
    try:
        compiled = re.compile(rf"(?<!\S)(?:{regex.strip()})(?!\S)")
    except re.error as error:
        raise ValueError(f"{written!r} is not a pattern ({error})") from None
    if compiled.search(""):
        raise ValueError(f"{written!r} is found in everything")
    return Pattern(written, frozenset(_first(spelled)), compiled)


def _spelled(written: str, groups: Mapping[str, Sequence[str]]) -> str:
    for name in _GROUP.findall(written):
        if name not in groups:
            raise ValueError(f"{written!r}: <{name}> is none of {sorted(groups)}")
    spelled = _GROUP.sub(lambda found: f"({'|'.join(groups[found[1]])})", written)
    if "<" in spelled or ">" in spelled:
        raise ValueError(f"{written!r}: < and > stand around the name of a group of words")
    return spelled


def _first(written: str) -> Iterable[str]:
    """The words a match may begin with."""
    if not written.startswith("("):
        yield _head(re.split(r"[ |~]", written, maxsplit=1)[0])
        return
    group, _, rest = written[1:].partition(")")
    if "(" in group:
        raise ValueError(f"{written!r}: a group at the beginning may not hold another")
    for choice in group.split("|"):
        yield _head(choice.split(" ", 1)[0])
    if rest.startswith("?"):
        yield from _first(rest[1:].strip())


def _head(word: str) -> str:
    return _DIGIT if word[:1] == _DIGIT or word[:1].isdigit() else word


def searched(stripped: str) -> tuple[str, frozenset[str]]:
    """A text and its words as `Pattern.found` wants them: numbers that belong together are one
    word, an amount of money ends in "tien"."""
    text = _AMOUNT.sub(lambda found: f"{found[1].replace(' ', '')}tien", stripped)
    text = _SHORT_AMOUNT.sub(r"\1\2tien", text)
    text = _BARE_AMOUNT.sub(lambda found: f"{found[0].replace(' ', '')}tien", text)
    text = _SPLIT_NUMBER.sub(_join, text)
    words = text.split()
    return " ".join(words), frozenset(map(head_of, words))


def head_of(word: str) -> str:
    """A word of a searched text as patterns name what they begin with."""
    return _DIGIT if word[0].isdigit() else word


def _join(found: re.Match[str]) -> str:
    """The groups of a phone's or an account's number in one; a date or a time stays as it is."""
    whole = found[0].replace(" ", "")
    return whole if len(whole) >= _LONG else found[0]
