"""Rows of the record may be added, never changed: only a deleted user's key may be taken out of them."""

from django.db import migrations

# By table: what may become null when a user is deleted, and what may change. Everything else stays as it was written.
APPEND_ONLY = {
    "event": ([], []),
    "checkpointrevision": (["editor_id"], []),
    "decision": (["actor_id", "requester_id", "last_editor_id"], []),
    "auditentry": (["actor_id"], []),
    "submissionchange": (["actor_id"], []),
    "document": ([], ["retain_until"]),
}


def _changed(columns, forgettable, same):
    kept = [f'NOT (NEW."{column}" {same} OLD."{column}")' for column in columns if column not in forgettable]
    taken = [f'(NEW."{column}" IS NOT NULL AND NOT (NEW."{column}" {same} OLD."{column}"))' for column in forgettable]
    return " OR ".join(kept + taken)


def protect(apps, schema_editor):
    for name, (forgettable, free) in APPEND_ONLY.items():
        model = apps.get_model("autopilot", name)
        table = model._meta.db_table
        columns = [field.column for field in model._meta.concrete_fields if field.column not in free]
        if schema_editor.connection.vendor == "postgresql":
            condition = _changed(columns, forgettable, "IS NOT DISTINCT FROM")
            schema_editor.execute(
                f"""CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION 'rows of {table} are never changed' USING ERRCODE = 'restrict_violation'; END $$"""
            )
            schema_editor.execute(
                f"""CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} FOR EACH ROW
                WHEN ({condition}) EXECUTE FUNCTION {table}_is_append_only()"""
            )
        else:
            condition = _changed(columns, forgettable, "IS")
            schema_editor.execute(
                f"""CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} FOR EACH ROW WHEN {condition}
                BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"""
            )


def unprotect(apps, schema_editor):
    for name in APPEND_ONLY:
        table = apps.get_model("autopilot", name)._meta.db_table
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            schema_editor.execute(f"DROP FUNCTION {table}_is_append_only()")
        else:
            schema_editor.execute(f"DROP TRIGGER {table}_append_only")


class Migration(migrations.Migration):
    dependencies = [("autopilot", "0001_initial")]
    operations = [migrations.RunPython(protect, unprotect, elidable=False)]
