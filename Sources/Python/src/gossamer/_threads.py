"""How many threads a job gets."""

from __future__ import annotations

import os

MOST_THREADS = 4096
"""The engine refuses more."""


def thread_count(n_jobs: int | None) -> int:
    """The number of threads for scikit-learn's ``n_jobs``; 0 is all processors. Results do not depend on it.

    Parameters
    ----------
    n_jobs : int or None
        None takes the environment variable ``OMP_NUM_THREADS``, which joblib sets in its worker processes so that they
        share the processors, and all processors without it. Negative numbers count back from all processors: -1 is
        all, -2 all but one.
    """
    if n_jobs is None:
        limit = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
        return int(limit) if limit.isdecimal() else 0
    if n_jobs == 0:
        raise ValueError("n_jobs == 0 has no meaning; give a number of threads, or None or -1 for all processors")
    if n_jobs > MOST_THREADS:
        raise ValueError(f"n_jobs is {n_jobs}; expected at most {MOST_THREADS} threads")
    if n_jobs > 0:
        return int(n_jobs)
    return max(1, len(os.sched_getaffinity(0)) + 1 + int(n_jobs))
