"""The holders' portal as one namespace, to which every floor of the house brings its pages."""

from django.urls import URLPattern, URLResolver

from programs.urls import portal as programs

urlpatterns: list[URLPattern | URLResolver] = [*programs.urlpatterns]
