"""Places that were kept in words before there were codes."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from bot.locality.atlas import Atlas
from bot.locality.files import load_gazetteer
from bot.locality.naming import code_of_text
from bot.settings import ROOT
from bot.store import migrate, rollups
from bot.store.db import Database


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return Atlas(load_gazetteer(ROOT / "content" / "localities"))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("xã Tân Ân, tỉnh Cà Mau", "96.32236"),
        ("ấp 4, xã Tân Ân, tỉnh Cà Mau", "96.32236"),
        ("nha ong Tu (xã Tân Ân, tỉnh Cà Mau)", "96.32236"),
        ("96.32236", "96.32236"),
        ("Đất Mũi, Cà Mau", "96.32248"),
        ("Ea Kar, tỉnh Đắk Lắk", "66.24373"),
        ("tỉnh Cà Mau", "96"),
        ("xã Lạ Hoắc, Cà Mau", "96"),
        # Old names, and names of several provinces: nothing is guessed.
        ("phường 5, Cà Mau", "96"),
        ("Tân Ân", ""),
        ("Xã Khánh An", ""),
        ("chỗ cây dừa", ""),
        ("", ""),
    ],
)
def test_only_what_is_certain_gets_a_code(atlas: Atlas, words: str, code: str) -> None:
    assert code_of_text(words, atlas) == code


def test_an_old_log_gets_places_topics_and_marks_both_ways(engine: Engine) -> None:
    migrate.upgrade(engine, "0008")
    columns = "id, asked_at, channel, locality, intent, confidence, outcome, guide_id"
    rows = (
        "1, '2025-11-22 18:00:00', 'web', 'xã Tân Ân, tỉnh Cà Mau', 'qr_pay', 0.9, 'answered', ''",
        "2, '2025-11-22 02:00:00', 'web', NULL, 'qr_pay', 0.2, 'not_understood', ''",
        "3, '2025-11-22 03:00:00', 'web', 'xa xăm', 'qr_pay', 0.9, 'clarified', 'scam_link'",
    )
    with engine.begin() as connection:
        for row in rows:
            connection.execute(text(f"INSERT INTO questions ({columns}) VALUES ({row})"))
        connection.execute(
            text(
                "INSERT INTO chats (id, channel, external_id, is_group, state_version, next_seq, "
                "acked_seq, locality, created_at, seen_at) VALUES (1, 'web', 'a', FALSE, 0, 1, 0, "
                "'xã Tân Ân, tỉnh Cà Mau', '2025-11-22', '2025-11-22')"
            )
        )
    migrate.upgrade(engine)
    query = text("SELECT area, commune, province, topic FROM questions ORDER BY id")
    with engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(query)] == [
            ("96.32236", "96.32236", "96", "qr_pay"),
            ("", "", "", ""),
            ("", "", "", "scam_link"),
        ]
        assert connection.execute(text("SELECT area FROM chats")).scalar() == "96.32236"
    database = Database(engine)
    try:
        days = database.read_now(rollups.marked)
        # 18:00 UTC is the next day in Vietnam.
        assert [f"{day}" for day in days] == ["2025-11-23", "2025-11-22"]
    finally:
        database.close()
    migrate.downgrade(engine, "0008")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM questions")).scalar() == 3
    migrate.upgrade(engine)
