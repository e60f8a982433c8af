"""Fills README.md's tables of inputs and outputs from action.yml."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def filled(text: str, action: dict[str, Any]) -> str:
    """Put the tables of an action into a text between the comments that mark their places."""
    for name, table in (("inputs", _inputs(action["inputs"])), ("outputs", _outputs(action["outputs"]))):
        opening = re.search(rf"<!-- {name}:.*?-->\n", text)
        closing = text.index(f"<!-- /{name} -->")
        if opening is None:
            raise ValueError(f"README.md has no place for the table of {name}")
        text = text[: opening.end()] + table + text[closing:]
    return text


def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    return loaded


def _inputs(inputs: dict[str, dict[str, Any]]) -> str:
    rows = (f"| `{name}` | {_default(spec)} | {_line(spec)} |" for name, spec in inputs.items())
    return "\n".join(["| input | default | meaning |", "| --- | --- | --- |", *rows, ""])


def _outputs(outputs: dict[str, dict[str, Any]]) -> str:
    rows = (f"| `{name}` | {_line(spec)} |" for name, spec in outputs.items())
    return "\n".join(["| output | meaning |", "| --- | --- |", *rows, ""])


def _default(spec: dict[str, Any]) -> str:
    if spec["required"]:
        return "required"
    return f"`{spec['default']}`" if spec["default"] else ""


def _line(spec: dict[str, Any]) -> str:
    return " ".join(str(spec["description"]).split())


if __name__ == "__main__":
    README.write_text(filled(README.read_text(), action()))
