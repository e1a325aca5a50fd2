"""The places there are: provinces, communes and wards, and what they were called before.

Since 1/7/2025 there are provinces and communes only. What was merged is kept by its old name: an
old commune leads to every commune that has a part of it, an old district through its communes, an
old province to the new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.locality.codes import commune_of


def spoken(name: str) -> str:
    """A place's name inside a sentence: "Xã Tân Ân" is "xã Tân Ân"."""
    return name[:1].lower() + name[1:]


@dataclass(frozen=True, slots=True)
class Province:
    """A province. `formed_of` has the names of all it was made of, its own first if it is one."""

    code: str
    name: str
    formed_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune, ward or special zone: "Xã Tân Ân" with the code "96.32236"."""

    code: str
    name: str

    @property
    def province(self) -> str:
        """The code of its province."""
        return self.code.partition(".")[0]


@dataclass(frozen=True, slots=True)
class OldCommune:
    """A commune of before 1/7/2025, with all its successors. The district may be empty."""

    code: str
    name: str
    district: str
    province: str
    successors: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """All places of the loaded provinces, and the names of every province there is.

    `aliases` has pairs of other words and the name they mean: ("bmt", "Buôn Ma Thuột").
    """

    provinces: Mapping[str, Province] = field(default_factory=dict)
    communes: Mapping[str, Commune] = field(default_factory=dict)
    old: tuple[OldCommune, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.communes)

    @cached_property
    def loaded(self) -> frozenset[str]:
        """The codes of the provinces whose communes are known."""
        return frozenset(commune.province for commune in self.communes.values())

    def knows(self, code: str) -> bool:
        """Whether there is such a province or commune; for a hamlet whether its commune is one."""
        return (commune_of(code) in self.communes) if "." in code else code in self.provinces

    def name(self, code: str, hamlet: str = "") -> str:
        """A place as a sentence has it, "ấp 4, xã Tân Ân, tỉnh Cà Mau"; "" for an unknown code."""
        if not self.knows(code):
            return ""
        parts = [hamlet] if hamlet else []
        if "." in code:
            parts.append(self.communes[commune_of(code)].name)
        province = self.provinces.get(code[:2])
        if province is not None:
            parts.append(province.name)
        return ", ".join(map(spoken, parts))

    def short_name(self, code: str, hamlet: str = "") -> str:
        """A place as a button has it, "Xã Tân Ân, Cà Mau"; "" for an unknown code."""
        *parts, province = self.name(code, hamlet).split(", ")
        words = province.removeprefix("tỉnh ").removeprefix("thành phố ")
        short = ", ".join([*parts, words])
        return short[:1].upper() + short[1:]

    def of_province(self, code: str) -> tuple[Commune, ...]:
        """The communes of a province, by code."""
        found = (c for c in self.communes.values() if c.province == code)
        return tuple(sorted(found, key=lambda commune: commune.code))


@dataclass(frozen=True, slots=True)
class Hamlet:
    """A hamlet as rosters name it: "Ấp Rạch Gốc" with the code "96.32236.rach-goc"."""

    code: str
    name: str
