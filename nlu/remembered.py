"""The plain spelling of the last few messages: one is looked at from many sides."""

from functools import lru_cache

from nlu.text import Normalized, normalize


@lru_cache(maxsize=64)
def read(text: str) -> Normalized:
    """`normalize` of a message."""
    return normalize(text)
