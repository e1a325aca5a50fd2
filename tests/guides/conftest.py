"""A small correct guide, and the means to break it in one place."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bot.guides.errors import ContentError, Problem
from bot.guides.loader import load_guides

Break = Callable[[str, str], Problem]

# Line numbers in the tests count from the line of `id`, which is line 1.
VALID = """\
id: qr_pay
title: Quét QR
answer: Mở ứng dụng ngân hàng, quét mã rồi đọc tên.
prepare: [Điện thoại]
fee: Tùy ngân hàng.
time: Vài phút.
steps:
  - title: Mở ứng dụng
    text: Mở ứng dụng ngân hàng, nhờ trưởng thôn chỉ nếu cần.
    check: Đã mở chưa?
    if_stuck:
      - problem: Không thấy nút
        answer: Hỏi trưởng thôn.
  - title: Quét mã
    text: Đưa máy vào mã.
    if_stuck:
      - problem: Quét không được
        answer: Lau ống kính.
      - problem: Mã mờ
        answer: Nhờ {you} hỏi lại người bán.
  - title: Chờ
    text: Chờ tin nhắn.
    wait: {days: 3, working: true, ask: "Có tin chưa?"}
warnings: [Đọc tên trước khi trả.]
official: {app: VNeID, domain: vneid.gov.vn, hotline: "1900.0368"}
related: [scam_link]
sources:
  - {title: Báo, url: "https://example.org/bai-1", date: 2025-07}
verified_on: 2026-11-21
review_by: 2027-05-21
owner: ban biên tập
provinces:
  ca_mau:
    words: {trưởng thôn: trưởng ấp}
    fee: Không mất phí.
    steps:
      2: {text: Đưa máy lại gần mã.}
"""


@pytest.fixture
def known_ids() -> Mapping[str, str]:
    return {"qr_pay": "Quét QR trả tiền", "scam_link": "Đường link lừa đảo"}


@pytest.fixture
def valid() -> str:
    return VALID


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    guides = tmp_path / "guides"
    guides.mkdir()
    return guides


@pytest.fixture
def broken(folder: Path, known_ids: Mapping[str, str]) -> Break:
    """Replaces one piece of the correct guide, and gives the only problem that results."""

    def replace(old: str, new: str) -> Problem:
        assert VALID.count(old) == 1
        file = folder / "qr_pay.yml"
        file.write_text(VALID.replace(old, new), encoding="utf-8")
        with pytest.raises(ContentError) as caught:
            load_guides(folder, known_ids)
        (problem,) = caught.value.problems
        assert problem.file == str(file)
        assert ";" in problem.message
        return problem

    return replace
