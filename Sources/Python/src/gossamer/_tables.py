"""Tables for users, of pandas where it is installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def table(rows: list[dict[str, Any]], columns: Sequence[str]) -> Any:
    """Rows as a data frame of pandas, or as they are if pandas is not installed."""
    try:
        import pandas as pd
    except ImportError:
        return rows
    return pd.DataFrame(rows, columns=list(columns))
