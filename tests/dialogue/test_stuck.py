"""Chưa làm được: obstacles, advice, and then a person."""

from __future__ import annotations

import pytest

from tests.dialogue.helpers import (
    QR,
    content,
    plain_step_guide,
    say,
    step_said,
    talk,
    walking,
    with_guides,
)


def obstacles(step: int) -> list[str]:
    return [o.problem for o in content().guides[QR].steps[step].if_stuck]


@pytest.mark.parametrize(
    "text",
    ["chưa làm được", "chua lam duoc", "chua dc", "k dc", "không được", "2", "không", "chưa"],
)
def test_the_usual_obstacles_are_choices(text: str) -> None:
    there = walking(QR, 1).text(text)
    assert there.said == say("stuck_which", step=2)
    assert there.labels == [*obstacles(1), "Kẹt chỗ khác", "Quay lại bước 2"]


def test_the_answer_leads_back_to_the_step() -> None:
    there = walking(QR, 1).tap("stuck").press(f"why:{QR}:1:1")
    answer = content().phrases.fill(content().guides[QR].steps[1].if_stuck[1].answer)
    assert there.said == f"{answer}\n\n{say('stuck_retry')}\n\n{step_said(QR, 1)}"
    assert there.labels == ["Được rồi, bước tiếp", "Vẫn chưa được", "Gặp người giúp"]
    assert there.tap("tried").said == step_said(QR, 2)


@pytest.mark.parametrize("text", ["vẫn chưa được", "chưa được", "chưa", "không", "2"])
def test_still_stuck_offers_a_person(text: str) -> None:
    there = walking(QR, 1).tap("stuck").press(f"why:{QR}:1:0").text(text)
    assert there.said == say("stuck_offer_human")
    assert there.labels == ["Gặp người giúp", "Kẹt chỗ khác", "Quay lại bước 2", "Về trang đầu"]
    assert there.text("có").said == say("hand_consent")


def test_no_to_the_person_goes_back_to_the_step() -> None:
    there = walking(QR, 1).text("chưa được").text("chưa được").text("không")
    assert there.said == step_said(QR, 1)


def test_other_obstacles_leave_out_the_one_that_was_answered() -> None:
    there = (
        walking(QR, 1).tap("stuck").press(f"why:{QR}:1:0").tap("still_stuck").tap("other_problem")
    )
    assert there.said == say("stuck_which", step=2)
    assert there.labels[:-2] == obstacles(1)[1:]


def test_nothing_is_left_to_choose_when_all_were_answered() -> None:
    there = walking(QR, 1)
    for number in range(len(obstacles(1))):
        there.press(f"why:{QR}:1:{number}")
    there.tap("still_stuck")
    assert there.said == say("stuck_offer_human")
    assert there.labels == ["Gặp người giúp", "Quay lại bước 2", "Về trang đầu"]


def test_what_failed_is_forgotten_with_the_step() -> None:
    there = walking(QR, 1).press(f"why:{QR}:1:0")
    assert there.state.session is not None
    assert there.state.session.failed == (obstacles(1)[0],)
    there.text("tiếp")
    assert not there.state.session.failed
    assert there.text("chưa được").said == say("stuck_which", step=3)


def test_a_step_without_obstacles_says_so_and_then_offers_a_person() -> None:
    there = walking(QR).know(content=with_guides(qr_pay=plain_step_guide()))
    there.press(f"again:{QR}").tap("stuck")
    assert there.said == say("stuck_plain", step=1)
    assert there.labels == ["Được rồi, bước tiếp", "Vẫn chưa được", "Gặp người giúp"]
    there.tap("still_stuck")
    assert there.said == say("stuck_offer_human")
    assert there.labels == ["Gặp người giúp", "Quay lại bước 1", "Về trang đầu"]


def test_an_obstacle_the_guide_no_longer_has_shows_the_ones_it_has() -> None:
    there = walking(QR, 1).press(f"why:{QR}:1:9")
    assert there.said == say("stuck_which", step=2)


def test_stuck_without_a_guide_apologises() -> None:
    assert talk().text("làm hoài hổng được", "stuck").said == say("feedback_sorry")


def test_yes_to_the_list_of_obstacles_does_not_skip_the_step() -> None:
    there = walking(QR, 1).tap("stuck").text("dạ")
    assert there.said == step_said(QR, 1)
