"""The sparse autoencoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.utils.validation import check_is_fitted

from ._base import Autoencoder
from ._corpus import Corpus
from ._settings import SPARSE
from ._threads import thread_count

# The objectives that are defined for values from 0 only.
_OF_COUNTS = {"multinomial", "poisson", "dirichlet-multinomial", "topic-mixture"}

# The rows whose dense codes exist at a time while sparse ones are made.
_BLOCK = 16384


class SparseAutoencoder(Autoencoder):
    r"""A sparse autoencoder of sparse documents.

    Documents :math:`x` get codes :math:`h = \mathrm{relu}(W^T x + b)`, of which a decoder makes
    :math:`\hat x = D h + c`. In training a part of each document's entries is hidden from the encoder, and the decoder
    is at every moment the least-squares optimum for the codes seen so far. Time follows the stored entries, not the
    number of features. Counts are weighted by tf-idf and brought to unit length; tables of measurements, at least half
    of whose entries are not zero, are standardised. Settings that are None are chosen from the data.

    Parameters
    ----------
    n_components : int, default=128
        The number of units, and of columns of the codes.
    activation : str, default="relu"
        What a unit does: ``"relu"``, ``"linear"``, ``"sigmoid"``, ``"tanh"``, ``"topk:K"`` (the K largest of a document
        stay), ``"batch-topk:K"`` (K a document on average), ``"jumprelu"``, ``"k-competitive:K"``.
    sparsity : str or sequence of str or None, default=None
        Prices on activity, such as ``"l1:0.1"``, ``"l2:0.1"``, ``"kl:0.05:0.1"``, ``"l0:0.01"`` (of jumprelu), or
        ``"none"``. None is no price but with activations that need one.
    objective : str, default="squared-error"
        What is minimised: the squared error, or minus the logarithm of the likelihood ``"bernoulli"``, ``"multinomial"``
        or ``"poisson"``.
    denoise : float or None, default=None
        The probability that a stored entry is hidden in training.
    hidden_layer_sizes : int or tuple of int, default=()
        Widths of dense layers between the input and the units.
    weighting : str or None, default=None
        What an entry weighs: ``"none"``, ``"binary"``, ``"log"``, ``"tf-idf"``, ``"bm25"`` or ``"log-entropy"``.
    norm : {"none", "l2"} or None, default=None
        What a document is divided by.
    emphasis : float or None, default=None
        How much more the error of rare features counts in training; 0 counts all alike.
    standardize : bool or None, default=None
        Whether features have mean 0 and variance 1 in training.
    decoder : {"optimal", "trained"}, default="optimal"
        How the decoder of the squared error comes about.
    decoder_bias : bool, default=True
        Whether the optimal decoder has a bias.
    ridge : float or None, default=None
        How far the optimal decoder is pulled towards zero.
    max_iter : int or None, default=None
        The number of epochs, visits to every document.
    batch_size : int or None, default=None
        Documents a step.
    learning_rate : float or None, default=None
        The largest step of the optimizer.
    optimizer : {"adam", "factored-adam"} or None, default=None
        How weights move; the state of the second takes a quarter of the memory. None is adam, unless that would take
        more than 4 GiB.
    validation_fraction : float, default=0.0
        The share of documents that is held out to watch the error on.
    n_iter_no_change : int or None, default=None
        The number of epochs without a better error on these after which training stops.
    reference : int or None, default=None
        The number of documents that are not learned from, so that their losses tell what is usual.
    sparse_output : bool, default=False
        Whether codes are a ``scipy.sparse.csr_array``, for activations that leave most units inactive.
    random_state : int, RandomState or None, default=None
        A whole number gives the results of the program ``gossamer`` with the same ``--seed``, bit for bit on the same
        kind of processor, whatever the number of threads.
    n_jobs : int or None, default=None
        The number of threads. None is all processors, or ``OMP_NUM_THREADS`` if it is set, as joblib does in its
        workers.
    verbose : int, default=0
        Whether a line for each epoch is printed.

    Attributes
    ----------
    components_ : ndarray of float32, shape (n_components, n_features)
        Decoder weights: what a unit adds to a document.
    n_iter_ : int
        The number of epochs; None of a loaded model of before files told it.
    history_ : list of dict
        Measures of each epoch, by the names of ``gossamer train --progress jsonl``: loss, the unexplained share,
        active, dead and revived units.
    model_ : object
        The engine's model.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Of data frames only.

    Examples
    --------
    >>> import gossamer as gs
    >>> X, y = gs.load_svmlight_file("datasets/eight-subjects.svm")
    >>> sae = gs.SparseAutoencoder(n_components=32, random_state=0).fit(X)
    >>> sae.transform(X).shape
    (400, 32)
    """

    _architecture = SPARSE

    def __init__(
        self,
        n_components: int = 128,
        *,
        activation: str = "relu",
        sparsity: str | Sequence[str] | None = None,
        objective: str = "squared-error",
        denoise: float | None = None,
        hidden_layer_sizes: tuple[int, ...] = (),
        weighting: str | None = None,
        norm: str | None = None,
        emphasis: float | None = None,
        standardize: bool | None = None,
        decoder: str = "optimal",
        decoder_bias: bool = True,
        ridge: float | None = None,
        max_iter: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        optimizer: str | None = None,
        validation_fraction: float = 0.0,
        n_iter_no_change: int | None = None,
        reference: int | None = None,
        sparse_output: bool = False,
        random_state: Any = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.n_components = n_components
        self.activation = activation
        self.sparsity = sparsity
        self.objective = objective
        self.denoise = denoise
        self.hidden_layer_sizes = hidden_layer_sizes
        self.weighting = weighting
        self.norm = norm
        self.emphasis = emphasis
        self.standardize = standardize
        self.decoder = decoder
        self.decoder_bias = decoder_bias
        self.ridge = ridge
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.optimizer = optimizer
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.reference = reference
        self.sparse_output = sparse_output
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    @property
    def _needs_counts(self) -> bool:
        return self.objective in _OF_COUNTS

    def _codes(self, corpus: Corpus) -> np.ndarray | sp.csr_array:
        if not self.sparse_output:
            return super()._codes(corpus)
        check_is_fitted(self)
        # A block of documents at a time, so that no dense matrix of all codes exists.
        X, threads = corpus.X, thread_count(self.n_jobs)
        blocks = [
            sp.csr_array(self.model_.transform(Corpus.from_matrix(X[start : start + _BLOCK], corpus.words), threads))
            for start in range(0, max(1, X.shape[0]), _BLOCK)
        ]
        return sp.csr_array(sp.vstack(blocks, format="csr"))
