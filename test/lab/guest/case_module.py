# SPDX-License-Identifier: BSD-3-Clause
"""Case 3: vfio-pci-tph between the emulated cards and their users."""
import re
import time

import doctor
import guestlib as g

# root ports of the cards, by where their tags live; the last one is for our application alone
CAP, MSIX, DS, STEERED = 0, 1, 2, 3
NAME = "vfio-pci-tph"
ON = ["enable_unsafe_tph=1", "ioctl_v8=1"]
CORE = "lab.core" in g.command_line()  # this kernel has TPH, and completers in its root ports
TEST = [] if CORE else ["test_ignore_completer=1"]
STOCK = (g.PCI / "drivers" / "vfio-pci").is_dir()  # then the name is taken


class Loaded:
    """The module with these parameters, on a card; gone afterwards."""

    def __init__(self, port, *parameters, name=NAME):
        self.bdf, self.parameters, self.name = g.behind(port), parameters, name

    def __enter__(self):
        g.modprobe(" ".join(("vfio_pci_tph", *self.parameters)))
        g.bind(self.name, self.bdf)
        return self.bdf

    def __exit__(self, *_):
        g.bind(None, self.bdf)
        g.run("rmmod", "vfio_pci_tph")


def kernel_calls(port, how, *parameters, label):
    """The module's own test program; its points are ours."""
    with Loaded(port, *parameters) as bdf:
        said = g.run("/lab/tph-test", bdf, how, *(["core"] if CORE else []), ok=False)
    print(said, flush=True)
    points = re.findall(r"^(ok|not ok) \d+ - (.*)$", said, re.M)
    bad = [name for word, name in points if word == "not ok"]
    g.report(points and not bad and f"1..{len(points)}" in said,
             f"{label}: {len(points)} calls answer as documented", said if bad else said[-1500:])


def switched_off():
    """the module with TPH switched off"""
    kernel_calls(CAP, "off", "ioctl_v8=1", *TEST, label="module, switch off")


def no_completer():
    """root port without completer"""
    if CORE:
        raise g.Skip("this kernel's root ports have a completer")
    kernel_calls(CAP, "nocompleter", *ON, label="module, root port without completer")


def in_capability():
    """ST table in the capability"""
    for time_ in ("once", "again"):
        kernel_calls(CAP, "on", *ON, *TEST, label=f"module, table in the capability, {time_}")


def in_msix():
    """ST table in MSI-X"""
    kernel_calls(MSIX, "on", *ON, *TEST, label="module, table in MSI-X")


def device_specific():
    """tag registers"""
    kernel_calls(DS, "ds", *ON, *TEST, label="module, tag registers")


def stock_name():
    """Debian's PMD on the PCI bus over the module named vfio-pci"""
    if STOCK:
        raise g.Skip("the stock vfio-pci is built into this kernel")
    with Loaded(CAP, "as_vfio_pci=1", *ON, *TEST, name="vfio-pci") as bdf:
        owner = (g.PCI / "drivers" / "vfio-pci" / "module").resolve().name
        g.report(owner == "vfio_pci_tph", "as_vfio_pci: the driver is called vfio-pci", owner)
        pmd = g.Testpmd("-a", bdf, app=["--port-topology=loop"])
        try:
            pmd.ask("start")
            got = pmd.until(0, "RX-packets", 2000)
            pmd.ask("stop")
        finally:
            code = pmd.quit()
        g.report(got >= 2000 and code == 0,
                 "as_vfio_pci: Debian's net_virtio forwards on DPDK's own PCI bus",
                 f"{got} frames, exit status {code}\n{pmd.output[-3000:]}")


# ---- our bus and application over the module; the host reads the card's log (lab/cases.py)
PROMPT = "steerpmd> "
TAG = 0x10  # of the CPU whose ACPI UID is 0 (tphdsm.asl)


class Steerpmd(g.Process):
    """dpdk-steerpmd with two queues on lcores 1 and 2."""

    def __init__(self, bdf, more=""):
        super().__init__([g.STEER / "app/steerpmd/dpdk-steerpmd", *g.eal("steer", "0,1,2"),
                          "--no-pci", "-a", f"vfio:{bdf}{more}", "--", "-i", "--rxq=2", "--txq=2",
                          "--nb-cores=2"], env=g.environment())
        self.expect(PROMPT, g.PATIENCE)

    def ask(self, line):
        self.send(line)
        self.expect(re.escape(line), g.PATIENCE)
        at = self._seen
        self.expect(PROMPT, g.PATIENCE)
        return self.output[at:self._seen]

    def tags(self):
        """Tag by queue, as the application shows it."""
        found = {}
        for line in self.ask("show steer").splitlines():
            row = re.match(r"\s+([rt]xq \d+)\s+\S+\s+\S+\s+\S+\s+(\S+)", line)
            if row:
                found[row[1]] = row[2]
        return found

    def reach(self, label, want):
        """Wait until the queues have these CPUs' tags."""
        want = {q: f"0x{TAG + cpu:04x}" for q, cpu in want.items()}
        end = time.monotonic() + g.PATIENCE
        while self.tags() != want and time.monotonic() < end:
            time.sleep(0.2)
        got = self.tags()
        g.report(got == want, label, f"{got} is not {want}\n{self.output[-3000:]}")

    def quit(self):
        self.send("quit")
        return self.wait(g.PATIENCE)


def steered(strategy):
    """Queues get the tags of their lcores' CPUs, and the tag follows a queue that moves."""
    with Loaded(STEERED, *ON, *TEST) as bdf:
        app = Steerpmd(bdf, f",steer={strategy}")
        app.ask("start")
        app.reach(f"{strategy}: each queue has its CPU's tag",
                  {"rxq 0": 1, "rxq 1": 2, "txq 0": 1, "txq 1": 2})
        app.ask("set port 0 rxq 1 lcore 1")
        app.reach(f"{strategy}: a queue that moves has its new CPU's tag",
                  {"rxq 0": 1, "rxq 1": 1, "txq 0": 1, "txq 1": 1})
        g.report(app.quit() == 0, f"{strategy}: the application ends well", app.output[-3000:])


def per_queue():
    """our application, tags per queue"""
    steered("per-queue")


def palette():
    """our application, palette"""
    steered("palette")


def read_back():
    """tags in the MSI-X table, over interrupt set-up and reset"""
    # the tool's one thread may run on CPU 0 only
    commands = ["vectors 5", "tph-on 1", "tph-set 1 1", "tph-set 1 0 0", "tph-get 1 2", "vectors 5",
                "tph-restore", "tph-get 1 2", "tph-off"]
    with Loaded(MSIX, *ON, *TEST) as bdf:
        said = g.bus_tool(f"attach vfio:{bdf}", *commands)
        results = re.findall(r"^tph-set (-?\d+)$", said, re.M)
        g.report(results == ["-1", "0"], "a CPU that the caller may not run on is refused", said)
        want = [f"tag {TAG}", f"tag {TAG}"]
        got = re.findall(r"^tag \d+$", said, re.M)
        g.report(got == 2 * want, "tags in MSI-X are read back, also after interrupt set-up", said)
        clean = g.bus_tool(f"attach vfio:{bdf}", "vectors 5", "tph-on 1", "tph-get 1 2")
        g.report(re.findall(r"^tag \d+$", clean, re.M) == 2 * ["tag 0"],
                 "the table is clean at the next opening", clean)


def off_is_told():
    """what the bus says when the module's switch is off"""
    with Loaded(STEERED, *TEST) as bdf:
        app = Steerpmd(bdf)
        said = app.output + app.ask("show steer")
        g.report("enable_unsafe_tph" in said, "switch off: the client names it", said[-3000:])
        app.ask("start")
        end = time.monotonic() + g.PATIENCE
        while not re.search(r"RX-packets: [1-9]", app.ask("show port stats all")) and \
                time.monotonic() < end:
            time.sleep(0.2)
        g.report(re.search(r"RX-packets: [1-9]", app.output),
                 "switch off: it forwards all the same", app.output[-2000:])
        app.quit()


# ---- what steer-doctor makes of it
def doctor_without_the_module():
    """steer-doctor, the module not loaded"""
    bdf = g.behind(CAP)
    device = doctor.says("no driver, module not loaded", bdf, "no", "no", TPH_capability="yes",
                         root_port_completer="no", boot_options="yes", dialect="no", IOMMU="yes",
                         driver="no", _DSM="unknown")
    said = " ".join(device["verdict"]["fixes"])
    g.report(f"modprobe vfio_pci_tph enable_unsafe_tph=1 && usertools/steer-bind bind "
             f"vfio-pci-tph {bdf}" in said, "steer-doctor: names the commands", said)


def doctor_with_the_module():
    """steer-doctor, the module loaded"""
    with Loaded(CAP, *TEST) as bdf:
        doctor.says("switch off", bdf, "yes", "no", dialect="yes", switch="no")
    # With the kernel's own TPH it is a patch that supplies the completer, which nobody sees.
    port, ready = ("no", "no") if CORE else ("yes", "yes")
    with Loaded(CAP, *ON, *TEST) as bdf:
        doctor.says("switch on", bdf, "yes", ready, dialect="yes", switch="yes",
                    root_port_completer=port, device_file="yes")
        doctor.says("switch on, an ordinary user", bdf, "no", "unclear",
                    before=g.as_user("unlimited"), TPH_capability="unknown", device_file="no")
        doctor.table("a table in the capability", bdf, table="capability", tag_bits=8,
                     modes=["no steering tag", "interrupt vector"], bits_now=0)
        doctor.records(bdf)
    doctor.table("a table in MSI-X", g.behind(MSIX), table="MSI-X")
    doctor.table("tag registers", g.behind(DS), table="none", entries=0,
                 modes=["no steering tag", "device specific"])


def no_complaints():
    """the kernel's log"""
    time.sleep(1)
    log = [x for x in g.run("dmesg").splitlines() if re.search(
        r"WARNING|BUG:|Oops|Call Trace|INFO: task|possible recursive|circular locking", x)]
    g.report(not log, "the kernel has nothing to complain about", "\n".join(log))


TESTS = [doctor_without_the_module, doctor_with_the_module, switched_off, no_completer,
         in_capability, in_msix, device_specific, stock_name, per_queue, palette, read_back,
         off_is_told, no_complaints]
