"""Which places a page of figures is about: what was chosen, inside what somebody is responsible
for."""

from __future__ import annotations

from dataclasses import dataclass

from bot.locality.codes import commune_of, is_code
from bot.services.staff import Role, Visit


@dataclass(frozen=True, slots=True)
class Places:
    """`chosen` is the code in the address, "" for all of somebody's own; `codes` are what is
    counted, none for everywhere."""

    chosen: str
    codes: tuple[str, ...]

    @property
    def local(self) -> bool:
        """Whether figures are of a place, so that small ones are not shown."""
        return bool(self.codes)

    @property
    def province(self) -> str:
        """The one province it is about; "" when there are several or none."""
        found = {code[:2] for code in self.codes}
        return found.pop() if len(found) == 1 else ""


def places(visit: Visit, wanted: str) -> Places:
    """The places of an address: of what is not somebody's own nothing is shown, but their own."""
    code = commune_of(wanted) or wanted if is_code(wanted) else ""
    if code and visit.sees(code):
        return Places(code, (code,))
    own = tuple(area for area in visit.scope if area.startswith(f"{code}.")) if code else ()
    return Places(code if own else "", own or visit.scope)


def reads_texts(visit: Visit) -> bool:
    """Whether somebody may read what people asked (masked), and so see single questions of a
    commune."""
    return visit.role.covers(Role.EDITOR)
