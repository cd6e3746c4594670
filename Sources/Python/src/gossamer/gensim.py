"""gensim: decoder weights as vectors of words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ._base import Autoencoder

__all__ = ["keyed_vectors"]


def keyed_vectors(model: Autoencoder, words: Iterable[str] | None = None) -> Any:
    """The weights of each word in the decoder, a number a unit, as gensim's vectors of words.

    Parameters
    ----------
    model : SparseAutoencoder or VariationalAutoencoder
        Fitted.
    words : iterable of str, shape (n_features,), optional
        In place of the words that the model knows.

    Returns
    -------
    gensim.models.KeyedVectors
    """
    from gensim.models import KeyedVectors

    names = [str(word) for word in words] if words is not None else model.model_.words
    if names is None:
        raise ValueError("the model knows no words; give them, such as vectorizer.get_feature_names_out()")
    weights = np.ascontiguousarray(model.components_.T)
    if len(names) != len(weights):
        raise ValueError(f"found {len(names)} words for {len(weights)} features; expected one for each")
    vectors = KeyedVectors(weights.shape[1])
    vectors.add_vectors(names, weights)
    return vectors
