"""What both autoencoders have as estimators of scikit-learn."""

from __future__ import annotations

import math
import os
import warnings
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, check_non_negative, validate_data

from ._corpus import Corpus
from ._errors import UsageError
from ._html import unit_list
from ._model import Model
from ._progress import EpochPrinter
from ._settings import in_parameters, seed_of, settings_of
from ._tables import table
from ._threads import thread_count


class Autoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """The base class of :class:`SparseAutoencoder` and :class:`VariationalAutoencoder`."""

    _architecture: ClassVar[str]

    # What the constructors of the subclasses store, as far as it is used here.
    random_state: Any
    n_jobs: int | None
    verbose: int

    @property
    @abstractmethod
    def _needs_counts(self) -> bool:
        """Whether values below zero are refused."""

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = self._needs_counts
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    # ---- Learning ----

    def fit(self, X: Any, y: Any = None, feature_names: Iterable[str] | None = None) -> Any:
        """Learns a model of documents.

        Ctrl-C ends training after the current step with ``KeyboardInterrupt``; the estimator stays as it was then.

        Parameters
        ----------
        X : sparse matrix, array-like or Corpus, shape (n_samples, n_features)
            A CSR matrix of float32 is read where it is; anything else is converted once.
        y : ignored
        feature_names : iterable of str, shape (n_features,), optional
            Names of the features, such as ``vectorizer.get_feature_names_out()``, which the model remembers. Without
            them, those of a Corpus or the column names of a data frame.

        Returns
        -------
        self
        """
        self._fit(X, feature_names)
        return self

    def fit_transform(self, X: Any, y: Any = None, feature_names: Iterable[str] | None = None) -> Any:
        """Learns a model and returns the codes of the same documents; see ``fit`` and ``transform``."""
        return self._codes(self._fit(X, feature_names))

    def partial_fit(self, X: Any, y: Any = None, feature_names: Iterable[str] | None = None) -> Any:
        """Goes on learning, from further documents; the first call is one of ``fit``.

        Each call visits its documents as often as ``fit`` would. Its step sizes are those of ``fit`` times the share that
        its documents have of all so far, so that each document counts about as much as any other.

        Parameters
        ----------
        X : sparse matrix, array-like or Corpus, shape (n_samples, n_features)
            As for ``fit``. Features are matched by their names, and new ones added, in a Corpus with names; the columns
            of a matrix have to be those of the first one.
        y : ignored
        feature_names : iterable of str, shape (n_features,), optional
            As for ``fit``.

        Returns
        -------
        self
        """
        if not hasattr(self, "model_"):
            return self.fit(X, y, feature_names)
        with self._unchanged_by_errors():
            corpus = self._training_corpus(X, feature_names, reset=isinstance(X, Corpus))
            settings = settings_of(self._architecture, self.get_params(deep=False), seed_of(self.random_state))
            self._keep_model(self.model_.continued(corpus, settings["training"], thread_count(self.n_jobs), self._show))
            self.n_features_in_ = self.model_.feature_count
        return self

    @property
    def _show(self) -> Callable[[dict[str, Any]], None] | None:
        return EpochPrinter(type(self).__name__).show if self.verbose else None

    def _fit(self, X: Any, feature_names: Iterable[str] | None) -> Corpus:
        with self._unchanged_by_errors():
            corpus = self._training_corpus(X, feature_names)
            settings = settings_of(self._architecture, self.get_params(deep=False), seed_of(self.random_state))
            self._keep_model(Model.train(corpus, settings, thread_count(self.n_jobs), self._show))
        return corpus

    @contextmanager
    def _unchanged_by_errors(self) -> Iterator[None]:
        """Restores what had been learned before, and names parameters in errors about them."""
        before = dict(self.__dict__)
        try:
            yield
        except BaseException as error:
            self.__dict__.clear()
            self.__dict__.update(before)
            if isinstance(error, UsageError):
                raise UsageError(in_parameters(self._architecture, str(error))) from None
            raise

    def _keep_model(self, model: Model) -> None:
        self.model_ = model
        self.history_ = model.description["history"]
        # Older files have no history, and do not tell a number of epochs that was chosen for the model.
        self.n_iter_ = len(self.history_) or model.description.get("epochs")

    # ---- Documents ----

    def _training_corpus(self, X: Any, feature_names: Iterable[str] | None, *, reset: bool = True) -> Corpus:
        if isinstance(X, Corpus):
            if feature_names is not None:
                raise ValueError("feature_names: a Corpus has names of its own; leave them out")
            # Names that a corpus has are none of a data frame, which scikit-learn would ask for later.
            self.__dict__.pop("feature_names_in_", None)
            self.n_features_in_ = X.shape[1]
            return X
        X = self._validated(X, reset=reset)
        if feature_names is None:
            feature_names = getattr(self, "feature_names_in_", None)
        return Corpus.from_matrix(X, feature_names)

    def _corpus(self, X: Any) -> Corpus:
        """Documents for a fitted model, which matches the columns of a Corpus by words where both have them."""
        check_is_fitted(self)
        if not isinstance(X, Corpus):
            return Corpus.from_matrix(self._validated(X, reset=False))
        if X.words is not None and (unknown := self.model_.unknown_words(X.words)):
            warnings.warn(
                f"{unknown} of the {len(X.words)} words of the corpus are not among the model's; their entries are "
                "left out",
                stacklevel=3,
            )
        return X

    def _validated(self, X: Any, *, reset: bool) -> Any:
        X = validate_data(self, X, reset=reset, accept_sparse="csr", dtype=[np.float32, np.float64])
        if self._needs_counts:
            check_non_negative(X, f"{type(self).__name__}.{'fit' if reset else 'transform'}")
        return X

    # ---- Codes ----

    def transform(self, X: Any) -> Any:
        """The codes of documents.

        Parameters
        ----------
        X : sparse matrix, array-like or Corpus, shape (n_samples, n_features)

        Returns
        -------
        ndarray of float32, shape (n_samples, n_components)
            A row for each document, in order.
        """
        return self._codes(self._corpus(X))

    def _codes(self, corpus: Corpus) -> Any:
        return self.model_.transform(corpus, thread_count(self.n_jobs))

    def inverse_transform(self, X: Any) -> np.ndarray:
        """What the decoder makes of codes.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_components)

        Returns
        -------
        ndarray of float32, shape (n_samples, n_features)
            Weighted as the model's inputs are: for counts and default settings of a :class:`SparseAutoencoder`,
            tf-idf.
        """
        check_is_fitted(self)
        codes = X.toarray() if sp.issparse(X) else np.asarray(X)
        if codes.ndim != 2 or codes.shape[1] != self.model_.units:
            raise ValueError(f"found codes of shape {codes.shape}; expected (n_samples, {self.model_.units})")
        return self.model_.decode(codes)

    def score_samples(self, X: Any) -> np.ndarray:
        """Minus the loss of each document; the higher, the better the model accounts for it.

        Parameters
        ----------
        X : sparse matrix, array-like or Corpus, shape (n_samples, n_features)

        Returns
        -------
        ndarray of float64, shape (n_samples,)
            Minus the squared error; of models with a likelihood, its logarithm in nats, of a
            :class:`VariationalAutoencoder` a lower bound of that.
        """
        corpus = self._corpus(X)
        return -self.model_.losses(corpus, thread_count(self.n_jobs))

    def score(self, X: Any, y: Any = None) -> float:
        """The mean of ``score_samples``. It compares models with the same weighting and normalisation only."""
        return float(np.mean(self.score_samples(X)))

    # ---- What has been learned ----

    @property
    def components_(self) -> np.ndarray:
        """Decoder weights, float32 of shape (n_components, n_features): what a unit adds to a document. Read-only."""
        check_is_fitted(self)
        return self.model_.components

    @property
    def _n_features_out(self) -> int:
        return self.model_.units

    def features(self, top: int = 10, *, feature_names: Iterable[str] | None = None) -> Any:
        """The features that each unit stands for.

        They are those that set the training documents apart that activate the unit most: with the share P of these
        documents that hold a feature and the share p of all, those of largest P·ln(P/p). Where no feature sets them
        apart, as in data without zeros, they are the features of largest weight.

        Parameters
        ----------
        top : int, default=10
            How many of each unit.
        feature_names : iterable of str, shape (n_features,), optional
            In place of the names that the model knows.

        Returns
        -------
        pandas.DataFrame
            With the columns unit, feature, word, weight (in the decoder) and lift (P/p; NaN where it is not known), the
            clearest first; a list of dicts if pandas is not installed.
        """
        check_is_fitted(self)
        names = list(feature_names) if feature_names is not None else None
        if names is not None and len(names) != self.model_.feature_count:
            raise ValueError(
                f"found {len(names)} feature_names; expected {self.model_.feature_count}, one for each feature"
            )
        rows = []
        for unit in self.model_.features(top=top):
            for entry in unit["words"]:
                feature = entry["feature"]
                word = names[feature] if names is not None else entry.get("word")
                rows.append(
                    {
                        "unit": unit["unit"],
                        "feature": feature,
                        "word": word if word is not None else f"x{feature}",
                        "weight": entry["weight"],
                        "lift": entry.get("lift", math.nan),
                    }
                )
        return table(rows, ["unit", "feature", "word", "weight", "lift"])

    def evaluate(self, X: Any, X_train: Any = None, **options: Any) -> Any:
        """Measures the model on documents, as ``gossamer evaluate --json`` does.

        Parameters
        ----------
        X : sparse matrix, array-like or Corpus, shape (n_samples, n_features)
            Documents, other than those that the model has learned from. Figures about classes need a Corpus with
            labels.
        X_train : sparse matrix, array-like or Corpus, optional
            The documents that it has learned from, for figures that need both.
        **options
            Of a :class:`VariationalAutoencoder`: ``samples``, ``refine`` and ``importance_samples``, numbers of draws,
            of steps and of draws, and ``seed``.

        Returns
        -------
        pandas.DataFrame
            With the columns figure (a name that the article on evaluation explains), value and standard_error (NaN where
            there is none); a list of dicts if pandas is not installed.
        """
        test = self._corpus(X)
        train = self._corpus(X_train) if X_train is not None else None
        figures = self.model_.evaluate(test, train, thread_count(self.n_jobs), **options)
        error = "_standard_error"
        rows = [
            {"figure": name, "value": value, "standard_error": figures.get(name + error, math.nan)}
            for name, value in figures.items()
            if not name.endswith(error)
        ]
        return table(rows, ["figure", "value", "standard_error"])

    def generate(
        self,
        n_samples: int = 1,
        *,
        near: Any = None,
        near_training: bool = False,
        temperature: float | None = None,
        spread: float | None = None,
        random_state: Any = None,
    ) -> sp.csr_array:
        """Makes new documents.

        Parameters
        ----------
        n_samples : int, default=1
        near : sparse matrix, array-like or Corpus, optional
            Documents to draw around, taken in turn.
        near_training : bool, default=False
            Whether to draw around documents that the model has learned from, of which it remembers a thousand. A
            :class:`SparseAutoencoder` does so in any case unless ``near`` is given.
        temperature : float, optional
            What logits of a softmax over features are divided by.
        spread : float, optional
            What standard deviations are multiplied by.
        random_state : int, RandomState or None, optional

        Returns
        -------
        scipy.sparse.csr_array of float32, shape (n_samples, n_features)
            Counts, where the model has learned from counts.
        """
        check_is_fitted(self)
        documents = self.model_.generate(
            n_samples,
            self._corpus(near) if near is not None else None,
            thread_count(self.n_jobs),
            seed=seed_of(random_state),
            near_training=near_training or None,
            temperature=temperature,
            spread=spread,
        )
        return documents.release_matrix(sp.csr_array)

    def report(
        self,
        path: str | os.PathLike[str],
        X: Any = None,
        y: Any = None,
        *,
        title: str | None = None,
        documents: int = 20_000,
        image_shape: tuple[int, ...] | None = None,
        ldavis: str | os.PathLike[str] | None = None,
        random_state: Any = 0,
    ) -> None:
        """Writes a page to look at, as ``gossamer report`` does: maps of units and documents, words, curves.

        Parameters
        ----------
        path : str or path-like
            A file of HTML, which opens in any browser. It appears whole or not at all.
        X : sparse matrix, array-like or Corpus, shape (n_samples, n_features), optional
            Documents to show the model by, such as those that it has learned from; None for what it remembers of these.
        y : array-like, shape (n_samples,), optional
            Labels that colour the map; None for those of a Corpus.
        title : str, optional
            In place of the file's name.
        documents : int, default=20000
            How many are on the map at most; of more a sample.
        image_shape : tuple of int, optional
            Rows and columns, and 3 of colours, of documents that are pictures.
        ldavis : str or path-like, optional
            A file for what pyLDAvis shows, as its ``prepare`` makes it.
        random_state : int, RandomState or None, default=0
        """
        check_is_fitted(self)
        if y is not None and X is None:
            raise ValueError("y: found labels without documents; give X as well")
        self.model_.report(
            path,
            self._corpus(X) if X is not None else None,
            [str(label) for label in np.asarray(y).tolist()] if y is not None else None,
            thread_count(self.n_jobs),
            title=title,
            documents=documents,
            image_shape=list(image_shape) if image_shape is not None else None,
            ldavis=os.fspath(ldavis) if ldavis is not None else None,
            seed=seed_of(random_state),
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the model to a file, which the program ``gossamer`` and :func:`load_model` read.

        Parameters
        ----------
        path : str or path-like
            Its name usually ends in ``.safetensors``. The file appears whole or not at all.
        """
        check_is_fitted(self)
        self.model_.save(path)

    # ---- Notebooks ----

    @property
    def _repr_html_(self) -> Any:
        representation = super()._repr_html_
        return lambda: representation() + self._units_html()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        bundle: dict[str, str] = super()._repr_mimebundle_(**kwargs)
        if "text/html" in bundle:
            bundle["text/html"] += self._units_html()
        return bundle

    def _units_html(self) -> str:
        if not hasattr(self, "model_"):
            return ""
        return unit_list(self.model_.features(top=8), getattr(self, "feature_names_in_", None))
