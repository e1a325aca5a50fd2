"""Training the model of links. Needs scikit-learn, which serving never imports."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from bot.safety.links.compose import compose
from bot.safety.links.knowledge import Knowledge
from bot.safety.links.letters import skeleton
from bot.safety.links.model import BUCKETS, HostModel, features
from bot.safety.links.names import split
from bot.safety.links.urls import parse

SEED = 20261122
MANY = 30_000
#: Smaller is smoother: composed names are cleaner than real ones.
_STRENGTH = 3.0
_FEED_WEIGHT = 3.0
_FEED_MOST = 50_000

Row = tuple[str, str]


def train(
    knowledge: Knowledge, scams: Collection[str] = (), *, many: int = MANY, seed: int = SEED
) -> HostModel:
    """A model of composed names, and of the hosts of feeds when some are given.

    The same arguments give the same weights.
    """
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    bad, good = compose(knowledge, many, seed)
    seen = sorted(set(scams))[:_FEED_MOST]
    listed = [parts for host in seen if (parts := _parts(host)) is not None]
    rows: list[Row] = [(name, "") for name in bad] + listed + [(name, "") for name in good]
    labels = [1] * (len(bad) + len(listed)) + [0] * len(good)
    weights = [1.0] * len(bad) + [_FEED_WEIGHT] * len(listed) + [1.0] * len(good)
    found = [features(label, sub) for label, sub in rows]
    model = LogisticRegression(C=_STRENGTH, solver="liblinear", random_state=seed, max_iter=200)
    model.fit(_matrix(csr_matrix, found), labels, sample_weight=weights)
    return HostModel(model.coef_[0].astype(np.float32), float(model.intercept_[0]))


def _matrix(make: type, found: Sequence[np.ndarray]) -> object:
    sizes = [len(row) for row in found]
    values = np.concatenate([np.full(size, 1 / np.sqrt(size)) for size in sizes])
    ends = np.concatenate([[0], np.cumsum(sizes)])
    return make((values, np.concatenate(found), ends), shape=(len(found), BUCKETS))


def _parts(host: str) -> Row | None:
    name = split(parse(host).host)
    return (skeleton(name.label), skeleton(name.sub)) if name.registered else None
