# SPDX-License-Identifier: BSD-3-Clause
"""kill -9 of either side under traffic, many times: the other one goes on and keeps nothing.

STEER_LONG (set by ./check --long): 200 times, else 10.
"""

import os
import re
import time

import pytest

from conftest import PATIENCE, Process, eal_args
from patience import Patience
from patience import wait_for
from testpmd import Testpmd

TIMES = int(os.environ.get("STEER_KILLS", 200 if os.environ.get("STEER_LONG") else 10))
QUEUES = ("--rxq=2", "--txq=2")
SETTLED = 3  # first rounds may fill caches; from then on nothing may grow

pytestmark = [pytest.mark.timeout(3600), pytest.mark.sanitize]


class Stock(Testpmd):
    """Started without a port, testpmd takes numbers of queues only later."""

    __test__ = False
    closed = "Now total ports is 0"
    queues = ("port config all rxq 2", "port config all txq 2")


class Steerpmd(Testpmd):
    """Our own application at its prompt: it has testpmd's verbs."""

    __test__ = False
    closed = "the device is gone, closing the port"
    queues = ()

    def __init__(self, build, rundir, env, name="own"):
        argv = [str(build / "app" / "steerpmd" / "dpdk-steerpmd"),
                *eal_args(f"{rundir.name}-{name}", mem=192, lcores="0@0,1@1"), "--", "-i", *QUEUES]
        Process.__init__(self, argv, rundir / f"{name}.log", env, stdin=-1)
        self.seen = 0
        self.wait_started("steerpmd> ")
        self.prompt()

    def prompt(self, timeout=PATIENCE):
        patience = Patience(timeout)
        while patience.lasts():
            done = self.p.poll() is not None
            at = self.text().find("steerpmd> ", self.seen)
            if at >= 0:
                part, self.seen = self.text()[self.seen:at], at + len("steerpmd> ")
                return part
            assert not done, self.text()[-4000:]
            time.sleep(0.005)
        raise AssertionError(f"no prompt after:\n{self.text()[self.seen:]}")

    def memory(self):
        return {"fds": len(os.listdir(f"/proc/{self.pid}/fd")), "maps": self.maps()}


def memory(app, build):
    """What must not grow. AddressSanitizer maps memory as it likes."""
    now = app.memory()
    if build.name == "asan":
        del now["maps"]
    return now


@pytest.fixture(params=["testpmd", "steerpmd"])
def app(request, build, rundir, env):
    """A program at its prompt, without a port."""
    if request.param == "testpmd":
        one = Stock(build, rundir, env, [])
    else:
        one = Steerpmd(build, rundir, env)
    yield one
    one.kill()


def port_of(text):
    return re.search(r"Port (\d+) is attached", text).group(1)


def wait_same(read, want, timeout=PATIENCE):
    """Wait until a reading is what it was; @return the last reading."""
    patience = Patience(timeout)
    while (now := read()) != want and patience.lasts():
        time.sleep(0.02)
    return now


def test_app_outlives_its_devices(app, vfu_nic, build):
    """The removal event comes, everything is freed, the next device is attached."""
    for i in range(TIMES):
        nic = vfu_nic("--queues", "2", name=f"n{i % 2}")
        port = port_of(app.ask(f"port attach vfio:nic{i % 2},sock={nic.sock}"))
        for command in (*app.queues, f"port start {port}", "start"):
            app.ask(command)
        app.wait_packets(port, "RX-packets", 500)
        nic.kill()
        app.wait_text(f"vfio:nic{i % 2}: the device is gone")
        wait_for("closed port", lambda: app.text().count(app.closed) > i)
        ask_anew(app, "stop")
        if i == SETTLED:
            before = memory(app, build)
    assert app.text().count(app.closed) == TIMES
    assert wait_same(lambda: memory(app, build), before) == before
    assert app.quit() == 0


def ask_anew(app, line):
    """As ask(), where output of the application's own may hold prompts that are not the answer."""
    mark = len(app.text())
    app.say(line)
    assert wait_same(lambda: line + "\n" in app.text()[mark:], True)
    app.seen = app.text().index(line + "\n", mark)
    return app.prompt()


def held(nic, build):
    return nic.fds(), 0 if build.name == "asan" else nic.maps()


def test_device_outlives_its_clients(vfu_nic, build, rundir, env):
    """Whenever a client dies, the server drops what it had and serves the next one."""
    nic = vfu_nic("--queues", "2")
    idle = nic.fds()
    for i in range(TIMES):
        client = Testpmd(build, rundir, env, [f"vfio:nic0,sock={nic.sock}"], *QUEUES,
                         "--forward-mode=io", name=f"c{i % 2}")
        client.ask("start")
        client.wait_packets(0, "TX-packets", 500)
        client.kill()
        if i == SETTLED:
            assert wait_same(nic.fds, idle) == idle
            before = held(nic, build)
    assert wait_same(lambda: held(nic, build), before) == before
    assert nic.counters()["clients"] == str(TIMES)
    assert nic.stop() == 0
