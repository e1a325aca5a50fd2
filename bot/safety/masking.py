"""Hide secrets people type: ID numbers, phones, cards, accounts, one-time codes, passwords.

The facade of `bot.safety`. Pure and without state: the same text always gives the same answer.
A miss is worse than a false mask, but prices, dates, steps and law numbers stay readable.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.safety.asking import asks_for_secret
from bot.safety.lines import line_spans
from bot.safety.numbers import number_spans
from bot.safety.passwords import password_spans
from bot.safety.view import LABELS, SecretKind, Span, View, suspicious, view_of

__all__ = ["Masked", "SecretKind", "asks_for_secret", "mask"]


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that is safe to keep, and what was taken out of it."""

    text: str
    kinds: frozenset[SecretKind]


_NOTHING: frozenset[SecretKind] = frozenset()


def mask(text: str, *, expecting_code: bool = False) -> Masked:
    """Replace every secret by a Vietnamese label.

    `expecting_code` says that a one-time code is likely now, so 4 to 8 bare digits are one.
    """
    if not suspicious(text):
        return Masked(text, _NOTHING)
    view = view_of(text)
    numbers = number_spans(view, expecting_code=expecting_code)
    spans = _merged([*password_spans(view), *numbers, *line_spans(view)])
    if not spans:
        return Masked(text, _NOTHING)
    return Masked(_written(view, spans), frozenset(span.kind for span in spans))


def _merged(spans: list[Span]) -> list[Span]:
    """Overlapping finds become one, named after a password if one is in it, else the longest."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.start, -each.end)):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            kind = span.kind if span.kind is SecretKind.PASSWORD else last.kind
            merged[-1] = Span(last.start, max(last.end, span.end), kind)
        else:
            merged.append(span)
    return merged


def _written(view: View, spans: list[Span]) -> str:
    parts: list[str] = []
    done = 0
    for span in spans:
        start, end = view.origin(span)
        parts += (view.raw[done:start], LABELS[span.kind])
        done = end
    parts.append(view.raw[done:])
    return "".join(parts)
