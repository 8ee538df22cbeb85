"""Fixtures of the services: an officer of DPU and reports that DPU has."""

from datetime import timedelta

import pytest

from complaints.domain.actor import PORTAL, Actor
from complaints.domain.promise import Promise
from complaints.services import routing
from tests.conftest import NOW


@pytest.fixture
def department():
    from city.models import Department

    return Department.objects.get(code="DPU")


@pytest.fixture
def officer(department, staff):
    return Actor("staff", user_id=staff("handler", "DPU").pk, department_id=department.pk)


@pytest.fixture
def assigned(make_report, department):
    """A report that DPU has, of a category that needs no photo of its repair unless said otherwise."""

    def make(**changes):
        report = make_report(**({"category": "lain-parkir"} | changes))
        return routing.assign(
            report.pk,
            status="assigned",
            department_id=department.pk,
            severity=report.severity,
            promise=Promise(NOW, None, NOW + timedelta(days=3)),
            actor=PORTAL,
            now=NOW,
            event_data={"reasons": ["Karena aturan."]},
        )

    return make
