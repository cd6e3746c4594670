"""Figures of matplotlib."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ._base import Autoencoder

__all__ = ["plot_history", "plot_unit"]


def plot_unit(
    model: Autoencoder,
    unit: int,
    top: int = 15,
    *,
    feature_names: Iterable[str] | None = None,
    ax: Any = None,
) -> Any:
    """Draws the strongest features of a unit as bars.

    Parameters
    ----------
    model : SparseAutoencoder or VariationalAutoencoder
        Fitted.
    unit : int
        Counted from 0.
    top : int, default=15
    feature_names
        See ``model.features``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it in a new figure.

    Returns
    -------
    matplotlib.axes.Axes
    """
    rows = _records(model.features(top, feature_names=feature_names))
    ax = ax if ax is not None else _new_axes()
    shown = [row for row in rows if row["unit"] == unit]
    if not shown and not 0 <= unit < model.model_.units:
        raise ValueError(f"found unit {unit}; expected one from 0 to {model.model_.units - 1}")
    ax.barh(range(len(shown)), [row["weight"] for row in shown], tick_label=[str(row["word"]) for row in shown])
    ax.invert_yaxis()
    ax.set_xlabel("decoder weight")
    ax.set_title(f"unit {unit}")
    return ax


def plot_history(model: Autoencoder, measure: str = "loss", *, ax: Any = None) -> Any:
    """Draws a measure of training, epoch by epoch, with that of held-out documents if there is one.

    Parameters
    ----------
    model : SparseAutoencoder or VariationalAutoencoder
        Fitted.
    measure : str, default="loss"
        A key of ``model.history_``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it in a new figure.

    Returns
    -------
    matplotlib.axes.Axes
    """
    names = {name for epoch in model.history_ for name in epoch}
    if measure not in names:
        raise ValueError(
            f"found no measure {measure}; expected one of {', '.join(sorted(names)) or 'none, of this model'}"
        )
    ax = ax if ax is not None else _new_axes()
    for name in (measure, f"validation_{measure}"):
        points = [(epoch["epoch"], epoch[name]) for epoch in model.history_ if name in epoch]
        if points:
            ax.plot(*zip(*points), marker=".", label=name.replace("_", " "))
    ax.set_xlabel("epoch")
    ax.set_ylabel(measure.replace("_", " "))
    ax.legend()
    return ax


def _new_axes() -> Any:
    import matplotlib.pyplot as plt

    return plt.figure(layout="constrained").add_subplot()


def _records(rows: Any) -> list[dict[str, Any]]:
    return rows if isinstance(rows, list) else rows.to_dict("records")
