"""Crews of a department: who can be sent, and who belongs to one."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from city import roles
from city.models import Crew, Department, User
from city.services.staff import StaffError

NAME_MAX_CHARS = 80
_NO_NAME = _("Please give the crew a name of at most 80 characters.")
_STRANGERS = _("Only people who work for the crew’s department can belong to it: %(names)s.")


def to_send(department_id: int | None) -> QuerySet[Crew]:
    """The crews that a department's reports can be given to."""
    return Crew.objects.filter(is_active=True, department_id=department_id).order_by("name")


def of_person(user) -> QuerySet[Crew]:
    """The crews a person goes out with. Whoever moved to another department belongs to none of the old
    one's any more, whatever the list of members says."""
    return Crew.objects.filter(
        is_active=True, members=user, members__is_active=True, department=F("members__department")
    )


def people_of(department_id: int | None) -> QuerySet[User]:
    """Who can belong to a department's crews."""
    return User.objects.filter(
        is_active=True, is_staff=True, department_id=department_id, role__in=roles.NEED_DEPARTMENT
    ).order_by("first_name", "username")


def may_manage(user, department_id: int | None) -> bool:
    """Administrators look after every department's crews, its head after a department's own."""
    if not (user.is_active and user.is_staff):
        return False
    if user.is_superuser or user.role == roles.ADMIN:
        return True
    return user.role == roles.DEPARTMENT_ADMIN and department_id in (None, user.department_id)


@transaction.atomic
def save(
    crew: Crew | None, *, name: str, department: Department, members: Iterable[User], is_active: bool = True
) -> Crew:
    """Make a crew (`crew` None) or change one. Raises StaffError: no name, people of another department."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_MAX_CHARS:
        raise StaffError(_NO_NAME)
    members = list(members)
    strangers = [item.username for item in members if item.department_id != department.pk]
    if strangers:
        raise StaffError(_STRANGERS % {"names": ", ".join(strangers)})
    crew = crew or Crew(department=department)
    crew.name, crew.department, crew.is_active = name, department, is_active
    crew.save()
    crew.members.set(members)
    return crew
