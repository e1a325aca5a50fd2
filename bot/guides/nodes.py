"""From the bytes of a YAML file to its node tree, with every lexical fault found on the way.

Nodes, not values, because a node knows its line. What YAML allows and content does not need is
refused: tabs, anchors, duplicate keys, keys that are not plain text.

Errors: faults go into the `Faults` that is passed in; only its `raise_any` raises.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.guides.errors import ContentError, Problem

# The C loader is some ten times faster; wheels have it, a source build of PyYAML may not.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# A file of content is some 10 kB; a larger one is a mistake, and could exhaust the parser.
MAX_BYTES = 100_000

# A guide nests 7 deep at most (an obstacle in a province's step).
MAX_DEPTH = 20


@dataclass(slots=True)
class Faults:
    """Collects the problems of one file, and the line at which each field was read."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)

    def add(self, line: int, field_path: str, message: str) -> None:
        """Note one problem."""
        self.problems.append(Problem(self.file, line, field_path or "-", message))

    def raise_any(self) -> None:
        """Raise ContentError with all problems, if there are any."""
        if self.problems:
            raise ContentError(tuple(self.problems))


def line_of(node: yaml.Node) -> int:
    """The line, from 1, where a node begins."""
    return int(node.start_mark.line) + 1


def read_text(path: Path, faults: Faults) -> str | None:
    """The file's text; None, with a problem noted, when it is not readable UTF-8."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        faults.add(1, "-", f"cannot be read ({error.strerror}); must be a readable file")
        return None
    if len(raw) > MAX_BYTES:
        faults.add(1, "-", f"has {len(raw)} bytes; must have at most {MAX_BYTES}")
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        faults.add(line, "-", f"byte {error.start} is not UTF-8; save the file as UTF-8")
        return None


def compose_file(path: Path, faults: Faults) -> yaml.MappingNode | None:
    """The node tree of a YAML file whose top is a mapping; None when there is none to use."""
    text = read_text(path, faults)
    return None if text is None else compose(text, faults)


def compose(text: str, faults: Faults) -> yaml.MappingNode | None:
    """The node tree of a YAML text whose top is a mapping; None when there is none to use."""
    _refuse_tabs(text, faults)
    if faults.problems:
        return None
    node = _compose(text, faults)
    if node is None:
        return None
    if not isinstance(node, yaml.MappingNode):
        faults.add(
            line_of(node),
            "-",
            "is not a mapping; must be lines of the form `field: value`",
        )
        return None
    _walk(node, faults)
    return None if faults.problems else node


def _refuse_tabs(text: str, faults: Faults) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line:
            faults.add(number, "-", "has a tab; use spaces")


def _compose(text: str, faults: Faults) -> yaml.Node | None:
    try:
        if _too_odd(text, faults):
            return None
        node: yaml.Node | None = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = int(mark.line) + 1 if mark else 1
        faults.add(
            line,
            "-",
            f"is not valid YAML ({error.problem}); check indentation and quotes",
        )
        return None
    except (yaml.YAMLError, UnicodeError) as error:
        what = " ".join(str(error).split())[:120]
        faults.add(1, "-", f"is not valid YAML ({what}); remove what cannot be read")
        return None
    if node is None:
        faults.add(1, "-", "is empty; must be lines of the form `field: value`")
    return node


def _too_odd(text: str, faults: Faults) -> bool:
    """Whether the text nests too deep or uses aliases.

    Asked of the events, before any tree is made: the C composer recurses without a limit, so that
    a file of brackets would end the process.
    """
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        line = int(event.start_mark.line) + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            faults.add(line, "-", f"has the alias *{event.anchor}; write it out instead")
            return True
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            faults.add(
                line,
                "-",
                f"nests more than {MAX_DEPTH} deep; check brackets and dashes",
            )
            return True
    return False


def _walk(top: yaml.Node, faults: Faults) -> None:
    """Find anchors and bad keys everywhere in the tree, without recursion."""
    seen: set[int] = set()
    waiting: list[tuple[str, yaml.Node]] = [("", top)]
    while waiting:
        path, node = waiting.pop()
        if id(node) in seen:
            faults.add(line_of(node), path, "is used again by an alias; write it out instead")
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            waiting += _entries(path, node, faults)
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(f"{path}[{index}]", item) for index, item in enumerate(node.value, 1)]


def _entries(path: str, node: yaml.MappingNode, faults: Faults) -> list[tuple[str, yaml.Node]]:
    entries: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            faults.add(line_of(key), path, "has a key that is not text; use a plain field name")
            continue
        child = join(path, key.value)
        if key.value in entries:
            faults.add(line_of(key), child, "is given twice; keep one of them")
        entries[key.value] = value
    return [(join(path, name), value) for name, value in entries.items()]


def join(path: str, name: str) -> str:
    """The path of a field inside the thing at `path`."""
    return f"{path}.{name}" if path else name
