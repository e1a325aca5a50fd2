"""Places and rosters to try things with. Names and numbers are invented."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.locality.gazetteer import Commune, Gazetteer, OldCommune, Province
from bot.rosters.reading import read_roster
from bot.rosters.roster import Roster
from tests.rosters.files import HEADINGS, Rows, write_csv

TAN_AN = "96.32236"


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    """Two provinces, of which one is loaded; names that are alike; a divided commune."""
    communes = (
        Commune(TAN_AN, "Xã Tân Ân"),
        Commune("96.32240", "Xã Rạch Gốc"),
        Commune("96.02143", "Xã Văn Lang"),
        Commune("96.05665", "Xã Văn Lăng"),
        Commune("96.31999", "Phường Tân Thành"),
        Commune("96.32000", "Xã Tân Thành"),
    )
    return Gazetteer(
        {
            "96": Province("96", "Tỉnh Cà Mau", ("Tỉnh Cà Mau", "Tỉnh Bạc Liêu")),
            "66": Province("66", "Tỉnh Đắk Lắk", ("Tỉnh Đắk Lắk", "Tỉnh Phú Yên")),
        },
        {commune.code: commune for commune in communes},
        (
            OldCommune("1", "Xã Viên An", "Huyện Ngọc Hiển", "Tỉnh Cà Mau", (TAN_AN,)),
            OldCommune("2", "Xã Chia Đôi", "Huyện X", "Tỉnh Cà Mau", (TAN_AN, "96.32240")),
        ),
    )


@pytest.fixture
def read(tmp_path: Path, gazetteer: Gazetteer) -> Callable[..., Roster]:
    """Reads rows as a CSV file."""

    def reading(rows: Rows, headings: Sequence[str] = HEADINGS) -> Roster:
        return read_roster(write_csv(tmp_path / "roster.csv", rows, headings), gazetteer)

    return reading


@pytest.fixture
def said(read: Callable[..., Roster]) -> Callable[..., list[str]]:
    """What is wrong with rows."""

    def saying(*rows: Sequence[Any]) -> list[str]:
        return [str(problem) for problem in read(rows).problems]

    return saying
