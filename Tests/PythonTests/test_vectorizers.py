"""Vectorizers beside scikit-learn's."""

import pickle

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction import text as sklearn_text

import gossamer as gs

PAIRS = [
    (gs.CountVectorizer, sklearn_text.CountVectorizer),
    (gs.TfidfVectorizer, sklearn_text.TfidfVectorizer),
]
ODD = [
    "Ünïcode naïve café",
    "",
    "ΑΣ Σίσυφος İstanbul ß",
    "日本語 テスト 日本語",
    "a b c",
    "x_1 don't 3.14",
    "é e\u0301",
]


def same(a, b):
    """Equal, but for the order of a row's entries, and of weights the last digits.

    scikit-learn's fit_transform leaves a row's entries in the order in which words were first seen, transform sorts
    them; so its own two results differ in how norms are summed.
    """
    assert type(a) is type(b) and a.shape == b.shape and a.dtype == b.dtype
    for name in ("indptr", "indices"):
        assert getattr(a, name).dtype == getattr(b, name).dtype
    b = b.sorted_indices()
    np.testing.assert_array_equal(a.indptr, b.indptr)
    np.testing.assert_array_equal(a.indices, b.indices)
    if (b.data == np.round(b.data)).all():
        np.testing.assert_array_equal(a.data, b.data)
    else:
        np.testing.assert_allclose(
            a.data, b.data, rtol=1e-14 if a.dtype == np.float64 else 1e-6
        )


@pytest.mark.parametrize("ours, theirs", PAIRS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"min_df": 2},
        {"min_df": 0.01, "max_df": 0.2},
        {"lowercase": False},
        {"ngram_range": (1, 2), "min_df": 3},
        {"stop_words": "english"},
        {"stop_words": ["the", "and"], "ngram_range": (2, 2)},
        {"token_pattern": r"(?u)\b\w+\b"},
        {"token_pattern": r"(\w)\w*"},
        {"analyzer": "char", "ngram_range": (2, 3), "min_df": 5},
        {"analyzer": "char_wb", "ngram_range": (3, 3), "min_df": 5},
        {"binary": True},
        {"dtype": np.float32},
        {"strip_accents": "unicode"},
        {"strip_accents": "ascii"},
        {"max_features": 100, "min_df": 4},
        {"max_features": 100, "binary": True},
        {"strip_accents": "unicode", "lowercase": False, "analyzer": "char"},
        {"vocabulary": ["star", "moon", "flour"]},
        {"vocabulary": {"star": 1, "moon": 0}},
        {"vocabulary": {"star", "moon"}},
    ],
    ids=str,
)
def test_same_matrices(ours, theirs, options, texts):
    documents = texts + ODD
    with np.errstate(divide="ignore"):
        a, b = ours(**options), theirs(**options)
        x, y = a.fit_transform(documents), b.fit_transform(documents)
    if "max_features" in options:
        # Which of equally frequent words are kept is arbitrary in scikit-learn.
        assert x.shape == y.shape
        kept = len(set(a.vocabulary_) & set(b.vocabulary_))
        assert kept >= 90
        return
    assert a.vocabulary_ == b.vocabulary_
    assert a.fixed_vocabulary_ == b.fixed_vocabulary_
    np.testing.assert_array_equal(a.get_feature_names_out(), b.get_feature_names_out())
    same(x, y)
    same(
        a.transform(texts[:20] + ["other words"]),
        b.transform(texts[:20] + ["other words"]),
    )
    same(a.fit(documents).transform(documents), y)
    if hasattr(b, "idf_"):
        np.testing.assert_array_equal(a.idf_, b.idf_)


@pytest.mark.parametrize("options", [{"norm": "l1"}, {"norm": None}, {"use_idf": False}, {"smooth_idf": False},
                                     {"sublinear_tf": True}], ids=str)  # fmt: skip
def test_weights(options, texts):
    same(
        gs.TfidfVectorizer(**options).fit_transform(texts),
        sklearn_text.TfidfVectorizer(**options).fit_transform(texts),
    )


@pytest.mark.parametrize("kind, theirs", PAIRS)
def test_parameters_are_those_of_scikit_learn(kind, theirs):
    assert kind().get_params() == theirs().get_params()


@pytest.mark.parametrize("kind", [pair[0] for pair in PAIRS])
def test_what_the_engine_cannot(kind, texts):
    for options in [{"analyzer": str.split}, {"tokenizer": str.split}, {"preprocessor": str.lower},
                    {"strip_accents": str.lower}]:  # fmt: skip
        with pytest.raises(ValueError, match=next(iter(options))):
            kind(**options).fit(texts)


@pytest.mark.parametrize("kind", [pair[0] for pair in PAIRS])
def test_wrong_use(kind, texts):
    with pytest.raises(NotFittedError):
        kind().transform(texts)
    with pytest.raises(ValueError, match="string object received"):
        kind().fit("one text")
    with pytest.raises(ValueError, match="empty vocabulary"):
        kind().fit(["", "a"])
    with pytest.raises(ValueError):
        kind(min_df=401).fit(texts)
    with pytest.raises(
        ValueError, match="max_df corresponds to < documents than min_df"
    ):
        kind(min_df=10, max_df=2).fit(texts)
    with pytest.raises(ValueError):
        kind(ngram_range=(2, 1)).fit(texts)
    with pytest.raises(ValueError):
        kind(min_df=-1).fit(texts)
    with pytest.raises(ValueError, match="Duplicate"):
        kind(vocabulary=["a", "a"]).fit(texts)


@pytest.mark.parametrize("kind", [pair[0] for pair in PAIRS])
def test_pickle_and_clone(kind, texts):
    fitted = kind(min_df=2).fit(texts)
    expected = fitted.transform(texts)
    same(pickle.loads(pickle.dumps(fitted)).transform(texts), expected)
    same(clone(fitted).fit_transform(texts), expected)


def test_bytes_files_and_generators(tmp_path, texts):
    expected = gs.CountVectorizer().fit_transform(texts)
    same(gs.CountVectorizer().fit_transform(text for text in texts), expected)
    same(
        gs.CountVectorizer().fit_transform([text.encode() for text in texts]), expected
    )
    latin = [text.encode("latin-1") for text in ["café", "naïve"]]
    assert list(gs.CountVectorizer(encoding="latin-1").fit(latin).vocabulary_) == [
        "café",
        "naïve",
    ]
    path = tmp_path / "one.txt"
    path.write_text(texts[0])
    same(
        gs.CountVectorizer(input="filename").fit_transform([str(path)]),
        gs.CountVectorizer().fit_transform(texts[:1]),
    )


def test_lone_surrogates_and_zero_bytes():
    documents = ["sun\ud800moon", "sun\x00star"]
    assert sorted(gs.CountVectorizer().fit(documents).vocabulary_) == [
        "moon",
        "star",
        "sun",
    ]


def test_inverse_transform(texts):
    ours, theirs = gs.CountVectorizer(), sklearn_text.CountVectorizer()
    a, b = ours.fit_transform(texts), theirs.fit_transform(texts)
    for x, y in zip(ours.inverse_transform(a), theirs.inverse_transform(b)):
        np.testing.assert_array_equal(x, sorted(y))


def test_bm25(counts):
    ours = gs.BM25Transformer().fit(counts)
    X = counts.toarray().astype(np.float64)
    n, df, lengths = len(X), (X > 0).sum(axis=0), X.sum(axis=1, keepdims=True)
    idf = np.log(1 + (n - df + 0.5) / (df + 0.5))
    expected = idf * X * 2.2 / (X + 1.2 * (0.25 + 0.75 * lengths / lengths.mean()))
    np.testing.assert_allclose(
        ours.transform(counts).toarray(), expected, rtol=1e-5, atol=1e-7
    )
    with pytest.raises(ValueError, match="k1"):
        gs.BM25Transformer(k1=0).fit(counts)
    with pytest.raises(ValueError, match="k1"):
        gs.BM25Transformer(k1=float("inf")).fit(counts)


def test_bm25_adds_repeated_entries():
    once = sp.csr_matrix([[3.0, 1.0], [0.0, 1.0]])
    twice = sp.csr_matrix(
        (np.array([1.0, 2.0, 1.0, 1.0]), np.array([0, 0, 1, 1]), np.array([0, 3, 4])),
        shape=(2, 2),
    )
    expected = gs.BM25Transformer().fit_transform(once).toarray()
    np.testing.assert_array_equal(
        gs.BM25Transformer().fit_transform(twice).toarray(), expected
    )
    assert twice.nnz == 4
