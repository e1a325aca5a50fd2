"""Training: sentences in, a folder of arrays out. The only module here that needs scikit-learn.

`python -m nlu.embedded.train --data DIR --models DIR` prints one JSON object a line on standard
output as it goes, the last one with `"stage": "done"`; bad data ends it with code 2 and one line
`file:line: message` on standard error.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from nlu.data_loader import Example, load_training
from nlu.embedded import key as model_keys
from nlu.embedded.augment import stripped, with_typos
from nlu.embedded.features import Floats, Vocabulary, build_vocabulary, matrix_parts
from nlu.embedded.model import ARRAYS, FORMAT, META, LinearModel, file_sha256, softmax
from nlu.engine import DATA_DIR, DataError, TrainReport
from nlu.text import Normalized, normalize

SEED = 20260101
# Rarer grams nearly double the model and are right no more often.
MIN_COUNT = 4
COST = 1.0
# The temperature is the same without the last copies, and found in half the time.
CALIBRATED_WAYS = 2
# Missing someone who has just been robbed costs more than any other mistake.
CLASS_WEIGHTS = {"scam_victim": 2.0}
# In doubt it is they: on writers left out, three times the odds find 3 in 100 more of the robbed,
# for 3 in 10,000 other mistakes.
URGENT_ODDS = {"scam_victim": 3.0, "account_hacked": 3.0, "talk_to_human": 3.0}
# Finer tolerances take longer and are right no more often.
TOLERANCE = 0.3
FOLDS = 3
ROUNDS = 1
# Each sentence is learned as written and as a hurried thumb types it, without marks and with them.
SLIP_RATE = 0.3
WAYS: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: stripped(with_typos(text, 3, SLIP_RATE)),
    lambda text: with_typos(text, 5, SLIP_RATE),
)
KEPT_MODELS = 3
_ABANDONED_SECONDS = 3600.0

Progress = Callable[[str], None]
Labels = NDArray[np.int64]


def train(data_dir: Path, model_dir: Path, progress: Progress = lambda stage: None) -> TrainReport:
    """Train into `model_dir/<key>/`, or find that model there. Raises DataError, OSError."""
    started = time.monotonic()
    key = model_keys.compute(data_dir)
    progress("read")
    examples = load_training(data_dir)
    target = model_dir / key
    trained = not target.exists()
    if trained:
        model = fit(examples, progress)
        progress("save")
        _save(model, key, target)
    intents = len({example.intent for example in examples})
    seconds = time.monotonic() - started
    return TrainReport(key, target, intents, len(examples), seconds, trained)


def fit(examples: Sequence[Example], progress: Progress = lambda stage: None) -> LinearModel:
    """The model of these sentences; the same sentences in the same order give the same model."""
    labels = tuple(sorted({example.intent for example in examples}))
    numbers = {label: number for number, label in enumerate(labels)}
    progress("features")
    messages = [normalize(way(e.text)) for way in WAYS for e in examples]
    targets = np.array([numbers[e.intent] for e in examples] * len(WAYS), dtype=np.int64)
    vocabulary = build_vocabulary(messages, MIN_COUNT)
    rows = _Rows(vocabulary, messages, targets)
    progress("calibrate")
    temperature = _calibrate(rows, examples, labels)
    progress("fit")
    weights, bias = _fit_linear(rows, np.arange(len(targets)), labels)
    odds = np.array([URGENT_ODDS.get(label, 1.0) for label in labels], dtype=np.float32)
    bias += temperature * np.log(odds)
    return LinearModel(labels, vocabulary, weights.astype(np.float16), bias, temperature)


class _Rows:
    """The training matrix: the sentences in each of the `WAYS`, and their intents."""

    def __init__(
        self, vocabulary: Vocabulary, messages: Sequence[Normalized], targets: Labels
    ) -> None:
        data, indices, indptr = matrix_parts(vocabulary, messages)
        shape = (len(messages), len(vocabulary.idf))
        self.matrix = csr_matrix((data, indices, indptr), shape=shape)
        self.targets = targets


def _fit_linear(rows: _Rows, chosen: Labels, labels: Sequence[str]) -> tuple[Floats, Floats]:
    """Weights (grams, intents) and bias of one linear classifier on the chosen rows."""
    from sklearn.svm import LinearSVC

    classifier = LinearSVC(
        C=COST, tol=TOLERANCE, class_weight=_class_weights(labels), random_state=SEED
    )
    classifier.fit(rows.matrix[chosen], rows.targets[chosen])
    return (
        np.asarray(classifier.coef_.T, dtype=np.float32),
        np.asarray(classifier.intercept_, dtype=np.float32),
    )


def _class_weights(labels: Sequence[str]) -> dict[int, float]:
    return {labels.index(name): w for name, w in CLASS_WEIGHTS.items() if name in labels}


def _calibrate(rows: _Rows, examples: Sequence[Example], labels: Sequence[str]) -> float:
    """The softmax temperature under which sentences left out of training are most likely.

    A sentence and its copies are left out together, by file where there are several, since a
    file has one author and the citizens are other people.
    """
    files = sorted({example.file for example in examples})
    if len(files) >= FOLDS:
        own = [files.index(e.file) % FOLDS for e in examples]
    else:
        own = [index % FOLDS for index in range(len(examples))]
    groups = np.array(own * CALIBRATED_WAYS)
    logits: list[Floats] = []
    targets: list[Labels] = []
    for fold in range(ROUNDS):
        kept, held = np.flatnonzero(groups != fold), np.flatnonzero(groups == fold)
        if len(np.unique(rows.targets[kept])) < rows.targets.max() + 1:
            continue
        weights, bias = _fit_linear(rows, kept, labels)
        logits.append(np.asarray(rows.matrix[held] @ weights + bias, dtype=np.float32))
        targets.append(rows.targets[held])
    if not logits:
        return 1.0
    return _best_temperature(np.concatenate(logits), np.concatenate(targets))


def _best_temperature(logits: Floats, targets: Labels) -> float:
    """Smallest mean negative log-likelihood on a fixed grid (0.02 to 3, steps of 4 %)."""
    grid = 0.02 * 1.04 ** np.arange(128)
    picked = np.arange(len(targets))
    losses = [-np.log(softmax(logits / t)[picked, targets] + 1e-12).mean() for t in grid]
    return float(grid[int(np.argmin(losses))])


def _save(model: LinearModel, key: str, target: Path) -> None:
    """Write the model beside its place, then move it there in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(target.parent)
    made = Path(tempfile.mkdtemp(prefix=".making-", dir=target.parent))
    try:
        _write(model, key, made)
        made.chmod(0o755)
        made.rename(target)
    except OSError:
        # Another process may have finished the same model first; then theirs is as good.
        if not (target / META).is_file():
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
    _prune(target)


def _write(model: LinearModel, key: str, folder: Path) -> None:
    known = model.vocabulary
    arrays: dict[str, NDArray[Any]] = dict(
        zip(ARRAYS, (known.keys, known.idf, model.weights, model.bias), strict=True)
    )
    for name, array in arrays.items():
        np.save(folder / name, array, allow_pickle=False)
    meta = {
        "format": FORMAT,
        "key": key,
        "labels": list(model.labels),
        "temperature": model.temperature,
        "sha256": {name: file_sha256(folder / name) for name in ARRAYS},
    }
    (folder / META).write_text(json.dumps(meta, indent=1) + "\n", encoding="utf-8")


def _remove_abandoned(model_dir: Path) -> None:
    """Clear what a killed training left behind."""
    oldest = time.time() - _ABANDONED_SECONDS
    for folder in model_dir.glob(".making-*"):
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def _prune(newest: Path) -> None:
    """Keep the last few models, so that a process of the release before can still start."""
    models = [meta.parent for meta in newest.parent.glob(f"*/{META}") if meta.parent != newest]
    models.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in models[KEPT_MODELS - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m nlu.embedded.train", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_DIR, help="folder of training files")
    parser.add_argument("--models", type=Path, required=True, help="folder the model goes to")
    options = parser.parse_args(arguments)
    os.nice(10)
    try:
        report = train(options.data, options.models, lambda stage: _say({"stage": stage}))
    except DataError as error:
        print(error, file=sys.stderr)
        return 2
    _say(
        {
            "stage": "done",
            "model_id": report.model_id,
            "path": str(report.path),
            "intents": report.intents,
            "examples": report.examples,
            "seconds": round(report.seconds, 1),
            "trained": report.trained,
        }
    )
    return 0


def _say(event: dict[str, object]) -> None:
    print(json.dumps(event, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    sys.exit(main())
