"""Banks by BIN, and by the names people call them.

Facts come from content/safety/banks.yml, which names their source.

Errors: ContentError with every problem of the file, named by line and field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz

from bot.guides.errors import ContentError, Problem
from bot.guides.nodes import Faults
from bot.guides.record import Record, open_record
from nlu.text import strip_diacritics

FILE = Path("safety") / "banks.yml"
_BANKS_MOST, _ALSO_MOST, _NAME_MOST, _FULL_MOST = 200, 12, 30, 90
_BIN = re.compile(r"\d{6}", re.ASCII)
_WORD = re.compile(r"[0-9a-z]+")
#: Words that tell no bank from another.
_EMPTY = frozenset(
    re.findall(
        r"\w+", "ngan hang nh tmcp tnhh mtv co phan thuong mai cua toi vn tai khoan stk la ben"
    )
)
_COUNTRY = re.compile(r"\bviet nam\b")
_BANK = "bank"
_NO_NAME = ("bank", "viet")
_TYPED_MOST = 80
#: From here on a name typed wrongly is taken for the one it is like.
_ALIKE = 84.0
_SHORT = 4


@dataclass(frozen=True, slots=True)
class Bank:
    """`bin` names it in payment codes, `name` is how people know it, `also` what they type."""

    bin: str
    code: str
    name: str
    full: str
    also: tuple[str, ...] = ()


class Banks:
    """All banks, for looking up."""

    def __init__(self, banks: Iterable[Bank] = ()) -> None:
        self._all = tuple(banks)
        self._by_bin = {bank.bin: bank for bank in self._all}
        self._names = [(bank, frozenset(_spellings(bank))) for bank in self._all]

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Bank]:
        return iter(self._all)

    def of(self, number: str) -> Bank | None:
        """The bank with this BIN."""
        return self._by_bin.get(number)

    def find(self, text: str, most: int = 5) -> tuple[Bank, ...]:
        """The banks that a typed name may mean, the likeliest first; none for no bank's name.

        A BIN or a name as written in the file gives those banks alone; else what is like a name,
        typed wrongly or cut short. The person confirms it in any case.
        """
        text = text[:_TYPED_MOST]
        number = self.of(text.strip())
        if number is not None:
            return (number,)
        typed = _plain(text)
        if not typed or typed in _NO_NAME:
            return ()
        exact = [bank for bank, names in self._names if typed in names]
        return tuple(exact[:most]) if exact else self._alike(typed, most)

    def _alike(self, typed: str, most: int) -> tuple[Bank, ...]:
        scored = ((max(_alike(typed, name) for name in names), bank) for bank, names in self._names)
        near = sorted(
            ((score, bank) for score, bank in scored if score >= _ALIKE), key=lambda each: -each[0]
        )
        return tuple(bank for _, bank in near[:most])


def _alike(typed: str, name: str) -> float:
    if len(typed) < _SHORT or len(name) < _SHORT:
        # "vib" is not a misspelt "vcb": three letters hold no typo.
        return 0.0
    if len(name) >= _SHORT + 1 and name in typed:
        return 95.0
    if name.startswith(typed):
        return 90.0
    return fuzz.ratio(typed, name)


def _spellings(bank: Bank) -> Iterator[str]:
    for name in (bank.code, bank.name, bank.full, *bank.also):
        spelled = _plain(name)
        yield spelled
        short = spelled.removesuffix(_BANK)
        if len(short) > _SHORT:
            yield short


def _plain(text: str) -> str:
    """The letters that tell the bank: no marks, no spaces, none of the words all of them have."""
    words = _COUNTRY.sub(" ", " ".join(_WORD.findall(strip_diacritics(text).lower()))).split()
    return "".join(word for word in words if word not in _EMPTY)


def load_banks(content_dir: Path) -> Banks:
    """Read safety/banks.yml of a content folder. ContentError."""
    file = content_dir / FILE
    faults = Faults(str(file))
    top = open_record(file, faults)
    banks = _read(top) if top else []
    faults.raise_any()
    return Banks(banks)


def bank_problems(content_dir: Path) -> tuple[Problem, ...]:
    """What is wrong with a folder's safety/banks.yml; nothing where the folder has no `safety`,
    since the shipped one is used then."""
    if not (content_dir / FILE.parent).is_dir():
        return ()
    try:
        load_banks(content_dir)
    except ContentError as error:
        return error.problems
    return ()


def _read(top: Record) -> list[Bank]:
    top.text("source", 200)
    banks = []
    seen: set[str] = set()
    for record in top.records("banks", 1, _BANKS_MOST):
        bank = Bank(
            record.matching("bin", _BIN, "six digits in quotes"),
            record.text("code", _NAME_MOST),
            record.text("name", _NAME_MOST),
            record.text("full", _FULL_MOST),
            record.texts("also", _NAME_MOST, _ALSO_MOST),
        )
        record.close()
        if bank.bin and bank.bin in seen:
            record.fault("bin", f"{bank.bin} stands in an entry above; keep one")
        seen.add(bank.bin)
        banks.append(bank)
    top.close()
    return banks
