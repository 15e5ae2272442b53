# SPDX-License-Identifier: BSD-3-Clause
"""steer-tsm-verify and the reference checker judge the same evidence, and must agree."""
import json
import subprocess

import pytest
import spdm_folder
import spdm_judge
import spdm_ref
from spdm_ca import Ca
from spdm_knobs import KNOBS


@pytest.fixture(scope="module")
def ca():
    return Ca()


@pytest.fixture
def verify(build):
    """verify(folder, now) -> the verdict of steer-tsm-verify"""
    program = build / "usertools" / "steer-tsm-verify"
    if not program.exists():
        pytest.skip(f"no {program}: ninja usertools/steer-tsm-verify")

    def one(folder, now):
        done = subprocess.run([program, "--json", "--now", str(now), folder], capture_output=True,
                              text=True, timeout=60, check=False)
        if done.returncode == 2:
            return {"code": "UNREADABLE", "why": done.stderr}
        assert done.stderr == ""
        found = json.loads(done.stdout)
        assert done.returncode == (0 if found["code"] == "OK" else 1)
        return found
    return one


@pytest.mark.parametrize("name", KNOBS)
def test_knob(ca, verify, tmp_path, name):
    """Every attack, mistake and liberty: the code of the table, from both."""
    knob, code = KNOBS[name]
    parts = spdm_ref.Parts(ca)
    knob(parts)
    evidence = parts.evidence()
    found = verify(spdm_folder.write(tmp_path / name, evidence), parts.time)
    assert spdm_judge.judge(evidence, parts.time)[0] == code
    assert found["code"] == code, found["why"]
