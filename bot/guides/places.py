"""Naming the place of a problem: the line of a field, or of what the field is a part of."""

import re
from collections.abc import Mapping

from bot.guides.errors import Problem
from bot.guides.loader import Loaded

_LAST_PART = re.compile(r"(?:\[\d+\]|(?:^|\.)[^.\[]*)$")


def line_at(lines: Mapping[str, int], field: str) -> int:
    """The line of a field; of the nearest thing around it when the field has none of its own.

    A text taken from snippets.yml stands at the line where the guide takes it.
    """
    while field and field not in lines:
        field = _LAST_PART.sub("", field)
    return lines.get(field, 1)


def problem_at(loaded: Loaded, field: str, message: str) -> Problem:
    """A problem of one field of a guide."""
    return Problem(loaded.file, line_at(loaded.lines, field), field, message)
