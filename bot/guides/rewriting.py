"""Changing values of a YAML text and leaving the rest of it as somebody wrote it.

What is not changed keeps its lines: comments, folds, quotes, order. A changed value is written anew
in the way the files of content/ are written; a comment inside of it is lost. Pure.

Errors: none raised by `rewrite` for a text that `read_values` could read.
"""

from __future__ import annotations

import difflib
import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from bot.guides.nodes import Faults, compose, line_of

#: Texts are `str`, other scalars `Plain`; mappings keep their order.
Value = Any

_WIDTH = 100
_STR = "tag:yaml.org,2002:str"
#: Lists of short words, written on one line.
_FLOW = frozenset({"words", "for"})
#: Where a field that was not there is put.
# fmt: off
_ORDER = (
    "id", "title", "url", "date", "about", "use", "problem", "label", "until", "words", "for",
    "text", "check", "wait", "days", "working", "ask", "choices", "answer", "prepare", "fee",
    "time", "emergency", "if_stuck", "question", "steps", "warnings", "temporary", "official",
    "app", "publisher", "domain", "hotline", "related", "sources", "verified_on", "review_by",
    "valid_until", "owner", "provinces",
)
# fmt: on
_RANK = {name: rank for rank, name in enumerate(_ORDER)}


class Plain(str):
    """A scalar that is no text (a day, a number, true): written without quotes."""

    __slots__ = ()


def read_values(text: str, file: str = "") -> tuple[dict[str, Value] | None, Faults]:
    """The values of a YAML text whose top is a mapping, or None with what is wrong with it."""
    faults = Faults(file)
    node = compose(text, faults)
    return (None if node is None else _value(node)), faults


def rewrite(text: str, new: Mapping[str, Value]) -> str:
    """`text` with these values and as few other lines as can be."""
    node = compose(text, Faults(""))
    if node is not None:
        lines = text.rstrip("\n").split("\n")
        changed = _Rewriting(lines).mapping(node, new, 0, len(lines), 0)
        result = "\n".join(changed) + "\n"
        if _says(result, new):
            return result
    return write(new)


def write(values: Mapping[str, Value]) -> str:
    """A text with these values and nothing else."""
    result = "\n".join(line for key, item in values.items() for line in entry(key, item, 0)) + "\n"
    if _says(result, values):
        return result
    return yaml.safe_dump(_bare(values), allow_unicode=True, sort_keys=False, width=_WIDTH)


def _says(text: str, wanted: Mapping[str, Value]) -> bool:
    found, _ = read_values(text)
    return found == wanted


def _bare(value: Value) -> Value:
    if isinstance(value, Mapping):
        return {str(key): _bare(item) for key, item in value.items()}
    if isinstance(value, str):
        return yaml.safe_load(value) if isinstance(value, Plain) else value
    return [_bare(item) for item in value]


def _value(node: yaml.Node) -> Value:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _value(item) for key, item in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    return node.value if node.tag == _STR else Plain(node.value)


class _Rewriting:
    """The lines of the old text; positions are line numbers from 0."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def mapping(
        self, node: yaml.MappingNode, new: Mapping[str, Value], begin: int, end: int, indent: int
    ) -> list[str]:
        """The lines `begin` to `end`, which hold this mapping, with its new values."""
        old = {key.value: item for key, item in node.value}
        starts = [line_of(key) - 1 for key, _ in node.value]
        parts = self._regions(starts, begin, end, indent)
        found = dict(zip(old, parts[1:], strict=True))
        out = list(parts[0])
        for name in _in_order(list(old), list(new)):
            if name not in old:
                out += entry(name, new[name], indent)
                continue
            lines, at = found[name]
            out += self._entry(name, old[name], new[name], lines, at, indent)
        return out

    def _regions(self, starts: list[int], begin: int, end: int, indent: int) -> Any:
        """What stands before the first start, then (lines, position) from each start on.

        Remarks right above an entry go with it.
        """
        tops = []
        for start in starts:
            top = start
            while top > begin and re.match(rf" {{{indent}}}#", self._lines[top - 1]):
                top -= 1
            tops.append(top)
        ends = [*tops[1:], end]
        regions: list[Any] = [self._lines[begin : tops[0]] if tops else []]
        for top, stop in zip(tops, ends, strict=True):
            regions.append((self._lines[top:stop], top))
        return regions

    def _entry(
        self, name: str, node: yaml.Node, new: Value, lines: list[str], at: int, indent: int
    ) -> list[str]:
        if _value(node) == new:
            return lines
        remarks = 0
        while lines[remarks].lstrip().startswith("#"):
            remarks += 1
        head, first = lines[:remarks], at + remarks
        below = line_of(node) - 1
        if new and below > first and _in_block(node):
            inner = node.start_mark.column
            keep = self._lines[first : first + 1]
            stop = at + len(lines)
            if isinstance(node, yaml.MappingNode) and isinstance(new, Mapping):
                return [*head, *keep, *self.mapping(node, new, first + 1, stop, inner)]
            if isinstance(node, yaml.SequenceNode) and isinstance(new, list):
                return [*head, *keep, *self._sequence(node, new, first + 1, stop, inner)]
        written = entry(name, new, indent)
        return [*head, *self._with_remark(node, written)]

    def _with_remark(self, node: yaml.Node, written: list[str]) -> list[str]:
        """The remark behind a value on one line stays."""
        if node.start_mark.line != node.end_mark.line or len(written) != 1:
            return written
        rest = self._lines[node.end_mark.line][node.end_mark.column :]
        return [written[0] + rest] if rest.lstrip().startswith("#") else written

    def _sequence(
        self, node: yaml.SequenceNode, new: Sequence[Value], begin: int, end: int, indent: int
    ) -> list[str]:
        items = node.value
        starts = [line_of(item) - 1 for item in items]
        before, *parts = self._regions(starts, begin, end, indent)
        out = list(before)
        old_names = [_name(_value(item)) for item in items]
        matcher = difflib.SequenceMatcher(None, old_names, list(map(_name, new)), autojunk=False)
        for what, low, high, new_low, new_high in matcher.get_opcodes():
            if what == "equal":
                out += [line for lines, _ in parts[low:high] for line in lines]
                continue
            for number in range(new_low, new_high):
                position = low + number - new_low
                if position < high:
                    lines, at = parts[position]
                    out += self._item(items[position], new[number], lines, at, indent)
                else:
                    out += _item(new[number], indent)
        return out

    def _item(
        self, node: yaml.Node, new: Value, lines: list[str], at: int, indent: int
    ) -> list[str]:
        if not isinstance(node, yaml.MappingNode) or not isinstance(new, Mapping):
            return _item(new, indent)
        if not _in_block(node):
            return _item(new, indent)
        first = line_of(node) - 1
        if self._lines[first][indent : indent + 2] != "- ":
            return _item(new, indent)
        column = node.start_mark.column
        # For a moment a mapping like any other.
        dashed = self._lines[first]
        self._lines[first] = " " * column + dashed[column:]
        changed = self.mapping(node, new, first, at + len(lines), column)
        self._lines[first] = dashed
        return [*self._lines[at:first], *_dashed(changed, indent)]


def _in_block(node: yaml.Node) -> bool:
    """Whether a mapping or list stands on lines of its own, not in brackets."""
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def _name(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _in_order(old: list[str], new: list[str]) -> list[str]:
    """The names of `new`, those of `old` in their order, the others where they belong."""
    out = [name for name in old if name in new]
    for name in new:
        if name in out:
            continue
        rank = _RANK.get(name, len(_ORDER))
        later = (i for i, other in enumerate(out) if _RANK.get(other, -1) > rank)
        out.insert(next(later, len(out)), name)
    return out


# Writing ----------------------------------------------------------------------------------------


def entry(name: str, value: Value, indent: int) -> list[str]:
    """The lines of `name: value`."""
    head = f"{' ' * indent}{_key(name)}:"
    if isinstance(value, Mapping):
        if not value:
            return [f"{head} {{}}"]
        return [head, *(line for k, v in value.items() for line in entry(k, v, indent + 2))]
    if isinstance(value, list):
        if not value:
            return [f"{head} []"]
        if name in _FLOW and all(isinstance(item, str) for item in value):
            return [f"{head} {_flow(value)}"]
        return [head, *(line for item in value for line in _item(item, indent + 2))]
    return _scalar(head, value, indent + 2)


def _item(value: Value, indent: int) -> list[str]:
    if isinstance(value, Mapping) and value:
        lines = [line for k, v in value.items() for line in entry(k, v, indent + 2)]
        return _dashed(lines, indent)
    return _scalar(f"{' ' * indent}-", value, indent + 2)


def _dashed(lines: list[str], indent: int) -> list[str]:
    """A mapping's lines with the dash of a list before the first that is no remark."""
    out = list(lines)
    for number, line in enumerate(out):
        if line.strip() and not line.lstrip().startswith("#"):
            out[number] = f"{' ' * indent}- {line[indent + 2 :]}"
            break
    return out


def _scalar(head: str, value: Value, indent: int) -> list[str]:
    text = str(value)
    one = text if isinstance(value, Plain) else _on_one_line(text)
    if "\n" not in text and len(head) + 1 + len(one) <= _WIDTH:
        return [f"{head} {one}"]
    gap = " " * indent
    if "\n" in text:
        if text.strip() == text and not re.search(r"^\s|[^\S\n]$", text, re.MULTILINE):
            return [f"{head} |-", *(f"{gap}{line}" for line in text.split("\n"))]
    elif " ".join(text.split()) == text:
        folded = textwrap.wrap(
            text, _WIDTH - indent, break_long_words=False, break_on_hyphens=False
        )
        return [f"{head} >-", *(f"{gap}{line}" for line in folded)]
    return [f"{head} {json.dumps(text, ensure_ascii=False)}"]


def _on_one_line(text: str) -> str:
    plain = yaml.safe_dump(text, allow_unicode=True, width=10**9).split("\n")[0]
    if plain[:1] not in ("'", '"') or '"' in text or "\\" in text:
        return plain
    return f'"{text}"' if text.isprintable() else plain


def _flow(items: Sequence[str]) -> str:
    return yaml.safe_dump(
        [str(item) for item in items],
        allow_unicode=True,
        default_flow_style=True,
        width=10**9,
    ).strip()


def _key(name: str) -> str:
    # The number of a step, say: every key is read as text.
    return name if re.fullmatch(r"\w[\w -]*", name) else json.dumps(name, ensure_ascii=False)
