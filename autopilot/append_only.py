"""Triggers that refuse any change to rows of the record; what retention deletes whole may still be deleted.

Deeds are never deleted either: `keep` refuses that too.
"""

from collections.abc import Collection
from typing import Any


def protect(
    schema_editor: Any,
    model: Any,
    *,
    forgettable: Collection[str] = (),
    free: Collection[str] = (),
    fillable: Collection[str] = (),
    once: str = "",
) -> None:
    """Refuse changes to a model's rows on either database.

    `forgettable` names the columns that may become null, as a deleted user's key; `free` those that may change, and
    `fillable` those that may be given a value while they have none. `once` is a condition on the row as it was, from
    which on its changes are refused, as `OLD."number" <> ''`; without it they always are. What was refused before no
    longer counts.
    """
    unprotect(schema_editor, model)
    table, same = model._meta.db_table, "IS NOT DISTINCT FROM" if _is_postgresql(schema_editor) else "IS"
    columns = [field.column for field in model._meta.concrete_fields if field.column not in free]
    loose = {*forgettable, *fillable}
    kept = [f'NOT (NEW."{each}" {same} OLD."{each}")' for each in columns if each not in loose]
    taken = [f'(NEW."{each}" IS NOT NULL AND NOT (NEW."{each}" {same} OLD."{each}"))' for each in forgettable]
    filled = [f'(OLD."{each}" IS NOT NULL AND NOT (NEW."{each}" {same} OLD."{each}"))' for each in fillable]
    condition, message = " OR ".join(kept + taken + filled), f"rows of {table} are never changed"
    condition = f"({once}) AND ({condition})" if once else condition
    if not _is_postgresql(schema_editor):
        schema_editor.execute(
            f"""CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} FOR EACH ROW WHEN {condition}
            BEGIN SELECT RAISE(ABORT, '{message}'); END"""
        )
        return
    schema_editor.execute(
        f"""CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END $$"""
    )
    schema_editor.execute(
        f"""CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} FOR EACH ROW
        WHEN ({condition}) EXECUTE FUNCTION {table}_is_append_only()"""
    )


def unprotect(schema_editor: Any, model: Any) -> None:
    """Take the trigger of a model's table away, if it is there."""
    table = model._meta.db_table
    if _is_postgresql(schema_editor):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {table}_is_append_only()")
    else:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_append_only")


def keep(schema_editor: Any, model: Any) -> None:
    """Refuse to delete a model's rows on either database; emptying the whole table at once is left to its owner."""
    release(schema_editor, model)
    table = model._meta.db_table
    message = f"rows of {table} are never deleted"
    if not _is_postgresql(schema_editor):
        schema_editor.execute(
            f"""CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW
            BEGIN SELECT RAISE(ABORT, '{message}'); END"""
        )
        return
    schema_editor.execute(
        f"""CREATE FUNCTION {table}_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END $$"""
    )
    schema_editor.execute(
        f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_is_kept()"
    )


def release(schema_editor: Any, model: Any) -> None:
    """Take away what `keep` put there, if anything."""
    table = model._meta.db_table
    if _is_postgresql(schema_editor):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_kept ON {table}")
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {table}_is_kept()")
    else:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_kept")


def _is_postgresql(schema_editor: Any) -> bool:
    return bool(schema_editor.connection.vendor == "postgresql")
