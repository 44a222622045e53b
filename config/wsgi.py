"""The WSGI application that a web server runs."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

from config.presence import presence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
presence.start()
application = get_wsgi_application()
# The pages are imported now, and not while the first visitor waits.
reverse("home")
