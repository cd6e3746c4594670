"""Training as the caller sees it: epochs as they come, and Ctrl-C."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from queue import SimpleQueue
from typing import Any

from . import _library
from ._corpus import Corpus


def train(
    corpus: Corpus,
    settings: Mapping[str, Any],
    threads: int,
    on_event: Callable[[dict[str, Any]], None] | None = None,
    known: _library.Handle | None = None,
) -> _library.Handle:
    """Trains a model, or goes on with one.

    The engine works in a thread of its own while this one waits for its news. A waiting thread still sees signals, so
    an exception of a signal handler, as Ctrl-C raises it, or of ``on_event`` ends training after the current step and is
    raised then.

    Parameters
    ----------
    corpus : Corpus
    settings : mapping
        See ``gossamer_model_train``, or ``gossamer_model_continue`` with a known model.
    threads : int
        0 for all processors.
    on_event : callable, optional
        Gets the members of each line of ``gossamer train --progress jsonl``, in the calling thread.
    known : Handle, optional
        Of the model to go on with, which stays as it is.

    Returns
    -------
    Handle
        Of the model.
    """
    arguments = (corpus._handle, _library.encoded(settings), threads)
    job = _Job("model_train", arguments) if known is None else _Job("model_continue", (known, *arguments))
    worker = threading.Thread(target=job.run, name="gossamer training", daemon=True)
    worker.start()
    reason: BaseException | None = None
    while True:
        try:
            event = job.events.get()
            if event is None:
                break
            if on_event is not None and reason is None:
                on_event(json.loads(event))
        except BaseException as error:  # noqa: BLE001 - raised below, once the engine has stopped
            job.is_cancelled = True
            reason = reason or error
    worker.join()
    if reason is not None:
        raise reason
    return job.result()


class _Job:
    """A call of the engine in another thread."""

    def __init__(self, name: str, arguments: tuple[Any, ...]) -> None:
        self.events: SimpleQueue[bytes | None] = SimpleQueue()
        self.is_cancelled = False
        self._name = name
        self._arguments = arguments
        self._handle: _library.Handle | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        progress = _library.Progress(self._progress)
        try:
            self._handle = _library.call_for_handle(self._name, *self._arguments, progress, None, kind="model")
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            self._error = error
        finally:
            self.events.put(None)

    def _progress(self, _context: int | None, event: bytes | None) -> int:
        if event is not None:
            self.events.put(event)
        return 1 if self.is_cancelled else 0

    def result(self) -> _library.Handle:
        if self._error is not None:
            raise self._error
        assert self._handle is not None
        return self._handle
