"""Builds the engine's shared library and puts it beside the package's modules.

``GOSSAMER_LIBRARY`` names a library that is already built. ``GOSSAMER_SWIFT_FLAGS`` has further arguments of
``swift build``, such as ``--scratch-path``.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LIBRARY = "libCGossamer.so"


# Packages whose libraries every Linux has, so that a wheel does not bundle them.
SYSTEM_PACKAGES = {"libc6", "libgcc-s1", "libstdc++6", "zlib1g"}


def library_licenses(library: Path) -> dict[str, Path]:
    """The licences of the libraries that a repaired wheel bundles, by the names of their packages.

    Debian and its kin keep them; elsewhere none are found, and who distributes a wheel adds them.
    """
    if shutil.which("dpkg") is None:
        return {}
    listed = subprocess.run(["ldd", library], check=True, capture_output=True, text=True).stdout
    licenses = {}
    for path in re.findall(r"=> (\S+)", listed):
        for place in {os.path.realpath(path), path, f"/usr{path}"}:
            owner = subprocess.run(["dpkg", "-S", place], check=False, capture_output=True, text=True).stdout
            package = owner.partition(":")[0]
            license = Path("/usr/share/doc") / package / "copyright"
            if package and package not in SYSTEM_PACKAGES and license.exists():
                licenses[package] = license
    for toolchain in Path(shutil.which("swift") or "/usr/bin/swift").resolve().parents:
        if (license := toolchain / "share/swift/LICENSE.txt").exists():
            licenses["swift"] = license
    return licenses


class LibraryHook(BuildHookInterface):
    """A hook of hatchling."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "sdist":
            build_data["force_include"].update(self.swift_sources())
        elif version != "editable":
            # One library for every Python, since it is called through ctypes.
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform}"
            library = self.library()
            build_data["force_include"][str(library)] = f"gossamer/{LIBRARY}"
            build_data["extra_metadata"][str(self.package / "LICENSE")] = "LICENSE"
            for name, path in library_licenses(library).items():
                build_data["extra_metadata"][str(path)] = f"licenses/{name}"

    @property
    def package(self) -> Path:
        inside = Path(self.root) / "swift"
        return inside if inside.exists() else Path(self.root).parents[1]

    def library(self) -> Path:
        if named := os.environ.get("GOSSAMER_LIBRARY"):
            return Path(named)
        if shutil.which("swift") is None:
            raise RuntimeError(
                "found no swift to build the engine with; install Swift 6.3 or later from swift.org, or name a library "
                "that is already built in the environment variable GOSSAMER_LIBRARY"
            )
        command = ["swift", "build", "-c", "release", "--product", "CGossamer"]
        command += shlex.split(os.environ.get("GOSSAMER_SWIFT_FLAGS", ""))
        self.app.display_info(f"{shlex.join(command)} in {self.package}")
        subprocess.run(command, cwd=self.package, check=True)
        shown = subprocess.run(
            [*command, "--show-bin-path"], cwd=self.package, check=True, capture_output=True, text=True
        )
        return Path(shown.stdout.strip()) / LIBRARY

    def swift_sources(self) -> dict[str, str]:
        """What an sdist holds beside: the Swift package, but for this folder and what is hidden or built."""
        sources = {str(self.package / name): f"swift/{name}" for name in ("Package.swift", "LICENSE")}
        for folder in ("Sources", "Tests"):
            for entry in sorted((self.package / folder).iterdir()):
                if entry.name not in ("Python", "PythonTests"):
                    sources[str(entry)] = f"swift/{folder}/{entry.name}"
        return sources
