"""Plans of evils: a seed plans the same again, every kind comes, and nothing that no portal could survive."""

from itertools import pairwise

import pytest

from benchmarks.chaos import mail, plan

SEEDS = range(60)
EVERY_KIND = {plan.WEB, plan.WEB_PROCESS, plan.WORKER, plan.WORKER_PROCESS, plan.BEAT, plan.EVERYTHING}


def test_the_same_seed_plans_the_same_evils():
    assert plan.make(7, 300, on_servers=True) == plan.make(7, 300, on_servers=True)
    assert plan.make(7, 300, on_servers=True) != plan.make(8, 300, on_servers=True)
    assert plan.make(7, 300, on_servers=True) != plan.make(7, 300, on_servers=False)


@pytest.mark.parametrize("on_servers", [False, True])
@pytest.mark.parametrize("seconds", [45, 300])
def test_every_kind_of_evil_comes_and_none_outlasts_the_run(seconds, on_servers):
    for seed in SEEDS:
        faults = plan.make(seed, seconds, on_servers=on_servers)
        assert {fault.what for fault in faults} >= EVERY_KIND | {plan.BROKER, plan.DATABASE, plan.MAIL}
        assert {fault.how for fault in faults if fault.what == plan.MAIL} == set(mail.MODES)
        assert faults == sorted(faults, key=lambda fault: fault.at_s)
        assert faults[0].at_s > 0
        assert max(fault.ends_s for fault in faults) <= seconds


def test_outages_of_one_thing_do_not_overlap():
    for seed in SEEDS:
        faults = plan.make(seed, 300, on_servers=True)
        for what in (plan.BROKER, plan.DATABASE, plan.MAIL):
            for one, next_one in pairwise(fault for fault in faults if fault.what == what):
                assert one.ends_s < next_one.at_s


def test_the_runner_is_not_asked_for_more_than_it_promises():
    """It gives up on a web server, and on its broker, that dies five times within a minute of its start."""
    for seed in SEEDS:
        faults = plan.make(seed, 600, on_servers=False)
        killed = [fault.at_s for fault in faults if fault.what == plan.WEB]
        assert all(later - earlier >= plan.WEB_GAP_S for earlier, later in pairwise(killed))
        broker = [fault.how for fault in faults if fault.what == plan.BROKER]
        assert broker == ["dies", "hangs"] * (len(broker) // 2)
