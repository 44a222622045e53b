"""Change nothing, but be missing."""

from django.db import migrations


class Migration(migrations.Migration):
    """An empty migration that the tests never apply."""

    initial = True
