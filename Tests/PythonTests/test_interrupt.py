"""Stopping, failing and sharing."""

import pickle
import signal
import threading

import numpy as np
import pytest
from conftest import random_counts

import gossamer as gs
from gossamer._model import Model
from gossamer._threads import thread_count

ENDLESS = {"max_iter": 1_000_000, "random_state": 0}


@pytest.fixture
def ctrl_c():
    """Ctrl-C raises KeyboardInterrupt, also where the tests run in a shell's background, which ignores it."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


def test_ctrl_c_ends_training(counts, ctrl_c):
    timer = threading.Timer(
        0.3, signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT]
    )
    model = gs.SparseAutoencoder(16, **ENDLESS)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        model.fit(counts)
    assert not hasattr(model, "model_")
    # Nothing is left behind.
    assert model.set_params(max_iter=1).fit(counts).n_iter_ == 1


def test_an_exception_of_the_listener_ends_training(counts):
    def complain(event):
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        Model.train(
            gs.Corpus.from_matrix(counts), {"autoencoder": {"latentWidth": 4}, "training": {"epochs": 10**6}},
            on_event=complain,
        )  # fmt: skip


def test_training_in_another_thread(counts):
    expected = gs.SparseAutoencoder(8, max_iter=2, random_state=0).fit_transform(counts)
    results = []
    threads = [
        threading.Thread(
            target=lambda: results.append(
                gs.SparseAutoencoder(8, max_iter=2, random_state=0).fit_transform(
                    counts
                )
            )
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    for result in results:
        np.testing.assert_array_equal(result, expected)


def test_one_model_in_several_threads(sae, counts):
    expected, results = sae.transform(counts), []
    threads = [
        threading.Thread(target=lambda: results.append(sae.transform(counts)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (
        all(np.array_equal(result, expected) for result in results)
        and len(results) == 8
    )


def test_errors_are_pickled():
    with pytest.raises(gs.GossamerError) as caught:
        gs.load_model("README.md")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (
        str(again) == str(caught.value)
        and again.file == caught.value.file
        and type(again) is type(caught.value)
    )


def test_damaged_models_are_refused(sae):
    contents = sae.model_.to_bytes()
    for damaged in (b"", contents[:100], contents[:-1], b"x" + contents):
        with pytest.raises(gs.DataError):
            Model.from_bytes(damaged)


def test_unknown_settings_are_refused():
    corpus = gs.Corpus.from_matrix(random_counts())
    with pytest.raises(gs.UsageError, match="latentWidht"):
        Model.train(corpus, {"autoencoder": {"latentWidht": 4}})


def test_thread_counts(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert (thread_count(None), thread_count(3)) == (0, 3)
    assert thread_count(-1) >= 1
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert thread_count(None) == 2
    with pytest.raises(ValueError):
        thread_count(0)


def test_ctrl_c_ends_generation(vae, ctrl_c):
    timer = threading.Timer(
        0.5, signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT]
    )
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        vae.sample(10**7, random_state=0)


def test_ctrl_c_ends_a_search(counts, ctrl_c):
    timer = threading.Timer(
        0.5, signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT]
    )
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        gs.search(gs.SparseAutoencoder(8, **ENDLESS), {"denoise": [0.1, 0.2]}, counts)
