# SPDX-License-Identifier: BSD-3-Clause
"""The examples, with vfu-nic: they steer as they say."""

import re
import signal
import subprocess

import pytest

from conftest import Process, eal_args
from patience import wait_for
from plugin import cpus_needed
from telemetry import Telemetry
from test_steer_telemetry import std
from testpmd import PLUGINS, plugin_env


@pytest.fixture
def example(build, rundir, env):
    """Start an example: example(name, lcores, devices)."""
    started = []

    def start(name, lcores, devices, telemetry=True):
        program = build / "examples" / name
        if not program.exists():
            pytest.skip(f"{program} is not built: meson configure -Dexamples=true")
        argv = ["stdbuf", "-oL", str(program), *eal_args(rundir.name, 128, lcores, telemetry)]
        argv += [x for p in PLUGINS for x in ("-d", p)] + [x for d in devices for x in ("-a", d)]
        p = Process(argv, rundir / "example.log", plugin_env(build, env), stdin=subprocess.PIPE)
        started.append(p)
        return p

    yield start
    for p in started:
        p.kill()


def queues(tele, port, n):
    """(cpu, tag) of each queue, Rx and Tx."""
    found = [tele.ask(f"/steer/queue,{port},{way},{q}") for q in range(n) for way in ("rx", "tx")]
    return [(q["cpu"], q["tag"]) for q in found]


@pytest.mark.parametrize("tph", ["iv-cap", "iv-msix", "ds-reg"])
def test_l2fwd_steer(vfu_nic, example, rundir, tph):
    cpus_needed(2)
    nics = [vfu_nic("--queues", "2", "--tph", tph, "--check", name=f"n{i}") for i in (0, 1)]
    p = example("l2fwd-steer", "0@0,1@0,2@1",
                [f"vfio:nic{i},sock={n.sock}" for i, n in enumerate(nics)])
    p.wait_text("forwarding")
    tele = Telemetry(rundir, rundir.name)
    want = [(0, std(0)), (0, std(0)), (1, std(1)), (1, std(1))]
    for port in (0, 1):
        assert queues(tele, port, 2) == want
    wait_for("packets", lambda: all(
        tele.ask(f"/ethdev/stats,{port}")["opackets"] > 1000 for port in (0, 1)))
    p.signal(signal.SIGINT)
    assert p.p.wait(60) == 0
    text = p.text()
    for port in (0, 1):
        for q, cpu in ((0, 0), (1, 1)):
            assert f"port {port} queue {q}: rx cpu {cpu} tag {std(cpu)}, " \
                f"tx cpu {cpu} tag {std(cpu)}" in text
        assert re.search(rf"^port {port}: received [1-9]\d*, sent [1-9]\d*$", text, re.M)


def test_l2fwd_steer_without_tph(vfu_nic, example, rundir):
    nic = vfu_nic("--tph", "none")
    p = example("l2fwd-steer", "0@0,1@0", [f"vfio:nic0,sock={nic.sock}"])
    p.wait_text("forwarding")
    assert "port 0: not steered: unsupported: no TPH capability" in p.text()
    tele = Telemetry(rundir, rundir.name)
    wait_for("packets", lambda: tele.ask("/ethdev/stats,0")["opackets"] > 1000)
    assert p.stop() == 0


@pytest.mark.parametrize("tph", ["iv-cap", "ds-reg"])
def test_pipeline_steer(vfu_nic, example, rundir, tph):
    """The tag is the reader's, who does not poll; it is another one's after each line."""
    cpus_needed(2)
    nic = vfu_nic("--queues", "3", "--tph", tph, "--check")
    p = example("pipeline-steer", "0@0,1@0,2@1,3@0,4@1", [f"vfio:nic0,sock={nic.sock}"])
    tele = Telemetry(rundir, rundir.name)
    for n, (lcore, cpu) in enumerate([(2, 1), (3, 0), (4, 1), (2, 1), (3, 0)]):
        if n > 0:
            p.p.stdin.write(b"\n")
            p.p.stdin.flush()
        wait_for("reader", lambda k=n: p.text().count("reader: ") == k + 1)
        assert p.text().splitlines()[-1] == f"reader: lcore {lcore}, cpu {cpu}, tag {std(cpu)}"
        assert queues(tele, 0, 1)[0] == (cpu, std(cpu))
        assert tele.ask("/steer/queue,0,rx,0")["mode"] == "bound"
        sent = tele.ask("/ethdev/stats,0")["opackets"]
        wait_for("packets", lambda s=sent: tele.ask("/ethdev/stats,0")["opackets"] > s + 100)
    p.p.stdin.close()
    assert p.p.wait(60) == 0
