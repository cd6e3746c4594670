"""LSA of sublinear tf-idf, by scikit-learn's TruncatedSVD: lsa.py FILE.svm UNITS RUNS [HELD.svm CODES.npy HELD.npy]

Times the fit and the embedding of weighted documents; weighting them is not counted. With documents held out, it writes
codes of both files.
"""
import measuring


def main(path, units, runs, held=None, codes=None, held_codes=None):
    import numpy as np
    from sklearn.datasets import load_svmlight_files
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfTransformer

    counts = load_svmlight_files([path] + ([held] if held else []), zero_based=False)[::2]
    weighting = TfidfTransformer(sublinear_tf=True)
    x = weighting.fit_transform(counts[0])
    model = TruncatedSVD(int(units), random_state=0)
    measuring.measure("fit", lambda: model.fit(x), int(runs))
    measuring.measure("embed", lambda: model.transform(x), int(runs))
    if held:
        np.save(codes, np.ascontiguousarray(model.transform(x), dtype=np.float32))
        np.save(held_codes, np.ascontiguousarray(model.transform(weighting.transform(counts[1])), dtype=np.float32))


measuring.run(main, __doc__, [3, 6])
