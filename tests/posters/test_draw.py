"""Posters: one A4 page whose codes can be read back, with every word on it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from bot.guides.errors import ContentError
from bot.posters.draw import Code, Poster, PosterError, draw_poster
from bot.posters.words import PosterWords, load_poster_words, poster_problems
from bot.settings import ROOT

CODES = (
    Code("https://tro-ly.example.vn/?loc=96_32236_rach-goc", "Trang web"),
    Code("https://zalo.me/1234567890", "Zalo", "Vào Zalo rồi gửi: LOC_96_32236_RACH-GOC"),
    Code("https://t.me/tro_ly_so_bot?start=loc_96_32236_rach-goc", "Telegram"),
)
POSTER = Poster("Ấp Rạch Gốc, xã Tân Ân, Cà Mau", "Tổ ấp Rạch Gốc", CODES, "tro-ly.example.vn")
LONGEST = "Ấp " + "Nguyễn Đương Trường Khương " * 4


@pytest.fixture(scope="module")
def words() -> PosterWords:
    return load_poster_words(ROOT / "content" / "poster.yml")


def read(pdf: bytes, dots: int = 110) -> tuple[str, set[str], tuple[float, float]]:
    """The page's text, what its codes hold, its size in points."""
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    page = document[0]
    picture = page.render(scale=dots / 72).to_pil()
    held = {found.text for found in zxingcpp.read_barcodes(picture)}
    return " ".join(page.get_textpage().get_text_range().split()), held, page.get_size()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_every_code_is_read_back(words: PosterWords, count: int) -> None:
    text, held, size = read(draw_poster(replace(POSTER, codes=CODES[:count]), words))
    assert held == {code.holds for code in CODES[:count]}
    assert size == pytest.approx((595.28, 841.89), abs=0.1)
    assert POSTER.place in text
    assert "Người giúp: Tổ ấp Rạch Gốc" in text
    for said in (words.title, words.subtitle, words.scan, words.machine, *words.warnings):
        assert said in text
    assert "OTP" in text
    assert "tro-ly.example.vn" in text


def test_what_is_typed_for_zalo_stands_there(words: PosterWords) -> None:
    text, _, _ = read(draw_poster(replace(POSTER, codes=CODES[1:2]), words))
    assert CODES[1].note in text


def test_without_a_team_nobody_is_named(words: PosterWords) -> None:
    text, _, _ = read(draw_poster(replace(POSTER, team="", typed=""), words))
    assert "Người giúp:" not in text
    assert "trình duyệt" not in text


def test_long_names_shrink_and_too_long_ones_are_refused(words: PosterWords) -> None:
    text, held, _ = read(draw_poster(replace(POSTER, place=LONGEST, team=LONGEST), words))
    assert LONGEST.strip() in text
    assert len(held) == 3
    with pytest.raises(PosterError, match="too long"):
        draw_poster(replace(POSTER, place="x" * 2000), words)
    with pytest.raises(PosterError, match="warnings are too long"):
        draw_poster(POSTER, replace(words, warnings=("Cúp máy ngay. " * 7,) * 4))


def test_a_longest_link_is_still_read(words: PosterWords) -> None:
    code = Code("https://tro-ly-cong-dan-so.tinh.example.vn/?loc=96_32236_" + "a" * 40, "Web")
    _, held, _ = read(draw_poster(replace(POSTER, codes=(code,) * 3), words))
    assert held == {code.holds}


def test_the_same_poster_is_the_same_file(words: PosterWords) -> None:
    assert draw_poster(POSTER, words) == draw_poster(POSTER, words)


def test_a_poster_needs_a_code(words: PosterWords) -> None:
    for codes in ((), CODES * 2):
        with pytest.raises(ValueError, match="must have 1 to 3"):
            draw_poster(replace(POSTER, codes=codes), words)


def test_wrong_words_are_named(tmp_path: Path) -> None:
    text = (ROOT / "content" / "poster.yml").read_text(encoding="utf-8")
    assert poster_problems(ROOT / "content") == ()
    (tmp_path / "poster.yml").write_text(
        text.replace("{team}", "{tổ}").replace("machine:", "machin:"), encoding="utf-8"
    )
    problems = {problem.field: problem.message for problem in poster_problems(tmp_path)}
    assert "use: {team}" in problems["team"]
    assert {"machine", "machin"} <= set(problems)
    with pytest.raises(ContentError):
        load_poster_words(tmp_path / "none.yml")
