"""Which addresses of a tenant are told, and with which secret: one function per deed, each audited with its reason."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from autopilot import audit, clock, signatures
from autopilot.encryption import EncryptionError
from autopilot.engine import registry
from autopilot.exceptions import ControlRefused
from autopilot.models.webhooks import WebhookDelivery, WebhookEndpoint
from autopilot.outbound import Forbidden, NeverSent
from autopilot.outbound.targets import find_target
from autopilot.storable import to_storable

MOST_PER_TENANT = 10
LONGEST_URL = 300
LONGEST_TEXT = 200
OVERLAP = timedelta(hours=24)
ADD, CHANGE = "autopilot.add_webhookendpoint", "autopilot.change_webhookendpoint"
DISABLED = "Its endpoint was disabled."
TAKEN = "This organization is already told at this address."


def create(
    *, tenant_id: UUID, url: str, topics: Sequence[str], by: User, reason: str, description: str = ""
) -> tuple[WebhookEndpoint, str]:
    """Add an endpoint; returns it with its secret, which nobody is shown again.

    `url` is https at a host among OUTBOUND_HOSTS, or at one among OUTBOUND_PRIVATE_HOSTS, which may speak plain http.
    `topics` are registered ones that webhooks may be told of; none means all of them. Raises PermissionDenied, and
    ValidationError by field for what cannot be.
    """
    require(by, ADD)
    problems = _address_problem(url) | _topics_problem(topics) | _reason_problem(reason)
    if problems:
        raise ValidationError(problems)
    secret = signatures.new_secret()
    fields = {"tenant_id": tenant_id, "url": url, "topics": sorted(set(topics)), "description": short(description)}
    try:
        with transaction.atomic():
            _check_room(tenant_id)
            endpoint = WebhookEndpoint.objects.create(**fields, secret=secret, created_by=by)
            audit.record(by, "autopilot.webhook.created", endpoint, reason=reason, topics=endpoint.topics)
    except IntegrityError as error:
        raise ValidationError({"url": TAKEN}) from error
    return endpoint, secret


def change(endpoint: WebhookEndpoint, *, topics: Sequence[str], by: User, reason: str, description: str = "") -> None:
    """Choose other topics for an endpoint, and another description; raises as `create` does."""
    require(by, CHANGE)
    problems = _topics_problem(topics) | _reason_problem(reason)
    if problems:
        raise ValidationError(problems)
    with transaction.atomic():
        chosen = {"topics": sorted(set(topics)), "description": short(description)}
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**chosen)
        audit.record(by, "autopilot.webhook.changed", endpoint, reason=reason, topics=chosen["topics"])


@transaction.atomic
def rotate(endpoint: WebhookEndpoint, *, by: User, reason: str) -> str:
    """Give an endpoint a new secret, which is returned this once; the one before signs beside it for 24 hours.

    An older one ends at once, so that rotating twice ends a secret that has become known. Raises PermissionDenied, and
    ControlRefused without a reason or where the endpoint is gone.
    """
    require(by, CHANGE)
    require_reason(reason)
    found = _locked(endpoint)
    secret = signatures.new_secret()
    found.previous_secret, found.previous_secret_until = _kept(found)
    found.secret = secret
    found.save(update_fields=["secret", "previous_secret", "previous_secret_until"])
    audit.record(by, "autopilot.webhook.rotated", endpoint, reason=reason)
    return secret


@transaction.atomic
def enable(endpoint: WebhookEndpoint, *, by: User, reason: str) -> None:
    """Tell a disabled endpoint what happens from now on; what was missed can be sent again. Raises as `rotate` does."""
    require(by, CHANGE)
    require_reason(reason)
    changes = {"enabled": True, "disabled_at": None, "disabled_reason": ""}
    if not WebhookEndpoint.objects.filter(pk=endpoint.pk, enabled=False).update(**changes):
        raise ControlRefused("It is enabled already.")
    audit.record(by, "autopilot.webhook.enabled", endpoint, reason=reason)


@transaction.atomic
def disable(endpoint: WebhookEndpoint, *, by: User, reason: str) -> None:
    """Tell an endpoint nothing more; what waited for it counts as failed. Raises as `rotate` does."""
    require(by, CHANGE)
    require_reason(reason)
    if not turn_off(endpoint, by=by, reason=reason):
        raise ControlRefused("It is disabled already.")


@transaction.atomic
def delete(endpoint: WebhookEndpoint, *, by: User, reason: str) -> None:
    """Remove an endpoint with its secret and the list of its deliveries; raises as `rotate` does."""
    require(by, CHANGE)
    require_reason(reason)
    audit.record(by, "autopilot.webhook.deleted", _locked(endpoint), reason=reason, tenant_id=endpoint.tenant_id)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).delete()


def turn_off(endpoint: WebhookEndpoint, *, by: User | None, reason: str) -> bool:
    """Disable an endpoint in the caller's transaction, `by` None for the autopilot; returns False if it was already."""
    changes = {"enabled": False, "disabled_at": clock.now(), "disabled_reason": short(reason)}
    if not WebhookEndpoint.objects.filter(pk=endpoint.pk, enabled=True).update(**changes):
        return False
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, status=WebhookDelivery.Status.PENDING)
    waiting.update(status=WebhookDelivery.Status.FAILED, error=DISABLED)
    audit.record(by, "autopilot.webhook.disabled", endpoint, reason=reason)
    return True


def forget_old_secrets() -> int:
    """Forget the secrets that have stopped signing; returns how many."""
    over = WebhookEndpoint.objects.filter(previous_secret_until__lte=clock.now())
    return over.update(previous_secret="", previous_secret_until=None)


def secrets_of(endpoint: WebhookEndpoint) -> list[str]:
    """Return the secrets that sign now, newest first; raises EncryptionError where one cannot be read."""
    until = endpoint.previous_secret_until
    return [endpoint.secret, *([endpoint.previous_secret] if until and until > clock.now() else [])]


def require(person: User, permission: str) -> None:
    """Raise PermissionDenied for a person without the permission."""
    if not person.has_perm(permission):
        raise PermissionDenied("You may not do this to webhooks.")


def require_reason(reason: str) -> None:
    """Raise ControlRefused for an empty reason."""
    if problem := _reason_problem(reason):
        raise ControlRefused(problem["reason"])


def short(text: str) -> str:
    """Return a text as its column can hold it."""
    return str(to_storable(text)).strip()[:LONGEST_TEXT]


def _locked(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    found = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
    if found is None:
        raise ControlRefused("It has been deleted.")
    return found


def _kept(endpoint: WebhookEndpoint) -> tuple[str, datetime | None]:
    try:
        return endpoint.secret, clock.now() + OVERLAP
    except EncryptionError:  # what cannot be read signs nothing either; a new secret is the way out
        return "", None


def _check_room(tenant_id: UUID) -> None:
    of_tenant = WebhookEndpoint.objects.filter(tenant_id=tenant_id)
    # Who adds at the same time waits here, and counts afterwards.
    list(of_tenant.select_for_update().values_list("pk", flat=True))
    if of_tenant.count() >= MOST_PER_TENANT:
        raise ValidationError(f"An organization has at most {MOST_PER_TENANT} endpoints. Delete one first.")


def _address_problem(url: str) -> dict[str, str]:
    if len(url) > LONGEST_URL:
        return {"url": f"An address has at most {LONGEST_URL} characters."}
    try:
        find_target(url)
    except (Forbidden, NeverSent) as error:
        return {"url": str(error)}
    return {}


def _topics_problem(topics: Sequence[str]) -> dict[str, str]:
    unknown = sorted(set(topics) - set(registry.webhook_topics()))
    return {"topics": f"Webhooks are not told of {', '.join(unknown)[:100]}."} if unknown else {}


def _reason_problem(reason: str) -> dict[str, str]:
    return {} if reason.strip() else {"reason": "Say why; those who come after you read it."}
