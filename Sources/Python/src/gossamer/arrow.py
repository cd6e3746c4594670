"""Columns of pyarrow, and of anything that gives batches of it, such as Parquet files and Hugging Face ``datasets``.

pyarrow is only imported once its objects are at hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import scipy.sparse as sp

from ._texts import EncodedTexts

__all__ = ["matrix", "texts"]


def is_text_array(value: Any) -> bool:
    """Whether a value is an array of text of pyarrow, in one piece or in chunks."""
    pa = sys.modules.get("pyarrow")
    if pa is None or not isinstance(value, (pa.Array, pa.ChunkedArray)):
        return False
    return bool(pa.types.is_string(value.type) or pa.types.is_large_string(value.type))


def encoded_texts(array: Any) -> EncodedTexts:
    """The texts of an array that ``is_text_array``; nulls are empty. Its bytes are read where they are."""
    import pyarrow as pa

    array = array.cast(pa.large_string())
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = pa.concat_arrays(array.chunks or [pa.array([], pa.large_string())])
    if array.null_count:
        array = array.fill_null("")
    _, offsets, data = array.buffers()
    if len(array) == 0:
        return EncodedTexts(b"", np.zeros(1, np.int64))
    numbers = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    start = int(numbers[0])
    text = memoryview(data)[start : int(numbers[-1])] if data is not None else b""
    return EncodedTexts(text, numbers - start if start else numbers)


def texts(source: Any, column: str = "text") -> Any:
    """A column of text as an array of pyarrow, which the vectorizers take as it is.

    Parameters
    ----------
    source : pyarrow.Table, pyarrow.RecordBatch, datasets.Dataset, or iterable of pyarrow.RecordBatch
        An iterable, such as ``pyarrow.parquet.ParquetFile(path).iter_batches(columns=["text"])``, is read a batch at a
        time; other columns are let go of at once.
    column : str, default="text"

    Returns
    -------
    pyarrow.ChunkedArray
    """
    import pyarrow as pa

    chunks = [chunk for batch in _batches(source) for chunk in _chunks(_column(batch, column))]
    return pa.chunked_array([chunk.cast(pa.large_string()) for chunk in chunks], pa.large_string())


def matrix(
    source: Any, indices: str = "indices", values: str | None = "values", n_features: int | None = None
) -> sp.csr_array:
    """Columns of lists as a sparse matrix: in each row, which features it has, and their values.

    Parameters
    ----------
    source : pyarrow.Table, pyarrow.RecordBatch, datasets.Dataset, or iterable of pyarrow.RecordBatch
    indices : str, default="indices"
        The column with lists of features, counted from 0.
    values : str or None, default="values"
        The column with lists of their values; None counts how often a feature is listed.
    n_features : int, optional
        The number of columns; without it as many as there have to be.

    Returns
    -------
    scipy.sparse.csr_array of float32
    """
    import pyarrow as pa

    def flat(array: Any) -> tuple[np.ndarray, np.ndarray]:
        lists = array.cast(pa.large_list(array.type.value_type))
        offsets = lists.offsets.to_numpy()
        return np.diff(offsets), lists.flatten().to_numpy(zero_copy_only=False)

    counts: list[np.ndarray] = []
    columns: list[np.ndarray] = []
    data: list[np.ndarray] = []
    for batch in _batches(source):
        named = _chunks(_column(batch, indices))
        valued = _chunks(_column(batch, values)) if values is not None else [None] * len(named)
        for index_lists, value_lists in zip(named, valued):
            lengths, features = flat(index_lists)
            counts.append(lengths)
            columns.append(features.astype(np.int32))
            if value_lists is None:
                data.append(np.ones(len(features), np.float32))
                continue
            value_lengths, numbers = flat(value_lists)
            if not np.array_equal(lengths, value_lengths):
                raise ValueError(f"found lists of different lengths in {indices} and {values}; expected the same")
            data.append(numbers.astype(np.float32))
    features = np.concatenate([np.zeros(0, np.int32), *columns])
    lengths = np.concatenate([np.zeros(0, np.int64), *counts])
    width = n_features if n_features is not None else int(features.max(initial=-1)) + 1
    result = sp.csr_array(
        (np.concatenate([np.zeros(0, np.float32), *data]), features, np.concatenate([[0], np.cumsum(lengths)])),
        shape=(len(lengths), width),
    )
    result.sum_duplicates()
    return result


def _batches(source: Any) -> Iterator[Any]:
    import pyarrow as pa

    if isinstance(source, (pa.Table, pa.RecordBatch)):
        yield source
    elif hasattr(source, "with_format") and hasattr(source, "iter"):
        # Of Hugging Face datasets, streamed ones too.
        yield from source.with_format("arrow").iter(batch_size=10_000)
    elif isinstance(source, Iterable):
        yield from source
    else:
        raise TypeError(f"found {type(source).__name__}; expected a table, or batches, of pyarrow")


def _column(batch: Any, name: str) -> Any:
    if name not in batch.schema.names:
        raise ValueError(f"found no column {name}; expected one of {', '.join(batch.schema.names)}")
    return batch.column(name)


def _chunks(column: Any) -> list[Any]:
    return column.chunks if hasattr(column, "chunks") else [column]
