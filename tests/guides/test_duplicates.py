"""The same answer in two places is one that will be corrected in one place only."""

from pathlib import Path
from random import Random

import pytest

from bot.guides.duplicates import SAME, near_copies, runs_of
from bot.guides.errors import Severity
from bot.guides.loader import Loaded, read_guides
from tests.guides.helpers import IDS, Shelf

QR = "guides/qr_pay.yml"
LINK = "guides/scam_link.yml"
OWN = "Hỏi trưởng thôn xem nút quét mã nằm ở đâu."
COPY = "Hỏi trưởng thôn xem nút quét mã nằm ở đâu nhé."
DIFFERENT = "Hỏi cô bán hàng xem nút in mã nằm ở góc nào."


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf.make(tmp_path)


def test_a_copy_in_another_guide_is_an_error_that_names_both(shelf: Shelf) -> None:
    line = shelf.change(LINK, "Để sáng mai hỏi con cháu cũng không muộn.", COPY)

    problem = shelf.only()

    assert (problem.file, problem.line) == (str(shelf.folder / LINK), line)
    assert problem.field == "steps[1].if_stuck[2].answer"
    assert problem.message.startswith("is 88% the same as ")
    other = f"{shelf.folder / QR}:23: steps[1].if_stuck[1].answer ('Không thấy nút'); "
    assert other in problem.message
    assert "content/snippets.yml" in problem.message


def test_other_words_are_no_copy(shelf: Shelf) -> None:
    shelf.change(LINK, "Để sáng mai hỏi con cháu cũng không muộn.", DIFFERENT)

    assert shelf.check() == []


def test_a_snippet_is_shared_on_purpose(shelf: Shelf) -> None:
    shelf.change("snippets.yml", "Bật đèn lên rồi quét lại.", OWN.replace("mã", "ảnh"))
    problem = "      - problem: Lỡ bấm rồi\n"
    shelf.change(LINK, problem, "      - use: dark\n" + problem)

    assert shelf.check() == []


def test_what_is_written_out_though_there_is_a_snippet(shelf: Shelf) -> None:
    shelf.change("snippets.yml", "Bật đèn lên rồi quét lại.", "Bật đèn trong nhà lên rồi quét lại.")
    copied = "Bật đèn trong nhà lên rồi quét lại."
    shelf.change(LINK, "Để sáng mai hỏi con cháu cũng không muộn.", copied)

    assert "is 100% the same as" in shelf.only().message


def test_a_copy_at_another_step_is_a_warning(shelf: Shelf) -> None:
    shelf.change(QR, "Lau ống kính.", COPY)

    problem = shelf.only(Severity.WARNING)

    assert problem.field == "steps[2].if_stuck[1].answer"
    assert "say what is special at this step" in problem.message


def test_a_copy_at_the_same_step_is_left_to_the_author(shelf: Shelf) -> None:
    shelf.change(QR, "Nhờ {you} hỏi lại người bán.", "Lau ống kính cho sạch rồi quét lại.")
    shelf.change(QR, "Lau ống kính.", "Lau ống kính cho sạch rồi quét lại.")

    assert shelf.check() == []


def test_readers_of_two_choices_never_see_both(shelf: Shelf) -> None:
    shelf.change(QR, f"answer: {OWN}", f"answer: {OWN}\n        for: [shop]")
    shelf.change(QR, "answer: Lau ống kính.", f"answer: {COPY}\n        for: [paper]")
    # So that each of the two still has help enough.
    more = "    if_stuck:\n      - problem: Lâu quá\n        answer: Chờ thêm.\n"
    shelf.change(QR, "    text: Chờ tin nhắn.\n", "    text: Chờ tin nhắn.\n" + more)

    assert shelf.check() == []


def test_a_province_may_copy_its_own_step_but_no_other_guide(shelf: Shelf) -> None:
    text = "2: {text: Đưa máy lại gần mã.}"
    local = "{if_stuck: [{problem: Tối, answer: " + OWN + "}]}"
    shelf.change(QR, text, f"1: {local}")
    assert shelf.check() == []
    shelf.change(LINK, "Để sáng mai hỏi con cháu cũng không muộn.", COPY)

    named = [problem.message for problem in shelf.check()]

    assert len(named) == 2
    assert any("provinces.ca_mau.steps.1.if_stuck[1].answer ('Tối')" in what for what in named)


def test_a_text_of_three_words_is_like_no_other() -> None:
    assert runs_of("Lau ống kính.") == frozenset()
    assert runs_of("Gọi Công an xã!") == {"gọi công an xã"}


def test_the_limit_is_seven_in_ten() -> None:
    """As promised to authors."""
    assert SAME == 0.7


def test_two_thousand_different_answers_are_no_copies(shelf: Shelf) -> None:
    loaded, _ = read_guides(shelf.folder / "guides", IDS)
    many = [_with_answers(loaded[0], seed) for seed in range(500)]

    assert near_copies(many) == []


def _with_answers(loaded: Loaded, seed: int) -> Loaded:
    """The guide with four answers of a hundred random words each, as a guide of its own."""
    from dataclasses import replace

    words = Random(seed)
    stuck = loaded.guide.steps[0].if_stuck[0]
    obstacles = tuple(
        replace(stuck, answer=" ".join(f"w{words.randrange(400)}" for _ in range(100)))
        for _ in range(4)
    )
    steps = (replace(loaded.guide.steps[0], if_stuck=obstacles),)
    return replace(loaded, guide=replace(loaded.guide, steps=steps, provinces=()))
