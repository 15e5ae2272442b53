# SPDX-License-Identifier: BSD-3-Clause
"""Traffic on confidential devices: queues move, ports stop, start and reset, and the interface stays in
RUN; a device that leaves it is stopped."""

import re

import pytest
import steerlab

import steerpmd
import tsm
from patience import wait_for
from pmd import testpmd, tool  # noqa: F401 (fixtures)
from telemetry import Telemetry

pytestmark = pytest.mark.sanitize
TWO = ["--rxq=2", "--txq=2"]
# What a device may do about a steering tag that is written under its lock.
ST_WRITE = ["error", "ignore"]


def in_run(nic, st_writes):
    """Still in RUN, without memory before it, and no tag written since attach."""
    c = nic.counters()
    assert (c["tsm"], c["tsm_maps_before_run"], c["st_writes"]) == ("RUN", "0", st_writes), c


def pmd_tags(t):
    return {k: v for k, v in t.xstats().items() if k.endswith("_steer_tag")}


@pytest.mark.parametrize("st_write,steer", zip(ST_WRITE, ["auto", "palette"]))
def test_testpmd(build, rundir, vfu_nic, testpmd, st_write, steer):
    nic = vfu_nic("--queues", "2", "--tsm", "cca", "--tsm-st-write", st_write)
    device = tsm.devargs(nic, tsm.policy(build, rundir), more=f",steer={steer}")
    t = testpmd([device], *TWO, "--nb-cores=1", lcores="0@0,1@1,2@0")
    writes = nic.counters()["st_writes"]
    assert writes != "0"  # the palette, before the lock
    t.ask("start")
    t.wait_packets(0, "TX-packets", 3000)
    t.wait_tags()
    before = pmd_tags(t)
    t.ask("stop")
    t.ask("set corelist 2")  # another CPU polls both queues
    t.ask("start")
    wait_for("moved tags", lambda: 0 not in (now := pmd_tags(t)).values() and now != before)
    t.wait_packets(0, "TX-packets", 3000)
    in_run(nic, writes)
    for _ in range(2):
        t.ask("stop")
        t.ask("port stop 0")
        t.ask("port config all rxq 1")
        t.ask("port config all txq 1")
        t.ask("port start 0")
        t.ask("start")
        t.wait_packets(0, "TX-packets", 3000)
    in_run(nic, writes)
    assert t.quit() == 0
    tsm.left_alone(nic)


def test_reset_is_verified_anew(build, rundir, vfu_nic, testpmd):
    nic = vfu_nic("--queues", "2", "--tsm", "tdx")
    t = testpmd([tsm.devargs(nic, tsm.policy(build, rundir))], *TWO, telemetry=True)
    tele = Telemetry(rundir, f"{rundir.name}-pmd")
    nonces = {tele.ask("/steer/tsm,0")["nonce"]}
    for i in range(1, 3):
        t.ask("start")
        t.wait_packets(0, "TX-packets", 1000)
        t.ask("stop")
        t.ask("port stop 0")
        t.ask("port reset 0")
        t.ask("port start 0")
        nonces.add(tele.ask("/steer/tsm,0")["nonce"])
        c = nic.counters()
        assert (c["tsm"], c["resets"], c["tsm_maps_before_run"]) == ("RUN", str(i), "0")
    assert len(nonces) == 3
    t.ask("start")
    t.wait_packets(0, "TX-packets", 1000)
    assert t.quit() == 0
    tsm.left_alone(nic)


def test_reset_shows_other_firmware(build, rundir, vfu_nic, testpmd):
    """Evidence after a reset is judged as at attach: quarantine, and nothing is mapped again."""
    nic = vfu_nic("--queues", "2", "--tsm", "cca", "--tsm-fault", "measurement-changed@2")
    t = testpmd([tsm.devargs(nic, tsm.policy(build, rundir))], *TWO, telemetry=True)
    tele = Telemetry(rundir, f"{rundir.name}-pmd")
    assert tele.ask("/steer/tsm,0")["summary"] == "attested"
    t.ask("port stop 0")
    t.ask("port reset 0")
    wait_for("the event", lambda: "Port 0: device removal event" in t.text())
    v = tele.ask("/steer/tsm,vfio:nic0")
    assert (v["code"], v["summary"]) == ("DIGEST_MISMATCH", "refused")
    c = nic.counters()
    assert (c["dma_maps"], c["tsm_maps_before_run"]) == ("0", "0") and c["tsm"] != "RUN"
    tele.close()
    wait_for("detach", lambda: "Device is detached" in t.text())
    tsm.left_alone(nic)
    assert t.quit() == 0


def test_verdict_by_telemetry(build, rundir, vfu_nic, testpmd):
    nic, plain = vfu_nic("--tsm", "sev"), vfu_nic(name="plain")
    t = testpmd([tsm.devargs(nic, tsm.policy(build, rundir)), f"vfio:p,sock={plain.sock}"],
                telemetry=True)
    tele = Telemetry(rundir, f"{rundir.name}-pmd")
    assert tele.ask("/steer/tsm") == {"device": ["vfio:nic0"], "port": [0],
                                      "summary": ["attested"], "code": ["OK"], "state": ["run"]}
    v = tele.ask("/steer/tsm,0")
    assert (v["device"], v["summary"], v["arch"], v["tsm"]) == (
        "vfio:nic0", "attested", "sev", "tsm0")
    assert (v["mode"], v["role"], v["state"], v["simulated"]) == ("require", "user", "run", 1)
    checks = v["checks"]
    assert {c["result"] for c in checks.values()} == {"OK"}
    assert {"vca", "chain", "nonce", "signature", "report_tph", "state"} <= set(checks)
    assert len(checks["report_ranges"]["sha384"]) == 96
    assert tele.ask("/steer/tsm,vfio:nic0")["nonce"] == v["nonce"]
    assert tele.ask("/steer/tsm,1")["summary"] == "not asked"
    assert tele.ask("/steer/port,0")["locked"] == 1
    assert tele.ask("/steer/port,0")["why"] == "locked by the TSM"
    assert tele.ask("/steer/port,1")["locked"] == 0
    for bad in ("/steer/tsm,7", "/steer/tsm,vfio:p", "/steer/tsm," + "x" * 70):
        assert tele.raw(bad) == {bad.split(",")[0]: None}
    # A device that is refused can be asked for, too.
    other = tsm.policy(build, rundir, "other", tsm="tsm7")
    late = vfu_nic("--tsm", "sev", name="late")
    t.ask(f"port attach {tsm.devargs(late, other, name='late')}")
    v = tele.ask("/steer/tsm,vfio:late")
    assert (v["summary"], v["code"]) == ("refused", "WRONG_TSM")
    assert tele.ask("/steer/tsm")["port"].count(-1) == 1
    tele.close()
    assert t.quit() == 0


def test_lost_under_traffic(build, rundir, vfu_nic, testpmd):
    nic = vfu_nic("--queues", "2", "--tsm", "cca", "--tsm-fault", "error-in-run")
    t = testpmd([tsm.devargs(nic, tsm.policy(build, rundir))], *TWO, telemetry=True)
    t.ask("start")
    wait_for("the event", lambda: "Port 0: device removal event" in t.text())
    wait_for("memory withdrawn", lambda: nic.counters()["dma_maps"] == "0", every=0.05)
    assert nic.counters()["tsm"] == "ERROR" and "is in quarantine" in t.text()
    tele = Telemetry(rundir, f"{rundir.name}-pmd")
    v = tele.ask("/steer/tsm,vfio:nic0")
    assert (v["code"], v["summary"]) == ("STATE_LOST", "refused")
    tele.close()
    for step in ("stop", "port stop 0"):  # testpmd then detaches what was removed
        t.ask(step)
    wait_for("detach", lambda: "Device is detached" in t.text())
    tsm.left_alone(nic)
    assert t.quit() == 0


def test_rx_interrupts(build, rundir, vfu_nic, tool):
    """The vectors and eventfds of attach do: nothing is set anew under the lock."""
    nic = vfu_nic("--queues", "2", "--tsm", "cca")
    args = tsm.devargs(nic, tsm.policy(build, rundir)).split(nic.sock)[1]
    code, out = tool(nic, "intr", "3000", args=args + ",steer=off")
    assert code == 0 and "ok intr" in out, out
    assert "-> RUN" in nic.text() and "ERROR" not in nic.text()
    tsm.left_alone(nic)
    code, out = tool(nic, "intr", "100", args=args)
    assert code != 0 and "locked by the TSM" in out  # a palette has no vector for each queue


# ---- dpdk-steerpmd ----

@pytest.fixture
def app(rundir, env):
    started = []

    def start(*opts, cpus=None, devices=()):
        p = steerlab.Process(steerpmd.argv(rundir, "-i", *opts, devices=devices, cpus=cpus),
                             env=steerpmd.leaks_told(env))
        started.append(p)
        p.expect("steerpmd> ")
        return p

    yield start
    for p in started:
        p.stop()


def ask(p, line):
    p.expect(r"\Z")
    p.send(line)
    p.expect(re.escape(line))
    start = p._seen
    end = p.expect(r"steerpmd> ").start()
    return p.output[start:end]


def queue(p, name):
    return re.search(rf"^\s+{name}\s+(.*)$", ask(p, "show steer"), re.M)[1].split()


def forwards(p):
    def count():
        return int(re.search(r"TX-packets: (\d+)", ask(p, "show port stats all"))[1])

    first = count()
    wait_for("packets", lambda: count() >= first + 1000, every=0.02)


@pytest.mark.parametrize("st_write", ST_WRITE)
def test_steerpmd(build, rundir, vfu_nic, app, st_write):
    nic = vfu_nic("--queues", "2", "--tsm", "cca", "--tsm-st-write", st_write, lcores="0@0")
    p = app(*TWO, "--nb-cores=2", devices=[tsm.devargs(nic, tsm.policy(build, rundir))])
    writes = nic.counters()["st_writes"]
    said = ask(p, "show tsm 0")
    assert "Port 0: vfio:nic0" in said and "attested" in said and "simulated" in said
    assert ask(p, "show tsm all") == said
    ask(p, "start")
    forwards(p)
    wait_for("tags", lambda: queue(p, "rxq 0")[2] != "-" and queue(p, "rxq 1")[2] != "-")
    here, there = queue(p, "rxq 0")[2:4], queue(p, "rxq 1")[2:4]
    ask(p, "set port 0 rxq 1 lcore 1")  # the other's
    wait_for("the move", lambda: queue(p, "rxq 1")[2:4] == here)
    ask(p, f"set port 0 rxq 0 steer {there[0]}")
    assert queue(p, "rxq 0")[2:4] == there
    in_run(nic, writes)
    ask(p, "stop")
    for how in ("port stop 0", "port start 0", "start"):
        ask(p, how)
    forwards(p)
    in_run(nic, writes)
    p.send("quit")
    assert p.wait() == 0, p.output
    tsm.left_alone(nic)


@pytest.mark.parametrize("st_write", ST_WRITE)
def test_what_would_write_a_tag_is_refused(build, rundir, vfu_nic, app, st_write):
    """By us, before the device sees it: a write under its lock may end RUN."""
    cpus = steerlab_cpus()
    nic = vfu_nic("--queues", "2", "--tsm", "cca", "--tsm-st-write", st_write)
    p = app(*TWO, cpus=f"0@{cpus[0]},1@{cpus[0]}",
            devices=[tsm.devargs(nic, tsm.policy(build, rundir))])
    writes = nic.counters()["st_writes"]
    ask(p, "start")
    wait_for("tags", lambda: queue(p, "rxq 0")[2] != "-")
    was = queue(p, "rxq 0")[2:4]
    said = ask(p, f"set port 0 rxq 0 steer {cpus[1]}")
    assert "is not in the palette" in said and "locked by the TSM" in said
    assert queue(p, "rxq 0")[2:4] == was
    assert "locked by the TSM" in ask(p, "show steer")
    ask(p, "stop")
    said = ask(p, "experiment off,no-st")
    assert "locked by the TSM" in said, said
    in_run(nic, writes)
    p.send("quit")
    assert p.wait() == 0, p.output


def test_per_queue_cannot_be_had(build, rundir, vfu_nic, testpmd):
    """Neither by name nor because a palette does not fit: the attach is refused in words."""
    path = tsm.policy(build, rundir)
    few = vfu_nic("--queues", "1", "--vectors", "2", "--tsm", "cca", name="few")
    nic = vfu_nic("--queues", "2", "--tsm", "cca")
    t = testpmd([])
    for device, words in (
            (tsm.devargs(nic, path, more=",steer=per-queue"), "per-queue rewrites tags"),
            (tsm.devargs(few, path, name="few"), "no palette: 2 CPUs need 3 vectors")):
        said = t.ask(f"port attach {device}")
        assert words in said and "use fewer lcores or steer=off" in said
    tsm.left_alone(nic)
    tsm.left_alone(few)
    assert "is attached" in t.ask(f"port attach {tsm.devargs(few, path, name='few', more=',steer=off')}")
    assert few.counters()["tsm"] == "RUN"
    assert t.quit() == 0


def steerlab_cpus():
    """Two CPUs that we may use, or skip."""
    text = steerpmd.lcores()
    return [int(c) for c in re.findall(r"@(\d+)", text)][1:]
