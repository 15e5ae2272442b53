# SPDX-License-Identifier: BSD-3-Clause
"""Every attacker and broken device that vfu-nic plays is refused for its own reason, reaches no memory
and leaves nothing behind: fault x prefer|require x architecture."""

import errno

import pytest

import tsm
from bus_tool import tool  # noqa: F401 (fixture)
from patience import wait_for

# The sanitizer build plays one architecture: the others differ in a few requests.
ARCHS = [pytest.param("cca", marks=pytest.mark.sanitize), "sev", "tdx"]
REFUSED = {
    "replayed-nonce": "STALE_NONCE",
    "wrong-transcript": "SIGNATURE",
    "swapped-certificate": "SIGNATURE",
    "key-not-in-chain": "SIGNATURE",
    "expired-chain": "CHAIN",
    "self-signed-chain": "CHAIN",
    "measurement-changed": "DIGEST_MISMATCH",
    "truncated-object": "MALFORMED",
    "oversized-object": "MALFORMED",
    "report-omits-bar": "REPORT_MISMATCH",
    "report-foreign-range": "REPORT_MISMATCH",
    "stale-report": "REPORT_MISMATCH",
    "tph-differs": "TPH_MISMATCH",
    "wrong-tsm": "WRONG_TSM",
    "other-device": "DIGEST_MISMATCH",
    "state-lie": "STATE_UNKNOWN",
    "unlock-before-run": "STATE_UNKNOWN",
    "error-after-commit": "STATE_UNKNOWN",
    "tsm-code-nonzero": "STATE_UNKNOWN",
    "half-present": "UNSUPPORTED",
    "hang": "TIMEOUT",
}
# Attached, and lost a second later.
LOST = {"error-in-run": "STATE_LOST"}
AT_ONCE = 4  # servers that start side by side


def servers(vfu_nic, arch, faults):
    """Pairs of fault and server, a few of them started at a time and ended when they are done."""
    faults = list(faults)
    for i in range(0, len(faults), AT_ONCE):
        some = [(f, vfu_nic("--tsm", arch, "--tsm-fault", f, name=f, wait=False))
                for f in faults[i:i + AT_ONCE]]
        for fault, nic in some:
            nic.wait_text(" ready")
            yield fault, nic
            assert nic.stop() == 0


def attach(t, nic, path, mode, name):
    return t.ask(f"attach {tsm.devargs(nic, path, mode, name)}")


def refused(t, nic, path, mode, fault):
    """@return the code of the verdict."""
    text, rc = attach(t, nic, path, mode, fault)
    v = tsm.verdict(t, fault)
    assert (rc, v["summary"], v["mode"]) == (-errno.EACCES, "refused", mode), (text, v)
    assert f"vfio:{fault}: tsm: " in text and v["why"]
    tsm.left_alone(nic)
    return v["code"]


def honest(t, nic, path):
    """Comes up in the same process, after whatever was refused before."""
    text, rc = attach(t, nic, path, "require", "honest")
    assert rc == 0, text
    assert tsm.verdict(t, "honest")["summary"] == "attested"
    assert int(nic.counters()["dma_maps"]) > 0
    assert t.ask("detach vfio:honest")[1] == 0
    tsm.left_alone(nic)


@pytest.mark.parametrize("arch", ARCHS)
def test_refused(build, rundir, vfu_nic, tool, arch):
    path = tsm.policy(build, rundir, arch=arch)
    # what is never answered is not waited for long
    hasty = tsm.policy(build, rundir, "hasty", arch=arch, timeout_ms=300)
    good = vfu_nic("--tsm", arch, name="good")
    t = tool()
    honest(t, good, path)
    before, wrong = t.held(), []
    for fault, nic in servers(vfu_nic, arch, REFUSED):
        for mode in tsm.MODES:
            file = hasty if fault == "hang" else path
            code = refused(t, nic, file, mode, fault)
            wrong += [(fault, mode, code)] if code != REFUSED[fault] else []
        honest(t, good, path)
    assert not wrong
    assert t.ask("list")[1] == 0
    assert t.held() == before
    assert t.quit() == 0


@pytest.mark.parametrize("arch", ARCHS)
def test_lost_in_run(build, rundir, vfu_nic, tool, arch):
    path = tsm.policy(build, rundir, arch=arch)
    nics = {mode: vfu_nic("--tsm", arch, "--tsm-fault", "error-in-run", name=mode)
            for mode in tsm.MODES}
    t = tool()
    before = t.fds()
    for mode, nic in nics.items():
        assert attach(t, nic, path, mode, mode)[1] == 0
        assert int(nic.counters()["dma_maps"]) > 0
    for mode, nic in nics.items():
        wait_for("removal event", lambda: f"removed vfio:{mode} 0" in t.text())
        # The driver first, so that its queues are still; then no memory is left to the device.
        assert t.text().index(f"gone vfio:{mode}") < t.text().index(f"removed vfio:{mode}")
        v = tsm.verdict(t, mode)
        assert (v["code"], v["state"]) == (LOST["error-in-run"], "error")
        counters = nic.counters()
        assert (counters["dma_maps"], counters["tsm"]) == ("0", "ERROR"), counters
        assert t.ask(f"detach vfio:{mode}")[1] == 0
        tsm.left_alone(nic)
    assert t.fds() == before
    assert t.quit() == 0


def test_table_is_whole(build, vfu_nic):
    """Every fault that the server knows has its row."""
    listed = vfu_nic("--tsm", "cca", "--tsm-fault", "help", wait=False)
    listed.p.wait(60)
    names = {line.split()[0] for line in listed.text().splitlines()
             if line and "  " in line and not line.startswith("EAL")}
    assert names - {"none"} == set(REFUSED) | set(LOST)
