"""Every text that citizens read is looked at, and the limits are those of the file's reader."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.guides.errors import ContentError
from bot.guides.loader import Loaded, load_guides, read_guides
from bot.guides.model import Guide
from bot.guides.places import line_at
from bot.guides.texts import citizen_texts, length_most, shared_texts
from tests.guides.helpers import GUIDE, IDS, Shelf

#: Strings of a guide that no citizen reads as a sentence.
_NOT_READ = {"id", "owner", "revision", "related", "sources", "about", "words", "code"}
_NOT_READ |= {"situations", "snippet"}


def guide(folder: Path) -> Loaded:
    """The guide of the helpers, with something in every field there is."""
    shelf = Shelf.make(folder)
    shelf.change(
        "guides/qr_pay.yml",
        "steps:\n  - title: Mở",
        "emergency: [Dừng lại.]\nsteps:\n  - title: Mở",
    )
    shelf.change("guides/qr_pay.yml", "      fee: Xem trên giấy.", _REWRITTEN)
    shelf.change(
        "guides/qr_pay.yml", "    fee: Không mất phí.", _REWRITTEN.replace("      ", "    ")
    )
    shelf.change("guides/qr_pay.yml", "{text: Đưa máy lại gần mã.}", _LOCAL_STEP)
    loaded, problems = read_guides(shelf.folder / "guides", IDS)
    assert problems == []
    return loaded[0]


_REWRITTEN = """\
      answer: Riêng.
      prepare: [Giấy riêng]
      fee: Phí riêng.
      time: Giờ riêng.
      emergency: [Gấp riêng.]"""
_LOCAL_STEP = "{title: Tựa, text: Chữ., if_stuck: [{problem: Kẹt, answer: Gỡ.}]}"


def strings(value: Any) -> Iterator[str]:
    """Every string of a guide that citizens read, found by the shape of the value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from strings(item)
    elif is_dataclass(value):
        for part in fields(value):
            if part.name not in _NOT_READ:
                yield from strings(getattr(value, part.name))


def test_no_text_is_left_out(tmp_path: Path) -> None:
    loaded = guide(tmp_path)

    found = [text for _field, text in citizen_texts(loaded.guide)]

    assert sorted(found) == sorted(strings(loaded.guide))


def test_every_path_is_one_of_the_file(tmp_path: Path) -> None:
    loaded = guide(tmp_path)
    shared = shared_texts(loaded.guide)

    paths = [path for path, text in citizen_texts(loaded.guide) if text not in shared]

    assert [path for path in paths if path not in loaded.lines] == []
    assert len(set(paths)) == len(paths)


def test_what_is_shared_stands_in_another_file(tmp_path: Path) -> None:
    assert shared_texts(guide(tmp_path).guide) == {"Trời tối", "Bật đèn lên rồi quét lại."}


def test_a_text_without_a_line_is_at_the_line_of_what_it_is_in() -> None:
    lines = {"steps": 5, "steps[2].if_stuck[3]": 9}

    assert line_at(lines, "steps[2].if_stuck[3].answer") == 9
    assert line_at(lines, "steps[1].text") == 5
    assert line_at(lines, "provinces.ca_mau.words") == 1


def limits() -> Iterator[str]:
    """A path of every kind that a province's words can lengthen."""
    whole = Guide.__dataclass_fields__
    assert {"answer", "prepare", "fee", "time", "emergency", "warnings"} <= set(whole)
    yield from ("answer", "fee", "time", "prepare[1]", "emergency[1]", "warnings[1]")
    yield from ("question.ask", "question.choices[2].label", "question.choices[2].answer")
    yield from ("question.choices[2].prepare[1]", "question.choices[2].emergency[1]")
    yield from ("question.choices[2].warnings[1]", "temporary[1].fee")
    yield from ("steps[1].title", "steps[1].text", "steps[1].check", "steps[3].wait.ask")
    yield from ("steps[1].if_stuck[1].problem", "steps[1].if_stuck[1].answer")


@pytest.mark.parametrize("field", list(limits()))
def test_the_limits_are_those_of_the_reader(tmp_path: Path, field: str) -> None:
    loaded = guide(tmp_path)
    text = dict(citizen_texts(loaded.guide))[field]
    lines = Path(loaded.file).read_text(encoding="utf-8").splitlines()
    number = loaded.lines[field] - 1
    lines[number] = lines[number].replace(text, "dài " * 130 + "x")
    Path(loaded.file).write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        load_guides(Path(loaded.file).parent, IDS)

    (message,) = [found.message for found in caught.value.problems if found.field == field]
    assert message == f"has 521 characters; must have at most {length_most(field)}"


def test_a_field_without_a_limit() -> None:
    assert length_most("official.app") is None
    assert re.search("title: Quét QR", GUIDE)
