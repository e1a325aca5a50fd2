"""The places a roster names: exact names or official codes, never a guess.

What is written must be the name of one place; what is only like a name is an error that proposes
the names it may stand for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from rapidfuzz import fuzz, process

from bot.locality.codes import hamlet_code, key_of_name
from bot.locality.gazetteer import Commune, Gazetteer
from bot.locality.words import key_of, marks_of, plain_tokens, tokens_of

_LEVELS = (("dac", "khu"), ("thi", "tran"), ("xa",), ("phuong",), ("tt",), ("p",), ("x",))
#: A name below this likeness (of 100) is not proposed.
_LIKE = 60.0
_PROPOSED_MOST = 4


class PlaceError(Exception):
    """The words name no place, or several; the text says what would be right."""


class Places:
    """Finds the codes of what is named."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._province = cache(self._find_province)
        self._commune = cache(self._find_commune)
        self._names: dict[str, dict[str, list[Commune]]] = {}

    def province(self, text: str) -> str:
        """The code of a province by its name, a former name, or the code itself."""
        return self._province(text)

    def commune(self, text: str, province: str) -> str:
        """The code of a commune of a province by its name, a former name, or the code itself."""
        return self._commune(text, province)

    def hamlet(self, text: str, commune: str) -> str:
        """The code of a hamlet of a commune."""
        try:
            return hamlet_code(commune, text)
        except ValueError as error:
            raise PlaceError(f"{text!r} is no name of a hamlet; must have letters") from error

    def province_name(self, code: str) -> str:
        """What a province is called: "Tỉnh Cà Mau"; the code when it is not known."""
        found = self._gazetteer.provinces.get(code)
        return found.name if found else code

    def commune_name(self, code: str) -> str:
        """What a commune is called: "Xã Tân Ân"; the last part of the code when not known."""
        found = self._gazetteer.communes.get(code)
        return found.name if found else code.rpartition(".")[2]

    def written_commune(self, code: str) -> str:
        """What finds a commune again: its name, or its code's own part where the name does not."""
        name = self.commune_name(code)
        try:
            found = self._commune(name, code.partition(".")[0])
        except PlaceError:
            found = ""
        return name if found == code else code.rpartition(".")[2]

    def _find_province(self, text: str) -> str:
        provinces = self._gazetteer.provinces
        code = text.zfill(2)
        if text.isdecimal() and code in provinces:
            return code
        wanted = key_of_name(text)
        names = {key_of_name(p.name): p.code for p in provinces.values()}
        if wanted in names:
            return names[wanted]
        former = {
            p.code for p in provinces.values() for was in p.formed_of if key_of_name(was) == wanted
        }
        if len(former) == 1:
            return former.pop()
        raise PlaceError(_no(text, "province", [p.name for p in provinces.values()], key_of_name))

    def _find_commune(self, text: str, province: str) -> str:
        communes = self._gazetteer.communes
        if province not in self._gazetteer.loaded:
            raise PlaceError(
                f"communes of {self.province_name(province)} are not loaded; run "
                "`congdanso locality load`"
            )
        code = text if "." in text else f"{province}.{text.zfill(5)}"
        if text.replace(".", "").isdecimal():
            if code in communes and communes[code].province == province:
                return code
            raise PlaceError(f"{text!r} is no code of a commune of {self.province_name(province)}")
        found = self._named(text, province)
        if len(found) == 1:
            return found[0].code
        if found:
            raise PlaceError(f"{text!r} may be {_either(found)}; write which")
        return self._former(text, province)

    def _named(self, text: str, province: str) -> Sequence[Commune]:
        """Of the names that are alike without marks the one with these marks, if it has any."""
        found = self._alike(text, province)
        marked = [c for c in found if _marked(c.name).endswith(_marked(text))]
        return marked if len(marked) == 1 else found

    def _alike(self, text: str, province: str) -> Sequence[Commune]:
        level, name = _parts(text)
        if province not in self._names:
            by_name = self._names[province] = {}
            for commune in self._gazetteer.of_province(province):
                by_name.setdefault(_parts(commune.name)[1], []).append(commune)
        found = self._names[province].get(name, [])
        same_level = [commune for commune in found if _parts(commune.name)[0] == level]
        # "Phường Tân Ân" where there is only a commune of that name is taken for that.
        return same_level if level and same_level else found

    def _former(self, text: str, province: str) -> str:
        level, name = _parts(text)
        communes = self._gazetteer.communes
        now: set[str] = set()
        for old in self._gazetteer.old:
            old_level, old_name = _parts(old.name)
            if old_name == name and level in ("", old_level):
                now.update(c for c in old.successors if communes[c].province == province)
        found = [communes[each] for each in sorted(now)]
        if len(found) == 1:
            return found[0].code
        if found:
            raise PlaceError(f"{text!r} was divided; write one of: {_either(found)}")
        names = [commune.name for commune in self._gazetteer.of_province(province)]
        what = f"commune of {self.province_name(province)}"
        raise PlaceError(_no(text, what, names, lambda each: _parts(each)[1]))


def _parts(text: str) -> tuple[str, str]:
    """Level ("" when not said) and name of a commune, as keys."""
    words = plain_tokens(text)
    for level in _LEVELS:
        rest = words[len(level) :]
        if words[: len(level)] == level and rest:
            first = {"p": "phuong", "x": "xa", "tt": "thitran"}.get(level[0], key_of(level))
            return first, key_of(rest)
    return "", key_of(words)


def _marked(text: str) -> str:
    return "".join(map(marks_of, tokens_of(text)))


def _either(communes: Iterable[Commune]) -> str:
    return ", ".join(f"{c.name} ({c.code.rpartition('.')[2]})" for c in communes)


def _no(text: str, what: str, names: Sequence[str], by: Callable[[str], str]) -> str:
    near = process.extract(
        by(text),
        {name: by(name) for name in names},
        scorer=fuzz.ratio,
        limit=_PROPOSED_MOST,
        score_cutoff=_LIKE,
    )
    perhaps = "; perhaps " + ", ".join(name for _, _, name in near) if near else ""
    return f"{text!r} is no {what}{perhaps}"
