"""No file holds unfinished work, or knows the machine it was written on."""

import ast
import re
from collections.abc import Iterator

import pytest

from config.env import ROOT
from tests.house.source import broken, lines, project_files

pytestmark = pytest.mark.once

# A pair of brackets around one letter keeps these patterns from finding themselves.
UNFINISHED = re.compile(
    r"\b([T]ODO|[F]IXME|[X]XX|[H]ACK|[T]BD|[N]otImplementedError)\b|[n]ot (yet )?implemented|[l]orem ipsum"
)
MACHINE = re.compile(
    r"(?<![/\w])/([w]ork|[r]oot|[h]ome/\w+|[U]sers/\w+)\b|/[t]mp/brief|/[o]pt/(wheels|pypi)|\.[l]ibrary\b|\b[p]yenv\b|[u]venv"
    r"|\b[s]hared/(design|engine|style|queue|security|documents|admin|README|spec|wioa|prototypes)\b|\b[i]ssues show\b"
    r"|\b[s]ubagent|\b[h]elper sessions?\b"
)
FREE_OF_WORDS = {"LICENSE", "requirements.txt"}


def found(pattern: re.Pattern[str]) -> str:
    """Return a line `file:line: match` for each place in the project where the pattern matches."""
    return "\n".join(
        f"{path.relative_to(ROOT)}:{number}: {match[0]}"
        for path in project_files()
        if path.name not in FREE_OF_WORDS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for match in pattern.finditer(line)
    )


def empty_functions(tree: ast.Module) -> Iterator[int]:
    """Yield the lines of functions that do nothing and do not say so, outside protocols and overloads."""
    excused = {
        function
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(base) for base in node.bases)
        for function in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node not in excused:
            overload = any("overload" in ast.unparse(decorator) for decorator in node.decorator_list)
            said_so = "nothing" in (ast.get_docstring(node) or "").lower()
            if not (overload or said_so) and all(_is_empty(statement) for statement in node.body):
                yield node.lineno


def _is_empty(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def test_it_holds_no_unfinished_work():
    places = found(UNFINISHED)

    assert not places, places


def test_it_holds_no_function_that_does_nothing():
    places = broken(empty_functions)

    assert not places, places


def test_it_knows_no_machine():
    places = found(MACHINE)

    assert not places, places


@pytest.mark.parametrize(
    "planted", ["# TO" + "DO: later", "raise NotImplemented" + "Error", "not yet " + "implemented", "FIX" + "ME"]
)
def test_it_finds_planted_unfinished_work(planted):
    assert UNFINISHED.search(planted)


@pytest.mark.parametrize("planted", ["see /wo" + "rk/main", "/home/" + "ann/x", "py" + "env", "sha" + "red/design.md"])
def test_it_finds_a_planted_machine(planted):
    assert MACHINE.search(planted)


@pytest.mark.parametrize("harmless", ["the work of a cluster", "workforce", "/applications/home/", "a shared rule"])
def test_it_passes_words_that_only_look_like_one(harmless):
    assert not MACHINE.search(harmless)


def test_it_finds_a_planted_empty_function_but_passes_protocols():
    stub = 'def submit():\n    """Submit it."""\n'
    protocol = "class Portal(Protocol):\n    def submit(self): ...\n"

    assert lines(empty_functions, stub + protocol) == [1]


def test_it_reads_the_files_it_is_meant_to_read():
    read = {path.relative_to(ROOT).as_posix() for path in project_files()}

    assert {"pyproject.toml", "dev.py", ".ci/run", ".env.example", "tests/house/source.py"} <= read
    assert not {path for path in read if path.startswith((".venv", "var/", ".git/")) or path == ".env"}
