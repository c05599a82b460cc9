from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Every form field of the product is drawn by one template."""

    field_template_name = "components/field.html"
