"""Fill tables in SQL: rows by the million, in minutes."""

from django.db import connection, models


def insert(model: type[models.Model], rows: int, *, first: int = 1, **expressions: str) -> None:
    """Insert rows that are numbered from `first`; a column without an expression of `n` gets its model's default."""
    write(model, expressions, f"FROM generate_series({first}, {first + rows - 1}) AS n")


def per_job(model: type[models.Model], condition: str = "true", **expressions: str) -> None:
    """Insert a row for each job that meets a condition."""
    write(model, {"job_id": "job.id", **expressions}, f"FROM autopilot_job AS job WHERE {condition}")


def write(model: type[models.Model], expressions: dict[str, str], source: str) -> None:
    """Insert what a source gives, column by column."""
    values, parameters = {}, []
    for field in model._meta.concrete_fields:
        if field.attname in expressions:
            values[field.column] = expressions[field.attname].replace("%", "%%")
        elif not (field.primary_key and isinstance(field, models.AutoField)):
            values[field.column] = "%s"
            parameters.append(field.get_db_prep_save(None if field.null else field.get_default(), connection))
    columns = ", ".join(f'"{column}"' for column in values)
    with connection.cursor() as cursor:
        statement = f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {', '.join(values.values())} {source}"
        cursor.execute(statement, parameters)
