# SPDX-License-Identifier: BSD-3-Clause
"""librte_steer.so in Debian's unmodified testpmd: what it follows, and how it lets go."""

import pytest

from patience import wait_for
from plugin import DIRS, NULL, PLUGIN, cpus_needed, following, plugged  # noqa: F401 (fixture)
from pmd import testpmd  # noqa: F401 (fixture)
from testpmd import PLUGINS

pytestmark = pytest.mark.sanitize


@pytest.mark.parametrize("vdevs, queues", [
    (("net_null0", "net_null1"), 2),
    (("net_ring0", "net_ring1"), 1),
])
def test_follows_testpmd_from_lcore_to_lcore(plugged, vdevs, queues):
    cpus_needed(2)
    t, seen = plugged(f"--rxq={queues}", f"--txq={queues}", vdevs=vdevs)
    for lcore in (1, 2, 3, 1):
        t.ask(f"set corelist {lcore}")
        t.ask("start tx_first 32")
        for port in (0, 1):
            seen.wait_lcores(port, queues, lcore)
        t.ask("stop")
    assert seen.ports() == [0, 1]
    assert t.quit() == 0


def test_port_that_cannot_be_steered_says_why(plugged):
    t, seen = plugged()
    wait_for("ports", lambda: seen.ports() == [0, 1])
    port = seen.port(0)
    assert port["strategy"] == "none" and port["enabled"] == 0
    assert port["why"].startswith("unsupported: ")
    queue = seen.tele.ask("/steer/queue,0,rx,0")["why"]
    assert queue and port["why"].startswith(queue)
    assert t.quit() == 0


def test_named_ports_only(plugged):
    t, seen = plugged(vdevs=(*NULL, "net_null2", "net_null3"), steer="steer,ports=1:3")
    wait_for("ports", lambda: seen.ports() == [1, 3])
    t.ask("start")
    seen.wait_lcores(1, 1, 1)
    assert seen.ports() == [1, 3]
    assert t.quit() == 0


def test_stop_start_and_other_queues(plugged):
    t, seen = plugged("--rxq=1", "--txq=1")
    t.ask("start")
    seen.wait_lcores(0, 1, 1)
    for queues in (4, 2, 16, 1, 3):
        t.ask("stop")
        t.ask("port stop all")
        t.ask(f"port config all rxq {queues}")
        t.ask(f"port config all txq {queues}")
        assert "Fail" not in t.ask("port start all")
        wait_for(f"{queues} queues", lambda n=queues: seen.port(0)["rxq"] == n)
        assert seen.lcores(0, queues) == [-1] * queues * 2  # nobody polls the new ones
        t.ask("start")
        for port in (0, 1):
            seen.wait_lcores(port, queues, 1)
        assert seen.lcores(0, queues + 1, ("rx",))[-1] is None
    assert t.quit() == 0


def test_ports_come_and_go(plugged):
    t, seen = plugged("--rxq=4", "--txq=4")
    heap = []
    for n in range(8):
        t.ask("start")
        for port in (0, 1):
            seen.wait_lcores(port, 4, 1)
        t.ask("stop")
        t.ask("port stop 1")
        assert "detached" in t.ask("port detach 1")
        assert seen.ports() == [0]
        assert "is attached" in t.ask("port attach net_null1")
        t.ask("port start 1")
        wait_for("port 1", lambda: seen.ports() == [0, 1])
        heap.append(t.memory()["heap"])
    assert heap[-1] == heap[2]
    assert t.quit() == 0


def test_fewer_queues_when_closed(plugged):
    """ethdev does not give the callbacks of queues back that are no longer configured."""
    t, seen = plugged("--rxq=8", "--txq=8")
    t.ask("start")
    seen.wait_lcores(1, 8, 1)
    for queues in (1, 8):
        t.ask("stop")
        t.ask("port stop all")
        t.ask(f"port config all rxq {queues}")
        t.ask(f"port config all txq {queues}")
        assert "detached" in t.ask("port detach 1")
        assert "is attached" in t.ask("port attach net_null9,copy=0")
        assert "Fail" not in t.ask("port start all")
        wait_for("queues", lambda n=queues: (seen.port(1) or {}).get("rxq") == n)
        t.ask("set corelist 2")
        t.ask("start")
        seen.wait_lcores(1, queues, 2)
        assert "detached" not in t.ask("stop")
        t.ask("port stop 1")
        assert "detached" in t.ask("port detach 1")
        assert "is attached" in t.ask("port attach net_null1")
        t.ask("port start 1")
        t.ask("start")
        seen.wait_lcores(1, queues, 2)
    assert t.quit() == 0


def test_goes_and_comes_back_under_traffic(plugged):
    t, seen = plugged("--rxq=4", "--txq=4")
    t.ask("start")
    for _ in range(5):
        for port in (0, 1):
            seen.wait_lcores(port, 4, 1)
        assert "Fail" not in t.ask("device detach steer")
        assert not following(t) and seen.ports() == []
        t.wait_packets(0, "TX-packets", 1000)
        t.ask("port attach steer,ports=all")
        assert following(t)
    for port in (0, 1):
        seen.wait_lcores(port, 4, 1)
    t.ask("device detach steer")
    t.ask("stop")
    t.ask("port stop 1")
    assert "detached" in t.ask("port detach 1")  # frees what the lcore may have been in
    t.ask("port attach steer,ports=all")
    wait_for("port 0", lambda: seen.ports() == [0])
    assert t.quit() == 0


def test_port_of_our_own_driver_is_left_alone(plugged, vfu_nic):
    nic = vfu_nic("--queues", "2", "--tph-entries", "5")
    t, seen = plugged("--rxq=2", "--txq=2", vdevs=("net_null0",), plugins=(PLUGIN, *PLUGINS),
        eal=["-a", f"vfio:nic0,sock={nic.sock},steer=palette"])
    wait_for("both ports", lambda: seen.ports() == [0, 1])
    own, other = (0, 1) if seen.port(0)["strategy"] == "palette" else (1, 0)
    t.ask("set fwd io")
    t.ask("start")
    for port in (own, other):
        seen.wait_lcores(port, 2, 1)
    assert seen.port(own)["strategy"] == "palette" and seen.port(other)["strategy"] == "none"
    wait_for("tags", lambda: all(
        seen.tele.ask(f"/steer/queue,{own},{way},{q}")["cpu"] == 1 for way in DIRS
        for q in (0, 1)))
    t.ask("device detach steer")
    assert seen.ports() == [own] and seen.port(own)["enabled"] == 1
    assert t.quit() == 0
