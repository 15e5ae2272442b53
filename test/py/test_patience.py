# SPDX-License-Identifier: BSD-3-Clause
"""How long tests wait: times in which a thread was ready and got no CPU do not count."""

import subprocess

import patience
import pytest
from patience import Patience, starved, threads, wait_for

READY, ASLEEP = True, False


@pytest.mark.parametrize("before, after, seconds", [
    ({"1": (READY, 5, 7)}, {"1": (READY, 5, 7)}, 3),            # has waited all the time
    ({"1": (READY, 5, 0)}, {"1": (READY, 9, 500000000)}, 0.5),  # has run in between
    ({"1": (READY, 5, 0)}, {"1": (READY, 3000000005, 0)}, 0),   # has run all the time
    ({"1": (ASLEEP, 5, 0)}, {"1": (ASLEEP, 5, 0)}, 0),          # waits for something else
    ({"1": (ASLEEP, 5, 0)}, {"1": (READY, 5, 0)}, 0),           # is ready only now
    ({"1": (READY, 5, 0)}, {"1": (ASLEEP, 6, 9000000000)}, 3),  # of which 6 s were counted before
    ({}, {"1": (READY, 5, 1000000000)}, 0),                     # new
    ({"1": (READY, 5, 0)}, {}, 0),                              # ended
])
def test_time_without_a_cpu(before, after, seconds):
    assert starved(before, after, 3) == seconds


class Clock:
    """Time that passes as the test says: a second in each look at it."""

    def __init__(self, monkeypatch, seen):
        self.now, self.seen = 0, iter(seen)
        monkeypatch.setattr(patience.time, "monotonic", self.monotonic)
        monkeypatch.setattr(patience.time, "sleep", lambda seconds: None)
        monkeypatch.setattr(patience, "threads", lambda: next(self.seen))

    def monotonic(self):
        self.now += 1
        return self.now


def test_patience_ends(monkeypatch):
    Clock(monkeypatch, [{"1": (ASLEEP, 0, 0)}] * 9)
    patience_of_5 = Patience(5)
    assert [patience_of_5.lasts() for _ in range(6)] == [True] * 4 + [False] * 2


def test_a_starved_thread_is_waited_for(monkeypatch):
    """20 s without a CPU, then it runs, and then it is quiet for as long as patience lasts."""
    clock = Clock(monkeypatch, [{"1": (READY, 0, 0)}] * 20 + [{"1": (ASLEEP, 1, 0)}] * 9)
    with pytest.raises(AssertionError, match="no end of it: 0"):
        wait_for("end of it", lambda: 0, timeout=5)
    assert 20 + 4 <= clock.now <= 20 + 6


def test_what_comes_late_is_taken(monkeypatch):
    clock = Clock(monkeypatch, [{"1": (READY, 0, 0)}] * 100)
    assert wait_for("the 50th second", lambda: clock.now > 50, timeout=5)


def test_threads_of_a_child_are_seen():
    with subprocess.Popen(["sleep", "60"]) as p:
        try:
            assert str(p.pid) in threads()
        finally:
            p.kill()
