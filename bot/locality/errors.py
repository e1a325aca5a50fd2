"""What is wrong with a file of places."""

from __future__ import annotations

from bot.errors import CongdansoError


class LocalityError(CongdansoError):
    """A file of places cannot be used; the text names file, row and field, and what is right."""
