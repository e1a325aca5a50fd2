"""Spelling of Vietnamese syllables: valid forms, tone placement, Telex and VNI keystrokes.

Pure functions on one lower-case NFC token. Standard library only, Python 3.10 syntax.
"""

import unicodedata

_TONES = {"\u0300": 2, "\u0301": 1, "\u0303": 4, "\u0309": 3, "\u0323": 5}
_MARKS = {0: "", 1: "\u0301", 2: "\u0300", 3: "\u0309", 4: "\u0303", 5: "\u0323"}
_VOWELS = frozenset("aăâeêioôơuưy")
_STOPS = ("c", "ch", "p", "t")
MAX_SYLLABLE = 12  # 'nghiêng' typed in Telex with a tone is 10 keys


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ONSETS = _words("b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x") | {""}
_RIMES = _words(
    """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ich im in inh ip it iu ia iêc iêm iên iêng iêp iêt iêu y ych yt ynh yêm yên yêng yêt yêu
    o oc oi om on ong op ot oa oac oach oai oam oan oang oanh oao oap oat oay
    oăc oăm oăn oăng oăt oe oen oeo oet ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u uc ui um un ung up ut ua uân uâng uât uây uê uêch uênh uơ uy uya uych uyên uyêt uyn
    uynh uyp uyt uyu uôc uôi uôm uôn uông uôt
    ư ưa ưc ưi ưm ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
    """
)
_EXTRA = {"xoong": ("x", "oong"), "boong": ("b", "oong"), "goong": ("g", "oong")}
# Every syllable there is, cut before its rime; a shorter onset must not hide a longer one ('gi').
_SPLIT = {
    onset + rime: (onset, rime) for onset in sorted(_ONSETS, key=len) for rime in _RIMES
} | _EXTRA
_HORN = {"u": "ư", "o": "ơ", "a": "ă"}
_HAT = {"a": "â", "e": "ê", "o": "ô"}
_TELEX_TONES = {"s": 1, "f": 2, "r": 3, "x": 4, "j": 5}


def strip_diacritics(text: str) -> str:
    """`text` without tone and vowel marks, đ as d; the case stays, other scripts lose marks too."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.replace("đ", "d").replace("Đ", "D")


def split_tone(token: str) -> tuple[str, int] | None:
    """The token without its tone, and the tone 0-5; None when it carries two tones."""
    if token.isascii():
        return token, 0
    tone = 0
    kept: list[str] = []
    for char in unicodedata.normalize("NFD", token):
        if char not in _TONES:
            kept.append(char)
        elif tone:
            return None
        else:
            tone = _TONES[char]
    return unicodedata.normalize("NFC", "".join(kept)), tone


def split_syllable(toneless: str) -> tuple[str, str] | None:
    """Onset and rime of a toneless syllable, or None when Vietnamese has no such syllable."""
    return _SPLIT.get(toneless)


def compose(toneless: str, tone: int) -> str | None:
    """The syllable with its tone in the usual place, or None when it cannot exist.

    The place is the one most people type ('hòa', 'thủy'), so both conventions give one form.
    """
    parts = split_syllable(toneless)
    if parts is None:
        return None
    onset, rime = parts
    if tone in (2, 3, 4) and rime.endswith(_STOPS):
        return None
    if tone == 0:
        return toneless
    spot = len(onset) + _tone_index(rime)
    marked = toneless[: spot + 1] + _MARKS[tone] + toneless[spot + 1 :]
    return unicodedata.normalize("NFC", marked)


def _tone_index(rime: str) -> int:
    """Index in the rime of the vowel that carries the tone."""
    for strong in "êơâăô":
        if strong in rime:
            return rime.index(strong)
    vowels = 0
    while vowels < len(rime) and rime[vowels] in _VOWELS:
        vowels += 1
    if vowels == 1:
        return 0
    if vowels == 3:
        return 1
    return 1 if len(rime) > vowels else 0


def canonical(token: str) -> str | None:
    """The one spelling of a valid syllable ('đựơc' -> 'được'), or None for any other token."""
    if len(token) > MAX_SYLLABLE:
        return None
    split = split_tone(token)
    return compose(*split) if split else None


def _build_plain() -> frozenset[str]:
    rimes = {strip_diacritics(rime) for rime in _RIMES}
    onsets = {strip_diacritics(onset) for onset in _ONSETS}
    return frozenset(onset + rime for onset in onsets for rime in rimes) | frozenset(_EXTRA)


_PLAIN = _build_plain()


def is_plain(token: str) -> bool:
    """Whether the token is a syllable once all marks are ignored ('dien', 'diện')."""
    return strip_diacritics(token) in _PLAIN


def undo_telex(token: str) -> str | None:
    """The syllable that these Telex keys were meant to give ('ddieenj' -> 'điện'), or None."""
    if len(token) > MAX_SYLLABLE:
        return None
    split = split_tone(token)
    if split is None:
        return None
    toneless, tone = split
    letters: list[str] = []
    for char in toneless:
        if char in _TELEX_TONES and _has_vowel(letters):
            tone = _TELEX_TONES[char]
        elif not _telex_shape(letters, char):
            letters.append(char)
    word = compose("".join(letters), tone)
    return word if word != token else None


def _telex_shape(letters: list[str], char: str) -> bool:
    """Let the key change an earlier letter; whether it did."""
    if char == "w":
        return _horn(letters)
    if char == "d" and letters[:1] == ["d"]:
        letters[0] = "đ"
        return True
    if char in _HAT and char in letters:
        letters[letters.index(char)] = _HAT[char]
        return True
    return False


def _horn(letters: list[str]) -> bool:
    """Put the horn (or breve) on the vowel it belongs to: 'uo' takes two, else the last one."""
    word = "".join(letters)
    pair = max(word.find("uo"), word.find("ưo"))
    if pair >= 0:
        letters[pair : pair + 2] = ["ư", "ơ"]
        return True
    for index in range(len(letters) - 1, -1, -1):
        if letters[index] in _HORN:
            letters[index] = _HORN[letters[index]]
            return True
    letters.append("ư")
    return True


def _has_vowel(letters: list[str]) -> bool:
    return any(letter in _VOWELS for letter in letters)


def undo_vni(token: str) -> str | None:
    """The syllable that these VNI keys were meant to give ('d9ie6n5' -> 'điện'), or None."""
    if len(token) > MAX_SYLLABLE or not token[:1].isalpha():
        return None
    split = split_tone(token)
    if split is None:
        return None
    toneless, tone = split
    letters: list[str] = []
    for char in toneless:
        if char in "12345":
            tone = int(char)
        elif char in _VNI_SHAPE:
            if not _VNI_SHAPE[char](letters):
                return None
        else:
            letters.append(char)
    return compose("".join(letters), tone)


def _hat(letters: list[str]) -> bool:
    return _swap(letters, _HAT)


def _vni_horn(letters: list[str]) -> bool:
    return any(letter in "uo" for letter in letters) and _horn(letters)


def _breve(letters: list[str]) -> bool:
    return _swap(letters, {"a": "ă"})


def _bar(letters: list[str]) -> bool:
    return _swap(letters, {"d": "đ"})


def _swap(letters: list[str], table: dict[str, str]) -> bool:
    for index in range(len(letters) - 1, -1, -1):
        if letters[index] in table:
            letters[index] = table[letters[index]]
            return True
    return False


_VNI_SHAPE = {"6": _hat, "7": _vni_horn, "8": _breve, "9": _bar}
