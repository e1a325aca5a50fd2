"""A guide as forms: which fields a part of it has, and the values after somebody filled them in.

A field is bound to a place in the values of the YAML text (bot.guides.rewriting). An empty field
takes the value away; what the form does not show stays as it is. Pure.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.console.field_words import FIELD_WORDS
from bot.guides.rewriting import Plain
from bot.guides.variants import ABOUT, FIXED_CHOICES, PROVINCES
from bot.weblib.forms import clean_text

Values = dict[str, Any]
Path = tuple[str | int, ...]

#: Lists that a guide must have, even without an entry.
_ALWAYS = ("prepare", "warnings", "related")
STUCK_MOST, CHOICES_MOST, TEMPORARY_MOST, SOURCES_MOST, RELATED_MOST = 5, 5, 4, 12, 6


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `kind`: line, text, list (one entry a line), day, number, flag (has a
    value or has none), pick (one of `options`), ids (some of `options`)."""

    path: Path
    kind: str
    label: str
    most: int = 0
    value: Any = ""
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""

    @property
    def name(self) -> str:
        """What it is called in the form."""
        return ".".join(str(part + 1 if isinstance(part, int) else part) for part in self.path)

    def posted(self, form: Mapping[str, str]) -> Any:
        """Its value in a form that was sent; "" or [] for none."""
        if self.kind == "ids":
            return [key for key, _ in self.options if form.get(f"{self.name}.{key}")]
        raw = clean_text(form.get(self.name, ""))
        if self.kind == "list":
            return [line.strip() for line in raw.split("\n") if line.strip()]
        if self.kind == "text":
            return "\n".join(" ".join(line.split()) for line in raw.split("\n")).strip()
        one = " ".join(raw.split())
        return Plain(one) if self.kind in ("day", "number", "flag") and one else one


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together, under a heading."""

    title: str
    fields: tuple[Field, ...]
    #: Folded away while nothing is in it.
    folded: bool = False


def section_names(values: Values) -> list[tuple[str, str]]:
    """Every part of a guide that has a form, with its title."""
    steps = [
        (f"step-{number}", f"Bước {number}: {_text(step.get('title')) or '(chưa có tên)'}")
        for number, step in enumerate(dicts(values.get("steps")), 1)
    ]
    return [
        ("main", "Phần chung"),
        ("question", "Câu hỏi đầu bài"),
        *steps,
        ("temporary", "Lời tạm thời"),
        ("provinces", "Riêng từng tỉnh"),
        ("sources", "Nguồn"),
    ]


def form_of(values: Values, section: str, titles: Mapping[str, str]) -> list[Group] | None:
    """The form of a part; None when the guide has no such part."""
    if section == "main":
        return _main(values, titles)
    if section == "question":
        return _question(values)
    if section == "temporary":
        return _temporary(values)
    if section == "provinces":
        return _provinces(values)
    if section == "sources":
        return _sources(values)
    number = section.removeprefix("step-")
    if section.startswith("step-") and number.isascii() and number.isdecimal() and len(number) < 3:
        steps = dicts(values.get("steps"))
        return _step(values, int(number) - 1) if 0 < int(number) <= len(steps) else None
    return None


def filled(values: Values, groups: Sequence[Group], form: Mapping[str, str]) -> Values:
    """The values after a form was sent."""
    new = copy.deepcopy(values)
    fields = [field for group in groups for field in group.fields]
    for field in fields:
        _put(new, field.path, _wanted(field, form))
    for field in sorted(fields, key=lambda each: -len(each.path)):
        _tidy(new, field.path[:-1])
    for name in _ALWAYS:
        new.setdefault(name, [])
    return new


def _wanted(field: Field, form: Mapping[str, str]) -> Any:
    value = field.posted(form)
    if field.kind != "ids":
        return value
    # Everybody is meant by none of them and by all of them; what was written stays.
    every = len(value) in (0, len(field.options))
    old = list(field.value)
    if every and len(old) in (0, len(field.options)):
        return old
    return [] if every else value


def same_fields(one: Sequence[Group] | None, other: Sequence[Group] | None) -> bool:
    """Whether two forms of one part say the same."""
    return _flat(one) == _flat(other)


def _flat(groups: Sequence[Group] | None) -> dict[str, Any]:
    return {f.name: f.value for group in groups or () for f in group.fields if f.value}


# Reading and writing places ---------------------------------------------------------------------


def _get(values: Any, path: Path) -> Any:
    for part in path:
        if isinstance(part, int):
            if not isinstance(values, list) or part >= len(values):
                return None
            values = values[part]
        else:
            if not isinstance(values, dict) or part not in values:
                return None
            values = values[part]
    return values


def _put(values: Values, path: Path, value: Any) -> None:
    at: Any = values
    for part, following in itertools.pairwise(path):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(part, int):
            while len(at) <= part:
                at.append({})
            if not isinstance(at[part], type(empty)):
                at[part] = empty
        elif not isinstance(at.get(part), type(empty)):
            if not value:
                return
            at[part] = empty
        at = at[part]
    last = path[-1]
    if isinstance(last, int):
        while len(at) <= last:
            at.append("")
        at[last] = value
    elif value:
        at[last] = value
    else:
        at.pop(last, None)


def _tidy(values: Values, path: Path) -> None:
    """Take away what is empty on the way to a field: entries of lists, then the list."""
    for length in range(len(path), 0, -1):
        here, above = _get(values, path[:length]), _get(values, path[: length - 1])
        if isinstance(here, list):
            here[:] = [item for item in here if item]
        if here in ({}, []) and isinstance(above, dict):
            above.pop(str(path[length - 1]), None)


def dicts(value: Any) -> list[Values]:
    """A list of mappings, whatever was written there."""
    items = value if isinstance(value, list) else []
    return [item if isinstance(item, dict) else {} for item in items]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


class _Maker:
    """Makes fields with the values that are there."""

    def __init__(self, values: Values) -> None:
        self._values = values

    def __call__(self, path: Path, kind: str, most: int = 0, hint: str = "", **more: Any) -> Field:
        label = more.pop("label", "") or _label(path)
        return Field(path, kind, label, most, self._value(path, kind), hint=hint, **more)

    def _value(self, path: Path, kind: str) -> Any:
        found = _get(self._values, path)
        if kind in ("list", "ids"):
            return [item for item in found if isinstance(item, str)] if _is_list(found) else []
        return _text(found)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _label(path: Path) -> str:
    word = FIELD_WORDS.get(str(path[-1]), str(path[-1]))
    return word[:1].upper() + word[1:]


# The parts --------------------------------------------------------------------------------------


def _texts(make: _Maker, at: Path) -> Iterator[Field]:
    yield make((*at, "answer"), "text", 200)
    yield make((*at, "prepare"), "list", 140, hint="Mỗi dòng một thứ.")
    yield make((*at, "fee"), "text", 200)
    yield make((*at, "time"), "text", 200)
    yield make((*at, "emergency"), "list", 110, hint="Mỗi dòng một việc.")
    yield make((*at, "warnings"), "list", 200, hint="Mỗi dòng một điều.")


def _main(values: Values, titles: Mapping[str, str]) -> list[Group]:
    make = _Maker(values)
    guides = (("", "Không"), *((key, title) for key, title in titles.items()))
    related = (
        make(("related", n), "pick", label=f"Bài liên quan {n + 1}", options=guides)
        for n in range(RELATED_MOST)
    )
    official = (
        make(("official", name), "line", most)
        for name, most in (("app", 60), ("publisher", 80), ("domain", 60), ("hotline", 60))
    )
    return [
        Group("Lời chính", (make(("title",), "line", 60), *_texts(make, ()))),
        Group("Nơi chính thức", tuple(official)),
        Group("Hỏi gì tiếp theo", tuple(related)),
        Group(
            "Kiểm lại",
            (
                make(("owner",), "line", 60),
                make(("verified_on",), "day"),
                make(("review_by",), "day"),
                make(("valid_until",), "day", hint="Chỉ khi bài tự hết hạn."),
            ),
        ),
    ]


def _choices(values: Values) -> tuple[tuple[str, str], ...]:
    found = dicts(_get(values, ("question", "choices")))
    return tuple((_text(c.get("id")), _text(c.get("label"))) for c in found if _text(c.get("id")))


def _for(make: _Maker, at: Path, choices: tuple[tuple[str, str], ...]) -> tuple[Field, ...]:
    if not choices:
        return ()
    hint = "Không chọn ô nào là cho mọi người."
    return (make((*at, "for"), "ids", hint=hint, options=choices),)


def _step(values: Values, index: int) -> list[Group]:
    make, at, choices = _Maker(values), ("steps", index), _choices(values)
    groups = [
        Group(
            "Việc cần làm",
            (
                make((*at, "title"), "line", 60, label="Tên bước"),
                make((*at, "text"), "text", 280),
                make((*at, "check"), "line", 120, label="Câu hỏi xem đã xong chưa"),
                *_for(make, at, choices),
            ),
        ),
        Group(
            "Phải chờ mấy ngày",
            (
                make((*at, "wait", "days"), "number", hint="Từ 1 đến 90."),
                make(
                    (*at, "wait", "working"),
                    "pick",
                    label="Tính ngày",
                    options=(("", "Không phải chờ"), ("true", "làm việc"), ("false", "thường")),
                ),
                make((*at, "wait", "ask"), "line", 160, label="Tới ngày thì hỏi"),
            ),
            folded=True,
        ),
    ]
    for n in range(STUCK_MOST):
        place: Path = (*at, "if_stuck", n)
        if _get(values, (*place, "use")):
            continue
        fields = (
            make((*place, "problem"), "line", 60, label="Vướng gì (chữ trên nút)"),
            make((*place, "answer"), "text", 400, label="Gỡ thế nào"),
            *_for(make, place, choices),
        )
        groups.append(Group(f"Chỗ hay vướng {n + 1}", fields, folded=True))
    for code in PROVINCES:
        place = ("provinces", code, "steps", str(index + 1))
        local = (make((*place, "title"), "line", 60), make((*place, "text"), "text", 280))
        groups.append(Group(f"Riêng {FIELD_WORDS[code]}", local, folded=True))
    return groups


_ABOUT = {
    "person": "làm cho ai",
    "device": "loại điện thoại",
    "phone": "có điện thoại thông minh không",
    "place": "ở đâu",
    "case": "trường hợp nào",
    "province": "ở tỉnh nào",
}


def _question(values: Values) -> list[Group]:
    make = _Maker(values)
    about = (("", "Bài này không hỏi gì"), *((each, _ABOUT[each]) for each in ABOUT))
    fixed = FIXED_CHOICES.get(_text(_get(values, ("question", "about"))), ())
    hint = f"Dùng một trong: {', '.join(fixed)}." if fixed else "Tên ngắn không dấu, như home."
    first = (
        make(("question", "about"), "pick", options=about),
        make(("question", "ask"), "line", 120),
    )
    groups = [Group("Hỏi gì", first)]
    for n in range(CHOICES_MOST):
        at: Path = ("question", "choices", n)
        fields = (
            make((*at, "id"), "line", 20, hint, label="Mã"),
            make((*at, "label"), "line", 30),
            make((*at, "words"), "list", 40, "Mỗi dòng một cách nói, có sẵn trong câu hỏi."),
            *_texts(make, at),
        )
        groups.append(Group(f"Câu trả lời {n + 1}", fields, folded=True))
    return groups


def _temporary(values: Values) -> list[Group]:
    make, choices = _Maker(values), _choices(values)
    return [
        Group(
            f"Lời tạm thời {n + 1}",
            (
                make(("temporary", n, "until"), "day"),
                *_for(make, ("temporary", n), choices),
                *_texts(make, ("temporary", n)),
            ),
            folded=True,
        )
        for n in range(TEMPORARY_MOST)
    ]


def _provinces(values: Values) -> list[Group]:
    make = _Maker(values)
    return [
        Group(FIELD_WORDS[code], tuple(_texts(make, ("provinces", code))), folded=True)
        for code in PROVINCES
    ]


def _sources(values: Values) -> list[Group]:
    make = _Maker(values)
    return [
        Group(
            f"Nguồn {n + 1}",
            (
                make(("sources", n, "title"), "line", 200),
                make(("sources", n, "url"), "line", 500),
                make(("sources", n, "date"), "day", hint="2025, 2025-12 hoặc 2025-12-04."),
            ),
            folded=True,
        )
        for n in range(SOURCES_MOST)
    ]
