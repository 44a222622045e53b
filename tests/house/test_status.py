"""A status changes in the one module that owns it, and nowhere else (engine.md calls this "one writer of status")."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.source import broken, lines

pytestmark = pytest.mark.once

OWNERS = [
    "autopilot/engine/transitions.py",  # of a job
    "autopilot/engine/statements/",  # the same moves, written as SQL where they are hot
    "autopilot/engine/decisions.py",  # of a checkpoint: decided,
    "autopilot/engine/controls.py",  # cancelled with its job,
    "autopilot/sweep/expiry.py",  # or left undecided for too long
    "autopilot/submissions/states.py",  # of a submission
    "autopilot/outbox.py",  # of a message
    "autopilot/fillable_forms/shelf.py",  # of an edition of a form
    "autopilot/document_types/versions.py",  # of a version of a template
    "autopilot/webhooks/",  # of a delivery
    "autopilot/api/idempotency.py",  # of an answer: HTTP's, and no row's
    "autopilot/sandbox_portal/",  # of its own packets: another program, with a database of its own
    "programs/services/",  # of its subject, one file each
    "students/services/",
    "instructors/services/",
]
UPDATES = {"update", "aupdate", "update_or_create", "aupdate_or_create"}
SQL = re.compile(r"\bUPDATE\b.*\bSET\b(?:(?!\bWHERE\b).)*\bstatus\s*=", re.DOTALL)


def status_writes(tree: ast.Module) -> Iterator[int]:
    """Yield the lines that change the status of a row: by attribute, by queryset, by list of fields or by SQL."""
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and _writes_status(node):
            yield node.lineno


def _writes_status(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "status" and isinstance(node.ctx, ast.Store)
    if isinstance(node, ast.Call):
        return _call_writes_status(node)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(SQL.search(node.value))


def _call_writes_status(call: ast.Call) -> bool:
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called == "setattr":
        return any(_is_status(argument) for argument in call.args)
    if called in {"bulk_update", "abulk_update"}:
        return any(_is_status(node) for argument in call.args[1:] for node in ast.walk(argument))
    given = [(keyword.arg, keyword.value) for keyword in call.keywords]
    if called in {"save", "asave"}:
        return any(name == "update_fields" and any(map(_is_status, ast.walk(value))) for name, value in given)
    spread = [value for name, value in given if name in {None, "defaults"} and isinstance(value, ast.Dict)]
    return called in UPDATES and (
        any(name == "status" for name, _ in given)
        or any(_is_status(key) for value in spread for key in value.keys if key)
    )


def _is_status(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == "status"


def test_it_is_written_by_its_owners_alone():
    places = broken(status_writes, allowed=OWNERS)

    assert not places, places


@pytest.mark.parametrize(
    "planted",
    [
        "job.status = 'running'",
        "job.note, job.status = '', 'running'",
        "Job.objects.filter(pk=1).update(status='running')",
        "Job.objects.filter(pk=1).update(**{'status': 'running'})",
        "Job.objects.update_or_create(pk=1, defaults={'status': 'running'})",
        "Job.objects.bulk_update(jobs, ['note', 'status'])",
        "job.save(update_fields=['status'])",
        "setattr(job, 'status', 'running')",
        "cursor.execute('UPDATE autopilot_job SET note = 1, status = 2 WHERE id = 3')",
    ],
)
def test_it_finds_a_planted_write(planted):
    assert lines(status_writes, planted) == [1]


@pytest.mark.parametrize(
    "harmless",
    [
        "Job(status='pending')",
        "Job.objects.filter(status='running').update(note='')",
        "status = job.status",
        "cursor.execute('UPDATE autopilot_job SET note = 1 WHERE status = 2')",
    ],
)
def test_it_passes_reads_and_new_rows(harmless):
    assert lines(status_writes, harmless) == []
