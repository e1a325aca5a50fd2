"""Steps as pictures: on request, from now on, no more."""

from __future__ import annotations

import pytest

from bot.domain.replies import StepPicture
from bot.guides.pictures import step_picture
from tests.dialogue.helpers import LINK, QR, Talk, button, content, say, step_said, talk, walking


def picture(there: Talk) -> StepPicture | None:
    """The picture of the only answer."""
    assert len(there.replies) == 1
    return there.replies[0].picture


def of_step(guide_id: str, number: int) -> StepPicture:
    """What is to be drawn for a step (from 0)."""
    return step_picture(content().guides[guide_id], number, content().phrases.fill)


def test_a_step_comes_as_text_and_offers_its_picture() -> None:
    there = walking(QR, 2)
    assert picture(there) is None
    assert f"card:{QR}:2" in there.ids


def test_the_picture_comes_with_the_step_when_it_is_asked_for() -> None:
    there = walking(QR, 2).tap("picture")
    assert there.said == step_said(QR, 2)
    assert picture(there) == of_step(QR, 2)
    assert there.step == 2
    assert button("pictures_on") in there.labels
    assert button("picture") not in there.labels
    # It was asked for once: the next step is text again.
    assert picture(there.tap("next")) is None


def test_the_number_of_the_choice_is_understood() -> None:
    there = walking(QR, 2)
    place = there.labels.index(button("picture")) + 1
    assert picture(there.text(str(place))) == of_step(QR, 2)


@pytest.mark.parametrize("text", ["xem hình", "xem hinh", "gửi hình"])
def test_a_picture_can_be_asked_for_in_words(text: str) -> None:
    assert picture(walking(QR, 2).text(text)) == of_step(QR, 2)


def test_pictures_always_until_no_more() -> None:
    there = walking(QR, 1).tap("picture").tap("pictures_on")
    assert there.said == f"{say('pictures_on')}\n\n{step_said(QR, 1)}"
    assert picture(there) == of_step(QR, 1)
    assert picture(there.tap("next")) == of_step(QR, 2)
    assert picture(there.tap("previous")) == of_step(QR, 1)
    there.tap("pictures_off")
    assert there.said == f"{say('pictures_off')}\n\n{step_said(QR, 1)}"
    assert picture(there) is None
    assert picture(there.tap("next")) is None


def test_the_wish_holds_for_the_next_guide() -> None:
    there = talk(pictures=True).press(f"guide:{LINK}")
    assert picture(there) == of_step(LINK, 0)
    assert button("pictures_off") in there.labels


def test_the_wish_goes_with_everything_else_that_is_erased() -> None:
    there = talk(pictures=True).text("xóa dữ liệu của tôi").tap("erase")
    assert there.state.pictures is False


def test_an_old_button_shows_the_step_that_is_current() -> None:
    there = walking(QR, 2).press(f"card:{QR}:0")
    assert there.said == f"{say('stale_step')}\n\n{step_said(QR, 2)}"


@pytest.mark.parametrize(
    "choice", ["pictures:", "pictures:maybe", "card:", f"card:{QR}", "card:x:1"]
)
def test_a_choice_nobody_was_offered(choice: str) -> None:
    there = walking(QR, 2).press(choice)
    assert there.replies
    assert there.state.pictures is False


def test_the_wish_without_a_guide_shows_the_front_page() -> None:
    there = talk().press("pictures:on")
    assert there.said.startswith(say("pictures_on"))
    assert there.state.pictures is True


def test_the_picture_speaks_as_the_person_is_addressed() -> None:
    there = talk(form="co", form_chosen=True).press(f"guide:{QR}").tap("picture")
    fill = content().phrases.addressed(content().people.form("co").blanks()).fill
    assert picture(there) == step_picture(content().guides[QR], 0, fill)
