"""Texts across the C interface: one buffer in UTF-8 with offsets."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np

from ._library import Handle, Texts, call


class EncodedTexts:
    """Texts in UTF-8, one after the other.

    Parameters
    ----------
    buffer : bytes or str or object with the buffer protocol
        The bytes of all texts. A str has to be ASCII: its own memory is passed on then.
    offsets : ndarray of int64, shape (count + 1,)
        Text ``i`` has the bytes from ``offsets[i]`` up to ``offsets[i + 1]``.
    """

    def __init__(self, buffer: Any, offsets: np.ndarray) -> None:
        self.buffer = buffer
        self.offsets = offsets

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @classmethod
    def of(cls, texts: Iterable[str]) -> EncodedTexts:
        """Encodes texts; lone surrogates become question marks."""
        texts = texts if isinstance(texts, list) else list(texts)
        offsets = np.zeros(len(texts) + 1, np.int64)
        # str.isascii looks at a flag, so this costs little. ASCII texts need no encoding, only joining.
        if all(map(str.isascii, texts)):
            np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=offsets[1:])
            return cls("".join(texts), offsets)
        pieces = [text.encode(errors="replace") for text in texts]
        np.cumsum(np.fromiter(map(len, pieces), np.int64, len(pieces)), out=offsets[1:])
        return cls(b"".join(pieces), offsets)

    @property
    def argument(self) -> Texts:
        """The structure to pass by reference; valid as long as this object."""
        return Texts(len(self), _address(self.buffer), self.offsets.ctypes.data)


def _address(buffer: Any) -> int:
    if isinstance(buffer, str):
        address = _utf8_address(buffer, None)
        assert isinstance(address, int)
        return address
    return np.frombuffer(buffer, np.uint8).ctypes.data if len(buffer) > 0 else 0


_utf8_address = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)(
    ("PyUnicode_AsUTF8AndSize", ctypes.pythonapi)
)


def read_texts(function: str, handle: Handle) -> list[str] | None:
    """The texts that a function of the library tells of a handle; None if it has none."""
    texts = Texts()
    call(function, handle, ctypes.byref(texts))
    if texts.count == 0:
        return None
    offsets = np.ctypeslib.as_array(ctypes.cast(texts.offsets, ctypes.POINTER(ctypes.c_int64)), (texts.count + 1,))
    joined = ctypes.string_at(texts.bytes, int(offsets[-1])) if offsets[-1] > 0 else b""
    try:
        text = joined.decode()
    except UnicodeDecodeError:
        # Labels and ids are bytes of a file.
        return [joined[start:end].decode(errors="replace") for start, end in pairwise(offsets.tolist())]
    if not joined.isascii():
        # Offsets in characters, whose further bytes count for nothing: slicing one text is much faster than decoding
        # each piece.
        is_first = (np.frombuffer(joined, np.uint8) & 0xC0) != 0x80
        offsets = np.concatenate([[0], np.cumsum(is_first)])[offsets]
    return [text[start:end] for start, end in pairwise(offsets.tolist())]
