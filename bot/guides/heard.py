"""Whether a message has a phrase of the content in it, in whatever spelling it was typed."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from nlu.remembered import read
from nlu.text import Normalized, normalize, strip_diacritics


class Heard:
    """One message, ready to be looked through for many phrases."""

    def __init__(self, text: str) -> None:
        plain = read(text)
        # As it was typed: the normaliser gives "ko" its marks back.
        typed = unicodedata.normalize("NFC", text).casefold()
        self._bare = strip_diacritics(typed) == typed
        self._plain = plain.stripped if self._bare else plain.accented

    def has(self, phrases: Iterable[str], *, whole: bool = False, bare_from: int = 1) -> bool:
        """Whether it has one of these phrases, on whole words.

        A message with marks must have the right ones. One typed without any is compared without
        them, but only with phrases of `bare_from` syllables and more: "co hoi" may be "có hỏi" as
        well as "cô hỏi". With `whole` the phrase must be the whole message.
        """
        for phrase in phrases:
            spelled = _spelled(phrase)
            if self._bare and spelled.accented.count(" ") + 1 < bare_from:
                continue
            wanted = spelled.stripped if self._bare else spelled.accented
            if self._plain == wanted if whole else f" {wanted} " in f" {self._plain} ":
                return True
        return False


@lru_cache(maxsize=4096)
def _spelled(phrase: str) -> Normalized:
    """A phrase of the content, never of a message: every message is held against the same ones."""
    return normalize(phrase)
