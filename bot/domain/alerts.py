"""An alert as a conversation is given it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AlertPhoto:
    """The picture of an alert, kept with the alert. Sizes in pixels; `alt` is what it is."""

    alert_id: int
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class AlertView:
    """What is said of an alert: where it is about ("" for everywhere) and which guide, if any.

    `width` and `height` are its picture's, 0 when it has none.
    """

    id: int
    text: str
    place: str = ""
    theme: str = ""
    width: int = 0
    height: int = 0
