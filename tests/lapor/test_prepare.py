"""`manage.py prepare`, the first step of every start."""

import io

import pytest
from django.core.management import call_command

from city.models import User
from complaints.models import Report


def prepare(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("prepare", *arguments, stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.django_db
def test_a_first_start_makes_the_accounts_and_tells_their_passwords_once():
    told = [line.split() for line in prepare("--first-start")]
    accounts = [words for words in told if words[0] == "@account"]
    assert [(words[1], *words[3:]) for words in accounts] == [
        ("admin", "admin"),
        ("petugas-dpu", "handler", "DPU"),
    ]
    for words in accounts:
        assert User.objects.get(username=words[1]).check_password(words[2])
        assert len(words[2]) >= 20
    assert accounts[0][2] != accounts[1][2]
    assert not [line for line in prepare("--first-start") if line.startswith("@account")]
    assert User.objects.count() == 2


@pytest.mark.django_db
def test_without_demonstration_there_is_one_administrator_and_no_reports():
    told = prepare("--first-start", "--no-demo")
    assert [line.split()[1] for line in told] == ["admin"]
    assert list(User.objects.values_list("username", "role")) == [("admin", "admin")]


@pytest.mark.django_db
def test_production_makes_no_accounts():
    assert prepare() == []
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_the_demonstration_stops_where_real_reports_begin(make_report):
    assert prepare("--first-start")[-1] == "@demo"
    report = make_report(channel="demo")
    assert prepare("--first-start") == ["@demo"]
    Report.objects.filter(pk=report.pk).update(channel="web")
    assert prepare("--first-start") == []
