"""20 Newsgroups, where the data are there."""

import numpy as np
from conftest import shared_data
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import gossamer as gs


def test_pipeline_and_grid_search():
    folder = shared_data("20news-kate")
    train, y, test, y_test = gs.load_svmlight_files(
        [folder / "train.svm", folder / "test.svm"]
    )
    pipeline = make_pipeline(
        gs.SparseAutoencoder(64, max_iter=4, random_state=0),
        LogisticRegression(max_iter=200),
    )
    search = GridSearchCV(
        pipeline, {"sparseautoencoder__activation": ["relu", "topk:4"]}, cv=2
    ).fit(train, y)
    assert search.best_params_["sparseautoencoder__activation"] == "relu"
    assert np.mean(search.predict(test) == y_test) > 0.6
