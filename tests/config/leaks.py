"""Everything that can go wrong, each time with data of a person and secrets in hand that must not leave."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.core.mail import EmailMessage
from django.core.management import BaseCommand, call_command
from django.core.signals import request_finished, request_started
from django.db import IntegrityError, close_old_connections, transaction
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import RequestFactory
from django.test.client import MULTIPART_CONTENT
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from autopilot import outbound, outbox
from autopilot.api.views import ApiView
from autopilot.engine import JobContext, enqueue, handler, message
from autopilot.engine.messages import emit
from autopilot.identifiers import uuid7
from autopilot.models import Job, OutboxMessage
from autopilot.testing import run_job
from config import logs, urls

SSN, EIN, MAIL, CARD = "219-09-9999", "98-7654321", "canary.person@mail.example.org", "4111 1111 1111 1111"
SECRET, TOKEN, SESSION, PASSWORD = "whsec_Q2FuYXJ5U2VjcmV0", "Canary0Token0abcdef", "canarysession01", "canary-passw0rd"
CANARIES = (SSN, EIN, MAIL, CARD, SECRET, TOKEN, SESSION, PASSWORD)
TOLD = f"No room for {SSN} ({EIN}), {MAIL}, card {CARD}: Bearer {TOKEN}, {SECRET}, password={PASSWORD}"
KIND = "test.leaking"
logger = logging.getLogger("tests.leaks")


class Leak(Exception):
    """What goes wrong here."""


def fail(*unused: Any, **also: Any) -> Any:
    """Raise, with everything in local variables, in breadcrumbs and in the message."""
    ssn, mail, secret, token = SSN, MAIL, SECRET, TOKEN
    session = {"cookie": SESSION, "password": PASSWORD}
    logger.info("about %s and %s", ssn, mail, extra={"secret": secret})
    logger.warning("with %s", {"token": token, "session": session})
    raise Leak(TOLD)


@csrf_exempt
def view(request: HttpRequest) -> HttpResponse:
    """Read what was sent, and fail."""
    assert request.body is not None
    request.POST.get("ssn")
    return HttpResponse(fail())


def template(request: HttpRequest) -> HttpResponse:
    """Render a template in which something fails."""
    rendered = engines["django"].from_string("{{ person.ssn }}{{ person.fail }}").render({"person": Person()})
    return HttpResponse(rendered)


class FailingApi(ApiView):
    """An operation of the API that fails once it has read its body."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = []

    def post(self, request: Request) -> HttpResponse:
        """Read, and fail."""
        assert SSN in str(request.data)
        return HttpResponse(fail())


class Person:
    """Somebody, to a template."""

    ssn, mail = SSN, MAIL
    fail = staticmethod(fail)


urlpatterns = [
    *urls.urlpatterns,
    path("fails/", view),
    path("renders/", template),
    path("api/fails/", FailingApi.as_view()),
]


def ask(method: str, address: str, body: Any = None, content_type: str = MULTIPART_CONTENT) -> None:
    """Ask a view that fails, as a server would, with secrets in headers and cookies."""
    factory = RequestFactory(
        headers={"Authorization": f"Bearer {TOKEN}", "X-Person": MAIL, "Referer": f"/?ssn={SSN}"},
    )
    factory.cookies["sessionid"] = SESSION
    more = {"content_type": content_type} if body else {}
    request = getattr(factory, method)(address, body, **more)
    statuses: list[str] = []

    def begin(status: str, headers: list[tuple[str, str]], error: Any = None, /) -> Callable[[bytes], object]:
        statuses.append(status)
        return lambda content: None

    with connection_kept():
        WSGIHandler()(request.environ, begin).close()
    assert statuses == ["500 Internal Server Error"]


@contextmanager
def connection_kept() -> Iterator[None]:
    """Let a request not close the connection in which the test has its transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def ask_with_a_form() -> None:
    """Send a form to a view that fails."""
    ask("post", f"/fails/?ssn={SSN}&token={TOKEN}", {"ssn": SSN, "mail": MAIL, "password": PASSWORD})


def ask_with_json() -> None:
    """Send JSON to a view that fails, as a client of the API would."""
    body = {"ssn": SSN, "secret": SECRET, "deep": [{"mail": MAIL}]}
    ask("post", f"/fails/?mail={MAIL}", body, "application/json")


def ask_the_api() -> None:
    """Send JSON to an operation of the API that fails."""
    body = {"ssn": SSN, "secret": SECRET, "deep": [{"mail": MAIL}]}
    ask("post", f"/api/fails/?mail={MAIL}", body, "application/json")


def ask_for_a_template() -> None:
    """Ask for a page whose template fails."""
    ask("get", f"/renders/?to={MAIL}")


def run_a_handler() -> None:
    """Run a job whose handler fails for good, with people's data in its payload."""

    def handle(job: JobContext, ssn: str, mail: str) -> None:
        fail()

    handler(KIND, max_attempts=1)(handle)
    job = enqueue(KIND, tenant_id=uuid7(), ssn=SSN, mail=MAIL)
    assert run_job(job) == "attempts_exhausted"
    assert Job.objects.get(pk=job.pk).status == "failed"


class Failing(BaseCommand):
    """A command that fails."""

    requires_system_checks = []
    handle = staticmethod(fail)


def run_a_command() -> None:
    """Run a command whose error ends its process."""
    try:
        call_command(Failing())
    except Leak as error:
        logs.report(Leak, error, error.__traceback__)


def end_a_thread() -> None:
    """Let an error end a thread."""
    before, threading.excepthook = threading.excepthook, logs.report_thread
    try:
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
    finally:
        threading.excepthook = before


def call_the_outside() -> None:
    """Fail to call an address that carries secrets."""
    try:
        outbound.request("POST", f"http://ann:{PASSWORD}@127.0.0.1:9/?ssn={SSN}", body=TOLD.encode())
    except outbound.Forbidden:
        logger.exception("no answer from http://ann:%s@127.0.0.1:9/?ssn=%s", PASSWORD, SSN)


def send_a_mail() -> None:
    """Fail to send a mail to a person."""

    @message("tests.leak")
    def build(**references: Any) -> EmailMessage:
        mail = EmailMessage(f"For {MAIL}", TOLD, to=[MAIL])
        mail.send = fail  # type: ignore[method-assign]
        return mail

    emit("tests.leak", tenant_id=uuid7(), job_id=None)
    OutboxMessage.objects.update(attempts=outbox.MOST_ATTEMPTS)
    assert outbox.deliver_due(1) == 0


def break_a_rule_of_the_database() -> None:
    """Have the database quote a row."""
    try:
        with transaction.atomic():
            User.objects.create(username=MAIL)
            User.objects.create(username=MAIL)
    except IntegrityError:
        logger.exception("not saved")


def log_objects() -> None:
    """Log people's data in every shape a message can have."""
    logger.error("args %s %r", SSN, {"mail": MAIL, "ssn": SSN})
    logger.error({"token": TOKEN, "card": CARD})
    logger.error("with stack %s", SECRET, stack_info=True)


PATHS: dict[str, Callable[[], None]] = {
    each.__name__: each
    for each in (
        ask_with_a_form,
        ask_with_json,
        ask_the_api,
        ask_for_a_template,
        run_a_handler,
        run_a_command,
        end_a_thread,
        call_the_outside,
        send_a_mail,
        break_a_rule_of_the_database,
        log_objects,
    )
}


def leaked(told: str) -> list[str]:
    """Return the canaries that a text gives away, whole or without what parts their digits."""
    return [each for each in CANARIES if each in told or each.replace("@", "%40") in told]
