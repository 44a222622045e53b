"""Operations of migrations that never stop writers, and the migration that runs them one by one.

On PostgreSQL an `ALTER TABLE` that waits lets everybody who comes later wait behind it. So each operation is a transaction
of its own that holds one lock for milliseconds, what takes long takes no lock that writers mind, and what is done already
is left as it is: a migration that was interrupted, or gave up waiting for a lock, is run again and goes on. `migrate`
keeps the waits short and does the repeating. On SQLite, with its one writer, the operations are Django's own.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.transaction import atomic

BATCH = 5_000  # rows


class StepwiseMigration(migrations.Migration):
    """A migration whose operations are each a transaction of their own, and are left out where they are done already.

    The functions of a RunPython must be safe to run again: an interruption may come between their end and the record.
    """

    atomic = False

    def apply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        """Run the operations forwards, one by one; returns the state of the models after them."""
        if collect_sql:
            return super().apply(project_state, schema_editor, collect_sql)
        for operation in self.operations:
            before = project_state.clone()
            operation.state_forwards(self.app_label, project_state)
            if not _is_done(operation, self.app_label, schema_editor, project_state):
                _run(operation, self.app_label, schema_editor, before, project_state)
        return project_state


class AddIndex(migrations.AddIndex):
    """Builds an index while rows are written; what an interrupted build left behind is taken away first."""

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Build the index unless it is there."""
        if not _is_postgresql(schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        with _waiting_without_limit(schema_editor):
            if _needs_index(schema_editor, self.index.name):
                schema_editor.add_index(model, self.index, concurrently=True)


class RemoveIndex(migrations.RemoveIndex):
    """Drops an index while rows are written."""

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop the index if it is there."""
        if not _is_postgresql(schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = from_state.apps.get_model(app_label, self.model_name)
        index = from_state.models[app_label, self.model_name_lower].get_index_by_name(self.name)
        with _waiting_without_limit(schema_editor):
            schema_editor.remove_index(model, index, concurrently=True)


class AddConstraint(migrations.AddConstraint):
    """Adds a check that new rows obey at once and old ones are compared with afterwards, or a unique index.

    Rows that break a check make it fail; it stays in force for new rows, and the next run compares again. Raises
    TypeError for any other kind of constraint, and for a unique one that is more than fields and a condition.
    """

    atomic = False

    constraint: Any

    def __init__(self, model_name: str, constraint: Any) -> None:
        if not isinstance(constraint, models.CheckConstraint | models.UniqueConstraint):
            raise TypeError("Only a check or a unique constraint can be added while rows are written.")
        if isinstance(constraint, models.UniqueConstraint) and _is_special(constraint):
            raise TypeError("Only a unique constraint of fields and a condition can be added while rows are written.")
        super().__init__(model_name, constraint)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Add the constraint unless it is there and holds for every row."""
        if not _is_postgresql(schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        add = self._add_check if isinstance(self.constraint, models.CheckConstraint) else self._add_unique
        add(schema_editor, model)

    def _add_check(self, schema_editor: Any, model: type[models.Model]) -> None:
        table, name = _quoted(schema_editor, model._meta.db_table, self.constraint.name)
        if _is_valid(schema_editor, model, self.constraint.name) is None:
            schema_editor.execute(f"{self.constraint.create_sql(model, schema_editor)} NOT VALID", params=None)
        with _waiting_without_limit(schema_editor):
            schema_editor.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")

    def _add_unique(self, schema_editor: Any, model: type[models.Model]) -> None:
        with _waiting_without_limit(schema_editor):
            if _needs_index(schema_editor, self.constraint.name):
                schema_editor.execute(self._unique_index(schema_editor, model), params=None)
        table, name = _quoted(schema_editor, model._meta.db_table, self.constraint.name)
        # With a condition it is an index and no more, in Django's own eyes too.
        if not self.constraint.condition and _is_valid(schema_editor, model, self.constraint.name) is None:
            schema_editor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE USING INDEX {name}")

    def _unique_index(self, schema_editor: Any, model: type[models.Model]) -> str:
        if self.constraint.condition:
            made = str(self.constraint.create_sql(model, schema_editor))
            return made.replace("CREATE UNIQUE INDEX", "CREATE UNIQUE INDEX CONCURRENTLY", 1)
        fields: list[Any] = [model._meta.get_field(name) for name in self.constraint.fields]
        table, name, *keys = _quoted(
            schema_editor, model._meta.db_table, self.constraint.name, *(field.column for field in fields)
        )
        return f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} ({', '.join(keys)})"


class RunInBatches(Operation):
    """Changes rows by the thousand, each thousand in a transaction of its own; goes on where it was interrupted.

    Arguments: `model_name`; `where`, a Q of the rows that are still to be changed and no longer holds for them afterwards;
    `values`, a value or an expression by field; `size`, rows in a transaction. Going back changes nothing.
    """

    atomic = False
    reduces_to_sql = False
    reversible = True

    def __init__(self, model_name: str, where: models.Q, values: dict[str, Any], size: int = BATCH) -> None:
        self.model_name, self.where, self.values, self.size = model_name, where, values, size

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing about the models."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Change the rows in the order of their keys."""
        model = to_state.apps.get_model(app_label, self.model_name)
        rows = model._base_manager.using(schema_editor.connection.alias).order_by("pk")
        tell, done, beyond = _teller(self.describe()), 0, models.Q()
        while keys := list(rows.filter(self.where, beyond).values_list("pk", flat=True)[: self.size]):
            changed = rows.filter(self.where, pk__gte=keys[0], pk__lte=keys[-1])
            with atomic(schema_editor.connection.alias):
                done += changed.order_by().update(**self.values)
            tell(done)
            beyond = models.Q(pk__gt=keys[-1])

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Do nothing: the rows stay as they are."""

    def describe(self) -> str:
        """Return what it does."""
        return f"Change {', '.join(self.values)} of {self.model_name} in batches"


# --- One operation ----------------------------------------------------------------------------------------------------

CONCURRENT = AddIndex | RemoveIndex | AddConstraint


def _run(operation: Operation, app_label: str, schema_editor: Any, before: ProjectState, after: ProjectState) -> None:
    if isinstance(operation, RunInBatches) or _is_concurrent(operation, schema_editor):
        operation.database_forwards(app_label, schema_editor, before, after)
        return
    # Rendered before the lock is taken: models take longer than what is done to the table.
    before.apps, after.apps  # noqa: B018
    with atomic(schema_editor.connection.alias):
        operation.database_forwards(app_label, schema_editor, before, after)
        while schema_editor.deferred_sql:
            schema_editor.execute(schema_editor.deferred_sql.pop(0), None)


def _is_done(operation: Operation, app_label: str, schema_editor: Any, after: ProjectState) -> bool:
    """Return whether a run before this one did the operation; one that can be half done looks for itself."""
    if isinstance(operation, migrations.CreateModel):
        table = after.apps.get_model(app_label, operation.name)._meta.db_table
        return table in schema_editor.connection.introspection.table_names()
    if not isinstance(
        operation, migrations.AddField | migrations.AddIndex | migrations.AddConstraint | migrations.RemoveIndex
    ):
        return False
    if _is_concurrent(operation, schema_editor):
        return False
    model = after.apps.get_model(app_label, operation.model_name)
    with schema_editor.connection.cursor() as cursor:
        if isinstance(operation, migrations.AddField):
            columns = schema_editor.connection.introspection.get_table_description(cursor, model._meta.db_table)
            return model._meta.get_field(operation.name).column in {column.name for column in columns}
        there = schema_editor.connection.introspection.get_constraints(cursor, model._meta.db_table)
    if isinstance(operation, migrations.RemoveIndex):
        return operation.name not in there
    return (operation.index if isinstance(operation, migrations.AddIndex) else operation.constraint).name in there


def _is_concurrent(operation: Operation, schema_editor: Any) -> bool:
    return isinstance(operation, CONCURRENT) and _is_postgresql(schema_editor)


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


def _is_postgresql(schema_editor: Any) -> bool:
    return bool(schema_editor.connection.vendor == "postgresql")


@contextmanager
def _waiting_without_limit(schema_editor: Any) -> Iterator[None]:
    """Let a block wait for locks as long as it must: only for what holds up no writer while it waits."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        (limit,) = cursor.fetchone()
        cursor.execute("SET lock_timeout = 0")
    try:
        yield
    finally:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [limit])


def _needs_index(schema_editor: Any, name: str) -> bool:
    """Return whether an index is missing; one whose build was interrupted is dropped and is missing then."""
    (index,) = _quoted(schema_editor, name)
    valid = _ask(schema_editor, "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", index)
    if valid is False:
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
    return not valid


def _is_valid(schema_editor: Any, model: type[models.Model], name: str) -> bool | None:
    """Return whether a constraint holds for every row; None if there is no such constraint."""
    (table,) = _quoted(schema_editor, model._meta.db_table)
    statement = "SELECT convalidated FROM pg_constraint WHERE conrelid = to_regclass(%s) AND conname = %s"
    return _ask(schema_editor, statement, table, name)


def _ask(schema_editor: Any, statement: str, *parameters: str) -> bool | None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found = cursor.fetchone()
    return found and bool(found[0])


def _quoted(schema_editor: Any, *names: str) -> list[str]:
    return [schema_editor.quote_name(name) for name in names]


def _is_special(constraint: Any) -> bool:
    more = (constraint.expressions, constraint.include, constraint.opclasses, constraint.deferrable)
    return any(more) or constraint.nulls_distinct is not None


def _teller(title: str) -> Callable[[int], object]:
    """Return a function that shows on a terminal, and nowhere else, how many rows are done."""
    if not sys.stderr.isatty():
        return lambda done: None
    return lambda done: sys.stderr.write(f"\r  {title}: {done:,} rows")
