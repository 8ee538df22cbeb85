"""What staff's pages cost at many reports: queue, filters, orders, searches, a case, the first page, lists.

    .venv/bin/python benchmarks/bench_staff.py [name …]

Runs like benchmarks/looking.py, through the real views as a handler and a head of the fullest department, the
complaints desk and an administrator, and prints one JSON line a measure. What is searched for is taken from
the reports themselves: a street of these reports, words of half of them and of a few, a beginning of
a word, a word that nobody wrote.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from django.db import transaction
from django.test import Client
from django.urls import reverse

from benchmarks.inside import timed
from benchmarks.looking import busiest
from city import roles, snapshot
from city.models import User
from complaints import selectors
from complaints.models import Report, Reporter

REPEAT = int(os.environ.get("BENCH_REPEAT", "30"))
LIST = "admin:complaints_report_changelist"


class Officer:
    """A member of staff with a browser."""

    def __init__(self, role: str, department_id: int | None = None):
        self.role = role
        self.user, _made = User.objects.get_or_create(
            username=f"bench-{role}",
            defaults={"role": role, "department_id": department_id, "is_staff": True},
        )
        self.user.groups.set(_group(role))
        self.client = Client(HTTP_HOST="localhost")
        self.client.force_login(self.user)

    def get(self, path: str, query: dict | None = None) -> None:
        answer = self.client.get(path, query or {})
        if answer.status_code != 200:
            raise RuntimeError(f"{path} {query}: {answer.status_code} {answer.content[:200]}")

    def sample(self) -> Report:
        return selectors.for_staff(self.user).filter(is_open=True).exclude(street="").order_by("-id")[0]


def _group(role: str):
    from django.contrib.auth.models import Group

    return Group.objects.filter(name=role)


def _searches(sample: Report) -> dict[str, str]:
    area = snapshot.current().areas_by_id[sample.area_id]
    return {
        "rare words": sample.street.split(" No.")[0],
        "a common word": "jalan",
        "two common words": "jalan hujan",
        "a beginning": "lub",
        "a number": "No. 17",
        "an area": area.name,
        "a word and an area": f"lubang {area.name}",
        "a rare word with a common one": f"jembatan {sample.street.split(' No.')[0].split()[-1]}",
        "no hit": "kataitutidakada",
        "a code": sample.code,
        "a number to call": "0812 3456 7890",
    }


def _filters(sample: Report) -> dict[str, dict]:
    snap = snapshot.current()
    area = snap.areas_by_id[sample.area_id]
    return {
        "overdue": {"tenggat": "overdue"},
        "this week": {"tenggat": "week"},
        "new": {"status": "new"},
        "in progress": {"status": "in_progress"},
        "closed": {"status": "closed"},
        "all states": {"status": "all"},
        "kind": {"kategori": snap.categories_by_id[sample.category_id].code},
        "severity": {"tingkat": str(sample.severity)},
        "kelurahan": {"wilayah": area.code},
        "kecamatan": {"wilayah": area.parent_code},
        "nobody's": {"penangan": "kosong"},
        "channel": {"kanal": "seed"},
        "without photo": {"foto": "tanpa"},
        "kecamatan, severity, overdue": {
            "wilayah": area.parent_code,
            "tingkat": str(sample.severity),
            "tenggat": "overdue",
        },
        "newest": {"urut": "terbaru"},
        "oldest": {"urut": "terlama"},
        "most severe": {"urut": "tingkat"},
        "last changed": {"urut": "perubahan"},
        "page 20": {"p": "20"},
    }


def measures():
    """Name, whether it is a page of the queue, a function that asks once."""
    department_id = busiest("department_id")
    officers = [
        Officer(roles.HANDLER, department_id),
        Officer(roles.DEPARTMENT_ADMIN, department_id),
        Officer(roles.P3M),
    ]
    queue = reverse(LIST)
    for one in officers:
        sample = one.sample()
        asked = {"queue": {}}
        if one.role != roles.DEPARTMENT_ADMIN:
            asked |= {f"queue: {name}": query for name, query in _filters(sample).items()}
            words = _searches(sample)
            asked |= {f"search: {name}": {"q": text} for name, text in words.items()}
            asked |= {
                f"search in all states: {name}": {"q": text, "status": "all"} for name, text in words.items()
            }
        for name, query in asked.items():
            yield f"{one.role} {name}", True, lambda one=one, query=query: one.get(queue, query)
        case = reverse("admin:complaints_report_change", args=[sample.pk])
        yield f"{one.role} case", False, lambda one=one, case=case: one.get(case)
        yield f"{one.role} first page", False, lambda one=one: one.get(reverse("admin:index"))
    yield "p3m search: a filed address", True, _by_contact(officers[-1])
    head = officers[1]
    yield "department_admin office", False, lambda: head.get(reverse("admin:dispatch_office"))
    yield from _lists(Officer(roles.ADMIN))


def _by_contact(desk: Officer):
    address = Reporter.objects.exclude(email="").order_by("-report_id").values_list("email", flat=True)[0]
    return lambda: desk.get(reverse(LIST), {"q": address})


def _lists(admin: Officer):
    """The other lists that grow."""
    yield "admin record", False, lambda: admin.get(reverse("admin:audit"))
    for name in ("delivery", "outbox", "routingdecision", "escalation", "referral", "webhookdelivery"):
        address = reverse(f"admin:dispatch_{name}_changelist")
        yield f"admin {name}", False, lambda address=address: admin.get(address)


def main() -> None:
    wanted = sys.argv[1:]
    with transaction.atomic():  # accounts, sessions and what is recorded of searches go again
        for name, is_list, work in measures():
            if not wanted or any(word in name for word in wanted):
                line = {"what": name, "is_list": is_list, **timed(work, REPEAT)}
                print(json.dumps(line), flush=True)
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
