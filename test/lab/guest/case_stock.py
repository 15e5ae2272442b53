# SPDX-License-Identifier: BSD-3-Clause
"""Case 4: ports of Debian's PMDs on DPDK's own PCI bus, steered without their knowing it."""
import re
import subprocess

import doctor
import guestlib as g

CAP, MSIX, IGB = 0, 1, 2  # root ports
NAME = "vfio-pci"  # what DPDK's PCI bus knows
PARAMETERS = ("as_vfio_pci=1", "enable_unsafe_tph=1", "test_ignore_completer=1")
TEST_ONLY = "TEST-ONLY TAG SOURCE"
TAG = 0x10  # of the CPU whose ACPI UID is 0 (tphdsm.asl)
STOCK = (g.PCI / "drivers" / NAME).is_dir()  # then the name is taken


class Loaded:
    """The module under the stock driver's name, on a card; gone afterwards."""

    def __init__(self, port):
        if STOCK:
            raise g.Skip("the stock vfio-pci is built into this kernel")
        self.bdf = g.behind(port)

    def __enter__(self):
        g.modprobe(" ".join(("vfio_pci_tph", *PARAMETERS)))
        g.bind(NAME, self.bdf)
        return self.bdf

    def __exit__(self, *_):
        g.bind(None, self.bdf)
        g.run("rmmod", "vfio_pci_tph")


def tool(bdf, *commands, eal=()):
    """What stock-tool answers to these commands, with lcores 1 to 3 on CPUs 1 to 3."""
    done = subprocess.run([g.STEER / "test/tools/stock-tool", *g.eal("stock", "0,1,2,3", 64), "-a",
                           bdf, *eal], env=g.environment(), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=g.PATIENCE, check=False,
                          input="".join(f"{c}\n" for c in (*commands, "quit")).encode())
    said = done.stdout.decode(errors="replace")
    print(said, flush=True)
    return said, done.returncode


def queues(said):
    """The answers to 'show': for each, (direction, queue) -> (CPU, tag, vector)."""
    found = []
    for block in re.split(r"^show \d+$", said, flags=re.M)[:-1]:
        rows = re.findall(r"^queue (rx|tx) (\d+) cpu (-?\d+) tag (0x\w+) vector (-?\d+)", block,
                          re.M)
        found.append({(d, int(q)): (int(cpu), int(tag, 16), int(v)) for d, q, cpu, tag, v in rows})
    return found


def vectors():
    """net_virtio with Rx interrupts: tags at its vectors' entries"""
    with Loaded(CAP) as bdf:
        said, code = tool(bdf, "configure 0 2 2 intr", "start 0", "attach 0", "polled 0 rx 0 1",
                          "polled 0 rx 1 2", "polled 0 tx 0 1", "show 0", "polled 0 rx 1 0",
                          "show 0", "stop 0", "sync 0", "start 0", "sync 0", "polled 0 rx 1 2",
                          "show 0", "detach 0", "stop 0", "close 0")
    first, moved, again = (queues(said) + [{}] * 3)[:3]
    g.report("strategy vector dialect feature enabled 1" in said,
             "net_virtio: steered by the vectors that it bound", said)
    g.report(first.get(("rx", 0)) == (1, TAG + 1, 1) and first.get(("rx", 1)) == (2, TAG + 2, 2),
             "net_virtio: each Rx queue has its CPU's tag at its vector", said)
    g.report(first.get(("tx", 0)) == (-1, 0, -1) and "no interrupt vector to this tx queue" in said,
             "net_virtio: Tx queues have no vector, and say so", said)
    g.report(moved.get(("rx", 1)) == (0, TAG, 2), "net_virtio: a queue that moves", said)
    g.report(again.get(("rx", 0)) == (1, TAG + 1, 1) and again.get(("rx", 1)) == (2, TAG + 2, 2),
             "net_virtio: steered on after stop and start", said)
    g.report(code == 0, "net_virtio: the program ends well", f"{code}\n{said}")


def table_in_msix():
    """net_virtio sets up interrupts, which empties an ST table that is in the MSI-X table"""
    with Loaded(MSIX) as bdf:
        said, code = tool(bdf, "configure 0 2 2 intr", "start 0", "attach 0", "polled 0 rx 0 1",
                          "polled 0 rx 1 2", "show 0", "stop 0", "start 0", "sync 0", "sync 0",
                          "show 0", "stop 0", "sync 0", "configure 0 1 1 intr", "start 0", "sync 0",
                          "polled 0 rx 0 2", "show 0", "detach 0", "stop 0", "close 0")
    first, unseen, fewer = (queues(said) + [{}] * 3)[:3]
    want = {("rx", 0): (1, TAG + 1, 1), ("rx", 1): (2, TAG + 2, 2)}
    g.report(all(first.get(q) == want[q] for q in want), "net_virtio, table in MSI-X: tags are read "
             "back there", said)
    g.report(all(unseen.get(q) == want[q] for q in want), "net_virtio, table in MSI-X: the same "
             "after a stop and start that nobody saw", said)
    g.report(fewer.get(("rx", 0)) == (2, TAG + 2, 1) and ("rx", 1) not in fewer,
             "net_virtio, table in MSI-X: fewer queues", said)
    g.report(code == 0, "net_virtio, table in MSI-X: the program ends well", f"{code}\n{said}")


def plugin():
    """net_virtio, steered by the plug-in: the program does not call lib/steer to be followed"""
    with Loaded(CAP) as bdf:
        said, code = tool(bdf, "configure 0 2 2 intr", "start 0", "poll 0 rx 0 1", "poll 0 rx 1 2",
                          "show 0", "poll 0 rx 0 2", "show 0", "stop 0", "start 0", "poll 0 rx 0 1",
                          "show 0", "attach 0", "stop 0", "close 0", "show 0",
                          eal=["-d", "librte_steer.so", "--vdev", "steer"])
    first, moved, again = (queues(said) + [{}] * 3)[:3]
    g.report("strategy vector dialect feature enabled 1" in said, "plug-in: steers a port of Debian's "
             "driver", said)
    g.report(first.get(("rx", 0)) == (1, TAG + 1, 1) and first.get(("rx", 1)) == (2, TAG + 2, 2),
             "plug-in: each Rx queue has the tag of the lcore that polls it", said)
    g.report(moved.get(("rx", 0)) == (2, TAG + 2, 1) and moved.get(("rx", 1)) == (2, TAG + 2, 2),
             "plug-in: a queue that another lcore polls", said)
    g.report(again.get(("rx", 0)) == (1, TAG + 1, 1), "plug-in: steers on after stop and start", said)
    g.report("attach -17" in said and "show -19" in said and code == 0,
             "plug-in: lets go of a port that is closed; the program ends well", f"{code}\n{said}")


def no_interrupts():
    """net_virtio without Rx interrupts"""
    with Loaded(CAP) as bdf:
        said, _ = tool(bdf, "configure 0 2 2 plain", "start 0", "attach 0", "polled 0 rx 0 1",
                       "show 0", "stop 0", "close 0", "sync 0", "detach 0")
    g.report("no queue has an interrupt vector" in said and "intr_conf.rxq" in said,
             "net_virtio without Rx interrupts: the reason is told", said)
    g.report("sync -19" in said and "detach 0" in said,
             "net_virtio: a port closed under our feet is noticed", said)


def igb_is_told_apart():
    """QEMU's igb, an 82576, has the Tx queues' registers and not the Rx queues'"""
    with Loaded(IGB) as bdf:
        said, code = tool(bdf, "configure 0 2 2 plain", "start 0", "attach 0", "show 0", "detach 0",
                          "registers 0 tx 0x5 0x2 0x0", "registers 0 tx 0x25", "registers 0 rx 0x5",
                          "stop 0", "close 0")
    g.report("no TPH: Intel 82576: it has only DCA" in said, "net_e1000, 82576: no TPH, and why",
             said)
    rows = re.findall(rf"^{TEST_ONLY}: tx queue (\d) register (0x\w+): 0x\w+ -> (0x\w+), tag "
                      r"(0x\w+) read back (0x\w+): 0$", said, re.M)
    good = [r for r in rows if r[1] == {"0": "0xe014", "1": "0xe054"}[r[0]]
            and int(r[2], 16) >> 24 == int(r[3], 16) == int(r[4], 16)]
    g.report(len(good) == len(rows) == 6,
             f"{TEST_ONLY}: igb's registers of Tx queues take tags, and are read back", said)
    g.report(re.search(rf"^{TEST_ONLY}: tx queue 0 .* tag 0x25 read back 0x0: -34$", said, re.M),
             f"{TEST_ONLY}: a tag wider than the datasheet has it is refused", said)
    g.report(re.search(rf"^{TEST_ONLY}: rx queue 0 register 0xc014: .* read back 0x0: -5$", said,
                       re.M),
             f"{TEST_ONLY}: a register that does not take a tag is noticed", said)
    g.report(code == 0, "net_e1000: the program ends well", f"{code}\n{said}")


def doctor_of_stock_ports():
    """steer-doctor, the module named vfio-pci"""
    with Loaded(CAP) as bdf:
        doctor.says("the module is called vfio-pci", bdf, "yes", "yes", dialect="yes",
                    switch="yes", driver="yes", device_file="yes")
    with Loaded(IGB) as bdf:
        doctor.says("QEMU's igb", bdf, "yes", "no", TPH_capability="no", driver="yes")


TESTS = [vectors, table_in_msix, plugin, no_interrupts, igb_is_told_apart,
         doctor_of_stock_ports]
