from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from qovery_helm_deploy.deployment.verdict import Outcome
from qovery_sandbox import SCENARIOS
from tests.readme import README, ROOT, action

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACTION = action()
USES = "qovery-helm-deploy/qovery-helm-deploy@v1"
BIN = ROOT / ".venv" / "bin"
DOCS = ROOT / "docs"
INDEX = DOCS / "README.md"
OUTCOMES = DOCS / "outcomes.md"
ARCHITECTURE = DOCS / "architecture.md"
PAGES = sorted(DOCS.rglob("*.md"))
HOW_TO = sorted((DOCS / "how-to").glob("*.md"))
MODULES = [path for directory in ("src", "launcher") for path in (ROOT / directory).rglob("*.py")]

_FENCE = re.compile(r"^```.*?^```$", flags=re.DOTALL | re.MULTILINE)
_YAML = re.compile(r"^```yaml\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", flags=re.MULTILINE)
_MODULE = re.compile(r"`([\w/]+\.py)`")
_OUTPUT = re.compile(r"\bsteps\.(\w+)\.outputs\.(\w+)")


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """A workflow that a page shows."""

    text: str
    parsed: dict[str, Any]

    @property
    def jobs(self) -> list[dict[str, Any]]:
        return list(self.parsed["jobs"].values())

    @property
    def steps(self) -> list[dict[str, Any]]:
        return [step for job in self.jobs for step in job["steps"]]


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link from a page to another place in this repository."""

    page: Path
    target: str

    @property
    def file(self) -> Path:
        path = self.target.partition("#")[0]
        return (self.page.parent / path).resolve() if path else self.page

    @property
    def anchor(self) -> str:
        return self.target.partition("#")[2]


def workflows_of(page: Path) -> Iterator[Workflow]:
    for text in _YAML.findall(page.read_text()):
        parsed = yaml.safe_load(text)
        if isinstance(parsed, dict) and "jobs" in parsed:
            yield Workflow(text=text, parsed=parsed)


def links_of(page: Path) -> Iterator[Link]:
    for target in dict.fromkeys(_LINK.findall(_without_code(page))):
        if not re.match(r"[a-z]+:", target):
            yield Link(page=page, target=target)


def anchors_of(page: Path) -> set[str]:
    """Name the headings of a page as GitHub does."""
    anchors: dict[str, None] = {}
    for heading in _HEADING.findall(_without_code(page)):
        anchor = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        number = sum(re.fullmatch(rf"{re.escape(anchor)}(-\d+)?", known) is not None for known in anchors)
        anchors[f"{anchor}-{number}" if number else anchor] = None
    return set(anchors)


def sections_of(page: Path) -> list[tuple[str, str]]:
    """Split a page into its second-level headings, each with the first words below it."""
    return re.findall(r"^## (.+)\n\n(\S+)", _without_code(page), flags=re.MULTILINE)


def _without_code(page: Path) -> str:
    return _FENCE.sub("", page.read_text())


def _named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


EVERY_WORKFLOW = [
    pytest.param(workflow, id=f"{_named(page)} {number}")
    for page in (README, *PAGES)
    for number, workflow in enumerate(workflows_of(page), start=1)
]
EVERY_LINK = [
    pytest.param(link, id=f"{_named(page)} to {link.target}") for page in (README, *PAGES) for link in links_of(page)
]


@pytest.fixture(scope="module")
def actionlint() -> Path:
    found = sorted(BIN.glob("actionlint-*"))
    if not found:
        pytest.fail("actionlint is missing; `make lint` builds it")
    return found[-1]


@pytest.mark.parametrize("workflow", EVERY_WORKFLOW)
def test_actionlint_accepts_workflow(workflow: Workflow, actionlint: Path) -> None:
    command = [str(actionlint), "-no-color", "-shellcheck", str(BIN / "shellcheck"), "-pyflakes", "", "-"]
    linted = subprocess.run(  # noqa: S603
        command, input=workflow.text, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (linted.stdout, linted.stderr, linted.returncode) == ("", "", 0)


def test_zizmor_accepts_every_workflow(tmp_path: Path) -> None:
    config = yaml.safe_load((ROOT / ".github" / "zizmor.yml").read_text())
    # A job without a name is shown by its id, which is shorter to read here.
    config["rules"]["anonymous-definition"] = {"disable": True}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    for number, parameters in enumerate(EVERY_WORKFLOW):
        [workflow] = parameters.values
        assert isinstance(workflow, Workflow)
        (tmp_path / f"{number}.yml").write_text(workflow.text)
    command = [str(BIN / "zizmor"), "--quiet", "--offline", "--persona", "pedantic", "--config", "config.yaml"]
    files = [path.name for path in sorted(tmp_path.glob("*.yml"))]
    audited = subprocess.run([*command, *files], cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603
    assert files
    assert audited.returncode == 0, audited.stdout + audited.stderr


@pytest.mark.parametrize("workflow", EVERY_WORKFLOW)
def test_workflow_uses_declared_inputs(workflow: Workflow) -> None:
    deployments = [step for step in workflow.steps if step.get("uses") == USES]
    required = {name for name, spec in ACTION["inputs"].items() if spec["required"]}
    assert deployments
    for step in deployments:
        assert required <= set(step["with"]) <= set(ACTION["inputs"])


@pytest.mark.parametrize("workflow", EVERY_WORKFLOW)
def test_workflow_reads_declared_outputs(workflow: Workflow) -> None:
    for job in workflow.jobs:
        deployments = {step.get("id") for step in job["steps"] if step.get("uses") == USES}
        read = {name for step_id, name in _OUTPUT.findall(yaml.safe_dump(job)) if step_id in deployments}
        assert read <= set(ACTION["outputs"])


@pytest.mark.parametrize("workflow", EVERY_WORKFLOW)
def test_workflow_has_no_default_permissions(workflow: Workflow) -> None:
    assert workflow.parsed["permissions"] == {}


@pytest.mark.parametrize("workflow", EVERY_WORKFLOW)
def test_workflow_has_no_expression_in_script(workflow: Workflow) -> None:
    assert not [step["run"] for step in workflow.steps if "${{" in step.get("run", "")]


@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem) for page in HOW_TO])
def test_how_to_has_workflow(page: Path) -> None:
    assert list(workflows_of(page))


@pytest.mark.parametrize("link", EVERY_LINK)
def test_link_target_exists(link: Link) -> None:
    assert link.file.is_relative_to(ROOT)
    assert link.file.exists()
    assert not link.anchor or link.anchor in anchors_of(link.file)


def test_index_lists_every_page() -> None:
    assert {README, *PAGES} - {INDEX} <= {link.file for link in links_of(INDEX)}


@pytest.mark.parametrize("name", sorted(set(_MODULE.findall(ARCHITECTURE.read_text()))))
def test_architecture_names_existing_module(name: str) -> None:
    assert any(path.as_posix().endswith(f"/{name}") for path in MODULES)


def test_outcomes_page_has_every_outcome() -> None:
    expected = [(outcome.value, "**Green.**" if outcome.is_green else "**Red.**") for outcome in Outcome]
    assert sections_of(OUTCOMES) == expected


def test_outputs_page_uses_every_output() -> None:
    (workflow,) = workflows_of(DOCS / "how-to" / "use-the-outputs.md")
    assert {name for _, name in _OUTPUT.findall(workflow.text)} == set(ACTION["outputs"])


def test_sandbox_page_lists_every_scenario() -> None:
    page = (DOCS / "how-to" / "try-without-qovery.md").read_text()
    rows = re.findall(r"^\| `(.+)` \| (.+) \|$", page, flags=re.MULTILINE)
    assert rows == [(name, scenario.description) for name, scenario in SCENARIOS.items()]
