"""Counting the words of text, a document a line, by scikit-learn: counting.py FILE.txt RUNS"""
import measuring


def main(path, runs):
    from sklearn.feature_extraction.text import CountVectorizer

    def count():
        with open(path, encoding="utf-8") as lines:
            CountVectorizer().fit_transform(lines)

    measuring.measure("CountVectorizer", count, int(runs))


measuring.run(main, __doc__, [2])
