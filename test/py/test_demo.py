# SPDX-License-Identifier: BSD-3-Clause
"""The job of ./demo --quick, as a user runs it."""

import csv
import json
import subprocess
import sys

import pytest

from conftest import ROOT

INPUTS = ["gen:64", "pcap:real.pcap"]


def run_demo(out, *options):
    """@return the runs by input."""
    done = subprocess.run([sys.executable, str(ROOT / "devtools" / "demo.py"), "--quick", "--out",
                           str(out), *options], capture_output=True, text=True, check=False,
                          timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((out / "result.json").read_text())
    assert result["schema"] == 1
    return {r["input"]: r for r in result["runs"]}, done.stdout


@pytest.fixture(scope="module")
def demo(build, tmp_path_factory):
    out = tmp_path_factory.mktemp("demo")
    if not (build / "app" / "steerpmd" / "dpdk-steerpmd").exists():
        pytest.skip("dpdk-steerpmd is not built")
    copy = out / "elsewhere" / "copy.json"
    runs, text = run_demo(out, "--json", str(copy))
    return {"out": out, "copy": copy, "runs": runs, "text": text}


@pytest.mark.parametrize("name", INPUTS)
def test_steering_decides_the_level(demo, name):
    run = demo["runs"][name]
    assert (run["source"], run["unit"], run["platform"]) == ("model", "lines", "zen5")
    off, right, wrong = (run["summary"][m] for m in ("off", "right", "wrong"))
    assert right["l2_or_better"] >= 0.9
    assert off["l2_or_better"] <= 0.2
    assert wrong["l2_or_better"] <= 0.2
    assert wrong["first_touch"]["other_core"] >= 0.9
    assert right["cycles_per_packet"] < wrong["cycles_per_packet"] < off["cycles_per_packet"]


def test_files_and_table(demo):
    assert demo["copy"].read_bytes() == (demo["out"] / "result.json").read_bytes()
    rows = list(csv.DictReader((demo["out"] / "result.csv").open()))
    assert {r["input"] for r in rows} == set(demo["runs"])
    assert (demo["out"] / "report.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    for name in demo["runs"]:
        assert f"{name} on zen5, lines per packet, modelled" in demo["text"]


def test_two_runs_agree_to_the_byte(demo, tmp_path):
    again, _ = run_demo(tmp_path)
    for name in INPUTS:
        assert json.dumps(again[name]["summary"]) == json.dumps(demo["runs"][name]["summary"])


def test_platform_without_tags(demo, tmp_path):
    """On a machine that ignores tags, steering changes nothing (but which packets a round has)."""
    runs, _ = run_demo(tmp_path, "--platform", "clx")
    for name in INPUTS:
        summary = runs[name]["summary"]
        assert runs[name]["platform"] == "clx"
        off = pytest.approx(summary["off"]["first_touch"], abs=0.002)
        assert summary["right"]["first_touch"] == off
        assert summary["wrong"]["first_touch"] == off


def test_bad_platform_is_one_line(build, tmp_path):
    done = subprocess.run([sys.executable, str(ROOT / "devtools" / "demo.py"), "--quick", "--out",
                           str(tmp_path / "out"), "--platform", "pdp11"], capture_output=True,
                          text=True, check=False, timeout=240)
    assert done.returncode == 1
    assert "no platform 'pdp11'" in done.stderr
    assert not (tmp_path / "out").exists()
