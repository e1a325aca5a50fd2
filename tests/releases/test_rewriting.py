"""Changed values in a YAML text: what was not changed stays to the letter."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.guides.rewriting import Plain, read_values, rewrite, write
from bot.settings import ROOT

GUIDES = sorted((ROOT / "content" / "guides").glob("*.yml"))
TEXT = """\
# Ghi chú đầu tệp
id: qr_pay
title: Quét mã   # tên ngắn
fee: "Chờ: hỏi ngân hàng"
# trên các bước
steps:
  - title: Mở ra
    # ghi chú trong bước
    text: >-
      Mở ứng dụng
      ngân hàng.
    for: [self, child]
  - {title: Quét, text: Đưa máy vào mã.}
sources:
  - title: Báo
    url: https://example.org/a
    date: 2025-07
verified_on: 2026-11-21
"""

LETTERS = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufeff"))
SAID = st.one_of(LETTERS, st.sampled_from(["a: b", "# x", "- y", "'", '"', "no", "1", "{x}", "|"]))


def values(text: str):  # type: ignore[no-untyped-def]
    found, faults = read_values(text)
    assert found is not None, faults.problems
    return found


@pytest.mark.parametrize("file", GUIDES[:6], ids=lambda file: file.stem)
def test_an_unchanged_text_stays_to_the_letter(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert rewrite(text, values(text)) == text


def test_remarks_order_and_folds_stay() -> None:
    new = values(TEXT)
    new["steps"][0]["title"] = "Mở ứng dụng"
    new["valid_until"] = Plain("2027-01-01")
    changed = rewrite(TEXT, new)
    gone = [line for line in TEXT.splitlines() if line not in changed.splitlines()]
    come = [line for line in changed.splitlines() if line not in TEXT.splitlines()]
    assert gone == ["  - title: Mở ra"]
    assert come == ["  - title: Mở ứng dụng", "valid_until: 2027-01-01"]


def test_a_remark_behind_a_value_stays() -> None:
    changed = rewrite(TEXT, values(TEXT) | {"title": "Tên khác"})
    assert "title: Tên khác   # tên ngắn" in changed


def test_a_step_taken_out_takes_its_remarks_along_and_no_others() -> None:
    new = values(TEXT)
    del new["steps"][0]
    changed = rewrite(TEXT, new)
    assert "# ghi chú trong bước" not in changed
    assert "# trên các bước" in changed
    assert values(changed) == new


@given(SAID, SAID, st.lists(SAID, max_size=3))
def test_whatever_is_said_is_read_back(title: str, step: str, prepare: list[str]) -> None:
    new = copy.deepcopy(values(TEXT))
    new["title"], new["prepare"] = title, prepare
    new["steps"][1]["text"] = step
    new["steps"].append({"title": title, "text": step})
    assert values(rewrite(TEXT, new)) == new
    assert values(write(new)) == new
