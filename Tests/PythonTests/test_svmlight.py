"""Readers of svmlight files beside scikit-learn's."""

import gzip
import io
import os

import numpy as np
import pytest
from conftest import ROOT
from sklearn import datasets

import gossamer as gs

FILE = str(ROOT / "datasets/eight-subjects.svm")


def same(ours, theirs):
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs):
        if hasattr(b, "indptr"):
            assert type(a) is type(b) and a.shape == b.shape
            for name in ("indptr", "indices", "data"):
                np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
            # Of indices, scikit-learn makes int64 in any case.
            assert a.dtype == b.dtype and a.indices.dtype == np.int32
        elif isinstance(b, list):
            assert a == b
        else:
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)


def both(contents, **options):
    """Reads the same bytes with both readers."""
    theirs = datasets.load_svmlight_file(
        io.BytesIO(contents), **{"dtype": np.float32, **options}
    )
    ours = gs.load_svmlight_file(io.BytesIO(contents), **options)
    same(ours, theirs)
    return ours


def test_a_corpus():
    same(
        gs.load_svmlight_file(FILE), datasets.load_svmlight_file(FILE, dtype=np.float32)
    )
    same(
        gs.load_svmlight_file(FILE, dtype=np.float64), datasets.load_svmlight_file(FILE)
    )


@pytest.mark.parametrize(
    "contents",
    [
        b"1 1:0.5 3:2\n-1 2:1e-3\n",
        b"1 0:0.5 3:2\n-1.5 2:-1\n",
        b"# a comment\n+1 1:3 # of the line\n\n0\n",
        b"3 1:1\r\n4 2:1\r\n",
        b"1 1:1",
    ],
)
@pytest.mark.parametrize("zero_based", ["auto", True])
def test_contents(contents, zero_based):
    both(contents, zero_based=zero_based)


def test_base_one():
    both(b"1 1:0.5 3:2\n", zero_based=False)
    with pytest.raises(ValueError):
        gs.load_svmlight_file(io.BytesIO(b"1 0:0.5 3:2\n"), zero_based=False)


def test_numbers_of_columns():
    both(b"1 1:0.5 3:2\n", n_features=7)
    with pytest.raises(ValueError, match="n_features was set to 2"):
        gs.load_svmlight_file(io.BytesIO(b"1 1:0.5 3:2\n"), n_features=2)


def test_query_ids():
    both(b"1 qid:3 1:0.5\n0 qid:12 2:1\n", query_id=True)


def test_several_labels():
    both(b"1,4 1:0.5\n2 1:1\n 3:1\n", multilabel=True)


def test_labels_that_are_no_numbers():
    with pytest.raises(ValueError):
        gs.load_svmlight_file(io.BytesIO(b"1,4 1:0.5\n"))
    with pytest.raises(ValueError):
        gs.load_svmlight_file(io.BytesIO(b"sun 1:0.5\n"))


def test_parts():
    size = os.path.getsize(FILE)
    parts = [
        gs.load_svmlight_file(FILE, offset=start, length=size // 3 + 1, n_features=1881)
        for start in range(0, size, size // 3 + 1)
    ]
    theirs = [
        datasets.load_svmlight_file(
            FILE, offset=start, length=size // 3 + 1, n_features=1881, dtype=np.float32
        )
        for start in range(0, size, size // 3 + 1)
    ]
    for a, b in zip(parts, theirs):
        same(a, b)
    assert sum(X.shape[0] for X, _ in parts) == 400


def test_ways_to_name_a_file(tmp_path):
    expected = gs.load_svmlight_file(FILE)
    with open(FILE, "rb") as file:
        same(gs.load_svmlight_file(file), expected)
    with open(FILE, "rb") as file:
        same(gs.load_svmlight_file(file.fileno()), expected)
    same(gs.load_svmlight_file(ROOT / "datasets/eight-subjects.svm"), expected)
    compressed = tmp_path / "packed.svm.gz"
    compressed.write_bytes(
        gzip.compress((ROOT / "datasets/eight-subjects.svm").read_bytes())
    )
    same(gs.load_svmlight_file(str(compressed)), expected)
    same(
        gs.load_svmlight_file(str(compressed), offset=100, length=2000),
        gs.load_svmlight_file(FILE, offset=100, length=2000),
    )


def test_several_files(tmp_path):
    (tmp_path / "a.svm").write_bytes(b"1 1:1 5:2\n")
    (tmp_path / "b.svm").write_bytes(b"2 0:1\n3 2:2\n")
    files = [str(tmp_path / "a.svm"), str(tmp_path / "b.svm")]
    same(
        gs.load_svmlight_files(files),
        datasets.load_svmlight_files(files, dtype=np.float32),
    )
    same(
        gs.load_svmlight_files(files[:1] * 2),
        datasets.load_svmlight_files(files[:1] * 2, dtype=np.float32),
    )


def test_written_files_are_read_again(tmp_path, counts):
    y = np.arange(counts.shape[0]) % 5
    gs.dump_svmlight_file(counts, y, str(tmp_path / "x.svm"), zero_based=False)
    same(gs.load_svmlight_file(str(tmp_path / "x.svm")), (counts, y.astype(np.float64)))


def test_a_result_may_be_changed():
    X, _ = gs.load_svmlight_file(FILE)
    X.data *= 2
    X.sort_indices()
    assert X.max() == 2 * datasets.load_svmlight_file(FILE)[0].max()


def test_errors_name_the_place(tmp_path):
    path = tmp_path / "bad.svm"
    path.write_bytes(b"1 1:1\n1 2:x\n")
    with pytest.raises(gs.DataError) as caught:
        gs.load_svmlight_file(str(path))
    assert isinstance(caught.value, ValueError)
    assert (
        caught.value.file == str(path)
        and caught.value.line == 2
        and caught.value.column
    )
    with pytest.raises(FileNotFoundError) as missing:
        gs.load_svmlight_file(str(tmp_path / "none.svm"))
    assert isinstance(missing.value, gs.GossamerError) and str(missing.value)
