"""What Django loads as the database's engine."""

from typing import Any

from django.db.backends.postgresql import base

from config.presence import presence


class DatabaseWrapper(base.DatabaseWrapper):
    """Opens no connection to a server that is known to be away, and lets a hanging one be cut off."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a new connection; raise OperationalError within a second, rather than two, where nobody answers."""
        presence.require(conn_params)
        opened = super().get_new_connection(conn_params)
        presence.keep(opened)
        return opened
