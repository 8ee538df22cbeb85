"""Two people who save the same rule at the same moment."""

import threading
from contextlib import suppress

import pytest
from django.db import connection

from dispatch.models import RoutingRule
from dispatch.services import rules


@pytest.mark.usefixtures("committed_city")
@pytest.mark.django_db(transaction=True)
def test_two_who_save_a_rule_at_once_make_two_versions(monkeypatch):
    both_have_read = threading.Barrier(2, timeout=0.5)
    save, errors = RoutingRule.save, []

    def save_after_both_have_read(self, *arguments, **options):
        with suppress(threading.BrokenBarrierError):  # with the lock only one comes here
            both_have_read.wait()
        save(self, *arguments, **options)

    def edit():
        try:
            rules.save_rule(RoutingRule.objects.get(code="trotoar-ditempati"))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    monkeypatch.setattr(RoutingRule, "save", save_after_both_have_read)
    before = RoutingRule.objects.get(code="trotoar-ditempati").version
    threads = [threading.Thread(target=edit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert RoutingRule.objects.get(code="trotoar-ditempati").version == before + 2
