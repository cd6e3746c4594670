"""What ``verbose`` prints."""

from __future__ import annotations

from typing import Any

# Keys of an epoch that are not measures.
_OTHER = {"event", "epoch", "epochs", "seconds", "documents_per_second"}


class EpochPrinter:
    """Prints a line for each epoch.

    Parameters
    ----------
    name : str
        Of the estimator.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def show(self, event: dict[str, Any]) -> None:
        kind = event.get("event", "epoch")
        if kind == "epoch":
            measures = "  ".join(
                f"{key.replace('_', ' ')} {value:,.4g}" for key, value in event.items() if key not in _OTHER
            )
            print(f"[{self.name}] epoch {event['epoch']}/{event.get('epochs', '?')}  {measures}", flush=True)
        elif kind == "stopped_early":
            print(
                f"[{self.name}] stopped after epoch {event['epoch']}: no better validation error since epoch "
                f"{event['best_epoch']}",
                flush=True,
            )
