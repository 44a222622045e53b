"""While the database is away, every page and every answer of the API is 503 at once, and says when to ask again."""

import logging
import sys
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.views import defaults

from autopilot.api.problems import AWAY_SECONDS, MEDIA_TYPE, ROOT, Problem
from config.health import PROBES
from config.presence import presence

logger = logging.getLogger(__name__)
AWAY = (OperationalError, InterfaceError)
Respond = Callable[[HttpRequest], HttpResponse]


class AnswerOutages:
    """Middleware: ask for the database before anything else does, and answer for it where it fails.

    A deadlock, a lock that was not to be had in time and a full disk are answered the same way: what was begun was
    rolled back, and may be sent again.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 503 while the database is away; the probes speak for themselves."""
        with presence.waited_for():
            if request.path_info in PROBES:
                return self.respond(request)
            try:
                _reach()
            except AWAY as error:
                return _told(request, error)
            return self.respond(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what a view could not do for want of the database, and nothing else."""
        return _told(request, error) if isinstance(error, AWAY) else None


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an error of the inner middleware: 503 where the database is behind it, else 500."""
    error = sys.exc_info()[1]
    return _told(request, error) if isinstance(error, AWAY) else defaults.server_error(request)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Return the answer that asks for patience; it needs no database, no session and nobody signed in."""
    if request.path_info.startswith(ROOT):
        problem = Problem("unavailable")
        answer: HttpResponse = JsonResponse(problem.body(request), status=problem.status, content_type=MEDIA_TYPE)
    else:
        address = request.get_full_path() if request.method in ("GET", "HEAD") else ""
        page = render_to_string("503.html", {"address": address, "environment": settings.ENVIRONMENT})
        answer = HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE)
    answer["Retry-After"] = str(AWAY_SECONDS)
    add_never_cache_headers(answer)
    return answer


def _reach() -> None:
    if presence.is_away:
        raise OperationalError("The database is away.")
    connection.close_if_health_check_failed()
    connection.ensure_connection()


def _told(request: HttpRequest, error: BaseException) -> HttpResponse:
    presence.suspect()
    logger.warning("answered 503 after %s", type(error.__cause__ or error).__name__)
    return unavailable(request)
