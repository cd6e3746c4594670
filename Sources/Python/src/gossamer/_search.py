"""Comparing settings by cross-validation."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from sklearn.base import clone
from sklearn.model_selection import ParameterGrid

from . import _jobs, _library
from ._base import Autoencoder
from ._errors import UsageError
from ._settings import in_parameters, seed_of, settings_of
from ._tables import table
from ._threads import thread_count

_MEASURES = {
    "mean": "mean",
    "standard_error": "standard_error",
    "within_one_standard_error": "is_within_one_standard_error",
    "scores": "scores",
    "perplexity": "perplexity_corpus",
    "active_units": "active_units",
    "dead_units": "dead_units",
    "parameters": "parameters",
    "seconds_per_fold": "seconds_per_fold",
    "failure": "failure",
}


def search(
    estimator: Autoencoder,
    param_grid: Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Sequence[Any]]],
    X: Any,
    *,
    feature_names: Iterable[str] | None = None,
    by: str | None = None,
    folds: int = 5,
    results: str | os.PathLike[str] | None = None,
    random_state: Any = 0,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> Any:
    """Compares settings by cross-validation, as ``gossamer search`` does.

    Each candidate learns from all folds but one and is measured on that one, for every fold in turn; nothing of the
    held-out documents enters training, not even the weighting. Ctrl-C ends the search after the current step.

    Parameters
    ----------
    estimator : SparseAutoencoder or VariationalAutoencoder
        Its parameters hold for all candidates; it is not fitted.
    param_grid : dict of str to list, or list of such dicts
        Values to compare, as for scikit-learn's ``ParameterGrid``.
    X : sparse matrix, array-like or Corpus, shape (n_samples, n_features)
    feature_names : iterable of str, optional
        As for ``fit``.
    by : {"fvu", "bound", "probe"}, optional
        What candidates are compared by: the share of variance that is left unexplained; the loss in nats; what a linear
        classifier on the codes gets right, for which X has to be a Corpus with labels. None takes what suits them.
    folds : int, default=5
    results : str or path-like, optional
        A file that gets each result as soon as it is known. A later search with it takes the results from there.
    random_state : int, RandomState or None, default=0
        Of the folds. Models have that of the estimator.
    n_jobs : int or None, default=None
    verbose : int, default=0
        Whether a line for each training is printed.

    Returns
    -------
    pandas.DataFrame
        A row for each candidate, the best first: the parameters, the mean and the standard error of the score over the
        folds, whether the mean is within one standard error of the best, the scores, units that are active in a document
        and that no document activates, weights learned, seconds a fold, and why training failed where it did. A list of
        dicts if pandas is not installed.

    Examples
    --------
    >>> import gossamer as gs
    >>> corpus = gs.read_corpus("datasets/eight-subjects.svm")
    >>> sae = gs.SparseAutoencoder(16, max_iter=2, random_state=0)
    >>> frame = gs.search(sae, {"denoise": [0.2, 0.6]}, corpus, by="probe", folds=2)
    >>> sorted(frame["denoise"])
    [0.2, 0.6]
    """
    candidates = list(ParameterGrid(param_grid))
    if not candidates:
        raise UsageError("param_grid: found no candidate; expected some to compare")
    # Checked as fit does, by an estimator that nothing is kept of.
    corpus = clone(estimator)._training_corpus(X, feature_names)
    seed = seed_of(estimator.random_state)
    request = {
        "candidates": [_candidate(estimator, candidate, seed) for candidate in candidates],
        "folds": folds,
        "by": by,
        "seed": seed_of(random_state),
        "results": os.fspath(results) if results is not None else None,
    }
    arguments = (corpus._handle, _library.encoded(request), thread_count(n_jobs))
    try:
        answer = _jobs.run(partial(_searched, *arguments), _show if verbose else None)
    except UsageError as error:
        raise UsageError(in_parameters(estimator._architecture, str(error))) from None
    names = sorted({name for candidate in candidates for name in candidate})
    rows = [
        {
            **{name: candidates[row["candidate"]].get(name) for name in names},
            **{name: row.get(member) for name, member in _MEASURES.items()},
        }
        for row in answer["candidates"]
    ]
    return table(rows, [*names, *_MEASURES])


def _candidate(estimator: Autoencoder, choices: Mapping[str, Any], seed: int) -> dict[str, Any]:
    parameters = clone(estimator).set_params(**choices).get_params(deep=False)
    if "random_state" in choices:
        seed = seed_of(choices["random_state"])
    return {
        "options": {name: str(value) for name, value in choices.items()},
        "settings": settings_of(estimator._architecture, parameters, seed),
    }


def _searched(*arguments: Any) -> dict[str, Any]:
    """The answer to a search, which tells the last argument of its progress."""
    return _library.call_for_json("search", *arguments, None)


def _show(event: Mapping[str, Any]) -> None:
    choices = " ".join(f"{name}={value}" for name, value in event["options"].items())
    score = f"{event['score']:.4f}" if "score" in event else f"failed: {event.get('failure')}"
    print(f"[search] {event['run']}/{event['runs']}  {choices}  {score}  {event['seconds']:.1f} s", flush=True)
