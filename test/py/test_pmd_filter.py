# SPDX-License-Identifier: BSD-3-Clause
"""The virtio PMD under Debian's testpmd: VLAN filter and the link's state."""

import os
import re
import shutil
import struct
import subprocess

import pytest

from patience import wait_for
from pmd import testpmd  # noqa: F401 (fixture)

pytestmark = pytest.mark.sanitize


VLANS = {10: 100, 20: 300, 4095: 500}  # VLAN: length of its frames


@pytest.fixture
def vlan_wire(rundir):
    """Broadcasts of each VLAN, round and round."""
    pcap = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for vlan, size in VLANS.items():
        frame = b"\xff" * 6 + b"\2" * 6 + struct.pack(">HHH", 0x8100, vlan, 0x88B5)
        pcap += struct.pack("<IIII", 0, 0, size, size) + frame.ljust(size, b"v")
    (rundir / "vlan.pcap").write_bytes(pcap)
    return f"net_pcap0,rx_pcap={rundir}/vlan.pcap,infinite_rx=1"


def sizes_received(t):
    """Which lengths come in now, by the counters of the port."""
    t.ask("clear port xstats 0")
    t.wait_packets(0, "RX-packets", 600)  # what passed before the last change
    t.ask("stop")
    t.ask("clear port xstats 0")
    t.ask("start")
    t.wait_packets(0, "RX-packets", 3000)
    t.ask("stop")
    x = t.xstats()
    t.ask("start")
    return x["rx_good_bytes"] / x["rx_good_packets"]


def filtered(nic):
    nic.counters()
    return int(re.findall(r" filtered (\d+)", nic.text())[-1])


def silent(nic, t):
    """Not a frame comes in while the device drops a thousand of them."""
    received, dropped = t.stats()["RX-packets"], filtered(nic)
    wait_for("dropped frames", lambda: filtered(nic) > dropped + 1000)
    return t.stats()["RX-packets"] == received


def test_vlan_filter(vfu_nic, testpmd, vlan_wire):
    nic = vfu_nic(wire=vlan_wire)
    t = testpmd([f"vfio:nic0,sock={nic.sock}"])
    t.ask("set fwd rxonly")
    t.ask("set promisc 0 off")
    t.ask("start")
    assert sizes_received(t) == pytest.approx(300, abs=2)
    assert "stop the port first" in t.ask("vlan set filter on 0")
    t.ask("stop")
    t.ask("port stop 0")
    t.ask("vlan set filter on 0")
    t.ask("rx_vlan add 20 0")  # while stopped: told to the device at start
    assert "Fail" not in t.ask("port start 0")
    assert "filter on" in t.ask("show port info 0")
    t.ask("start")
    assert sizes_received(t) == 300
    t.ask("rx_vlan add 4095 0")
    assert sizes_received(t) == pytest.approx(400, abs=2)
    t.ask("rx_vlan rm 20 0")
    assert sizes_received(t) == 500
    t.ask("rx_vlan add 10 0")
    t.ask("rx_vlan rm 4095 0")
    assert sizes_received(t) == 100
    t.ask("rx_vlan rm 10 0")
    wait_for("silence", lambda: silent(nic, t))
    t.ask("set promisc 0 on")  # takes everything, VLANs or not
    t.wait_packets(0, "RX-packets", 1000)
    t.ask("stop")
    t.ask("port stop 0")
    t.ask("vlan set filter off 0")
    assert "Fail" not in t.ask("port start 0")
    assert "filter off" in t.ask("show port info 0")
    assert t.quit() == 0
    assert "refused" not in t.text()


def test_vlan_filter_needs_the_control_queue(vfu_nic, testpmd, vlan_wire):
    nic = vfu_nic("--no-ctrl-vq", wire=vlan_wire)
    t = testpmd([f"vfio:nic0,sock={nic.sock}"])
    t.ask("port stop 0")
    t.ask("vlan set filter on 0")
    assert "filter off" in t.ask("show port info 0")
    t.ask("port start 0")
    assert t.quit() == 0


@pytest.mark.root
def test_link_follows_the_wire(vfu_nic, testpmd):
    """The TAP of vfu-nic goes down and up; testpmd hears of it by the configuration interrupt."""
    if os.geteuid() != 0:
        pytest.skip("needs root: makes a TAP")
    if not os.path.exists("/dev/net/tun") or shutil.which("ip") is None:
        pytest.skip("needs /dev/net/tun and ip")
    tap = f"sttap{os.getpid() % 1000000}"
    nic = vfu_nic(wire=f"net_tap0,iface={tap}")
    t = testpmd([f"vfio:nic0,sock={nic.sock}"], "--rxd=64")

    def link(state):
        subprocess.run(["ip", "link", "set", tap, state], check=True, timeout=10)
        before = t.text().count("link state change event")
        wait_for(f"link {state}", lambda: f"Link status: {state}" in t.ask("show port info 0"),
                 every=0.05)
        return before

    for state in ("down", "up", "down", "up"):
        before = link(state)
        wait_for("event", lambda: t.text().count("link state change event") > before)
    assert t.quit() == 0
