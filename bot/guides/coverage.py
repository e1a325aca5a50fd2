"""Whether the guides are all there and can be found: files, menu, and the links between guides.

Errors: none.
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from bot.guides.errors import Problem
from bot.guides.loader import Loaded
from bot.guides.model import MenuGroup
from bot.guides.nodes import Faults
from bot.guides.places import line_at, problem_at
from bot.guides.record import open_record

#: One page of numbered choices must hold a group, with the way back to the groups below it. With
#: that a guide is three taps away: all topics, the group, the guide (a test presses them).
GROUP_MOST = 10


def missing_guides(directory: Path, known_ids: Collection[str]) -> Iterator[Problem]:
    """A problem for each guide id without a file."""
    for guide_id in sorted(known_ids):
        file = directory / f"{guide_id}.yml"
        if not file.is_file():
            what = "is missing; every guide id of nlu/intents.yml must have a file"
            yield Problem(str(file), 1, "-", what)


def related_problems(
    guides: Sequence[Loaded], directory: Path, known_ids: Collection[str]
) -> Iterator[Problem]:
    """Links from guide to guide that lead nowhere, and guides that no other one leads to."""
    named: set[str] = set()
    for loaded in guides:
        for index, other in enumerate(loaded.guide.related, 1):
            field = f"related[{index}]"
            if other == loaded.guide.id:
                what = "is the guide itself; must be another guide"
                yield problem_at(loaded, field, what)
                continue
            named.add(other)
            if other in known_ids and not (directory / f"{other}.yml").is_file():
                what = f"{other!r} has no file yet; write that guide or leave it out"
                yield problem_at(loaded, field, what)
    for loaded in guides:
        if loaded.guide.id not in named:
            what = "is in no other guide's `related`; name it where people may ask for it next"
            yield problem_at(loaded, "id", what).as_warning()


def menu_problems(file: Path, groups: Sequence[MenuGroup]) -> Iterator[Problem]:
    """Groups of the menu that are too long to choose from."""
    lines = _group_lines(file)
    for number, group in enumerate(groups, 1):
        if len(group.guides) > GROUP_MOST:
            field = f"groups[{number}].guides"
            what = (
                f"has {len(group.guides)} entries; must have at most {GROUP_MOST}, "
                "so that one page holds them: make two groups"
            )
            yield Problem(str(file), line_at(lines, field), field, what)


def _group_lines(file: Path) -> dict[str, int]:
    faults = Faults(str(file))
    top = open_record(file, faults)
    if top:
        for record in top.records("groups", 1, 12):
            record.texts("guides", 40, 100)
    return faults.lines
