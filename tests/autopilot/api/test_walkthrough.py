"""docs/api.md is true: every command on it is run against a running server, and every answer on it is compared."""

import json
import re
import shlex
from collections.abc import Iterator
from fnmatch import fnmatchcase
from io import StringIO
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.core.management import call_command

from autopilot import workers
from config.env import ROOT
from tests.autopilot.admin.people import ensure_groups, member

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(sh|http)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VARIABLE = re.compile(r"\$([A-Z_]+)")
ASSIGNMENT = re.compile(r"([A-Z]+)=(?:\$\((.*)\)|(.*))")


class Reader:
    """Somebody who types what the page says, and remembers what the answers say."""

    def __init__(self, **known: str) -> None:
        self.known = known
        self.answer: tuple[int, dict[str, str], str] = (0, {}, "")

    def type(self, line: str) -> None:
        """Do what one line says."""
        if assigned := ASSIGNMENT.fullmatch(line):
            name, command, value = assigned.groups()
            self.known.setdefault(name, self._command(command) if command else value)
        elif line.startswith("curl "):
            self._ask(shlex.split(self._filled(line))[1:])
        else:
            self._command(line)

    def compare(self, shown: str) -> None:
        """Compare the newest answer with what the page shows of it."""
        head, _, body = shown.strip().partition("\n\n")
        first, *headers = head.splitlines()
        status, found, text = self.answer
        assert int(first.split()[1]) == status, (first, text)
        for name, value in (line.split(": ", 1) for line in headers):
            self._match(value, found[name.lower()], name)
        if body:
            self._match(json.loads(body), json.loads(text), "")
        else:
            assert text == ""

    def _command(self, line: str) -> str:
        python, script, name, *arguments = shlex.split(line)
        assert (python, script) == ("python", "manage.py")
        call_command(name, *arguments, stdout=(said := StringIO()), stderr=StringIO())
        return said.getvalue().strip()

    def _ask(self, words: list[str]) -> None:
        """Do what curl does with the few options that the page uses."""
        address, options = words[1], iter(words[2:])
        assert words[0] == "-i"
        request = Request(address)
        for option in options:
            value = next(options)
            if option == "-H":
                request.add_header(*value.split(": ", 1))
            elif option == "-X":
                request.method = value
            else:
                assert option == "--json"
                request.data = value.encode()
                request.add_header("Content-Type", "application/json")
        self.answer = _answered(request)

    def _filled(self, line: str) -> str:
        return VARIABLE.sub(lambda name: self.known[name[1]].replace('"', r"\""), line)

    def _match(self, shown: Any, found: Any, where: str) -> None:
        if isinstance(shown, dict):
            for name, value in shown.items():
                self._match(value, found[name], f"{where}/{name}")
        elif isinstance(shown, list):
            assert len(shown) == len(found), where
            for number, value in enumerate(shown):
                self._match(value, found[number], f"{where}/{number}")
        elif isinstance(shown, str):
            self._match_text(shown, str(found), where)
        else:
            assert shown == found, where

    def _match_text(self, shown: str, found: str, where: str) -> None:
        if (name := VARIABLE.search(shown)) and name[1] not in self.known:
            before = len(VARIABLE.sub("", shown).replace("…", ""))
            self.known[name[1]] = found if before == 0 else found.rpartition("/")[2]
        pattern = VARIABLE.sub(lambda name: self.known[name[1]], shown).replace("[", "[[]").replace("…", "*")
        assert fnmatchcase(found, pattern), f"{where}: {found!r} is not {shown!r}"


def _answered(request: Request) -> tuple[int, dict[str, str], str]:
    try:
        with urlopen(request, timeout=20) as answer:
            return (
                answer.status,
                {name.lower(): value for name, value in answer.headers.items()},
                answer.read().decode(),
            )
    except HTTPError as refusal:
        with refusal:
            headers = {name.lower(): value for name, value in refusal.headers.items()}
            return refusal.code, headers, refusal.read().decode()


def blocks() -> Iterator[tuple[str, str]]:
    yield from BLOCK.findall(PAGE)


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_it_is_true(live_server, settings):
    settings.API_PUMP_SECRET = "a secret of the pump"
    ensure_groups()
    workers.create_missing()
    member("lindqvist", "Operator")
    member("rivera", "Reviewer")
    reader = Reader(BASE=f"{live_server.url}/api/v1", API_PUMP_SECRET=settings.API_PUMP_SECRET)

    for language, text in blocks():
        if language == "http":
            reader.compare(text)
        else:
            for line in text.splitlines():
                reader.type(line)

    assert {"TOKEN", "JOB", "SEEN", "CHECKPOINT", "READ", "APPLICATION"} <= reader.known.keys()


@pytest.mark.once
def test_it_shows_an_answer_to_every_question():
    languages = [language for language, text in blocks() if language == "http" or "curl " in text]

    assert languages == ["sh", "http"] * (len(languages) // 2)
    assert len(languages) > 30
