"""The units of a model as HTML, for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

# The strongest units are shown at once, the others behind a click.
_SHOWN = 12


def unit_list(units: list[dict[str, Any]], feature_names: Sequence[str] | None = None) -> str:
    """A list of units with their strongest features.

    Parameters
    ----------
    units : list of dict
        As the engine describes them: unit, importance, words.
    feature_names : sequence of str, optional
        In place of names that the model does not know.
    """
    ordered = sorted(units, key=lambda unit: -float(unit["importance"]))
    rows = [_row(unit, feature_names) for unit in ordered]
    more = ""
    if len(rows) > _SHOWN:
        more = f"<details><summary>{len(rows) - _SHOWN} more</summary>{_table(rows[_SHOWN:])}</details>"
    return (
        f'<div class="gossamer-units"><strong>{len(rows)} units, the most important first, with their strongest features'
        f"</strong>{_table(rows[:_SHOWN])}{more}</div>"
    )


def _table(rows: list[str]) -> str:
    return f"<table>{''.join(rows)}</table>"


def _row(unit: dict[str, Any], names: Sequence[str] | None) -> str:
    words = []
    for entry in unit["words"]:
        word = entry.get("word")
        if word is None:
            word = names[entry["feature"]] if names is not None else f"x{entry['feature']}"
        words.append(f'<span title="weight {entry["weight"]:.3g}">{escape(str(word))}</span>')
    return (
        f'<tr><th style="text-align:right">{unit["unit"]}</th><td style="text-align:left">{" ".join(words)}</td></tr>'
    )
