"""A workspace and an environment that break or take over programs that read them."""

from collections.abc import Mapping
from pathlib import Path

_POISON = "raise SystemExit('the workspace was imported')\n"
_MODULES = (
    # of the standard library and what it looks for,
    *("json", "signal", "runpy", "hashlib", "sitecustomize", "usercustomize"),
    # of the launcher,
    *("workflow", "launch", "errors"),
    # of the package and its dependencies
    *("qovery_helm_deploy", "anyio", "httpx", "pydantic", "pip", "actions_toolkit", "toy_dependency"),
)
_PIP_OPTIONS = {
    "constraint": "constraints.txt",
    "dry-run": "true",
    "log": "pip.log",
    "no-binary": ":all:",
    "only-binary": ":none:",
    "platform": "plan9",
    "prefix": "elsewhere",
    "python-version": "2.7",
    "report": "report.json",
    "require-virtualenv": "true",
    "requirement": "constraints.txt",
    "root": "elsewhere",
    "target": "elsewhere",
    "user": "true",
}


def fill(workspace: Path) -> None:
    """Write modules and configuration files that a program may read from its working directory."""
    workspace.mkdir(parents=True, exist_ok=True)
    for name in _MODULES:
        (workspace / f"{name}.py").write_text(_POISON)
        (workspace / name).mkdir()
        (workspace / name / "__init__.py").write_text(_POISON)
        (workspace / name / "__main__.py").write_text(_POISON)
    (workspace / "constraints.txt").write_text("httpx==0.1\nanyio==0.1\ntoy-dependency==0.1\n")
    (workspace / "setup.cfg").write_text("[install]\nprefix=elsewhere\n[easy_install]\nindex_url=http://127.0.0.1:1\n")
    (workspace / "pyproject.toml").write_text("[tool.uv]\nno-index = true\n[build-system]\nrequires = ['nothing']\n")
    (workspace / "uv.toml").write_text("no-index = true\n")
    (workspace / ".python-version").write_text("2.7\n")
    (workspace / "pip.conf").write_text(pip_configuration())


def pip_configuration() -> str:
    options = "".join(f"{name} = {value}\n" for name, value in _PIP_OPTIONS.items())
    return f"[global]\n{options}[install]\n{options}"


def environment(workspace: Path) -> Mapping[str, str]:
    """Return variables that the workflow or an earlier step may have set."""
    return {
        **{f"PIP_{name.upper().replace('-', '_')}": value for name, value in _PIP_OPTIONS.items()},
        "PIP_CONFIG_FILE": str(workspace / "pip.conf"),
        "PYTHONHOME": str(workspace),
        "PYTHONINSPECT": "1",
        "PYTHONPATH": str(workspace),
        "PYTHONSTARTUP": str(workspace / "json.py"),
        "PYTHONUSERBASE": str(workspace),
        "PYTHONWARNINGS": "error",
        "UV_NO_INDEX": "1",
        "UV_PROJECT": str(workspace),
        "UV_PYTHON": "2.7",
        "VIRTUAL_ENV": str(workspace),
    }
