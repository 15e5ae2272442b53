# SPDX-License-Identifier: BSD-3-Clause
"""A long life of Debian's testpmd with our plug-ins under AddressSanitizer, LeakSanitizer and
UndefinedBehaviorSanitizer: nothing is reported that has a frame in our objects. What the stock
program does or leaks by itself is not ours. STEER_LONG (set by ./check --long): the long form."""

import os
import re

import pytest

from patience import wait_for
from testpmd import Testpmd, plugin_env

LONG = bool(os.environ.get("STEER_LONG"))
CYCLES, ATTACHES, DEATHS = (10, 3, 5) if LONG else (3, 1, 1)
OURS = re.compile(r"librte_bus_vfio|librte_net_vfio_virtio|librte_steer|libsteer"
                  r"|drivers/(bus/vfio|misc/steer|net/virtio)/")

pytestmark = [pytest.mark.sanitize, pytest.mark.timeout(1200)]


@pytest.fixture
def life(build, rundir, env):
    """Start testpmd with leaks looked for; reports go to files of their own."""
    if "LD_PRELOAD" not in plugin_env(build, env):
        pytest.skip("needs the build with AddressSanitizer: ./check, or STEER_BUILD=build/asan")
    env = dict(env, UBSAN_OPTIONS="print_stacktrace=1",
               ASAN_OPTIONS=f"detect_leaks=1:log_path={rundir}/san:fast_unwind_on_malloc=0",
               LSAN_OPTIONS="exitcode=0:report_objects=1:max_leaks=0")
    started = []

    def start(devices, *app, **kw):
        started.append(Testpmd(build, rundir, env, devices, *app, mem=256, **kw))
        return started[-1]

    yield start
    for t in started:
        t.kill()


def reports(rundir, t):
    """Stacks of all reports: each error or leak with the frames that follow it."""
    text = "".join(f.read_text(errors="replace") for f in rundir.glob("san.*")) + t.text()
    return re.findall(r"^(?:.*(?:ERROR: AddressSanitizer|runtime error:)|(?:Ind|D)irect leak of)"
                      r".*\n(?:.*\n)*?(?=\n|\Z)", text, re.M), text


def forward(t, ports=2):
    t.ask("start")
    for port in range(ports):
        t.wait_packets(port, "TX-packets", 1000)
    t.ask("stop")


def test_nothing_of_ours_is_reported(vfu_nic, life, rundir):
    nics = [vfu_nic("--queues", "4", name=f"n{i}") for i in range(2)]
    names = [f"vfio:nic{i},sock={nic.sock}" for i, nic in enumerate(nics)]
    t = life(names, "--rxq=4", "--txq=4")
    t.ask("set fwd io")
    for _ in range(CYCLES):
        forward(t)
        t.ask("port stop all")
        assert "Fail" not in t.ask("port start all")
    for _ in range(ATTACHES):
        t.ask("port stop all")
        for port in range(2):
            assert "detached" in t.ask(f"port detach {port}")
        for name in names:
            assert "is attached" in t.ask(f"port attach {name}")
        assert "Fail" not in t.ask("port start all")
        forward(t)
    for n in range(DEATHS):
        t.ask("start")
        for nic in nics:
            nic.kill()
        wait_for("start with no ports", lambda: t.text().count("nb forwarding ports=0") > n)
        t.seen = len(t.text())
        t.ask("stop")
        nics = [vfu_nic("--queues", "4", name=f"d{n}{i}") for i in range(2)]
        for i, nic in enumerate(nics):
            assert "is attached" in t.ask(f"port attach vfio:nic{i},sock={nic.sock}")
        assert "Fail" not in t.ask("port start all")
        forward(t)
    end(rundir, t)


def end(rundir, t):
    code = t.quit()
    found, text = reports(rundir, t)
    ours = [r for r in found if OURS.search(r)]
    assert not ours, "\n".join(ours)
    assert "ERROR: AddressSanitizer" not in text and code == 0, text[-4000:]
    assert "LeakSanitizer has encountered a fatal error" not in text


def test_plugin_and_ports_come_and_go(life, rundir):
    """Also with lcores inside of the callbacks, and with callbacks that ethdev does not give back."""
    t = life([], "--rxq=4", "--txq=4", plugins=["librte_steer.so"],
             eal=["--vdev", "net_null0", "--vdev", "net_null1", "--vdev", "steer",
                  "--log-level", "steer:warning"])  # its thread would print into the prompt
    t.ask("set fwd io")
    for _ in range(CYCLES):
        for queues in (1, 4):
            t.ask("start")
            t.wait_packets(1, "TX-packets", 1000)
            t.ask("device detach steer")
            t.wait_packets(1, "TX-packets", 1000)
            t.ask("port attach steer,scan=100")
            t.wait_packets(1, "TX-packets", 1000)
            t.ask("stop")
            t.ask("port stop all")
            t.ask(f"port config all rxq {queues}")
            t.ask(f"port config all txq {queues}")
            assert "detached" in t.ask("port detach 1")
            assert "is attached" in t.ask("port attach net_null1")
            assert "Fail" not in t.ask("port start all")
    end(rundir, t)
