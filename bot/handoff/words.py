"""The three everyday words of a ticket, which citizen and helper say first.

Whoever calls or stands at the door and does not know them is not the helper.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

NUMBER = 3
_TRIES_MOST = 1000


def choose_words(
    known: Sequence[str], taken: Collection[str], choose: Callable[[Sequence[str]], str]
) -> str:
    """Three different words of `known`, joined as `joined`; not one of `taken`.

    `choose` picks one of a sequence: in the program with `secrets`, so that nobody can foretell it.
    With two hundred words there are millions of threes, so the tries never run out.
    """
    if len(set(known)) < NUMBER:
        raise ValueError(f"at least {NUMBER} different words are needed")
    for _ in range(_TRIES_MOST):
        picked: list[str] = []
        while len(picked) < NUMBER:
            word = choose(known)
            if word not in picked:
                picked.append(word)
        words = joined(picked)
        if words not in taken:
            return words
    raise ValueError(f"{_TRIES_MOST} choices of three words were all taken")


def joined(words: Sequence[str]) -> str:
    """As people read them: "con mèo, cái nón, hạt lúa"."""
    return ", ".join(words)
