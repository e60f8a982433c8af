from pathlib import Path

import pytest
import yaml

from tests.harness import Action, ActionError
from tests.harness.action import ROOT


@pytest.fixture
def action() -> Action:
    return Action.from_directory()


def _changed(directory: Path, old: str, new: str) -> Action:
    text = (ROOT / "action.yml").read_text()
    assert old in text
    (directory / "action.yml").write_text(text.replace(old, new))
    return Action.from_directory(directory)


def test_passes_every_input_to_the_step(action: Action) -> None:
    environment = action.step_environment({name: f"value of {name}" for name in action.inputs})

    assert environment == {f"INPUT_{name.upper()}": f"value of {name}" for name in action.inputs}


def test_uses_defaults_and_ignores_required(action: Action) -> None:
    environment = action.step_environment({})

    assert environment["INPUT_TIMEOUT"] == "1h"
    assert not environment["INPUT_HELM_ID"]


def test_takes_every_output_from_the_step(action: Action) -> None:
    values = {name: f"value of {name}" for name in action.outputs}

    assert action.action_outputs(values) == values
    assert action.action_outputs({}) == dict.fromkeys(action.outputs, "")


def test_rejects_unknown_inputs(action: Action) -> None:
    with pytest.raises(ActionError, match="helmid"):
        action.step_environment({"helmid": "x"})


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("inputs.token2", id="unknown input"),
        pytest.param("secrets.TOKEN", id="context without secrets"),
        pytest.param("inputs.token || 'x'", id="operator"),
    ],
)
def test_rejects_unknown_expressions(tmp_path: Path, expression: str) -> None:
    action = _changed(tmp_path, "${{ inputs.token }}", f"${{{{ {expression} }}}}")

    with pytest.raises(ActionError, match="not known here"):
        action.step_environment({})


def test_rejects_unknown_keys(tmp_path: Path) -> None:
    with pytest.raises(ActionError, match="if"):
        _changed(tmp_path, "    - id: deploy\n", "    - id: deploy\n      if: always()\n")


def test_rejects_defaults_that_are_not_text(tmp_path: Path) -> None:
    with pytest.raises(ActionError, match="cancel_on_timeout"):
        _changed(tmp_path, 'default: "false"', "default: false")


def test_description_fits_the_marketplace() -> None:
    assert len(yaml.safe_load((ROOT / "action.yml").read_text())["description"]) <= 125
