"""content/cards.yml: what stands on a card, which icon it gets, and what can be wrong with it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from bot.cards.words import card_problems, load_card_words
from bot.domain.replies import StepPicture
from bot.guides.errors import ContentError
from bot.settings import ROOT

VALID = """\
name: Trợ lý
step: "Bước {step}/{total}"
checked: "Kiểm tra {day}"
alt: "Bước {step} trên {total}: {title}. {text}"
icon: list-checks
groups:
  vneid: id-card
icons:
  - icon: qr-code
    words: [mã QR, quét]
  - icon: eye
    words: [xem]
"""
PICTURE = StepPicture(
    "vneid_activate", "Kích hoạt", 2, 8, "Bấm nút", "Bấm nút đỏ.\nChờ một chút.", date(2026, 1, 5)
)


def write(tmp_path: Path, text: str) -> Path:
    """A file with this text."""
    file = tmp_path / "cards.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_card_is_made_of_a_step_and_the_words(tmp_path: Path) -> None:
    words = load_card_words(write(tmp_path, VALID), ["vneid"])
    card = words.card(PICTURE, "vneid")
    assert (card.guide, card.title, card.text) == ("Kích hoạt", "Bấm nút", PICTURE.text)
    assert (card.label, card.step, card.total) == ("Bước 2/8", 2, 8)
    assert (card.name, card.checked) == ("Trợ lý", "Kiểm tra 05/01/2026")
    assert card.icon == "id-card"


def test_the_alt_text_says_the_step_on_one_line(tmp_path: Path) -> None:
    words = load_card_words(write(tmp_path, VALID), ["vneid"])
    assert words.alt_for(PICTURE) == "Bước 2 trên 8: Bấm nút. Bấm nút đỏ. Chờ một chút."


@pytest.mark.parametrize(
    ("title", "group", "icon"),
    [
        ("Lấy mã QR của mình", "vneid", "qr-code"),
        ("LẤY MÃ QR", "vneid", "qr-code"),
        ("Xem rồi quét", "vneid", "qr-code"),
        ("Xem kỹ", "vneid", "eye"),
        ("Xemxét", "vneid", "id-card"),
        ("Chờ", "vneid", "id-card"),
        ("Chờ", "money", "list-checks"),
    ],
)
def test_the_icon_follows_title_then_group(
    tmp_path: Path, title: str, group: str, icon: str
) -> None:
    assert load_card_words(write(tmp_path, VALID), ["vneid"]).icon_for(title, group) == icon


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("name: Trợ lý\n", "", 1, "name: is missing"),
        ("{step}/{total}", "{step}", 2, "step: has the wrong blanks"),
        ("{step}/{total}", "{step}/{total} {guide}", 2, "step: has the wrong blanks"),
        ("{step}/{total}", "{step}/{total} {}", 2, "step: has the wrong blanks"),
        ("Kiểm tra {day}", "Kiểm tra {day", 3, "checked: has the wrong blanks"),
        (". {text}", "", 4, "alt: has the wrong blanks"),
        ("icon: list-checks", "icon: no-such", 5, "icon: 'no-such' is not an icon"),
        ("vneid: id-card", "vneid: no-such", 7, "groups.vneid: 'no-such' is not an icon"),
        ("vneid: id-card", "other: id-card", 7, "groups.other: is not a group of the menu"),
        ("icon: qr-code", "icon: qr", 9, "icons[1].icon: 'qr' is not an icon"),
        ("[xem]", "[Quét]", 12, "icons[2].words[1]: 'Quét' stands in an entry above"),
        ("[xem]", "[]", 12, "icons[2].words: is empty"),
        ("[xem]", "[xem]\n    colour: red", 13, "icons[2].colour: is not a known field"),
        ("icon: list-checks", "icon: list-checks\nsize: 3", 6, "size: is not a known field"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_field(
    tmp_path: Path, old: str, new: str, line: int, what: str
) -> None:
    assert old in VALID
    file = write(tmp_path, VALID.replace(old, new, 1))
    with pytest.raises(ContentError) as caught:
        load_card_words(file, ["vneid"])
    assert f"{file}:{line}: {what}" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="cannot be read"):
        load_card_words(tmp_path / "cards.yml", [])


def test_the_shipped_words_are_right_and_a_wrong_menu_is_not_said_twice(tmp_path: Path) -> None:
    known = ["vneid_activate"]
    shutil.copy(ROOT / "content" / "cards.yml", tmp_path)
    (tmp_path / "menu.yml").write_text("groups: 3\n", encoding="utf-8")
    assert card_problems(tmp_path, known) == ()
    (tmp_path / "cards.yml").write_text("name: 3\n", encoding="utf-8")
    assert card_problems(tmp_path, known)
