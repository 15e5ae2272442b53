# SPDX-License-Identifier: BSD-3-Clause
"""Programs with librte_steer.so: what they follow, and a testpmd that has it."""

import os
import pathlib

import pytest

from patience import wait_for
from telemetry import Telemetry
from pmd import testpmd  # noqa: F401 (fixture)

PLUGIN = "librte_steer.so"
LCORES = "0@0,1@1,2@0,3@1"
NULL = ("net_null0", "net_null1")
DIRS = ("rx", "tx")


def cpus_needed(n):
    if len(os.sched_getaffinity(0)) < n:
        pytest.skip(f"needs {n} CPUs")


class Placement:
    """What telemetry shows of a process with the plug-in."""

    def __init__(self, rundir, prefix):
        self.tele = Telemetry(rundir, prefix)

    def ports(self):
        return self.tele.ask("/steer/ports")

    def port(self, port):
        return self.tele.ask(f"/steer/port,{port}")

    def lcores(self, port, queues, dirs=DIRS):
        """Lcore of each queue; None: the port or the queue is not known."""
        found = [self.tele.ask(f"/steer/queue,{port},{way},{q}") for way in dirs
                 for q in range(queues)]
        return [q["lcore"] if q else None for q in found]

    def wait_lcores(self, port, queues, lcore, dirs=DIRS):
        want = [lcore] * queues * len(dirs)
        wait_for(f"lcore {lcore} at the queues of port {port}",
                 lambda: self.lcores(port, queues, dirs) == want)


@pytest.fixture
def plugged(testpmd, rundir):  # noqa: F811
    """Start testpmd with the plug-in: plugged(*app, vdevs=, steer=, **kw)."""
    def begin(*app, vdevs=NULL, steer="steer,ports=all", name="pmd", **kw):
        eal = [x for v in (*vdevs, *([steer] if steer else [])) for x in ("--vdev", v)]
        # What lib/steer says of a port comes from another thread, in the middle of a prompt.
        eal += ["--log-level", "steer:warning", *kw.pop("eal", ())]
        t = testpmd([], *app, eal=eal, plugins=kw.pop("plugins", [PLUGIN]),
                    lcores=kw.pop("lcores", LCORES), telemetry=True, name=name, **kw)
        return t, Placement(rundir, f"{rundir.name}-{name}")

    return begin


def threads(t):
    return [pathlib.Path(f"/proc/{t.pid}/task/{task}/comm").read_text().strip()
            for task in os.listdir(f"/proc/{t.pid}/task")]


def following(t):
    return "steer-follow" in threads(t)


def ours(t):
    """Lines that the plug-in has printed."""
    return [x for x in t.text().splitlines() if x.startswith("steer: ")]


