# SPDX-License-Identifier: BSD-3-Clause
"""Benchmarks run and print what their guide says; how fast they are is no test."""

import os
import re
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
    assert re.search(rf"^bar steer-{case}-auto-p90-us \d+ 4000 (met|missed)$", done.stdout, re.M)


def test_steer_wants_two_cpus(build):
    one = str(min(os.sched_getaffinity(0)))
    done = subprocess.run(["taskset", "-c", one, str(steerlab.ROOT / "test" / "bench" / "steer")],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == ("steer: needs two CPUs: what is measured is the move from one to "
                           "another\n")
