"""Mount the doors: public site, holders' portal, sign-in, staff admin, API, the portals' callbacks, the metrics and the probes."""

from django.contrib import admin
from django.urls import include, path

from autopilot.callbacks import take_callback
from autopilot.views.metrics import expose
from config import health, portal, views
from students.urls import me

handler500 = "config.outages.server_error"
urlpatterns = [
    path("", views.home, name="home"),
    path("", include("programs.urls.public")),
    path("", include("students.urls.public")),
    path("portal/", include((portal.urlpatterns, "portal"))),
    path("me/", include((me.urlpatterns, "me"))),
    path("accounts/", include("config.signin.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("config.api")),
    path("callbacks/<slug:slug>/", take_callback, name="callback"),
    path("metrics", expose, name="metrics"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
