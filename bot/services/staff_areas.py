"""The places somebody of the staff is responsible for: from what an admin writes to codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.domain.areas import covers
from bot.locality.atlas import Atlas
from bot.locality.codes import is_code
from bot.locality.words import plain_tokens
from bot.services.staff import Fault, Role, StaffRefused

#: More than a province has communes.
_MOST = 200
_CHOICES = 5
_LEVELS = re.compile(r"^(?:tinh|thanh pho|xa|phuong|dac khu) ")
_BETWEEN = re.compile(r"[\n;]+")
#: A commune is the smallest: hamlets come and go with rosters.
_DOTS_MOST = 1


def areas_of(text: str, role: Role, atlas: Atlas) -> tuple[str, ...]:
    """The codes of places written one a line (or between semicolons), by code or by name.

    What lies in another of them is left out. StaffRefused names the line that is no place, or may
    be several.
    """
    lines = [" ".join(line.split()) for line in _BETWEEN.split(text)]
    wanted = [line for line in lines if line]
    if wanted and role is Role.ADMIN:
        raise StaffRefused(Fault.ADMIN_AREA, "an admin is responsible for everything: no --area")
    if len(wanted) > _MOST:
        raise StaffRefused(Fault.AREA, f"more than {_MOST} places", f"nhiều hơn {_MOST} nơi")
    return widest(_code(line, atlas) for line in wanted)


def widest(codes: Iterable[str]) -> tuple[str, ...]:
    """Codes without those that lie in another of them, in order."""
    every = sorted(set(codes))
    return tuple(c for c in every if not any(o != c and covers(o, c) for o in every))


def _code(written: str, atlas: Atlas) -> str:
    if is_code(written):
        if written.count(".") > _DOTS_MOST or atlas.known(written) != written:
            raise _refused(written, ())
        return written
    named = _named(written, atlas)
    if len(named) == 1:
        return named[0]
    near = [each.code for each in atlas.find(written) if each.code.count(".") <= _DOTS_MOST]
    raise _refused(written, [f"{atlas.name(code)} ({code})" for code in named or near])


def _named(written: str, atlas: Atlas) -> list[str]:
    """The places of just this name, with or without its level: "Cà Mau", "xã Tân Ân, Cà Mau"."""
    first, _, rest = written.partition(",")
    places = atlas.gazetteer
    provinces = [p.code for p in places.provinces.values() if _key(p.name) == _key(rest or first)]
    if not rest and provinces:
        return provinces
    communes = [
        c
        for c in places.communes.values()
        if _key(c.name) == _key(first) and (not rest or c.province in provinces)
    ]
    # Written with all its marks, "Tân Ân" is not "Tân An".
    exact = [c for c in communes if c.name.casefold().endswith(first.strip().casefold())]
    return [c.code for c in (exact if len(exact) == 1 else communes)]


def _key(name: str) -> str:
    return _LEVELS.sub("", " ".join(plain_tokens(name)))


def _refused(written: str, every: Sequence[str]) -> StaffRefused:
    choices = every[:_CHOICES]
    meant = f"; perhaps {', '.join(choices)}" if choices else ""
    told = f"{written}: có thể là {'; '.join(choices)}" if choices else written
    return StaffRefused(
        Fault.AREA, f"{written!r} is not one place: a code as 96 or 96.32083{meant}", told[:600]
    )
