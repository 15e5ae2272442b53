# SPDX-License-Identifier: BSD-3-Clause
"""A confidential device comes up on evidence; without a TSM by the policy's leave; and a device that
was not asked for one is as ever."""

import errno

import pytest

import tsm
from bus_tool import tool  # noqa: F401 (fixture)
from patience import wait_for

pytestmark = pytest.mark.sanitize


def ask(t, devargs):
    return t.ask(f"attach {devargs}")


@pytest.mark.parametrize("arch", tsm.ARCHS)
def test_honest(build, rundir, vfu_nic, tool, arch):
    nic, path = vfu_nic("--tsm", arch), tsm.policy(build, rundir, arch=arch)
    t = tool("-a", tsm.devargs(nic, path, "require"))
    for mode in ("require", "prefer"):
        if mode == "prefer":
            assert ask(t, tsm.devargs(nic, path, mode))[1] == 0
        v = tsm.verdict(t)
        assert (v["summary"], v["code"], v["mode"], v["role"]) == ("attested", "OK", mode, "user")
        assert (v["arch"], v["state"], v["tsm"], v["simulated"]) == (arch, "run", "tsm0", True)
        assert {c["result"] for c in v["checks"]} == {"OK"} and len(v["nonce"]) == 64
        counters = nic.counters()
        assert counters["tsm"] == "RUN" and int(counters["dma_maps"]) > 0
        assert counters["tsm_maps_before_run"] == "0"
        assert t.ask("detach vfio:nic0")[1] == 0
        tsm.left_alone(nic)
    assert t.quit() == 0


def test_nonces_are_new(build, rundir, vfu_nic, tool):
    nic, path, t = vfu_nic("--tsm", "cca"), tsm.policy(build, rundir), tool()
    seen = set()
    for _ in range(3):
        assert ask(t, tsm.devargs(nic, path))[1] == 0
        seen.add(tsm.verdict(t)["nonce"])
        assert t.ask("detach vfio:nic0")[1] == 0
    assert len(seen) == 3


def test_no_tsm_is_tolerated_or_not(build, rundir, vfu_nic, tool):
    nic, path, t = vfu_nic(), tsm.policy(build, rundir), tool()
    text, rc = ask(t, tsm.devargs(nic, path, "require"))
    assert rc == -errno.EACCES and "no TSM" in text
    assert tsm.verdict(t)["code"] == "UNSUPPORTED"
    for _ in range(2):  # told at each attach
        text, rc = ask(t, tsm.devargs(nic, path, "prefer"))
        assert rc == 0 and "does not protect from a hostile host" in text
        v = tsm.verdict(t)
        assert (v["summary"], v["code"]) == ("plain, no TSM", "UNSUPPORTED")
        assert int(nic.counters()["dma_maps"]) > 0
        assert t.ask("detach vfio:nic0")[1] == 0
    assert nic.counters()["dma_maps"] == "0"


def test_off_asks_nothing(vfu_nic, tool):
    """A device with a TSM, for a client that does not care: it runs no DMA, and is never asked."""
    nic = vfu_nic("--tsm", "sev")
    t = tool("-a", f"vfio:nic0,sock={nic.sock}", "-a", f"vfio:nic1,sock={nic.sock},tsm=off")
    assert t.ask("list")[1] >= 1
    assert t.ask("tsm vfio:nic0")[1] == -errno.ENODEV
    assert nic.counters()["tsm"] == "CONFIG_UNLOCKED"


def test_no_policy_verifies_nothing(vfu_nic, tool):
    nic, t = vfu_nic("--tsm", "tdx"), tool()
    for mode in tsm.MODES:
        text, rc = ask(t, tsm.devargs(nic, None, mode))
        assert rc == -errno.EACCES and "give tsm-policy=" in text
        assert tsm.verdict(t)["code"] == "EVIDENCE_MISSING"
    tsm.left_alone(nic)


UNMET = [
    ({"tsm": "tsm7"}, "WRONG_TSM"),
    ({"arch": "sev"}, "WRONG_TSM"),
    ({"roots": ["ab" * 48]}, "CHAIN"),
    ({"measurements": tsm.measurements()[:3]}, "DIGEST_MISMATCH"),
    ({"report": {"required": ["ats"]}}, "REPORT_MISMATCH"),
]


def test_policy_is_not_met(build, rundir, vfu_nic, tool):
    nic, t = vfu_nic("--tsm", "cca"), tool()
    for changes, code in UNMET:
        path = tsm.policy(build, rundir, **changes)
        for mode in tsm.MODES:
            assert ask(t, tsm.devargs(nic, path, mode))[1] == -errno.EACCES
            assert tsm.verdict(t)["code"] == code, changes
        tsm.left_alone(nic)
    assert ask(t, tsm.devargs(nic, tsm.policy(build, rundir)))[1] == 0


def test_off_after_a_refusal(build, rundir, vfu_nic, tool):
    """What was known of the device is forgotten with the next attach."""
    nic, t = vfu_nic("--tsm", "cca"), tool()
    assert ask(t, tsm.devargs(nic, tsm.policy(build, rundir, tsm="tsm7")))[1] == -errno.EACCES
    assert tsm.verdict(t)["code"] == "WRONG_TSM"
    assert ask(t, f"vfio:nic0,sock={nic.sock}")[1] == 0
    assert t.ask("tsm vfio:nic0")[1] == -errno.ENODEV


def test_killed_in_run(build, rundir, vfu_nic, tool):
    """Nobody unlocks, and the server does not keep a dead client's memory in RUN."""
    nic, path = vfu_nic("--tsm", "cca"), tsm.policy(build, rundir)
    t = tool("-a", tsm.devargs(nic, path))
    assert nic.counters()["tsm"] == "RUN"
    t.kill()
    tsm.left_alone(nic)
    assert ask(tool(name="next"), tsm.devargs(nic, path))[1] == 0


def test_driver_that_does_not_know(build, rundir, vfu_nic, tool):
    nic, path, t = vfu_nic("--tsm", "cca"), tsm.policy(build, rundir), tool()
    t.ask("tsm-unknown 1")
    text, rc = ask(t, tsm.devargs(nic, path))
    assert rc == -errno.ENOTSUP and "does not know confidential devices" in text
    assert "released vfio:nic0" in text
    tsm.left_alone(nic)
    t.ask("tsm-unknown 0")
    assert ask(t, tsm.devargs(nic, path))[1] == 0


def test_external_memory_needs_a_verified_device(build, rundir, vfu_nic, tool):
    nic, path, t = vfu_nic("--tsm", "cca"), tsm.policy(build, rundir), tool()
    assert ask(t, tsm.devargs(nic, path))[1] == 0
    assert t.ask("extmem")[1] == -errno.ENOTSUP  # no file behind it: as with every vfio-user device
    assert nic.counters()["tsm_maps_before_run"] == "0"


BAD = [
    ("tsm=maybe", "tsm=maybe is none of off, prefer, require"),
    ("tsm-policy=/p", "tsm-policy= is for tsm=prefer or tsm=require"),
    ("tsm=off,tsm-evidence=/e", "tsm-evidence= is for tsm=prefer or tsm=require"),
    ("tsm=require,tsm=require", "tsm= is given twice"),
    ("tsm=require,tsm-policy=/nonexistent", "/nonexistent"),
]


def test_bad_devargs(vfu_nic, tool):
    nic, t = vfu_nic("--tsm", "cca"), tool()
    for args, words in BAD:
        text, rc = ask(t, f"vfio:nic0,sock={nic.sock},{args}")
        assert rc < 0 and words in text
        assert len([x for x in text.split("\n") if x.startswith("vfio:nic0: ")]) == 1, text


def test_evidence_is_kept(build, rundir, vfu_nic, tool):
    nic, path, t = vfu_nic("--tsm", "cca"), tsm.policy(build, rundir), tool()
    kept = rundir / "evidence"
    kept.mkdir()
    assert ask(t, tsm.devargs(nic, path, more=f",tsm-evidence={kept}"))[1] == 0
    folder, = kept.iterdir()
    assert {f.name for f in folder.iterdir()} == {
        "vca.bin", "chain.bin", "measurements.bin", "report.bin", "evidence.json"}
    nonce = tsm.verdict(t)["nonce"]
    assert nonce in (folder / "evidence.json").read_text()
    assert bytes.fromhex(nonce) in (folder / "measurements.bin").read_bytes()


def test_server_that_goes_away(build, rundir, vfu_nic, tool):
    """Is told once, as a device that is gone and not as one that left RUN."""
    nic, path, t = vfu_nic("--tsm", "cca"), tsm.policy(build, rundir), tool()
    assert ask(t, tsm.devargs(nic, path))[1] == 0
    nic.kill()
    t.expect("removed vfio:nic0 0")
    assert "the device is gone" in t.text() and "in quarantine" not in t.text()
    # What was verified is not what is there.
    wait_for("another verdict", lambda: tsm.verdict(t)["code"] == "STATE_LOST")
    assert (tsm.verdict(t)["summary"], tsm.verdict(t)["state"]) == ("refused", "unknown")
    assert t.ask("detach vfio:nic0")[1] == 0
    assert t.quit() == 0
