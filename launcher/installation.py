"""Installs the locked dependencies by pip: hashes required, no resolution, wheels only."""

import compileall
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from py_compile import PycInvalidationMode

import workflow
from diagnosis import diagnose
from errors import PipFailedError, UnwritableError
from interruption import Interruption
from pip_process import Answer, Pip
from pip_settings import environment_to_ask, environment_to_install, settings_in, without_credentials
from places import Place, discard

_ALWAYS = ("--no-input", "--disable-pip-version-check", "--no-color")
_QUIET = ("--progress-bar", "off")
_INSTALL = (
    "install",
    "--no-deps",
    "--no-compile",
    "--require-hashes",
    "--only-binary",
    ":all:",
    "--progress-bar",
    "off",
)


class Installation:
    def __init__(self, requirements: Path, environment: Mapping[str, str], interruption: Interruption) -> None:
        self._requirements = requirements
        self._environment = environment
        self._interruption = interruption

    @contextmanager
    def into(self, places: Sequence[Place], key: str) -> Iterator[Path]:
        """Install into the first place that can be written, else into a private directory for this run alone."""
        for place in places:
            try:
                self._install(place)
            except UnwritableError:
                continue
            yield place.directory
            return
        with self._interruption.hold(_private_directory, discard) as root:
            place = Place(root, key)
            self._install(place)
            yield place.directory

    def _install(self, place: Place) -> None:
        with self._interruption.hold(place.stage, discard) as staging:
            place.remove_abandoned()
            self._run_pip(staging)
            place.keep(staging)

    def _run_pip(self, staging: Path) -> None:
        pip = Pip.found(self._interruption)
        workflow.say(f"Installing {self._count()} dependencies (once for this runner)…")
        asked = pip.run(["config", "list", *_ALWAYS], environment_to_ask(self._environment), staging)
        _check(asked)
        environment = environment_to_install(self._environment, settings_in(asked.output))
        target = ("--target", str(staging), "--requirement", str(self._requirements))
        _check(pip.run([*_INSTALL, *_ALWAYS, *target], environment, staging))
        # Not by pip: what it compiles is compiled again wherever a copy of the tool cache has other dates.
        compileall.compile_dir(staging, quiet=2, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)

    def _count(self) -> int:
        return self._requirements.read_text(encoding="utf-8").count("==")


def _check(answer: Answer) -> None:
    if answer.status:
        output = without_credentials(answer.output)
        cause = diagnose(output)
        raise PipFailedError(cause.message, hint=cause.hint, output=output)


def _private_directory() -> Path:
    return Path(tempfile.mkdtemp(prefix="qovery-helm-deploy-"))
