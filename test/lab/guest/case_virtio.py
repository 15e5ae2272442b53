# SPDX-License-Identifier: BSD-3-Clause
"""Case 1: our bus and PMD on QEMU's own virtio-net-pci, over the kernel's VFIO."""
import os
import re
import time
from pathlib import Path

import doctor
import guestlib as g

# root ports (the host's lab/cases.py): two cards on one wire each
SPLIT, PACKED, QUEUES, GROUP = (0, 1), (2, 3), (4, 5), 6
RESTARTS = 20
OUTSIDE = 0x123456789000  # no address of ours


def taken(ports):
    devices = [g.behind(p) for p in ports]
    g.bind("vfio-pci", *devices)
    return devices


def ours(devices, more=""):
    """EAL's words for our bus with these devices and no other."""
    return [*g.OUR_PLUGINS, "--no-pci", *(w for d in devices for w in ("-a", f"vfio:{d}{more}"))]


def transport():
    """the transport that auto takes"""
    said = g.bus_tool(f"attach vfio:{taken(SPLIT)[0]},transport={'cdev' if CDEV else 'group'}")
    g.report("attach 0" in said, f"transport={'cdev' if CDEV else 'group'}", said)
    other = g.bus_tool(f"attach vfio:{taken(SPLIT)[0]},transport=cdev") if not CDEV else ""
    if not CDEV:
        g.refused("cdev on a kernel without", other, "another transport")


def split_rings():
    """split rings"""
    g.through("virtio-net-pci, split", *ours(taken(SPLIT), ",packed=off"))


def packed_rings():
    """packed rings"""
    g.through("virtio-net-pci, packed", *ours(taken(PACKED), ",packed=on"), mode="packed ring")


def many_queues():
    """two queues"""
    multi = "lab.tap" in g.command_line()
    label = "virtio-net-pci, two queues on TAP" if multi else \
        "virtio-net-pci, FALLBACK: one queue, no TAP here"
    queues = g.through(label, *ours(taken(QUEUES)), queues=2 if multi else 1)
    if multi and queues:
        g.report(all(queues), f"{label}: both receive", str(queues))
        g.note(f"frames by queue: {queues}")


def interrupts():
    """Rx interrupts"""
    if "lab.tap" not in g.command_line():
        raise g.Skip("no TAP on the host, and the other wires send nothing by themselves")
    bdf = taken(QUEUES)[1]
    g.note("talk")
    said = g.run(g.STEER / "test/tools/pmd-tool", *g.eal("intr", "0"), *ours([bdf]), "--", "intr",
                 "500", ok=False, env=g.environment())
    found = re.search(r"ok intr packets (\d+) wakes (\d+)", said)
    g.report(found and int(found[2]) > 0, "virtio-net-pci: packets by MSI-X receive interrupts",
             said)


def restarts():
    """start and stop"""
    for label, ports in (("split", SPLIT), ("packed", PACKED)):
        restart(label, ports)


def restart(label, ports):
    pmd = g.Testpmd(*ours(taken(ports)))
    try:
        bad = []
        for n in range(RESTARTS):
            before = pmd.stats(1)["RX-packets"]
            pmd.ask("start tx_first")
            got = pmd.until(1, "RX-packets", before + 64)
            pmd.ask("stop")
            pmd.ask("port stop all")
            if "Done" not in pmd.ask("port start all") or got < before + 64:
                bad.append(f"{n}: {got - before} frames")
    finally:
        code = pmd.quit()
    g.report(not bad and code == 0,
             f"virtio-net-pci, {label}: {RESTARTS} starts and stops, with traffic",
             "\n".join(bad) + pmd.output[-3000:])


CDEV = Path("/dev/iommu").exists()  # else VFIO's groups


def nodes(bdf):
    """Device nodes that a process needs for the device."""
    if not CDEV:
        return [f"/dev/vfio/{g.group(bdf)}"]
    name = next((g.PCI / "devices" / bdf / "vfio-dev").iterdir()).name
    return ["/dev/iommu", f"/dev/vfio/devices/{name}"]


def no_driver():
    """no driver, wrong driver"""
    bdf = g.behind(SPLIT[0])
    g.bind(None, bdf)
    g.refused("bound to no driver", g.bus_tool(f"attach vfio:{bdf}"), bdf, "bound to no driver")
    g.modprobe("virtio_pci")
    g.bind("virtio-pci", bdf)
    g.refused("bound to Linux's driver", g.bus_tool(f"attach vfio:{bdf}"), bdf,
            "bound to virtio-pci, which is no VFIO driver")
    g.refused("no such device", g.bus_tool("attach vfio:0000:7f:00.0"), "no PCI device")


def busy():
    """a device that another process has"""
    devices = taken(SPLIT)
    pmd = g.Testpmd(*ours(devices))
    try:
        g.refused("busy", g.bus_tool(f"attach vfio:{devices[0]}"), devices[0], "busy")
        said = g.run("steer-bind", "unbind", devices[0], ok=False)
        g.report(f"in use by process {pmd.pid}" in said, "steer-bind leaves a device in use alone",
                 said)
        pmd.ask("start tx_first")
        got = pmd.until(1, "RX-packets", 1000)
        pmd.ask("stop")
        g.report(got >= 1000, "busy: the first process is unharmed", pmd.output[-3000:])
    finally:
        pmd.quit()


def not_viable():
    """a group with a kernel driver in it"""
    bdf = g.behind(GROUP)
    other = bdf[:-1] + "1"
    g.bind("vfio-pci", bdf)
    g.modprobe("virtio_pci")
    g.bind("virtio-pci", other)
    g.refused("group not viable", g.bus_tool(f"attach vfio:{bdf}"), bdf, "not viable", other)
    g.bind("vfio-pci", other)
    said = g.bus_tool(f"attach vfio:{bdf}", f"attach vfio:{other}", "list")
    g.report(said.count("attach 0") == 2, "two devices of one group in one process", said)


def ordinary_user():
    """an ordinary user, and too little locked memory"""
    bdf = taken(SPLIT)[0]
    eal = ["--no-huge", "-m", "64", "--iova-mode=va"]
    g.refused("no permission on the node", g.bus_tool(
        f"attach vfio:{bdf}", before=g.as_user("unlimited"), eal_args=eal), bdf, "no permission")
    for node in nodes(bdf):
        os.chown(node, g.USER, g.USER)
    g.refused("too little locked memory", g.bus_tool(
        f"attach vfio:{bdf}", before=g.as_user(1024), eal_args=eal), bdf, "locked")
    said = g.bus_tool(f"attach vfio:{bdf}", before=g.as_user("unlimited"), eal_args=eal)
    g.report("attach 0" in said, "an ordinary user with the nodes attaches", said)


def pinned(said):
    """Kilobytes that the kernel held in place, each time that bus-tool was asked."""
    return [int(n) for n in re.findall(r"^pinned (\d+)$", said, re.M)]


def memory_comes_and_goes():
    """memory that EAL adds and gives back"""
    bdf = taken(SPLIT)[0]
    said = g.bus_tool(f"attach vfio:{bdf}", "pinned", "grow 64", "pinned", "shrink", "pinned",
                      "grow 32", "pinned", "shrink", "extmem", "pinned", f"detach vfio:{bdf}",
                      "pinned")
    g.report(all(f"\n{x} 0" in said for x in ("grow", "shrink", "extmem", "detach")),
             "memory hot-plug: no call fails", said)
    start, more, back, half, again, end = pinned(said) or 6 * [0]
    g.report(more >= start + (64 << 10) and half >= start + (32 << 10) and
             back == again == start > end == 0,
             "memory hot-plug: what comes is pinned, what goes is let go", said)
    g.note(f"pinned, in kB: {pinned(said)}")


def one_space():
    """devices of two groups"""
    a, b = taken(SPLIT)
    said = g.bus_tool(f"attach vfio:{a}", "pinned", f"attach vfio:{b}", "pinned",
                      f"detach vfio:{a}", "pinned", f"detach vfio:{b}", "pinned")
    kb = pinned(said)
    g.report(g.group(a) != g.group(b) and len(kb) == 4 and kb[0] == kb[1] == kb[2] > kb[3] == 0,
             "devices of two groups share one address space: memory is pinned once", said)


class DmaTool(g.Process):
    """pmd-tool that has a device read somewhere; it goes on at a line."""

    def __init__(self, bdf, *words):
        super().__init__([g.STEER / "test/tools/pmd-tool", *g.eal("dma", "0", 32), *ours([bdf]),
                          "--", *words], env=g.environment())

    def end(self):
        self.send("")
        return self.wait(g.PATIENCE)


def faults(bdf, address):
    """The kernel's lines about an access of the device to this page, after waiting for one."""
    end = time.monotonic() + g.PATIENCE
    while True:
        found = [x for x in g.run("dmesg").splitlines() if "DMAR" in x and bdf[5:] in x and
                 f"fault addr 0x{address:x}" in x]
        if found or time.monotonic() > end:
            return found
        time.sleep(0.1)


def outside_the_map():
    """DMA where no map is"""
    bdf = taken(SPLIT)[0]
    tool = DmaTool(bdf, "outside", hex(OUTSIDE))
    tool.expect("ok outside", g.PATIENCE)
    seen = faults(bdf, OUTSIDE)
    code = tool.end()
    g.report(seen and code == 0, "DMA outside the map is stopped by the IOMMU and reported",
             f"{seen}, exit status {code}\n{tool.output}\n{g.run('dmesg')[-2000:]}")
    g.through("virtio-net-pci, after the fault", *ours(taken(SPLIT)))


def freed_memory():
    """DMA to memory that went back"""
    bdf = taken(SPLIT)[0]
    tool = DmaTool(bdf, "freed")
    address = int(tool.expect("^reached (0x[0-9a-f]+)", g.PATIENCE)[1], 16)
    early = f"fault addr 0x{address:x}" in g.run("dmesg")
    tool.send("")
    tool.expect("ok freed", g.PATIENCE)
    seen = faults(bdf, address)
    code = tool.end()
    g.report(seen and not early and code == 0,
             "DMA reaches memory that EAL added, and not when it is given back",
             f"{seen}, early: {early}, exit status {code}\n{tool.output}")


def doctor_of_plain_cards():
    """steer-doctor, a card without TPH"""
    bdf = taken(SPLIT)[0]
    device = doctor.says("a card without TPH", bdf, "yes", "no", TPH_capability="no",
                         driver="yes", device_file="yes")
    files = [f["path"] for f in device["nodes"]["cdev" if CDEV else "group"]]
    g.report(set(nodes(bdf)) <= set(files), "steer-doctor: the files of the device", str(files))


TESTS = [transport, split_rings, packed_rings, many_queues, interrupts, restarts, busy, not_viable,
         ordinary_user, one_space, memory_comes_and_goes, outside_the_map, freed_memory,
         doctor_of_plain_cards, no_driver]
