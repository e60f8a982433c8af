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


def test_every_input_reaches_the_step_under_its_own_name(action: Action) -> None:
    environment = action.step_environment({name: f"value of {name}" for name in action.inputs})

    assert environment == {f"INPUT_{name.upper()}": f"value of {name}" for name in action.inputs}


def test_defaults_are_given_and_required_is_not_enforced(action: Action) -> None:
    environment = action.step_environment({})

    assert environment["INPUT_TIMEOUT"] == "1h"
    assert not environment["INPUT_HELM_ID"]


def test_every_output_is_the_steps_of_the_same_name(action: Action) -> None:
    values = {name: f"value of {name}" for name in action.outputs}

    assert action.action_outputs(values) == values
    assert action.action_outputs({}) == dict.fromkeys(action.outputs, "")


def test_unknown_inputs_are_refused(action: Action) -> None:
    with pytest.raises(ActionError, match="helmid"):
        action.step_environment({"helmid": "x"})


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("inputs.token2", id="no such input"),
        pytest.param("secrets.TOKEN", id="not there in a composite action"),
        pytest.param("inputs.token || 'x'", id="an operator"),
    ],
)
def test_expressions_that_are_not_known_are_refused(tmp_path: Path, expression: str) -> None:
    action = _changed(tmp_path, "${{ inputs.token }}", f"${{{{ {expression} }}}}")

    with pytest.raises(ActionError, match="not known here"):
        action.step_environment({})


def test_keys_that_are_not_known_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ActionError, match="if"):
        _changed(tmp_path, "    - id: deploy\n", "    - id: deploy\n      if: always()\n")


def test_a_default_is_a_text(tmp_path: Path) -> None:
    with pytest.raises(ActionError, match="cancel_on_timeout"):
        _changed(tmp_path, 'default: "false"', "default: false")


def test_the_marketplace_takes_the_description() -> None:
    assert len(yaml.safe_load((ROOT / "action.yml").read_text())["description"]) <= 125
