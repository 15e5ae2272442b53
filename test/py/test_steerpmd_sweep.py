# SPDX-License-Identifier: BSD-3-Clause
"""dpdk-steerpmd's sweeps: points, the file that is continued after a sudden end, presets."""

import csv
import json
import signal

import pytest
import steerlab

import steerpmd
from patience import wait_for

FAILURE, USAGE = 1, 2
AXES = ["--sweep", "ring=64..256", "queues=1,2", "touch=header,all"]
QUICK = ["--source=model", "--rounds=2", "--round-packets=256", "--warmup-packets=64",
         "--experiment=off,right,wrong", "--lockstep=16"]


@pytest.fixture
def nic(vfu_nic):
    return vfu_nic("--queues", "2", "--ring-size", "256")


def sweep(rundir, env, nic, *opts, out="sweep.jsonl"):
    """@return (lines of the file as objects, CompletedProcess)."""
    path = rundir / out
    done = steerpmd.run(rundir, env, *QUICK, *opts, f"--out={path}",
                        devices=[steerpmd.vfio(nic)])
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line) for line in lines], done


def test_every_point_is_there_in_order(rundir, env, nic):
    table = rundir / "sweep.csv"
    (head, *results), done = sweep(rundir, env, nic, *AXES, f"--csv={table}")
    assert done.returncode == 0, done.stderr
    assert (head["schema"], head["revision"], head["kind"]) == (1, 2, "sweep")
    assert head["axes"] == {"ring": [64, 128, 256], "queues": [1, 2], "touch": ["header", "all"]}
    assert head["preset"] is None and len(head["fingerprint"]) == 16
    points = [r["point"] for r in results]
    assert points == [{"ring": ring, "queues": queues, "touch": touch}
                      for ring in (64, 128, 256) for queues in (1, 2)
                      for touch in ("header", "all")]
    for r in results:
        steerpmd.check_contract(r)
        assert r["config"]["rxd"] == r["config"]["txd"] == r["point"]["ring"]
        assert r["queues"] == r["point"]["queues"]
        assert r["config"]["touch"] == r["point"]["touch"]
        assert r["elapsed_s"] > 0
    assert "sweep: 12 of 12: ring=256 queues=2 touch=all: " in done.stderr
    assert "s left" in done.stderr
    with table.open() as f:
        rows = list(csv.DictReader(f))
    # points with one and with two queues, three modes, two rounds
    assert len(rows) == (6 * 1 + 6 * 2) * 3 * 2
    assert (rows[0]["ring"], rows[0]["queues"], rows[0]["touch"]) == ("64", "1", "header")


def test_two_sweeps_are_the_same_but_for_the_time(rundir, env, nic):
    first, _ = sweep(rundir, env, nic, *AXES)
    second, _ = sweep(rundir, env, nic, *AXES, out="again.jsonl")
    assert len(first) == 13
    assert [steerpmd.timeless(o) for o in first] == [steerpmd.timeless(o) for o in second]


def test_a_killed_sweep_goes_on(rundir, env, nic):
    path = rundir / "sweep.jsonl"
    app = steerlab.Process(steerpmd.argv(rundir, *QUICK, *AXES, f"--out={path}",
                                         devices=[steerpmd.vfio(nic)]), env=env)
    wait_for("points", lambda: (path.exists() and path.read_bytes().count(b"\n") >= 4)
             or not app.running())
    app.kill(signal.SIGKILL)
    there = path.read_bytes().count(b"\n") - 1
    if there == 12:
        pytest.skip("the sweep was done before it could be killed")
    with path.open("ab") as f:
        f.write(b'{"schema":1,"revision":2,"poi')
    before = path.read_text().splitlines()[:there + 1]
    (_, *results), done = sweep(rundir, env, nic, *AXES)
    assert done.returncode == 0, done.stderr
    assert f"{there} of them are there already; a line that was cut in half" in done.stdout
    assert len(results) == 12
    assert len({json.dumps(r["point"]) for r in results}) == 12
    # what was there has not been touched
    assert path.read_text().splitlines()[:there + 1] == before
    # and a third run has nothing to do
    _, done = sweep(rundir, env, nic, *AXES)
    assert done.returncode == 0 and "sweep: " not in done.stderr


def test_a_signal_ends_a_sweep_between_points(rundir, env, nic):
    path = rundir / "sweep.jsonl"
    app = steerlab.Process(steerpmd.argv(
        rundir, *QUICK, "--rounds=200", *AXES, f"--out={path}", devices=[steerpmd.vfio(nic)]),
        env=env)
    wait_for("points", lambda: (path.exists() and path.read_bytes().count(b"\n") >= 2)
             or not app.running())
    assert app.kill(signal.SIGINT) == FAILURE
    assert "the same command goes on from there" in app.output
    for line in path.read_text().splitlines()[1:]:
        assert json.loads(line)["complete"]


def test_another_configuration_is_refused(rundir, env, nic):
    lines, _ = sweep(rundir, env, nic, "--sweep", "ring=64")
    again, done = sweep(rundir, env, nic, "--sweep", "ring=64", "--burst=16")
    assert done.returncode == FAILURE
    assert "is of another sweep" in done.stderr
    assert again == lines


def test_a_ring_that_the_device_has_not_is_refused(rundir, env, nic):
    lines, done = sweep(rundir, env, nic, "--sweep", "ring=128,512")
    assert done.returncode == FAILURE
    assert "cannot have rings of 512 and 512 descriptors" in done.stderr
    assert [o["point"] for o in lines[1:]] == [{"ring": 128}]


def test_an_invalid_point_is_a_failure_also_when_it_was_measured_before(rundir, env, nic):
    for _ in range(2):
        lines, done = sweep(rundir, env, nic, "--sweep", "ring=64", "--test-invert-control")
        assert done.returncode == FAILURE
        assert lines[1]["control"]["verdict"] == "invalid"
        assert "experiment invalid at 1 points" in done.stderr


def test_a_point_that_the_witness_contradicts_is_a_failure(rundir, env, nic):
    lines, done = sweep(rundir, env, nic, "--sweep", "ring=64,128")
    assert done.returncode == 0, done.stderr
    assert {o["witness"]["verdict"] for o in lines[1:]} == {"absent"}
    lines[2]["witness"] = {"verdict": "contradicts", "why": "made so"}
    (rundir / "sweep.jsonl").write_text("".join(json.dumps(o) + "\n" for o in lines))
    again, done = sweep(rundir, env, nic, "--sweep", "ring=64,128")
    assert again == lines and done.returncode == FAILURE
    assert "experiment refused at 1 points: contradicted by the witness" in done.stderr
    assert "experiment invalid" not in done.stderr


def test_dry_run_of_a_sweep_lists_points_and_what_is_there(rundir, env, nic):
    sweep(rundir, env, nic, "--sweep", "ring=64,128")
    size = (rundir / "sweep.jsonl").stat().st_size
    _, done = sweep(rundir, env, nic, "--sweep", "ring=64,128", "--dry-run")
    assert done.returncode == 0
    assert "sweep: 2 points into" in done.stdout and "2 are there already" in done.stdout
    assert "  ring=64\n  ring=128\n" in done.stdout
    assert (rundir / "sweep.jsonl").stat().st_size == size


def test_preset_is_a_grid_that_the_command_line_may_change(rundir, env):
    done = steerpmd.run(rundir, env, "--preset=atc20", "--out=x", "--rounds=3", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "sweep: 24 points" in done.stdout and "preset: atc20" in done.stdout
    assert "  size=1500 rxring=4096\n" in done.stdout
    assert "3 rounds of each" in done.stdout
    done = steerpmd.run(rundir, env, "--sweep=ring=64", "--preset=atc20", "--out=x", "--dry-run")
    assert "sweep: 1 points" in done.stdout
