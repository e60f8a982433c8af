"""Installs the locked dependencies by pip: hashes required, no resolution, wheels only."""

import compileall
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from py_compile import PycInvalidationMode

import workflow
from credentials import Credentials
from diagnosis import DISK_FULL, diagnose, without_traces
from errors import PipFailedError, PlaceError
from interruption import Interruption
from pip_process import Answer, Pip
from pip_settings import environment_to_ask, environment_to_install, settings_in
from places import Place, discard, private_place

_ALWAYS = ("--no-input", "--disable-pip-version-check", "--no-color")
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
        """Install into the first place that can hold it, the last one a private directory for this run alone."""
        reasons: list[str] = []
        for place in places:
            try:
                self._install(place)
            except PlaceError as error:
                reasons += error.reasons
                continue
            yield place.directory
            return
        with self._interruption.hold(lambda: private_place(key), lambda place: discard(place.root)) as place:
            try:
                self._install(place)
            except PlaceError as error:
                raise PlaceError(*reasons, *error.reasons) from error
            yield place.directory

    def _install(self, place: Place) -> None:
        with self._interruption.hold(place.stage, discard) as staging:
            place.remove_abandoned()
            with place.guarded():
                self._run_pip(place, staging)
            place.keep(staging)

    def _run_pip(self, place: Place, staging: Path) -> None:
        pip = Pip.found(self._interruption)
        workflow.say(f"Installing {self._count()} dependencies (once for this runner)…")
        # Empty: the workspace's configuration of packaging tools is none of pip's business.
        scratch = staging / ".pip"
        scratch.mkdir()
        asked = pip.run(["config", "list", *_ALWAYS], environment_to_ask(self._environment), scratch)
        settings = settings_in(asked.output)
        self._check(asked, settings, place)
        target = ("--target", str(staging), "--requirement", str(self._requirements))
        environment = environment_to_install(self._environment, settings)
        self._check(pip.run([*_INSTALL, *_ALWAYS, *target], environment, scratch), settings, place)
        discard(scratch)
        # Not by pip: what it compiles is compiled again wherever a copy of the tool cache has other dates.
        compileall.compile_dir(staging, quiet=2, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)

    def _check(self, answer: Answer, settings: Mapping[str, str], place: Place) -> None:
        if not answer.status:
            return
        credentials = Credentials.of(self._environment, settings)
        cause = diagnose(answer.output, settings, credentials)
        if cause is DISK_FULL:
            raise PlaceError(f"{place.root}: the disk is full")
        output = credentials.hidden_in(without_traces(answer.output))
        raise PipFailedError(cause.message, hint=cause.hint, output=output)

    def _count(self) -> int:
        return self._requirements.read_text(encoding="utf-8").count("==")
