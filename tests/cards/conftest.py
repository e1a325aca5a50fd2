"""A card to begin with."""

from __future__ import annotations

import pytest

from bot.cards.card import StepCard


@pytest.fixture
def card() -> StepCard:
    """An ordinary step."""
    return StepCard(
        guide="Định danh mức 2",
        label="Bước 2/8",
        step=2,
        total=8,
        icon="card-sim",
        title="Xem SIM có đứng tên mình không",
        text="Soạn tin TTTB, gửi 1414. Tin trả về có tên người đứng tên SIM.",
        name="Trợ lý công dân số",
        checked="Kiểm tra 21/11/2026",
    )
