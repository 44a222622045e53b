"""A decision tells truly who asked and who edited last: the check of four eyes compares with what it tells."""

from django.db import migrations

PEOPLE = ("requester_id", "last_editor_id")
MESSAGE = "a decision must name the requester and the last editor of its checkpoint"


def _differs(same):
    return " OR ".join(f"NOT (NEW.{name} {same} checkpoint.{name})" for name in PEOPLE)


def _condition(same):
    return (
        f"SELECT 1 FROM autopilot_checkpoint checkpoint WHERE checkpoint.id = NEW.checkpoint_id AND ({_differs(same)})"
    )


def protect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"""CREATE FUNCTION autopilot_decision_is_true() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS ({_condition("IS NOT DISTINCT FROM")}) THEN
                    RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
            END $$"""
        )
        schema_editor.execute(
            """CREATE TRIGGER autopilot_decision_true BEFORE INSERT ON autopilot_decision
            FOR EACH ROW EXECUTE FUNCTION autopilot_decision_is_true()"""
        )
    else:
        schema_editor.execute(
            f"""CREATE TRIGGER autopilot_decision_true BEFORE INSERT ON autopilot_decision FOR EACH ROW
            WHEN EXISTS ({_condition("IS")})
            BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"""
        )


def unprotect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER autopilot_decision_true ON autopilot_decision")
        schema_editor.execute("DROP FUNCTION autopilot_decision_is_true()")
    else:
        schema_editor.execute("DROP TRIGGER autopilot_decision_true")


class Migration(migrations.Migration):
    dependencies = [("autopilot", "0003_groups")]
    operations = [migrations.RunPython(protect, unprotect)]
