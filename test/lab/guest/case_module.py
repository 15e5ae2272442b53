# SPDX-License-Identifier: BSD-3-Clause
"""Case 3: vfio-pci-tph between the emulated cards and their users."""
import re
import time
from pathlib import Path

import doctor
import guestlib as g
from tphlib import (BOTH, CAP, CORE, DEAF, DS, MSIX, ON, STEERED, STOCK, TAG, TEST, Loaded,
                    Steerpmd, kernel_calls)


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


def deaf():
    """a device that drops writes to its table"""
    kernel_calls(DEAF, "deaf", *ON, *TEST, label="module, a table that takes no writes")


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


# ---- our bus and application over the module; the host reads the card's log (lab/tags.py)
def steered(strategy):
    """Queues get the tags of their lcores' CPUs, and the tag follows a queue that moves."""
    with Loaded(STEERED, *ON, *TEST) as bdf:
        app = Steerpmd(bdf, f",steer={strategy}")
        app.ask("start")
        app.reach(f"{strategy}: each queue has its CPU's tag", BOTH)
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


# vectors of queue pairs 0 and 1 on the CPUs of lcores 1 and 2
TAGGED = [0, TAG + 1, TAG + 1, TAG + 2, TAG + 2]


def settled(bdf, want):
    """Wait until the device's own table has these entries. @return control register and table"""
    end = time.monotonic() + g.PATIENCE
    while (found := g.tph(bdf, len(TAGGED)))[1] != want and time.monotonic() < end:
        time.sleep(0.1)
    return found


def reset():
    """our application, reset with tags set"""
    with Loaded(STEERED, *ON, *TEST) as bdf:
        app, at = Steerpmd(bdf, ",steer=per-queue"), len(g.run("dmesg"))
        app.ask("start")
        app.reach("reset: each queue has its tag before", BOTH)
        on, before = settled(bdf, TAGGED)
        app.ask("stop")
        app.ask("port stop 0")
        said = app.ask("port reset 0")
        after = g.tph(bdf, len(TAGGED))
        g.report("Port 0: reset" in said and before == TAGGED and after == (on, before),
                 "reset: control register and tags are there again when it returns",
                 f"{on:#x} {before}, then {after}\n{said}")
        app.ask("port start 0")
        app.ask("clear port stats all")
        app.ask("start")
        app.reach("reset: each queue has its tag after the start", BOTH)
        g.report(app.receives(), "reset: packets come again", app.output[-2000:])
        log = g.run("dmesg")[at:]
        g.report("TPH" not in log, "reset: the module's log has no complaint", log)
        g.report(app.quit() == 0, "reset: the application ends well", app.output[-3000:])
        g.report(g.tph(bdf, len(TAGGED)) == (0, 5 * [0]),
                 "the table is clean and TPH off when the application has closed the device",
                 str(g.tph(bdf, len(TAGGED))))


def killed():
    """our application, killed with tags set"""
    with Loaded(STEERED, *ON, *TEST) as bdf:
        app = Steerpmd(bdf, ",steer=per-queue")
        app.ask("start")
        before = settled(bdf, TAGGED)[1]
        app.kill()
        after = settled(bdf, 5 * [0])
        g.report(before == TAGGED and after == (0, 5 * [0]),
                 "the table is clean and TPH off when the application was killed",
                 f"{before}, then {after}")
        said = g.bus_tool(f"attach vfio:{bdf}", "vectors 5", "reset", "tph-on 1", "tph-get 1 4")
        g.report(re.findall(r"^tag (\d+)$", said, re.M) == 4 * ["0"] and "\nreset 0" in said,
                 "a reset brings nothing back of the last owner", said)


def read_back():
    """tags in the MSI-X table, over interrupt set-up and reset"""
    # the tool's one thread may run on CPU 0 only
    commands = ["vectors 5", "tph-on 1", "tph-set 1 1", "tph-set 1 0 0", "tph-get 1 2", "vectors 5",
                "tph-get 1 2", "reset", "tph-get 1 2", "tph-restore", "tph-get 1 2", "tph-off"]
    with Loaded(MSIX, *ON, *TEST) as bdf:
        said = g.bus_tool(f"attach vfio:{bdf}", *commands)
        results = re.findall(r"^tph-set (-?\d+)$", said, re.M)
        g.report(results == ["-1", "0"], "a CPU that the caller may not run on is refused", said)
        want = [f"tag {TAG}", f"tag {TAG}"]
        got = re.findall(r"^tag \d+$", said, re.M)
        g.report(got == 4 * want, "tags in MSI-X are read back, also after interrupt set-up and "
                 "reset", said)
        clean = g.bus_tool(f"attach vfio:{bdf}", "vectors 5", "tph-on 1", "tph-get 1 2")
        g.report(re.findall(r"^tag \d+$", clean, re.M) == 2 * ["tag 0"],
                 "the table is clean at the next opening", clean)


def past_the_kernel():
    """dialect direct, the module's switch off"""
    Path("/run/tags").write_text("0 0x31\n1 0x32\n", encoding="ascii")
    for port, table in ((CAP, "capability"), (MSIX, "MSI-X table")):
        with Loaded(port, *TEST) as bdf:
            said = g.bus_tool(f"attach vfio:{bdf},tph-dialect=direct,tph-tags=/run/tags",
                              "vectors 5", "tph-on 1", "tph-set 1 0 1", "tph-get 1 2", "vectors 5",
                              "tph-restore", "tph-get 1 2", "tph-set 1 2", "tph-off")
            tags = re.findall(r"^tag (\d+)$", said, re.M)
            g.report(tags == 2 * [str(0x31), str(0x32)],
                     f"direct: tags of the file are in the {table}, also after interrupt set-up",
                     said)
            g.report("goes round the kernel" in said, "direct: says what it does", said)
            g.report(re.findall(r"^tph-set (-?\d+)$", said, re.M)[-1:] not in ([], ["0"]),
                     "direct: a CPU that the file has no tag for is refused", said)


def by_ioctl():
    """dialect ioctl-v8"""
    for port, table in ((CAP, "capability"), (MSIX, "MSI-X table")):
        with Loaded(port, *ON, *TEST) as bdf:
            said = g.bus_tool(f"attach vfio:{bdf},tph-dialect=ioctl-v8", "vectors 5", "tph-on 1",
                              "tph-set 1 0 0", "tph-get 1 2", "reset", "tph-get 1 2", "tph-off")
            g.report(re.findall(r"^tag (\d+)$", said, re.M) == 4 * [str(TAG)] and
                     "dialect ioctl-v8" in said and "\ntph-off 0" in said,
                     f"ioctl-v8: our bus sets tags in the {table}, and they outlive a reset", said)


def other_index():
    """an index that the module was loaded with"""
    with Loaded(CAP, *ON, *TEST, "tph_feature=0xfe42") as bdf:
        said = g.bus_tool(f"attach vfio:{bdf}", "tph-on 1", "tph-set 1 0", "tph-get 1 1")
        g.report(f"\ntag {TAG}" in said and "dialect feature" in said,
                 "the feature's index comes from the module's parameter", said)
        said = g.bus_tool(f"attach vfio:{bdf},tph-feature=0xfe00,tph-dialect=feature", "list")
        g.report("no steering" in said, "a wrong index in the devargs finds nothing", said)


def off_is_told():
    """what the bus says when the module's switch is off"""
    with Loaded(STEERED, *TEST) as bdf:
        app = Steerpmd(bdf)
        said = app.output + app.ask("show steer")
        g.report("enable_unsafe_tph" in said, "switch off: the client names it", said[-3000:])
        app.ask("start")
        g.report(app.receives(), "switch off: it forwards all the same", app.output[-2000:])
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


LONG = [deaf, by_ioctl, past_the_kernel]
TESTS = [doctor_without_the_module, doctor_with_the_module, switched_off, no_completer,
         in_capability, in_msix, device_specific, deaf, stock_name, per_queue, palette, reset,
         killed, read_back, by_ioctl, other_index, off_is_told, past_the_kernel, no_complaints]
if "lab.brief" in g.command_line():
    TESTS = [t for t in TESTS if t not in LONG]
