"""Corpora and models as files, and the program beside the package."""

import json
import os
import pickle
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

import gossamer as gs


def program() -> Path:
    """The program, if it is built."""
    for place in (
        os.environ.get("GOSSAMER_PROGRAM"),
        ROOT / ".build/release/gossamer",
        ROOT / ".build/debug/gossamer",
    ):
        if place and Path(place).exists():
            return Path(place)
    pytest.skip("the program is not built; name it in GOSSAMER_PROGRAM")


def test_text_corpus(texts, subjects):
    corpus = gs.read_corpus("datasets/eight-subjects.tsv", min_df=2, ngram_range=(1, 2))
    vectorizer = gs.CountVectorizer(min_df=2, ngram_range=(1, 2))
    X = vectorizer.fit_transform(texts)
    assert list(corpus.words) == list(vectorizer.get_feature_names_out())
    assert (corpus.X != X).nnz == 0
    assert list(corpus.labels) == subjects
    assert corpus.ids[0] == "astronomy-01" and len(corpus) == 400 == len(corpus.ids)


def test_numbers_as_labels():
    corpus = gs.read_corpus("datasets/eight-subjects.svm")
    X, y = gs.load_svmlight_file("datasets/eight-subjects.svm")
    np.testing.assert_array_equal(corpus.labels, y)
    assert (corpus.X != X).nnz == 0
    assert corpus.words is None and corpus.ids[1] == "baking-01"
    assert gs.read_corpus("datasets/eight-subjects.svm", n_features=2000).shape == (
        400,
        2000,
    )


def test_labels_that_are_no_text(tmp_path):
    (tmp_path / "x.tsv").write_bytes(
        b"caf\xe9\tsun and moon\nth\xc3\xa9\tsun and rain\n"
    )
    corpus = gs.read_corpus(tmp_path / "x.tsv")
    assert list(corpus.labels) == ["caf\ufffd", "th\u00e9"]


def test_columns_of_a_table(tmp_path):
    (tmp_path / "x.tsv").write_text("text\tgroup\nsun and moon\tsky\nrain\tweather\n")
    for label, text in [("group", "text"), (2, 1)]:
        corpus = gs.read_corpus(
            tmp_path / "x.tsv", label_column=label, text_column=text, header=True
        )
        assert list(corpus.labels) == ["sky", "weather"] and list(corpus.words) == [
            "and",
            "moon",
            "rain",
            "sun",
        ]


def test_unknown_options():
    with pytest.raises(TypeError, match="min_dff"):
        gs.read_corpus("datasets/eight-subjects.tsv", min_dff=2)
    with pytest.raises(gs.UsageError):
        gs.read_corpus("datasets/eight-subjects.tsv", format="nothing")


@pytest.mark.parametrize("ending", ["safetensors", "svm", "mtx", "npz"])
def test_corpora_are_read_again(tmp_path, counts, words, ending):
    gs.Corpus.from_matrix(counts, words).save(tmp_path / f"x.{ending}")
    again = gs.read_corpus(tmp_path / f"x.{ending}", n_features=counts.shape[1])
    assert (again.X != counts).nnz == 0
    if ending == "safetensors":
        assert list(again.words) == words
    with pytest.raises(OSError):
        gs.Corpus.from_matrix(counts).save(tmp_path / "no" / f"x.{ending}")


@pytest.mark.parametrize("kind", ["sae", "vae"])
def test_models_are_read_again(tmp_path, counts, kind, request):
    model = request.getfixturevalue(kind)
    model.save(tmp_path / "m.safetensors")
    again = gs.load_model(tmp_path / "m.safetensors")
    assert type(again) is type(model)
    np.testing.assert_array_equal(again.transform(counts), model.transform(counts))
    assert again.n_components == model.n_components and again.random_state == 0
    assert (tmp_path / "m.safetensors").read_bytes() == model.model_.to_bytes()
    # The parameters are those that make the same model.
    same = again.fit(counts, feature_names=model.model_.words)
    np.testing.assert_array_equal(same.transform(counts), model.transform(counts))


def test_files_that_are_no_models(tmp_path):
    with pytest.raises(gs.DataError):
        gs.load_model("datasets/eight-subjects.svm")
    with pytest.raises(FileNotFoundError):
        gs.load_model(tmp_path / "none.safetensors")


@pytest.mark.parametrize(
    "kind, estimator",
    [("sae", gs.SparseAutoencoder), ("vae", gs.VariationalAutoencoder)],
)
def test_same_bytes_as_the_program(tmp_path, kind, estimator):
    model = tmp_path / "program.safetensors"
    corpus = tmp_path / "corpus.safetensors"
    run = [
        str(program()),
        "import",
        "datasets/eight-subjects.tsv",
        "--min-df",
        "2",
        "--out",
        str(corpus),
    ]
    subprocess.run(run, check=True, capture_output=True)
    run = [
        str(program()),
        "train",
        kind,
        str(corpus),
        "--latent",
        "8",
        "--epochs",
        "3",
        "--seed",
        "5",
    ]
    subprocess.run([*run, "--out", str(model)], check=True, capture_output=True)
    ours = estimator(8, max_iter=3, random_state=5).fit(gs.read_corpus(corpus))
    assert ours.model_.to_bytes() == model.read_bytes()
    theirs = gs.load_model(model)
    np.testing.assert_array_equal(
        theirs.transform(gs.read_corpus(corpus)), ours.transform(gs.read_corpus(corpus))
    )
    ours.save(tmp_path / "ours.safetensors")
    run = [
        str(program()),
        "embed",
        str(tmp_path / "ours.safetensors"),
        str(corpus),
        "--out",
        str(tmp_path / "x.npy"),
    ]
    subprocess.run(run, check=True, capture_output=True)
    np.testing.assert_array_equal(
        np.load(tmp_path / "x.npy"), ours.transform(gs.read_corpus(corpus))
    )


def test_features(sae, words):
    pd = pytest.importorskip("pandas")
    frame = sae.features(top=3)
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == ["unit", "feature", "word", "weight", "lift"]
    first = frame[frame.unit == 0]
    assert len(first) == 3
    assert list(first.word) == [words[i] for i in first.feature]
    np.testing.assert_allclose(
        first.weight, sae.components_[0, first.feature], rtol=1e-6
    )
    # The lift is above 1 of every feature that sets a unit's documents apart.
    assert (frame.lift > 1).all()
    assert list(sae.features(1, feature_names=[w.upper() for w in words]).word) == [
        w.upper() for w in sae.features(1).word
    ]


def test_features_without_words_and_without_pandas(counts, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    rows = gs.SparseAutoencoder(4, max_iter=1, random_state=0).fit(counts).features(2)
    assert isinstance(rows, list) and rows[0]["word"] == f"x{rows[0]['feature']}"


def test_evaluate(sae, vae):
    corpus = gs.read_corpus("datasets/eight-subjects.svm")
    frame = sae.evaluate(corpus, corpus)
    assert list(frame.columns) == ["figure", "value", "standard_error"]
    figures = frame.set_index("figure")
    assert 0 < figures.value["fvu"] < 1.5 and figures.value["documents"] == 400
    assert (
        0 <= figures.value["probe_accuracy"] <= 1
        and 0 < figures.standard_error["probe_accuracy"] < 0.1
    )
    assert np.isnan(figures.standard_error["documents"])
    assert vae.evaluate(corpus).set_index("figure").value["perplexity_corpus"] > 1
    with pytest.raises(ValueError):
        sae.evaluate(corpus, no_such_option=1)


def test_versions():
    found = gs.engine_version()
    assert found["version"] and "kernels" in found


@pytest.mark.parametrize("kind", [gs.SparseAutoencoder, gs.VariationalAutoencoder])
def test_models_with_defaults_are_loaded(kind, counts, tmp_path):
    model = kind(4, random_state=0).fit(counts[:60])
    model.save(tmp_path / "model.safetensors")
    loaded = gs.load_model(tmp_path / "model.safetensors")
    assert type(loaded) is kind and loaded.n_components == 4 and loaded.max_iter is None
    assert loaded.history_ == model.history_ and loaded.n_iter_ == model.n_iter_ > 0
    np.testing.assert_array_equal(loaded.transform(counts), model.transform(counts))
    assert pickle.loads(pickle.dumps(loaded)).n_components == 4
    # What is fitted anew is the same model.
    again = loaded.fit(counts[:60])
    np.testing.assert_array_equal(again.transform(counts), model.transform(counts))


def test_notes_tell_what_was_changed(tmp_path):
    (tmp_path / "odd.svm").write_text("1 2:1 1:3\n0 1:1 1:1\n")
    notes = " ".join(gs.read_corpus(tmp_path / "odd.svm").notes)
    assert "unsorted" in notes and "duplicate" in notes


def test_paths_are_not_cut(sae):
    for use in [
        lambda: gs.load_model("a\0b"),
        lambda: sae.save("a\0b"),
        lambda: gs.read_corpus("a\0b"),
    ]:
        with pytest.raises(ValueError, match="zero byte"):
            use()


def test_evaluation_is_that_of_the_program(sae, tmp_path):
    sae.save(tmp_path / "model.safetensors")
    run = [
        str(program()),
        "evaluate",
        str(tmp_path / "model.safetensors"),
        "--test",
        "datasets/eight-subjects.svm",
    ]
    run += ["--train", "datasets/eight-subjects.svm", "--json"]
    theirs = json.loads(subprocess.run(run, check=True, capture_output=True).stdout)
    corpus = gs.read_corpus("datasets/eight-subjects.svm")
    ours = sae.evaluate(corpus, corpus)
    for figure, value, error in ours.itertuples(index=False):
        assert value == theirs.pop(figure)
        assert np.isnan(error) or error == theirs.pop(f"{figure}_standard_error")
    assert set(theirs) == {"seconds", "coherence_window", "unit_frequency_bands"}
