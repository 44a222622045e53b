"""Who may ask: a token with the scope of an operation, whose person has the right that it needs today."""

from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from autopilot.models.tokens import ApiToken

if TYPE_CHECKING:
    from autopilot.api.views import ApiView


class HasScope(BasePermission):
    """Lets a token pass that has the scope which the view names for the method.

    A view that names a `right` is about the whole network: the person must have it, and the token no tenant.
    """

    message = ""

    def has_permission(self, request: Request, view: "ApiView") -> bool:  # type: ignore[override]
        """Return whether this token may do this; says in the message what it lacks."""
        token = request.auth
        if not isinstance(token, ApiToken):
            return False
        scope = view.scopes.get((request.method or "").replace("HEAD", "GET"))
        if scope is not None and scope not in token.scopes:
            self.message = f"This token lacks the scope {scope.value}."
            return False
        self.message = "This concerns the whole network; neither this token nor its person may do it."
        return not view.right or (token.tenant_id is None and token.user.has_perm(view.right))


class IsPump(BasePermission):
    """Lets pass who has shown the pump's secret."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return whether the secret was shown."""
        return request.auth == "pump"
