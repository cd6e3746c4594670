"""scikit-learn's own checks of estimators; none is expected to fail."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

import gossamer as gs


@parametrize_with_checks(
    [
        gs.SparseAutoencoder(),
        gs.SparseAutoencoder(activation="topk:1", max_iter=5),
        gs.SparseAutoencoder(objective="multinomial", max_iter=5),
        gs.VariationalAutoencoder(),
        gs.VariationalAutoencoder(likelihood="gaussian", max_iter=5),
        gs.BM25Transformer(),
        gs.CountVectorizer(),
        gs.TfidfVectorizer(),
    ]
)
def test_scikit_learn_compatible(estimator, check):
    check(estimator)


@pytest.mark.parametrize("kind", [gs.SparseAutoencoder, gs.VariationalAutoencoder])
def test_constructor_only_stores(kind):
    parameters = dict.fromkeys(kind().get_params(), "anything")
    assert kind(**parameters).get_params() == parameters
