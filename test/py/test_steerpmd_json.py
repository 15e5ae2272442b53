# SPDX-License-Identifier: BSD-3-Clause
"""dpdk-steerpmd's experiment on vfu-nic: the JSON's contract and what must come out."""

import copy
import csv
import json
import statistics

import pytest
import steerlab

import schema
import steerpmd

CAPTURE = steerlab.ROOT / "test" / "data" / "real.pcap"
INPUTS = {"gen": "gen,size=64,flows=64", "pcap": f"net_pcap0,rx_pcap={CAPTURE},infinite_rx=1"}
QUICK = ["--rounds=3", "--round-packets=2048"]


@pytest.fixture
def result(rundir, env, vfu_nic):
    """Run an experiment: result(*vfu-nic options, wire=, opts=, devargs=)."""
    def go(*nic_opts, wire="gen", opts=(), devargs="", code=0):
        nic = vfu_nic("--queues", "2", *nic_opts, wire=INPUTS[wire],
                      eal=["-m", "128"] if wire == "pcap" else ())
        try:
            return steerpmd.experiment(rundir, env, nic, *QUICK, *opts, devargs=devargs,
                                       code=code)
        finally:
            nic.stop()
    return go


@pytest.mark.parametrize("wire", INPUTS)
def test_zen5_steering_shows(result, wire):
    obj, _ = result(wire=wire, opts=["--platform=zen5", f"--input-name={wire}:x"])
    steerpmd.check_contract(obj)
    assert (obj["platform"], obj["input"], obj["queues"]) == ("zen5", f"{wire}:x", 2)
    s = obj["summary"]
    assert s["right"]["l2_or_better"] >= 0.9
    assert s["off"]["l2_or_better"] <= 0.2
    assert s["wrong"]["first_touch"]["other_core"] >= 0.9
    assert s["wrong"]["l2_or_better"] <= 0.2
    assert s["right"]["cycles_per_packet"] < s["wrong"]["cycles_per_packet"]


def test_the_schema_knows_every_key_that_is_written(result):
    obj, _ = result(opts=["--test-invert-control", "--noise-lines=1", "--noise=1@2"], code=1)
    schema.validator().validate(obj)
    assert set(schema.keys(obj, ["source_detail"])) <= {*schema.names(), *steerpmd.MODES}
    assert obj["config"]["invert_control"] is True
    assert "invert_control" not in result()[0]["config"]


@pytest.mark.parametrize("wire", INPUTS)
def test_two_runs_are_the_same_to_the_byte(result, wire):
    first, second = result(wire=wire)[0], result(wire=wire)[0]
    assert steerpmd.timeless(first) == steerpmd.timeless(second)


def test_seed_changes_the_figures_and_not_the_finding(result):
    first, second = result()[0], result(opts=["--seed=7"])[0]
    assert json.dumps(first["summary"]) != json.dumps(second["summary"])
    assert second["summary"]["right"]["l2_or_better"] >= 0.9


def test_without_tph_the_three_are_equal(result):
    obj, done = result("--tph=none")
    steerpmd.check_contract(obj)
    assert "steer: unsupported: no TPH capability\n" in done.stderr
    off = obj["summary"]["off"]
    for mode in ("right", "wrong"):
        for level in steerpmd.LEVELS:
            assert obj["summary"][mode]["lines"][level] == pytest.approx(off["lines"][level],
                                                                         abs=0.05)
        assert obj["summary"][mode]["l2_or_better"] == pytest.approx(off["l2_or_better"], abs=0.02)
    assert {q["tag"] for r in obj["rounds"] for q in r["per_queue"]} == {None}


def test_swapped_tags_flip_the_table(result):
    tags = {q["cpu"]: q["tag"] for r in result()[0]["rounds"] if r["mode"] == "right"
            for q in r["per_queue"]}
    assert len(set(tags.values())) == 2
    obj, done = result("--test-swap-tags=" + ",".join(str(t) for t in tags.values()), code=1)
    # which is what a negative control is for
    assert obj["control"]["verdict"] == "invalid"
    assert "EXPERIMENT INVALID" in done.stdout and "negative control failed" in done.stderr
    assert obj["summary"]["wrong"]["l2_or_better"] >= 0.9
    assert obj["summary"]["right"]["first_touch"]["other_core"] >= 0.9


@pytest.mark.parametrize("tph,steer", [("iv-cap", "palette"), ("iv-cap", "per-queue"),
                                       ("iv-msix", "palette"), ("iv-msix", "per-queue"),
                                       ("ds-reg", "auto")])
def test_every_strategy_steers(result, tph, steer):
    obj, _ = result(f"--tph={tph}", devargs=f",steer={steer}")
    assert obj["summary"]["right"]["l2_or_better"] >= 0.9
    assert obj["summary"]["off"]["l2_or_better"] <= 0.2


def test_a_platform_without_tags_gains_nothing(result):
    s = result(opts=["--platform=clx"])[0]["summary"]
    assert s["right"]["l2_or_better"] <= 0.2
    assert s["right"]["first_touch"]["llc"] >= 0.9


def test_tags_and_places(result):
    obj, _ = result()
    for r in obj["rounds"]:
        tags = [q["tag"] for q in r["per_queue"]]
        assert [q["lcore"] for q in r["per_queue"]] == [1, 2]
        assert (tags == [0, 0]) == (r["mode"] == "off")
    right = next(r for r in obj["rounds"] if r["mode"] == "right")
    wrong = next(r for r in obj["rounds"] if r["mode"] == "wrong")
    assert [q["tag"] for q in right["per_queue"]] == [q["tag"] for q in wrong["per_queue"]][::-1]


def test_rounds_are_interleaved_and_summed_up(result):
    obj, _ = result()
    order = [r["mode"] for r in obj["rounds"]]
    assert [set(order[i:i + 3]) for i in (0, 3, 6)] == [set(steerpmd.MODES)] * 3
    assert {order[0], order[3], order[6]} == set(steerpmd.MODES)
    for mode in steerpmd.MODES:
        rounds = [r for r in obj["rounds"] if r["mode"] == mode]
        assert [r["round"] for r in rounds] == [0, 1, 2]
        assert all(r["packets"] == 2048 for r in rounds)
        for level in steerpmd.LEVELS:
            values = [sum(q["lines"][level] * q["packets"] for q in r["per_queue"]) / r["packets"]
                      for r in rounds]
            assert obj["summary"][mode]["lines"][level] == pytest.approx(
                statistics.median(values), abs=1e-5)


@pytest.mark.parametrize("touch,lines", [("none", 0), ("header", 1), ("payload:600", 11),
                                         ("all", 16)])
def test_touch_reads_that_many_lines(rundir, env, vfu_nic, touch, lines):
    nic = vfu_nic("--queues", "2", wire="gen,size=1000,flows=64")
    obj, _ = steerpmd.experiment(rundir, env, nic, *QUICK, f"--touch={touch}")
    base = steerpmd.experiment(rundir, env, nic, *QUICK, "--touch=none")[0]

    def total(o):
        return sum(o["summary"]["right"]["lines"].values())
    # and the mbuf's first line, which says where the packet is
    assert total(obj) - total(base) == pytest.approx(lines + (touch != "none"), abs=0.1)


def test_csv_is_the_rounds(rundir, env, vfu_nic):
    nic = vfu_nic("--queues", "2")
    path = rundir / "result.csv"
    obj, done = steerpmd.experiment(rundir, env, nic, *QUICK, f"--csv={path}")
    rows = list(csv.DictReader(path.open()))
    assert len(rows) == sum(len(r["per_queue"]) for r in obj["rounds"])
    assert {r["source"] for r in rows} == {"model"}
    assert float(rows[0]["lines_memory"]) == obj["rounds"][0]["per_queue"][0]["lines"]["memory"]
    titles = [line for line in done.stdout.splitlines() if line.startswith("==")]
    assert titles and all("modelled" in t for t in titles)


def test_json_to_stdout_is_nothing_but_json(rundir, env, vfu_nic):
    nic = vfu_nic("--queues", "2")
    done = steerpmd.run(rundir, env, *steerpmd.EXPERIMENT, *QUICK, "--json=-",
                        devices=[steerpmd.vfio(nic)])
    assert done.returncode == 0, done.stderr
    steerpmd.check_contract(json.loads(done.stdout))


BREAKS = {
    "source": lambda o: o.update(source="pmu"),
    "level": lambda o: o["summary"]["off"]["lines"].pop("llc"),
    "share": lambda o: o["summary"]["off"]["first_touch"].update(memory=1.5),
    "near": lambda o: o["summary"]["right"].update(l2_or_better=0.5),
    "packets": lambda o: o["rounds"][0].update(packets=1),
    "tag": lambda o: o["rounds"][0]["per_queue"][0].update(tag=-1),
    "mode": lambda o: o["rounds"][0].update(mode="left"),
    "summary": lambda o: o["summary"].pop("wrong"),
}


def test_the_validator_sees_what_is_wrong(result):
    good, _ = result()
    for breach in BREAKS.values():
        bad = copy.deepcopy(good)
        breach(bad)
        with pytest.raises((AssertionError, KeyError)):
            steerpmd.check_contract(bad)
