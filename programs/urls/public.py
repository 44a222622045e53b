"""The public addresses of programs."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from programs.codes import REFERENCE_PATTERN
from programs.views.catalog import Catalog, CatalogProgram, asked, robots, sitemap
from programs.views.invitations import Join
from programs.views.public import Apply, Continue, Correct, received, status


class ReferenceConverter(StringConverter):
    """An application's reference."""

    regex = REFERENCE_PATTERN


class TokenConverter(StringConverter):
    """The secret of a mailed link: 256 bits in hexadecimal."""

    regex = "[0-9a-f]{64}"


register_converter(ReferenceConverter, "application_reference")
register_converter(TokenConverter, "mailed_token")

app_name = "programs"
urlpatterns = [
    path("programs/", Catalog.as_view(), name="catalog"),
    path("programs/<slug:slug>/", CatalogProgram.as_view(), name="catalog_program"),
    path("programs/<slug:slug>/asked/", asked, name="catalog_asked"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("robots.txt", robots, name="robots"),
    path("apply/", Apply.as_view(), name="apply"),
    path("apply/received/<application_reference:reference>/", received, name="received"),
    path("apply/status/<application_reference:reference>/", status, name="status"),
    path("apply/continue/<mailed_token:token>/", Continue.as_view(), name="continue"),
    path("apply/correct/<mailed_token:token>/", Correct.as_view(), name="correct"),
    path("join/<mailed_token:token>/", Join.as_view(), name="join"),
]
