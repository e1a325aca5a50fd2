"""Letters, words and brands inside host names; the knowledge they come from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.safety.links.brands import BrandFinder, How
from bot.safety.links.knowledge import Knowledge, KnowledgeError, load_knowledge
from bot.safety.links.letters import foreign, skeleton, squeeze
from bot.safety.links.rules import vocabulary
from bot.safety.links.segment import DIGITS, UNKNOWN, Vocabulary
from bot.settings import ROOT

FOLDER = ROOT / "content" / "safety"


def test_letters_that_look_like_others() -> None:
    assert skeleton("vіеtсоmbаnk") == "vietcombank"  # half of it Cyrillic
    assert skeleton("ngânhàngđầutư") == "nganhangdautu"
    assert foreign("vіetcombank")
    assert not foreign("ngânhàngđầutư")
    assert squeeze("shoppee") == squeeze("shopee")


def test_reading_words() -> None:
    words = Vocabulary([("momo", "brand"), ("cltx", "gamble"), ("cl", "x"), ("8xbet", "gamble")])
    assert [(p.text, p.kind) for p in words.read("cltxmomo247")] == [
        ("cltx", "gamble"),
        ("momo", "brand"),
        ("247", DIGITS),
    ]
    assert [p.kind for p in words.read("xin-8xbet")] == [UNKNOWN, "gamble"]
    assert words.read("") == words.read("---") == []


@pytest.mark.parametrize(
    ("label", "brand", "how"),
    [
        ("vietcombank", "Vietcombank", How.EXACT),
        ("viet-com-bank", "Vietcombank", How.EXACT),
        ("vietcombank-hotro", "Vietcombank", How.PLUS),
        ("cltxmomo", "MoMo", How.PLUS),
        ("lazadangnhap", "Lazada", How.INSIDE),
        ("techconbank", "Techcombank", How.NEAR),
        ("shoppeee", "Shopee", How.NEAR),
        ("g4rena", "Garena", How.NEAR),
        ("zalosldas", "Zalo", How.SHORT),
        ("minimomo", "MoMo", How.END),
    ],
)
def test_brands(knowledge: Knowledge, label: str, brand: str, how: How) -> None:
    found = BrandFinder(knowledge).find(label, vocabulary(knowledge).read(label))
    assert found is not None
    assert (found.brand.name, found.how) == (brand, how)


@pytest.mark.parametrize(
    "label", ["dichvucongnghe", "momotaro", "thanhcong", "cokhiminhphat", "kbbank", ""]
)
def test_no_brand(knowledge: Knowledge, label: str) -> None:
    assert BrandFinder(knowledge).find(label, vocabulary(knowledge).read(label)) is None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "safety"))


def test_a_suffix_is_no_official_domain(folder: Path) -> None:
    file = folder / "official.yml"
    file.write_text(file.read_text("utf-8").replace("- chinhphu.vn", "- com.vn"), "utf-8")
    with pytest.raises(
        KnowledgeError, match=r"official\.yml: com\.vn: must be a registered domain"
    ):
        load_knowledge(folder)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("scoring.yml", "thresholds: [", "is not YAML"),
        ("scoring.yml", "thresholds: {dangerous: 1, caution: 2}", "scoring.yml: "),
        ("brands.yml", "brands: [{name: A, kind: bank}]", "brands.0.spellings"),
        ("hosts.yml", "x: 1", "hosts.yml: "),
    ],
)
def test_a_wrong_file_is_named(folder: Path, file: str, text: str, said: str) -> None:
    (folder / file).write_text(text, "utf-8")
    with pytest.raises(KnowledgeError, match=said):
        load_knowledge(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "reasons.yml").unlink()
    with pytest.raises(KnowledgeError, match=r"reasons\.yml: cannot be read"):
        load_knowledge(folder)
