"""Writes matrices.json: files that SciPy and NumPy write, in Base64, and what they themselves read from them.

    python3 make-matrices.py > matrices.json
"""

import base64
import io
import json

import numpy as np
import scipy.io
import scipy.sparse as sparse

random = np.random.default_rng(7)


def table(rows, columns, whole=False):
    values = random.integers(-3, 9, (rows, columns)) if whole else random.normal(size=(rows, columns))
    return np.where(random.random((rows, columns)) < 0.6, 0, values)


def case(name, write, read=None):
    stream = io.BytesIO()
    write(stream)
    stream.seek(0)
    dense = np.asarray((read or np.load)(stream), dtype=np.float64)
    with np.errstate(over="ignore"):
        floats = dense.astype(np.float32)
    return {
        "name": name,
        "content": base64.b64encode(stream.getvalue()).decode(),
        "shape": list(dense.shape),
        "rows": [[float(value) for value in row] for row in floats],
        "rounded": int((floats.astype(np.float64) != dense).sum()),
    }


def arrays():
    for kind in "<f4 >f4 <f8 >f8 <f2 <i1 <i2 >i2 <i4 <i8 >i8 <u1 <u2 >u4 <u8 |b1".split():
        type_ = np.dtype(kind)
        matrix = np.abs(table(7, 5, whole=type_.kind in "iub")).astype(type_)
        for order in "CF":
            yield case(f"{kind[1:]}{'-big' if kind[0] == '>' else ''}-{order}.npy", lambda s: np.save(s, np.array(matrix, order=order)))
    for shape in [(0, 4), (4, 0), (1, 1), (300, 2), (2, 300)]:
        for order in "CF":
            matrix = np.array(table(*shape), order=order)
            yield case(f"{shape[0]}x{shape[1]}-{order}.npy", lambda s: np.save(s, matrix))
    # Numbers that a Double holds and a Float does not.
    yield case("large.npy", lambda s: np.save(s, np.array([[2**24 + 1, 0], [1, 2**40 + 1]], dtype=np.int64)))


def archives():
    def read(stream):
        with np.load(stream) as archive:
            if "format" not in archive:
                return archive[archive.files[0]]
        stream.seek(0)
        return sparse.load_npz(stream).toarray()

    for order in "CF":
        matrix = np.array(table(6, 4), order=order)
        yield case(f"dense-{order}.npz", lambda s: np.savez(s, matrix), read)
        yield case(f"dense-compressed-{order}.npz", lambda s: np.savez_compressed(s, counts=matrix), read)
    for block in [(1, 1), (2, 3), (3, 2), (6, 6)]:
        matrix = sparse.bsr_matrix(table(6, 6), blocksize=block)
        yield case(f"bsr-{block[0]}x{block[1]}.npz", lambda s: sparse.save_npz(s, matrix), read)
    matrix = sparse.bsr_matrix((np.asfortranarray(table(4, 6)).reshape(2, 2, 6, order="F"), [1, 0], [0, 1, 2]), shape=(4, 12))
    yield case("bsr-fortran.npz", lambda s: sparse.save_npz(s, matrix), read)
    for shape in [(5, 5), (3, 7), (7, 3)]:
        matrix = sparse.dia_matrix(table(*shape))
        yield case(f"dia-{shape[0]}x{shape[1]}.npz", lambda s: sparse.save_npz(s, matrix), read)
    for length in [2, 4, 9]:
        data = np.asfortranarray(table(4, length) + 1)
        matrix = sparse.dia_matrix((data, [0, -2, 3, 60]), shape=(5, 6))
        yield case(f"dia-of-{length}.npz", lambda s: sparse.save_npz(s, matrix), read)


def texts():
    square = table(5, 5)
    for name, matrix, symmetry in [
        ("general", table(6, 3), "general"),
        ("whole", table(4, 5, whole=True).astype(np.int64), "general"),
        ("unsigned", np.abs(table(4, 5, whole=True)).astype(np.uint64), "general"),
        ("symmetric", square + square.T, "symmetric"),
        ("skew-symmetric", square - square.T, "skew-symmetric"),
        ("row", table(1, 9), "general"),
        ("column", table(9, 1), "general"),
    ]:
        yield case(
            f"{name}.mtx", lambda s: scipy.io.mmwrite(s, matrix, symmetry=symmetry, comment="of a test"),
            lambda s: scipy.io.mmread(s))


print(json.dumps([*arrays(), *archives(), *texts()]))
