"""The same sentence as other people would type it, to measure how much an engine minds.

Deterministic: the same sentence is always spelled the same way.
"""

import random
import re
from collections.abc import Callable, Mapping

from nlu.embedded.augment import stripped, with_typos

_TYPO_SEED = 7
_TEENCODE_RATE = 0.5

# What is typed among the young and in a hurry; written down without looking at the lexicon, which
# may lack some: that is what is measured.
_WORDS = {
    "không": ("ko", "k", "hok", "kg", "hong"), "được": ("dc", "đc", "dk"), "với": ("vs", "zới"),
    "gì": ("j", "ji"), "rồi": ("r", "rùi", "roài"), "vậy": ("z", "vay", "dzậy"),
    "người": ("ng", "ngừi"), "mình": ("mk", "mik"), "tôi": ("t", "tui"), "biết": ("bít", "bik"),
    "bây": ("bi",), "giờ": ("h", "giò"), "bao": ("bn",), "nhiêu": ("nhiu",), "những": ("nhg",),
    "cũng": ("cx", "cug"), "thì": ("thỳ", "thj"), "làm": ("lm",), "sao": ("s", "sa0"),
    "nào": ("nèo", "nao`"), "trong": ("tr0ng", "trog"), "em": ("e",), "nhà": ("nkà",),
    "anh": ("a",), "chị": ("c",), "bị": ("bj",), "điện": ("đt", "dien"), "thoại": ("thoai",),
    "tiền": ("tỷn", "xiền", "tiên"), "phải": ("fải", "pải"), "nhưng": ("nhg", "nhưg"),
    "đi": ("đy", "di"), "vào": ("zô", "vô"), "quá": ("wá", "qá"), "gọi": ("gọy", "goi"),
    "mới": ("ms", "mứi"), "nhắn": ("nt",), "luôn": ("lun",), "muốn": ("mún",), "thế": ("thía",),
    "hỏi": ("hỉ", "hoi"), "xin": ("xjn",), "mọi": ("mị",), "bạn": ("b", "bn"), "ơi": ("uii",),
    "ngày": ("ngài",), "nữa": ("nx", "nứa"), "ngân": ("ngan",), "hàng": ("hag",), "yêu": ("iu",),
}  # fmt: skip
_LETTERS: tuple[tuple[str, str], ...] = (
    (r"^ph", "f"), (r"^qu", "w"), (r"^gi", "d"), (r"^c(?!h)", "k"), (r"ng$", "g"), (r"nh$", "h"),
    (r"^v", "z"), (r"ch$", "k"),
)  # fmt: skip


def one_typo(text: str) -> str:
    """With one slip of the thumb in the whole message."""
    return with_typos(text, _TYPO_SEED, 0.0)


def teencode(text: str) -> str:
    """With about half of the words shortened or respelled as teenagers do."""
    rng = random.Random(f"{_TYPO_SEED} {text}")
    return " ".join(
        _respelled(word, rng) if rng.random() < _TEENCODE_RATE else word for word in text.split()
    )


def _respelled(word: str, rng: random.Random) -> str:
    plain = word.lower()
    if plain in _WORDS:
        return rng.choice(_WORDS[plain])
    if len(plain) < 3 or not plain.isalpha():
        return word
    ways = [changed for p, new in _LETTERS if (changed := re.sub(p, new, plain)) != plain]
    return rng.choice(ways) if ways else word


VARIANTS: Mapping[str, Callable[[str], str]] = {
    "as written": str,
    "no marks": stripped,
    "one typo": one_typo,
    "one typo, no marks": lambda text: stripped(one_typo(text)),
    "typos": lambda text: with_typos(text, _TYPO_SEED),
    "typos, no marks": lambda text: stripped(with_typos(text, _TYPO_SEED)),
    "teencode": teencode,
}
