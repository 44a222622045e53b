"""A database that several connections write to at once."""

from tests.autopilot.engine.fixtures import database_file as database_file
from tests.autopilot.engine.fixtures import shared_database as shared_database
