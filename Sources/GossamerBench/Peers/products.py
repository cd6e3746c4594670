"""Sparse times dense by MKL and SciPy, X·W and Xᵀ·Y: products.py X.npz RUNS WIDTH...

MKL needs the packages mkl and sparse_dot_mkl, and adds to a matrix that is there, as Gossamer does. Names of the jobs:
`product`, `transposed` for Xᵀ at hand as CSR, and `transposing` for Xᵀ from X, whichever way is the fastest.
"""
import glob
import os
import sys

import measuring


def scipy_jobs(x, transposed, w, y):
    return {
        "product": [lambda: x @ w],
        "transposed": [lambda: transposed @ y],
        # The transpose of CSR is CSC without any work, so both ways are what a user may write.
        "transposing": [lambda: x.T @ y, lambda: x.T.tocsr() @ y],
    }


def mkl_jobs(x, transposed, w, y):
    import numpy as np

    libraries = sorted(glob.glob(os.path.join(sys.prefix, "lib", "libmkl_rt.so*")))
    if libraries:
        os.environ.setdefault("MKL_RT", libraries[0])
    from sparse_dot_mkl import dot_product_mkl, mkl_set_num_threads

    mkl_set_num_threads(measuring.THREADS)
    product = np.zeros((x.shape[0], w.shape[1]), np.float32)
    gradient = np.zeros((x.shape[1], w.shape[1]), np.float32)
    if not np.allclose(dot_product_mkl(x, w), x @ w, rtol=1e-3):
        sys.exit("MKL's product differs from SciPy's")

    def add(sparse, dense, sums):
        return lambda: dot_product_mkl(sparse(), dense, out=sums, out_scalar=1.0)

    return {
        "product": [add(lambda: x, w, product)],
        "transposed": [add(lambda: transposed, y, gradient)],
        "transposing": [add(lambda: x.T, y, gradient), add(lambda: x.T.tocsr(), y, gradient)],
    }


def fastest(ways):
    return min(ways, key=measuring.seconds_of) if len(ways) > 1 else ways[0]


def main(path, runs, *widths):
    import numpy as np
    import scipy.sparse

    x = scipy.sparse.load_npz(path).tocsr()
    transposed = x.T.tocsr()
    random = np.random.default_rng(0)
    for width in map(int, widths):
        w = random.random((x.shape[1], width), dtype=np.float32)
        y = random.random((x.shape[0], width), dtype=np.float32)
        for name, jobs in (("SciPy", scipy_jobs), ("MKL", mkl_jobs)):
            try:
                for job, ways in jobs(x, transposed, w, y).items():
                    measuring.measure(f"{name} {job} {width}", fastest(ways), int(runs))
            except ImportError as error:
                measuring.missing(error)


measuring.run(main, __doc__, range(3, 100))
