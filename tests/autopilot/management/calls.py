"""Run a command as a shell does, in this process: its two streams, and its exit code."""

import io
import json
from dataclasses import dataclass
from typing import Any

from django.core.management import CommandError, get_commands, load_command_class


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@dataclass(frozen=True)
class Ran:
    """What a command said, and how it ended."""

    out: str
    err: str
    code: int

    @property
    def json(self) -> Any:
        """The answer, which is one document of JSON."""
        return json.loads(self.out)

    @property
    def outcomes(self) -> list[str]:
        """The outcome of each deed."""
        return [row["outcome"] for row in self.json]


def run(name: str, *words: object, stdout: io.StringIO | None = None) -> Ran:
    """Run a command with the words that would stand behind its name."""
    out, err = stdout or io.StringIO(), io.StringIO()
    command = load_command_class(get_commands()[name], name)
    setattr(command, "_called_from_command_line", True)  # noqa: B010 (no attribute that its stubs know)
    code = 0
    try:
        options = vars(command.create_parser("manage.py", name).parse_args([str(word) for word in words]))
        arguments = options.pop("args", ())
        command.execute(*arguments, **options, stdout=out, stderr=err)
    except CommandError as error:
        err.write(str(error))
        code = error.returncode
    except SystemExit as end:
        code = int(end.code or 0)
    return Ran(out.getvalue(), err.getvalue(), code)


def run_json(name: str, *words: object) -> Ran:
    """Run a command that shall answer in JSON."""
    return run(name, *words, "--format", "json")
