"""The variational autoencoder."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from ._base import Autoencoder
from ._settings import VARIATIONAL
from ._threads import thread_count

# The likelihoods that values below zero have, too: of any numbers, and of what is there or not.
_OF_ANY_NUMBERS = {"gaussian", "bernoulli"}


class VariationalAutoencoder(Autoencoder):
    """A variational autoencoder of sparse documents.

    It learns a distribution of documents: a latent vector from a normal prior, and a document given that. It gives
    codes (the mean of each document's posterior), a bound on the probability of documents, and new documents. Settings
    that are None are chosen from the data.

    Parameters
    ----------
    n_components : int, default=50
        The number of latent units, and of columns of the codes.
    likelihood : str, default="dirichlet-multinomial"
        What distribution a document has: ``"dirichlet-multinomial"`` (words that come in bursts), ``"multinomial"``,
        ``"topic-mixture"``, ``"bernoulli"`` (presence and absence), ``"poisson"`` (counts), ``"gaussian"`` (any
        numbers). All but bernoulli and gaussian need values from 0.
    hidden_layer_sizes : tuple of int, default=(500,)
        Widths of the encoder's layers.
    concentration : {"document", "shared"} or None, default=None
        Whether each document has a concentration of its own; of dirichlet-multinomial.
    beta : float, default=1.0
        The weight of the Kullback–Leibler divergence in the bound.
    kl_warmup : int, default=5
        Epochs over which that weight rises.
    denoise : float or None, default=None
        The probability that a stored entry is hidden from the encoder in training. None takes 0.1; 0 of
        dense data with the likelihood gaussian.
    inner_steps : int, default=4
        Steps from the encoder's posterior towards each document's own before the decoder learns from it.
    sampled_softmax : int or None, default=None
        How many features stand for all others in a batch's softmax; for large vocabularies. None takes all.
    gradient_clip : float or None, default=10.0
        How many times longer than the average before it a gradient may be; None is any length.
    dream : float or None, default=0.5
        The share of steps after which the encoder also learns from documents that the model makes up; None is never.
    weighting : str or None, default=None
        What an entry weighs: ``"none"``, ``"binary"``, ``"log"``, ``"tf-idf"``, ``"bm25"`` or ``"log-entropy"``.
    norm : {"none", "l2"} or None, default=None
        What a document is divided by.
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
        The share of documents that is held out to watch the bound on.
    n_iter_no_change : int or None, default=None
        The number of epochs without a better bound on these after which training stops.
    reference : int or None, default=None
        The number of documents that are not learned from, so that their losses tell what is usual.
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
        Decoder weights: what a unit adds to the parameters of the likelihood, such as logits of words.
    n_iter_ : int
        The number of epochs; None of a loaded model of before files told it.
    history_ : list of dict
        Measures of each epoch, by the names of ``gossamer train --progress jsonl``: the loss in nats a document,
        perplexity, KL divergence and active units.
    model_ : object
        The engine's model.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Of data frames only.

    Examples
    --------
    >>> import gossamer as gs
    >>> X, y = gs.load_svmlight_file("datasets/eight-subjects.svm")
    >>> vae = gs.VariationalAutoencoder(8, hidden_layer_sizes=(20,), max_iter=3, random_state=0).fit(X)
    >>> vae.transform(X).shape
    (400, 8)
    >>> vae.sample(2, random_state=0).shape
    (2, 1880)
    """

    _architecture = VARIATIONAL

    def __init__(
        self,
        n_components: int = 50,
        *,
        likelihood: str = "dirichlet-multinomial",
        hidden_layer_sizes: tuple[int, ...] = (500,),
        concentration: str | None = None,
        beta: float = 1.0,
        kl_warmup: int = 5,
        denoise: float | None = None,
        inner_steps: int = 4,
        sampled_softmax: int | None = None,
        gradient_clip: float | None = 10.0,
        dream: float | None = 0.5,
        weighting: str | None = None,
        norm: str | None = None,
        max_iter: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        optimizer: str | None = None,
        validation_fraction: float = 0.0,
        n_iter_no_change: int | None = None,
        reference: int | None = None,
        random_state: Any = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.n_components = n_components
        self.likelihood = likelihood
        self.hidden_layer_sizes = hidden_layer_sizes
        self.concentration = concentration
        self.beta = beta
        self.kl_warmup = kl_warmup
        self.denoise = denoise
        self.inner_steps = inner_steps
        self.sampled_softmax = sampled_softmax
        self.gradient_clip = gradient_clip
        self.dream = dream
        self.weighting = weighting
        self.norm = norm
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.optimizer = optimizer
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.reference = reference
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    @property
    def _needs_counts(self) -> bool:
        return self.likelihood not in _OF_ANY_NUMBERS

    def sample(self, n_samples: int = 1, random_state: Any = None) -> sp.csr_array:
        """Draws documents from the model's distribution.

        Parameters
        ----------
        n_samples : int, default=1
        random_state : int, RandomState or None, optional

        Returns
        -------
        scipy.sparse.csr_array of float32, shape (n_samples, n_features)
        """
        return self.generate(n_samples, random_state=random_state)

    def posterior(self, X: Any) -> tuple[np.ndarray, np.ndarray]:
        """The posterior of each document's latent vector, a normal distribution with a diagonal covariance.

        Parameters
        ----------
        X : sparse matrix, array-like or Corpus, shape (n_samples, n_features)

        Returns
        -------
        mean, log_variance : ndarray of float32, shape (n_samples, n_components)
        """
        corpus = self._corpus(X)
        codes = self.model_.transform(corpus, thread_count(self.n_jobs), variance=True)
        return codes[:, : self.model_.units], codes[:, self.model_.units :]

    def topic_proportions(self, X: Any) -> np.ndarray:
        """The shares of topics in each document, which sum to 1; of the likelihood topic-mixture.

        Parameters
        ----------
        X : sparse matrix, array-like or Corpus, shape (n_samples, n_features)

        Returns
        -------
        ndarray of float32, shape (n_samples, n_components)
        """
        corpus = self._corpus(X)
        return self.model_.transform(corpus, thread_count(self.n_jobs), mixture=True)
