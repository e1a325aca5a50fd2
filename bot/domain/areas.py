"""Areas as keys that can be compared: a key holds those of the places it lies in as a prefix.

"96.32083" (a commune's code) lies in "96" (its province), and so does "ca-mau.tan-an" in "ca-mau"
where there are no codes (bot.locality.areas makes these). "" is everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable


def covers(area: str, place: str) -> bool:
    """Whether a place lies in an area, or is it."""
    return not area or place == area or place.startswith(f"{area}.")


def concerns(areas: Iterable[str], place: str) -> bool:
    """Whether an alert for these areas is for somebody of this place.

    Somebody who only gave their province is concerned by what is about one of its communes;
    somebody who gave nothing by alerts for everywhere only.
    """
    wanted = list(areas)
    near = (covers(area, place) or (place and covers(place, area)) for area in wanted)
    return not wanted or any(near)


def around(area: str) -> list[str]:
    """The wider areas a place lies in, without everywhere: "96.32083" -> ["96"]."""
    parts = area.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]
