"""The options with which the launcher runs pip."""

import io
import tarfile
from pathlib import Path

import pytest
from errors import PipFailedError
from installation import Installation
from interruption import Interruption
from places import Place

from tests.launcher.toy import build_wheel, requirement

_NAME = "toy-dependency"


def _install(directory: Path, requirements: str, **settings: str) -> Path:
    path = directory / "requirements.txt"
    path.write_text(requirements)
    environment = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(directory), "HOME": str(directory), **settings}
    with Installation(path, environment, Interruption()).into([Place(directory / "kept", "key")], "key") as installed:
        return installed


def _build_sdist(directory: Path) -> Path:
    sdist = directory / "toy_dependency-1.0.tar.gz"
    files = {"setup.py": b"raise SystemExit", "PKG-INFO": b"Name: toy-dependency\n"}
    with tarfile.open(sdist, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"toy_dependency-1.0/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return sdist


def test_installs_only_listed_requirements(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path, requires="something-else")

    installed = _install(tmp_path, requirement(wheel))

    assert {path.name for path in installed.glob("*.py")} == {"toy_dependency.py"}


def test_rejects_requirements_without_a_hash(tmp_path: Path) -> None:
    build_wheel(tmp_path)

    with pytest.raises(PipFailedError) as failure:
        _install(tmp_path, f"{_NAME}==1.0\n")

    assert "require-hashes" in failure.value.output


def test_builds_no_source_distribution(tmp_path: Path) -> None:
    sdist = _build_sdist(tmp_path)

    with pytest.raises(PipFailedError, match="found no wheel") as failure:
        _install(tmp_path, requirement(sdist))

    # If pip had used the source, another error would report missing build dependencies.
    assert f"No matching distribution found for {_NAME}" in failure.value.output


def test_hides_credentials_in_pips_output(tmp_path: Path) -> None:
    with pytest.raises(PipFailedError) as failure:
        _install(tmp_path, requirement(build_wheel(tmp_path)), PIP_FIND_LINKS="odd://me:pass-word@host/")

    assert "odd://****@host/" in failure.value.output
    assert "pass-word" not in failure.value.output
