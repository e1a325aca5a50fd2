"""Nothing is missing and everything can be found."""

from pathlib import Path

import pytest

from bot.guides.coverage import GROUP_MOST, menu_problems
from bot.guides.errors import Severity
from bot.guides.model import MenuGroup
from tests.guides.helpers import Shelf

QR = "guides/qr_pay.yml"
LINK = "guides/scam_link.yml"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf.make(tmp_path)


def test_a_missing_guide(shelf: Shelf) -> None:
    (shelf.folder / LINK).unlink()

    errors = [found for found in shelf.check() if found.severity is Severity.ERROR]

    assert [(Path(found.file).name, found.field) for found in errors] == [
        ("qr_pay.yml", "related[1]"),
        ("scam_link.yml", "-"),
    ]
    assert "'scam_link' has no file yet; write that guide or leave it out" in errors[0].message
    assert "is missing; every guide id of nlu/intents.yml must have a file" in errors[1].message


def test_guides_may_be_missing_while_they_are_written(shelf: Shelf) -> None:
    (shelf.folder / LINK).unlink()
    shelf.change(QR, "related: [scam_link]", "related: []")

    errors = [f for f in shelf.check(complete=False) if f.severity is Severity.ERROR]

    assert errors == []


def test_a_guide_nobody_leads_to_is_a_warning(shelf: Shelf) -> None:
    shelf.change(LINK, "related: [qr_pay]", "related: []")

    problem = shelf.only(Severity.WARNING)

    assert (problem.file, problem.line) == (str(shelf.folder / QR), 1)
    assert problem.field == "id"
    assert "is in no other guide's `related`; name it" in problem.message


def test_a_guide_does_not_lead_to_itself(shelf: Shelf) -> None:
    shelf.change(LINK, "related: [qr_pay]", "related: [scam_link]")

    found = {(problem.severity, problem.field) for problem in shelf.check()}

    assert found == {(Severity.ERROR, "related[1]"), (Severity.WARNING, "id")}


@pytest.mark.parametrize(("entries", "found"), [(GROUP_MOST, 0), (GROUP_MOST + 1, 1)])
def test_a_group_fits_one_page(tmp_path: Path, entries: int, found: int) -> None:
    ids = tuple(f"guide_{number}" for number in range(entries))
    listed = "\n".join(f"      - {name}" for name in ids)
    file = tmp_path / "menu.yml"
    file.write_text(
        f"groups:\n  - id: a\n    title: A\n    guides: []\n"
        f"  - id: b\n    title: B\n    guides:\n{listed}\n",
        encoding="utf-8",
    )
    groups = [MenuGroup("a", "A", ()), MenuGroup("b", "B", ids)]

    problems = list(menu_problems(file, groups))

    assert len(problems) == found
    for problem in problems:
        assert (problem.line, problem.field) == (7, "groups[2].guides")
        assert "has 11 entries; must have at most 10" in problem.message
