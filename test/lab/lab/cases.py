# SPDX-License-Identifier: BSD-3-Clause
"""The boots: which devices a guest gets, which test runs in it, what is looked at afterwards."""
import contextlib

import steerlab

from . import vm
from .nics import Nic
from .wire import Namespace

VIRTIO = ["virtio_net", "virtio_pci"]
VFIO = ["vfio-pci", "vfio_iommu_type1"]
HUGE = "hugepages=160"
# has room for a whole capture, so that nothing is lost whoever waits for a CPU
WIRE = "net_af_packet0,iface={},framecnt=4096"


class Case:
    """name: as in --case; test: guest/case_NAME.py; modules: of Debian's kernel, loaded at boot."""

    name = test = title = ""
    modules = ()
    append = HUGE
    kernels = ("debian", "own")

    def boot(self, lab, machine, tap):
        """Start what the guest needs, run it, look at what is left. @return as Machine.run()."""
        raise NotImplementedError


class NicCase(Case):
    name = test = "nic"
    title = "vfu-nic behind vfio-user-pci: Linux, Debian's PMD, our PMD"
    modules = (*VIRTIO, *VFIO)
    append = f"{HUGE} iommu=pt"  # a map per packet is the emulation's price, not this case's topic

    def boot(self, lab, machine, tap):
        with contextlib.ExitStack() as stack:
            wire = stack.enter_context(Namespace())
            wire.veth("left", "right")
            folder = steerlab.private_dir()
            stack.callback(steerlab.remove, folder)
            nics = []
            for i, name in enumerate(("left", "right")):
                nic = Nic(lab.build, folder, name, WIRE.format(name), "--mac",
                          f"02:53:54:00:00:0{i + 1}", enter=wire.enter)
                stack.callback(nic.stop, machine.name)
                nics.append(nic)
            why = machine.run([a for i, n in enumerate(nics) for a in vm.vfio_user(n.sock, i)])
            for nic in nics:
                tap.ok(nic.process.running(), f"vfu-nic '{nic.name}' is alive after the guest",
                       nic.process.output[-2000:])
                tap.ok(" faults=0 " in nic.stop(machine.name),
                       f"vfu-nic '{nic.name}' found no fault in any of its drivers",
                       nic.process.output[-2000:])
        return why


CASES = [NicCase()]
