# SPDX-License-Identifier: BSD-3-Clause
"""What a user gets from ./demo --quick: the figures that must hold, read from its JSON alone."""

import csv
import json
import os
import subprocess
import types

import demo
import pytest
import steerlab

import steerpmd

INPUTS = ["gen:64", "pcap:real.pcap"]


def run_script(out, *options, platform="zen5"):
    """The real script. @return its runs by input, after a check of the JSON's contract."""
    options = [f"--platform={platform}", *options]
    done = subprocess.run([str(steerlab.ROOT / "demo"), "--quick", "--inputs=gen,pcap",
                           "--out", str(out), "--json", str(out / "copy.json"), *options],
                          capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((out / "copy.json").read_text())
    assert set(result) == {"schema", "runs"} and result["schema"] == 1
    assert [run["input"] for run in result["runs"]] == INPUTS
    for run in result["runs"]:
        steerpmd.check_contract(run)
        assert (run["platform"], run["queues"], run["source"]) == (platform, 2, "model")
        assert sorted(run["summary"]) == steerpmd.MODES
        check_equal_shares(run["rounds"])
    (out / "stdout").write_text(done.stdout)
    return {run["input"]: run for run in result["runs"]}


def check_equal_shares(rounds):
    """As many rounds and as many packets for each mode."""
    for mode in steerpmd.MODES:
        packets = [r["packets"] for r in rounds if r["mode"] == mode]
        assert packets == [demo.QUICK["packets"]] * demo.QUICK["rounds"]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def runs(build, out):
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("needs two CPUs: 'wrong' has to be another one")
    if build.name != "release":
        pytest.skip("./demo builds and runs build/release")
    return run_script(out)


@pytest.mark.parametrize("name", INPUTS)
def test_steering_decides_the_level(runs, name):
    off, right, wrong = (runs[name]["summary"][mode] for mode in steerpmd.MODES)
    assert right["l2_or_better"] >= 0.9
    assert off["l2_or_better"] <= 0.2
    assert wrong["first_touch"]["other_core"] >= 0.9
    assert wrong["l2_or_better"] <= 0.2
    assert right["cycles_per_packet"] < wrong["cycles_per_packet"] < off["cycles_per_packet"]


def test_files_and_table(runs, out):
    assert (out / "copy.json").read_bytes() == (out / "result.json").read_bytes()
    with (out / "result.csv").open() as f:
        assert {row["input"] for row in csv.DictReader(f)} == set(runs)
    assert (out / "report.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert "modelled" in (out / "report.html").read_text()
    for name in runs:
        assert f"{name} on zen5, lines per packet, modelled" in (out / "stdout").read_text()


@pytest.mark.parametrize("name", INPUTS)
def test_every_queue_of_every_round_has_margin(runs, name):
    """Lines of the queue that is read last must not be lost to those read before it."""
    for r in runs[name]["rounds"]:
        for q in r["per_queue"]:
            touch = q["first_touch"]
            if r["mode"] == "right":
                assert touch["l1"] + touch["l2"] >= 0.97
            if r["mode"] == "wrong":
                assert touch["other_core"] >= 0.97
            if r["mode"] == "off":
                assert touch["l1"] + touch["l2"] <= 0.03


def test_without_tph_the_three_are_equal(runs, tmp_path):
    # a round of the capture has other packets than the round before
    near = {"gen:64": 0.05, "pcap:real.pcap": 0.3}
    for run in run_script(tmp_path, "--nic=--tph=none").values():
        off = run["summary"]["off"]
        for mode in ("right", "wrong"):
            assert run["summary"][mode]["first_touch"] == off["first_touch"]
            for level in steerpmd.LEVELS:
                assert run["summary"][mode]["lines"][level] == pytest.approx(
                    off["lines"][level], abs=near[run["input"]])
        assert {q["tag"] for r in run["rounds"] for q in r["per_queue"]} == {None}


def test_swapped_tags_flip_the_table(runs, tmp_path):
    tags = {q["tag"] for r in runs["gen:64"]["rounds"] for q in r["per_queue"]} - {0}
    assert len(tags) == 2
    swap = ",".join(map(str, sorted(tags)))
    for run in run_script(tmp_path, f"--nic=--test-swap-tags={swap}").values():
        right, wrong = run["summary"]["right"], run["summary"]["wrong"]
        assert wrong["l2_or_better"] >= 0.9
        assert right["first_touch"]["other_core"] >= 0.9
        assert right["l2_or_better"] <= 0.2
        assert run["summary"]["off"]["l2_or_better"] <= 0.2


def test_two_runs_are_the_same_to_the_byte(runs, tmp_path):
    again = run_script(tmp_path)
    for name in INPUTS:
        assert json.dumps(again[name]["summary"]) == json.dumps(runs[name]["summary"])


def test_other_cpus_give_the_same_summaries(runs, rundir, monkeypatch):
    """The lcores' CPUs the other way round: the model knows ranks, not numbers."""
    monkeypatch.setattr(demo, "cpus", lambda: sorted(os.sched_getaffinity(0))[1::-1])
    args = types.SimpleNamespace(quick=True, platform="zen5", nic=[], inputs=["gen", "pcap"])
    for run in demo.run_all(args, rundir):
        first = runs[run["input"]]
        assert run["rounds"][0]["per_queue"][0]["cpu"] != first["rounds"][0]["per_queue"][0]["cpu"]
        assert json.dumps(run["summary"]) == json.dumps(first["summary"])


def test_platform_without_tags(runs, tmp_path):
    """On a machine that ignores tags, steering changes nothing (but which packets a round has)."""
    for run in run_script(tmp_path, platform="clx").values():
        off = pytest.approx(run["summary"]["off"]["first_touch"], abs=0.002)
        assert run["summary"]["right"]["first_touch"] == off
        assert run["summary"]["wrong"]["first_touch"] == off


def test_unknown_input_is_refused(tmp_path):
    done = subprocess.run([str(steerlab.ROOT / "demo"), "--quick", "--inputs=gen,fax",
                           "--out", str(tmp_path / "out")],
                          capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 2
    assert "'fax' is not gen, pcap, tap" in done.stderr
    assert not (tmp_path / "out").exists()


def test_unknown_platform_is_one_line(tmp_path):
    done = subprocess.run([str(steerlab.ROOT / "demo"), "--quick", "--platform=pdp11",
                           "--out", str(tmp_path / "out")],
                          capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 1
    assert "no platform 'pdp11'" in done.stderr
    assert not (tmp_path / "out").exists()
