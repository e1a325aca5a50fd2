"""`content check` tells errors from warnings, in words and by its exit code."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cards import words
from bot.cli import app
from bot.guides import check
from bot.guides.errors import Problem
from bot.handoff import files
from bot.posters import words as poster_words

ERROR = Problem("a.yml", 3, "fee", "is wrong; mend it")
WARNING = Problem("a.yml", 5, "id", "is odd; look at it").as_warning()


@pytest.mark.parametrize(
    ("problems", "option", "code", "last"),
    [
        ([], "--strict", 0, "no problems"),
        ([WARNING], "", 0, "0 error(s), 1 warning(s)"),
        ([WARNING], "--strict", 1, "0 error(s), 1 warning(s)"),
        ([ERROR, WARNING], "", 1, "1 error(s), 1 warning(s)"),
    ],
)
def test_the_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    problems: list[Problem],
    option: str,
    code: int,
    last: str,
) -> None:
    monkeypatch.setattr(check, "check_content", lambda *_: problems)
    monkeypatch.setattr(words, "card_problems", lambda *_: ())
    monkeypatch.setattr(files, "handoff_problems", lambda *_: ())
    monkeypatch.setattr(poster_words, "poster_problems", lambda *_: ())
    options = [option] if option else []

    done = CliRunner().invoke(app, ["content", "check", str(tmp_path), *options])

    assert done.exit_code == code
    assert done.stdout.splitlines()[:-1] == [str(problem) for problem in problems]
    assert done.stdout.splitlines()[-1].endswith(last)


def test_how_a_problem_is_printed() -> None:
    assert str(ERROR) == "a.yml:3: fee: is wrong; mend it"
    assert str(WARNING) == "a.yml:5: warning: id: is odd; look at it"
