"""The project's own files, as the rules of the house look at them."""

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from config.env import ROOT

__all__ = ["PACKAGES", "ROOT", "broken", "lines", "modules", "name_of", "project_files"]

PACKAGES = ("config", "autopilot", "programs", "students", "instructors")
NOT_OURS = {"var", "node_modules", "__pycache__"}
KEPT_DOTS = {".ci", ".env.example", ".gitignore"}
TEXT = {"", ".cfg", ".css", ".example", ".html", ".js", ".json", ".md", ".py", ".sh", ".svg", ".toml", ".txt", ".yml"}

Rule = Callable[[ast.Module], Iterator[int]]


def project_files(folder: Path = ROOT) -> Iterator[Path]:
    """Yield every text file of the project, without what tools, runs and the machine leave behind."""
    for path in sorted(folder.iterdir()):
        if path.name in NOT_OURS or (path.name.startswith(".") and path.name not in KEPT_DOTS):
            continue
        if path.is_dir():
            yield from project_files(path)
        elif path.suffix in TEXT:
            yield path


def modules() -> Iterator[Path]:
    """Yield the Python files that run in production, without migrations."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def broken(rule: Rule, allowed: Iterable[str] = ()) -> str:
    """Return a line `file:line` for each place in the modules that breaks the rule; `allowed` files or folders may."""
    return "\n".join(
        f"{name}:{line}"
        for path in modules()
        if not (name := path.relative_to(ROOT).as_posix()).startswith(tuple(allowed))
        for line in rule(ast.parse(path.read_text(encoding="utf-8")))
    )


def lines(rule: Rule, code: str) -> list[int]:
    """Return the lines of a piece of code that break the rule."""
    return sorted(rule(ast.parse(code)))


def name_of(node: ast.AST) -> str:
    """Return the dotted name of an expression, as `timezone.now`; empty for anything but names and attributes."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
