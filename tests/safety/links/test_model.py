"""The model: composed, trained the same twice, saved, refused when it is something else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bot.safety.links.compose import compose
from bot.safety.links.knowledge import Knowledge, KnowledgeError
from bot.safety.links.model import BUCKETS, HostModel, features, load_model
from bot.safety.links.train import train
from bot.settings import ROOT

SHIPPED = ROOT / "content" / "safety" / "links_model.npz"


def test_names_are_composed_the_same_twice(knowledge: Knowledge) -> None:
    bad, good = compose(knowledge, 300, 7)
    assert (bad, good) == compose(knowledge, 300, 7)
    assert (bad, good) != compose(knowledge, 300, 8)
    assert len(good) == 300
    assert not {"vietcombank", "shopee", "momo"} & set(bad)


def test_training_is_repeatable_and_learns(knowledge: Knowledge) -> None:
    first, second = (train(knowledge, many=250) for _ in range(2))
    assert np.array_equal(first.weights, second.weights)
    assert first.bias == second.bias
    assert first.score("shopee-nhanqua88", "") > first.score("noithatminhphat", "")


def test_hosts_of_a_feed_are_learnt(knowledge: Knowledge) -> None:
    hosts = [f"qzxwkj{n}.example" for n in range(60)] + ["https://qzxwkjy.com/a", "no host"]
    taught, plain = (train(knowledge, scams, many=100) for scams in (hosts, []))
    assert taught.score("qzxwkjq", "") > plain.score("qzxwkjq", "") + 1


def test_the_shipped_model_is_small_and_the_one_of_this_content(knowledge: Knowledge) -> None:
    assert SHIPPED.stat().st_size < 300_000
    shipped = load_model(SHIPPED)
    bad, good = compose(knowledge, 400, 99)
    right = [shipped.score(name, "") > 0 for name in bad] + [shipped.score(n, "") < 0 for n in good]
    assert sum(right) / len(right) > 0.85


def test_saved_and_loaded(tmp_path: Path) -> None:
    model = HostModel((np.arange(BUCKETS) / BUCKETS).astype(np.float32), 0.5)
    model.save(tmp_path / "a" / "m.npz")
    assert (
        abs(load_model(tmp_path / "a" / "m.npz").score("momo", "") - model.score("momo", "")) < 0.01
    )
    assert [file.name for file in (tmp_path / "a").iterdir()] == ["m.npz"]


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04 no", b"text"])
def test_another_file_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "m.npz").write_bytes(raw)
    with pytest.raises(KnowledgeError, match="make it with `congdanso safety train`"):
        load_model(tmp_path / "m.npz")


def test_a_pickle_is_refused(tmp_path: Path) -> None:
    parts = {"version": 1, "bias": 0.0, "weights": np.array([{}], dtype=object)}
    np.savez(tmp_path / "m.npz", **parts)  # type: ignore[arg-type]
    with pytest.raises(KnowledgeError):
        load_model(tmp_path / "m.npz")


def test_another_version_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "m.npz", version=99, bias=0.0, weights=np.zeros(BUCKETS))
    with pytest.raises(KnowledgeError, match="another version"):
        load_model(tmp_path / "m.npz")


def test_features_of_nothing() -> None:
    assert len(features("", "")) > 0


def test_checking_imports_nothing_heavy() -> None:
    code = (
        "import sys; from bot.services.linkcheck import open_checker;"
        "from bot.settings import Settings;"
        "open_checker(Settings(_env_file=None))[0].check('momo.vn');"
        "print([m for m in ('sklearn', 'scipy', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
