"""What runs of digits look like: phones, identity numbers, cards, and what is harmless."""

from __future__ import annotations

import re

from bot.safety.view import BARRIER, SecretKind

SEP = r"[^\w\n]"

# Four digits or more with at most three separators between two. Newlines never join.
CLUSTER = re.compile(rf"\+?\d(?:{SEP}{{0,3}}\d){{3,}}")
GROUP = re.compile(r"\d+")
NOT_DIGIT = re.compile(r"\D+")

_UNIT = (
    r"(?:d|dong|vnd|k|ng|nghin|ngan|ngin|trieu|tr|cu|ty|ti|chuc|tram|usd|do|dola|xu|xap)(?![a-z])"
)
_PUBLIC = r"(?:11[1-5]|156|5656|1414|1022|19[0-8])"
# Harmless whatever stands around: dates, times, law numbers, hotlines, prices with a unit.
_HARD = rf"""
    (?:0?[1-9]|[12]\d|3[01]) (?P<s1>[/.\-]) (?:0?[1-9]|1[0-2]) (?P=s1) (?:19|20)\d\d
  | (?:19|20)\d\d (?P<s2>[/.\-]) (?:0?[1-9]|1[0-2]) (?P=s2) (?:0?[1-9]|[12]\d|3[01])
  | \d{{1,4}} (?:\.\d{{1,3}})? / (?:19|20)\d\d (?=/[a-z])
  | (?:[01]?\d|2[0-3]) : [0-5]\d (?: : [0-5]\d )?
  | (?: (?<=(?<!\d)\d[hg]) | (?<=(?<!\d)\d\d[hg]) | (?<={BARRIER}[hg]) ) [0-5]\d
  | 1[89]00 (?:[ .\-]?\d){{4}} (?: (?:[ .\-]?\d){{2}} )?
  | (?<=[gh]) \d\d (?:\.\d\d){{0,3}} - \d{{6}} - \d{{4,5}}
  | [1-9]\d{{0,11}} (?:[.,]\d{{1,3}}){{0,4}} (?=\ ?{_UNIT})
  | [1-9]\d{{0,2}} (?:\ \d{{3}}){{1,3}} (?=\ ?{_UNIT})
"""
# Harmless when nothing else is in the run: public numbers, round sums, years, 1.234.567.
_SOFT = rf"""
    (?P<public> {_PUBLIC} (?: (?:,\ ?|\ ?/\ ?|\ ?-\ ?|\ ) {_PUBLIC} )* )
  | (?P<year>
        (?:19|20)\d\d [/.\-] (?:0?[1-9]|1[0-2])
      | (?: \d{{1,4}} (?:\.\d{{1,3}})? / | (?:0?[1-9]|1[0-2]) [.\-] )? (?:19|20)\d\d
    )
  | (?P<money>
        [1-9]\d{{0,2}} (?:[.,]\d{{3}}){{0,3}} [.,]000 (?![.,]\d)
      | [1-9]\d{{0,4}}000 | [1-9]\d{{2,5}}0{{6}}
      | [1-9]\d{{0,2}} (?:\ \d{{3}}){{0,2}} \ 000
    )
  | (?P<odd_sum> [1-9]\d? (?:[.,]\d{{3}}){{2}} | [1-9]\d{{0,2}} [.,]\d{{3}} )
"""
SOFT_SORTS = ("public", "year", "money", "odd_sum")
HARMLESS = re.compile(rf"(?<!\d) (?: (?P<hard>{_HARD}) | (?P<soft>{_SOFT}) ) (?!\d)", re.VERBOSE)

_PHONE = re.compile(
    r"(?:(?:00)?84(?:0?)[35789]\d{8}|0[35789]\d{8}|(?:(?:00)?84|0)2\d{8,9}|01[2689]\d{8})"
)
_MOST_PROVINCE = 96

# The same shapes with separators inside, from the start of a group of digits to the end of one.
_GAP = rf"{SEP}{{0,3}}"
STRONG = re.compile(
    rf"(?<!\d)(?:(?:\+|0{_GAP}0{_GAP})?8{_GAP}4{_GAP}(?:0{_GAP})?|0{_GAP})"
    rf"(?:[35789](?:{_GAP}\d){{8}}|2(?:{_GAP}\d){{8,9}})(?!\d)"
    rf"|(?<!\d)0(?:{_GAP}\d){{11}}(?!\d)"
    rf"|(?<!\d)\d{{12}}(?!\d)"
)

# After a sentence mark a new number begins, when one of the two is long enough to be whole.
SENTENCE = re.compile(r"(?<=\d{4})[.,;:!?]+\s+|[.,;:!?]+\s+(?=\d{4})")


def is_phone(digits: str) -> bool:
    return _PHONE.fullmatch(digits) is not None


def is_citizen_id(digits: str) -> bool:
    """A 12-digit number of the present identity card, by its province code."""
    return len(digits) == 12 and digits[0] == "0" and 1 <= int(digits[:3]) <= _MOST_PROVINCE


_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def is_card(digits: str) -> bool:
    """13 to 19 digits with a right Luhn check digit."""
    if not 13 <= len(digits) <= 19:
        return False
    values = list(map(int, reversed(digits)))
    return (sum(values[::2]) + sum(_DOUBLED[value] for value in values[1::2])) % 10 == 0


def is_whole(digits: str) -> bool:
    """Whether the digits taken together are one thing for certain."""
    return is_phone(digits) or is_citizen_id(digits) or is_card(digits)


def kind_of(digits: str, *, card_near: bool = False) -> SecretKind:
    """Name a run of nine digits or more that is to be hidden."""
    if is_phone(digits):
        return SecretKind.PHONE
    if len(digits) in (9, 12):
        return SecretKind.ID_NUMBER
    if is_card(digits) or (card_near and len(digits) == 16):
        return SecretKind.CARD
    return SecretKind.ACCOUNT
