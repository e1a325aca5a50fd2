"""Exact phrases and words of danger: what triggers them, and what must not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.guides.errors import ContentError
from bot.guides.phrases import Command, load_phrases
from nlu.text import strip_diacritics
from tests.dialogue.helpers import ROOT, content

RAW = yaml.safe_load((ROOT / "content" / "phrases.yml").read_text(encoding="utf-8"))
PHRASES = [(Command(name), phrase) for name, list_ in RAW["commands"].items() for phrase in list_]
NEED_MARKS = set(RAW["marks_needed"])


@pytest.mark.parametrize(("command", "phrase"), PHRASES)
def test_every_phrase_as_written_and_as_typed(command: Command, phrase: str) -> None:
    known = content().phrases.command
    assert known(phrase) is command
    assert known(phrase.upper()) is command
    if not phrase.startswith("/"):
        assert known(f" {phrase}. ") is command
        assert known(f"{phrase} nha bà con ơi") is not command


@pytest.mark.parametrize(
    ("command", "phrase"), [(c, p) for c, p in PHRASES if strip_diacritics(p) != p]
)
def test_every_phrase_without_marks(command: Command, phrase: str) -> None:
    found = content().phrases.command(strip_diacritics(phrase))
    assert found is (None if phrase in NEED_MARKS else command)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("k dc", Command.STUCK),
        ("chua dc", Command.STUCK),
        ("chưa đc", Command.STUCK),
        ("ko được", Command.STUCK),
        ("hổng được", Command.STUCK),
        ("hong duoc", Command.STUCK),
        ("xong r", Command.NEXT),
        ("dc rồi", Command.NEXT),
        ("đc roi", Command.NEXT),
        ("huỷ", Command.STOP),
        ("xoá dữ liệu", Command.ERASE),
        ("uh", Command.YES),
        ("okie", Command.YES),
        ("hông", Command.NO),
        ("/start@congdanso_bot", Command.START),
        ("/start ref42", Command.START),
        ("/MENU", Command.MENU),
    ],
)
def test_how_people_really_type(text: str, command: Command) -> None:
    assert content().phrases.command(text) is command


@pytest.mark.parametrize(
    "text",
    [
        "đừng",
        "dung",
        "Dung",
        "Huy",
        "bo",
        "bố",
        "bơ",
        "từ từ",
        "tu tu",
        "máy bị đánh cắp",
        "rơi",
        "cô",
        "cỏ",
        "vàng",
        "chùa",
        "thổi",
        "đứng lại",
        "tiếp thị",
        "két",
        "dược",
        "xong chưa",
        "chưa biết",
        "không biết",
        "có phí không",
        "gặp người ta lừa",
        "menu quán",
        "/xyz",
        "/",
        "",
        "👍",
        "quay lại số cũ được không",
        "được hưởng gì",
    ],
)
def test_what_is_no_command(text: str) -> None:
    assert content().phrases.command(text) is None


THREATS = [
    "tôi muốn tự tử",
    "muon tu tu",
    "Muốn tự tử quá",
    "em định tự tử đêm nay",
    "tôi không muốn sống nữa",
    "ko muon song nua",
    "toi k muon sống nữa",
    "hổng muốn sống nữa",
    "chán quá chẳng muốn sống",
    "tôi chỉ muốn chết",
    "muốn chết cho xong",
    "con tôi uống thuốc sâu",
    "con toi uong thuoc sau",
    "mẹ uống thuốc diệt cỏ",
    "me uong thuoc diet co",
    "nó treo cổ",
    "chồng đánh",
    "bi chong danh",
    "chồng tôi đánh tôi hoài",
    "tôi đang bị đánh",
    "toi dang bi danh",
    "nó đòi giết tôi",
    "no doi giet toi",
    "chủ nợ dọa giết cả nhà",
    "chủ nợ doạ giết",
    "ổng cầm dao rượt",
    "tôi bị nhốt trong nhà",
    "cháu bị xâm hại",
    "bị bạo hành",
    "bi bao hanh",
    "con bị bắt cóc",
    "ba tôi đột quỵ",
    "ba toi dot quy",
    "bà ngất xỉu rồi",
    "ba ngat xiu roi",
    "ông bất tỉnh",
    "khó thở quá cứu tôi",
    "kho tho qua",
    "bé bị điện giật",
    "be bi dien giat",
    "bé đuối nước",
    "chảy máu nhiều lắm",
    "bị rắn cắn",
    "gọi cấp cứu giùm",
    "KHÔNG MUỐN SỐNG NỮA",
]

HARMLESS = [
    "tu tu da bac",
    "từ từ đã bác",
    "từ từ",
    "tu tu",
    "de toi tu tu lam",
    "toi muon tu tu lam",
    "muốn từ từ học",
    "tôi muốn tư vấn",
    "điện thoại chết máy",
    "dien thoai chet may",
    "pin chết",
    "máy chết rồi",
    "mạng chậm muốn chết",
    "mệt muốn chết",
    "máy bị đánh cắp",
    "may bi danh cap",
    "tài khoản đang bị đánh cắp",
    "tai khoan dang bi danh cap",
    "lỡ đánh mất điện thoại",
    "đánh dấu chỗ nào",
    "bị đánh lừa chuyển tiền",
    "đánh giá ứng dụng",
    "bị chém giá",
    "danh toi muc 2",
    "định danh tôi mức 2",
    "định danh từ từ cũng được",
    "điện thoại rơi xuống nước",
    "dien thoai roi duoi nuoc",
    "chồng tôi đứng tên sim",
    "cắt sóng 2g",
    "thuốc trừ sâu mua ở đâu",
    "đòi nợ",
    "bảo hiểm tai nạn",
    "bảo hiểm chi trả cấp cứu không",
    "sống ở xã khác",
    "tôi không muốn dùng nữa",
    "khó quá",
    "giá cắt cổ",
    "",
    "1",
]


@pytest.mark.parametrize("text", THREATS)
def test_words_of_danger(text: str) -> None:
    assert content().phrases.threat(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_words_of_no_danger(text: str) -> None:
    assert not content().phrases.threat(text)


@pytest.mark.parametrize("phrase", RAW["threats"])
def test_every_threat_phrase_is_found_in_a_sentence(phrase: str) -> None:
    assert content().phrases.threat(f"Trời ơi, {phrase}!")


# The file itself --------------------------------------------------------------------------------


def broken(tmp_path: Path, old: str, new: str) -> str:
    text = (ROOT / "content" / "phrases.yml").read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    file = tmp_path / "phrases.yml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_phrases(file)
    (problem,) = caught.value.problems
    return f"{problem.field}: {problem.message}"


def test_two_commands_may_not_share_an_unmarked_spelling(tmp_path: Path) -> None:
    told = broken(tmp_path, "marks_needed: [dừng, hủy, bỏ, đúng]", "marks_needed: [hủy]")
    assert told.startswith("commands.yes: ")
    assert '"đúng"' in told
    assert "stop" in told


@pytest.mark.parametrize("key", ["threats", "threats_plain", "not_threats", "marks_needed"])
def test_word_lists_must_be_lists(tmp_path: Path, key: str) -> None:
    told = broken(tmp_path, f"\n{key}:", f"\n{key}_gone:")
    assert told == f"{key}: must be a list of phrases"
