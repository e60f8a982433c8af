"""Makes mutants: the engine's modules with one condition changed."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_TWINS = {"any": "all", "all": "any", "min": "max", "max": "min"}


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One change of a module; `before` and `after` are the code around it."""

    module: str
    line: int
    before: str
    after: str
    tree: ast.Module

    def __str__(self) -> str:
        """Return the place and the change on one line."""
        return f"{self.module}:{self.line}: {self.before}  →  {self.after}"


def mutants_of(module: str, source: str) -> Iterator[Mutant]:
    """Yield a mutant for each comparison inverted, each part of a condition dropped, and each any, all, min, max."""
    tree = ast.parse(source)
    for number, node in enumerate(ast.walk(tree)):
        for change in range(_changes_of(node)):
            mutated = copy.deepcopy(tree)
            target = next(each for at, each in enumerate(ast.walk(mutated)) if at == number)
            before = ast.unparse(target)
            after = _change(target, change)
            line = getattr(target, "lineno", 0)
            yield Mutant(module=module, line=line, before=before, after=after, tree=_fixed(mutated))


def _changes_of(node: ast.AST) -> int:
    match node:
        case ast.Compare():
            return len(node.ops)
        case ast.BoolOp():
            return len(node.values)
        case ast.UnaryOp(op=ast.Not()):
            return 1
        case ast.Call(func=ast.Name(id=name)) if name in _TWINS:
            return 1
        case _:
            return 0


def _change(node: ast.AST, change: int) -> str:
    """Change a node in place, and return its code afterwards."""
    match node:
        case ast.Compare():
            node.ops[change] = _OPPOSITES[type(node.ops[change])]()
        case ast.BoolOp():
            del node.values[change]
            if len(node.values) == 1:
                node.values.append(copy.deepcopy(node.values[0]))
        case ast.UnaryOp():
            node.operand = ast.UnaryOp(op=ast.Not(), operand=node.operand)
        case ast.Call(func=ast.Name() as name):
            name.id = _TWINS[name.id]
    return ast.unparse(node)


def _fixed(tree: ast.Module) -> ast.Module:
    return ast.fix_missing_locations(tree)
