"""BM25 weights of counts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, check_non_negative, validate_data


class BM25Transformer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    r"""Weighs counts by BM25, as the engine's weighting ``bm25`` does.

    A count :math:`x` of a feature that :math:`\mathrm{df}` of the :math:`n` documents of ``fit`` have weighs

    .. math:: \ln\left(1 + \frac{n - \mathrm{df} + 1/2}{\mathrm{df} + 1/2}\right)
       \cdot \frac{x (k_1 + 1)}{x + k_1 (1 - b + b N / \bar N)}

    in a document of :math:`N` words, :math:`\bar N` being the mean length of those documents.

    Parameters
    ----------
    k1 : float, default=1.2
        How many occurrences it takes to saturate; above 0.
    b : float, default=0.75
        From 0, where a document's length does not matter, to 1.

    Attributes
    ----------
    idf_ : ndarray of float64, shape (n_features,)
    mean_length_ : float
    n_features_in_ : int

    References
    ----------
    Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", Foundations and Trends in
    Information Retrieval, 2009; its idf with 1 added inside the logarithm, so that no weight is below zero.

    Examples
    --------
    >>> import gossamer as gs
    >>> gs.BM25Transformer().fit_transform([[1, 0, 3], [0, 1, 1], [0, 0, 2]]).toarray().round(2)
    array([[0.81, 0.  , 0.19],
           [0.  , 1.09, 0.15],
           [0.  , 0.  , 0.2 ]])
    """

    def __init__(self, *, k1: float = 1.2, b: float = 0.75) -> None:
        self.k1 = k1
        self.b = b

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def fit(self, X: Any, y: Any = None) -> Any:
        """Learns how frequent features are and how long documents.

        Parameters
        ----------
        X : sparse matrix or array-like, shape (n_samples, n_features)
            Counts.
        y : ignored

        Returns
        -------
        self
        """
        if not (0 < self.k1 < math.inf and 0 <= self.b <= 1):
            raise ValueError(f"found k1 = {self.k1} and b = {self.b}; expected k1 above 0 and b from 0 to 1")
        X = self._validated(X, reset=True)
        rows = X.shape[0]
        frequencies = np.bincount(X.indices[X.data != 0], minlength=X.shape[1])
        self.idf_ = np.log1p((rows - frequencies + 0.5) / (frequencies + 0.5))
        self.mean_length_ = float(X.sum(dtype=np.float64) / rows) or 1.0
        return self

    def transform(self, X: Any) -> Any:
        """Weighs counts.

        Parameters
        ----------
        X : sparse matrix or array-like, shape (n_samples, n_features)

        Returns
        -------
        sparse matrix or array in CSR format, of the same shape
        """
        check_is_fitted(self)
        X = self._validated(X, reset=False)
        lengths = np.asarray(X.sum(axis=1, dtype=np.float64)).ravel()
        saturation = self.k1 * (1 - self.b + self.b * lengths / self.mean_length_)
        counts = X.data.astype(np.float64)
        counts *= (self.k1 + 1) / np.maximum(counts + np.repeat(saturation, np.diff(X.indptr)), 1e-300)
        counts *= self.idf_[X.indices]
        # The indices are those of the input where it was sparse.
        return type(X)((counts.astype(X.dtype), X.indices, X.indptr), shape=X.shape)

    def _validated(self, X: Any, *, reset: bool) -> Any:
        X = validate_data(self, X, reset=reset, accept_sparse="csr", dtype=[np.float64, np.float32])
        check_non_negative(X, "BM25Transformer")
        if not sp.issparse(X):
            return sp.csr_matrix(X)
        if not X.has_canonical_format:
            X = X.copy()
            X.sum_duplicates()
        return X
