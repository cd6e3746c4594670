"""Corpora: sparse rows with what a file tells of them beside."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp

from . import _library
from ._arrays import MatrixArgument, csr_of, sparse_view
from ._texts import EncodedTexts, read_texts


class Corpus:
    """Documents as a sparse matrix, with labels, ids and words where they are known.

    Corpora are made by :func:`read_corpus`, :meth:`from_matrix` and the estimators. They never change. Estimators of
    this package take one wherever they take a matrix; a model that is fitted to one remembers its words.

    Attributes
    ----------
    X : scipy.sparse.csr_array of float32, shape (documents, features)
        In the engine's own memory, and read-only for that reason.
    labels : ndarray or list or None
        Of float64 if all are numbers; an array of str otherwise; a list of tuples where documents have several.
    ids : ndarray of str or None
        A name of each document.
    words : ndarray of str or None
        A name of each feature.

    Examples
    --------
    >>> import gossamer as gs
    >>> corpus = gs.Corpus.from_matrix([[1, 0, 2], [0, 3, 0]], words=["sun", "moon", "stars"])
    >>> corpus
    Corpus(documents=2, features=3, entries=3)
    >>> corpus.X.toarray()
    array([[1., 0., 2.],
           [0., 3., 0.]], dtype=float32)
    """

    def __init__(self, handle: _library.Handle) -> None:
        self._handle = handle

    @classmethod
    def from_matrix(cls, X: Any, words: Iterable[str] | None = None) -> Corpus:
        """A corpus of a matrix.

        Parameters
        ----------
        X : sparse matrix or array-like, shape (documents, features)
            A CSR matrix of float32 with int32 indices in ascending order is read in place; do not change its arrays
            as long as the corpus is used. Others are copied.
        words : iterable of str, optional
            One for each column.
        """
        argument = MatrixArgument(csr_of(X))
        texts = EncodedTexts.of([str(word) for word in words]) if words is not None else None
        if texts is not None and len(texts) != argument.structure.columns:
            raise ValueError(
                f"found {len(texts)} words for {argument.structure.columns} columns; expected one for each"
            )
        handle = _library.call_for_handle(
            "corpus_from_matrix",
            ctypes.byref(argument.structure),
            ctypes.byref(texts.argument) if texts is not None else None,
            None,
            None,
            kind="corpus",
            keep=argument.arrays,
        )
        return cls(handle)

    @classmethod
    def count(
        cls, texts: EncodedTexts, options: Mapping[str, Any], vocabulary: EncodedTexts | None, threads: int
    ) -> Corpus:
        """A corpus of the words in texts."""
        return cls(
            _library.call_for_handle(
                "corpus_count",
                ctypes.byref(texts.argument),
                _library.encoded(options),
                ctypes.byref(vocabulary.argument) if vocabulary is not None else None,
                threads,
                kind="corpus",
            )
        )

    @classmethod
    def read(cls, path: str | os.PathLike[str], options: Mapping[str, Any]) -> Corpus:
        """A corpus of a file, with the options of ``gossamer_corpus_read``."""
        return cls(
            _library.call_for_handle("corpus_read", _library.path_bytes(path), _library.encoded(options), kind="corpus")
        )

    @cached_property
    def X(self) -> sp.csr_array:
        return sparse_view(self._handle, writable=False)

    def release_matrix(self, container: Any = sp.csr_matrix) -> Any:
        """The matrix with writable arrays, for callers that give the corpus away with it."""
        return sparse_view(self._handle, writable=True, container=container)

    @cached_property
    def description(self) -> dict[str, Any]:
        """Rows, columns, entries, the index base, notes on what was found odd, and what else is small."""
        return _library.call_for_json("corpus_describe", self._handle)

    @property
    def shape(self) -> tuple[int, int]:
        return self.description["rows"], self.description["columns"]

    @property
    def notes(self) -> list[str]:
        """What was merged, left out or guessed while the corpus was read."""
        return [*self.description["notes"], *self.description["warnings"]]

    @cached_property
    def words(self) -> np.ndarray | None:
        return _strings(read_texts("corpus_words", self._handle))

    @cached_property
    def ids(self) -> np.ndarray | None:
        return _strings(read_texts("corpus_ids", self._handle))

    @cached_property
    def labels(self) -> np.ndarray | list[tuple[float, ...]] | None:
        kind = self.description.get("label_kind")
        if kind is None:
            return None
        if kind == "numbers":
            return self.number_labels()
        texts = self.label_texts()
        return label_sets(texts) if kind == "sets" else _strings(texts)

    def number_labels(self) -> np.ndarray:
        """Labels that are numbers, as float64; raises DataError where they are not."""
        labels = np.empty(self.shape[0], np.float64)
        _library.call(
            "corpus_number_labels",
            self._handle,
            labels.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
            len(labels),
        )
        return labels

    def label_texts(self) -> list[str]:
        """Labels as they stand in the file, empty where a row has none."""
        return read_texts("corpus_labels", self._handle) or [""] * self.shape[0]

    def query_ids(self) -> np.ndarray:
        """Query ids of a libsvm file, as int64; -1 where a row has none."""
        qids = np.empty(self.shape[0], np.int64)
        _library.call("corpus_qids", self._handle, qids.ctypes.data_as(ctypes.POINTER(ctypes.c_int64)), len(qids))
        return qids

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the corpus, in the format of the path's ending: ``.safetensors``, ``.svm``, ``.mtx`` or ``.npz``.

        A file appears whole or not at all.
        """
        _library.call("corpus_write", self._handle, _library.path_bytes(path))

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        rows, columns = self.shape
        return f"Corpus(documents={rows}, features={columns}, entries={self.description['entries']})"


def label_sets(texts: list[str]) -> list[tuple[float, ...]]:
    """Labels such as ``1,4`` as sorted tuples of numbers, as scikit-learn gives them."""
    return [tuple(sorted(float(part) for part in text.split(",") if part)) for text in texts]


def _strings(texts: list[str] | None) -> np.ndarray | None:
    return None if texts is None else np.array(texts, dtype=object)


def read_corpus(
    path: str | os.PathLike[str],
    *,
    format: str | None = None,
    index_base: int | str = "auto",
    n_features: int | None = None,
    transpose: bool = False,
    strict: bool = False,
    label_column: int | str | None = None,
    text_column: int | str | None = None,
    id_column: int | str | None = None,
    header: bool | None = None,
    **text_options: Any,
) -> Corpus:
    """Reads a corpus in any format that the program ``gossamer`` reads.

    These are libsvm, MatrixMarket, SciPy and NumPy files, UCI, LDA-C, tables, text in many layouts, JSON lines, folders
    with a folder a class, and Gossamer's own corpus files, compressed or not.

    Parameters
    ----------
    path : str or path-like
    format : str, optional
        In place of what the name and the content tell, such as ``"libsvm"``.
    index_base : {"auto", 0, 1}, default="auto"
        What features of libsvm and similar files are counted from.
    n_features : int, optional
        The number of columns, if it is larger than the file tells.
    transpose : bool, default=False
        Whether the columns of the file are the documents.
    strict : bool, default=False
        Whether oddities are errors.
    label_column, text_column, id_column : int or str, optional
        Columns of a table, by their names or numbers from 1.
    header : bool, optional
        Whether a table starts with the names of its columns.
    **text_options
        How words of text are counted, as in :class:`CountVectorizer`: ``lowercase``, ``token_pattern``,
        ``ngram_range``, ``stop_words``, ``min_df``, ``max_df``, ``max_features``, ``analyzer``; and ``stem=True`` for
        stems of English words.

    Returns
    -------
    Corpus

    Examples
    --------
    >>> import gossamer as gs
    >>> corpus = gs.read_corpus("datasets/eight-subjects.tsv", min_df=2)
    >>> len(corpus), corpus.labels[0], corpus.ids[0]
    (400, 'astronomy', 'astronomy-01')
    """
    from ._counting import engine_options

    columns = {"label_column": label_column, "text_column": text_column, "id_column": id_column}
    return Corpus.read(
        path,
        {
            "format": format,
            "index_base": index_base,
            "features": n_features,
            "transpose": transpose or None,
            "strict": strict or None,
            **{name: None if column is None else str(column) for name, column in columns.items()},
            "header": header,
            **engine_options(text_options),
        },
    )
