# SPDX-License-Identifier: BSD-3-Clause
"""dpdk-steerpmd's load: traffic of a session, work, a noisy neighbour, latency, and what moving a
queue costs."""

import json
import os
import re

import pytest
import steerlab
from test_steerpmd_prompt import TWO, app, ask, finish  # noqa: F401 (fixture)

import steerpmd
from patience import wait_for

pytestmark = pytest.mark.sanitize
QUICK = ["--rounds=1", "--round-packets=1000", "--warmup-packets=64"]


def received(p):
    return sum(int(n) for n in re.findall(r"RX-packets: (\d+)", ask(p, "show port stats all")))


def wait_received(p, more):
    first = received(p)
    wait_for(f"{more} packets", lambda: received(p) >= first + more)


def latencies(p):
    """Last port of show latency: name -> [samples, p50, p99, p99.9] in ns."""
    return {m[1]: [float(x) for x in m[2].split()] for m in
            re.finditer(r"^ +(rxq \d+|all) ((?: +\d+){4})", ask(p, "show latency"), re.M)}


@pytest.mark.parametrize("packed", [False, True])
def test_latency(app, vfu_nic, packed):  # noqa: F811
    nic = vfu_nic("--queues", "2", *["--packed"] * packed)
    p = app(*TWO, "--latency", "--touch=header", devices=[steerpmd.vfio(nic)])
    ask(p, "start")
    wait_received(p, 20000)
    rows = latencies(p)
    assert set(rows) == {"rxq 0", "rxq 1", "all"}
    for samples, p50, p99, p999 in rows.values():
        assert samples > 0
        assert 0 < p50 <= p99 <= p999 < 60e9
    ask(p, "stop")
    rows = latencies(p)  # and nothing is added meanwhile
    assert rows["rxq 0"][0] + rows["rxq 1"][0] == rows["all"][0] == received(p)
    assert min(rows["rxq 0"][1], rows["rxq 1"][1]) <= rows["all"][1] <= max(rows["rxq 0"][1],
                                                                            rows["rxq 1"][1])
    ask(p, "clear latency")
    assert latencies(p) == {}
    finish(p)


def test_no_latency_has_its_reason(app, vfu_nic, rundir, env):  # noqa: F811
    nic = vfu_nic("--queues", "2")
    p = app(*TWO, "--latency", devices=["--vdev=net_null0", steerpmd.vfio(nic)])
    assert "port 0 (net_null0): --latency: the driver offers no Rx timestamps" in p.output or \
        "port 1 (net_null0): --latency: the driver offers no Rx timestamps" in p.output
    text = ask(p, "show latency")
    assert "(net_null0): no packet with a timestamp: the port gives none" in text
    finish(p)
    p = app(*TWO, devices=[steerpmd.vfio(nic)])
    assert ": start with --latency" in ask(p, "show latency")
    finish(p)
    p = app(*TWO, "--latency", "--lockstep=32", devices=[steerpmd.vfio(nic)])
    ask(p, "start")
    wait_received(p, 1000)
    assert ": a model session has none" in ask(p, "show latency")
    finish(p)


def test_work_takes_time(app, vfu_nic):  # noqa: F811
    """The same wire and the same lcore: with work on each packet the rings are what is full."""
    nic = vfu_nic()
    p = app("--latency", "--forward-mode=rxonly", devices=[steerpmd.vfio(nic)])
    p50 = {}
    for n in (0, 20000):
        assert f"set to {n} iterations" in ask(p, f"set work {n}")
        ask(p, "start")
        wait_received(p, 2000)
        ask(p, "clear latency")
        wait_received(p, 2000)
        p50[n] = latencies(p)["all"][1]
        ask(p, "stop")
    # A packet waits for those before it in the ring, 255 times so many iterations, of which each
    # takes a cycle at least.
    assert p50[20000] > 20000 * 100 / 10
    assert "not a number in 0..1000000" in ask(p, "set work 1000001") + p.output
    finish(p)


def three_lcores():
    first = sorted(os.sched_getaffinity(0))
    if len(first) < 2:
        pytest.skip("needs two CPUs")
    return f"0@{first[0]},1@{first[0]},2@{first[1]},3@{first[1]}"


def test_noise_runs_while_packets_are_forwarded(rundir, env, vfu_nic):
    nic = vfu_nic(wire="gen,size=64,count=3000")
    argv = steerpmd.argv(rundir, "-i", "--noise=8@3", "--nb-cores=2", "--rxq=1", "--txq=1",
                         devices=[steerpmd.vfio(nic)], cpus=three_lcores())
    p = steerlab.Process(argv, env=steerpmd.leaks_told(env))
    try:
        p.expect("steerpmd> ")
        ask(p, "start")
        wait_for("packets", lambda: received(p) >= 3000)
        p.send("stop")
        found = p.expect(r"noise: 8 MiB on lcore 3: (\d+) lines, ([0-9.]+) million a second")
        assert int(found[1]) > 0
        p.expect("steerpmd> ")
        assert "Logical Core 3" not in ask(p, "show config fwd")
        ask(p, "set noise off")
        before = len(p.output)
        ask(p, "start")
        ask(p, "stop")
        assert "noise:" not in p.output[before:]
        for wrong, why in (("8@1", "lcore 1 forwards"), ("8@0", "lcore 0 is the main lcore"),
                           ("8@9", "lcore 9 is not there"), ("8", "'8' is not off or MIB@LCORE")):
            p.send(f"set noise {wrong}")
            p.expect(re.escape(why))
        finish(p)
    finally:
        p.stop()


@pytest.mark.parametrize("noise,why", [("8@0", "lcore 0 is the main lcore"),
                                       ("8@7", "lcore 7 is not there")])
def test_noise_needs_an_lcore(rundir, env, noise, why):
    done = steerpmd.run(rundir, env, f"--noise={noise}")
    assert done.returncode == 2
    assert why in done.stderr


def test_a_modelled_neighbour_takes_the_llc(rundir, env, vfu_nic):
    """128 packets of 24 lines wait in the LLC, which a walk through three times its size goes by."""
    nic = vfu_nic("--no-mrg-rxbuf", wire="gen,size=1500,flows=16")
    path = rundir / "result.json"

    def go(*opts):
        done = steerpmd.run(rundir, env, *QUICK, "--nb-cores=1", "--experiment=off", "--rxd=128",
                            "--backlog=128", "--txd=64", "--platform=clx:slices=1", *opts,
                            f"--json={path}", devices=[steerpmd.vfio(nic)], cpus=three_lcores())
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(path.read_text()), done

    def cached(obj):
        return 1 - obj["summary"]["off"]["first_touch"]["memory"]
    quiet, done = go()
    assert (quiet["config"]["noise"], quiet["config"]["noise_lines"]) == (None, None)
    assert "beside a walk" not in done.stdout
    noise = ["--noise=4@3", "--noise-lines=64"]
    noisy, done = go(*noise)
    assert "on clx:slices=1, beside a walk through 4 MiB (64 lines a packet)," in done.stdout
    assert "noise:" not in done.stderr, "the lcore itself has walked"
    assert (noisy["config"]["noise"], noisy["config"]["noise_lines"]) == ("4@3", 64)
    assert cached(noisy) < cached(quiet) - 0.2
    assert steerpmd.timeless(go(*noise)[0]) == steerpmd.timeless(noisy)


@pytest.mark.parametrize("noise,lcore,why", [
    ("1025@3", "3@{1}", "--noise 1025@3: in a model session up to 1024 MiB"),
    ("8@3", "3@({0},{1})", "lcore 3 may run on several CPUs: give it one")])
def test_a_modelled_neighbour_has_limits(rundir, env, vfu_nic, noise, lcore, why):
    cpus = three_lcores()
    of_two = lcore.format(cpus.split(",")[1].split("@")[1], cpus.split("@")[-1])
    done = steerpmd.run(rundir, env, f"--noise={noise}", "--lockstep=32",
                        devices=[steerpmd.vfio(vfu_nic())],
                        cpus=cpus.rsplit(",", 1)[0] + "," + of_two)
    assert done.returncode == 1, done.stderr
    assert why in done.stderr


def test_a_session_keeps_its_neighbour(rundir, env, vfu_nic):
    argv = steerpmd.argv(rundir, "-i", "--noise=8@3", "--lockstep=32",
                         devices=[steerpmd.vfio(vfu_nic())], cpus=three_lcores())
    p = steerlab.Process(argv, env=steerpmd.leaks_told(env))
    try:
        p.expect("steerpmd> ")
        p.send("set noise off")
        p.expect("give --noise on the command line")
        ask(p, "start")
        wait_received(p, 1000)
        assert "noise:" not in ask(p, "stop")
        finish(p)
    finally:
        p.stop()


def lines(obj):
    return sum(obj["summary"]["right"]["lines"].values())


def test_a_session_asks_for_sizes(rundir, env, vfu_nic):
    """Touching all of a packet tells how long it is; the card's command line says 64 bytes."""
    nic = vfu_nic("--queues", "2")

    def go(*opts):
        return steerpmd.experiment(rundir, env, nic, *QUICK, "--touch=all", *opts)[0]
    small = go()
    assert lines(go("--size=64")) == lines(small)
    assert lines(go("--size=1472")) - lines(small) == pytest.approx(22, abs=0.1)
    mixed = lines(go("--mix=64:1/1472:1")) - lines(small)
    assert mixed == pytest.approx(11, abs=1.5)
    traffic = ["--mix=imix", "--flows=500", "--zipf=0.99"]
    assert steerpmd.timeless(go(*traffic)) == steerpmd.timeless(go(*traffic))


def test_zipf_shows_in_the_queues(rundir, env, vfu_nic):
    nic = vfu_nic("--queues", "2")
    obj, _ = steerpmd.experiment(rundir, env, nic, *QUICK, "--flows=64", "--zipf=2")
    for r in obj["rounds"]:
        packets = sorted(q["packets"] for q in r["per_queue"])
        assert sum(packets) == 1000
        assert packets[1] > 1.3 * packets[0]


def test_another_wire_has_the_traffic_it_has(rundir, env, vfu_nic):
    nic = vfu_nic("--queues", "2", wire="net_null0", eal=["-m", "128"])
    done = steerpmd.run(rundir, env, *steerpmd.EXPERIMENT, *QUICK, "--size=64",
                        devices=[steerpmd.vfio(nic)])
    assert done.returncode == 3
    assert "leave out --size, --mix, --flows and --zipf" in done.stderr


@pytest.mark.parametrize("tph,steer,strategy", [
    ("iv-cap", "palette", "palette"), ("iv-cap", "per-queue", "per-queue"),
    ("ds-reg", "auto", "ds-reg")])
def test_what_a_move_costs(app, vfu_nic, tph, steer, strategy):  # noqa: F811
    nic = vfu_nic("--queues", "2", "--tph", tph)
    p = app(*TWO, devices=[steerpmd.vfio(nic, f",steer={steer}")])
    p.send("resteer 0")
    p.expect("moving a queue needs forwarding")
    ask(p, "start")
    wait_received(p, 1000)
    for command, moves in (("resteer 0", 64), ("resteer 0 10", 10)):
        found = re.search(r"(\d+) moves, ([a-z-]+): median ([0-9.]+) us, longest ([0-9.]+) us, "
                          r"(\d+) packets lost \(by the generator's numbers\)", ask(p, command))
        assert found, p.output
        assert (int(found[1]), found[2]) == (moves, strategy)
        assert 0 < float(found[3]) <= float(found[4])
        assert int(found[5]) == 0
    # as before: in auto, each queue at its own lcore again
    rows = ask(p, "show steer")
    assert len(re.findall(r"rxq \d +auto", rows)) == 2, rows
    finish(p)


def test_a_port_without_tags_is_not_moved(app, vfu_nic):  # noqa: F811
    nic = vfu_nic("--queues", "2", "--tph=none")
    p = app(*TWO, devices=[steerpmd.vfio(nic)])
    ask(p, "start")
    p.send("resteer 0")
    p.expect("steer: unsupported: no TPH capability")
    finish(p)
