"""What the tests share: the bundled corpus, and where larger data are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

import gossamer as gs

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def in_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths are those of the project, as in the examples."""
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="session")
def texts() -> list[str]:
    return [
        line.split("\t")[2]
        for line in (ROOT / "datasets/eight-subjects.tsv").read_text().splitlines()
    ]


@pytest.fixture(scope="session")
def subjects() -> list[str]:
    return [
        line.split("\t")[0]
        for line in (ROOT / "datasets/eight-subjects.tsv").read_text().splitlines()
    ]


@pytest.fixture(scope="session")
def counts() -> sp.csr_matrix:
    return gs.load_svmlight_file(str(ROOT / "datasets/eight-subjects.svm"))[0]


@pytest.fixture(scope="session")
def words() -> list[str]:
    return (ROOT / "datasets/vocabulary.txt").read_text().split()


@pytest.fixture(scope="session")
def sae(counts: sp.csr_matrix, words: list[str]) -> gs.SparseAutoencoder:
    return gs.SparseAutoencoder(16, max_iter=4, random_state=0).fit(
        counts, feature_names=words
    )


@pytest.fixture(scope="session")
def vae(counts: sp.csr_matrix, words: list[str]) -> gs.VariationalAutoencoder:
    return small_vae().fit(counts, feature_names=words)


def small_vae(**parameters: object) -> gs.VariationalAutoencoder:
    return gs.VariationalAutoencoder(
        **{
            "n_components": 6,
            "hidden_layer_sizes": (16,),
            "max_iter": 3,
            "random_state": 0,
            **parameters,
        }
    )


def shared_data(name: str) -> Path:
    """A folder of data beside the project; skips the test if it is absent."""
    folder = ROOT.parent / "shared" / "data" / name
    if not folder.exists():
        pytest.skip(f"{folder} is not here")
    return folder


def random_counts(
    rows: int = 60, columns: int = 30, density: float = 0.2, seed: int = 0
) -> sp.csr_matrix:
    rng = np.random.RandomState(seed)
    X = sp.random(
        rows, columns, density, format="csr", random_state=rng, dtype=np.float32
    )
    X.data = rng.randint(1, 6, len(X.data)).astype(np.float32)
    return X
