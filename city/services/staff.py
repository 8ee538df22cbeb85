"""Staff accounts: roles, the permission groups that belong to them, and creating people."""

import secrets

from django.contrib.auth.models import Group, Permission
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from city import roles
from city.models import Department, User
from city.services import audit

# Read by a person over the phone when an account is handed out: no 0/O, 1/I/l.
_READABLE = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"
_PASSWORD_LENGTH = 14

# Permissions by role, as patterns `app.codename` where the last part may be `*`. They open the admin's
# doors only; which reports a person sees and which steps they may take is decided per report.
_LOOK = ("complaints.view_report",)
_WORK = (*_LOOK, "complaints.change_report", "dispatch.view_escalation")
# Rules, service levels and figures: for who runs an office.
_RUN = ("dispatch.view_routingrule", "dispatch.view_servicelevel", "dispatch.view_officeweek")
_CREWS = ("city.view_crew", "city.add_crew", "city.change_crew")
_TAGS = tuple(f"dispatch.{may}_tag" for may in ("view", "add", "change"))
_TELL = ("dispatch.change_delivery", "dispatch.change_messagetext")  # send again, word messages
_REPLIES = tuple(f"dispatch.{may}_replytemplate" for may in ("view", "add", "change", "delete"))
_ROLE_PERMISSIONS: dict[str, tuple[str, ...]] = {
    roles.ADMIN: ("city.*", "complaints.*", "dispatch.*"),
    roles.P3M: (
        *_WORK,
        "dispatch.view_*",
        *_TELL,
        *_REPLIES,
        *_TAGS,
        "city.view_department",
        "city.view_category",
        "city.view_area",
    ),
    roles.DEPARTMENT_ADMIN: (*_WORK, *_RUN, *_REPLIES, "dispatch.view_repaircheck", *_CREWS, *_TAGS),
    roles.HANDLER: _WORK,
    roles.OPERATOR: _WORK,
    roles.DUTY_OFFICER: (*_WORK, "dispatch.view_outbox", "dispatch.view_officeweek"),
    roles.PLANNER: (*_LOOK, *_RUN),
    roles.VIEWER: _LOOK,
}
# Nobody gets these through a role, whatever the pattern says: reports and what was said are never deleted.
_NEVER = frozenset(
    {
        "delete_crew",
        "delete_tag",
        "delete_report",
        "delete_event",
        "change_event",
        "add_event",
        "change_reporter",
    }
    | {f"{may}_auditevent" for may in ("add", "change", "delete")}
)


class StaffError(Exception):
    """The account cannot be made like this; the text says what to do."""


def sync_groups() -> None:
    """One group per role with exactly that role's permissions. Safe to repeat; runs after every migrate."""
    by_name = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
        if codename not in _NEVER
    }
    for role in roles.ROLES:
        group, _created = Group.objects.get_or_create(name=role)
        group.permissions.set(_matching(_ROLE_PERMISSIONS[role], by_name))


def _matching(patterns: tuple[str, ...], by_name: dict[str, int]) -> list[int]:
    def wanted(name: str) -> bool:
        return any(
            name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
            for pattern in patterns
        )

    return [pk for name, pk in by_name.items() if wanted(name)]


def apply_role(user: User) -> None:
    """Put a user into the group of their role and into no other role's group."""
    others = user.groups.filter(name__in=roles.ROLES).exclude(name=user.role)
    user.groups.remove(*others)
    if user.role:
        group, created = Group.objects.get_or_create(name=user.role)
        if created:
            sync_groups()
        user.groups.add(group)


def check_role(role: str, department: Department | None) -> None:
    """Raises StaffError for an unknown role, or one that makes no sense without a department."""
    if role not in roles.ROLES:
        raise StaffError(
            _("There is no role “%(role)s”. Roles: %(roles)s.")
            % {"role": role, "roles": ", ".join(roles.ROLES)}
        )
    if role in roles.NEED_DEPARTMENT and department is None:
        raise StaffError(
            _("The role %(role)s needs a department. Departments: %(codes)s.")
            % {"role": role, "codes": _department_codes()}
        )


def _department_codes() -> str:
    codes = Department.objects.filter(is_active=True).order_by("code").values_list("code", flat=True)
    return ", ".join(codes) or _("none yet; load the city first (load_city)")


def _department(code: str) -> Department:
    department = Department.objects.filter(code__iexact=code, is_active=True).first()
    if department is None:
        raise StaffError(
            _("There is no department “%(code)s”. Departments: %(codes)s.")
            % {"code": code, "codes": _department_codes()}
        )
    return department


def new_password() -> str:
    """A random password that can be read out; about 81 bits."""
    return "".join(secrets.choice(_READABLE) for _i in range(_PASSWORD_LENGTH))


@transaction.atomic
def create_staff(
    username: str,
    *,
    role: str,
    department_code: str | None = None,
    password: str | None = None,
    update: bool = False,
) -> tuple[User, str | None]:
    """Make a staff account, or with `update` bring an existing one to the given role and department.

    Returns the user and the password that was generated, or None when one was given or an existing
    account keeps its own. Raises StaffError with a sentence that names the valid codes.
    """
    department = _department(department_code) if department_code else None
    check_role(role, department)
    user = User.objects.filter(username=username).first()
    if user is not None and not update:
        raise StaffError(
            _("There is already a “%(username)s”. Add --update to change that account.")
            % {"username": username}
        )
    is_new = user is None
    user = user or User(username=username)
    before = None if is_new else rights_of(user)
    user.role, user.department, user.is_staff, user.is_active = role, department, True, True
    generated = new_password() if is_new and not password else None
    _set_password(user, password or generated)
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as exc:
        raise StaffError(" ".join(exc.messages)) from exc
    user.save()
    apply_role(user)
    record_rights(user, before, by=None)
    return user, generated


def rights_of(user: User) -> dict[str, object]:
    """What decides what an account may do, for comparing before and after."""
    return {
        "role": user.role,
        "department": user.department.code if user.department else "",
        "is_active": user.is_active,
    }


def record_rights(user: User, before: dict | None, *, by: User | None) -> None:
    """Put a new account (`before` None) or changed rights on record; `by` None: the command line."""
    after = rights_of(user)
    if before == after:
        return
    changes = {
        name: [(before or {}).get(name, ""), value]
        for name, value in after.items()
        if value != (before or {}).get(name, "")
    }
    kind = audit.Kind.ACCOUNT_CREATED if before is None else audit.Kind.ROLE_CHANGED
    detail = {"changes": changes} | ({} if by else {"via": "command"})
    audit.record(kind, now=timezone.now(), actor=by, detail=detail, **audit.about(user))


def _set_password(user: User, password: str | None) -> None:
    if password is None:
        return
    try:
        validate_password(password, user)
    except ValidationError as exc:
        raise StaffError(" ".join(exc.messages)) from exc
    user.set_password(password)
