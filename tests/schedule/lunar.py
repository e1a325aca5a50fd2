"""When new moons are (Jean Meeus, Astronomical Algorithms, chapter 49), to check the shipped days
of Tết by. Good to some minutes between 1900 and 2100, much less than these days need."""

from __future__ import annotations

import math
from datetime import date, timedelta

#: Vietnam's calendar counts a month from the day in Vietnam on which the moon is new.
_ICT = 7 / 24
#: The day number of 1 January of year 1, as Python counts days.
_ORDINAL = 1721424.5
#: Clocks of astronomers and of people differ by some 70 seconds in these years.
_DELTA_T = 70 / 86400


def new_moon(number: int) -> date:
    """The day in Vietnam of the new moon `number`, counted from 6 January 2000."""
    centuries = number / 1236.85
    mean = 2451550.09766 + 29.530588861 * number + 0.00015437 * centuries**2
    eccentric = 1 - 0.002516 * centuries
    sun = math.radians(2.5534 + 29.10535670 * number)
    moon = math.radians(201.5643 + 385.81693528 * number + 0.0107582 * centuries**2)
    node = math.radians(160.7108 + 390.67050284 * number - 0.0016118 * centuries**2)
    true = (
        mean
        - 0.40720 * math.sin(moon)
        + 0.17241 * eccentric * math.sin(sun)
        + 0.01608 * math.sin(2 * moon)
        + 0.01039 * math.sin(2 * node)
        + 0.00739 * eccentric * math.sin(moon - sun)
        - 0.00514 * eccentric * math.sin(moon + sun)
        + 0.00208 * eccentric**2 * math.sin(2 * sun)
    )
    return date.fromordinal(math.floor(true - _DELTA_T + _ICT - _ORDINAL))


def months(year: int) -> list[date]:
    """The first days of the lunar year's first months: Tết, then the 2nd and 3rd month.

    Tết is the new moon from 21 January to 20 February.
    """
    around = int((year - 2000) * 12.3685)
    found = [new_moon(number) for number in range(around - 2, around + 6)]
    first = next(n for n, day in enumerate(found) if date(year, 1, 21) <= day <= date(year, 2, 20))
    return found[first : first + 3]


def tet(year: int) -> date:
    """The first day of the first lunar month."""
    return months(year)[0]


def hung_kings(year: int) -> date:
    """The tenth day of the third lunar month (right where no month is doubled before it)."""
    return months(year)[2] + timedelta(days=9)
