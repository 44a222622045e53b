"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest


def environment(request: HttpRequest) -> dict[str, str]:
    """Give templates the name of the environment, which the badge in the header shows."""
    return {"environment": settings.ENVIRONMENT}
