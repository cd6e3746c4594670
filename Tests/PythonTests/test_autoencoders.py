"""Both autoencoders as estimators."""

import pickle

import numpy as np
import pytest
import scipy.sparse as sp
from conftest import random_counts, small_vae
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import gossamer as gs


@pytest.fixture(params=["sae", "vae"])
def model(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("kind", [gs.SparseAutoencoder, gs.VariationalAutoencoder])
def test_partial_fit(kind, counts):
    half = counts.shape[0] // 2
    model = kind(8, max_iter=2, random_state=0).partial_fit(counts[:half])
    fitted = kind(8, max_iter=2, random_state=0).fit(counts[:half])
    np.testing.assert_array_equal(model.transform(counts), fitted.transform(counts))
    again = model.partial_fit(counts[half:])
    assert (
        again is model
        and model.n_iter_ == 2
        and model.components_.shape == (8, counts.shape[1])
    )
    assert not np.array_equal(model.transform(counts), fitted.transform(counts))
    assert len(model.model_.description["earlier"]) == 1
    with pytest.raises(ValueError):
        model.partial_fit(counts[:, :-1])


def test_partial_fit_adds_words():
    first = gs.CountVectorizer().fit(["the sun rises", "bake the bread"] * 20)
    second = gs.CountVectorizer().fit(["the moon rises", "bake the cake"] * 20)
    corpora = [
        gs.Corpus.from_matrix(v.transform(texts * 20), v.get_feature_names_out())
        for v, texts in [
            (first, ["the sun rises", "bake the bread"]),
            (second, ["the moon rises", "bake the cake"]),
        ]
    ]
    model = (
        gs.SparseAutoencoder(2, max_iter=2, random_state=0)
        .partial_fit(corpora[0])
        .partial_fit(corpora[1])
    )
    assert model.model_.words == [*first.get_feature_names_out(), "cake", "moon"]
    assert model.n_features_in_ == len(model.model_.words)


def test_shapes(model, counts):
    units, features = model.model_.units, counts.shape[1]
    codes = model.transform(counts)
    assert codes.dtype == np.float32 and codes.shape == (counts.shape[0], units)
    assert model.components_.shape == (units, features)
    assert model.inverse_transform(codes[:3]).shape == (3, features)
    assert model.score_samples(counts).shape == (counts.shape[0],)
    assert model.score(counts) == pytest.approx(model.score_samples(counts).mean())
    assert model.n_iter_ == len(model.history_) > 0
    assert model.n_features_in_ == features
    assert list(model.get_feature_names_out()) == [
        f"{type(model).__name__.lower()}{i}" for i in range(units)
    ]


def test_same_seed_same_bytes(model, counts, words):
    for threads in (1, 2):
        again = clone(model).set_params(n_jobs=threads).fit(counts, feature_names=words)
        assert again.model_.to_bytes() == model.model_.to_bytes()
    other = clone(model).set_params(random_state=1).fit(counts)
    assert not np.array_equal(other.transform(counts), model.transform(counts))


def test_input_kinds_agree(model, counts):
    expected = model.transform(counts)
    for given in [
        counts.tocsc(),
        sp.csr_array(counts),
        counts.astype(np.float64),
        counts.toarray(),
        counts.tocoo(),
    ]:
        np.testing.assert_array_equal(model.transform(given), expected)
    np.testing.assert_array_equal(
        model.transform(gs.Corpus.from_matrix(counts)), expected
    )


def test_fit_of_a_corpus_and_of_its_matrix_agree(counts, words):
    corpus = gs.Corpus.from_matrix(counts, words)
    ours = gs.SparseAutoencoder(8, max_iter=2, random_state=3).fit(corpus)
    same = gs.SparseAutoencoder(8, max_iter=2, random_state=3).fit(
        counts, feature_names=words
    )
    assert ours.model_.to_bytes() == same.model_.to_bytes()
    assert not hasattr(ours, "feature_names_in_")
    with pytest.raises(ValueError, match="feature_names"):
        gs.SparseAutoencoder(8).fit(corpus, feature_names=words)


def test_inputs_stay_as_they_are(counts):
    X = sp.csr_matrix(
        (counts.data.copy(), counts.indices.copy(), counts.indptr.copy()), counts.shape
    )
    gs.SparseAutoencoder(8, max_iter=2, random_state=0).fit_transform(X)
    assert (X != counts).nnz == 0


def test_fit_transform(counts):
    ours = gs.SparseAutoencoder(8, max_iter=2, random_state=0)
    codes = ours.fit_transform(counts)
    np.testing.assert_array_equal(codes, ours.transform(counts))


def test_pickle_keeps_everything(model, counts):
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.transform(counts), model.transform(counts))
    assert again.history_ == model.history_
    assert again.get_params() == model.get_params()


def test_random_states(counts):
    def codes(state):
        return gs.SparseAutoencoder(4, max_iter=1, random_state=state).fit_transform(
            counts
        )

    np.testing.assert_array_equal(
        codes(np.random.RandomState(5)), codes(np.random.RandomState(5))
    )
    np.testing.assert_array_equal(codes(np.int64(5)), codes(5))
    assert not np.array_equal(codes(None), codes(None))
    with pytest.raises(ValueError, match="random_state"):
        codes(-1)


def test_sparse_codes(counts):
    ours = gs.SparseAutoencoder(
        16, activation="topk:3", max_iter=2, random_state=0, sparse_output=True
    ).fit(counts)
    codes = ours.transform(counts)
    assert isinstance(codes, sp.csr_array) and codes.dtype == np.float32
    assert np.diff(codes.indptr).max() <= 3
    dense = ours.set_params(sparse_output=False).transform(counts)
    np.testing.assert_array_equal(codes.toarray(), dense)
    np.testing.assert_array_equal(
        ours.inverse_transform(codes), ours.inverse_transform(dense)
    )


def test_sparse_codes_in_blocks(counts, monkeypatch):
    monkeypatch.setattr("gossamer._sparse_autoencoder._BLOCK", 64)
    ours = gs.SparseAutoencoder(
        8, activation="topk:2", max_iter=1, random_state=0, sparse_output=True
    ).fit(counts)
    codes = ours.transform(counts).toarray()
    np.testing.assert_array_equal(
        codes, ours.set_params(sparse_output=False).transform(counts)
    )


def test_reconstruction_is_codes_times_components(counts):
    ours = gs.SparseAutoencoder(8, max_iter=2, random_state=0, decoder_bias=False).fit(
        counts
    )
    codes = ours.transform(counts)
    np.testing.assert_allclose(
        ours.inverse_transform(codes), codes @ ours.components_, rtol=1e-4, atol=1e-6
    )


def test_parameters_reach_the_engine(counts):
    ours = gs.SparseAutoencoder(
        8,
        activation="topk:4",
        sparsity=["l1:0.5"],
        denoise=0.25,
        hidden_layer_sizes=(12,),
        weighting="log",
        norm="l2",
        emphasis=0.5,
        ridge=0.1,
        max_iter=2,
        batch_size=32,
        learning_rate=0.01,
        validation_fraction=0.25,
        n_iter_no_change=1,
        random_state=7,
    ).fit(counts)
    description = ours.model_.description
    settings = description["settings"]
    own = settings["autoencoder"]
    assert (
        own["latentWidth"] == 8
        and own["activation"] == "topk:4"
        and own["hiddenWidths"] == [12]
    )
    assert (
        own["denoising"] == 0.25
        and own["emphasis"] == 0.5
        and own["penalties"] == ["l1:0.5"]
    )
    training = settings["training"]
    assert (
        training["epochs"],
        training["batchSize"],
        training["seed"],
        training["patience"],
    ) == (2, 32, 7, 1)
    assert description["weighting"] == "log" and description["normalization"] == "l2"


@pytest.mark.parametrize(
    "parameters",
    [{"n_components": 0}, {"activation": "reluu"}, {"denoise": 1.5}, {"sparsity": "l9:1"}, {"weighting": "idf"},
     {"activation": "topk:99"}, {"max_iter": 0}, {"norm": "l7"}, {"objective": "hinge"}],
)  # fmt: skip
def test_bad_parameters_are_value_errors(counts, parameters):
    with pytest.raises(ValueError):
        gs.SparseAutoencoder(**{"n_components": 8, "max_iter": 1, **parameters}).fit(
            counts
        )


def test_negative_values(counts):
    X = counts.copy()
    X.data[3] = -1
    for bad in [small_vae(), gs.SparseAutoencoder(4, objective="multinomial")]:
        with pytest.raises(ValueError, match="Negative values in data"):
            bad.fit(X)
    small_vae(likelihood="gaussian", max_iter=1).fit(X)
    with pytest.raises(ValueError, match="n_features|features"):
        gs.SparseAutoencoder(4, max_iter=1).fit(counts).transform(counts[:, :10])


def test_not_fitted(counts):
    for use in [
        lambda model: model.transform(counts), lambda model: model.components_, lambda model: model.features(),
        lambda model: model.generate(), lambda model: model.save("x"), lambda model: model.inverse_transform([[1]]),
    ]:  # fmt: skip
        with pytest.raises(NotFittedError):
            use(gs.SparseAutoencoder())


def test_verbose_prints_epochs(counts, capsys):
    gs.SparseAutoencoder(4, max_iter=2, random_state=0).fit(counts)
    assert capsys.readouterr().out == ""
    gs.SparseAutoencoder(4, max_iter=2, random_state=0, verbose=1).fit(counts)
    lines = capsys.readouterr().out.splitlines()
    assert (
        len(lines) == 2
        and lines[1].startswith("[SparseAutoencoder] epoch 2/2")
        and "loss" in lines[1]
    )


def test_early_stopping(counts):
    ours = gs.SparseAutoencoder(
        8,
        max_iter=60,
        validation_fraction=0.2,
        n_iter_no_change=1,
        learning_rate=0.5,
        random_state=0,
    ).fit(counts)
    assert ours.n_iter_ < 60
    assert any(key.startswith("validation") for key in ours.history_[0])


def test_pipeline_and_grid_search(texts, subjects):
    pipeline = make_pipeline(
        gs.CountVectorizer(min_df=2, stop_words="english"),
        gs.SparseAutoencoder(16, max_iter=12, random_state=0),
        LogisticRegression(max_iter=500),
    )
    search = GridSearchCV(
        pipeline, {"sparseautoencoder__n_components": [4, 24]}, cv=3
    ).fit(texts, subjects)
    assert search.best_params_ == {"sparseautoencoder__n_components": 24}
    assert search.best_score_ > 0.5


def test_pandas_and_polars_output(counts):
    pd = pytest.importorskip("pandas")
    ours = gs.SparseAutoencoder(4, max_iter=1, random_state=0).set_output(
        transform="pandas"
    )
    frame = pd.DataFrame(counts[:, :50].toarray()).add_prefix("w")
    codes = ours.fit_transform(frame)
    assert list(codes.columns) == list(
        ours.get_feature_names_out()
    ) and codes.index.equals(frame.index)
    # The names of columns are the model's words.
    assert ours.model_.words == list(frame.columns)
    with pytest.raises(ValueError, match="feature names"):
        ours.transform(frame.rename(columns={"w0": "other"}))
    pl = pytest.importorskip("polars")
    assert isinstance(
        ours.set_output(transform="polars").transform(pl.from_pandas(frame)),
        pl.DataFrame,
    )


def test_gaussian_vae_and_posterior(vae, counts):
    mean, log_variance = vae.posterior(counts)
    np.testing.assert_array_equal(mean, vae.transform(counts))
    assert log_variance.shape == mean.shape and np.all(log_variance < 1)


def test_topics(counts):
    ours = small_vae(likelihood="topic-mixture").fit(counts)
    shares = ours.topic_proportions(counts)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)


def test_new_documents(model, counts):
    made = model.generate(7, random_state=1)
    assert made.shape == (7, counts.shape[1]) and made.nnz > 0
    np.testing.assert_array_equal(made.data, np.round(made.data))
    assert (made != model.generate(7, random_state=1)).nnz == 0
    assert (made != model.generate(7, random_state=2)).nnz > 0
    assert model.generate(4, near=counts[:2], random_state=0).shape == (
        4,
        counts.shape[1],
    )


def test_samples(vae):
    assert (vae.sample(3, random_state=4) != vae.generate(3, random_state=4)).nnz == 0


def test_a_perfect_fit_scores_better(counts):
    little, much = (
        gs.SparseAutoencoder(n, random_state=0).fit(counts).score(counts)
        for n in (2, 64)
    )
    assert little < much < 0


def test_data_without_entries_are_refused():
    with pytest.raises(ValueError):
        gs.SparseAutoencoder(2).fit(sp.csr_matrix((5, 4)))


def test_documents_do_not_depend_on_their_neighbours(model):
    X = random_counts(rows=40, columns=model.n_features_in_, density=0.02)
    together = model.transform(X)
    np.testing.assert_array_equal(
        np.vstack([model.transform(X[i]) for i in range(40)]), together
    )


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"n_components": 0}, "n_components"),
        ({"denoise": 1.5}, "denoise"),
        ({"max_iter": 0}, "max_iter"),
        ({"activation": "topk:99", "n_components": 8}, "activation"),
        ({"sparsity": "l3:1"}, "sparsity"),
        ({"hidden_layer_sizes": (0,)}, "hidden_layer_sizes"),
        ({"hidden_layer_sizes": (1.5,)}, "^hidden_layer_sizes"),
        ({"norm": "l7"}, "^norm"),
        ({"denoise": float("nan")}, "^denoise"),
        ({"learning_rate": float("inf")}, "^learning_rate"),
    ],
)
def test_wrong_parameters_are_named(counts, parameters, name):
    with pytest.raises(gs.UsageError, match=name):
        gs.SparseAutoencoder(**parameters).fit(counts)


def test_a_width_in_place_of_widths(counts):
    one, many = (
        gs.SparseAutoencoder(
            4, hidden_layer_sizes=widths, max_iter=1, random_state=0
        ).fit_transform(counts)
        for widths in (12, (12,))
    )
    np.testing.assert_array_equal(one, many)


def test_a_failed_fit_changes_nothing(counts):
    model = gs.SparseAutoencoder(4, max_iter=1, random_state=0).fit(counts)
    codes = model.transform(counts)
    for bad in [counts[:, :9] * 0, np.full((3, 5), np.nan)]:
        with pytest.raises(ValueError):
            model.fit(bad)
    with pytest.raises(ValueError):
        model.set_params(denoise=2).fit(counts[:, :9])
    assert model.n_features_in_ == counts.shape[1]
    np.testing.assert_array_equal(model.transform(counts), codes)


def test_columns_of_a_corpus_are_matched_by_words(counts, words):
    order = np.random.default_rng(0).permutation(len(words))
    corpus = gs.Corpus.from_matrix(counts, words)
    other = gs.Corpus.from_matrix(counts[:, order], [words[i] for i in order])
    for model in [
        gs.SparseAutoencoder(4, max_iter=1, random_state=0),
        gs.SparseAutoencoder(
            4, activation="topk:2", max_iter=1, random_state=0, sparse_output=True
        ),
        small_vae(max_iter=1),
    ]:
        model.fit(corpus)
        codes, others = model.transform(corpus), model.transform(other)
        assert (codes != others).sum() == 0
        np.testing.assert_array_equal(
            model.score_samples(corpus), model.score_samples(other)
        )
        np.testing.assert_array_equal(model.generate(3, near=other, random_state=0).toarray(),
                                      model.generate(3, near=corpus, random_state=0).toarray())  # fmt: skip


def test_unknown_words_of_a_corpus_are_left_out_with_a_warning(counts, words):
    model = gs.SparseAutoencoder(4, max_iter=1, random_state=0).fit(
        gs.Corpus.from_matrix(counts, words)
    )
    wide = gs.Corpus.from_matrix(
        sp.hstack([counts[:, :1], counts], format="csr"), ["a word of its own", *words]
    )
    with pytest.warns(UserWarning, match="1 of the 1881 words"):
        codes = model.transform(wide)
    np.testing.assert_array_equal(codes, model.transform(counts))


@pytest.mark.parametrize("count", [-1, 2**31, 2**63, 2**64, 2.5, 10**9])
def test_impossible_numbers_of_documents(vae, count):
    with pytest.raises((ValueError, TypeError)):
        vae.sample(count)


def test_impossible_numbers_of_threads(counts):
    with pytest.raises(ValueError, match="n_jobs"):
        gs.SparseAutoencoder(4, n_jobs=2**40).fit(counts)


def test_names_have_to_be_as_many_as_features(sae):
    with pytest.raises(ValueError, match="1880"):
        sae.features(feature_names=["sun"])
