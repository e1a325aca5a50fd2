"""Swapping common words for the ones a province uses (trưởng thôn -> trưởng ấp)."""

import re


class WordSwap:
    """Replaces whole words, all in one pass, the longest first; keeps an initial capital."""

    def __init__(self, pairs: tuple[tuple[str, str], ...]) -> None:
        self._local = {common.casefold(): local for common, local in pairs}
        longest_first = sorted(self._local, key=len, reverse=True)
        choices = "|".join(re.escape(common) for common in longest_first)
        self._pattern = re.compile(rf"(?<!\w)(?:{choices})(?!\w)", re.IGNORECASE)

    def __call__(self, text: str) -> str:
        """The text with every common word replaced. An empty set of pairs changes nothing."""
        return self._pattern.sub(self._replace, text) if self._local else text

    def _replace(self, match: re.Match[str]) -> str:
        found = match.group()
        local = self._local.get(found.casefold(), found)
        return capital(local) if found[:1].isupper() else local


def capital(text: str) -> str:
    """The text as it begins a sentence."""
    return text[:1].upper() + text[1:]
