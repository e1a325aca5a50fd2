"""Places to choose from in the console's filters: provinces, and the communes of one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.locality.atlas import Atlas
from bot.services.places import Places
from bot.services.runtime import Runtime
from bot.services.staff import Visit


@dataclass(frozen=True, slots=True)
class Choice:
    """A place: its code and its name."""

    code: str
    name: str


class Areas:
    """Names of places, read when a page first needs them."""

    def __init__(self, runtime: Runtime) -> None:
        self._places = Places(runtime)

    async def ready(self) -> Areas:
        """Itself, with the hamlets as they are now. Files are read off the event loop, once."""
        await self._places.refresh()
        return self

    async def atlas(self) -> Atlas:
        """All that is known of places."""
        return await asyncio.to_thread(lambda: self._places.atlas)

    def provinces(self, visit: Visit) -> list[Choice]:
        """The provinces somebody sees something of, whose communes are known."""
        gazetteer = self._places.atlas.gazetteer
        known = [gazetteer.provinces[code] for code in sorted(gazetteer.loaded)]
        return [Choice(p.code, p.name) for p in known if self._touches(visit, p.code)]

    def communes(self, visit: Visit, province: str) -> list[Choice]:
        """The communes of a province that somebody sees, by name."""
        found = self._places.atlas.gazetteer.of_province(province)
        choices = [Choice(c.code, c.name) for c in found if visit.sees(c.code)]
        return sorted(choices, key=lambda choice: choice.name)

    def name(self, code: str) -> str:
        """A place's short name; its code when it is not known, "mọi nơi" for everywhere."""
        return self._places.atlas.label(code) or code if code else "mọi nơi"

    @staticmethod
    def _touches(visit: Visit, code: str) -> bool:
        return visit.sees(code) or any(own.startswith(f"{code}.") for own in visit.scope)
