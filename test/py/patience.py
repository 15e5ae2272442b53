# SPDX-License-Identifier: BSD-3-Clause
"""How tests wait: for the thing itself and not for a time. A busy machine is no failure, and
patience costs nothing when all is well. Time in which a process of the test was ready to run and
got no CPU does not count: Linux may keep a thread waiting for longer than a minute."""

import os
import pathlib
import time

PATIENCE = 60  # seconds
LOOK = 1  # seconds between two looks at the threads; most waits are over before the first


def children(pid):
    """This process and what it started, as far as the kernel tells."""
    out = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            out += [int(x) for x in task.read_text(encoding="ascii").split()]
        except OSError:
            pass
    return out


def threads():
    """Thread -> (ready to run, nanoseconds it ran, nanoseconds it waited for a CPU), of all
    processes of the test: what /proc has in stat and schedstat."""
    out = {}
    for pid in children(os.getpid()):
        for task in pathlib.Path(f"/proc/{pid}/task").glob("*"):
            try:
                state = (task / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
                ran, waited, _ = (task / "schedstat").read_text(encoding="ascii").split()
            except (OSError, ValueError):  # ended, or a kernel that does not count
                continue
            out[task.name] = state == "R", int(ran), int(waited)
    return out


def starved(before, after, seconds):
    """How long, of these seconds, did the thread wait for a CPU that waited longest?"""
    worst = 0
    for name, (ready, ran, waited) in after.items():
        was_ready, ran_before, waited_before = before.get(name, (False, ran, waited))
        if ready and was_ready and (ran, waited) == (ran_before, waited_before):
            return seconds  # not yet counted: the kernel adds it when the thread runs
        worst = max(worst, (waited - waited_before) / 1e9)
    return min(worst, seconds)


class Patience:
    """Seconds in which the processes of the test could run."""

    def __init__(self, seconds=PATIENCE):
        self.left, self.at, self.seen = seconds, time.monotonic(), None

    def lasts(self):
        passed = time.monotonic() - self.at
        if passed >= min(LOOK, self.left):
            seen = threads()
            self.left -= passed - (starved(self.seen, seen, passed) if self.seen else 0)
            self.at, self.seen = self.at + passed, seen
        return self.left > 0


def wait_for(what, true, timeout=PATIENCE, every=0.005):
    """Wait until true() gives something true. @return that; its last value is in the failure."""
    patience = Patience(timeout)
    while not (value := true()):
        assert patience.lasts(), f"no {what}: {value!r}"
        time.sleep(every)
    return value
