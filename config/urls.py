"""Mount the doors: the public site, sign-in, the staff admin, the API, the portals' callbacks and the probes."""

from django.contrib import admin
from django.urls import include, path

from autopilot.callbacks import take_callback
from config import health, views

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("programs.urls")),
    path("accounts/", include("config.signin.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("config.api")),
    path("callbacks/<slug:slug>/", take_callback, name="callback"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
