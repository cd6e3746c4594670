"""What the scripts beside this one share.

A script prints a line `name TAB seconds TAB peak_bytes` for each job, the peak being that of its process so far, and
`missing TAB package` for what is not installed. `gossamer-bench compare` runs them and reads that; they run alone, too.
"""
import os
import resource
import statistics
import sys
import time

THREADS = int(os.environ.get("GOSSAMER_PEER_THREADS", "2"))


def seconds_of(job):
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def measure(name, job, runs, warm_up=True):
    """The median of some runs, after one that is not counted."""
    if warm_up:
        job()
    report(name, statistics.median(seconds_of(job) for _ in range(runs)))


def report(name, seconds):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{name}\t{seconds:.6f}\t{peak * (1 if sys.platform == 'darwin' else 1024)}", flush=True)


def missing(error):
    print(f"missing\t{error.name or error}", flush=True)


def run(main, usage, counts):
    """Calls `main` with the command line's arguments, if there are as many as it takes."""
    if len(sys.argv) - 1 not in counts:
        sys.exit(usage)
    try:
        main(*sys.argv[1:])
    except ImportError as error:
        missing(error)
