"""Comparing settings."""

import json
import subprocess

import pytest
from test_files import program

import gossamer as gs


@pytest.fixture
def corpus():
    return gs.read_corpus("datasets/eight-subjects.svm")


def test_frame(corpus, capsys):
    sae = gs.SparseAutoencoder(4, max_iter=2, random_state=0)
    frame = gs.search(
        sae,
        {"n_components": [4, 8], "denoise": [0.1, 0.5]},
        corpus,
        by="probe",
        folds=2,
        verbose=1,
    )
    assert sorted(zip(frame["denoise"], frame["n_components"], strict=True)) == [
        (0.1, 4),
        (0.1, 8),
        (0.5, 4),
        (0.5, 8),
    ]
    assert frame["mean"].is_monotonic_decreasing and frame["failure"].isna().all()
    assert [len(scores) for scores in frame["scores"]] == [2] * 4
    assert frame["within_one_standard_error"][0]
    assert capsys.readouterr().out.count("[search]") == 8
    assert not hasattr(sae, "model_")


def test_same_scores_as_the_program(corpus, tmp_path):
    run = [
        str(program()),
        "search",
        "sae",
        "datasets/eight-subjects.svm",
        "--grid",
        "latent=4,8",
        "--epochs",
        "2",
    ]
    run += ["--folds", "3", "--json", "--out", str(tmp_path / "results.jsonl")]
    theirs = json.loads(subprocess.run(run, check=True, capture_output=True).stdout)[
        "candidates"
    ]
    sae = gs.SparseAutoencoder(max_iter=2, random_state=0)
    ours = gs.search(sae, {"n_components": [4, 8]}, corpus, folds=3)
    assert list(ours["mean"]) == [row["mean"] for row in theirs]
    # What the program has found out is not found out again.
    again = gs.search(
        sae,
        {"n_components": [4, 8]},
        corpus,
        folds=3,
        results=tmp_path / "results.jsonl",
    )
    assert list(again["seconds_per_fold"]) == [
        row["seconds_per_fold"] for row in theirs
    ]


def test_matrices_and_bounds(counts):
    vae = gs.VariationalAutoencoder(hidden_layer_sizes=(8,), max_iter=1, random_state=0)
    frame = gs.search(vae, [{"n_components": [2]}, {"beta": [0.5]}], counts, folds=2)
    assert len(frame) == 2 and (frame["perplexity"] > 1).all()


@pytest.mark.parametrize(
    ("grid", "options", "message"),
    [
        ({"n_components": [0]}, {}, "n_components"),
        ({"activation": ["rely"]}, {}, "activation"),
        ({"no_such": [1]}, {}, "no_such"),
        ({"n_components": [4]}, {"by": "accuracy"}, "accuracy"),
        ({"n_components": [4]}, {"by": "probe"}, "labels"),
        ({"n_components": [4]}, {"folds": 1}, "folds"),
        ({"n_components": [4]}, {"folds": 401}, "401"),
        ({"n_components": []}, {}, "n_components|candidate"),
    ],
)
def test_wrong_requests(counts, grid, options, message):
    with pytest.raises(ValueError, match=message):
        gs.search(
            gs.SparseAutoencoder(max_iter=1, random_state=0), grid, counts, **options
        )
