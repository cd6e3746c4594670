"""Long calls as the caller sees them: news as they come, and Ctrl-C."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from . import _library

Result = TypeVar("Result")


def run(call: Callable[[Any], Result], on_event: Callable[[dict[str, Any]], None] | None = None) -> Result:
    """Makes a call of the engine that takes long.

    The engine works in a thread of its own while this one waits for its news. A waiting thread still sees signals, so
    an exception of a signal handler, as Ctrl-C raises it, or of ``on_event`` ends the work after the current step and is
    raised then.

    Parameters
    ----------
    call : callable
        Makes the call with the ``gossamer_progress`` that it is given, and returns the result.
    on_event : callable, optional
        Gets the members of each event, in the calling thread.
    """
    job = _Job(call)
    worker = threading.Thread(target=job.run, name="gossamer", daemon=True)
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


class _Job(Generic[Result]):
    """A call of the engine in another thread."""

    def __init__(self, call: Callable[[Any], Result]) -> None:
        self.events: SimpleQueue[bytes | None] = SimpleQueue()
        self.is_cancelled = False
        self._call = call
        self._results: list[Result] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._results.append(self._call(_library.Progress(self._progress)))
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            self._error = error
        finally:
            self.events.put(None)

    def _progress(self, _context: int | None, event: bytes | None) -> int:
        if event is not None:
            self.events.put(event)
        return 1 if self.is_cancelled else 0

    def result(self) -> Result:
        if self._error is not None:
            raise self._error
        return self._results[0]
