"""The library's functions are those of its header, no more and no fewer."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gossamer._library import library_path

HEADER = Path(__file__).parents[2] / "Sources/CGossamerInterface/include/gossamer.h"


@pytest.mark.skipif(shutil.which("nm") is None, reason="needs nm, of binutils")
def test_exported_functions_are_those_of_the_header():
    declared = set(re.findall(r"\b(gossamer_\w+)\(", HEADER.read_text()))
    symbols = subprocess.run(
        ["nm", "--dynamic", "--defined-only", os.fspath(library_path())],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    exported = set(re.findall(r" T (gossamer_\w+)$", symbols, re.MULTILINE))
    assert len(declared) > 30
    assert exported == declared
