"""A written place as tokens: words, where a new part begins, words that tell a level."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.locality.words import HAMLET_WORDS, composed, tokens_of
from bot.locality.words import plain as plain_word
from nlu.text import strip_diacritics

#: Nobody's address has more words; what comes after says nothing of the place.
TOKENS_MOST = 40
_CHARS_MOST = 1000
_PARTS = re.compile(r"[,;:\n()/|]|\s[-–]\s|\.\s")


class Said(StrEnum):
    """The level a word before a name tells."""

    HAMLET = "hamlet"
    COMMUNE = "commune"
    DISTRICT = "district"
    CITY = "city"
    PROVINCE = "province"


@dataclass(frozen=True, slots=True)
class Marker:
    """A word that tells a level: the tokens [start, end), and the kind it names ("thi tran")."""

    start: int
    end: int
    said: Said
    kind: str


#: The words, with how each is written in full: "xá" is no "xã".
_MARKERS: tuple[tuple[str, Said, str], ...] = (
    ("thành phố", Said.CITY, "thanh pho"),
    ("thị trấn", Said.COMMUNE, "thi tran"),
    ("thị xã", Said.DISTRICT, "thi xa"),
    ("đặc khu", Said.COMMUNE, "dac khu"),
    ("xã", Said.COMMUNE, "xa"),
    ("phường", Said.COMMUNE, "phuong"),
    ("huyện", Said.DISTRICT, "huyen"),
    ("quận", Said.DISTRICT, "quan"),
    ("tỉnh", Said.PROVINCE, "tinh"),
    ("tp", Said.CITY, "thanh pho"),
    ("tx", Said.DISTRICT, "thi xa"),
    ("tt", Said.COMMUNE, "thi tran"),
    ("ttr", Said.COMMUNE, "thi tran"),
    ("x", Said.COMMUNE, "xa"),
    ("p", Said.COMMUNE, "phuong"),
    ("f", Said.COMMUNE, "phuong"),
    ("h", Said.DISTRICT, "huyen"),
    ("q", Said.DISTRICT, "quan"),
    ("t", Said.PROVINCE, "tinh"),
)
_FULL = {
    "to": "tổ", "dan": "dân", "pho": "phố", "khu": "khu", "cu": "cư", "nhan": "nhân", "ap": "ấp",
    "khom": "khóm", "thon": "thôn", "buon": "buôn", "xom": "xóm", "ban": "bản", "lang": "làng",
}  # fmt: skip
_ALL: tuple[tuple[tuple[str, ...], Said, str], ...] = (
    *((tuple(words.split()), said, kind) for words, said, kind in _MARKERS),
    *((tuple(_FULL.get(w, w) for w in words), Said.HAMLET, "") for words in HAMLET_WORDS),
)
#: Glued to the name after them: "xatanan", "phuongtanan".
_GLUED = ("phuong", "huyen", "xa", "tinh", "tp", "tx", "p", "x")

_STOP = frozenset(
    [
        *("o", "tai", "toi", "tui", "em", "con", "chau", "minh", "ong", "ba", "bac", "co", "chu"),
        *("anh", "chi", "nha", "gan", "cho", "cua", "thuoc", "ve", "phia", "ben", "viet", "nam"),
        *("vn", "la", "va", "thi", "cu", "moi", "nay", "gio", "day", "do", "kia", "ngay", "duong"),
        *(
            "so",
            "hem",
            "ngo",
            "ngach",
            "qua",
            "khoi",
            "toan",
            "dia",
            "que",
            "truoc",
            "hien",
            "dang",
        ),
        *("song", "lam", "da", "a", "nhe", "voi", "vo", "duoi", "tren", "sau", "trong", "ngoai"),
        *("hen", "roi", "cuoi", "dau", "noi", "khuc", "doan", "quan", "uy", "ban", "nhan", "dan"),
        *("ubnd", "cau", "truong", "hoc", "tram", "y", "te", "hoi", "sao", "quet", "ma", "biet"),
        *("khong", "vang", "khoan", "hang"),
    ]
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text's tokens as typed and without marks. `breaks` are where a new part begins."""

    typed: tuple[str, ...]
    plain: tuple[str, ...]
    breaks: frozenset[int]
    markers: tuple[Marker, ...]
    was: bool

    def marker_before(self, start: int) -> Marker | None:
        """The marker that ends where a name starts."""
        return next((m for m in self.markers if m.end == start), None)

    def hamlet_parts(self) -> frozenset[int]:
        """The tokens that belong to a hamlet's name: up to the next part or marker."""
        ends = self.breaks | {m.start for m in self.markers} | {len(self.plain)}
        found: set[int] = set()
        for marker in self.markers:
            if marker.said is Said.HAMLET:
                end = min(e for e in ends if e >= marker.end)
                found.update(range(marker.start, end))
        return frozenset(found)

    def stop(self, at: int) -> bool:
        """Whether a token is no name, whatever the place."""
        return self.plain[at] in _STOP or self.plain[at][0].isdigit()


def read(text: str, known: Callable[[str], bool]) -> Reading:
    """The tokens of a text; `known` says whether a single plain word is a whole name."""
    typed: list[str] = []
    breaks: set[int] = set()
    for part in _PARTS.split(composed(text[:_CHARS_MOST])):
        breaks.add(len(typed))
        for token in tokens_of(part):
            typed += _unglued(token, known)
    del typed[TOKENS_MOST:]
    plain = tuple(map(plain_word, typed))
    markers = tuple(_markers(tuple(typed), plain))
    ends = breaks | {m.start for m in markers} | {len(plain)}
    was = any(
        token == "cũ" or (token == "cu" and at and at + 1 in ends) for at, token in enumerate(typed)
    )
    return Reading(tuple(typed), plain, frozenset(breaks), markers, was)


def _unglued(token: str, known: Callable[[str], bool]) -> tuple[str, ...]:
    """ "xatanan" is xa and tanan, when that is a name and the whole is none."""
    plain = plain_word(token)
    if known(plain):
        return (token,)
    for glued in _GLUED:
        if plain.startswith(glued) and len(plain) > len(glued) + 2 and known(plain[len(glued) :]):
            return token[: len(glued)], token[len(glued) :]
    return (token,)


def _markers(typed: tuple[str, ...], plain: tuple[str, ...]) -> Iterator[Marker]:
    at = 0
    while at < len(plain):
        for words, said, kind in _ALL:
            end = at + len(words)
            if all(map(_is_word, typed[at:end], words)) and end <= len(typed):
                yield Marker(at, end, said, kind)
                at = end - 1
                break
        at += 1


def _is_word(typed: str, full: str) -> bool:
    return typed in (full, strip_diacritics(full))
