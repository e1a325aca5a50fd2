"""The code of a place from words that were written down before codes were kept."""

from __future__ import annotations

from bot.locality.areas import area_key
from bot.locality.atlas import Atlas
from bot.locality.codes import slug_of_name
from bot.locality.find import Candidate, Why


def code_of_text(text: str, atlas: Atlas) -> str:
    """The code of the place a text names for certain; of its province where only that is; else "".

    A commune counts where the text has its name of today with the province's, as the program
    writes it, or where nothing else can be meant and the province is named: names of communes are
    found in several provinces, and those of before 2025 lead to several communes.
    """
    known = atlas.known(text.strip())
    if known:
        return known
    found = atlas.find(text)
    said = text.casefold()
    exact = [
        c for c in found if c.why is not Why.PROVINCE and atlas.name(c.code).casefold() in said
    ]
    if exact:
        return max((c.code for c in exact), key=len)
    province = _province(text, found, atlas)
    if len(found) == 1 and found[0].code.startswith(province or "?"):
        return found[0].code
    return province


def _province(text: str, found: tuple[Candidate, ...], atlas: Atlas) -> str:
    """The one province of all candidates, if the text names it."""
    codes = {candidate.code[:2] for candidate in found}
    if len(codes) != 1:
        return ""
    (code,) = codes
    place = atlas.gazetteer.provinces.get(code)
    if place is None:
        return ""
    slug = slug_of_name(place.name)
    return code if area_key(text, (slug.replace("-", " "),)).split(".")[0] == slug else ""
