"""What the mails of programs share."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse


def mail(name: str, *, to: str, **context: Any) -> EmailMultiAlternatives:
    """Return the mail whose subject, text and HTML are the templates of a name."""
    subject, text, html = (
        render_to_string(f"programs/emails/{name}.{part}", context) for part in ("subject.txt", "txt", "html")
    )
    made = EmailMultiAlternatives(" ".join(subject.split()), text, to=[to])
    made.attach_alternative(html, "text/html")
    return made


def address(view: str, *arguments: Any) -> str:
    """Return the whole address of a page."""
    return f"{settings.BASE_URL}{reverse(view, args=arguments)}"
