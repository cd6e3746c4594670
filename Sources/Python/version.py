"""The version of the package: that of the Swift package, which stands in one place."""

import re
from pathlib import Path

here = Path(__file__).resolve().parent


def package_root() -> Path:
    """The root of the Swift package: two levels up or, in a source distribution, beside this file."""
    inside = here / "swift"
    return inside if inside.exists() else here.parents[1]


def engine_version() -> str:
    file = package_root() / "Sources" / "Gossamer" / "Version.swift"
    found = re.search(r'gossamerVersion = "([^"]+)"', file.read_text())
    if found is None:
        raise ValueError(f"{file} names no version")
    return found.group(1)


__version__ = engine_version()
