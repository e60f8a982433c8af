from __future__ import annotations

import re

import pytest
import yaml

from qovery_helm_deploy.deployment.asked import Asked
from qovery_helm_deploy.deployment.report import Report
from qovery_helm_deploy.deployment.verdict import Outcome, Verdict
from qovery_helm_deploy.inputs import Inputs
from qovery_helm_deploy.runner.outputs import outputs_of
from tests.readme import README, action, filled

ACTION = action()
STEP = ACTION["runs"]["steps"][0]
REQUIRED = {"helm_id": "5f1d2a60-7c3e-4b8a-9d21-0e6f4c7b1a21", "token": "qovery-token"}


def test_action_yml_has_the_inputs_of_the_model() -> None:
    assert list(ACTION["inputs"]) == list(Inputs.model_fields)


@pytest.mark.parametrize("name", ACTION["inputs"])
def test_env_passes_every_input(name: str) -> None:
    assert STEP["env"][f"INPUT_{name.upper()}"] == f"${{{{ inputs.{name} }}}}"


def test_env_passes_only_inputs() -> None:
    assert set(STEP["env"]) == {f"INPUT_{name.upper()}" for name in ACTION["inputs"]}


def test_defaults_are_those_of_the_model() -> None:
    defaults = {f"INPUT_{name.upper()}": spec.get("default", "") for name, spec in ACTION["inputs"].items()}
    required = {f"INPUT_{name.upper()}": text for name, text in REQUIRED.items()}
    assert Inputs.from_environment(defaults | required) == Inputs.from_environment(required)


def test_required_inputs_are_those_of_the_model() -> None:
    required = [name for name, field in Inputs.model_fields.items() if field.is_required()]
    assert [name for name, spec in ACTION["inputs"].items() if spec["required"]] == required


def test_action_yml_has_every_written_output() -> None:
    report = Report(
        service_id=REQUIRED["helm_id"], asked=Asked(), verdict=Verdict(outcome=Outcome.SUCCEEDED, reason="It ran.")
    )
    assert list(ACTION["outputs"]) == list(outputs_of((report,), redact=str))


@pytest.mark.parametrize("name", ACTION["outputs"])
def test_every_output_comes_from_the_step(name: str) -> None:
    assert ACTION["outputs"][name]["value"] == f"${{{{ steps.{STEP['id']}.outputs.{name} }}}}"


def test_readme_tables_are_up_to_date() -> None:
    text = README.read_text()
    assert filled(text, ACTION) == text


def test_readme_explains_every_outcome() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (yes|no) \|", README.read_text(), flags=re.MULTILINE)
    assert rows == [(outcome.value, "yes" if outcome.is_green else "no") for outcome in Outcome]


def test_action_yml_names_every_outcome() -> None:
    named = re.findall(r"`(\w+)`", ACTION["outputs"]["outcome"]["description"])
    assert named == [outcome.value for outcome in Outcome]


def test_no_step_uses_another_action() -> None:
    assert not [step for step in ACTION["runs"]["steps"] if "uses" in step]


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", README.read_text(), flags=re.DOTALL))
def test_readme_workflows_use_known_inputs_and_outputs(block: str) -> None:
    loaded = yaml.safe_load(block)
    steps = loaded if isinstance(loaded, list) else loaded["jobs"]["deploy"]["steps"]
    used = next(step for step in steps if step.get("id") == "qovery")
    assert set(used["with"]) <= set(ACTION["inputs"])
    assert set(re.findall(r"steps\.qovery\.outputs\.(\w+)", block)) <= set(ACTION["outputs"])


def test_description_fits_the_marketplace() -> None:
    assert len(ACTION["description"]) <= 125


def test_metadata_fits_the_marketplace() -> None:
    # Limits from GitHub's documentation of action metadata and of publishing actions.
    assert set(ACTION["branding"]) == {"icon", "color"}
    assert ACTION["branding"]["color"] in {
        "white",
        "black",
        "yellow",
        "blue",
        "green",
        "orange",
        "red",
        "purple",
        "gray-dark",
    }
    assert len(ACTION["description"]) <= 125
    assert len(ACTION["name"]) <= 64
