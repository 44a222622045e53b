"""The schema of a checkpoint: by it the payload is shown, amended and compared."""

from autopilot.admin.payloads import Schema
from autopilot.engine import registry
from autopilot.exceptions import HandlerMistake
from autopilot.models import Checkpoint


def schema_of(checkpoint: Checkpoint) -> Schema:
    """Return the schema of what a checkpoint asks about; empty for one without a form.

    It is the registered one, which also decides what an amendment may hold; PostgreSQL does not keep the order of what
    was stored. That stands in where the form is not registered any more.
    """
    return _registered(checkpoint) or dict(checkpoint.form_schema)


def is_amendable(checkpoint: Checkpoint) -> bool:
    """Return whether there is a form to amend it with."""
    return _registered(checkpoint) is not None


def _registered(checkpoint: Checkpoint) -> Schema | None:
    try:
        return registry.find_form(checkpoint.form).schema if checkpoint.form else None
    except HandlerMistake:
        return None
