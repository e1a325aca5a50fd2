"""Reading the fields of one mapping: each value checked, each fault noted with its line.

A getter answers with an empty value when the field is wrong, so that reading goes on and one run
finds every problem; whoever reads must throw the result away when there are problems.

Errors: none raised; faults go into the `Faults` that is passed in.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import yaml

from bot.guides.nodes import Faults, compose_file, join, line_of

_STR = "tag:yaml.org,2002:str"
_INT = "tag:yaml.org,2002:int"
_BOOL = "tag:yaml.org,2002:bool"
_NULL = "tag:yaml.org,2002:null"
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_URL = re.compile(r"https://[a-z0-9.-]+\.[a-z]{2,}(/\S*)?", re.IGNORECASE)
_PAGE_DATE = re.compile(r"(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_NUMBER = re.compile(r"\d{1,6}", re.ASCII)


def open_record(file: Path, faults: Faults) -> "Record | None":
    """The top of a YAML file; None, with problems noted, when there is none to read."""
    node = compose_file(file, faults)
    return Record(node, "", faults) if node else None


class Record:
    """The fields of one mapping node. Call `close` when all known fields have been asked for."""

    def __init__(self, node: yaml.MappingNode, path: str, faults: Faults) -> None:
        self.path = path
        self.line = line_of(node)
        self.faults = faults
        self._fields: dict[str, tuple[int, yaml.Node]] = {
            key.value: (line_of(key), value) for key, value in node.value
        }
        self._asked: list[str] = []

    def fault(self, name: str, message: str, line: int | None = None) -> None:
        """Note a problem of a field (of the mapping itself for an empty name)."""
        path = join(self.path, name) if name else self.path
        if line is None:
            line = self._fields[name][0] if name in self._fields else self.line
        self.faults.add(line, path, message)

    def names(self) -> list[str]:
        """The fields that are there, in the order of the file."""
        return list(self._fields)

    def optional(self, name: str) -> bool:
        """Whether a field that may be left out is there; from then on the field is known."""
        self._asked.append(name)
        return name in self._fields

    def close(self) -> None:
        """Note every field that nobody asked for."""
        known = ", ".join(dict.fromkeys(self._asked))
        for name in self._fields:
            if name not in self._asked:
                self.fault(name, f"is not a known field; must be one of {known}")

    def text(self, name: str, limit: int, *, lines: bool = False) -> str:
        """A required text of at most `limit` characters, on one line unless `lines`."""
        node = self._required(name)
        return self._text(node, join(self.path, name), limit, lines) if node else ""

    def optional_text(self, name: str, limit: int, *, lines: bool = False) -> str | None:
        """The same for a field that may be left out."""
        return self.text(name, limit, lines=lines) if self.optional(name) else None

    def texts(self, name: str, limit: int, most: int) -> tuple[str, ...]:
        """A required list of at most `most` one-line texts; it may be empty."""
        return tuple(self._text(node, path, limit, False) for path, node in self._items(name, most))

    def optional_texts(self, name: str, limit: int, most: int) -> tuple[str, ...] | None:
        """The same for a field that may be left out."""
        return self.texts(name, limit, most) if self.optional(name) else None

    def number(self, name: str, low: int, high: int) -> int:
        """A required whole number between `low` and `high`."""
        node = self._required(name)
        if node is None:
            return low
        good = node.tag == _INT and isinstance(node.value, str) and _NUMBER.fullmatch(node.value)
        if not good or not low <= int(node.value) <= high:
            self.fault(name, f"is not allowed; must be a whole number from {low} to {high}")
            return low
        return int(node.value)

    def flag(self, name: str) -> bool:
        """A required true or false."""
        node = self._required(name)
        if node is None:
            return False
        if node.tag != _BOOL or node.value not in ("true", "false"):
            self.fault(name, "is not a yes/no value; must be true or false")
        return bool(node.value == "true")

    def day(self, name: str) -> date:
        """A required date."""
        node = self._required(name)
        if node is None:
            return date.min
        if isinstance(node.value, str) and _DAY.fullmatch(node.value):
            try:
                return date.fromisoformat(node.value)
            except ValueError:
                pass  # 2026-02-30: the same advice as for any other wrong date
        self.fault(name, "is not a date; must be written YYYY-MM-DD, such as 2026-11-21")
        return date.min

    def optional_day(self, name: str) -> date | None:
        """The same for a field that may be left out."""
        return self.day(name) if self.optional(name) else None

    def matching(self, name: str, pattern: re.Pattern[str], wanted: str) -> str:
        """A required scalar, of whatever YAML type, that matches all of `pattern`."""
        node = self._required(name)
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode) or not pattern.fullmatch(node.value):
            self.fault(name, f"is not allowed; must be {wanted}")
            return ""
        return str(node.value)

    def url(self, name: str) -> str:
        """A required address of a web page."""
        return self.matching(name, _URL, "an address that begins with https://")

    def page_date(self, name: str) -> str:
        """A required date of a web page, which may leave out the day, or the month too."""
        return self.matching(name, _PAGE_DATE, "a date written YYYY, YYYY-MM or YYYY-MM-DD")

    def record(self, name: str) -> "Record | None":
        """A required mapping; None, with a problem noted, when it is not one."""
        node = self._required(name)
        return self._record(node, join(self.path, name)) if node else None

    def optional_record(self, name: str) -> "Record | None":
        """The same for a field that may be left out."""
        return self.record(name) if self.optional(name) else None

    def records(self, name: str, low: int, high: int) -> "Iterator[Record]":
        """A required list of `low` to `high` mappings."""
        items = self._items(name, high)
        if name in self._fields and len(items) < low:
            self.fault(name, f"has {len(items)} entries; must have {low} to {high}")
        for path, node in items:
            record = self._record(node, path)
            if record:
                yield record

    def _required(self, name: str) -> yaml.Node | None:
        self._asked.append(name)
        if name not in self._fields:
            self.fault(name, "is missing; add it")
            return None
        line, node = self._fields[name]
        self.faults.lines[join(self.path, name)] = line
        if node.tag == _NULL:
            self.fault(name, "is empty; give it a value or remove the line")
            return None
        return node

    def _items(self, name: str, most: int) -> list[tuple[str, yaml.Node]]:
        node = self._required(name)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.fault(name, "is not a list; must be lines that begin with `- `")
            return []
        if len(node.value) > most:
            self.fault(name, f"has {len(node.value)} entries; must have at most {most}")
        path = join(self.path, name)
        return [(f"{path}[{index}]", item) for index, item in enumerate(node.value, 1)]

    def _record(self, node: yaml.Node, path: str) -> "Record | None":
        self.faults.lines.setdefault(path, line_of(node))
        if isinstance(node, yaml.MappingNode):
            return Record(node, path, self.faults)
        self.faults.add(line_of(node), path, "is not a mapping; must be lines `field: value`")
        return None

    def _text(self, node: yaml.Node, path: str, limit: int, lines: bool) -> str:
        line = line_of(node)
        self.faults.lines.setdefault(path, line)
        if not isinstance(node, yaml.ScalarNode) or node.tag != _STR:
            self.faults.add(
                line, path, "is not text; must be text, in quotes if it looks otherwise"
            )
            return ""
        text = unicodedata.normalize("NFC", node.value).strip()
        wrong = _wrong_text(text, limit, lines)
        if wrong:
            self.faults.add(line, path, wrong)
        return text


def _wrong_text(text: str, limit: int, lines: bool) -> str | None:
    if not text:
        return "is empty; give it a value or remove the line"
    if len(text) > limit:
        return f"has {len(text)} characters; must have at most {limit}"
    if "\n" in text and not lines:
        return "has several lines; must be one line (use `>-` to fold)"
    return None
