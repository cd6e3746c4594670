"""What others need for the jobs of `gossamer-bench compare`: one line `name TAB seconds TAB peak_bytes` a job.

compare.py read|lsa|keras CORPUS.svm UNITS

Needs scikit-learn; keras also needs TensorFlow. What is not installed is said in a line that begins with `missing`.
"""
import os
import resource
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def timed(name, job):
    start = time.perf_counter()
    result = job()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{name}\t{seconds:.4f}\t{peak}", flush=True)
    return result


def keras(counts, units):
    import numpy as np
    import tensorflow as tf

    x = np.log1p(counts.toarray().astype(np.float32))
    inputs = tf.keras.Input(shape=(x.shape[1],))
    code = tf.keras.layers.Dense(units, activation="relu")(inputs)
    output = tf.keras.layers.Dense(x.shape[1], activation="sigmoid")(code)
    model = tf.keras.Model(inputs, output)
    model.compile(optimizer="adam", loss="binary_crossentropy")
    model.train_on_batch(x[:256], x[:256])
    timed("epoch", lambda: model.fit(x, x, epochs=1, batch_size=256, verbose=0))
    encoder = tf.keras.Model(inputs, code)
    encoder.predict(x[:256], verbose=0)
    timed("embed", lambda: encoder.predict(x, batch_size=256, verbose=0))


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in ("read", "lsa", "keras"):
        sys.exit(__doc__)
    job, path, units = sys.argv[1], sys.argv[2], int(sys.argv[3])
    try:
        from sklearn.datasets import load_svmlight_file

        if job == "read":
            timed("read", lambda: load_svmlight_file(path))
            return
        counts, _ = load_svmlight_file(path)
        if job == "lsa":
            from sklearn.decomposition import TruncatedSVD
            from sklearn.feature_extraction.text import TfidfTransformer

            x = TfidfTransformer(sublinear_tf=True).fit_transform(counts)
            model = TruncatedSVD(units, random_state=0)
            timed("fit", lambda: model.fit(x))
            timed("embed", lambda: model.transform(x))
        else:
            keras(counts, units)
    except ImportError as error:
        print(f"missing\t{error.name}")


main()
