"""Work in copies of a process."""

import multiprocessing

import numpy as np
import pytest

import gossamer as gs

# A copy that waits for threads that it does not have would wait for ever.
_PATIENCE = 120


def _work(path, counts):
    codes = gs.SparseAutoencoder(8, max_iter=2, random_state=0).fit_transform(counts)
    latent = gs.VariationalAutoencoder(
        4, hidden_layer_sizes=(8,), max_iter=2, random_state=0, n_jobs=3
    ).fit_transform(counts)
    corpus = gs.read_corpus("datasets/eight-subjects.tsv")
    np.savez(path, codes=codes, latent=latent, corpus=corpus.X.data)


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_forked_copies_give_the_same(counts, tmp_path):
    _work(tmp_path / "parent.npz", counts)
    context = multiprocessing.get_context("fork")
    copies = [
        context.Process(target=_work, args=(tmp_path / f"{i}.npz", counts))
        for i in range(2)
    ]
    for copy in copies:
        copy.start()
    for copy in copies:
        copy.join(_PATIENCE)
        if copy.is_alive():
            copy.kill()
        assert copy.exitcode == 0
    parent = np.load(tmp_path / "parent.npz")
    for i in range(2):
        child = np.load(tmp_path / f"{i}.npz")
        for name in parent.files:
            np.testing.assert_array_equal(child[name], parent[name])
