"""Writes metrics.txt.gz: random cases and what scikit-learn and SciPy say of them. Run it with python3-sklearn installed.

A line has the name of a metric, its value, k, and arrays between bars: rows are separated by semicolons.
"""
import gzip
import pathlib
import warnings

import numpy as np
from scipy.stats import spearmanr
from sklearn import metrics as m

warnings.simplefilter("ignore")
random = np.random.default_rng(44)
CASES = 200
lines = []


def text(a):
    a = np.atleast_2d(np.asarray(a))
    return ";".join(",".join(repr(int(x)) if a.dtype.kind in "iu" else repr(float(x)) for x in row) for row in a)


def add(name, value, k, *arrays):
    lines.append("|".join([name, repr(float(value)), str(k)] + [text(a) for a in arrays]))


def scores(*shape):
    """Of few digits, so that the file is small. Half of the cases have many ties."""
    return np.round(random.random(shape), 1 if random.random() < 0.5 else 3)


def labels(n, classes):
    """Each class occurs."""
    y = np.concatenate([np.arange(classes), random.integers(0, classes, n - classes)])
    return random.permutation(y)


for _ in range(CASES):
    n, c = int(random.integers(8, 14)), int(random.integers(2, 5))
    y, p = labels(n, c), random.integers(0, c, n)
    add("accuracy", m.accuracy_score(y, p), 0, y, p)
    add("f1-macro", m.f1_score(y, p, average="macro"), 0, y, p)
    one = int(random.integers(0, c))
    add("f1", m.f1_score(y, p, average=None, labels=range(c))[one], one, y, p)
    cell = m.confusion_matrix(y, p)
    add("confusion", cell[one][0], one, y, p)
    s = scores(n, 3 + c)
    y = labels(n, 3 + c)
    k = int(random.integers(1, 3 + c))
    add("top-k", m.top_k_accuracy_score(y, s, k=k, labels=range(3 + c)), k, y, s)
    y, s = labels(n, 2), scores(n)
    add("auc-binary", m.roc_auc_score(y, s), 0, y, s.reshape(n, 1))
    y, s = labels(n, 3), scores(n, 3) + 0.05
    s = s / s.sum(axis=1, keepdims=True)
    add("auc", m.roc_auc_score(y, s, multi_class="ovr"), 0, y, s)
    p = np.round(s, 4)
    p[:, 2] = 1 - p[:, 0] - p[:, 1]
    if random.random() < 0.3:
        p[0] = [1, 0, 0]
    add("log-loss", m.log_loss(y, p, labels=range(3)), 0, y, p)
    rel = random.integers(0, 2, (n, 3))
    rel[random.integers(0, n)] = 1
    s = scores(n, 3)
    add("map", m.average_precision_score(rel, s, average="macro"), 0, rel, s)
    rel, s = random.integers(0, 4, (4, 7)), scores(4, 7)
    k = int(random.integers(1, 9))
    add("ndcg", m.ndcg_score(rel, s, k=k), k, rel, s)
    a, b = scores(n), scores(n)
    add("spearman", spearmanr(a, b).statistic, 0, a, b)
    add("cosine", m.pairwise.cosine_similarity([a], [b])[0][0], 0, a, b)

data = ("\n".join(lines) + "\n").encode()
(pathlib.Path(__file__).parent / "metrics.txt.gz").write_bytes(gzip.compress(data, mtime=0))
