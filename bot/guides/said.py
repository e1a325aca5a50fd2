"""What citizens read that stands in no guide: phrases, menu, path, snippets, glossary and more.

Errors: none; files that cannot be read are the business of their loaders.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.guides.errors import Problem
from bot.guides.nodes import Faults, compose_file, join, line_of
from bot.guides.rules import text_faults
from bot.guides.standards import Standards

#: The program fills in names there, and talks to helpers too: neither is held against a text.
_PROGRAM = ("phrases.yml", "people.yml", "cards.yml", "canned_replies.yml")
#: The fields of each file that citizens read, by the path.
_FIELDS = {
    "phrases.yml": re.compile(r"(?:say|button|attachment|topics)\..+"),
    "people.yml": re.compile(r"roles\..+|provinces\.[^.]+\.label|.+\.(?:you|me)"),
    "canned_replies.yml": re.compile(r"replies\[\d+\]\.(?:title|text)"),
    "cards.yml": re.compile(r"name|step|checked|alt"),
    "alert_texts.yml": re.compile(r"texts\..+"),
    "menu.yml": re.compile(r".+\.title"),
    "path.yml": re.compile(r".+\.(?:title|description)"),
    "snippets.yml": re.compile(r"[^.]+\.(?:problem|answer)"),
    "glossary.yml": re.compile(r"words\..+"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One text and where it stands."""

    file: Path
    line: int
    field: str
    text: str

    def problems(self, standards: Standards) -> Iterator[Problem]:
        """What is wrong with it."""
        if self.file.name in _PROGRAM:
            faults = text_faults(self.text, standards.allowed, braces=False)
        else:
            faults = standards.faults(self.field, self.text)
        for what in faults:
            yield Problem(str(self.file), self.line, self.field, what)


def said_texts(content_dir: Path) -> Iterator[Said]:
    """Every such text of a content folder."""
    for name, wanted in _FIELDS.items():
        file = content_dir / name
        node = compose_file(file, Faults(str(file))) if file.is_file() else None
        for field, line, text in _scalars(node) if node else ():
            if wanted.fullmatch(field):
                yield Said(file, line, field, text)


def _scalars(top: yaml.Node) -> Iterator[tuple[str, int, str]]:
    waiting: list[tuple[str, yaml.Node]] = [("", top)]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            waiting += [(join(path, key.value), value) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(f"{path}[{index}]", item) for index, item in enumerate(node.value, 1)]
        else:
            yield path, line_of(node), node.value
