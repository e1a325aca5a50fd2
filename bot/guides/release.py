"""What of the files of a content folder may be served, given what is served now.

Each file stands for itself: a guide that the check refuses keeps the text it had, while others are
published; the same for phrases.yml, people.yml, path.yml, menu.yml and alert_texts.yml. Only what
all guides are made of or held against (snippets.yml, allowed.yml, glossary.yml) keeps all of them
as they were.

Errors: none raised.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from bot.guides.alert_texts import load_alert_texts
from bot.guides.canned import load_canned
from bot.guides.check import check_content
from bot.guides.content import CANNED, Content
from bot.guides.errors import ContentError, Problem, Severity
from bot.guides.loader import load_menu, load_path, read_guides
from bot.guides.model import Guide
from bot.guides.people import load_people
from bot.guides.phrases import load_phrases

T = TypeVar("T")

_FOLDER = "guides"
_FOR_ALL = ("snippets.yml", "allowed.yml", "glossary.yml")


@dataclass(frozen=True, slots=True)
class Release:
    """`content` is what may be served; `problems` why it is not all that the files say."""

    content: Content
    problems: tuple[Problem, ...]


def next_release(
    folder: Path, titles: Mapping[str, str], served: Content, today: date | None = None
) -> Release:
    """What to serve from now on instead of `served`.

    A guide whose text is the one served stays, whatever the check has come to think of it: its
    date may have passed, which is no reason to stop answering.
    """
    errors = _Errors(folder)
    errors.add(check_content(folder, titles, today, complete=False))
    people = errors.part("people.yml", load_people, served.people)
    address = people.neutral.blanks()
    content = replace(
        served,
        guides=_guides(folder, titles, served, errors),
        people=people,
        path=errors.part("path.yml", lambda file: load_path(file, titles), served.path),
        canned=errors.part(CANNED, load_canned, served.canned),
        menu=errors.part("menu.yml", lambda file: load_menu(file, titles), served.menu),
        phrases=errors.part(
            "phrases.yml", lambda file: load_phrases(file, address), served.phrases
        ),
        alert_texts=errors.part(
            "alert_texts.yml", lambda file: load_alert_texts(file, titles), served.alert_texts
        ),
    )
    return Release(content, errors.open())


def below(folder: Path, problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems with their files named from the content folder on."""
    for problem in problems:
        file = Path(problem.file)
        inside = file.is_relative_to(folder)
        yield replace(problem, file=(file.relative_to(folder) if inside else file).as_posix())


class _Errors:
    """The errors by file; those of a file that changes nothing are put aside."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._by_file: dict[str, set[Problem]] = defaultdict(set)

    def add(self, problems: Iterable[Problem]) -> None:
        """Note the errors among these."""
        for problem in below(self._folder, problems):
            if problem.severity is Severity.ERROR:
                self._by_file[problem.file].add(problem)

    def of(self, *names: str) -> bool:
        """Whether one of these files has an error."""
        return any(self._by_file.get(name) for name in names)

    def forget(self, name: str) -> None:
        """The errors of this file stop nothing."""
        self._by_file.pop(name, None)

    def part(self, name: str, load: Callable[[Path], T], served: T) -> T:
        """What a file says, or what is served when it has an error."""
        if self.of(name):
            return served
        try:
            return load(self._folder / name)
        except ContentError as error:
            # Some loaders name the file only.
            self.add(replace(problem, file=name) for problem in error.problems)
            return served

    def open(self) -> tuple[Problem, ...]:
        """All that is left, in order."""
        return tuple(sorted(set().union(*self._by_file.values())))


def _guides(
    folder: Path, titles: Mapping[str, str], served: Content, errors: _Errors
) -> dict[str, Guide]:
    directory = folder / _FOLDER
    loaded, unread = read_guides(directory, titles)
    errors.add(unread)
    read = {item.guide.id: item.guide for item in loaded}
    held = errors.of(*_FOR_ALL, _FOLDER)
    chosen: dict[str, Guide] = {}
    for guide_id in sorted(titles):
        name = f"{_FOLDER}/{guide_id}.yml"
        old, new = served.guides.get(guide_id), read.get(guide_id)
        if old is not None and new is not None and old.revision == new.revision:
            errors.forget(name)
            chosen[guide_id] = old
        elif new is not None and not held and not errors.of(name):
            chosen[guide_id] = new
        elif old is not None:
            chosen[guide_id] = old
            if not (directory / f"{guide_id}.yml").is_file() and not held:
                # Deleting a file by mistake must not leave people without an answer.
                what = "is gone, and its guide still served; put it back, or recall the guide"
                errors.add([Problem(str(folder / name), 1, "-", what)])
    return chosen
