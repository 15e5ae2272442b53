# SPDX-License-Identifier: BSD-3-Clause
"""
steer-tsm-verify and the reference checker, which have neither code nor author in common, judge the
same evidence, and must agree.
"""
import json
import os
import random
import subprocess

import pytest

pytest.importorskip("cryptography", reason="python3-cryptography is not installed")

import spdm_folder
import spdm_judge
import spdm_mutate
import spdm_ref
import tsm
from bus_tool import tool  # noqa: F401 (fixture)
from spdm_ca import Ca
from spdm_knobs import KNOBS
from spdm_wire import sha384

# SHA-1 is among what is refused, and so are certificates with odd bytes.
pytestmark = pytest.mark.filterwarnings("ignore:SHA1 signatures", "ignore:Parsed a negative serial")
MUTATIONS = 500 if os.environ.get("STEER_LONG") else 30


@pytest.fixture(scope="module")
def ca():
    return Ca()


@pytest.fixture
def verify(build):
    """verify(folder, now) -> the verdict of steer-tsm-verify"""
    program = build / "usertools" / "steer-tsm-verify"
    if not program.exists():
        pytest.skip(f"{program} is not built")

    def one(folder, now):
        done = subprocess.run([program, "--json", "--now", str(now), folder], capture_output=True,
                              text=True, timeout=60, check=False)
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


def same(obj, one, other):
    """What is wrong inside a certificate is bad DER to the one and a bad path to the other."""
    return one == other or obj == "chain" and {one, other} == {"MALFORMED", "CHAIN"}


def compare(ca, verify, folder, obj, how, kind=spdm_mutate.Change):
    """@return codes found, and where the two differ"""
    rng, seen, differences = random.Random(f"{obj} {how.__name__}"), set(), []
    for _ in range(MUTATIONS):
        evidence, now, change = spdm_mutate.make(rng, ca, obj, how, kind)
        mine = spdm_judge.judge(evidence, now)
        found = verify(spdm_folder.write(folder, evidence), now)
        seen.add(mine[0])
        if not same(obj, mine[0], found["code"]):
            differences.append((change, mine, found["code"], found["why"]))
    return seen, differences


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("obj", spdm_folder.OBJECTS)
def test_one_byte(ca, verify, tmp_path, obj):
    """With signature and digests over what was there before, every change is refused."""
    seen, differences = compare(ca, verify, tmp_path / "f", obj, spdm_mutate.as_is)
    assert differences == []
    assert seen and "OK" not in seen


UNCOVERED = pytest.mark.parametrize("obj,how", [
    ("vca", spdm_mutate.signed_again), ("measurements", spdm_mutate.signed_again),
    ("report", spdm_mutate.undigested), ("chain", spdm_mutate.undigested),
], ids=lambda x: getattr(x, "__name__", x))


@pytest.mark.timeout(1800)
@UNCOVERED
def test_one_byte_that_nothing_covers(ca, verify, tmp_path, obj, how):
    """Some changes are fine then, but none in a chain: certificates are signed, and roots known."""
    seen, differences = compare(ca, verify, tmp_path / "f", obj, how)
    assert differences == []
    assert ("OK" in seen) == (obj != "chain") and len(seen) > 1


@pytest.mark.timeout(1800)
@UNCOVERED
def test_spliced(ca, verify, tmp_path, obj, how):
    seen, differences = compare(ca, verify, tmp_path / "f", obj, how, spdm_mutate.Splice)
    assert differences == []
    assert "MALFORMED" in seen


def test_digests_of_the_verdict(ca, verify, tmp_path):
    """What a verdict says it has judged are the bytes that were there."""
    e = spdm_ref.make(ca)
    found = {c["name"]: c["digest"] for c in verify(spdm_folder.write(tmp_path / "f", e),
                                                    e.time)["checks"]}
    wanted = {n: getattr(e, n) for n in spdm_folder.OBJECTS}
    wanted.update({f"{n}.digest": getattr(e, n) for n in e.digests}, nonce=e.nonce)
    wanted["chain.leaf"] = ca.leaf.der
    assert {n: found[n] for n in wanted} == {n: sha384(d).hex() for n, d in wanted.items()}


@pytest.mark.parametrize("arch", tsm.ARCHS)
def test_evidence_of_an_attach(build, rundir, vfu_nic, tool, verify, arch):  # noqa: F811
    """What the bus has kept of a device that it took: the reference takes it too."""
    nic, kept = vfu_nic("--tsm", arch), rundir / "evidence"
    kept.mkdir()
    t = tool("-a", tsm.devargs(nic, tsm.policy(build, rundir, arch=arch, **{"max-age-s": 60}),
                               more=f",tsm-evidence={kept}"))
    assert tsm.verdict(t)["code"] == "OK"
    folder, = kept.iterdir()
    evidence = spdm_folder.read(folder)
    assert (evidence.arch, evidence.simulated, set(evidence.digests)) == (
        arch, True, {"chain", "measurements", "report"})
    assert spdm_judge.judge(evidence) == ("OK", "all checks hold")
    assert verify(folder, evidence.time)["code"] == "OK"
    for other in ({"tph-control": evidence.device["tph-control"] ^ 1},
                  {"msix-control": evidence.device["msix-control"] ^ 1}):
        changed = spdm_folder.read(folder)
        changed.device.update(other)
        code = spdm_judge.judge(changed)[0]
        assert code in ("TPH_MISMATCH", "REPORT_MISMATCH")
        assert verify(spdm_folder.write(rundir / "changed", changed), changed.time)["code"] == code
