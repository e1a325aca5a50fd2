"""All that is known of places at one moment: the gazetteer and the rosters' hamlets."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.locality.codes import commune_of, slug_of_name
from bot.locality.find import Candidate, find_places
from bot.locality.gazetteer import Gazetteer
from bot.locality.index import NO_HAMLETS, Hamlets


@dataclass(frozen=True, slots=True)
class Atlas:
    """Places by code and by what people write. Empty, it knows and finds none."""

    gazetteer: Gazetteer = field(default_factory=Gazetteer)
    hamlets: Hamlets = NO_HAMLETS

    def __bool__(self) -> bool:
        return bool(self.gazetteer)

    def find(self, text: str, near: str = "", limit: int = 5) -> tuple[Candidate, ...]:
        """The places a text may mean; see `find_places`."""
        return find_places(text, self.gazetteer, self.hamlets, near or None, limit)

    def known(self, code: str) -> str:
        """The code if there is such a place; of a hamlet that is not (any more) its commune's."""
        if not self.gazetteer.knows(code):
            return ""
        if code.count(".") > 1 and code not in self.hamlets.by_code:
            return commune_of(code)
        return code

    def name(self, code: str) -> str:
        """A place in a sentence: "ấp 4, xã Tân Ân, tỉnh Cà Mau"; "" when there is none."""
        return self.gazetteer.name(self.known(code), self._hamlet(code))

    def label(self, code: str) -> str:
        """A place on a button: "Ấp 4, xã Tân Ân, Cà Mau"; "" when there is none."""
        known = self.known(code)
        return self.gazetteer.short_name(known, self._hamlet(code)) if known else ""

    def complete(self, code: str) -> bool:
        """Whether the communes of a province are known, so that one can be asked for."""
        return code[:2] in self.gazetteer.loaded

    def province(self, slug: str) -> str:
        """The code of a province by its name as in "ca_mau"; "" when there is none."""
        wanted = slug.replace("_", "-")
        provinces = self.gazetteer.provinces.values()
        return next((p.code for p in provinces if slug_of_name(p.name) == wanted), "")

    def _hamlet(self, code: str) -> str:
        hamlet = self.hamlets.by_code.get(code)
        return hamlet.name if hamlet else ""
