"""Reading content/: the guides, the path and the menu.

Errors: ContentError, with every problem of every file that was read.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import yaml

from bot.guides.errors import ContentError, Problem
from bot.guides.fingerprint import passed_over
from bot.guides.model import Guide, MenuGroup, Obstacle, Stage
from bot.guides.nodes import Faults, compose, read_text
from bot.guides.record import Record, open_record
from bot.guides.schema import Snippets, read_guide, read_menu_group, read_snippets, read_stage

STAGE_IDS = ("know", "identify", "use", "protect")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A guide with the line of each of its fields, for checks that look at the finished guide."""

    guide: Guide
    file: str
    lines: Mapping[str, int]

    def problem(self, field: str, message: str) -> Problem:
        """A problem of one field, at its line."""
        return Problem(self.file, self.lines.get(field, 1), field, message)


def load_guides(directory: Path, known_ids: Collection[str]) -> dict[str, Guide]:
    """All guides of a folder by id. Raises ContentError.

    The obstacles they share stand in snippets.yml beside the folder, which may be missing.
    """
    loaded, problems = read_guides(directory, known_ids)
    if problems:
        raise ContentError(tuple(problems))
    return {item.guide.id: item.guide for item in loaded}


def load_snippets(file: Path) -> dict[str, Obstacle]:
    """The shared obstacles by name; none when there is no such file. Raises ContentError."""
    if not file.exists():
        return {}
    faults = Faults(str(file))
    top = open_record(file, faults)
    snippets = read_snippets(top) if top else {}
    faults.raise_any()
    return snippets


def parse_guide(
    text: str,
    name: str,
    known_ids: Collection[str],
    file: str = "",
    snippets: Snippets | None = None,
) -> Guide:
    """The guide `name` in a YAML text, as from the editor of the console. Raises ContentError."""
    faults = Faults(file or f"{name}.yml")
    guide = _parse(text, name, known_ids, faults, snippets or {})
    if guide is None:
        raise ContentError(tuple(faults.problems))
    return guide


def dump_guide(guide: Guide) -> str:
    """The YAML text of a guide, from which `parse_guide` makes an equal one."""
    data = {key: value for key, value in guide.to_json().items() if key != "revision"}
    data |= {key: data.get(key, []) for key in ("prepare", "warnings", "related")}
    local = [item.get("steps", {}).values() for item in data.get("provinces", {}).values()]
    for step in [*data["steps"], *chain.from_iterable(local)]:
        if "if_stuck" in step:
            step["if_stuck"] = [_dump_obstacle(item) for item in step["if_stuck"]]
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=100)


def _dump_obstacle(data: dict[str, object]) -> dict[str, object]:
    if "snippet" not in data:
        return data
    return {"use": data["snippet"]} | ({"for": data["for"]} if "for" in data else {})


def load_path(file: Path, known_ids: Collection[str]) -> tuple[Stage, ...]:
    """The four stages of the path. Raises ContentError."""
    faults = Faults(str(file))
    top = open_record(file, faults)
    stages: tuple[Stage, ...] = ()
    if top:
        count = len(STAGE_IDS)
        records = top.records("stages", count, count)
        stages = tuple(read_stage(record, known_ids) for record in records)
        top.close()
        _check_stage_ids(top, stages)
    faults.raise_any()
    return stages


def load_menu(file: Path, known_ids: Collection[str]) -> tuple[MenuGroup, ...]:
    """The groups of the menu; together they hold every known id once. Raises ContentError."""
    faults = Faults(str(file))
    top = open_record(file, faults)
    groups: tuple[MenuGroup, ...] = ()
    if top:
        groups = tuple(read_menu_group(item, known_ids) for item in top.records("groups", 1, 12))
        top.close()
        _check_menu(top, groups, known_ids)
    faults.raise_any()
    return groups


def read_guides(directory: Path, known_ids: Collection[str]) -> tuple[list[Loaded], list[Problem]]:
    """The guides of a folder that could be read, and the problems of those that could not."""
    if not directory.is_dir():
        what = "is not a folder; must be the folder of the guides"
        return [], [Problem(str(directory), 1, "-", what)]
    loaded: list[Loaded] = []
    problems: list[Problem] = []
    try:
        snippets = load_snippets(directory.parent / "snippets.yml")
    except ContentError as error:
        return [], list(error.problems)
    for file in sorted(directory.iterdir()):
        if passed_over(file.name):
            continue
        faults = Faults(str(file))
        guide = _load(file, known_ids, faults, snippets)
        if guide:
            loaded.append(Loaded(guide, str(file), faults.lines))
        problems += faults.problems
    return loaded, problems


def _load(
    file: Path, known_ids: Collection[str], faults: Faults, snippets: Snippets
) -> Guide | None:
    if file.suffix != ".yml":
        # A file that is passed over in silence is a guide that somebody believes published.
        faults.add(1, "-", "is not a guide file; rename it to <id>.yml or move it away")
        return None
    text = read_text(file, faults)
    return None if text is None else _parse(text, file.stem, known_ids, faults, snippets)


def _parse(
    text: str, name: str, known_ids: Collection[str], faults: Faults, snippets: Snippets
) -> Guide | None:
    node = compose(text, faults)
    if node is None:
        return None
    guide = read_guide(Record(node, "", faults), name, known_ids, snippets)
    return None if faults.problems else guide


def _check_stage_ids(top: Record, stages: tuple[Stage, ...]) -> None:
    ids = tuple(stage.id for stage in stages)
    if ids != STAGE_IDS:
        wanted = ", ".join(STAGE_IDS)
        top.fault("stages", f"have the ids {', '.join(ids) or 'none'}; must be {wanted}")


def _check_menu(top: Record, groups: tuple[MenuGroup, ...], known_ids: Collection[str]) -> None:
    first: dict[str, str] = {}
    for number, group in enumerate(groups, 1):
        for position, guide_id in enumerate(group.guides, 1):
            field = f"groups[{number}].guides[{position}]"
            if first.setdefault(guide_id, group.id) != group.id:
                line = top.faults.lines.get(field)
                what = f"{guide_id!r} is in the group {first[guide_id]!r} too; keep one of them"
                top.fault(field, what, line)
    missing = sorted(set(known_ids) - set(first))
    if missing:
        top.fault(
            "groups",
            f"do not name {', '.join(missing)}; every guide must be in a group",
        )
