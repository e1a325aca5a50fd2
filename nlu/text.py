"""Brings any message to one plain spelling, so that the same thing said twice looks the same.

`normalize` never raises, gives the same result when applied to its own result, and does bounded
work: of a very long text only the first and last `KEEP` characters count. Standard library only,
Python 3.10 syntax (a Rasa component uses it too).
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from nlu.lexicon import KNOWN, PERSONS, PHRASES, SPOUSES, TOKENS, UNITS
from nlu.syllable import canonical, is_plain, strip_diacritics, undo_telex, undo_vni

__all__ = ["KEEP", "MAX_CHARS", "Normalized", "normalize", "plain_words", "strip_diacritics"]

KEEP = 1_000
MAX_CHARS = 2 * KEEP
MAX_TOKEN = 40
_PASSES = 5

_PHRASE_TOKENS = {tuple(key.split()): value for key, value in PHRASES.items()}
_PHRASE_HEADS = {key[0] for key in _PHRASE_TOKENS}
_PHRASE_MAX = max(len(key) for key in _PHRASE_TOKENS)

_MARK_ORDER = re.compile("([\u0300\u0301\u0303\u0309])([\u0302\u0306\u031b])")
_LETTERS_DIGITS = re.compile(r"([^\W\d_]{2,})(\d+)")
_DIGITS_LETTERS = re.compile(r"(\d+)([^\W\d_]+)")
_URL = re.compile(
    r"(?:https?://|www\.)([^\s/?#]{1,100})\S*"
    r"|\b((?:[a-z0-9-]{1,30}\.){1,4}(?:vn|com|net|org|info|top|xyz|cc|vip|site|online|shop|club"
    r"|icu|app|link|asia|biz|ly))\b(?:/\S*)?"
    r"|\b(zalo\.me|t\.me)/\S*"
)


@dataclass(frozen=True)
class Normalized:
    """Two views of one message: `accented` as meant, `stripped` without any marks."""

    accented: str
    stripped: str


def normalize(text: str) -> Normalized:
    """The plain form of `text`; both views are empty when nothing readable is left."""
    plain = _clean(_cut(text))
    for _ in range(_PASSES):
        again = _one_pass(plain)
        if again == plain:
            break
        plain = again
    return Normalized(plain, strip_diacritics(plain))


def plain_words(text: str) -> list[str]:
    """The words as typed, in lower case and without signs: what `normalize` begins with."""
    return _clean(_cut(text)).split()


def _cut(text: str) -> str:
    """The head and the tail of a very long text: pleas stand at either end, forwards between."""
    if len(text) <= MAX_CHARS:
        return text
    return f"{text[:KEEP]} {text[-KEEP:]}"


class _Chars(dict[int, str]):
    """Character table for `str.translate`: letters and digits stay, the rest goes."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if category[0] == "L" or category == "Nd":
            kept = char
        elif category[0] == "M" or category == "Cf":
            kept = ""
        else:
            kept = " "
        self[code] = kept
        return kept


_CHARS = _Chars({ord("ð"): "đ", ord("\u200d"): "", ord("\ufe0f"): "", ord("_"): " "})


def _clean(text: str) -> str:
    """Lower case, composed, links opened up, and nothing but letters, digits and single spaces."""
    text = _fold(text)
    text = _URL.sub(_open_link, text)
    text = " ".join(text.translate(_CHARS).split())
    # A letter that loses its mark may compose or fold again; two rounds settle every case.
    return " ".join(_fold(text).translate(_CHARS).split())


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", text)[:MAX_CHARS].lower()
    if not text.isascii():
        text = _MARK_ORDER.sub(r"\2\1", unicodedata.normalize("NFKD", text))
        text = unicodedata.normalize("NFC", text)
    return text


def _open_link(match: "re.Match[str]") -> str:
    """A link becomes the word 'link' and its host: the path is noise, the host may matter."""
    host = match.group(1) or match.group(2) or match.group(3)
    return " link " + host.replace(".", " ") + " "


def _one_pass(text: str) -> str:
    """Repair each token, then read phrases; the result is capped so that repeating it is safe."""
    tokens = _phrases(text.split())
    vni = _types_vni(tokens)
    words: list[str] = []
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else ""
        after = tokens[index + 1] if index + 1 < len(tokens) else ""
        word = _read(token, before, after, vni)
        words.extend(word.split() if " " in word else (word,))
    return _cap(_phrases(words))


def _cap(words: list[str]) -> str:
    text = " ".join(words)
    if len(text) <= MAX_CHARS:
        return text
    return text[: text.rfind(" ", 0, MAX_CHARS) if " " in text[:MAX_CHARS] else MAX_CHARS].strip()


def _read(token: str, before: str, after: str, vni: bool) -> str:
    """What one token means, given its neighbours; may be several words."""
    if before.isdigit() and token in UNITS:
        return UNITS[token]
    if token == "tk":
        return "thằng" if after in PERSONS else "tài khoản"
    if token == "ck" and after in SPOUSES:
        return "chồng"
    if token.isalpha():
        return _repair(token[:MAX_TOKEN])
    return _read_digits(token, vni)


def _read_digits(token: str, vni: bool) -> str:
    if token.isdigit():
        return token[:MAX_TOKEN]
    if vni and (word := undo_vni(token)):
        return word
    amount = _DIGITS_LETTERS.fullmatch(token)
    if amount and amount.group(2) in UNITS:
        return f"{amount.group(1)} {UNITS[amount.group(2)]}"
    numbered = _LETTERS_DIGITS.fullmatch(token)
    if numbered and (is_plain(numbered.group(1)) or numbered.group(1) in KNOWN):
        return f"{numbered.group(1)} {numbered.group(2)}"
    return token[:MAX_TOKEN]


def _types_vni(tokens: list[str]) -> bool:
    """Whether the digits in these words are VNI keys, not numbers as in 'xom2' or 'sim4'."""
    weak = 0
    for token in tokens:
        if token.isalpha() or not token[0].isalpha() or not undo_vni(token):
            continue
        if token[-1].isalpha() or not token[:-1].isalpha() or token[-1] in "6789":
            return True
        weak += 1
    return weak >= 2


@lru_cache(maxsize=20_000)
def _repair(token: str) -> str:
    """The word meant by one token without digits: lexicon, elongation, tone place, Telex."""
    if token in TOKENS:
        return TOKENS[token]
    if token in KNOWN:
        return token
    word = canonical(token)
    if word is None:
        word = _repair_odd(_calm(token))
    return TOKENS.get(word, word)


def _repair_odd(token: str) -> str:
    """A token that is no syllable as typed: try the ways it may have come about, in order."""
    if token in TOKENS or token in KNOWN:
        return token
    if is_plain(token):
        return canonical(token) or token
    return undo_telex(token) or _squeeze(token)


def _calm(token: str) -> str:
    """Undo what no keyboard method produces: three or more of one letter, or a doubled mark."""
    kept = []
    for run in _runs(token):
        doubled = len(run) == 2 and run[0] == run[1] and not run.isascii()
        kept.append(max(run) if len(run) > 2 or doubled else run)
    return "".join(kept)


def _squeeze(token: str) -> str:
    """Drop letters doubled for emphasis ('vângg', 'okk') when a real word is left."""
    word = "".join(max(run) for run in _runs(token))  # the marked letter sorts after the bare one
    if word in TOKENS or word in KNOWN:
        return word
    return canonical(word) or token


def _runs(token: str) -> list[str]:
    """The token cut into runs of one letter, marks ignored: 'cóoo' -> ['c', 'óoo']."""
    runs: list[str] = []
    for char in token:
        if runs and strip_diacritics(runs[-1][0]) == strip_diacritics(char):
            runs[-1] += char
        else:
            runs.append(char)
    return runs


def _phrases(words: list[str]) -> list[str]:
    """Replace known word groups, longest first, left to right."""
    if _PHRASE_HEADS.isdisjoint(words):
        return words
    out: list[str] = []
    index = 0
    while index < len(words):
        length = _phrase_length(words, index)
        if length:
            out.extend(_PHRASE_TOKENS[tuple(words[index : index + length])].split())
        else:
            out.append(words[index])
        index += length or 1
    return out


def _phrase_length(words: list[str], index: int) -> int:
    if words[index] not in _PHRASE_HEADS:
        return 0
    longest = min(_PHRASE_MAX, len(words) - index)
    for length in range(longest, 0, -1):
        if tuple(words[index : index + length]) in _PHRASE_TOKENS:
            return length
    return 0
