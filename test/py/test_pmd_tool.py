# SPDX-License-Identifier: BSD-3-Clause
"""The virtio PMD under a program of our own: Rx interrupts, tags over a reset, the model session."""

import re

import pytest

from pmd import ring_nic, steps, tool  # noqa: F401 (fixtures)

pytestmark = pytest.mark.sanitize


def st_table(nic):
    """ST entries that are not 0."""
    text = nic.counters()["st"]
    return {int(v): int(t, 16) for v, t in (x.split(":") for x in text.split(",") if x)}


# CPU of an entry -> tag; pmd-tool binds Rx queue q to CPU 2q and Tx queue q to 2q+1
PER_QUEUE = {1 + cpu: 0x20 + cpu * 7 for cpu in range(4)}


@pytest.mark.parametrize("table", ["iv-msix", "iv-cap"])
def test_tags_outlive_rx_interrupt_setup(vfu_nic, steps, table):
    """A port's start and stop change listeners of vectors, which empties their entries."""
    nic = vfu_nic("--queues", "2", "--tph", table)
    t = steps(nic, "intr", "start", "stop", "again", "rx", args=",steer=per-queue")
    t.next()
    assert st_table(nic) == PER_QUEUE
    writes = nic.counters()["st_writes"]
    for word in ("stop", "again", "rx"):
        assert t.next() == word
        assert st_table(nic) == PER_QUEUE, word
    assert (nic.counters()["st_writes"] == writes) == (table == "iv-cap")


@pytest.mark.parametrize("steer", ["palette", "per-queue"])
@pytest.mark.parametrize("table", ["iv-cap", "iv-msix"])
def test_function_level_reset(vfu_nic, steps, table, steer):
    """The tags are there again after a reset and a start, and packets flow."""
    nic = vfu_nic("--queues", "2", "--tph", table)
    t = steps(nic, "plain", "start", "rx", "reset", "start", "rx", "stop", args=f",steer={steer}")
    t.next()
    before = st_table(nic)
    assert before == (PER_QUEUE if steer == "per-queue" else {1: 0x20 + 7})
    for word in ("rx", "reset", "start"):
        assert t.next() == word
    assert nic.counters()["resets"] == "1"
    assert st_table(nic) == before
    t.next()


@pytest.mark.parametrize("steer", ["auto", "per-queue", "off"])
def test_rx_interrupts_wake_every_queue(ring_nic, tool, steer):
    nic = ring_nic("--queues", "2", wire="gen,size=64,flows=16")
    code, out = tool(nic, "intr", "3000", args=f",steer={steer}")
    assert code == 0, out
    q0, q1 = map(int, re.search(r"ok intr .* q0 (\d+) q1 (\d+)", out).groups())
    assert q0 > 0 and q1 > 0


def test_palette_and_rx_interrupts_exclude_each_other(vfu_nic, tool):
    code, out = tool(vfu_nic("--queues", "2"), "intr", "100", args=",steer=palette")
    assert code != 0
    assert "steer=palette and Rx interrupts exclude each other" in out


def test_more_rx_interrupts_than_vectors_is_refused(vfu_nic, tool):
    code, out = tool(vfu_nic("--queues", "4", "--vectors", "3"), "limits", "0")
    assert code == 0, out
    assert "Rx interrupts of 4 queues need 5 vectors, the device has 3" in out
    assert "ok limits queues 4 intr -28 plain 0" in out


def test_model_session_is_complete_and_repeatable(ring_nic, tool):
    """Every packet of the credit comes; no record is lost or outside; two runs count the same."""
    runs = []
    for name in ("a", "b"):
        code, out = tool(ring_nic("--queues", "2", name=name), "model", "2000")
        assert code == 0, out
        assert "ok model packets 2000 bad 0" in out
        assert out.count(" dropped 0 ") == 2
        runs.append(re.findall(r"^queue .*", out, re.M))
    assert runs[0] == runs[1]
