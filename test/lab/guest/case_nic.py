# SPDX-License-Identifier: BSD-3-Clause
"""Case 2: vfu-nic behind QEMU's vfio-user-pci, driven by three drivers that know nothing of it."""
import os
import subprocess
import time
from pathlib import Path

import doctor
import guestlib as g

LEFT, RIGHT = "192.0.2.1", "192.0.2.2"
MEGABYTES = 10
RING_PACKED = 34
LEASE = """#!/bin/sh
[ "$1" = bound ] && ip addr add "$ip/24" dev "$interface"
exit 0
"""
POOL = f"""start {LEFT}
end {LEFT}
interface %s
lease_file /run/leases
pidfile /run/udhcpd.pid
option subnet 255.255.255.0
"""


class Peer:
    """The second card in a network namespace of its own."""

    def __init__(self, name):
        self.holder = subprocess.Popen(["unshare", "-n", "sleep", "100000"])
        while os.readlink(f"/proc/{self.holder.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
            time.sleep(0.05)
        g.run("ip", "link", "set", name, "netns", str(self.holder.pid))
        self.run("ip", "addr", "add", f"{RIGHT}/24", "dev", name)
        self.run("ip", "link", "set", name, "up")

    def inside(self, *argv):
        return ["nsenter", "-t", str(self.holder.pid), "-n", *argv]

    def run(self, *argv):
        return g.run(*self.inside(*argv))

    def start(self, *argv, **kw):
        return subprocess.Popen(self.inside(*argv), **kw)

    def end(self):
        self.holder.kill()
        self.holder.wait()


def get_address(name, peer, peer_name):
    Path("/run/lease").write_text(LEASE, encoding="ascii")
    os.chmod("/run/lease", 0o755)
    Path("/run/udhcpd.conf").write_text(POOL % peer_name, encoding="ascii")
    Path("/run/leases").touch()
    server = peer.start("udhcpd", "-f", "/run/udhcpd.conf")
    g.run("ip", "link", "set", name, "up")
    said = g.run("udhcpc", "-i", name, "-s", "/run/lease", "-n", "-q", "-t", "10", "-T", "5",
                 ok=False)
    server.kill()
    server.wait()
    g.report(f"lease of {LEFT} obtained" in said, "virtio_net: an address by DHCP over the wire",
             said)


def five_pings():
    """The wire is no lossless one: a busy host may lose a frame, which is noted, but not twice."""
    said = g.run("ping", "-c", "5", "-w", "60", RIGHT, ok=False)
    if "5 packets received" not in said:
        g.note(f"lost once: {said}")
        said = g.run("ping", "-c", "5", "-w", "60", RIGHT, ok=False)
    g.report("5 packets received" in said, "virtio_net: five pings, five answers", said)


def transfer(peer):
    words = [RIGHT, MEGABYTES << 20, 1]
    server = peer.start("python3", "/lab/tcp.py", "serve", *map(str, words))
    said = g.run("python3", "/lab/tcp.py", "get", *words, ok=False)
    server.wait(g.PATIENCE)
    g.note(f"TCP: {said.strip()} of guest time")
    g.report(f"{MEGABYTES << 20} of {MEGABYTES << 20} bytes, equal" in said,
             f"virtio_net: {MEGABYTES} MB of TCP arrive byte for byte", said)


def linux_driver():
    """virtio_net drives both cards"""
    devices = [g.behind(0), g.behind(1)]
    name, peer_name = map(g.interface, devices)
    g.report(all(g.driver(d) == "virtio-pci" for d in devices), "virtio_net takes both cards",
             str([g.driver(d) for d in devices]))
    g.report([g.has_feature(d, RING_PACKED) for d in devices] == [True, False],
             "virtio_net: packed rings on the card that offers them, split ones on the other")
    peer = Peer(peer_name)
    try:
        get_address(name, peer, peer_name)
        five_pings()
        transfer(peer)
        irqs = [x for x in Path("/proc/interrupts").read_text(encoding="ascii").splitlines()
                if "virtio" in x and "input" in x]
        g.report(any(int(n) > 0 for x in irqs for n in x.split()[1:3]),
                 "virtio_net: MSI-X interrupts of receive queues", "\n".join(irqs))
    finally:
        peer.end()


def stock_pmd():
    """Debian's net_virtio on the stock PCI bus, over vfio-pci"""
    devices = [g.behind(0), g.behind(1)]
    g.bind("vfio-pci", *devices)
    g.through("net_virtio on the PCI bus", "-a", devices[0], "-a", devices[1])


def our_pmd():
    """Our bus and PMD, over the kernel's VFIO"""
    devices = [g.behind(0), g.behind(1)]
    g.bind("vfio-pci", *devices)
    g.through("our bus and PMD", *g.OUR_PLUGINS, "--no-pci", "-a", f"vfio:{devices[0]}", "-a",
              f"vfio:{devices[1]}")


def no_dialect():
    """a kernel without an interface for TPH"""
    bdf = g.behind(0)
    g.bind("vfio-pci", bdf)
    said = g.bus_tool(f"attach vfio:{bdf}")
    line = next((x for x in said.splitlines() if "no steering" in x), "")
    g.note(line)
    g.report("attach 0" in said and all(w in line for w in (
        "TPH capability: modes", "CONFIG_PCIE_TPH: ", "root-port completer: ", "_DSM: not visible",
        "dialect: none", "switch: the device's module has no parameter")),
             "stock vfio-pci: the device attaches, and a line says what steering misses", said)


def doctor_of_drivers():
    """steer-doctor, Linux's driver and the stock vfio-pci"""
    bdf = g.behind(0)
    g.bind("virtio-pci", bdf)
    device = doctor.says("Linux's driver has the card", bdf, "no", "no", TPH_capability="yes",
                         dialect="no", driver="no", device_file=None)
    g.report(device["interfaces"] == [g.interface(bdf)], "steer-doctor: its interface",
             str(device["interfaces"]))
    g.bind("vfio-pci", bdf)
    doctor.says("the stock vfio-pci has the card", bdf, "yes", "no", TPH_capability="yes",
                dialect="no", switch="unknown", driver="yes", device_file="yes")
    doctor.records(bdf)


TESTS = [linux_driver, stock_pmd, our_pmd, no_dialect, doctor_of_drivers]
