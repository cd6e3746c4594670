"""Matrices that go in and out."""

import gc
import weakref

import numpy as np
import pytest
import scipy.sparse as sp
from conftest import random_counts

import gossamer as gs
from gossamer._arrays import MatrixArgument, csr_of


@pytest.mark.parametrize("index", [np.int32, np.int64])
@pytest.mark.parametrize("value", [np.float32, np.float64, np.int64, np.uint8, bool])
def test_types(index, value):
    X = random_counts()
    expected = X.toarray().astype(value).astype(np.float32)
    given = sp.csr_array(X.astype(value))
    given.indices, given.indptr = (
        given.indices.astype(index),
        given.indptr.astype(index),
    )
    result = gs.Corpus.from_matrix(given).X
    assert result.dtype == np.float32 and result.indices.dtype == np.int32
    np.testing.assert_array_equal(result.toarray(), expected)


@pytest.mark.parametrize("format", ["csr", "csc", "coo", "lil", "dok", "bsr"])
@pytest.mark.parametrize("kind", ["matrix", "array"])
def test_formats(format, kind):
    X = random_counts()
    given = X.asformat(format) if kind == "matrix" else sp.csr_array(X).asformat(format)
    np.testing.assert_array_equal(gs.Corpus.from_matrix(given).X.toarray(), X.toarray())


@pytest.mark.parametrize("order", ["C", "F"])
def test_dense(order):
    X = np.asarray(random_counts(density=0.7).toarray(), order=order, dtype=np.float64)
    np.testing.assert_array_equal(gs.Corpus.from_matrix(X).X.toarray(), X)
    np.testing.assert_array_equal(
        gs.Corpus.from_matrix(X[::2, ::3]).X.toarray(), X[::2, ::3]
    )


def test_dense_in_blocks(monkeypatch):
    monkeypatch.setattr("gossamer._arrays._BLOCK", 64)
    X = random_counts(rows=37).toarray()
    assert (csr_of(X) != sp.csr_array(X)).nnz == 0


def test_extremes():
    for shape in [(0, 5), (3, 0), (3, 5)]:
        X = sp.csr_array(shape, dtype=np.float32)
        assert gs.Corpus.from_matrix(X).X.shape == shape
    one = gs.Corpus.from_matrix([[0.0, 2.5]])
    np.testing.assert_array_equal(one.X.toarray(), [[0, 2.5]])


def test_unsorted_and_repeated_entries():
    X = sp.csr_array((np.float32([1, 2, 3]), np.int32([2, 0, 2]), [0, 3]), shape=(1, 3))
    result = gs.Corpus.from_matrix(X).X
    np.testing.assert_array_equal(result.indices, [0, 2])
    np.testing.assert_array_equal(result.data, [2, 4])
    np.testing.assert_array_equal(X.indices, [2, 0, 2])


def test_bad_indices_are_refused():
    X = sp.csr_array(random_counts())
    X.indices[5] = 99
    with pytest.raises(gs.DataError):
        gs.Corpus.from_matrix(X)
    X.indices[5] = -1
    with pytest.raises(gs.DataError):
        gs.Corpus.from_matrix(X)


def test_engine_types_are_not_copied():
    X = random_counts()
    argument = MatrixArgument(X)
    assert argument.structure.indices == X.indices.ctypes.data
    assert argument.structure.data == X.data.ctypes.data
    corpus = gs.Corpus.from_matrix(X)
    assert corpus.X.data.ctypes.data == X.data.ctypes.data
    assert corpus.X.indices.ctypes.data == X.indices.ctypes.data


def test_views_keep_the_corpus_and_the_corpus_keeps_its_arrays():
    X = random_counts()
    expected = X.toarray()
    corpus = gs.Corpus.from_matrix(X)
    view, handle = corpus.X, weakref.ref(corpus._handle)
    del X, corpus
    gc.collect()
    np.testing.assert_array_equal(view.toarray(), expected)
    assert handle() is not None
    del view
    # Freed at once, not by the collector of cycles.
    assert handle() is None


def test_views_of_a_corpus_are_read_only():
    X = gs.Corpus.from_matrix(random_counts()).X
    with pytest.raises(ValueError):
        X.data[0] = 7


def test_words_have_to_fit():
    with pytest.raises(ValueError, match="2 words for 30 columns"):
        gs.Corpus.from_matrix(random_counts(), words=["a", "b"])
    assert list(gs.Corpus.from_matrix([[1, 2]], words=["née", "Σ"]).words) == [
        "née",
        "Σ",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"data": np.ones(1, np.float32)},
        {"indices": np.zeros(2, np.int32)},
        {"indptr": np.array([0, 1, 2, 3_000_000], np.int32)},
        {"indptr": np.array([0, 1], np.int32)},
        {"indptr": np.array([0, 1, 2, -1], np.int32)},
    ],
)
def test_arrays_of_other_lengths_are_refused(change):
    matrix = sp.csr_matrix(
        (np.ones(3, np.float32), np.arange(3), np.arange(4)), shape=(3, 5)
    )
    for name, array in change.items():
        setattr(matrix, name, array)
    with pytest.raises(ValueError):
        gs.SparseAutoencoder(2, max_iter=1).fit(matrix)
