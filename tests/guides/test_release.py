"""What of changed files is served: all that is right, and for the rest what was right last."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.guides.content import Content, load_content
from bot.guides.fingerprint import fingerprint
from bot.guides.release import Release, next_release
from tests.guides.helpers import GUIDE, IDS, TODAY, Shelf

FEE = "fee: Tùy ngân hàng."
LINK_FEE = "fee: Không mất tiền."


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf.make(tmp_path)


@pytest.fixture
def served(shelf: Shelf) -> Content:
    return load_content(shelf.folder, IDS)


def read(shelf: Shelf, served: Content, today: date = TODAY) -> Release:
    return next_release(shelf.folder, IDS, served, today)


def places(release: Release) -> list[tuple[str, int, str]]:
    return [(each.file, each.line, each.field) for each in release.problems]


def test_nothing_changed_is_the_same_content(shelf: Shelf, served: Content) -> None:
    assert read(shelf, served) == Release(served, ())


def test_a_changed_guide_is_published(shelf: Shelf, served: Content) -> None:
    shelf.change("guides/qr_pay.yml", FEE, "fee: Không mất phí.")
    release = read(shelf, served)
    assert release.problems == ()
    assert release.content.guides["qr_pay"].fee == "Không mất phí."
    assert release.content.guides["scam_link"] == served.guides["scam_link"]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("id: qr_pay", "id: qr_pay\ncolour: red", "colour"),
        (FEE, "fee: Gọi 0912345678 mà hỏi.", "fee"),
        ("title: Mở ứng dụng", "title: [", "-"),
    ],
)
def test_a_wrong_guide_keeps_its_text_and_others_are_published(
    shelf: Shelf, served: Content, old: str, new: str, field: str
) -> None:
    shelf.change("guides/qr_pay.yml", old, new)
    shelf.change("guides/scam_link.yml", LINK_FEE, "fee: Không tốn gì.")
    release = read(shelf, served)
    assert {file for file, _, _ in places(release)} == {"guides/qr_pay.yml"}
    assert field in [name for _, _, name in places(release)]
    assert release.content.guides["qr_pay"] == served.guides["qr_pay"]
    assert release.content.guides["scam_link"].fee == "Không tốn gì."


def test_a_new_guide_that_is_wrong_is_not_served(shelf: Shelf, served: Content) -> None:
    fewer = Content(
        {"scam_link": served.guides["scam_link"]},
        served.titles,
        served.phrases,
        served.path,
        served.menu,
        served.people,
    )
    shelf.change("guides/qr_pay.yml", FEE, "fee: Gọi 0912345678 mà hỏi.")
    release = read(shelf, fewer)
    assert list(release.content.guides) == ["scam_link"]
    assert places(release) == [("guides/qr_pay.yml", 5, "fee")]


def test_half_a_file_is_not_half_a_guide(shelf: Shelf, served: Content) -> None:
    """However much of it was written when we looked."""
    file = shelf.folder / "guides" / "qr_pay.yml"
    lines = GUIDE.splitlines(keepends=True)
    for number in range(0, lines.index("provinces:\n"), 3):
        file.write_text("".join(lines[:number]), encoding="utf-8")
        release = read(shelf, served)
        assert release.content == served, number
        assert release.problems


def test_bytes_that_are_no_text_break_nothing(shelf: Shelf, served: Content) -> None:
    (shelf.folder / "guides" / "qr_pay.yml").write_bytes(b"\xff\xfe\x00title" * 50)
    (shelf.folder / "phrases.yml").write_bytes(b"\x00\xff" * 500)
    release = read(shelf, served)
    assert release.content == served
    assert {file for file, _, _ in places(release)} == {"guides/qr_pay.yml", "phrases.yml"}


def test_a_file_that_is_gone_is_still_served(shelf: Shelf, served: Content) -> None:
    (shelf.folder / "guides" / "qr_pay.yml").unlink()
    release = read(shelf, served)
    assert release.content == served
    (problem,) = [each for each in release.problems if each.file == "guides/qr_pay.yml"]
    assert "put it back, or recall the guide" in problem.message


def test_a_folder_that_is_gone_is_still_served(shelf: Shelf, served: Content) -> None:
    (shelf.folder / "guides").rename(shelf.folder / "elsewhere")
    release = read(shelf, served)
    assert release.content == served
    assert ("guides", 1, "-") in places(release)


def test_a_date_that_passes_takes_nothing_away_and_holds_up_nothing(
    shelf: Shelf, served: Content
) -> None:
    later = date(2027, 5, 21) + timedelta(days=1)
    shelf.change("guides/scam_link.yml", "review_by: 2027-05-21", "review_by: 2027-11-21")
    release = read(shelf, served, later)
    # The other guide's own dates have passed: nobody changed it, and it goes on being served.
    assert release.content.guides["qr_pay"] == served.guides["qr_pay"]
    assert release.content.guides["scam_link"].review_by == date(2027, 11, 21)
    assert release.problems == ()


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("menu.yml", "guides: [qr_pay, scam_link]", "guides: [qr_pay]"),
        ("path.yml", "id: know", "id: knew"),
        ("phrases.yml", "  thanks: ", "  thanx: "),
        ("people.yml", "neutral:", "neutrall:"),
    ],
)
def test_a_wrong_file_of_another_kind_stays_as_it_was(
    shelf: Shelf, served: Content, name: str, old: str, new: str
) -> None:
    shelf.change(name, old, new)
    shelf.change("guides/qr_pay.yml", FEE, "fee: Không mất phí.")
    release = read(shelf, served)
    assert {file for file, _, _ in places(release)} == {name}
    now = release.content
    assert (now.menu, now.path, now.people) == (served.menu, served.path, served.people)
    assert now.phrases == served.phrases
    assert now.guides["qr_pay"].fee == "Không mất phí."


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("snippets.yml", "problem: Trời tối", "problem:"),
        ("allowed.yml", "phones:", "phone:"),
        ("glossary.yml", "words:", "word:"),
    ],
)
def test_what_all_guides_are_held_against_keeps_all_of_them(
    shelf: Shelf, served: Content, name: str, old: str, new: str
) -> None:
    shelf.change(name, old, new)
    shelf.change("guides/qr_pay.yml", FEE, "fee: Không mất phí.")
    release = read(shelf, served)
    assert release.content.guides == served.guides
    assert {file for file, _, _ in places(release)} == {name}


def test_changed_words_of_the_bot_are_published(shelf: Shelf, served: Content) -> None:
    shelf.change("phrases.yml", "Dạ không có gì.", "Dạ, có gì đâu.")
    shelf.change("people.yml", "{you: anh/chị, me: em}", "{you: bà con, me: cháu}")
    release = read(shelf, served)
    assert release.problems == ()
    assert release.content.phrases.say("thanks").startswith("Dạ, có gì đâu. Bà con")


# Noticing it -------------------------------------------------------------------------------------


def test_every_change_of_a_file_is_noticed(shelf: Shelf) -> None:
    before = fingerprint(shelf.folder)
    assert fingerprint(shelf.folder) == before
    file = shelf.folder / "guides" / "qr_pay.yml"
    text = file.read_text(encoding="utf-8")
    # Replaced by one of the same size, with the time put back, as some programs do.
    status = file.stat()
    aside = file.with_name("new.yml")
    aside.write_text(text.replace("Vài phút.", "Nửa giờ.."), encoding="utf-8")
    os.utime(aside, ns=(status.st_atime_ns, status.st_mtime_ns))
    aside.replace(file)
    after = fingerprint(shelf.folder)
    assert after != before
    file.unlink()
    assert "guides/qr_pay.yml" not in fingerprint(shelf.folder)


@pytest.mark.parametrize("name", [".qr_pay.yml.swp", "qr_pay.yml~", ".DS_Store", ".git/index"])
def test_files_of_programs_are_passed_over(shelf: Shelf, served: Content, name: str) -> None:
    before = fingerprint(shelf.folder)
    file = shelf.folder / "guides" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"\x00b")
    assert fingerprint(shelf.folder) == before
    assert load_content(shelf.folder, IDS) == served


def test_a_mounted_folder_of_links_is_followed(shelf: Shelf, tmp_path: Path) -> None:
    real = tmp_path / ".data"
    (shelf.folder / "guides").rename(real)
    (shelf.folder / "guides").symlink_to(real)
    assert "guides/qr_pay.yml" in fingerprint(shelf.folder)


def test_a_folder_that_is_not_there_has_nothing(tmp_path: Path) -> None:
    assert fingerprint(tmp_path / "none") == {}


def test_drafted_alerts_are_taken_up_and_a_wrong_file_changes_nothing(
    shelf: Shelf, served: Content
) -> None:
    file = shelf.folder / "alert_texts.yml"
    file.write_text("texts: {scam_link: Đừng bấm link lạ.}\n", encoding="utf-8")
    release = read(shelf, served)
    assert release.content.alert_texts == {"scam_link": "Đừng bấm link lạ."}
    file.write_text("texts: {scam_lin: Đừng bấm.}\n", encoding="utf-8")
    after = read(shelf, release.content)
    assert after.content.alert_texts == release.content.alert_texts
    assert places(after) == [("alert_texts.yml", 1, "texts.scam_lin")]
