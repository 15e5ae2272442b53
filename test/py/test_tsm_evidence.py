# SPDX-License-Identifier: BSD-3-Clause
"""
Evidence of vfu-nic's software TSM, taken by hand and judged by steer-tsm-verify: two programs that
share neither code nor author of what an SPDM message or an interface report is.
"""
import hashlib
import json
import os
import subprocess
import time

import pytest
import tsm_client as tc
from tsm_client import TsmClient

OBJECTS = {"vca": tc.VCA, "chain": tc.CHAIN, "measurements": tc.MEASUREMENTS, "report": tc.REPORT}
# What evidence alone can tell. The other faults are of states and answers.
FAULTS = {
    "none": "OK",
    "replayed-nonce": "STALE_NONCE",
    "wrong-transcript": "SIGNATURE",
    "swapped-certificate": "SIGNATURE",
    "key-not-in-chain": "SIGNATURE",
    "expired-chain": "CHAIN",
    "self-signed-chain": "CHAIN",
    "measurement-changed": "DIGEST_MISMATCH",
    "truncated-object": "MALFORMED",
    "report-omits-bar": "REPORT_MISMATCH",
    "report-foreign-range": "REPORT_MISMATCH",
    "stale-report": "REPORT_MISMATCH",
    "tph-differs": "TPH_MISMATCH",
    "wrong-tsm": "WRONG_TSM",
    "other-device": "DIGEST_MISMATCH",
}
# Each fault takes a server, and the matrix of attaches has them all.
SHORT = ("none", "replayed-nonce", "wrong-transcript", "stale-report")
MEASURED = ["vfu-nic simulated rom 1", "vfu-nic simulated firmware 1", "vfu-nic simulated hardware 1",
            "vfu-nic simulated configuration 1"]


def device(c):
    """What evidence is judged by, as the device's own registers say."""
    cap = c.cap(0x11)
    control, table, pba = c.cfg(cap + 2, "<H"), c.cfg(cap + 4), c.cfg(cap + 8)
    sizes = {bar: c.region_info(bar)[0]["size"] for bar in range(6)}
    vectors = (control & 0x7FF) + 1
    return {
        "bars": [{"bar": bar, "size": size} for bar, size in sizes.items() if size],
        "msix-vectors": vectors,
        "msix-table-bar": table & 7, "msix-table-offset": table & ~7,
        "msix-table-size": 16 * vectors,
        "msix-pba-bar": pba & 7, "msix-pba-offset": pba & ~7,
        "msix-pba-size": (vectors + 63) // 64 * 8,
        "msix-control": control, "tph-control": c.cfg(c.ext_cap(0x17) + 8),
    }


def policy(build, tsm):
    root = (build / "app" / "vfu-nic" / "tsm-ca" / "root.sha384").read_text().split()[0]
    return {"tsm": tsm, "roots": [root], "max-age-s": 60,
            "measurements": [{"index": i + 1, "digest": hashlib.sha384(text.encode()).hexdigest()}
                             for i, text in enumerate(MEASURED)],
            "report": {"required": ["no-fw-update"], "forbidden": ["ats", "prs"]}}


@pytest.fixture
def collect(vfu_nic, build, rundir):
    """collect(*options, arch=) -> folder of a locked device's evidence"""
    def one(*opts, arch="cca"):
        nic = vfu_nic("--tsm", arch, *opts, name=f"nic-{arch}")
        folder = rundir / "evidence"
        folder.mkdir()
        nonce = os.urandom(32)
        with TsmClient(nic.sock, tc.ARCHS[arch]) as c:
            vectors = (c.cfg(c.cap(0x11) + 2, "<H") & 0x7FF) + 1
            c.set_irqs(0x24, 0, vectors, fds=[os.eventfd(0) for _ in range(vectors)])
            c.tph_enable(1)
            c.locked()
            c.regenerate(tc.MEASUREMENTS, nonce)
            c.regenerate(tc.REPORT)
            for name, number in OBJECTS.items():
                (folder / f"{name}.bin").write_bytes(c.object(number))
            (folder / "evidence.json").write_text(json.dumps({
                "version": 1, "tsm": c.ident()[0], "simulated": True, "arch": arch,
                "time": int(time.time()), "nonce": nonce.hex(), "mode": "require",
                "digests": {n: c.digest(OBJECTS[n]).hex() for n in OBJECTS if n != "vca"},
                "device": device(c), "policy": policy(build, "tsm0")}))
        return folder
    return one


@pytest.fixture
def verdict(build):
    def one(folder):
        done = subprocess.run([build / "usertools" / "steer-tsm-verify", "--json", folder],
                              capture_output=True, text=True, timeout=60, check=False)
        assert done.stderr == ""
        found = json.loads(done.stdout)
        assert done.returncode == (0 if found["code"] == "OK" else 1)
        return found
    return one


@pytest.mark.parametrize("arch", tc.ARCHS if os.environ.get("STEER_LONG") else ["tdx"])
def test_honest_device(collect, verdict, arch):
    found = verdict(collect(arch=arch))
    assert found["code"] == "OK", found["why"]
    assert found["simulated"] and found["arch"] == arch
    names = [c["name"] for c in found["checks"]]
    assert [n for n in names if n.startswith("measurement.")] == [
        f"measurement.{i}" for i in (1, 2, 3, 4)]


@pytest.mark.parametrize("fault", FAULTS if os.environ.get("STEER_LONG") else SHORT)
def test_fault(collect, verdict, fault):
    found = verdict(collect("--tsm-fault", fault))
    assert found["code"] == FAULTS[fault], found["why"]
