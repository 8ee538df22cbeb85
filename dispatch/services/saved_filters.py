"""Views of the queue that officers keep: their own, and those that are shared with them."""

from datetime import datetime
from urllib.parse import parse_qsl

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from city import roles
from city.models import User
from complaints import errors
from complaints.domain import text
from complaints.selectors_search import contact_meant
from dispatch.domain import queue_query
from dispatch.models import QueueSetting, SavedFilter
from dispatch.services import casework

AT_MOST = 30  # of one owner
NAME_MAX_CHARS = 60
_SHARERS = frozenset({roles.ADMIN, roles.P3M, roles.DEPARTMENT_ADMIN})

_NAME_MISSING = _("Please give the view a name.")
_NAME_TOO_LONG = _("This name is too long; at most 60 characters fit.")
_NAME_TAKEN = _("You have a view of this name already. Please choose another name.")
_TOO_MANY = _("You have 30 views already. Delete one that you no longer need.")
_NO_CONTACT = _(
    "A view keeps no phone number or e-mail address. Please search for it anew each time you need it."
)
_MAY_NOT_SHARE = _(
    "Only department heads, the complaints desk and administrators share views. "
    "Keep it for yourself, or ask one of them."
)


def may_share(user) -> bool:
    return casework.role_of(user) in _SHARERS


def visible_to(user) -> QuerySet[SavedFilter]:
    """One's own, and what others share with one's department or with everybody; the own ones first."""
    shared = Q(is_shared=True, department__isnull=True)
    if user.department_id is not None:
        shared |= Q(is_shared=True, department_id=user.department_id)
    found = SavedFilter.objects.filter(Q(owner=user) | shared).select_related("owner")
    return found.order_by("position", "id")


def of(user) -> list[SavedFilter]:
    """The views this person may open, the own ones first. One query."""
    return sorted(visible_to(user), key=lambda view: view.owner_id != user.pk)


@transaction.atomic
def save(user, *, name: str, query: str, is_shared: bool = False, now: datetime) -> SavedFilter:
    """Keep a view under a name. Raises InvalidReport (`name`, `is_shared`). Locks the owner's account row,
    so that two at once neither take one place nor pass the limit."""
    _lock(user)
    if contact_meant(user, dict(parse_qsl(query)).get("q", "")):
        raise errors.InvalidReport({"name": ("contact", _NO_CONTACT)})
    own = SavedFilter.objects.filter(owner=user)
    if own.count() >= AT_MOST:
        raise errors.InvalidReport({"name": ("too_many", _TOO_MANY)})
    last = own.aggregate(last=Max("position"))["last"]
    view = SavedFilter(owner=user, query=queue_query.clean(query), position=0 if last is None else last + 1)
    _write(view, user, name, is_shared, now)
    _log(user, view, ADDITION, now)
    return view


@transaction.atomic
def change(user, view_id: int, *, name: str, is_shared: bool, now: datetime) -> SavedFilter:
    """Give one's own view another name, share it, or share it no longer. Raises SavedFilter.DoesNotExist
    (nobody changes another's), InvalidReport."""
    view = _own(user, view_id)
    before = (view.name, view.is_shared)
    _write(view, user, name, is_shared, now)
    if (view.name, view.is_shared) != before:
        _log(user, view, CHANGE, now)
    return view


@transaction.atomic
def delete(user, view_id: int, *, now: datetime) -> str:
    """Delete one's own view; returns its name. Whoever opened the queue with it gets the whole queue again.
    Raises SavedFilter.DoesNotExist."""
    view = _own(user, view_id)
    _log(user, view, DELETION, now)
    view.delete()
    return view.name


@transaction.atomic
def move_up(user, view_id: int) -> None:
    """Put one's own view before the one above it. Raises SavedFilter.DoesNotExist."""
    view = _own(user, view_id)
    own = list(SavedFilter.objects.filter(owner=user).order_by("position", "id"))
    place = own.index(view)
    if place:
        own[place - 1], own[place] = own[place], own[place - 1]
    for position, item in enumerate(own):
        item.position = position
    SavedFilter.objects.bulk_update(own, ["position"])


def _lock(user) -> None:
    User.objects.select_for_update(of=("self",)).only("pk").get(pk=user.pk)


def _own(user, view_id: int) -> SavedFilter:
    _lock(user)
    return SavedFilter.objects.get(pk=view_id, owner=user)


def _write(view: SavedFilter, user, name: str, is_shared: bool, now: datetime) -> None:
    name = text.clean_line(name)
    if not name:
        raise errors.InvalidReport({"name": ("name_missing", _NAME_MISSING)})
    if len(name) > NAME_MAX_CHARS:
        raise errors.InvalidReport({"name": ("name_too_long", _NAME_TOO_LONG)})
    if SavedFilter.objects.filter(owner=user, name=name).exclude(pk=view.pk).exists():
        raise errors.InvalidReport({"name": ("name_taken", _NAME_TAKEN)})
    if is_shared and not may_share(user):
        raise errors.InvalidReport({"is_shared": ("may_not_share", _MAY_NOT_SHARE)})
    view.name, view.is_shared, view.changed_at = name, is_shared, now
    is_for_all = user.is_superuser or user.role in roles.CITY_WIDE
    view.department_id = user.department_id if is_shared and not is_for_all else None
    view.save()


def _log(user, view: SavedFilter, flag: int, now: datetime) -> None:
    LogEntry.objects.create(
        action_time=now,
        user_id=user.pk,
        content_type=ContentType.objects.get_for_model(SavedFilter),
        object_id=str(view.pk),
        object_repr=view.name,
        action_flag=flag,
        change_message="",
    )


# --- What the page remembers ---------------------------------------------------------------------------


def setting(user) -> QueueSetting:
    """This person's settings of the queue, with the view it opens with. One query."""
    found = QueueSetting.objects.select_related("first_view").filter(user=user).first()
    return found or QueueSetting(user=user)


SWITCHES = ("shows_map", "has_keys", "opens_next")


def switch(user, name: str, on: bool) -> None:
    """Remember one of SWITCHES. Raises KeyError for any other name."""
    if name not in SWITCHES:
        raise KeyError(name)
    QueueSetting.objects.update_or_create(user=user, defaults={name: on})


def open_with(user, view_id: int | None) -> None:
    """Let the queue open with a view that this person may see; None: with everything that is open. Raises
    SavedFilter.DoesNotExist."""
    view = None if view_id is None else visible_to(user).get(pk=view_id)
    QueueSetting.objects.update_or_create(user=user, defaults={"first_view": view})


def first_view(user, kept: QueueSetting) -> SavedFilter | None:
    """The view the queue opens with, unless it is shared with this person no longer."""
    view = kept.first_view
    if view is None or view.owner_id == user.pk:
        return view
    is_theirs = view.is_shared and view.department_id in (None, user.department_id)
    return view if is_theirs else None
