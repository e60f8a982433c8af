"""Every message that a user may see, for review: ``make messages`` writes tests/data/messages.txt."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
LIST = Path(__file__).with_name("data") / "messages.txt"
_SOURCES = ("src/qovery_helm_deploy", "launcher")
#: A message has at least two words, one of which is not the name of something.
_MESSAGE = re.compile(r".*[a-z]{2,}\S* \S*[a-z]{2,}.*", re.DOTALL)


def messages() -> str:
    """Return the texts in the code of the action, by module; `{…}` stands for a value."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    for source in _SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            texts = list(dict.fromkeys(_texts(ast.parse(path.read_text(encoding="utf-8")))))
            if texts:
                yield f"{path.relative_to(ROOT).as_posix()}\n" + "\n".join(f"    {text}" for text in texts) + "\n"


def _texts(module: ast.Module) -> Iterator[str]:
    """Yield the texts of a module in their order, but no docstrings and no parts of other texts."""
    inner = {id(part) for node in ast.walk(module) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    docstrings = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    found = [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and id(node) not in inner | docstrings)
    ]
    for node in sorted(found, key=lambda each: (each.lineno, each.col_offset)):
        text = _text_of(node)
        if _MESSAGE.fullmatch(text):
            yield text.replace("\n", "\\n")


def _text_of(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_text_of(value) for value in values)
        case ast.FormattedValue(value=value):
            return f"{{{ast.unparse(value)}}}"
        case _:
            return ""


if __name__ == "__main__":
    LIST.write_text(messages(), encoding="utf-8")
    sys.stdout.write(f"{LIST.relative_to(ROOT)} has {LIST.read_text(encoding='utf-8').count('    ')} messages\n")
