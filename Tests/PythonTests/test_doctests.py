"""The examples of docstrings, of both READMEs and of the article."""

import doctest
import importlib
import pkgutil
import re

import pytest
from conftest import ROOT

import gossamer

NAMES = [module.name for module in pkgutil.iter_modules(gossamer.__path__)]
# The shared library has the ending of a module.
MODULES = [
    "gossamer",
    *(f"gossamer.{name}" for name in NAMES if not name.startswith("lib")),
]


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name):
    module = importlib.import_module(name)
    assert doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "Sources/Python/README.md",
        "Sources/Gossamer/Gossamer.docc/Python.md",
    ],
)
def test_pages(page, tmp_path):
    blocks = re.findall(
        r"^```python\n(.*?)^```", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE
    )
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        # Files that an example writes go elsewhere.
        block = re.sub(
            r'"([\w-]+\.(?:safetensors|npz))"',
            lambda found: repr(str(tmp_path / found[1])),
            block,
        )
        exec(compile(block, page, "exec"), names)
