"""Migrations since the first release of the engine hold up nobody who writes, and the code before them still works."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.functions import Now

from autopilot.operations import AddConstraint, AddIndex, RemoveIndex, RunInBatches, StepwiseMigration
from tests.house.source import PACKAGES

pytestmark = pytest.mark.once

FIRST = {
    "autopilot": ["0001_initial", "0002_append_only", "0003_groups", "0004_true_decisions"],
    "programs": ["0001_initial"],
}
# What no machine can judge, with the reason why it holds up nobody and breaks nothing of the version before.
JUDGED = {
    ("autopilot", "0006_append_only_comments"): "two triggers are exchanged; no row is read",
    ("autopilot", "0007_groups_console"): "some rows of groups and permissions",
    ("autopilot", "0009_webhooks"): "a trigger is made; no row is read",
    ("autopilot", "0012_groups_purge"): "some rows of groups and permissions",
    ("autopilot", "0015_groups_forms"): "some rows of groups and permissions",
    (
        "autopilot",
        "0017_archive",
    ): "triggers are made, mostly on new tables; some rows of rules, groups and permissions",
    ("autopilot", "0019_template_versions"): "triggers on a new table; some rows of groups and permissions",
    ("autopilot", "0020_groups_documents"): "some rows of groups and permissions",
    ("config", "0001_grants"): "some rows of groups and permissions",
    ("programs", "0002_groups"): "some rows of groups and permissions",
    ("programs", "0004_holder_groups"): "some rows of groups and permissions",
    ("programs", "0005_append_only"): "triggers are made on new tables; no row is read",
    ("programs", "0006_requirement_types"): "some rows in a new table",
    ("programs", "0007_billing"): "triggers are made, and some rows of groups and permissions; no other row is read",
    ("students", "0003_groups"): "some rows of groups and permissions, and triggers on tables that nobody writes yet",
    ("students", "0004_report_reminders"): "one row of schedules, and one of workers",
    (
        "students",
        "0005_people",
    ): "each student gets a number, some thousand at a time; some rows of groups and permissions",
    ("students", "0009_pirl"): "some rows of groups and permissions",
    (
        "students",
        "0006_certificates",
    ): "triggers are made on new tables, and some rows of groups and permissions; no other row is read",
    ("programs", "0015_listing_history"): "triggers are made on a new table; no row is read",
    ("programs", "0016_application_uploads"): "documents are read, and rows added to a new table",
    ("students", "0007_student_life"): "some rows of groups and permissions, and triggers on new tables",
    ("students", "0008_student_duties"): "two workers and two schedules",
    (
        "students",
        "0010_participation",
    ): "triggers on new tables; some rows of groups, permissions, workers and schedules",
    (
        "students",
        "0011_determinations",
    ): "triggers on new tables; some rows of groups, permissions, workers and schedules",
    ("programs", "0009_requirement_watch"): "one worker and one schedule",
    ("programs", "0012_listings"): "two workers and two schedules",
    ("programs", "0013_billing_schedules"): "one worker and two schedules",
    ("programs", "0010_mou_evidence"): "triggers are made, no row is read; one worker and one schedule",
    ("programs", "0011_intake"): "one worker and one schedule",
}
JUDGEABLE = (migrations.RunPython, migrations.RunSQL, migrations.RemoveField, migrations.DeleteModel)
HARMLESS = (migrations.CreateModel, migrations.AlterModelOptions, migrations.AlterModelManagers)
OURS = {
    migrations.AddIndex: AddIndex,
    migrations.RemoveIndex: RemoveIndex,
    migrations.AddConstraint: AddConstraint,
}


def complaints(migration: migrations.Migration, state: ProjectState) -> Iterator[str]:
    """Yield what a migration does to tables that were there before it and may be large and busy."""
    old = set(state.models)
    for operation in migration.operations:
        before = state.clone()
        operation.state_forwards(migration.app_label, state)
        model = (migration.app_label, getattr(operation, "model_name", "").lower())
        is_new = hasattr(operation, "model_name") and model not in old
        if not is_new and (complaint := complain(operation, migration, before, state)):
            yield f"{migration}: {operation.describe()}: {complaint}"


def complain(operation: Operation, migration: migrations.Migration, before: ProjectState, after: ProjectState) -> str:
    """Return what is wrong with an operation on a table that is in use; empty if nothing is."""
    if isinstance(operation, HARMLESS):
        return ""
    if isinstance(operation, JUDGEABLE):
        return "" if (migration.app_label, migration.name) in JUDGED else "say in JUDGED why it harms nobody"
    if not isinstance(migration, StepwiseMigration):
        return "its locks last until the end of all of the migration: StepwiseMigration"
    if isinstance(operation, tuple(OURS)):
        ours = next(ours for theirs, ours in OURS.items() if isinstance(operation, theirs))
        return "" if isinstance(operation, ours) else f"reads all rows under a lock: {ours.__module__}.{ours.__name__}"
    if isinstance(operation, migrations.AddField):
        return complain_of_column(after.apps.get_model(migration.app_label, operation.model_name), operation.name)
    if isinstance(operation, migrations.AlterField):
        return complain_of_change(operation, migration.app_label, before, after)
    return "" if isinstance(operation, RunInBatches) else "rows are rewritten, or code of the version before breaks"


def complain_of_column(model: type[models.Model], name: str) -> str:
    """Return what is wrong with a new column of a table that is in use."""
    field: Any = model._meta.get_field(name)
    if field.unique or field.db_index:
        return "its index is built under a lock: db_index=False, and AddIndex or AddConstraint after it"
    if not field.null and not field.has_db_default():
        return "the version before cannot insert rows any more: null=True, or db_default"
    if field.has_db_default() and not isinstance(field.db_default, str | int | float | bool):
        return "every row is rewritten: db_default must be a constant"
    return "every row is compared: null=True" if field.is_relation and not field.null else ""


def complain_of_change(operation: Any, app_label: str, before: ProjectState, after: ProjectState) -> str:
    """Return what is wrong with a change of a column; only what the database never hears of is right."""
    old, new = (
        state.apps.get_model(app_label, operation.model_name)._meta.get_field(operation.name)
        for state in (before, after)
    )
    changed = connection.schema_editor()._field_should_be_altered(old, new)  # type: ignore[attr-defined]
    return "rows may be rewritten under a lock: add a column, fill it in batches, and use it instead" if changed else ""


def test_it_holds_up_nobody_who_writes():
    loader = MigrationLoader(None)
    state = loader.project_state([(app, names[-1]) for app, names in FIRST.items()])
    found: list[str] = []
    done = {(app, name) for app, names in FIRST.items() for name in names}

    plan = [key for leaf in loader.graph.leaf_nodes() for key in loader.graph.forwards_plan(leaf)]
    ours = [key for key in dict.fromkeys(plan) if key[0] in PACKAGES and key not in done]
    for key in ours:
        found += complaints(loader.graph.nodes[key], state)

    assert len(ours) >= 9
    assert not found, "\n".join(found)


def test_it_judges_nothing_that_is_not_there():
    assert MigrationLoader(None).disk_migrations.keys() >= JUDGED.keys()


PERSON = migrations.CreateModel(
    "person", [("id", models.BigAutoField(primary_key=True)), ("age", models.IntegerField())]
)
OLDER = models.CheckConstraint(condition=models.Q(age__gt=0), name="older")
BY_AGE = models.Index(fields=["age"], name="by_age")


def of_planted(operation: Any, base: type[migrations.Migration] = StepwiseMigration) -> list[str]:
    """Return what is complained of in a migration with one operation on a table that is there."""
    state = ProjectState()
    PERSON.state_forwards("staff", state)
    planted = type("Migration", (base,), {"operations": [operation]})
    return list(complaints(planted("0002_more", "staff"), state))


@pytest.mark.parametrize(
    ("operation", "complaint"),
    [
        (migrations.AddIndex("person", BY_AGE), "operations.AddIndex"),
        (migrations.AddConstraint("person", OLDER), "operations.AddConstraint"),
        (migrations.AlterField("person", "age", models.BigIntegerField()), "rewritten"),
        (migrations.AddField("person", "name", models.TextField(default="")), "cannot insert"),
        (migrations.AddField("person", "at", models.DateTimeField(db_default=Now())), "constant"),
        (migrations.AddField("person", "code", models.TextField(null=True, unique=True)), "index"),
        (migrations.AddField("person", "boss", models.ForeignKey("person", models.CASCADE, null=True)), "index"),
        (
            migrations.AddField(
                "person", "boss", models.ForeignKey("person", models.CASCADE, db_index=False, db_default=1)
            ),
            "compared",
        ),
        (migrations.RemoveField("person", "age"), "JUDGED"),
        (migrations.RenameField("person", "age", "years"), "version before breaks"),
        (migrations.DeleteModel("person"), "JUDGED"),
        (migrations.RunPython(migrations.RunPython.noop), "JUDGED"),
        (migrations.RunSQL("UPDATE staff_person SET age = 1"), "JUDGED"),
    ],
)
def test_it_finds_a_planted_operation_that_holds_writers_up(operation, complaint):
    (found,) = of_planted(operation)

    assert complaint in found


def test_it_finds_a_planted_migration_that_keeps_its_locks():
    assert "StepwiseMigration" in of_planted(AddIndex("person", BY_AGE), migrations.Migration)[0]


@pytest.mark.parametrize(
    "operation",
    [
        AddIndex("person", BY_AGE),
        AddConstraint("person", OLDER),
        RunInBatches("person", models.Q(age=0), {"age": 1}),
        migrations.AddField("person", "name", models.TextField(default="", db_default="")),
        migrations.AddField("person", "boss", models.ForeignKey("person", models.CASCADE, null=True, db_index=False)),
        migrations.AlterField("person", "age", models.IntegerField(help_text="In years.")),
    ],
)
def test_it_passes_what_holds_up_nobody(operation):
    assert of_planted(operation) == []
