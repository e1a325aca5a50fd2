"""Reads the training and validation sentences; every mistake is reported with file and line.

Training files are Rasa's own format: `version: "3.1"`, then `nlu:` with entries of `intent:` and
`examples: |` and one `- sentence` a line.
"""

import csv
import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from nlu.engine import DATA_DIR, DataError
from nlu.intents import INTENTS
from nlu.text import normalize

VALIDATION_FILE = DATA_DIR / "validation.tsv"
_ENTITY_MARKUP = re.compile(r"\[([^\]\[]+)\]\([^)(]+\)")
_OTHER_RASA_ENTRIES = {"synonym", "regex", "lookup"}

# What is told of each mistake: raises it to stop at the first, keeps it to find them all.
Report = Callable[[DataError], None]


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence, its intent and where it stands (line counts from 1)."""

    text: str
    intent: str
    file: str
    line: int


def load_training(data_dir: Path, intents: Collection[str] = INTENTS) -> list[Example]:
    """All sentences of `data_dir/*.yml`, by file name then line; repeats in one intent once.

    Raises DataError for the first mistake found.
    """
    kept: dict[str, Example] = {}
    for example in read_training(data_dir, _stop, intents):
        keep(example, kept)
    check_complete(data_dir, kept.values(), intents)
    return list(kept.values())


def read_training(
    data_dir: Path, report: Report, intents: Collection[str] = INTENTS
) -> list[Example]:
    """All sentences of `data_dir/*.yml` as they stand, by file name then line, repeats too.

    Mistakes in the files go to `report`; what can be read beside them is read.
    """
    files = sorted(data_dir.glob("*.yml"))
    if not files:
        report(DataError(data_dir, 1, "no training files: expected *.yml with version and nlu"))
    examples: list[Example] = []
    for path in files:
        for found in _read_file(path, intents):
            if isinstance(found, Example):
                examples.append(found)
            else:
                report(found)
    return examples


def keep(example: Example, kept: dict[str, Example]) -> Example:
    """Add the sentence to those kept, unless one is there that is the same once normalised.

    The one that is kept. Raises DataError when that one belongs to another intent.
    """
    key = normalize(example.text).accented or example.text
    first = kept.setdefault(key, example)
    if first.intent != example.intent:
        raise DataError(
            example.file,
            example.line,
            f"{example.text!r} is in {example.intent} and in {first.intent} "
            f"({first.file}:{first.line}): keep it in one intent",
        )
    return first


def check_complete(data_dir: Path, examples: Iterable[Example], intents: Collection[str]) -> None:
    """Raises DataError when an intent has no sentence at all."""
    named = {example.intent for example in examples}
    missing = ", ".join(name for name in intents if name not in named)
    if missing:
        raise DataError(data_dir, 1, f"no sentence for intent {missing}: add one to a file here")


def _stop(mistake: DataError) -> None:
    raise mistake


def load_validation(
    path: Path = VALIDATION_FILE, intents: Collection[str] = INTENTS
) -> list[Example]:
    """The sentences of a table with the columns intent and text. Raises DataError."""
    lines = _read_text(path).splitlines()
    rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    header = next(rows, [])
    if header != ["intent", "text"]:
        raise DataError(path, 1, "the first line must be: intent<TAB>text")
    return [_validation_row(path, line, row, intents) for line, row in enumerate(rows, 2) if row]


def _validation_row(path: Path, line: int, row: list[str], intents: Collection[str]) -> Example:
    if len(row) != 2:
        raise DataError(path, line, f"{len(row)} columns: expected intent<TAB>text")
    name, text = row[0].strip(), row[1].strip()
    _check_intent(name, path, line, intents)
    if not text:
        raise DataError(path, line, "empty text: write a sentence or remove the line")
    return Example(text, name, str(path), line)


def _read_text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(path, 1, f"cannot be read: {error.strerror}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise DataError(path, line, "not UTF-8: save the file as UTF-8") from error


def _read_file(path: Path, intents: Collection[str]) -> Iterator[Example | DataError]:
    """What one file holds: sentences, and mistakes where something is not one."""
    try:
        entries = _entries(path)
    except DataError as mistake:
        yield mistake
        return
    for entry in entries:
        try:
            block = _examples_of(entry, path, intents)
        except DataError as mistake:
            yield mistake
            continue
        if block:
            yield from _read_block(*block, path)


def _entries(path: Path) -> list[yaml.Node]:
    root = _compose(path)
    top = _mapping(root, path, "the file must be a mapping with the keys version and nlu")
    if "version" not in top:
        raise DataError(path, 1, 'no version: the first line must be version: "3.1"')
    version = top["version"]
    if version.value != "3.1" or version.tag != "tag:yaml.org,2002:str":
        raise DataError(path, _line(version), 'version must be "3.1", with the quotes')
    for key in top.keys() - {"version", "nlu"}:
        raise DataError(path, _line(top[key]), f"unknown key {key!r}: expected version and nlu")
    entries = top.get("nlu")
    if not isinstance(entries, yaml.SequenceNode) or not entries.value:
        where = _line(entries) if entries else 1
        raise DataError(path, where, "nlu must be a list of '- intent: ...' entries")
    return list(entries.value)


def _compose(path: Path) -> yaml.Node:
    text = _read_text(path)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise DataError(path, line, "a character that YAML does not allow: remove it") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise DataError(
            path, line, f"not valid YAML: {error.problem}; check indentation"
        ) from error
    if root is None:
        raise DataError(path, 1, "the file is empty: expected version and nlu")
    return root


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _mapping(node: yaml.Node, path: Path, expected: str) -> dict[str, yaml.Node]:
    """The node's values by key; a key written twice is a mistake, not a replacement."""
    if not isinstance(node, yaml.MappingNode):
        raise DataError(path, _line(node), expected)
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise DataError(path, _line(key), expected)
        if key.value in found:
            raise DataError(path, _line(key), f"key {key.value!r} is there twice: keep one")
        found[key.value] = value
    return found


def _examples_of(
    entry: yaml.Node, path: Path, intents: Collection[str]
) -> tuple[yaml.ScalarNode, str] | None:
    """An entry's text block and its intent; None for an entry that holds no sentences."""
    fields = _mapping(entry, path, "each entry of nlu must be 'intent: name' and 'examples: |'")
    if fields.keys() & _OTHER_RASA_ENTRIES:
        return None
    for key in fields.keys() - {"intent", "examples"}:
        raise DataError(
            path, _line(fields[key]), f"unknown key {key!r}: expected intent and examples"
        )
    if "intent" not in fields:
        raise DataError(path, _line(entry), "entry without intent: add 'intent: name'")
    name = str(fields["intent"].value)
    _check_intent(name, path, _line(fields["intent"]), intents)
    if "examples" not in fields:
        raise DataError(path, _line(entry), f"intent {name} has no examples: add 'examples: |'")
    block = fields["examples"]
    if not isinstance(block, yaml.ScalarNode) or block.style != "|":
        raise DataError(path, _line(block), "examples must be a text block: 'examples: |'")
    return block, name


def _check_intent(name: str, path: Path, line: int, intents: Collection[str]) -> None:
    if name in intents:
        return
    close = difflib.get_close_matches(name, list(intents), n=1)
    hint = f"did you mean {close[0]}?" if close else "expected an id of nlu/intents.yml"
    raise DataError(path, line, f"unknown intent {name!r}: {hint}")


def _read_block(block: yaml.ScalarNode, name: str, path: Path) -> Iterator[Example | DataError]:
    empty = True
    # In a literal block each line of the value is a line of the file, right after the '|'.
    for line, raw in enumerate(block.value.split("\n"), _line(block) + 1):
        text = raw.strip()
        if not text:
            continue
        empty = False
        if not text.startswith("-"):
            yield DataError(path, line, f"expected '- sentence', found {text[:40]!r}")
            continue
        text = _ENTITY_MARKUP.sub(r"\1", text[1:].strip())
        if text:
            yield Example(text, name, str(path), line)
        else:
            yield DataError(path, line, "empty sentence: write one after '-' or remove the line")
    if empty:
        yield DataError(path, _line(block), f"intent {name} is empty: add '- sentence' lines")
