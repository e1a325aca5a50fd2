"""Content with the files that the console has written.

Errors: ContentError from `first_content`, when the files themselves cannot be used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from bot.domain.content_edits import Edits
from bot.guides.canned import load_canned
from bot.guides.content import CANNED, Content, load_content
from bot.guides.errors import ContentError, Problem
from bot.guides.loader import load_snippets, parse_guide
from bot.guides.model import Guide
from bot.guides.nodes import MAX_BYTES, Faults, read_text
from bot.guides.overlay import laid_over
from bot.guides.phrases import load_phrases
from bot.guides.release import below

PHRASES = "phrases.yml"
_FOLDER = "guides/"


def guide_name(guide_id: str) -> str:
    """The file of a guide, from the content folder on."""
    return f"{_FOLDER}{guide_id}.yml"


def guide_of(name: str) -> str:
    """The guide whose file this is, "" for any other file."""
    return name.removeprefix(_FOLDER).removesuffix(".yml") if name.startswith(_FOLDER) else ""


def read_guide_text(text: str, guide_id: str, place: Path, titles: Mapping[str, str]) -> Guide:
    """The guide in a text, with the shared answers of a content folder. Raises ContentError."""
    size = len(text.encode())
    if size > MAX_BYTES:
        what = f"has {size} bytes; must have at most {MAX_BYTES}"
        raise ContentError((Problem(guide_name(guide_id), 1, "-", what),))
    snippets = load_snippets(place / "snippets.yml")
    return parse_guide(text, guide_id, titles.keys(), guide_name(guide_id), snippets)


def first_content(
    folder: Path, titles: Mapping[str, str], edits: Edits, stored: Mapping[str, Guide]
) -> tuple[Content, list[Problem]]:
    """Everything a program begins with: the files with the edits over them.

    An edit that cannot be read any more (an answer it shares is gone from snippets.yml, say) is a
    problem, and the guide that was published stands in for it: `stored` by id.
    """
    with laid_over(folder, edits) as place:
        try:
            return load_content(place, titles), []
        except ContentError as error:
            wrong = {p.file: p for p in below(place, error.problems) if p.file in edits}
            if not wrong:
                raise
    right = {name: edit for name, edit in edits.items() if name not in wrong}
    with laid_over(folder, right) as place:
        content = load_content(place, titles)
    held = {guide_of(name) for name in wrong} & stored.keys()
    guides = dict(content.guides) | {guide_id: stored[guide_id] for guide_id in held}
    return replace(content, guides=guides), list(wrong.values())


def take_up(
    served: Content, folder: Path, edits: Edits, names: Iterable[str], titles: Mapping[str, str]
) -> tuple[Content, list[Problem]]:
    """`served` with these files as the edits say. They were checked when they were published, so
    they are only read; one that cannot be is a problem, and what is served of it stays.
    """
    problems: list[Problem] = []
    content = served
    with laid_over(folder, edits) as place:
        for name in names:
            try:
                content = _with(content, place, name, titles)
            except ContentError as error:
                problems += below(place, error.problems)
    return content, problems


def _with(content: Content, place: Path, name: str, titles: Mapping[str, str]) -> Content:
    guide_id = guide_of(name)
    if name == PHRASES:
        return replace(content, phrases=load_phrases(place / name, content.people.neutral.blanks()))
    if name == CANNED:
        return replace(content, canned=load_canned(place / name))
    if not guide_id:
        what = "is not edited in the console; change the file"
        raise ContentError((Problem(name, 1, "-", what),))
    faults = Faults(name)
    text = read_text(place / name, faults)
    if text is None:
        raise ContentError(tuple(faults.problems))
    guide = read_guide_text(text, guide_id, place, titles)
    return replace(content, guides=dict(content.guides) | {guide_id: guide})
