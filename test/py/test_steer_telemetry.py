# SPDX-License-Identifier: BSD-3-Clause
"""lib/steer's telemetry in a live testpmd: true values, and no answer to nonsense."""

import pytest

from telemetry import Telemetry
from test_pmd import testpmd  # noqa: F401 (fixture)


def std(cpu):
    """vfu-nic's tag of a CPU, standard tags."""
    return 0x20 + cpu * 7 % 208


def start(vfu_nic, testpmd, rundir, *opts, devargs="", queues=2, ports=1, **kw):
    nics = [vfu_nic("--queues", str(queues), *opts, name=f"n{i}") for i in range(ports)]
    t = testpmd([f"vfio:nic{i},sock={n.sock}{devargs}" for i, n in enumerate(nics)],
                f"--rxq={queues}", f"--txq={queues}", telemetry=True, **kw)
    return t, Telemetry(rundir, f"{rundir.name}-pmd")


def test_ports(vfu_nic, testpmd, rundir):
    t, tele = start(vfu_nic, testpmd, rundir, ports=2)
    assert tele.ask("/steer/ports") == [0, 1]
    t.ask("port stop 0")
    assert "detached" in t.ask("port detach 0")
    assert tele.ask("/steer/ports") == [1]
    assert tele.ask("/steer/port,0") is None
    assert tele.ask("/steer/port,1")["enabled"] == 1
    assert t.quit() == 0


def test_palette_follows_the_lcore(vfu_nic, testpmd, rundir):
    t, tele = start(vfu_nic, testpmd, rundir, "--tph-entries", "5", devargs=",steer=palette")
    port = tele.ask("/steer/port,0")
    assert {k: port[k] for k in ("mode", "strategy", "enabled", "extended", "rxq", "txq", "slots",
                                 "table_size", "dialect", "why", "findings")} == {
        "mode": "palette", "strategy": "palette", "enabled": 1, "extended": 0, "rxq": 2, "txq": 2,
        "slots": 2, "table_size": 5, "dialect": "feature", "why": "", "findings": []}
    t.ask("set fwd io")
    t.ask("start")
    t.wait_packets(0, "TX-packets", 1000)
    t.wait_tags()
    for way in ("rx", "tx"):
        for q in (0, 1):
            queue = tele.ask(f"/steer/queue,0,{way},{q}")
            assert (queue["lcore"], queue["cpu"], queue["tag"]) == (1, 1, std(1))
            assert queue["last_error"] == 0 and queue["why"] == ""
            assert queue["mode"] == "auto" and queue["generation"] >= 1
    t.ask("stop")
    assert tele.ask("/steer/port,0")["st_writes"] == port["st_writes"]
    assert t.quit() == 0


@pytest.mark.parametrize("tph", ["iv-cap", "ds-reg"])
def test_off(vfu_nic, testpmd, rundir, tph):
    t, tele = start(vfu_nic, testpmd, rundir, "--tph", tph, devargs=",steer=off")
    port = tele.ask("/steer/port,0")
    assert port["mode"] == "off" and port["enabled"] == 0 and port["st_writes"] == 0
    t.ask("start")
    t.wait_packets(0, "TX-packets", 1000)
    t.ask("stop")
    queue = tele.ask("/steer/queue,0,rx,0")
    assert queue["tag"] == 0 and queue["last_error"] == 0 and queue["cpu"] == -1, queue
    assert t.quit() == 0


def test_device_without_tph(vfu_nic, testpmd, rundir):
    t, tele = start(vfu_nic, testpmd, rundir, "--tph", "none")
    port = tele.ask("/steer/port,0")
    assert port["enabled"] == 0 and "no TPH capability" in port["why"]
    assert port["findings"] == ["TPH capability: none", "dialect: none"]
    assert tele.ask("/steer/queue,0,rx,0")["tag"] == 0
    assert t.quit() == 0


NONSENSE = [
    "/steer/port", "/steer/port,", "/steer/port,x", "/steer/port,-1", "/steer/port,1",
    "/steer/port,65536", "/steer/port,99999999999999999999", "/steer/port,0x", "/steer/port,0 1",
    "/steer/port,0,rx,0", "/steer/queue", "/steer/queue,", "/steer/queue,0", "/steer/queue,0,rx",
    "/steer/queue,0,rx,", "/steer/queue,0,rx,2", "/steer/queue,0,up,0", "/steer/queue,0,rx,0,",
    "/steer/queue,0,tx,-1", "/steer/queue,0,tx,65536", "/steer/queue,1,rx,0",
    "/steer/queue,0,rx,9223372036854775808", "/steer/queue,,,", "/steer/queue," + "9" * 800,
]


def test_nonsense_has_no_answer(vfu_nic, testpmd, rundir):
    t, tele = start(vfu_nic, testpmd, rundir)
    for text in NONSENSE:
        assert list(tele.raw(text).values()) == [None], text
    assert tele.ask("/steer/ports") == [0]
    assert "strategy" in tele.ask("/steer/port,0")
    assert t.quit() == 0
