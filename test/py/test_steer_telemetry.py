# SPDX-License-Identifier: BSD-3-Clause
"""lib/steer's telemetry in a live testpmd: true values, and no answer to nonsense."""

import json
import os
import re
import subprocess

import pytest

import ctf
from conftest import WIRE, need
from telemetry import Telemetry
from pmd import testpmd  # noqa: F401 (fixture)


def std(cpu):
    """vfu-nic's tag of a CPU, standard tags."""
    return 0x20 + cpu * 7 % 208


def start(vfu_nic, testpmd, rundir, *opts, devargs="", queues=2, ports=1, wire=WIRE, app=(), **kw):
    nics = [vfu_nic("--queues", str(queues), *opts, name=f"n{i}", wire=wire) for i in range(ports)]
    t = testpmd([f"vfio:nic{i},sock={n.sock}{devargs}" for i, n in enumerate(nics)],
                f"--rxq={queues}", f"--txq={queues}", *app, telemetry=True, **kw)
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


def forward(t, more=1000):
    """Traffic until every queue has its tag."""
    t.ask("set fwd io")
    t.ask("start")
    t.wait_packets(0, "TX-packets", more)
    t.wait_tags()


def test_port_tells_of_its_queues(vfu_nic, testpmd, rundir):
    t, tele = start(vfu_nic, testpmd, rundir, queues=3)
    forward(t)
    port = tele.ask("/steer/port,0")
    for way in ("rx", "tx"):
        assert port[f"{way}_mode"] == ["auto"] * 3
        assert port[f"{way}_lcore"] == port[f"{way}_cpu"] == [1] * 3
        assert port[f"{way}_tag"] == [std(1)] * 3
        assert port[f"{way}_relation"] == ["same CPU"] * 3
        assert port[f"{way}_errors"] == [0] * 3
        assert min(port[f"{way}_resteers"]) >= 1
        assert all(g >= r for g, r in zip(port[f"{way}_generation"], port[f"{way}_resteers"]))
    assert port["first"] == 0 and port["objects_apart"] == 0
    assert port["objects"] == ["rx-descriptor", "tx-descriptor", "rx-header", "tx-header",
                               "rx-payload", "tx-payload"]
    rest = tele.ask("/steer/port,0,2")
    assert rest["first"] == 2 and rest["rx_tag"] == rest["tx_tag"] == [std(1)]
    assert tele.ask("/steer/port,0,3")["rx_cpu"] == []
    assert t.quit() == 0


def test_many_queues_are_told_in_parts(vfu_nic, testpmd, rundir):
    t, tele = start(vfu_nic, testpmd, rundir, "--ring-size", "32", queues=128,
                    wire="gen,size=64,flows=16384", app=["--rxd=32", "--txd=32"])
    forward(t)
    parts = [tele.ask(f"/steer/port,0,{first}") for first in (0, 64)]
    for column in ("mode", "lcore", "cpu", "tag", "relation", "generation", "resteers", "errors"):
        for way in ("rx", "tx"):
            assert [len(p[f"{way}_{column}"]) for p in parts] == [64, 64], column
    assert parts[1]["tx_tag"] == [std(1)] * 64
    assert t.quit() == 0


def test_list(vfu_nic, testpmd, rundir):
    t, tele = start(vfu_nic, testpmd, rundir, ports=2, devargs=",steer=per-queue")
    assert tele.ask("/steer/list") == {
        "port": [0, 1], "name": ["vfio:nic0", "vfio:nic1"], "strategy": ["per-queue"] * 2,
        "enabled": [1, 1], "why": ["", ""]}
    t.ask("port stop 1")
    t.ask("port detach 1")
    assert tele.ask("/steer/list")["port"] == [0]
    assert t.quit() == 0


def test_tph_tells_of_device_and_table(vfu_nic, testpmd, rundir):
    t, tele = start(vfu_nic, testpmd, rundir, "--tph-entries", "9", devargs=",steer=per-queue")
    forward(t)
    tph = tele.ask("/steer/tph,0")
    assert tph.pop("capability") >= 0x100
    assert tph.pop("feature") == 65024
    assert tph == {
        "modes": ["no-st", "interrupt-vector"], "extended": 0, "location": "capability",
        "entries": 9, "enabled": 1, "requester": 1, "mode": "interrupt-vector",
        "dialect": "feature", "why": "", "note": "", "findings": [],
        "table_cpu": [-1, 1, 1, 1, 1, -1, -1, -1, -1],
        "table_tag": [0, std(1), std(1), std(1), std(1), 0, 0, 0, 0]}
    assert t.quit() == 0


def test_tph_of_device_without(vfu_nic, testpmd, rundir):
    t, tele = start(vfu_nic, testpmd, rundir, "--tph", "none")
    tph = tele.ask("/steer/tph,0")
    assert (tph["capability"], tph["modes"], tph["entries"], tph["enabled"]) == (0, [], 0, 0)
    assert tph["dialect"] == "none" and "no TPH capability" in tph["why"]
    assert tph["findings"] == ["TPH capability: none", "dialect: none"]
    assert tph["table_cpu"] == []
    assert t.quit() == 0


def test_counters_are_xstats(vfu_nic, testpmd, rundir):
    t, tele = start(vfu_nic, testpmd, rundir)
    forward(t)
    t.ask("stop")
    port, xstats = tele.ask("/steer/port,0"), t.xstats()
    for way in ("rx", "tx"):
        for q in (0, 1):
            for counter in ("resteers", "errors", "generation", "tag", "cpu"):
                assert xstats[f"{way}_q{q}_steer_{counter}"] == port[f"{way}_{counter}"][q]
    assert t.quit() == 0


def test_every_resteer_is_traced(vfu_nic, testpmd, rundir):
    traces = rundir / "trace"
    traces.mkdir()
    t, tele = start(vfu_nic, testpmd, rundir, lcores="0@0,1@1,2@0",
                    eal=["--trace=lib.steer.*", f"--trace-dir={traces}"])
    forward(t)
    t.ask("stop")
    t.ask("set corelist 2")
    forward(t)
    t.ask("stop")
    port = tele.ask("/steer/port,0")
    assert t.quit() == 0
    seen = [e for e in ctf.events(traces) if e["event"] == "lib.steer.resteer"]
    for dir_, way in enumerate(("rx", "tx")):
        for q in (0, 1):
            of_queue = [e for e in seen if (e["port_id"], e["dir"], e["queue"]) == (0, dir_, q)]
            steered = [e for e in of_queue if e["cpu"] != 0xFFFFFFFF]
            known = port[f"{way}_generation"][q]
            assert [e["generation"] for e in of_queue][:known] == list(range(1, known + 1))
            assert len(steered) == port[f"{way}_resteers"][q] >= 2
            assert {e["cpu"] for e in steered} == {0, 1}
            assert all(e["tag"] == std(e["cpu"]) for e in steered)
            # each continues where the one before left off
            assert all(b["cpu_before"] == a["cpu"] for a, b in zip(of_queue, of_queue[1:]))


NOBODY = 65534


@pytest.fixture
def ordinary(build, rundir, env):
    """Options of subprocess.Popen(): an ordinary user, who owns the run folder."""
    if os.geteuid() != 0:
        return {}
    as_user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    for path in (rundir, rundir / "xdg"):
        os.chown(path, NOBODY, NOBODY)
    can = subprocess.run(["test", "-r", str(build / "build.ninja")], check=False, **as_user)
    if can.returncode != 0:
        pytest.skip(f"other users may not read {build}")
    return as_user


def test_ordinary_user_with_dpdks_own_client(vfu_nic, testpmd, rundir, env, ordinary):
    """As the demo runs: no root, a file prefix and an XDG_RUNTIME_DIR of its own."""
    client = need("dpdk-telemetry.py")
    nic = vfu_nic("--queues", "2", **ordinary)
    t = testpmd([f"vfio:nic0,sock={nic.sock}"], "--rxq=2", "--txq=2", telemetry=True, **ordinary)
    forward(t)
    asked = ["/steer/list", "/steer/port,0", "/steer/tph,0", "/steer/queue,0,rx,1"]
    done = subprocess.run([client, "-f", f"{rundir.name}-pmd"], input="\n".join([*asked, "quit", ""]),
                          env=env, capture_output=True, text=True, timeout=60, check=False,
                          **ordinary)
    assert done.returncode == 0, done.stdout + done.stderr
    decoder, answers = json.JSONDecoder(), {}
    for at in re.finditer(r'\{"/steer/|\{\s*"/steer/', done.stdout):
        answers.update(decoder.raw_decode(done.stdout[at.start():])[0])
    assert answers["/steer/list"]["name"] == ["vfio:nic0"]
    assert answers["/steer/port"]["rx_tag"] == [std(1)] * 2
    assert answers["/steer/tph"]["enabled"] == 1
    assert answers["/steer/queue"]["cpu"] == 1
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
    "/steer/port,0,", "/steer/port,0,x", "/steer/port,0,-1", "/steer/port,0,1,2",
    "/steer/port,0,65536", "/steer/tph", "/steer/tph,1", "/steer/tph,0,0", "/steer/tph,x",
]


def test_nonsense_has_no_answer(vfu_nic, testpmd, rundir):
    t, tele = start(vfu_nic, testpmd, rundir)
    for text in NONSENSE:
        assert list(tele.raw(text).values()) == [None], text
    assert tele.ask("/steer/ports") == [0]
    assert "strategy" in tele.ask("/steer/port,0")
    assert t.quit() == 0
