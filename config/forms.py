"""How forms are drawn."""

from django.forms.renderers import TemplatesSetting


class ProvostRenderer(TemplatesSetting):
    """Draw forms and fields with `templates/forms/`, widgets with Django's own templates.

    `FORM_RENDERER` names this class, and INSTALLED_APPS holds "django.forms".
    """

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
