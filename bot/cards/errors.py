"""What can go wrong with a step card.

CongdansoError
└── CardError   this card cannot be drawn; the step is shown as text alone
"""

from __future__ import annotations

from bot.errors import CongdansoError


class CardError(CongdansoError):
    """A card cannot be drawn; the text says why. Nothing is lost: the step has its text."""
