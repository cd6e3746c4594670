"""svmlight and libsvm files, with scikit-learn's signatures."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import numpy as np
import scipy.sparse as sp
from sklearn.datasets import dump_svmlight_file

from ._corpus import Corpus, label_sets

__all__ = ["dump_svmlight_file", "load_svmlight_file", "load_svmlight_files"]

File = str | os.PathLike[str] | IO[bytes] | int


def load_svmlight_file(
    f: File,
    *,
    n_features: int | None = None,
    dtype: Any = np.float32,
    multilabel: bool = False,
    zero_based: bool | str = "auto",
    query_id: bool = False,
    offset: int = 0,
    length: int = -1,
) -> tuple[Any, ...]:
    """Reads a file in svmlight or libsvm format, as ``sklearn.datasets.load_svmlight_file`` does.

    It differs in this: values are read in single precision, and zeros are left out; features of a row may come in any
    order, and values of one that comes twice are added; compression (gzip, bzip2, xz, zstd) is recognised by content.

    Parameters
    ----------
    f : str, path-like, file-like in binary mode, or int
        The file, or its descriptor. What is not a path is first copied to a temporary file.
    n_features : int, optional
        The number of columns; without it as many as the file needs.
    dtype : dtype, default=numpy.float32
        The type of X's data. Others than float32 are made of it, in a copy.
    multilabel : bool, default=False
        Whether rows have several labels, separated by commas.
    zero_based : bool or "auto", default="auto"
        Whether features are counted from 0; "auto" says so if there is a feature 0.
    query_id : bool, default=False
        Whether query ids are returned as well.
    offset, length : int, default=0, -1
        Reads only the rows that begin in these bytes: after the first line break from ``offset`` on, if that is not 0,
        until ``length`` bytes are read, if that is above 0.

    Returns
    -------
    X : scipy.sparse.csr_matrix of shape (n_samples, n_features)
    y : ndarray of float64, shape (n_samples,), or list of tuples of float
    query_id : ndarray of int64, shape (n_samples,)
        Only if asked for; 0 where a row has none.

    Examples
    --------
    >>> import gossamer as gs
    >>> X, y = gs.load_svmlight_file("datasets/eight-subjects.svm")
    >>> X.shape, y[:3]
    ((400, 1880), array([0., 1., 2.]))
    """
    return load_svmlight_files(
        [f],
        n_features=n_features,
        dtype=dtype,
        multilabel=multilabel,
        zero_based=zero_based,
        query_id=query_id,
        offset=offset,
        length=length,
    )


def load_svmlight_files(
    files: Sequence[File],
    *,
    n_features: int | None = None,
    dtype: Any = np.float32,
    multilabel: bool = False,
    zero_based: bool | str = "auto",
    query_id: bool = False,
    offset: int = 0,
    length: int = -1,
) -> tuple[Any, ...]:
    """Reads several files in svmlight or libsvm format, with as many columns in all.

    Parameters
    ----------
    files : sequence of str, path-like, file-like in binary mode, or int
    n_features, dtype, multilabel, zero_based, query_id, offset, length
        See :func:`load_svmlight_file`. With ``zero_based="auto"``, features are counted from 0 if any file has a
        feature 0.

    Returns
    -------
    tuple
        X, y and, if asked for, query ids of the first file, then of the second, and so on.
    """
    if (offset != 0 or length > 0) and zero_based == "auto":
        # A part of a file does not tell what its features are counted from; scikit-learn assumes 0.
        zero_based = True
    corpora = [_read(file, zero_based, offset, length) for file in files]
    bases = [corpus.description.get("index_base") for corpus in corpora]
    if zero_based == "auto" and 0 in bases and any(base != 0 for base in bases):
        corpora = [_read(file, True, offset, length) for file in files]
    width = max([1, *(corpus.shape[1] for corpus in corpora)])
    if n_features is not None and n_features < width:
        raise ValueError(f"n_features was set to {n_features}, but input file contains {width} features")
    result: list[Any] = []
    for corpus in corpora:
        result += [_matrix(corpus, n_features or width, dtype), _labels(corpus, multilabel)]
        if query_id:
            result.append(np.maximum(corpus.query_ids(), 0))
    return tuple(result)


def _read(file: File, zero_based: bool | str, offset: int, length: int) -> Corpus:
    base: int | str = "auto" if zero_based == "auto" else 0 if zero_based else 1
    with _path(file, offset, length) as path:
        return Corpus.read(path, {"format": "libsvm", "index_base": base})


def _matrix(corpus: Corpus, columns: int, dtype: Any) -> sp.csr_matrix:
    X = corpus.release_matrix()
    if X.dtype != dtype:
        X.data = X.data.astype(dtype)
    X.resize(X.shape[0], columns)
    return X


def _labels(corpus: Corpus, multilabel: bool) -> Any:
    if multilabel:
        return label_sets(corpus.label_texts())
    if corpus.description.get("label_kind") is None:
        return np.zeros(corpus.shape[0])
    return corpus.number_labels()


@contextmanager
def _path(file: File, offset: int, length: int) -> Iterator[str | os.PathLike[str]]:
    """The path of a file with what is to be read of it."""
    is_path = isinstance(file, (str, os.PathLike))
    if is_path and offset == 0 and length <= 0:
        yield file  # type: ignore[misc]
        return
    with tempfile.NamedTemporaryFile(suffix=".svm") as copy:
        if is_path:
            with _opened(file) as source:
                _copy(source, copy, offset, length)
        elif isinstance(file, int):
            with open(file, "rb", closefd=False) as source:
                _copy(source, copy, offset, length)
        else:
            _copy(file, copy, offset, length)
        copy.flush()
        yield copy.name


def _opened(path: Any) -> Any:
    """A file whose bytes are counted as scikit-learn counts them: of a compressed one those of its content."""
    name = os.fspath(path)
    if name.endswith(".gz"):
        import gzip

        return gzip.open(name, "rb")
    if name.endswith(".bz2"):
        import bz2

        return bz2.open(name, "rb")
    return open(name, "rb")


def _copy(source: Any, target: IO[bytes], offset: int, length: int) -> None:
    if offset > 0:
        source.seek(offset)
        # The line that begins before belongs to the part before.
        source.readline()
    if length <= 0:
        shutil.copyfileobj(source, target, 1 << 20)
        return
    end = offset + length
    # A line that begins at the end still belongs to this part, as the next one drops its first.
    while source.tell() <= end:
        line = source.readline()
        if not line:
            break
        target.write(line)
