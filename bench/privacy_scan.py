"""Looking for secrets in whatever a program left: as written, in other encodings, in words."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from bench.privacy_ways import OTP, PASSWORD, Sent

_SEPARATORS = r"[^\w]{0,3}"
_RUN = re.compile(rf"\d(?:{_SEPARATORS}\d){{5,}}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_WORDS = {"khong": "0", "hong": "0", "mot": "1", "hai": "2", "ba": "3", "bon": "4", "tu": "4"} | {
    "nam": "5",
    "lam": "5",
    "sau": "6",
    "bay": "7",
    "tam": "8",
    "chin": "9",
}
_WORD = re.compile(rf"(?<![^\W\d_])(?:{'|'.join(_WORDS)})(?![^\W\d_])")
#: A code of six digits is found by chance in any long number, so it must stand alone.
_CODE_DIGITS = 6


@dataclass
class Scan:
    """What is looked for, and where it was found: `found` has (place, secret, way)."""

    sent: list[Sent]
    found: list[tuple[str, str, str]] = field(default_factory=list)
    looked: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers: dict[str, Sent] = {}
        self._words: dict[str, Sent] = {}
        for each in self.sent:
            (self._words if each.kind is PASSWORD else self._numbers)[each.secret] = each
        self._lengths = sorted({len(number) for number in self._numbers})
        self._literal = re.compile("|".join(map(re.escape, self._words)) or r"(?!)")

    def look(self, place: str, data: bytes) -> None:
        """Look through bytes: as UTF-8, as UTF-16 both ways, and through what base64 is in them."""
        self.looked[place] = self.looked.get(place, 0) + len(data)
        hits = {hit for text in _texts(data) for hit in self._in(text)}
        self.found += [(place, each.secret, each.way) for each in hits]

    def _in(self, text: str) -> Iterator[Sent]:
        yield from (self._words[found[0]] for found in self._literal.finditer(text))
        plain = text.translate(_TABLE)
        yield from self._runs(plain)
        yield from self._runs(_WORD.sub(lambda found: _WORDS[found[0]], plain))

    def _runs(self, plain: str) -> Iterator[Sent]:
        for found in _RUN.finditer(plain):
            digits = re.sub(r"\D", "", found[0])
            for length in self._lengths:
                if length == _CODE_DIGITS and len(digits) != length:
                    continue
                for at in range(len(digits) - length + 1):
                    each = self._numbers.get(digits[at : at + length])
                    if each is not None and (length > _CODE_DIGITS or each.kind is OTP):
                        yield each


def found_in(sent: Iterable[Sent], data: bytes) -> set[str]:
    """The secrets that some bytes have in them."""
    scan = Scan(list(sent))
    scan.look("", data)
    return {secret for _, secret, _ in scan.found}


def _texts(data: bytes) -> Iterator[str]:
    yield data.decode("utf-8", "ignore")
    if b"\0" in data:
        yield data.decode("utf-16-le", "ignore")
        yield data[1:].decode("utf-16-le", "ignore")
        yield data.decode("utf-16-be", "ignore")
    for run in _BASE64.finditer(data):
        body = run[0].rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        try:
            yield base64.b64decode(body + b"=" * (-len(body) % 4)).decode("utf-8", "ignore")
        except (binascii.Error, ValueError):
            continue


class _Table(dict[int, str]):
    """Letters without marks, every script's digits as ASCII, nothing invisible."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _folded(chr(code))
        return folded


@cache
def _folded(char: str) -> str:
    if char in "đĐ":
        return "d"
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return ""
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    if char == "_":
        return "-"
    base = unicodedata.normalize("NFKD", char)[0].lower()[0]
    return char if base.isdigit() else base


_TABLE = _Table()
