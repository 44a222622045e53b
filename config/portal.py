"""The holders' portal as one namespace, to which every floor of the house brings its pages."""

from django.urls import URLPattern, URLResolver

from programs.urls import portal as programs
from students.urls import portal as students

urlpatterns: list[URLPattern | URLResolver] = [*programs.urlpatterns, *students.urlpatterns]
