# SPDX-License-Identifier: BSD-3-Clause
"""Benchmarks run and print what their guide says; how fast they are is no test."""

import os
import re
import shutil
import subprocess

import pytest
import steerlab

FIGURES = r"us min ([\d.]+) p50 ([\d.]+) p90 ([\d.]+) p99 ([\d.]+) max ([\d.]+) n (\d+)"


@pytest.mark.parametrize("case", ["palette", "per-queue-iv-cap", "per-queue-iv-msix", "ds-reg"])
def test_steer_prints_distributions(build, case):
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("needs two CPUs: what is measured is the move from one to another")
    done = subprocess.run([str(steerlab.ROOT / "test" / "bench" / "steer"), "--case", case,
                           "--count", "20"], capture_output=True, text=True, timeout=120,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"steer {case}: strategy {'per-queue' if 'per-queue' in case else case}" in done.stdout
    for kind in ("call", "auto"):
        found = re.search(rf"^steer {case} {kind}: {FIGURES}\n((?:  .*\n)+)", done.stdout, re.M)
        assert found, done.stdout
        values = [float(v) for v in found.groups()[:5]]
        assert values == sorted(values) and values[0] > 0
        rows = [int(re.search(r" us +(\d+)", row.split(" us -")[1]).group(1))
                for row in found.group(7).splitlines()]
        assert sum(rows) == int(found.group(6)) == 20
    aim = 100 if case == "palette" else 1000
    assert re.search(rf"^bar steer-{case}-call-p50-us \d+ {aim} (met|missed)$", done.stdout, re.M)
    assert re.search(rf"^bar steer-{case}-auto-p90-us \d+ 4000 (met|missed)$", done.stdout, re.M)


def test_steer_wants_two_cpus(build):
    one = str(min(os.sched_getaffinity(0)))
    done = subprocess.run(["taskset", "-c", one, str(steerlab.ROOT / "test" / "bench" / "steer")],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == ("steer: needs two CPUs: what is measured is the move from one to "
                           "another\n")


def callback(*args):
    done = subprocess.run([str(steerlab.ROOT / "test" / "bench" / "callback"), *args],
                          capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_callbacks_take_few_instructions(build):
    """Counted, not timed: the same on any machine."""
    if not shutil.which("valgrind"):
        pytest.skip("valgrind is not installed")
    text = callback("--only", "instructions", "--bursts", "1000")
    found = re.findall(r"^bar callback-(rx|tx)-instructions ([\d.]+) 64 (met|missed)$", text, re.M)
    assert [way for way, _, _ in found] == ["rx", "tx"]
    for way, cost, verdict in found:
        assert 10 < float(cost) <= 64 and verdict == "met", (way, text)


def test_callbacks_are_switched_in_one_process(build):
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("needs two CPUs: one polls, one switches")
    text = callback("--only", "rate", "--rounds", "20", "--ms", "2")
    rounds = re.findall(r"^round (\d+): bursts/s (\d+) with, (\d+) without$", text, re.M)
    assert [int(n) for n, _, _ in rounds] == list(range(20))
    assert all(int(on) > 0 and int(off) > 0 for _, on, off in rounds)
    for what in ("rate", "time"):
        median, low, high = map(float, re.search(
            rf"^callback {what}: median difference ([-+][\d.]+) .*, 95 % interval ([-+][\d.]+) to "
            r"([-+][\d.]+), 20 rounds$", text, re.M).groups())
        assert low <= median <= high
