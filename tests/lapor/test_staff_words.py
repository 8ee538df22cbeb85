"""Every field that a staff page shows has a name of its own, so that it can be translated."""

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import FieldDoesNotExist
from django.test import RequestFactory

from city.models import User

OWN_APPS = {"city", "complaints", "dispatch", "insights"}


def shown_fields(model_admin, request) -> set[str]:
    """Names of the columns of the list and of the fields of the form."""
    names = set(map(str, model_admin.get_list_display(request)))
    return names | set(flatten_fieldsets(model_admin.get_fieldsets(request)))


def unnamed(model_admin, request) -> list[str]:
    found = []
    for name in sorted(shown_fields(model_admin, request)):
        try:
            field = model_admin.model._meta.get_field(name)
        except FieldDoesNotExist:
            continue  # a method; its words are checked as a text like any other
        if type(getattr(field, "verbose_name", None)) is str and name != "id":
            found.append(f"{model_admin.model._meta.label}.{name}")
    return found


@pytest.mark.django_db
def test_every_shown_field_is_named_for_translation():
    request = RequestFactory().get("/admin/")
    request.user = User(username="admin", is_staff=True, is_superuser=True)
    own = [item for model, item in admin.site._registry.items() if model._meta.app_label in OWN_APPS]
    assert len(own) > 20
    found = [name for item in own for name in unnamed(item, request)]
    assert found == []
