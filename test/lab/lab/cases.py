# SPDX-License-Identifier: BSD-3-Clause
"""The boots: which devices a guest gets, which test runs in it, what is looked at afterwards."""
import contextlib
import subprocess
import sys
from pathlib import Path

import steerlab

from . import build, tags, vm
from .nics import Nic
from .paths import LAB
from .wire import Namespace

VIRTIO = ["virtio_net", "virtio_pci"]
VFIO = ["vfio-pci", "vfio_iommu_type1"]
HUGE = "hugepages=160"
# has room for a whole capture, so that nothing is lost whoever waits for a CPU
WIRE = "net_af_packet0,iface={},framecnt=4096"


class Case:
    """name: as in --case; test: guest/case_NAME.py; modules: of the kernel, loaded at boot."""

    name = title = ""
    modules = ()
    later = ()  # of these, the ones that the test loads itself
    append = HUGE
    kernels = ("debian", "own")
    seconds = 25  # about; the longest begins first

    def prepare(self, lab):
        """Build what the case needs."""
        self.files(lab)

    def files(self, lab):
        """(source, path) of more files in the guest."""
        del lab
        return ()

    def boot(self, lab, machine, tap):
        """Start what the guest needs, run it, look at what is left. @return as Machine.run()."""
        raise NotImplementedError


@contextlib.contextmanager
def cards(lab, machine, *specs, enter=()):
    """vfu-nic processes: specs are (name, wire, options...)."""
    with contextlib.ExitStack() as stack:
        folder = steerlab.private_dir()
        stack.callback(steerlab.remove, folder)
        nics = []
        for i, (name, wire, *options) in enumerate(specs):
            nics.append(Nic(lab.build, folder, name, wire, "--mac", f"02:53:54:00:00:0{i + 1}",
                            *options, enter=enter))
            stack.callback(nics[-1].stop, machine.name)
        yield nics


def behind_ports(nics):
    return [a for i, nic in enumerate(nics) for a in vm.vfio_user(nic.sock, i)]


def look_at(tap, machine, nics):
    """Cards outlive their guest, and found nothing wrong with its drivers."""
    for nic in nics:
        alive = nic.process.running()
        text = nic.stop(machine.name)
        tap.ok(alive and " faults=0 " in text, f"card '{nic.name}' is well after the guest",
               text[-2000:])


class NicCase(Case):
    """One card offers packed rings; a driver that takes them has both layouts in one process."""

    name = "nic"
    title = "vfu-nic behind vfio-user-pci: Linux, Debian's PMD, our PMD"
    modules = (*VIRTIO, *VFIO)
    seconds = 40
    append = f"{HUGE} iommu=pt"  # a map per packet is the emulation's price, not this case's topic

    def boot(self, lab, machine, tap):
        with Namespace() as wire:
            wire.veth("left", "right")
            specs = [("left", WIRE.format("left"), "--packed"), ("right", WIRE.format("right"))]
            with cards(lab, machine, *specs, enter=wire.enter) as nics:
                why = machine.run(behind_ports(nics))
                look_at(tap, machine, nics)
        return why


class ModuleCase(Case):
    """Cards with tags in the capability, in MSI-X, in registers; one for our application, one deaf."""

    name = "module"
    title = "vfio-pci-tph: its calls, Debian's PMD over it, tags in the card's table"
    modules = ("vfio-pci-core", "vfio_iommu_type1")  # not vfio-pci: the module takes its name
    kernels = ("debian", "own", "notph", "old")
    seconds = 130

    def prepare(self, lab):
        super().prepare(lab)
        build.acpi_table()

    def files(self, lab):
        return ((lab.kernel.module()[0], "/lab/modules/vfio_pci_tph.ko"),
                (build.module_test(), "/lab/tph-test"))

    @staticmethod
    def specs():
        wire = "gen,size=64,flows=16,rate=1000"
        more = ["--queues", "2", "--check", "--tph-log"]
        return [("capability", wire, *more, "--tph", "iv-cap", "--tph-table", "open"),
                ("msix", wire, *more, "--tph", "iv-msix"),
                ("registers", wire, *more, "--tph", "ds-reg"),
                ("steered", wire, *more, "--tph", "iv-cap", "--tph-table", "open"),
                ("deaf", wire, *more, "--tph", "iv-cap")]

    def boot(self, lab, machine, tap):
        warnings = lab.kernel.module()[1]
        tap.ok(not warnings, "vfio-pci-tph: DKMS's commands build it without a warning (W=1)",
               "\n".join(warnings))
        if lab.kernel.core:
            machine.append += " lab.core"
        with cards(lab, machine, *self.specs()) as nics:
            why = machine.run([*behind_ports(nics), "-acpitable",
                               f"file={build.acpi_table()}"], cpus=4)
            look_at(tap, machine, nics)
            if not lab.words:  # with --test nobody may have steered
                tags.look_at(tap, nics[3].process.output)
        return why


class NoDsmCase(ModuleCase):
    """The same cards, and no ACPI table."""

    name = "nodsm"
    title = "vfio-pci-tph where firmware knows no tags"
    kernels = ("own", "notph", "old")
    seconds = 25

    def boot(self, lab, machine, tap):
        if lab.kernel.core:
            machine.append += " lab.core"
        with cards(lab, machine, *self.specs()) as nics:
            why = machine.run(behind_ports(nics), cpus=4)
            look_at(tap, machine, nics)
        return why


class WordCase(NoDsmCase):
    """A boot word that kernels without CONFIG_PCIE_TPH do not know."""

    name = "word"
    title = "vfio-pci-tph, booted with pci=notph"
    append = f"{HUGE} pci=notph"


class VirtioCase(Case):
    """Pairs of QEMU's cards: split rings, packed rings, more queues than one."""

    name = "virtio"
    title = "our bus and PMD on QEMU's virtio-net-pci; what the bus says when it cannot"
    modules = (*VFIO, *VIRTIO)
    later = VIRTIO
    seconds = 80

    @staticmethod
    def card(port, netdev, more=""):
        return [*vm.root_port(port), "-device", f"virtio-net-pci,bus=rp{port},netdev={netdev},"
                f"mac=02:53:54:00:01:0{port},disable-legacy=on,iommu_platform=on{more}"]

    def pair(self, folder, port, more=""):
        """Two cards on a wire of datagrams, one queue each. Unlike a hub, which lets new frames
        overtake those that wait for buffers, it keeps the order."""
        found, ends = [], [folder / f"{port}a", folder / f"{port}b"]
        for i, (here, there) in enumerate((ends, ends[::-1])):
            found += ["-netdev", f"dgram,id=n{port + i},local.type=unix,local.path={here},"
                      f"remote.type=unix,remote.path={there}",
                      *self.card(port + i, f"n{port + i}", more)]
        return found

    def one_group(self, port):
        """Two functions of a slot without ACS: one IOMMU group."""
        found = vm.root_port(port)
        for i, more in enumerate((",multifunction=on", "")):
            found += ["-device", f"virtio-net-pci,bus=rp{port},addr=0.{i},disable-legacy=on,"
                      f"iommu_platform=on,mac=02:53:54:00:02:0{i}{more}"]
        return found

    def taps(self, wire, port):
        """Two cards with two queues each, on TAPs of a bridge that learns nothing."""
        wire.run("ip", "link", "add", "hub", "type", "bridge", "ageing_time", "0")
        wire.up("hub")
        found = []
        for i in (port, port + 1):
            wire.run("ip", "tuntap", "add", "dev", f"tap{i}", "mode", "tap", "multi_queue")
            wire.run("ip", "link", "set", f"tap{i}", "master", "hub", "txqueuelen", "10000")
            wire.up(f"tap{i}")
            found += ["-netdev", f"tap,id=n{i},ifname=tap{i},queues=2,script=no,downscript=no",
                      *self.card(i, f"n{i}", ",mq=on,vectors=6")]
        return found

    def boot(self, lab, machine, tap):
        with Namespace() as wire, contextlib.ExitStack() as stack:
            folder = steerlab.private_dir()
            stack.callback(steerlab.remove, folder)
            devices = [*self.pair(folder, 0), *self.pair(folder, 2, ",packed=on"),
                       *self.one_group(6)]
            if Path("/dev/net/tun").exists():
                machine.append += " lab.tap"
                devices += self.taps(wire, 4)
                talk = subprocess.Popen([*wire.enter, sys.executable, LAB / "lab" / "talk.py",
                                         "hub", machine.tap], stdin=subprocess.DEVNULL)
            else:
                devices, talk = devices + self.pair(folder, 4), None
            try:
                return machine.run(devices, prefix=wire.enter)
            finally:
                if talk:
                    talk.kill()
                    talk.wait()


class NoIommuCase(VirtioCase):
    """No IOMMU, and a kernel that VFIO may do without on."""

    name = "noiommu"
    title = "our bus and PMD without an IOMMU"
    append = f"{HUGE} vfio.enable_unsafe_noiommu_mode=1"
    kernels = ("own",)  # Debian's have not CONFIG_VFIO_NOIOMMU
    seconds = 20

    def boot(self, lab, machine, tap):
        folder = steerlab.private_dir()
        try:
            return machine.run(self.pair(folder, 0), iommu=None)
        finally:
            steerlab.remove(folder)


class StockCase(Case):
    """Cards with a table, in the capability and in MSI-X, under Debian's net_virtio; QEMU's igb
    under its net_e1000."""

    name = "stock"
    title = "ports of Debian's PMDs on DPDK's own PCI bus, steered over vfio-pci-tph"
    modules = ("vfio-pci-core", "vfio_iommu_type1")  # not vfio-pci: the module takes its name
    kernels = ("debian", "old")

    def prepare(self, lab):
        super().prepare(lab)
        build.acpi_table()

    def files(self, lab):
        return ((lab.kernel.module()[0], "/lab/modules/vfio_pci_tph.ko"),)

    def boot(self, lab, machine, tap):
        card = ("gen,size=64,flows=16,rate=1000", "--queues", "2", "--check", "--tph-log", "--tph")
        igb = [*vm.root_port(2), "-netdev", "hubport,id=n2,hubid=0", "-device",
               "igb,bus=rp2,netdev=n2,mac=02:53:54:00:03:01"]
        with cards(lab, machine, ("vectors", *card, "iv-cap", "--tph-table", "open"),
                   ("msix", *card, "iv-msix")) as nics:
            why = machine.run([*behind_ports(nics), *igb, "-acpitable",
                               f"file={build.acpi_table()}"], cpus=4)
            look_at(tap, machine, nics)
            if not lab.words:
                tags.look_at_stock(tap, nics[0].process.output)
        return why


class TsmCase(Case):
    """A card that says TEE-I/O, one that does not, and a TSM that only connects."""

    name = "tsm"
    title = "role host of a confidential device: the kernel's TSM core, and a mock TSM"
    modules = VFIO
    kernels = ("debian",)  # the TSM core came after 'old'; 'own' says nothing new
    seconds = 45

    def files(self, lab):
        return ((lab.kernel.mock_tsm()[0], "/lab/modules/mock_tsm.ko"),)

    def boot(self, lab, machine, tap):
        warnings = lab.kernel.mock_tsm()[1]
        tap.ok(not warnings, "the mock TSM builds without a warning (W=1)", "\n".join(warnings))
        card = ("gen,size=64,flows=16,rate=1000", "--queues", "2", "--check")
        with cards(lab, machine, ("tee", *card, "--tee"), ("plain", *card)) as nics:
            why = machine.run(behind_ports(nics), cpus=4)
            look_at(tap, machine, nics)
        return why


CASES = [NicCase(), VirtioCase(), ModuleCase(), StockCase(), TsmCase(), NoDsmCase(), WordCase(),
         NoIommuCase()]
