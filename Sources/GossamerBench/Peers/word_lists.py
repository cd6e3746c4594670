"""The strongest words of LSA's and NMF's components, a component a line, for `gossamer evaluate --word-lists`:

word_lists.py TRAIN.svm VOCABULARY.txt COMPONENTS lsa|nmf > lists.txt

Needs scikit-learn (pip install scikit-learn). Words are weighted by sublinear tf-idf, as scikit-learn's users do.
"""
import sys

import numpy as np
from sklearn.datasets import load_svmlight_file
from sklearn.decomposition import NMF, TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer

WORDS = 25


def main():
    if len(sys.argv) != 5 or sys.argv[4] not in ("lsa", "nmf"):
        sys.exit(__doc__)
    with open(sys.argv[2], encoding="utf-8") as lines:
        vocabulary = [line.rstrip("\n") for line in lines]
    counts, _ = load_svmlight_file(sys.argv[1], n_features=len(vocabulary), zero_based=False)
    weighted = TfidfTransformer(sublinear_tf=True).fit_transform(counts)
    components = int(sys.argv[3])
    if sys.argv[4] == "lsa":
        model = TruncatedSVD(components, random_state=0)
    else:
        model = NMF(components, init="nndsvd", max_iter=200, random_state=0)
    # Of LSA, whose components have no sign of their own, the largest positive weights, as TruncatedSVD orients them.
    for weights in model.fit(weighted).components_:
        strongest = np.argsort(-weights, kind="stable")[:WORDS]
        print("\t".join(vocabulary[i] for i in strongest if weights[i] > 0))


main()
