"""Reads action.yml, and rejects everything that the tests do not cover."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml

ROOT = Path(__file__).resolve().parents[2]

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_INPUT = re.compile(r"inputs\.([a-z_]+)")
_OUTPUT = re.compile(r"steps\.([a-z_]+)\.outputs\.([a-z_]+)")


class ActionError(Exception):
    """action.yml or an input is not valid."""


@dataclass(frozen=True, kw_only=True)
class ActionInput:
    description: str
    required: bool
    default: str


@dataclass(frozen=True, kw_only=True)
class Action:
    """A composite action of one step."""

    path: Path
    inputs: Mapping[str, ActionInput]
    outputs: Mapping[str, str]
    step_id: str
    environment: Mapping[str, str]
    script: str

    @classmethod
    def from_directory(cls, path: Path = ROOT) -> Self:
        document = yaml.safe_load((path / "action.yml").read_text(encoding="utf-8"))
        _expect_keys(document, {"name", "description", "author", "branding", "inputs", "outputs", "runs"})
        _expect_keys(document["runs"], {"using", "steps"})
        [step] = document["runs"]["steps"]
        _expect_keys(step, {"id", "name", "shell", "env", "run"})
        if document["runs"]["using"] != "composite" or step["shell"] != "bash":
            raise ActionError("only a composite action with a step for bash can be run")
        return cls(
            path=path,
            inputs={name: _input(name, value) for name, value in document["inputs"].items()},
            outputs={name: value["value"] for name, value in document["outputs"].items()},
            step_id=step["id"],
            environment=step["env"],
            script=step["run"],
        )

    def step_environment(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the step's variables. As on the runner, ``required`` is not enforced."""
        if unknown := given.keys() - self.inputs.keys():
            raise ActionError(f"action.yml has no inputs {sorted(unknown)}")
        values = {name: given.get(name, one.default) for name, one in self.inputs.items()}
        return {
            name: _evaluate(text, lambda it: self._input_value(it, values)) for name, text in self.environment.items()
        }

    def action_outputs(self, step_outputs: Mapping[str, str]) -> dict[str, str]:
        """Return the action's outputs, given those of its step; an output that the step did not set is empty."""
        return {
            name: _evaluate(text, lambda it: self._output_value(it, step_outputs))
            for name, text in self.outputs.items()
        }

    def _input_value(self, expression: str, values: Mapping[str, str]) -> str:
        if expression == "github.action_path":
            return str(self.path)
        match = _INPUT.fullmatch(expression)
        if match is None or match[1] not in values:
            raise ActionError(f"the step uses ${{{{ {expression} }}}}, which is not known here")
        return values[match[1]]

    def _output_value(self, expression: str, step_outputs: Mapping[str, str]) -> str:
        match = _OUTPUT.fullmatch(expression)
        if match is None or match[1] != self.step_id:
            raise ActionError(f"an output uses ${{{{ {expression} }}}}, which is not known here")
        return step_outputs.get(match[2], "")


def _input(name: str, value: Mapping[str, Any]) -> ActionInput:
    _expect_keys(value, {"description", "required", "default"})
    default = value.get("default", "")
    if not isinstance(default, str):
        raise ActionError(f"the default of {name} is not a text: {default!r}")
    return ActionInput(description=value["description"], required=value["required"], default=default)


def _evaluate(text: str, value_of: Callable[[str], str]) -> str:
    return _EXPRESSION.sub(lambda match: value_of(match[1]), text)


def _expect_keys(mapping: Mapping[str, Any], known: set[str]) -> None:
    if unknown := mapping.keys() - known:
        raise ActionError(f"action.yml has keys that are not known here: {sorted(unknown)}")
