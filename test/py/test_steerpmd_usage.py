# SPDX-License-Identifier: BSD-3-Clause
"""dpdk-steerpmd used wrongly, or where something is missing: one line, a stable exit code."""

import os
import pathlib
import signal

import pytest
import steerlab

import steerpmd
from patience import wait_for

pytestmark = pytest.mark.sanitize
OK, FAILURE, USAGE, UNSUPPORTED = 0, 1, 2, 3
NULL = "--vdev=net_null0"


def under_way(app):
    """Wait until a forwarding lcore has used some CPU time: the first round runs."""
    def ticks():
        total = 0
        for task in pathlib.Path(f"/proc/{app.pid}/task").iterdir():
            try:
                name, stat = (task / "comm").read_text(), (task / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue  # a thread that has ended meanwhile
            if "worker" in name:
                total += sum(map(int, stat.rsplit(")", 1)[1].split()[11:13]))
        return total
    wait_for("forwarding lcore", lambda: ticks() >= 5 or not app.running())
    assert app.running(), app.output


def own_lines(text):
    return [line for line in text.splitlines() if line.startswith("dpdk-steerpmd: ")]


@pytest.mark.parametrize("opt,code,words", [
    ("--foo", USAGE, "unknown option"),
    ("--rxq=many", USAGE, "--rxq: 'many' is not a number"),
    ("--touch=deep", USAGE, "--touch: 'deep'"),
    ("--platform=vax", USAGE, "zen5"),
    ("--txpkts=1500 --mbuf-size=1024", USAGE, "--txpkts 1500: does not fit"),
    ("--source=guess", USAGE, "--source: 'guess'"),
    ("--sweep=ring=1..x --out=f", USAGE, "a range is FROM..TO"),
    ("--experiment=off,left", USAGE, "'left' is not off, right, wrong or no-st"),
])
def test_bad_options_are_refused_before_eal(rundir, env, opt, code, words):
    done = steerpmd.run(rundir, env, *opt.split(), devices=[NULL])
    assert done.returncode == code
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and words in done.stderr


def test_help_needs_no_eal(rundir, env):
    done = steerpmd.run(rundir, env, "--help")
    assert done.returncode == OK and done.stderr == ""
    for opt in ("--forward-mode", "--rxq", "--txq", "--nb-cores", "--burst", "--experiment"):
        assert opt in done.stdout


@pytest.mark.parametrize("opts,devices,code,words", [
    ([], [], FAILURE, "no port: name a device"),
    ([], ["vfio:nic0,sock=/none.sock"], FAILURE, "no port: none of the named devices can be used"),
    (["--experiment=off"], [NULL], UNSUPPORTED, "no port has a cache model"),
    (["--lockstep=8", "-i"], [NULL], UNSUPPORTED, "no port has a cache model"),
    (["--nb-cores=5"], [NULL], USAGE, "--nb-cores 5"),
    (["--total-num-mbufs=8"], [NULL], FAILURE, "mbuf pools"),
])
def test_what_cannot_be_had_is_one_line(rundir, env, opts, devices, code, words):
    done = steerpmd.run(rundir, env, *opts, devices=devices)
    lines = own_lines(done.stderr)
    assert (done.returncode, len(lines)) == (code, 1), done.stderr
    assert words in lines[0]


def test_no_forwarding_lcore(rundir, env):
    done = steerpmd.run(rundir, env, devices=[NULL], cpus="0@0")
    assert done.returncode == USAGE
    assert "no lcore to forward" in own_lines(done.stderr)[0]


def test_more_queues_than_the_device_has(rundir, env, vfu_nic):
    nic = vfu_nic("--queues", "2")
    done = steerpmd.run(rundir, env, "--rxq=3", "--txq=3", devices=[steerpmd.vfio(nic)])
    assert done.returncode == FAILURE
    assert "has 2 Rx and 2 Tx queues" in own_lines(done.stderr)[0]


def test_wrong_needs_two_cpus(rundir, env, vfu_nic):
    nic = vfu_nic("--queues", "2")
    cpu = min(os.sched_getaffinity(0))
    done = steerpmd.run(rundir, env, *steerpmd.EXPERIMENT, devices=[steerpmd.vfio(nic)],
                        cpus=f"0@{cpu},1@{cpu}")
    assert done.returncode == FAILURE
    assert "needs lcores on at least 2 CPUs" in own_lines(done.stderr)[0]


def test_window_that_does_not_fit_the_rings(rundir, env, vfu_nic):
    nic = vfu_nic("--queues", "2")
    done = steerpmd.run(rundir, env, *steerpmd.EXPERIMENT, "--lockstep=200",
                        devices=[steerpmd.vfio(nic)])
    assert done.returncode == FAILURE
    assert "--txd 400" in own_lines(done.stderr)[0]


def test_wire_that_ends(rundir, env, vfu_nic):
    nic = vfu_nic("--queues", "2", wire="gen,size=64,flows=64,count=100")
    out = rundir / "never.json"
    done = steerpmd.run(rundir, env, *steerpmd.EXPERIMENT, f"--json={out}",
                        devices=[steerpmd.vfio(nic)])
    assert done.returncode == FAILURE
    assert "the wire has ended" in own_lines(done.stderr)[0]
    assert not out.exists()


def test_results_that_cannot_be_written(rundir, env, vfu_nic):
    nic = vfu_nic("--queues", "2")
    done = steerpmd.run(rundir, env, *steerpmd.EXPERIMENT, "--round-packets=64", "--rounds=1",
                        "--json=/nowhere/x.json", devices=[steerpmd.vfio(nic)])
    assert done.returncode == FAILURE
    assert own_lines(done.stderr) == [
        "dpdk-steerpmd: /nowhere/x.json: No such file or directory"]


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_cleanly(rundir, env, vfu_nic, sig):
    nic = vfu_nic("--queues", "2")
    app = steerlab.Process(steerpmd.argv(rundir, "--rxq=2", "--txq=2", "--nb-cores=2",
                                         devices=[steerpmd.vfio(nic)]), env=env)
    app.expect("Press enter")
    assert app.kill(sig) == OK
    assert "Accumulated forward statistics" in app.output


def test_signal_ends_an_experiment(rundir, env, vfu_nic):
    nic = vfu_nic("--queues", "2")
    out = rundir / "never.json"
    app = steerlab.Process(steerpmd.argv(rundir, *steerpmd.EXPERIMENT, "--warmup-packets=4000000000",
                                         f"--json={out}", devices=[steerpmd.vfio(nic)]), env=env)
    under_way(app)
    assert app.kill(signal.SIGTERM) == FAILURE
    assert "interrupted" in app.output
    assert not out.exists()


def test_enter_ends_it(rundir, env):
    done = steerpmd.run(rundir, env, devices=[NULL], stdin="\n")
    assert done.returncode == OK and "Press enter to exit" in done.stdout


def test_device_that_dies_without_a_prompt(rundir, env, vfu_nic):
    nic = vfu_nic("--queues", "2")
    app = steerlab.Process(steerpmd.argv(rundir, "--rxq=2", "--txq=2",
                                         devices=[steerpmd.vfio(nic)]), env=env)
    app.expect("Press enter")
    nic.kill()
    assert app.wait() == FAILURE
    assert "the device is gone" in own_lines(app.output)[0]


def test_device_that_dies_in_an_experiment(rundir, env, vfu_nic):
    nic = vfu_nic("--queues", "2")
    app = steerlab.Process(steerpmd.argv(rundir, *steerpmd.EXPERIMENT, "--warmup-packets=4000000000",
                                         devices=[steerpmd.vfio(nic)]), env=env)
    under_way(app)
    nic.kill()
    assert app.wait() == FAILURE
    assert "the device is gone" in own_lines(app.output)[0]
