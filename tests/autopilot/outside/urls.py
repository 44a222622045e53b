"""The one address these tests need."""

from django.urls import path

from autopilot.callbacks import take_callback

urlpatterns = [path("callbacks/<slug:slug>/", take_callback, name="portal_callback")]
