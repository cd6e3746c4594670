"""AnnData: codes of ``adata.X`` as a representation of its cells."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._base import Autoencoder

__all__ = ["embed", "fit"]


def fit(model: Autoencoder, adata: Any, *, layer: str | None = None, key: str = "X_gossamer") -> Any:
    """Fits a model to the counts of annotated data, with the names of its variables, and embeds them.

    Parameters
    ----------
    model : SparseAutoencoder or VariationalAutoencoder
    adata : anndata.AnnData
        Changed in place; see :func:`embed`.
    layer : str, optional
        In place of ``adata.X``.
    key : str, default="X_gossamer"

    Returns
    -------
    SparseAutoencoder or VariationalAutoencoder
        The fitted model.
    """
    model.fit(_matrix(adata, layer), feature_names=[str(name) for name in adata.var_names])
    embed(model, adata, layer=layer, key=key)
    return model


def embed(model: Autoencoder, adata: Any, *, layer: str | None = None, key: str = "X_gossamer") -> None:
    """Stores codes in ``adata.obsm[key]``, and decoder weights in ``adata.varm``.

    Parameters
    ----------
    model : SparseAutoencoder or VariationalAutoencoder
        Fitted.
    adata : anndata.AnnData
        Changed in place.
    layer : str, optional
        In place of ``adata.X``.
    key : str, default="X_gossamer"
        The weights, shape (variables, units), have the name with ``_components`` behind.
    """
    codes = model.transform(_matrix(adata, layer))
    adata.obsm[key] = codes.toarray() if hasattr(codes, "toarray") else codes
    adata.varm[f"{key}_components"] = np.ascontiguousarray(model.components_.T)


def _matrix(adata: Any, layer: str | None) -> Any:
    return adata.X if layer is None else adata.layers[layer]
