"""The pages that belong to no app."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what Provost does for a training provider, and the two doors: apply, and sign in."""
    return render(request, "home.html")
