"""Questions that say nearly the same, found by their n-grams; run in a process of its own.

`python -m nlu.embedded.clusters --run DIR --data DIR [--model DIR/KEY]` reads
`DIR/questions.jsonl` (each line `id` and `text`) and prints one JSON object a line as it goes, the
last one with `"stage": "done"` and the clusters, the largest first. Needs scikit-learn; memory is
bounded by comparing at most `BATCH` texts with one another at a time.
"""

import argparse
import json
import os
import resource
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from nlu.data_loader import read_training
from nlu.embedded.features import Floats, build_vocabulary, matrix_parts
from nlu.embedded.model import EmbeddedEngine, load
from nlu.embedded.retrain import end_with_starter, tell
from nlu.engine import DATA_DIR, EngineError
from nlu.text import Normalized, normalize

QUESTIONS = "questions.jsonl"
#: Mean distance (1 - cosine) of the texts of a cluster. Chosen on intents withheld from everything
#: (docs/nlu-loop.md): below it clusters are purer and hold fewer of the questions.
DISTANCE = 0.9
SIZE_LEAST = 3
BATCH = 4000
#: A gram of one text only counts too: it says that the text is unlike the others.
_MIN_COUNT = 1
_BYTES_MOST = 3_000_000_000
_SECONDS_MOST = 900
_NEAREST = 3
_NEAREST_OF = 20


@dataclass(frozen=True, slots=True)
class Cluster:
    """Places of texts in what was given, the most typical first."""

    members: tuple[int, ...]


def find_clusters(texts: Sequence[str], background: Sequence[str] = ()) -> list[Cluster]:
    """Groups of at least `SIZE_LEAST` texts, the largest first; most texts may be in none.

    `background` are other sentences of the same people, which tell how much a word says.
    """
    messages = [normalize(text) for text in texts]
    same: dict[str, list[int]] = defaultdict(list)
    for place, message in enumerate(messages):
        if message.stripped:
            same[message.stripped].append(place)
    # Each wording counts once: a text sent a hundred times is no different text.
    first = [places[0] for places in same.values()]
    if len(first) < 2:
        groups = [[0]] if first else []
        vectors = csr_matrix((len(first), 1), dtype=np.float32)
    else:
        vectors = _vectors([messages[place] for place in first], background)
        groups = _groups(vectors)
    wordings = list(same.values())
    found = [_cluster(group, vectors, wordings) for group in groups]
    found = [cluster for cluster in found if len(cluster.members) >= SIZE_LEAST]
    return sorted(found, key=lambda cluster: (-len(cluster.members), cluster.members))


def _vectors(messages: Sequence[Normalized], background: Sequence[str]) -> csr_matrix:
    known = [normalize(text) for text in background]
    vocabulary = build_vocabulary([*known, *messages], _MIN_COUNT)
    data, indices, indptr = matrix_parts(vocabulary, messages)
    return csr_matrix((data, indices, indptr), shape=(len(messages), len(vocabulary.idf)))


def _groups(vectors: csr_matrix) -> list[list[int]]:
    """Average linkage; of many texts first in batches, then the batches' groups by their means.

    The mean cosine of two groups is the product of their means, so this is the same measure.
    """
    total = vectors.shape[0]
    groups: list[list[int]] = []
    for start in range(0, total, BATCH):
        batch = vectors[start : start + BATCH]
        parted = _linked(batch, np.asarray((batch @ batch.T).todense()))
        groups += [[start + place for place in group] for group in parted]
    if total <= BATCH:
        return groups
    large = [group for group in groups if len(group) > 1]
    alone = [group for group in groups if len(group) == 1]
    large.sort(key=len, reverse=True)
    large, rest = large[:BATCH], large[BATCH:]
    means = csr_matrix(_means(vectors, large))
    joined = _linked(means, np.asarray((means @ means.T).todense()))
    whole = [[place for n in group for place in large[n]] for group in joined]
    return whole + rest + alone


def _means(vectors: csr_matrix, groups: Sequence[Sequence[int]]) -> csr_matrix:
    rows = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    places = np.concatenate([np.asarray(group) for group in groups])
    shares = np.repeat([1.0 / len(group) for group in groups], [len(group) for group in groups])
    shape = (len(groups), vectors.shape[0])
    return csr_matrix((shares.astype(np.float32), (rows, places)), shape=shape) @ vectors


def _linked(vectors: csr_matrix, alike: NDArray[np.float32]) -> list[list[int]]:
    from sklearn.cluster import AgglomerativeClustering

    if vectors.shape[0] < 2:
        return [[0]] if vectors.shape[0] else []
    distances = np.clip(1.0 - alike, 0.0, 2.0)
    np.fill_diagonal(distances, 0.0)
    linkage = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=DISTANCE
    )
    groups: dict[int, list[int]] = defaultdict(list)
    for place, number in enumerate(linkage.fit_predict(distances)):
        groups[int(number)].append(place)
    return list(groups.values())


def _cluster(
    group: Sequence[int], vectors: csr_matrix, wordings: Sequence[Sequence[int]]
) -> Cluster:
    rows = vectors[list(group)]
    middle: Floats = np.asarray(rows.mean(axis=0), dtype=np.float32).ravel()
    near = np.asarray(rows @ middle).ravel()
    order = sorted(range(len(group)), key=lambda n: (-float(near[n]), group[n]))
    # Different wordings first, then the repeats of each.
    first = [wordings[group[n]][0] for n in order]
    again = [place for n in order for place in wordings[group[n]][1:]]
    return Cluster((*first, *again))


def nearest(engine: EmbeddedEngine, texts: Sequence[str]) -> list[list[Any]]:
    """The intents that the model takes these texts for on average: [[intent, probability], ...]."""
    shown = texts[:_NEAREST_OF]
    sums: dict[str, float] = defaultdict(float)
    for parse in engine.parse_many(shown):
        for ranked in parse.ranking:
            sums[ranked.name] += ranked.confidence / len(shown)
    best = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    return [[name, round(chance, 3)] for name, chance in best[:_NEAREST]]


def _run(run: Path, data_dir: Path, model: Path | None) -> list[dict[str, Any]]:
    with (run / QUESTIONS).open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    texts = [str(row["text"]) for row in rows]
    background = [e.text for e in read_training(data_dir, lambda mistake: None)]
    tell({"stage": "group", "progress": 10})
    clusters = find_clusters(texts, background)
    tell({"stage": "nearest", "progress": 80})
    engine = load(model.parent, model.name) if model is not None else None
    return [
        {
            "members": [rows[place]["id"] for place in cluster.members],
            "nearest": nearest(engine, [texts[p] for p in cluster.members]) if engine else [],
        }
        for cluster in clusters
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m nlu.embedded.clusters", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of this run")
    parser.add_argument("--data", type=Path, default=DATA_DIR, help="folder of training files")
    parser.add_argument("--model", type=Path, help="folder of the model that names intents")
    parser.add_argument("--nice", type=int, default=19, help="how much others go first (0 to 19)")
    options = parser.parse_args(arguments)
    os.nice(options.nice)
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES_MOST, _BYTES_MOST))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS_MOST, _SECONDS_MOST))
    end_with_starter()
    try:
        found = _run(options.run, options.data, options.model)
    except EngineError as error:
        print(error, file=sys.stderr)
        return 2
    tell({"stage": "done", "progress": 100, "figures": {"clusters": found}})
    return 0


if __name__ == "__main__":
    sys.exit(main())
