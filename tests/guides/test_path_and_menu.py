"""The path has its four stages; the menu names every guide once."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.guides.errors import ContentError, Problem
from bot.guides.loader import load_menu, load_path

Ids = Mapping[str, str]

STAGE = "  - {{id: {0}, title: A, description: B, guides: [qr_pay]}}\n"
PATH = "stages:\n" + "".join(map(STAGE.format, ("know", "identify", "use", "protect")))


def test_the_path_has_four_stages(tmp_path: Path, known_ids: Ids) -> None:
    file = tmp_path / "path.yml"
    file.write_text(PATH, encoding="utf-8")

    stages = load_path(file, known_ids)

    assert [stage.id for stage in stages] == ["know", "identify", "use", "protect"]
    assert stages[0].guides == ("qr_pay",)


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "message"),
    [
        ("id: use", "id: usage", 1, "stages", "must be know, identify, use, protect"),
        (STAGE.format("protect"), "", 1, "stages", "has 3 entries; must have 4 to 4"),
        ("id: know, title: A", "id: know", 2, "stages[1].title", "is missing; add it"),
        (
            "id: know, title: A",
            "id: know, title: A, x: y",
            2,
            "stages[1].x",
            "not a known field",
        ),
    ],
)
def test_a_wrong_path(
    tmp_path: Path,
    known_ids: Ids,
    old: str,
    new: str,
    line: int,
    field: str,
    message: str,
) -> None:
    file = tmp_path / "path.yml"
    file.write_text(PATH.replace(old, new), encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        load_path(file, known_ids)

    problem = caught.value.problems[0]
    assert (problem.line, problem.field) == (line, field)
    assert message in problem.message


def menu_problems(tmp_path: Path, known_ids: Ids, *groups: str) -> tuple[Problem, ...]:
    file = tmp_path / "menu.yml"
    lines = [f"  - {{id: g{number}, title: T, guides: {ids}}}" for number, ids in enumerate(groups)]
    file.write_text("groups:\n" + "\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_menu(file, known_ids)
    return caught.value.problems


def test_the_menu_names_every_guide(tmp_path: Path, known_ids: Ids) -> None:
    (problem,) = menu_problems(tmp_path, known_ids, "[qr_pay]")

    assert (problem.line, problem.field) == (1, "groups")
    assert problem.message.startswith("do not name scam_link;")


def test_the_menu_names_no_guide_twice(tmp_path: Path, known_ids: Ids) -> None:
    (problem,) = menu_problems(tmp_path, known_ids, "[qr_pay, scam_link]", "[qr_pay]")

    assert (problem.line, problem.field) == (3, "groups[2].guides[1]")
    assert "in the group 'g0' too; keep one" in problem.message


def test_a_menu_file_that_is_not_there(tmp_path: Path, known_ids: Ids) -> None:
    with pytest.raises(ContentError, match="cannot be read"):
        load_menu(tmp_path / "menu.yml", known_ids)
