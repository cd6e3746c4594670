"""Model files as estimators."""

from __future__ import annotations

import os

from ._base import Autoencoder
from ._model import Model
from ._settings import SPARSE, VARIATIONAL, parameters_of
from ._sparse_autoencoder import SparseAutoencoder
from ._variational_autoencoder import VariationalAutoencoder

_ESTIMATORS: dict[str, type[Autoencoder]] = {SPARSE: SparseAutoencoder, VARIATIONAL: VariationalAutoencoder}


def load_model(path: str | os.PathLike[str]) -> SparseAutoencoder | VariationalAutoencoder:
    """Reads a model that ``save`` or the program ``gossamer`` has written.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    SparseAutoencoder or VariationalAutoencoder
        Fitted, with the parameters that the model was trained with as far as the file has them.

    Examples
    --------
    >>> import gossamer as gs, tempfile, os
    >>> X, y = gs.load_svmlight_file("datasets/eight-subjects.svm")
    >>> sae = gs.SparseAutoencoder(16, max_iter=2, random_state=0).fit(X)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sae.save(os.path.join(folder, "model.safetensors"))
    ...     again = gs.load_model(os.path.join(folder, "model.safetensors"))
    >>> bool((again.transform(X) == sae.transform(X)).all())
    True
    """
    model = Model.load(path)
    architecture, parameters = parameters_of(model.description)
    estimator = _ESTIMATORS[architecture](**parameters)
    estimator._keep_model(model)
    estimator.n_features_in_ = model.feature_count
    return estimator
