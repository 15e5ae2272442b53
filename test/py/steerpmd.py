# SPDX-License-Identifier: BSD-3-Clause
"""dpdk-steerpmd for tests: its command line, a run of an experiment, and its JSON's contract."""

import json
import os
import re
import subprocess

import pytest
import steerlab

from conftest import eal_args

EXPERIMENT = ["--rxq=2", "--txq=2", "--source=model", "--experiment=off,right,wrong"]
LEVELS = ["l1", "l2", "other_core", "llc", "memory"]
MODES = ["off", "right", "wrong"]
ALL_MODES = [*MODES, "no-st"]
UNITS = {"model": "lines", "pmu": "loads", "timing": "samples"}
LABELS = {"model": "modelled", "pmu": "measured by PMU", "timing": "measured by timing probe"}
WITNESS = {"agrees", "contradicts", "cannot_tell", "absent"}
VERDICTS = {"stable", "drift", "bimodal", "noisy", "few"}


def lcores():
    """Main lcore, and a forwarding lcore on each of two CPUs."""
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        pytest.skip("needs two CPUs: 'wrong' has to be another one")
    return f"0@{cpus[0]},1@{cpus[0]},2@{cpus[1]}"


def argv(rundir, *opts, devices=(), name="app", cpus=None):
    """Command line; devices are EAL's -a, or whole EAL options that start with '--'."""
    eal = []
    for d in devices:
        eal += [d] if d.startswith("--") else ["-a", d]
    return [str(steerlab.STEERPMD),
            *eal_args(f"{rundir.name}-{name}", 128, cpus or lcores()), *eal, "--",
            *map(str, opts)]


def leaks_told(env):
    """A sanitizer build looks for leaks at its end, and they have an exit status of their own."""
    return dict(env, ASAN_OPTIONS="detect_leaks=1:exitcode=99")


def run(rundir, env, *opts, devices=(), stdin="", timeout=60, cpus=None):
    """Run to its end; @return subprocess.CompletedProcess with text."""
    return subprocess.run(argv(rundir, *opts, devices=devices, cpus=cpus),
                          env=leaks_told(env), input=stdin,
                          capture_output=True, text=True, timeout=timeout, check=False)


def vfio(nic, more=""):
    return f"vfio:nic0,sock={nic.sock}{more}"


def experiment(rundir, env, nic, *opts, devargs="", code=0):
    """@return (JSON object, CompletedProcess) of an experiment that succeeds, or ends with code."""
    path = rundir / "result.json"
    done = run(rundir, env, *EXPERIMENT, *opts, f"--json={path}", devices=[vfio(nic, devargs)])
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(path.read_text()), done


def timeless(obj):
    """As text, without what says when and how fast it was made: all else must repeat itself."""
    return json.dumps({k: v for k, v in obj.items() if k not in ("time", "elapsed_s")})


def prompt(rundir, env, *opts, devices=(), name="app"):
    """Interactive; @return steerlab.Process with the prompt there."""
    p = steerlab.Process(argv(rundir, "-i", *opts, devices=devices, name=name),
                         env=leaks_told(env))
    p.expect("steerpmd> ")
    return p


# ---- the contract of --json, written from its words alone ----

def check_number_or_null(v, low=0.0, high=float("inf")):
    assert v is None or (isinstance(v, (int, float)) and not isinstance(v, bool)
                         and low <= v <= high), v


def check_levels(levels, high=float("inf")):
    assert set(levels) >= set(LEVELS)
    for level in LEVELS:
        check_number_or_null(levels[level], 0, high)


def check_shares(levels):
    check_levels(levels, 1)
    known = [levels[level] for level in LEVELS if levels[level] is not None]
    return sum(known)


def check_uint(v):
    assert isinstance(v, int) and not isinstance(v, bool) and v >= 0, v


def check_queue(q, source):
    for key in ("queue", "lcore", "cpu", "packets"):
        check_uint(q[key])
    assert q["tag"] is None or 0 <= q["tag"] <= 0xFFFF
    assert q["source"] == source
    check_levels(q["lines"])
    total = check_shares(q["first_touch"])
    assert total == 0 or abs(total - 1) < 1e-6
    check_number_or_null(q["cycles_per_packet"])


def check_latency(lat):
    if lat is not None:
        assert 0 <= lat["p50"] <= lat["p99"] <= lat["p999"] and lat["samples"] > 0


def check_round(r, nb_queues, source):
    assert r["mode"] in ALL_MODES
    check_uint(r["round"])
    assert r["source"] == source
    check_number_or_null(r["mpps"])
    assert r["mpps"] is None or source != "model", "lockstep has no rate"
    check_number_or_null(r["cycles_per_packet"])
    check_latency(r["latency_ns"])
    assert r["witness"] is None or source != "model", "a model has no machine to count"
    assert [q["queue"] for q in r["per_queue"]] == list(range(nb_queues))
    for q in r["per_queue"]:
        check_queue(q, source)
    assert r["packets"] == sum(q["packets"] for q in r["per_queue"])


def check_quartiles(s, key):
    """Quartiles lie within the span, and the median between them."""
    if s["iqr"][key] is None:
        assert s["spread"][key]["min"] is None
        return
    low, high = s["iqr"][key]
    assert s["spread"][key]["min"] <= low <= high <= s["spread"][key]["max"]
    if key != "l2_or_better":  # which is a sum of two medians
        assert low <= s[key] <= high


def check_summary(s, source):
    assert s["source"] == source
    check_levels(s["lines"])
    check_shares(s["first_touch"])
    check_number_or_null(s["cycles_per_packet"])
    check_number_or_null(s["l2_or_better"], 0, 1)
    check_latency(s["latency_ns"])
    for key in ("l2_or_better", "cycles_per_packet", "mpps"):
        check_quartiles(s, key)
    assert s["stability"]["verdict"] in VERDICTS and s["stability"]["why"]
    if s["l2_or_better"] is not None:
        near = s["first_touch"]["l1"] + (s["first_touch"]["l2"] or 0)
        assert abs(s["l2_or_better"] - near) < 1e-6


def check_comparison(c):
    assert {c["a"], c["b"]} <= set(ALL_MODES) and c["a"] != c["b"]
    assert c["figure"] in ("cycles_per_packet", "l2_or_better", "mpps")
    assert c["low"] <= c["difference"] <= c["high"] and c["confidence"] == 0.95


def check_revision_2(obj):
    source = obj["source"]
    assert (obj["revision"], obj["label"]) == (2, LABELS[source])
    assert (obj["config"]["platform"] is None) == (source != "model")
    assert (obj["config"]["lockstep"] is None) == (source != "model")
    assert obj["tool"]["name"] == "dpdk-steerpmd" and obj["tool"]["version"]
    assert obj["machine"]["cpus"] >= 1 and obj["machine"]["dpdk"].startswith("DPDK ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", obj["time"])
    for c in obj["comparisons"]:
        check_comparison(c)
    assert obj["witness"]["verdict"] in WITNESS and obj["witness"]["why"]
    assert obj["control"]["verdict"] in ("valid", "invalid", "absent") and obj["control"]["why"]
    assert isinstance(obj["complete"], bool)


def check_contract(obj):
    """Raises AssertionError or KeyError where the object breaks the contract."""
    source = obj["source"]
    assert (obj["schema"], obj["unit"]) == (1, UNITS[source])
    assert isinstance(obj["platform"], str) and isinstance(obj["input"], str)
    check_uint(obj["queues"])
    for merged in obj.get("merged", []):
        assert set(merged) <= set(LEVELS)
    check_revision_2(obj)
    for r in obj["rounds"]:
        check_round(r, obj["queues"], source)
    assert set(obj["summary"]) == {r["mode"] for r in obj["rounds"]}
    for s in obj["summary"].values():
        check_summary(s, source)
