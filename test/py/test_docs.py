# SPDX-License-Identifier: BSD-3-Clause
"""The guides list every option that a program knows, and no other."""
import re
import subprocess
from pathlib import Path

import pytest

import steerlab

ROOT = Path(__file__).resolve().parent.parent.parent
OPTION = re.compile(r"--[a-z][a-z0-9-]*")
EAL = {"--no-pci", "--no-huge", "--no-shconf", "--no-telemetry", "--file-prefix", "--iova-mode",
       "--in-memory", "--vdev"}


def options_of(program):
    done = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 0, done.stderr
    ours = done.stdout[done.stdout.index(f"usage: {program.name}"):]  # EAL's come before
    return set(OPTION.findall(ours))


@pytest.mark.parametrize("program,guide,others", [
    ("steer-doctor", "doctor.rst", set()),
    ("steer-report", "report.rst", {"--csv", "--png", "--json"}),  # of steer-table and the app
])
def test_guide_has_the_options_of_the_tool(program, guide, others):
    done = subprocess.run([ROOT / "usertools" / program, "--help"], capture_output=True,
                          text=True, timeout=60, check=True)
    told = set(OPTION.findall((ROOT / "doc" / "guides" / guide).read_text()))
    known = set(OPTION.findall(done.stdout))
    assert told - others | {"--help"} == known


@pytest.mark.parametrize("program,guide", [
    (steerlab.VFU_NIC, "nic.rst"),
    (steerlab.STEERPMD, "app.rst"),
])
def test_guide_has_the_options_of_the_program(program, guide):
    text = (ROOT / "doc" / "guides" / guide).read_text()
    told = set(OPTION.findall(text.replace("usertools/steer-table FILE [--csv FILE] [--png FILE]",
                                           "")))
    known = options_of(program)
    assert known - told == set(), "not in the guide"
    assert told - known - EAL == set(), "not in the program"


def test_bus_guide_quotes_real_messages():
    folders = "drivers/bus/vfio", "drivers/net/virtio", "lib/steer", "lib/vfio"
    sources = "".join(f.read_text() for folder in folders
                      for f in sorted((ROOT / folder).glob("*.c")))
    sources = re.sub(r'"\s*\n\s*"', "", sources)
    guide = (ROOT / "doc" / "guides" / "bus.rst").read_text()
    quoted = [" ".join(q.split()) for q in re.findall(r"\* - ``([^`]+)``", guide)]
    assert len(quoted) > 5
    shapes = [q.replace("steer=palette", "steer=%s") for q in quoted]
    assert [q for q in shapes if q not in sources] == []


def test_api_guide_names_what_is_there():
    guide = (ROOT / "doc" / "guides" / "api.rst").read_text()
    headers = "".join(f.read_text() for f in (ROOT / "lib" / "steer").glob("steer*.h"))
    calls = set(re.findall(r"\b(steer_\w+)\(", guide))
    assert len(calls) > 5
    assert [c for c in calls if not re.search(rf"\b{c}\(", headers)] == []
    constants = set(re.findall(r"\bSTEER_[A-Z_]+[A-Z]\b", guide))
    assert [c for c in constants if c not in headers] == []
    tests = "".join(f.read_text() for f in (ROOT / "test" / "unit").glob("*.c"))
    named = set(re.findall(r"``([a-z0-9]+(?:_[a-z0-9]+){2,})``", guide)) - calls
    assert len(named) > 7
    assert [n for n in named if f"\n{n}(void **state)" not in tests] == []
