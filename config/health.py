"""The probes that a load balancer and `dev.py up` ask; neither needs a session, a login or a cookie."""

from http import HTTPStatus

from django.db import Error, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.presence import presence

PROBES = {"/healthz", "/readyz"}


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as the process can answer at all."""
    return _say("ok")


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers and every migration is applied, else 503 with what is missing."""
    try:
        if presence.is_away:
            raise OperationalError("The database is away.")
        executor = MigrationExecutor(connection)
    except Error:
        return _say("the database does not answer", HTTPStatus.SERVICE_UNAVAILABLE)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return _say("migrations are missing: run manage.py migrate", HTTPStatus.SERVICE_UNAVAILABLE)
    return _say("ok")


def _say(text: str, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
