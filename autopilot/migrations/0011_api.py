"""A tenant's list of checkpoints by an index of its own: it must not read past everybody else's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("autopilot", "0010_dashboard")]

    operations = [
        migrations.AddIndex(
            model_name="checkpoint",
            index=models.Index(fields=["tenant_id", "-created_at", "-id"], name="checkpoint_tenant_list"),
        ),
    ]
