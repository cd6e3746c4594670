"""Exceptions of the package."""

from __future__ import annotations

import os


class GossamerError(Exception):
    """The base class of all errors that the engine reports.

    Parameters
    ----------
    message : str
        What was found, what was expected, and what to do.
    file : str, optional
        The file that the error is about.
    line, column : int, optional
        The place in that file, counted from 1.
    """

    def __init__(
        self, message: str, file: str | None = None, line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(message)
        self.file = file
        self.line = line
        self.column = column

    def __str__(self) -> str:
        # OSError would show its own attributes.
        return str(self.args[0]) if self.args else ""


class UsageError(GossamerError, ValueError):
    """Wrong arguments or settings."""


class DataError(GossamerError, ValueError):
    """Bad data, in a file or in arrays."""


class FileError(GossamerError, OSError):
    """A file cannot be opened, created, read or written."""


class MissingFileError(FileError, FileNotFoundError):
    """A file does not exist."""


class DefectError(GossamerError, RuntimeError):
    """A defect of the engine."""


class Cancelled(GossamerError):
    """A callback asked to stop; what it asked for is raised in its place."""


_USAGE, _DATA, _NO_INPUT, _CANNOT_CREATE, _IO, _CANCELLED = 64, 65, 66, 73, 74, 75

_TYPES: dict[int, type[GossamerError]] = {
    _USAGE: UsageError,
    _DATA: DataError,
    _NO_INPUT: FileError,
    _CANNOT_CREATE: FileError,
    _IO: FileError,
    _CANCELLED: Cancelled,
}


def error_for(
    status: int, message: str, file: str | None = None, line: int | None = None, column: int | None = None
) -> GossamerError:
    """The exception for a status of the C interface that is not 0."""
    kind = _TYPES.get(status, DefectError)
    if status == _NO_INPUT and file is not None and not os.path.exists(file):
        kind = MissingFileError
    return kind(message, file, line, column)
