"""The staff AdminSite."""

from django.contrib.admin import AdminSite


class ProvostAdminSite(AdminSite):
    """The staff door of Provost."""

    site_title = "Provost"
    site_header = "Provost"
    index_title = "Today"
    enable_nav_sidebar = True
