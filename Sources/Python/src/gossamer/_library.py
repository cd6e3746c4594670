"""The C interface: the shared library, its types and functions, and calls that raise exceptions.

All that is declared here stands in ``gossamer.h``.
"""

from __future__ import annotations

import ctypes
import json
import math
import numbers
import os
from collections.abc import Mapping
from ctypes import POINTER, c_char_p, c_double, c_float, c_int32, c_int64, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

from ._errors import UsageError, error_for

LIBRARY_NAME = "libCGossamer.so"
"""The file name of the shared library, beside this module once the package is installed."""

INT32, INT64, UINT32, FLOAT32, FLOAT64 = 1, 2, 3, 4, 5
"""``gossamer_type``."""


class Matrix(ctypes.Structure):
    """``gossamer_matrix``: a matrix in compressed sparse rows."""

    _fields_ = [
        ("rows", c_int64),
        ("columns", c_int64),
        ("indptr", c_void_p),
        ("indices", c_void_p),
        ("data", c_void_p),
        ("indptr_type", c_int32),
        ("indices_type", c_int32),
        ("data_type", c_int32),
    ]


class Texts(ctypes.Structure):
    """``gossamer_texts``: texts in UTF-8, one after the other."""

    _fields_ = [("count", c_int64), ("bytes", c_void_p), ("offsets", c_void_p)]


class String(ctypes.Structure):
    """``gossamer_string``: text that the library has allocated."""

    _fields_ = [("bytes", c_void_p), ("length", c_int64)]


Progress = ctypes.CFUNCTYPE(c_int32, c_void_p, c_char_p)
"""``gossamer_progress``."""

_HANDLE = c_void_p
_OUT = POINTER(c_void_p)

# The parameters of each function that returns a status, without the last one, the address of an error.
_FUNCTIONS: dict[str, list[Any]] = {
    "version": [POINTER(String)],
    "corpus_read": [c_char_p, c_char_p, _OUT],
    "corpus_from_matrix": [POINTER(Matrix), POINTER(Texts), c_void_p, c_void_p, _OUT],
    "corpus_count": [POINTER(Texts), c_char_p, POINTER(Texts), c_int32, _OUT],
    "corpus_matrix": [_HANDLE, POINTER(Matrix)],
    "corpus_describe": [_HANDLE, POINTER(String)],
    "corpus_words": [_HANDLE, POINTER(Texts)],
    "corpus_ids": [_HANDLE, POINTER(Texts)],
    "corpus_labels": [_HANDLE, POINTER(Texts)],
    "corpus_number_labels": [_HANDLE, POINTER(c_double), c_int64],
    "corpus_qids": [_HANDLE, POINTER(c_int64), c_int64],
    "corpus_write": [_HANDLE, c_char_p],
    "model_train": [_HANDLE, c_char_p, c_int32, Progress, c_void_p, _OUT],
    "model_continue": [_HANDLE, _HANDLE, c_char_p, c_int32, Progress, c_void_p, _OUT],
    "default_settings": [c_char_p, POINTER(String)],
    "model_load": [c_char_p, _OUT],
    "model_save": [_HANDLE, c_char_p],
    "model_to_bytes": [_HANDLE, POINTER(String)],
    "model_from_bytes": [c_char_p, c_int64, _OUT],
    "model_describe": [_HANDLE, POINTER(String)],
    "model_words": [_HANDLE, POINTER(Texts)],
    "model_transform": [_HANDLE, _HANDLE, c_char_p, c_int32, POINTER(c_float), c_int64],
    "model_decode": [_HANDLE, POINTER(c_float), c_int64, c_int64, POINTER(c_float), c_int64],
    "model_components": [_HANDLE, POINTER(c_float), c_int64],
    "model_losses": [_HANDLE, _HANDLE, c_int32, POINTER(c_double), c_int64],
    "model_features": [_HANDLE, c_char_p, POINTER(String)],
    "model_generate": [_HANDLE, c_int64, _HANDLE, c_char_p, c_int32, Progress, c_void_p, _OUT],
    "model_report": [_HANDLE, _HANDLE, POINTER(Texts), c_char_p, c_char_p, c_int32],
    "search": [_HANDLE, c_char_p, c_int32, Progress, c_void_p, POINTER(String)],
    "model_evaluate": [_HANDLE, _HANDLE, _HANDLE, c_char_p, c_int32, POINTER(String)],
}

# The other functions: their parameters and what they return.
_OTHERS: dict[str, tuple[list[Any], Any]] = {
    "error_message": ([_HANDLE], c_char_p),
    "error_file": ([_HANDLE], c_char_p),
    "error_line": ([_HANDLE], c_int64),
    "error_column": ([_HANDLE], c_int64),
    "error_free": ([_HANDLE], None),
    "choose_kernels": ([], None),
    "string_free": ([String], None),
    "corpus_free": ([_HANDLE], None),
    "model_free": ([_HANDLE], None),
}


def library_path() -> Path:
    """Where the shared library is.

    The environment variable ``GOSSAMER_LIBRARY`` names it; without one it is the library beside this module or, of a
    package that is used where its sources are, the one that ``swift build -c release`` has made.
    """
    if named := os.environ.get("GOSSAMER_LIBRARY"):
        return Path(named)
    here = Path(__file__).resolve()
    places = [here.with_name(LIBRARY_NAME)]
    if len(here.parents) > 4:
        places.append(here.parents[4] / ".build" / "release" / LIBRARY_NAME)
    for place in places:
        if place.exists():
            return place
    raise ImportError(
        f"found no {LIBRARY_NAME} in {' or '.join(str(place.parent) for place in places)}; install the package with "
        "pip, or name the library in the environment variable GOSSAMER_LIBRARY"
    )


@cache
def library() -> ctypes.CDLL:
    """The shared library with all functions declared; loaded when it is first needed."""
    loaded = ctypes.CDLL(os.fspath(library_path()))
    for name, parameters in _FUNCTIONS.items():
        function = getattr(loaded, f"gossamer_{name}")
        function.argtypes = [*parameters, _OUT]
        function.restype = c_int32
    for name, (parameters, result) in _OTHERS.items():
        function = getattr(loaded, f"gossamer_{name}")
        function.argtypes = parameters
        function.restype = result
    # Only of a library that comes with an OpenBLAS of its own: another one may be at work for NumPy.
    if library_path().parent.with_name("gossamer.libs").is_dir():
        loaded.gossamer_choose_kernels()
    return loaded


def call(name: str, *arguments: Any) -> None:
    """Calls a function that returns a status; raises an exception unless that is 0."""
    loaded = library()
    error = c_void_p()
    for argument, parameter in zip(arguments, _FUNCTIONS[name]):
        _require_fit(argument, parameter)
    status = getattr(loaded, f"gossamer_{name}")(*arguments, ctypes.byref(error))
    if status == 0:
        return
    if not error:
        raise error_for(status, f"gossamer_{name} failed with status {status}")
    try:
        message, file = loaded.gossamer_error_message(error), loaded.gossamer_error_file(error)
        raise error_for(
            status,
            message.decode(errors="replace"),
            os.fsdecode(file) if file else None,
            loaded.gossamer_error_line(error) or None,
            loaded.gossamer_error_column(error) or None,
        )
    finally:
        loaded.gossamer_error_free(error)


def _require_fit(argument: Any, parameter: Any) -> None:
    """Refuses whole numbers that ctypes would cut to the bits of their parameter."""
    if parameter in (c_int32, c_int64) and parameter(argument).value != argument:
        most = 2 ** (8 * ctypes.sizeof(parameter) - 1) - 1
        raise UsageError(f"found {argument}; expected a number of at most {most}")


class Handle:
    """An object of the library, which is freed with this one.

    Parameters
    ----------
    value : int
        The library's pointer.
    kind : {"corpus", "model"}
    keep : object, optional
        What the library reads in place, and so has to live as long.
    """

    def __init__(self, value: int, kind: str, keep: object = None) -> None:
        self._as_parameter_ = c_void_p(value)
        self._free = getattr(library(), f"gossamer_{kind}_free")
        self._keep = keep

    def __del__(self) -> None:
        if free := getattr(self, "_free", None):
            free(self)


def call_for_handle(name: str, *arguments: Any, kind: str, keep: object = None) -> Handle:
    """Calls a function whose last argument is the address of a handle."""
    handle = c_void_p()
    call(name, *arguments, ctypes.byref(handle))
    assert handle.value is not None
    return Handle(handle.value, kind, keep)


def call_for_bytes(name: str, *arguments: Any) -> bytes:
    """Calls a function whose last argument is the address of a string."""
    string = String()
    call(name, *arguments, ctypes.byref(string))
    try:
        return ctypes.string_at(string.bytes, string.length)
    finally:
        library().gossamer_string_free(string)


def call_for_json(name: str, *arguments: Any) -> dict[str, Any]:
    """Calls a function whose last argument is the address of a string, which holds a JSON object."""
    parsed: dict[str, Any] = json.loads(call_for_bytes(name, *arguments))
    return parsed


def encoded(options: Mapping[str, Any]) -> bytes:
    """Options as JSON, without members that are None."""
    chosen = {key: value for key, value in options.items() if value is not None}
    _require_finite(chosen)
    return json.dumps(chosen, default=_plain).encode()


def _require_finite(options: Mapping[str, Any]) -> None:
    """Refuses numbers that JSON does not have."""
    for name, value in options.items():
        if isinstance(value, Mapping):
            _require_finite(value)
        elif isinstance(value, numbers.Real) and not math.isfinite(value):
            raise UsageError(f"{name}: found {value}; expected a finite number")


def _plain(value: Any) -> Any:
    """A number of NumPy as Python has it."""
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"found {value!r}; expected a number, text or a list of such")


def path_bytes(path: str | os.PathLike[str]) -> bytes:
    """A path as the library takes it; ``~`` is not expanded."""
    encoded = os.fsencode(path)
    if b"\0" in encoded:
        raise ValueError(f"found {path!r}; expected a path without a zero byte")
    return encoded


def version() -> dict[str, Any]:
    """The engine's version, its kernels and the versions of its libraries, as ``gossamer --version --json``."""
    return call_for_json("version")
