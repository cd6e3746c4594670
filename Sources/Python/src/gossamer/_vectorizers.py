"""CountVectorizer and TfidfVectorizer, counted by the engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import CountVectorizer as SklearnCountVectorizer
from sklearn.feature_extraction.text import TfidfTransformer, strip_accents_ascii, strip_accents_unicode
from sklearn.utils.validation import check_is_fitted

from ._corpus import Corpus
from ._counting import count, engine_options
from ._errors import DataError
from ._texts import EncodedTexts
from .arrow import is_text_array

# Parameters that the engine takes as they are.
_OPTIONS = ("ngram_range", "analyzer")
_ANALYZERS = ("word", "char", "char_wb")
_ACCENT_FUNCTIONS = {"ascii": strip_accents_ascii, "unicode": strip_accents_unicode}


class CountVectorizer(SklearnCountVectorizer):
    """Turns texts into a matrix of word counts, as ``sklearn.feature_extraction.text.CountVectorizer`` does.

    Parameters, attributes and results are those of that class, from which this one is derived; only the counting is
    done by the engine, on all processors. Functions in the place of ``analyzer``, ``preprocessor`` or ``tokenizer``
    raise ValueError. With ``max_features``, of words that are equally frequent those that are first by code points are
    kept; scikit-learn's choice is arbitrary. Besides lists of str, arrays of text of pyarrow are taken, without making
    Python strings of them.

    Parameters
    ----------
    input, encoding, decode_error, strip_accents, lowercase, preprocessor, tokenizer, stop_words, token_pattern, \
ngram_range, analyzer, max_df, min_df, max_features, vocabulary, binary, dtype
        See scikit-learn.

    Attributes
    ----------
    vocabulary_ : dict of str to int
        The column of each word.
    fixed_vocabulary_ : bool
        Whether the vocabulary was given.

    Examples
    --------
    >>> import gossamer as gs
    >>> vectorizer = gs.CountVectorizer()
    >>> X = vectorizer.fit_transform(["a sunny day", "a rainy day and a rainy night"])
    >>> vectorizer.get_feature_names_out()
    array(['and', 'day', 'night', 'rainy', 'sunny'], dtype=object)
    >>> X.toarray()
    array([[0, 1, 0, 0, 1],
           [1, 1, 1, 2, 0]])
    """

    def fit(self, raw_documents: Any, y: Any = None) -> Any:
        """Learns the vocabulary of texts.

        Parameters
        ----------
        raw_documents : iterable of str, or array of text of pyarrow
        y : ignored

        Returns
        -------
        self
        """
        self._count_and_fit(raw_documents)
        return self

    def fit_transform(self, raw_documents: Any, y: Any = None) -> sp.csr_matrix:
        """Learns the vocabulary of texts and returns their counts.

        Parameters
        ----------
        raw_documents : iterable of str, or array of text of pyarrow
        y : ignored

        Returns
        -------
        scipy.sparse.csr_matrix of shape (n_samples, n_features)
        """
        return self._count_and_fit(raw_documents)

    def transform(self, raw_documents: Any) -> sp.csr_matrix:
        """Counts the words of the vocabulary in texts.

        Parameters
        ----------
        raw_documents : iterable of str, or array of text of pyarrow

        Returns
        -------
        scipy.sparse.csr_matrix of shape (n_samples, n_features)
        """
        if not hasattr(self, "vocabulary_"):
            self._fix_vocabulary()
        check_is_fitted(self, "vocabulary_")
        options, documents = self._engine_options(), self._documents(raw_documents)
        if len(documents) == 0:
            return sp.csr_matrix((0, len(self.vocabulary_)), dtype=self.dtype)
        corpus = count(documents, options, self._encoded_vocabulary())
        return self._matrix(corpus)

    def _count_and_fit(self, raw_documents: Any) -> sp.csr_matrix:
        self._validate_params()
        options = self._engine_options()
        documents = self._documents(raw_documents)
        if self._fix_vocabulary():
            return self._matrix(count(documents, options, self._encoded_vocabulary()))
        self._check_frequencies(len(documents))
        options |= engine_options({"min_df": self.min_df, "max_df": self.max_df})
        if not self.binary:
            options |= engine_options({"max_features": self.max_features})
        try:
            corpus = count(documents, options)
        except DataError as error:
            raise ValueError(f"empty vocabulary; perhaps the documents only contain stop words ({error})") from error
        words, X = corpus.words, self._matrix(corpus)
        if words is None:
            raise ValueError("After pruning, no terms remain. Try a lower min_df or a higher max_df.")
        if self.binary and self.max_features is not None:
            # The engine would keep the words with the highest counts before they are made 1.
            kept = _most_frequent(X, self.max_features)
            words, X = words[kept], X[:, kept]
        self.vocabulary_ = dict(zip(words.tolist(), range(len(words))))
        self.fixed_vocabulary_ = False
        return X

    def _matrix(self, corpus: Corpus) -> sp.csr_matrix:
        """Counts, or ones, with numbers of the type that was asked for; the engine counts in float32."""
        X = corpus.release_matrix()
        if self.binary:
            X.data = np.ones(len(X.data), self.dtype)
        elif X.dtype != self.dtype:
            X.data = X.data.astype(self.dtype)
        return X

    # ---- Parameters ----

    def _engine_options(self) -> dict[str, Any]:
        for name in ("preprocessor", "tokenizer"):
            if getattr(self, name) is not None:
                raise ValueError(
                    f"{name}: found a function, which the engine cannot call; leave it out, or take the class of the "
                    "same name of scikit-learn"
                )
        if self.analyzer not in _ANALYZERS:
            raise ValueError(
                f"analyzer: found {self.analyzer!r}; expected one of {', '.join(_ANALYZERS)}, or take the class of the "
                "same name of scikit-learn"
            )
        if callable(self.strip_accents):
            raise ValueError("strip_accents: found a function; expected 'unicode', 'ascii' or None")
        lower, upper = self.ngram_range
        if lower > upper:
            raise ValueError(f"Invalid value for ngram_range={self.ngram_range} lower boundary larger than the upper.")
        options = {name: getattr(self, name) for name in _OPTIONS}
        # Accents are stripped from text in lower case, before it gets to the engine.
        options["lowercase"] = self.lowercase and self.strip_accents is None
        if self.analyzer == "word":
            # Of characters, scikit-learn ignores both.
            if self.token_pattern is None:
                raise ValueError("token_pattern: found None; expected a regular expression")
            options |= {"token_pattern": self.token_pattern, "stop_words": self.stop_words}
        return engine_options(options)

    def _check_frequencies(self, documents: int) -> None:
        def least(value: float) -> float:
            return value if isinstance(value, (int, np.integer)) else value * documents

        if least(self.max_df) < least(self.min_df):
            raise ValueError("max_df corresponds to < documents than min_df")

    def _documents(self, raw_documents: Any) -> Any:
        if isinstance(raw_documents, str):
            raise ValueError("Iterable over raw text documents expected, string object received.")
        if is_text_array(raw_documents):
            if self.strip_accents is None and self.input == "content":
                return raw_documents
            raw_documents = raw_documents.to_pylist()
        documents = raw_documents if isinstance(raw_documents, list) else list(raw_documents)
        if self.input != "content" or not all(type(document) is str for document in documents):
            documents = [self.decode(document) for document in documents]
        if self.strip_accents is None:
            return documents
        strip = _ACCENT_FUNCTIONS[self.strip_accents]
        return [strip(document.lower() if self.lowercase else document) for document in documents]

    # ---- The vocabulary ----

    def _fix_vocabulary(self) -> bool:
        """Takes the vocabulary that was given; False if there is none."""
        if self.vocabulary is None:
            return False
        self.vocabulary_ = _columns(self.vocabulary)
        self.fixed_vocabulary_ = True
        return True

    def _encoded_vocabulary(self) -> EncodedTexts:
        # Kept as long as it is that of the vocabulary, since every call needs it.
        cached = getattr(self, "_encoded", None)
        if cached is None or cached[0] is not self.vocabulary_ or len(cached[1]) != len(self.vocabulary_):
            words = sorted(self.vocabulary_, key=self.vocabulary_.__getitem__)
            cached = (self.vocabulary_, EncodedTexts.of(words))
            self._encoded = cached
        return cached[1]

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        state.pop("_encoded", None)
        return state


class TfidfVectorizer(CountVectorizer):
    """Turns texts into a matrix of tf-idf weights, as ``sklearn.feature_extraction.text.TfidfVectorizer`` does.

    Words are counted by :class:`CountVectorizer` of this package and weighted by scikit-learn's ``TfidfTransformer``.

    Parameters
    ----------
    input, encoding, decode_error, strip_accents, lowercase, preprocessor, tokenizer, analyzer, stop_words, \
token_pattern, ngram_range, max_df, min_df, max_features, vocabulary, binary, dtype, norm, use_idf, smooth_idf, \
sublinear_tf
        See scikit-learn.

    Attributes
    ----------
    vocabulary_ : dict of str to int
        The column of each word.
    fixed_vocabulary_ : bool
        Whether the vocabulary was given.
    idf_ : ndarray of shape (n_features,)
        The inverse document frequencies; only with ``use_idf``.

    Examples
    --------
    >>> import gossamer as gs
    >>> vectorizer = gs.TfidfVectorizer()
    >>> vectorizer.fit_transform(["sun and moon", "sun and rain"]).toarray().round(2)
    array([[0.5, 0.7, 0. , 0.5],
           [0.5, 0. , 0.7, 0.5]])
    """

    def __init__(
        self,
        *,
        input: str = "content",
        encoding: str = "utf-8",
        decode_error: str = "strict",
        strip_accents: str | None = None,
        lowercase: bool = True,
        preprocessor: None = None,
        tokenizer: None = None,
        analyzer: str = "word",
        stop_words: str | Iterable[str] | None = None,
        token_pattern: str = r"(?u)\b\w\w+\b",
        ngram_range: tuple[int, int] = (1, 1),
        max_df: float = 1.0,
        min_df: float = 1,
        max_features: int | None = None,
        vocabulary: Any = None,
        binary: bool = False,
        dtype: Any = np.float64,
        norm: Literal["l1", "l2"] | None = "l2",
        use_idf: bool = True,
        smooth_idf: bool = True,
        sublinear_tf: bool = False,
    ) -> None:
        super().__init__(
            input=input,
            encoding=encoding,
            decode_error=decode_error,
            strip_accents=strip_accents,
            lowercase=lowercase,
            preprocessor=preprocessor,
            tokenizer=tokenizer,
            analyzer=analyzer,
            stop_words=stop_words,
            token_pattern=token_pattern,
            ngram_range=ngram_range,
            max_df=max_df,
            min_df=min_df,
            max_features=max_features,
            vocabulary=vocabulary,
            binary=binary,
            dtype=dtype,
        )
        self.norm = norm
        self.use_idf = use_idf
        self.smooth_idf = smooth_idf
        self.sublinear_tf = sublinear_tf

    @property
    def idf_(self) -> np.ndarray:
        if not hasattr(self, "_weights"):
            raise AttributeError("idf_ is there once the vectorizer is fitted, with use_idf=True")
        weights: np.ndarray = self._weights.idf_
        return weights

    def fit(self, raw_documents: Any, y: Any = None) -> Any:
        """Learns the vocabulary and the inverse document frequencies of texts.

        Parameters
        ----------
        raw_documents : iterable of str, or array of text of pyarrow
        y : ignored

        Returns
        -------
        self
        """
        self._count_and_weigh(raw_documents)
        return self

    def fit_transform(self, raw_documents: Any, y: Any = None) -> sp.csr_matrix:
        """Learns from texts and returns their weighted counts.

        Parameters
        ----------
        raw_documents : iterable of str, or array of text of pyarrow
        y : ignored

        Returns
        -------
        scipy.sparse.csr_matrix of shape (n_samples, n_features)
        """
        counts = self._count_and_weigh(raw_documents)
        return self._weights.transform(counts, copy=False)

    def transform(self, raw_documents: Any) -> sp.csr_matrix:
        """The weighted counts of texts.

        Parameters
        ----------
        raw_documents : iterable of str, or array of text of pyarrow

        Returns
        -------
        scipy.sparse.csr_matrix of shape (n_samples, n_features)
        """
        check_is_fitted(self, "_weights", msg="The TF-IDF vectorizer is not fitted")
        return self._weights.transform(super().transform(raw_documents), copy=False)

    def _count_and_weigh(self, raw_documents: Any) -> sp.csr_matrix:
        counts = self._count_and_fit(raw_documents)
        self._weights = TfidfTransformer(
            norm=self.norm, use_idf=self.use_idf, smooth_idf=self.smooth_idf, sublinear_tf=self.sublinear_tf
        ).fit(counts)
        return counts


def _most_frequent(X: Any, limit: int) -> np.ndarray:
    """The columns, in order, with the most entries; among equal ones the first."""
    frequencies = np.bincount(X.indices, minlength=X.shape[1])
    return np.sort(np.argsort(-frequencies, kind="stable")[:limit])


def _columns(vocabulary: Any) -> dict[str, int]:
    """The columns of a vocabulary that the user gives, as scikit-learn takes it."""
    if isinstance(vocabulary, dict):
        if sorted(vocabulary.values()) != list(range(len(vocabulary))):
            raise ValueError(
                f"Vocabulary of size {len(vocabulary)} does not have every index from 0 to {len(vocabulary) - 1} once."
            )
        columns = dict(vocabulary)
    else:
        words = sorted(vocabulary) if isinstance(vocabulary, (set, frozenset)) else list(vocabulary)
        columns = {word: column for column, word in enumerate(words)}
        if len(columns) != len(words):
            raise ValueError("Duplicate term in vocabulary")
    if not columns:
        raise ValueError("empty vocabulary passed to fit")
    return columns
