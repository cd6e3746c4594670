"""Matrices across the C interface, without a copy where the types allow it."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import scipy.sparse as sp

from . import _library
from ._library import Matrix

_TYPES = {
    np.dtype(np.int32): _library.INT32,
    np.dtype(np.int64): _library.INT64,
    np.dtype(np.uint32): _library.UINT32,
    np.dtype(np.float32): _library.FLOAT32,
    np.dtype(np.float64): _library.FLOAT64,
}

# The numbers of a dense array that are looked at at a time while its entries are collected.
_BLOCK = 1 << 20


class MatrixArgument:
    """A sparse matrix as the library takes it, with the arrays that have to live as long.

    Parameters
    ----------
    X : sparse matrix or array in CSR format
        Its indices and, of type float32 or float64, its data are passed as they are. Row offsets become int64, as the
        engine has them; they are few.
    """

    def __init__(self, X: Any) -> None:
        indptr = np.ascontiguousarray(X.indptr, np.int64)
        indices = np.ascontiguousarray(X.indices)
        if indices.dtype not in (np.int32, np.int64):
            indices = indices.astype(np.int64)
        data = np.ascontiguousarray(X.data)
        if data.dtype not in (np.float32, np.float64):
            data = data.astype(np.float32)
        # The library reads as many entries as the offsets say, and a matrix of SciPy may be changed by hand.
        if len(indptr) != X.shape[0] + 1:
            raise ValueError(f"found {len(indptr)} row offsets for {X.shape[0]} rows; expected one more than rows")
        entries = int(indptr[-1])
        if not 0 <= entries <= min(len(indices), len(data)):
            raise ValueError(
                f"found {len(indices)} column indices and {len(data)} values; expected {entries} of each, as the row "
                "offsets say"
            )
        self.arrays = (indptr, indices, data)
        self.structure = Matrix(
            X.shape[0],
            X.shape[1],
            *(array.ctypes.data for array in self.arrays),
            *(_TYPES[array.dtype] for array in self.arrays),
        )


def csr_of(X: Any) -> Any:
    """A matrix in CSR format: a sparse one converted if it has another, of a dense array the entries that are not zero.

    Parameters
    ----------
    X : sparse matrix or array, or array-like of shape (rows, columns)

    Returns
    -------
    sparse matrix or array in CSR format
    """
    if sp.issparse(X):
        return X if X.format == "csr" else X.tocsr()
    return _csr_of_dense(np.asarray(X))


def _csr_of_dense(X: np.ndarray) -> sp.csr_array:
    """The entries of a dense array that are not zero, as float32, found a block of rows at a time."""
    rows, columns = X.shape
    counts = np.zeros(rows + 1, np.int64)
    indices: list[np.ndarray] = []
    data: list[np.ndarray] = []
    step = max(1, _BLOCK // max(1, columns))
    for start in range(0, rows, step):
        block = X[start : start + step]
        mask = block != 0
        counts[start + 1 : start + 1 + len(block)] = np.count_nonzero(mask, axis=1)
        indices.append(np.nonzero(mask)[1].astype(np.int32))
        data.append(block[mask].astype(np.float32))
    return sp.csr_array(
        (
            np.concatenate(data) if data else np.zeros(0, np.float32),
            np.concatenate(indices) if indices else np.zeros(0, np.int32),
            np.cumsum(counts),
        ),
        shape=(rows, columns),
    )


class _Memory:
    """Memory of the library as NumPy's array interface describes it; keeps its owner alive."""

    def __init__(self, address: int, count: int, dtype: type, owner: object, writable: bool) -> None:
        self.owner = owner
        self.__array_interface__ = {
            "version": 3,
            "data": (address, not writable),
            "shape": (count,),
            "typestr": np.dtype(dtype).str,
        }


def view(address: int | None, count: int, dtype: type, owner: object, *, writable: bool) -> np.ndarray:
    """An array in the library's memory, which the array's owner keeps alive.

    Parameters
    ----------
    address : int or None
        None, as a null pointer, if there are no elements.
    count : int
    dtype : type
    owner : object
        What frees the memory when it is collected.
    writable : bool
        Whether nobody else reads the memory, so that it may be changed.
    """
    if count == 0 or not address:
        return np.zeros(0, dtype)
    return np.asarray(_Memory(address, count, dtype, owner, writable))


def sparse_view(handle: _library.Handle, *, writable: bool, container: Any = sp.csr_array) -> Any:
    """The matrix of a corpus, in the library's memory but for the row offsets where they are narrowed.

    Parameters
    ----------
    handle : Handle
        Of a corpus, which lives as long as the arrays.
    writable : bool
        Whether the corpus has no other user.
    container : type
        ``scipy.sparse.csr_array`` or ``scipy.sparse.csr_matrix``.
    """
    matrix = Matrix()
    _library.call("corpus_matrix", handle, ctypes.byref(matrix))
    indptr = view(matrix.indptr, matrix.rows + 1, np.int64, handle, writable=writable)
    if len(indptr) == 0:
        indptr = np.zeros(matrix.rows + 1, np.int64)
    entries = int(indptr[-1] - indptr[0])
    # Columns that fit are the same bytes as int32, which SciPy wants.
    fits = matrix.columns <= np.iinfo(np.int32).max
    indices = view(matrix.indices, entries, np.int32 if fits else np.uint32, handle, writable=writable)
    data = view(matrix.data, entries, np.float32, handle, writable=writable)
    result = container((matrix.rows, matrix.columns), dtype=np.float32)
    result.data, result.indices, result.indptr = data, *_index_arrays(indices, indptr, entries)
    # The engine sorts rows and adds entries of the same column.
    result.has_sorted_indices = True
    result.has_canonical_format = True
    return result


def _index_arrays(indices: np.ndarray, indptr: np.ndarray, entries: int) -> tuple[np.ndarray, np.ndarray]:
    """Both with the one type that SciPy expects of them."""
    if indices.dtype == np.int32 and entries <= np.iinfo(np.int32).max:
        return indices, indptr.astype(np.int32)
    return indices.astype(np.int64), indptr
