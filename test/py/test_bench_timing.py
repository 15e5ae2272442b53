# SPDX-License-Identifier: BSD-3-Clause
"""The timing source's benchmarks print what their guide says. Their figures are no test."""
import json
import re
import subprocess

import pytest


@pytest.fixture
def bench(build):
    def run(name, *args, code=(0,)):
        done = subprocess.run([str(build / "test" / "bench" / f"bench-{name}"), *args],
                              capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode in code, done.stdout + done.stderr
        return done
    return run


def no_source(done):
    """A machine without fit counter, or too busy to calibrate: one line that says so."""
    if done.returncode == 0:
        return False
    assert re.fullmatch(r"bench-timing: .+\n", done.stderr)
    return True


def test_rounds(bench):
    done = bench("timing", "rounds", "2", code=(0, 1))
    if no_source(done):
        return
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == ["round 0", "round 1"]
    detail = json.loads(lines[2])
    told = detail["threads"][0]
    assert told["calibrations"] + told["refused"] == 2
    assert set(detail["start"]["confusion"]) == {"l1", "l2", "out_of_l2", "memory"}
    assert all(len(row) == len(detail["told_as"]) for row in detail["start"]["confusion"].values())


def test_shares_add_up(bench):
    done = bench("timing", "shares", code=(0, 1))
    rows = re.findall(r"^ *(\d+) KiB, +[\d.]+ ticks a line:(.*)$", done.stdout, re.M)
    if not no_source(done):
        assert [int(kib) for kib, _ in rows] == [16, 64, 256, 1024, 4096, 16384, 65536]
    for _, told in rows:
        assert sum(map(float, re.findall(r"([\d.]+) %", told))) == pytest.approx(100, abs=0.5)


def test_record_has_a_line_per_state(bench):
    lines = bench("timing", "record", "2").stdout.splitlines()
    assert lines[0].startswith("# bench-timing record 2: counter ")
    assert [line for line in lines[1:] if line[0] == "#"] == \
        ["# L1", "# L2", "# out of L2", "# memory"] * 2
    assert all(len(line.split()) == 64 for line in lines[1:] if line[0] != "#")


@pytest.mark.parametrize("kind", ["stationary", "drifting", "bimodal"])
def test_series(bench, kind):
    lines = bench("series", kind, "3").stdout.splitlines()
    assert lines[0].startswith(f"# ticks per load, bench-series {kind} 3, L2 of ")
    assert len(lines) == 4 and all(float(line) > 0 for line in lines[1:])


@pytest.mark.parametrize("args", [[], ["rounds"], ["rounds", "0"], ["record", "x"], ["hook", "1"]])
def test_usage(bench, args):
    done = bench("timing", *args, code=(2,))
    assert done.stderr == "usage: bench-timing rounds N | record N | shares | hook\n"
    assert bench("series", *args, code=(2,)).stderr.startswith("usage: bench-series ")
