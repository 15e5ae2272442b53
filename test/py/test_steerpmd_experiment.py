# SPDX-License-Identifier: BSD-3-Clause
"""dpdk-steerpmd's experiments: modes, sources, verdicts, the end by a signal, the prompt's verbs."""

import csv
import json
import re
import signal

import pytest
import steerlab

import steerpmd
from patience import wait_for

QUICK = ["--rounds=4", "--round-packets=1024"]
FAILURE, UNSUPPORTED = 1, 3


@pytest.fixture
def nic(vfu_nic):
    return vfu_nic("--queues", "2")


def test_ten_rounds_by_default_in_balanced_order(rundir, env, nic):
    obj, _ = steerpmd.experiment(rundir, env, nic)
    assert obj["complete"] and obj["config"]["rounds"] == 10
    order = [r["mode"] for r in obj["rounds"]]
    assert len(order) == 30
    places = {(m, i % 3): 0 for m in steerpmd.MODES for i in range(3)}
    for i, mode in enumerate(order):
        places[mode, i % 3] += 1
    assert set(places.values()) == {3, 4}
    for s in obj["summary"].values():
        assert s["rounds"] == 10 and s["stability"]["verdict"] == "stable"


def test_intervals_and_the_control_of_a_sound_experiment(rundir, env, nic):
    obj, done = steerpmd.experiment(rundir, env, nic, *QUICK)
    steerpmd.check_contract(obj)
    by = {(c["a"], c["b"], c["figure"]): c for c in obj["comparisons"]}
    cycles = by["right", "off", "cycles_per_packet"]
    assert cycles["high"] < 0
    assert cycles["difference"] == pytest.approx(obj["summary"]["right"]["cycles_per_packet"] -
                                                 obj["summary"]["off"]["cycles_per_packet"])
    assert by["right", "wrong", "l2_or_better"]["low"] > 0.9
    assert obj["control"]["verdict"] == "valid"
    assert "negative control valid" in done.stdout
    # lockstep has no clock: nothing is said of time
    assert {r["mpps"] for r in obj["rounds"]} == {None}


def test_a_control_that_is_inverted_makes_the_experiment_invalid(rundir, env, nic):
    obj, done = steerpmd.experiment(rundir, env, nic, *QUICK, "--test-invert-control",
                                    code=FAILURE)
    assert obj["control"]["verdict"] == "invalid"
    assert "EXPERIMENT INVALID: negative control" in done.stdout
    told = [line for line in done.stderr.splitlines() if line.startswith("dpdk-steerpmd: ")]
    assert len(told) == 1 and "experiment invalid (model)" in told[0]
    # the tags were really the other way round
    tags = {r["mode"]: [q["tag"] for q in r["per_queue"]] for r in obj["rounds"]}
    plain, _ = steerpmd.experiment(rundir, env, nic, *QUICK)
    assert tags["wrong"] == next([q["tag"] for q in r["per_queue"]] for r in plain["rounds"]
                                 if r["mode"] == "right")


def test_no_st_is_on_without_tags(rundir, env, nic):
    obj, _ = steerpmd.experiment(rundir, env, nic, *QUICK, "--experiment=off,right,no-st")
    steerpmd.check_contract(obj)
    assert sorted(obj["summary"]) == ["no-st", "off", "right"]
    for r in obj["rounds"]:
        assert all((q["tag"] == 0) == (r["mode"] != "right") for q in r["per_queue"])
    # the model gives hints no effect, and tags come back after it
    assert obj["summary"]["no-st"]["l2_or_better"] <= 0.2
    assert obj["summary"]["right"]["l2_or_better"] >= 0.9
    assert obj["control"]["verdict"] == "absent"


def test_no_st_reaches_the_device(rundir, env, vfu_nic):
    nic = vfu_nic("--queues", "2", "--tph-log")
    steerpmd.experiment(rundir, env, nic, "--rounds=1", "--round-packets=256",
                        "--experiment=right,no-st")
    # mode 0, requester enable 1
    nic.wait_text("tph: control = 0x100")


@pytest.mark.parametrize("opts,words", [
    (["--tph=none"], "no-st: needs ports that can be steered"),
])
def test_no_st_is_refused_with_a_reason(rundir, env, vfu_nic, opts, words):
    nic = vfu_nic("--queues", "2", *opts)
    done = steerpmd.run(rundir, env, *steerpmd.EXPERIMENT, "--experiment=off,no-st", *QUICK,
                        devices=[steerpmd.vfio(nic)])
    assert done.returncode == UNSUPPORTED
    assert words in done.stderr


# ---- sources ----

def test_auto_takes_the_model_on_the_emulated_device_and_says_why(rundir, env, nic):
    obj, done = steerpmd.experiment(rundir, env, nic, *QUICK, "--source=auto")
    if obj["source"] == "pmu":
        pytest.skip("this machine has a PMU, which auto prefers")
    assert obj["source"] == "model"
    assert {r["source"] for r in obj["refused"]} == {"pmu", "timing"}
    for r in obj["refused"]:
        assert r["why"] and f"source {r['source']}: refused: {r['why']}" in done.stderr
    assert "emulated" in next(r["why"] for r in obj["refused"] if r["source"] == "timing")


def measured(rundir, env, nic, *opts):
    """An experiment on a live machine: @return (its JSON, CompletedProcess) whatever it concludes."""
    path = rundir / "live.json"
    done = steerpmd.run(rundir, env, *steerpmd.EXPERIMENT, *opts, f"--json={path}",
                        devices=[steerpmd.vfio(nic)])
    told = [line for line in done.stderr.splitlines() if line.startswith("dpdk-steerpmd: ")]
    if not path.exists():
        assert told, done.stdout + done.stderr
        pytest.skip(f"no live measurement here just now: {told[0]}")
    obj = json.loads(path.read_text())
    runs = obj.get("runs", [obj])
    invalid = [run for run in runs if run["control"]["verdict"] == "invalid"]
    assert done.returncode == (1 if invalid else 0), done.stderr
    assert len(invalid) == sum("experiment invalid" in line for line in told)
    return obj, done


def test_all_sources_are_side_by_side_and_never_mixed(rundir, env, nic):
    obj, done = measured(rundir, env, nic, "--rounds=2", "--source=all", "--round-packets=8192")
    assert obj["schema"] == 1
    ran = [run["source"] for run in obj["runs"]]
    refused = [r["source"] for r in obj["refused"]]
    assert "model" in ran and sorted(ran + refused) == ["model", "pmu", "timing"]
    for run in obj["runs"]:
        steerpmd.check_contract(run)
        assert {q["source"] for r in run["rounds"] for q in r["per_queue"]} == {run["source"]}
        assert f"on {run['platform']}, " in done.stdout
        assert steerpmd.LABELS[run["source"]] in done.stdout
    if len(ran) > 1:
        assert "each column of one source" in done.stdout
    for r in obj["refused"]:
        assert f"source {r['source']}: refused: " in done.stderr


def test_a_source_that_cannot_do_it_does_not_take_the_others_along(rundir, env, nic):
    path = rundir / "mixed.json"
    done = steerpmd.run(rundir, env, *steerpmd.EXPERIMENT, *QUICK, "--source=all", "--mix=imix",
                        f"--json={path}", devices=[steerpmd.vfio(nic)])
    assert done.returncode == 0, done.stderr
    obj = json.loads(path.read_text())
    assert [run["source"] for run in obj["runs"]] == ["model"]
    why = {r["source"]: r["why"] for r in obj["refused"]}
    assert set(why) == {"pmu", "timing"}
    assert "are for the model" in why["timing"]


def test_live_rounds_of_the_timing_probe(rundir, env, nic):
    obj, done = measured(rundir, env, nic, "--rounds=3", "--source=timing", "--round-packets=8192",
                         "--warmup-packets=1024", "--latency")
    steerpmd.check_contract(obj)
    assert obj["config"]["round_packets"] == 8192
    for r in obj["rounds"]:
        assert r["packets"] >= 8192 and r["mpps"] > 0 and r["cycles_per_packet"] > 0
        assert r["latency_ns"]["samples"] > 0
        # it cannot tell loads of a packet apart, only where the first one found its line
        assert {v for q in r["per_queue"] for v in q["lines"].values()} == {None}
    assert obj["source_detail"] is not None
    assert "is emulated" in done.stderr, "a copy is no DMA, and the user is told"
    assert "known lines told rightly: L1 " in done.stdout
    check_no_witness(obj, done)
    assert obj["resteer"]["moves"] > 0
    assert "cost of a re-steer" in done.stdout


def check_no_witness(obj, done):
    """What other devices of the machine do meanwhile says nothing about an emulated one."""
    assert obj["witness"]["verdict"] == "absent" and "is emulated" in obj["witness"]["why"]
    assert {part["witness"] is None for part in [*obj["rounds"], *obj["summary"].values()]} == {True}
    assert done.stderr.count(f"system-wide witness: {obj['witness']['why']}\n") == 1
    assert "system-wide: " not in done.stdout


def test_a_neighbour_may_be_noisy_while_the_probe_looks(rundir, env, nic):
    cpus = steerpmd.lcores().split(",")
    cpus = ",".join([*cpus, "3@" + cpus[-1].split("@")[1]])
    path = rundir / "noisy.json"
    done = steerpmd.run(rundir, env, *steerpmd.EXPERIMENT, "--experiment=off", "--rounds=2",
                        "--source=timing", "--round-packets=4096", "--noise=4@3",
                        f"--json={path}", devices=[steerpmd.vfio(nic)], cpus=cpus)
    if not path.exists():
        assert "dpdk-steerpmd: " in done.stderr
        pytest.skip(f"no live measurement here just now: {done.stderr.splitlines()[-1]}")
    assert json.loads(path.read_text())["config"]["noise"] == "4@3"


def test_a_signal_ends_a_live_round(rundir, env, nic):
    out = rundir / "live.json"
    app = steerlab.Process(steerpmd.argv(
        rundir, *steerpmd.EXPERIMENT, "--source=timing", "--rounds=1000", "--round-packets=2048",
        "--warmup-packets=64", f"--json={out}", devices=[steerpmd.vfio(nic)]), env=env)
    wait_for("packets", lambda: sent(nic) > 0 or not app.running())
    assert app.kill(signal.SIGTERM) != 0, app.output
    # results when a round was complete by then, else nothing but the reason
    if out.exists():
        obj = json.loads(out.read_text())
        steerpmd.check_contract(obj)
        assert not obj["complete"]
    assert "dpdk-steerpmd: " in app.output


def test_no_source_at_all_is_one_line_with_every_reason(rundir, env):
    done = steerpmd.run(rundir, env, "--experiment=off", "--source=auto",
                        devices=["--vdev=net_null0"])
    if done.returncode == 0:
        pytest.skip("this machine has a PMU, which auto prefers")
    told = [line for line in done.stderr.splitlines() if line.startswith("dpdk-steerpmd: ")]
    assert done.returncode == UNSUPPORTED and len(told) == 1
    for words in ("pmu: ", "timing: the port is no device", "model: no port has a cache model"):
        assert words in told[0]


def sent(nic):
    """Packets of the generator."""
    nic.counters()
    return int(re.findall(r"wire gen: sent (\d+)", nic.text())[-1])


# ---- the end by a signal ----

def test_a_signal_ends_an_experiment_and_results_are_written(rundir, env, nic):
    out, table = rundir / "part.json", rundir / "part.csv"
    app = steerlab.Process(steerpmd.argv(
        rundir, *steerpmd.EXPERIMENT, "--rounds=1000", "--round-packets=512",
        "--warmup-packets=0", f"--json={out}", f"--csv={table}", devices=[steerpmd.vfio(nic)]),
        env=env)
    # some rounds: each gives the device credit by messages
    wait_for("rounds", lambda: int(nic.counters()["messages"]) > 5000 or not app.running())
    assert app.kill(signal.SIGINT) == FAILURE
    obj = json.loads(out.read_text())
    steerpmd.check_contract(obj)
    assert not obj["complete"] and obj["config"]["rounds"] == 1000
    assert 1 <= len(obj["rounds"]) < 3000
    assert all(r["packets"] == 512 for r in obj["rounds"])
    assert "INTERRUPTED" in app.output and "interrupted" in app.output
    with table.open() as f:
        assert len(list(csv.DictReader(f))) == 2 * len(obj["rounds"])


# ---- dry run ----

def test_dry_run_tells_the_plan_and_opens_nothing(rundir, env):
    done = steerpmd.run(rundir, env, "--rxq=2", "--txq=2", "--experiment=off,right,wrong",
                        "--rounds=6", "--platform=clx", "--noise=64@3", "--dry-run",
                        devices=["vfio:nic0,sock=/none.sock"])
    assert (done.returncode, done.stderr) == (0, "")
    for words in ("no device is opened", "source: auto", "platform clx", "6 rounds of each",
                  "  round 0: off right wrong", "  round 1: right wrong off",
                  "2 Rx and 2 Tx queues", "touch header", "packets",
                  "noise: a walk through 64 MiB on lcore 3; by the model 16 lines"):
        assert words in done.stdout
    assert not list(rundir.glob("dpdk/*")), "EAL has not been started"


def test_dry_run_plans_each_source_as_it_measures(rundir, env):
    modes = ["--rxq=2", "--txq=2", "--experiment=off,right", "--rounds=2", "--dry-run"]
    done = steerpmd.run(rundir, env, *modes, "--source=model")
    # twice through 2 * (256 + 256 + 2 * 32 + 64) buffers, then 4 rounds behind as many each
    assert "by model about 24064 packets, about 0 s" in done.stdout
    assert "by timing" not in done.stdout
    done = steerpmd.run(rundir, env, *modes, "--source=timing")
    if "cannot be had here" in done.stdout:
        pytest.skip(f"no timing probe here: {done.stdout}")
    assert "by timing about 1114112 packets, for as long as they take" in done.stdout
    assert "measured by timing probe, one packet in 64\n" in done.stdout
    assert "by model" not in done.stdout
    done = steerpmd.run(rundir, env, *modes, "--source=all", "--flows=7")
    assert "source timing  cannot be had here: --size, --mix," in done.stdout
    assert "by timing" not in done.stdout


# ---- prompt ----

def test_experiment_at_the_prompt(rundir, env, nic):
    p = steerpmd.prompt(rundir, env, "--rxq=2", "--txq=2", "--nb-cores=2", "--rounds=2",
                        "--round-packets=512", "--source=model", devices=[steerpmd.vfio(nic)])
    p.send("show experiment")
    p.expect("No experiment yet")
    p.send("experiment off,right,sideways")
    p.expect("'sideways' is not off, right, wrong or no-st")
    p.send("experiment off,right,wrong")
    p.expect("negative control valid")
    p.send("show experiment")
    p.expect("negative control valid")
    # and forwarding goes on as before
    p.send("start")
    p.expect("Logical Core")
    p.send("experiment off,right,wrong")
    p.expect("stop it first")
    p.send("stop")
    p.expect("Accumulated forward statistics")
    p.send("quit")
    assert p.wait() == 0


def test_forward_statistics_have_the_hit_columns(rundir, env, nic):
    p = steerpmd.prompt(rundir, env, "--rxq=2", "--txq=2", "--nb-cores=2", "--lockstep=32",
                        "--touch=header", devices=[steerpmd.vfio(nic)])
    p.send("start")
    p.expect("Logical Core")
    p.send("show fwd stats all")
    p.expect("Forward statistics for port 0")
    p.expect(r"cache lines per packet by level, modelled")
    p.expect("Accumulated forward statistics")
    p.send("quit")
    assert p.wait() == 0
