"""Counting the words of texts in the engine."""

from __future__ import annotations

import numbers
import operator
from collections.abc import Mapping
from typing import Any

from ._corpus import Corpus
from ._texts import EncodedTexts
from .arrow import encoded_texts, is_text_array

# Option of scikit-learn: option of the engine.
_NAMES = {
    "lowercase": "lowercase",
    "token_pattern": "token_pattern",
    "ngram_range": "ngrams",
    "stop_words": "stop_words",
    "min_df": "min_df",
    "max_df": "max_df",
    "max_features": "max_features",
    "analyzer": "analyzer",
    "stem": "stem",
}


def engine_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The engine's options for those of scikit-learn's ``CountVectorizer``."""
    if unknown := sorted(set(options) - set(_NAMES)):
        raise TypeError(f"found the options {', '.join(unknown)}; expected some of {', '.join(_NAMES)}")
    return {_NAMES[name]: _value(name, value) for name, value in options.items() if value is not None}


def _value(name: str, value: Any) -> Any:
    if name in ("min_df", "max_df"):
        # As text, since JSON does not tell 1 document from a share of 1.0.
        return str(int(value)) if isinstance(value, numbers.Integral) else str(float(value))
    if name == "analyzer":
        return str(value).replace("_", "-")
    if name == "ngram_range":
        shortest, longest = value
        if not 1 <= shortest <= longest:
            raise ValueError(f"ngram_range is {value!r}; expected two numbers from 1, the smaller one first")
        return [operator.index(shortest), operator.index(longest)]
    if name == "stop_words" and not isinstance(value, str):
        return sorted(value)
    return value


def count(
    documents: Any, options: Mapping[str, Any], vocabulary: EncodedTexts | None = None, threads: int = 0
) -> Corpus:
    """Counts the words of texts.

    Parameters
    ----------
    documents : list of str, or array of text of pyarrow
    options : mapping
        Of the engine.
    vocabulary : EncodedTexts, optional
        The only words to count, in the order of their columns.
    threads : int
        0 for all processors.
    """
    texts = encoded_texts(documents) if is_text_array(documents) else EncodedTexts.of(documents)
    return Corpus.count(texts, options, vocabulary, threads)
