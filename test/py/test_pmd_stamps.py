# SPDX-License-Identifier: BSD-3-Clause
"""Rx timestamps of the virtio PMD: what it offers, and that each packet has the time at which the
device wrote it."""

import re

import pytest
from pmd import ring_nic, testpmd, tool  # noqa: F401 (fixtures)

pytestmark = pytest.mark.sanitize
WIRE = "gen,mix=64:3/1500:1,flows=16"


def counts(text):
    """queue -> {"packets": n, "missing": n, ...} of pmd-tool stamps."""
    out = {}
    for line in re.findall(r"^queue .*", text, re.M):
        words = line.split()
        out[int(words[1])] = dict(zip(words[2::2], map(int, words[3::2])))
    return out


@pytest.mark.parametrize("scatter", [[], ["scatter"]], ids=["plain", "merged"])
def test_every_packet_has_its_time(ring_nic, tool, scatter):  # noqa: F811
    nic = ring_nic("--queues", "2", wire=WIRE)
    for _ in range(2):  # the second client finds the device as the first did
        code, text = tool(nic, "stamps", "5000", *scatter)
        assert code == 0 and "ok stamps clock 0" in text, text
        of = counts(text)
        assert set(of) == {0, 1}
        assert sum(q["packets"] for q in of.values()) >= 5000
        for q in of.values():
            assert q.pop("packets") > 100
            assert set(q.values()) == {0}, text


def test_only_when_asked(ring_nic, testpmd):  # noqa: F811
    nic = ring_nic("--queues", "2", wire=WIRE)
    t = testpmd([f"vfio:nic0,sock={nic.sock}"], "--rxq=2", "--txq=2")
    assert "TIMESTAMP" in t.ask("show port 0 rx_offload capabilities")
    for on in (False, True, False):
        t.ask("port stop 0")
        t.ask(f"port config 0 rx_offload timestamp {'on' if on else 'off'}")
        assert "Fail" not in t.ask("port start 0")
        assert ("with timestamps" in t.ask("show rxq info 0 0")) == on
        t.ask("set fwd io")
        t.ask("start")
        t.wait_packets(0, "TX-packets", 1000)
        t.ask("stop")
    assert t.quit() == 0
