"""The engine's models."""

from __future__ import annotations

import ctypes
import operator
import os
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import Any

import numpy as np

from . import _jobs, _library
from ._corpus import Corpus
from ._texts import EncodedTexts, read_texts

_FLOATS = ctypes.POINTER(ctypes.c_float)
_DOUBLES = ctypes.POINTER(ctypes.c_double)


class Model:
    """A trained model, as it stands in a file. It never changes; several threads may use it at the same time."""

    def __init__(self, handle: _library.Handle) -> None:
        self._handle = handle

    @classmethod
    def train(
        cls,
        corpus: Corpus,
        settings: Mapping[str, Any],
        threads: int = 0,
        on_event: Callable[[dict[str, Any]], None] | None = None,
    ) -> Model:
        arguments = (corpus._handle, _library.encoded(settings), threads)
        return cls(_jobs.run(partial(_trained, "model_train", *arguments), on_event))

    def continued(
        self,
        corpus: Corpus,
        training: Mapping[str, Any],
        threads: int = 0,
        on_event: Callable[[dict[str, Any]], None] | None = None,
    ) -> Model:
        arguments = (self._handle, corpus._handle, _library.encoded({"training": training}), threads)
        return Model(_jobs.run(partial(_trained, "model_continue", *arguments), on_event))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Model:
        return cls(_library.call_for_handle("model_load", _library.path_bytes(path), kind="model"))

    @classmethod
    def from_bytes(cls, contents: bytes) -> Model:
        return cls(_library.call_for_handle("model_from_bytes", contents, len(contents), kind="model"))

    def to_bytes(self) -> bytes:
        return _library.call_for_bytes("model_to_bytes", self._handle)

    def save(self, path: str | os.PathLike[str]) -> None:
        _library.call("model_save", self._handle, _library.path_bytes(path))

    def __reduce__(self) -> tuple[Any, ...]:
        return Model.from_bytes, (self.to_bytes(),)

    def __copy__(self) -> Model:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Model:
        return self

    @cached_property
    def description(self) -> dict[str, Any]:
        """Kind, features, units, settings, documents, epochs and history."""
        return _library.call_for_json("model_describe", self._handle)

    @property
    def units(self) -> int:
        return int(self.description["units"])

    @property
    def feature_count(self) -> int:
        return int(self.description["features"])

    @cached_property
    def words(self) -> list[str] | None:
        return read_texts("model_words", self._handle)

    def unknown_words(self, words: Iterable[str]) -> int:
        """How many of the words the model does not have; 0 if it has none at all."""
        return len(set(words) - self._known_words) if self._known_words else 0

    @cached_property
    def _known_words(self) -> frozenset[str]:
        return frozenset(self.words or ())

    @cached_property
    def components(self) -> np.ndarray:
        """Decoder weights, units × features; read-only, since it is made once."""
        weights = np.empty((self.units, self.feature_count), np.float32)
        _library.call("model_components", self._handle, _floats(weights), weights.size)
        weights.flags.writeable = False
        return weights

    def transform(self, corpus: Corpus, threads: int = 0, **options: Any) -> np.ndarray:
        """Codes, documents × units; with ``variance=True`` log-variances in as many further columns."""
        width = self.units * (2 if options.get("variance") else 1)
        codes = np.empty((corpus.shape[0], width), np.float32)
        _library.call(
            "model_transform",
            self._handle,
            corpus._handle,
            _library.encoded(options),
            threads,
            _floats(codes),
            codes.size,
        )
        return codes

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """What the decoder makes of codes, rows × features."""
        codes = np.ascontiguousarray(codes, np.float32)
        features = np.empty((codes.shape[0], self.feature_count), np.float32)
        _library.call("model_decode", self._handle, _floats(codes), *codes.shape, _floats(features), features.size)
        return features

    def losses(self, corpus: Corpus, threads: int = 0) -> np.ndarray:
        """The loss of each document, as float64."""
        losses = np.empty(corpus.shape[0], np.float64)
        _library.call(
            "model_losses", self._handle, corpus._handle, threads, losses.ctypes.data_as(_DOUBLES), len(losses)
        )
        return losses

    def features(self, **options: Any) -> list[dict[str, Any]]:
        """What each unit stands for; see ``gossamer_model_features``."""
        units: list[dict[str, Any]] = _library.call_for_json("model_features", self._handle, _library.encoded(options))[
            "units"
        ]
        return units

    def generate(self, count: int, near: Corpus | None, threads: int = 0, **options: Any) -> Corpus:
        """New documents."""
        arguments = (
            self._handle,
            operator.index(count),
            near._handle if near is not None else None,
            _library.encoded(options),
            threads,
        )
        return Corpus(_jobs.run(partial(_generated, *arguments)))

    def evaluate(self, test: Corpus, train: Corpus | None, threads: int = 0, **options: Any) -> dict[str, Any]:
        """The figures of ``gossamer evaluate --json``."""
        return _library.call_for_json(
            "model_evaluate",
            self._handle,
            train._handle if train is not None else None,
            test._handle,
            _library.encoded(options),
            threads,
        )

    def report(
        self,
        path: str | os.PathLike[str],
        corpus: Corpus | None,
        labels: list[str] | None,
        threads: int = 0,
        **options: Any,
    ) -> None:
        """Writes the page of ``gossamer report``; see ``gossamer_model_report``."""
        texts = EncodedTexts.of(labels) if labels is not None else None
        _library.call(
            "model_report",
            self._handle,
            corpus._handle if corpus is not None else None,
            ctypes.byref(texts.argument) if texts is not None else None,
            _library.path_bytes(path),
            _library.encoded(options),
            threads,
        )


def _trained(name: str, *arguments: Any) -> _library.Handle:
    """The model that a training returns, which tells the last argument of its progress."""
    return _library.call_for_handle(name, *arguments, None, kind="model")


def _generated(*arguments: Any) -> _library.Handle:
    """The documents that are generated, which tells the last argument of its progress."""
    return _library.call_for_handle("model_generate", *arguments, None, kind="corpus")


def _floats(array: np.ndarray) -> Any:
    return array.ctypes.data_as(_FLOATS)


def default_settings(kind: str) -> dict[str, Any]:
    """The settings of a kind of model, ``"sae"`` or ``"vae"``, with all their default values."""
    return _library.call_for_json("default_settings", kind.encode())
