"""Reports that estimators write."""

import base64
import json
import re
import zlib

import numpy as np
import pytest
from conftest import ROOT, random_counts

import gossamer as gs


def data_of(path):
    """What the script of a page reads."""
    packed = re.search(r'<script id="data" type="text/plain">(.*?)</script>', path.read_text())[1]
    return json.loads(zlib.decompress(base64.b64decode(packed)))


@pytest.fixture(scope="module")
def fitted():
    X = random_counts(80, 40)
    return gs.SparseAutoencoder(6, max_iter=2, random_state=0).fit(X, feature_names=[f"w{i}" for i in range(40)]), X


def test_a_page_of_a_matrix_with_labels(fitted, tmp_path):
    model, X = fitted
    labels = np.array(["a<b", "c", ""])[np.arange(80) % 3]
    model.report(tmp_path / "r.html", X, labels, ldavis=tmp_path / "l.json", title="Mine & others")
    data = data_of(tmp_path / "r.html")
    assert data["title"] == "Mine & others" and "<h1>Mine &amp; others</h1>" in (tmp_path / "r.html").read_text()
    assert data["labels"] == [["a<b", 27], ["c", 27]]
    assert data["documents"]["count"] == 80 and data["remembered"] is False
    assert set(data["words"]["names"]) <= {f"w{i}" for i in range(40)}
    assert len(json.loads((tmp_path / "l.json").read_text())["topic.order"]) == 6


def test_a_page_of_what_is_remembered(fitted, tmp_path):
    model, _ = fitted
    model.report(tmp_path / "alone.html")
    data = data_of(tmp_path / "alone.html")
    assert data["remembered"] is True and data["title"] == "alone" and data["labels"] == []


def test_a_page_of_pictures_and_of_a_corpus(fitted, tmp_path):
    model, X = fitted
    model.report(tmp_path / "p.html", X, image_shape=(5, 8), documents=10)
    data = data_of(tmp_path / "p.html")
    assert data["pictures"]["shape"] == [5, 8, 1] and data["documents"]["count"] == 10
    corpus = gs.read_corpus(ROOT / "datasets/eight-subjects.tsv")
    vae = gs.VariationalAutoencoder(4, max_iter=1, random_state=0).fit(corpus)
    vae.report(tmp_path / "c.html", corpus)
    assert len(data_of(tmp_path / "c.html")["labels"]) == 8


def test_wrong_calls_are_told_and_write_nothing(fitted, tmp_path):
    model, X = fitted
    with pytest.raises(ValueError, match="give X"):
        model.report(tmp_path / "r.html", y=["a"] * 80)
    with pytest.raises(ValueError, match="79"):
        model.report(tmp_path / "r.html", X, ["a"] * 79)
    with pytest.raises(ValueError, match="image_shape"):
        model.report(tmp_path / "r.html", X, image_shape=(3, 3))
    with pytest.raises(ValueError, match="documents"):
        model.report(tmp_path / "r.html", X, documents=0)
    with pytest.raises(OSError):
        model.report(tmp_path / "nowhere" / "r.html", X)
    assert list(tmp_path.iterdir()) == []
