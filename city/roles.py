"""The roles of city staff. Each is also a permission group of the same name (see `create_staff`)."""

from django.utils.translation import gettext_lazy as _

ADMIN = "admin"
P3M = "p3m"  # the complaints desk: verifies, redirects, watches deadlines, sees identities
DEPARTMENT_ADMIN = "department_admin"
HANDLER = "handler"
OPERATOR = "operator"  # call centre
DUTY_OFFICER = "duty_officer"  # situation room
PLANNER = "planner"
VIEWER = "viewer"

ROLE_CHOICES = [
    (ADMIN, _("Administrator")),
    (P3M, _("Complaints desk (P3M)")),
    (DEPARTMENT_ADMIN, _("Department head")),
    (HANDLER, _("Handler")),
    (OPERATOR, _("Call-centre operator")),
    (DUTY_OFFICER, _("Duty officer")),
    (PLANNER, _("Planner")),
    (VIEWER, _("Viewer")),
]
ROLES = [role for role, _name in ROLE_CHOICES]

# Roles that see every department's reports; all others see only their own department's.
CITY_WIDE = frozenset({ADMIN, P3M, OPERATOR, DUTY_OFFICER, PLANNER})
# Roles that may see who a reporter is. Handlers never do (Lapor Semar's practice, UU PDP 27/2022).
SEE_IDENTITY = frozenset({ADMIN, P3M})
# Roles that need a department to make sense.
NEED_DEPARTMENT = frozenset({DEPARTMENT_ADMIN, HANDLER})
