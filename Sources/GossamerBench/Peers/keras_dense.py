"""An epoch of the textbook dense autoencoder, and embedding with it, in Keras: keras_dense.py FILE.svm UNITS RUNS

ReLU encoder, sigmoid decoder, cross-entropy, Adam. It needs the documents as a dense matrix. The epoch is run once.
"""
import os

import measuring

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def main(path, units, runs):
    import numpy as np
    import tensorflow as tf
    from sklearn.datasets import load_svmlight_file

    tf.config.threading.set_intra_op_parallelism_threads(measuring.THREADS)
    counts, _ = load_svmlight_file(path, zero_based=False, dtype=np.float32)
    counts.data = np.log1p(np.maximum(counts.data, 0))
    counts.data /= max(1.0, counts.data.max(initial=0.0))
    x = counts.toarray()
    inputs = tf.keras.Input(shape=(x.shape[1],))
    code = tf.keras.layers.Dense(int(units), activation="relu")(inputs)
    output = tf.keras.layers.Dense(x.shape[1], activation="sigmoid")(code)
    model = tf.keras.Model(inputs, output)
    model.compile(optimizer="adam", loss="binary_crossentropy")
    model.train_on_batch(x[:256], x[:256])
    measuring.measure("epoch", lambda: model.fit(x, x, epochs=1, batch_size=256, verbose=0), 1, warm_up=False)
    encoder = tf.keras.Model(inputs, code)
    measuring.measure("embed", lambda: encoder.predict(x, batch_size=256, verbose=0), int(runs))


measuring.run(main, __doc__, [3])
