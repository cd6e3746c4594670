"""Features of sparse, high-dimensional data, learned by sparse and variational autoencoders.

Estimators and readers with scikit-learn's interfaces, over an engine whose time and memory follow the entries that are
stored, not documents × features.

- :class:`SparseAutoencoder`, :class:`VariationalAutoencoder`, :func:`load_model`, :func:`search`
- :func:`load_svmlight_file`, :func:`load_svmlight_files`, :func:`dump_svmlight_file`, :func:`read_corpus`,
  :class:`Corpus`
- :class:`CountVectorizer`, :class:`TfidfVectorizer`, :class:`BM25Transformer`
- with other packages, if they are installed: :mod:`gossamer.arrow`, :mod:`gossamer.anndata`, :mod:`gossamer.gensim`,
  :mod:`gossamer.plots`
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError as _PackageNotFoundError
from importlib.metadata import version as _version

from ._bm25 import BM25Transformer
from ._corpus import Corpus, read_corpus
from ._errors import DataError, DefectError, FileError, GossamerError, MissingFileError, UsageError
from ._files import load_model
from ._library import version as engine_version
from ._search import search
from ._sparse_autoencoder import SparseAutoencoder
from ._svmlight import dump_svmlight_file, load_svmlight_file, load_svmlight_files
from ._variational_autoencoder import VariationalAutoencoder
from ._vectorizers import CountVectorizer, TfidfVectorizer

try:
    __version__ = _version("gossamer")
except _PackageNotFoundError:
    __version__ = "0"

__all__ = [
    "BM25Transformer",
    "Corpus",
    "CountVectorizer",
    "DataError",
    "DefectError",
    "FileError",
    "GossamerError",
    "MissingFileError",
    "SparseAutoencoder",
    "TfidfVectorizer",
    "UsageError",
    "VariationalAutoencoder",
    "dump_svmlight_file",
    "engine_version",
    "load_model",
    "load_svmlight_file",
    "load_svmlight_files",
    "read_corpus",
    "search",
]
