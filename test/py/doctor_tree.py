# SPDX-License-Identifier: BSD-3-Clause
"""Machines for tests of steer-doctor: their files in a dictionary, in memory or in a folder.

Configuration spaces are bytes written down by hand from the PCI Express base specification
(7.5.1 header, 7.5.3 PCI Express, 7.7.2 MSI-X, 7.9.13 TPH Requester), low byte first.
"""
from usertool import ROOT

from steer_doctor import examine
from steer_pci.bus import Bus
from steer_pci.store import FILE, FOLDER, LINK, Archive

TOOL = ROOT / "usertools" / "steer-doctor"
DATA = ROOT / "test" / "data" / "doctor"
NIC, PORT, SWITCH = "0000:01:00.0", "0000:00:02.0", "0000:02:00.0"
GUID = bytes.fromhex("d0 37 c9 e5 53 35 7a 4d 91 17 ea 4d 19 c3 43 4d")
TPH_AT = 0x100
SERIAL = bytes.fromhex("ff ee dd cc bb aa 99 88")


# ---- configuration spaces
def space(*parts, size=4096):
    """(offset, hex bytes) in a space of zeros."""
    image = bytearray(size)
    for at, text in parts:
        data = bytes.fromhex(text)
        image[at:at + len(data)] = data
    return bytes(image)


HEAD = (0x00, "f4 1a 41 10  06 04 10 00  01 00 00 02")  # 1af4:1041, capability list, Ethernet
LIST = (0x34, "40")
# id 10h, next 80h; version 2, endpoint; FLR (bit 28)
EXPRESS = (0x40, "10 80  02 00  00 80 00 10")
MSIX = (0x80, "11 00  09 80  03 00 00 00  03 08 00 00")  # 10 vectors, enabled; BAR 3
# id 0017h, version 1, next 150h; no-ST, IV and DS; table in the capability, 8 entries; off
TPH = (TPH_AT, "17 00 01 15  07 02 07 00  00 00 00 00")
# id 0003h, version 1: serial number, which is made of a MAC address
NUMBER = (0x150, "03 00 01 00" + SERIAL.hex())

CARD = space(HEAD, LIST, EXPRESS, MSIX, TPH, NUMBER)
PLAIN = space(HEAD, LIST, EXPRESS, MSIX)
# class 0604h; version 2, root port (type 4); Device Capabilities 2, bits 13:12
PORT_HEAD = (0x00, "86 80 00 1b  07 04 10 00  01 00 04 06  00 00 01")
PORT_EXPRESS = (0x40, "10 00  42 00")


def root_port(completer):
    return space(PORT_HEAD, LIST, PORT_EXPRESS,
                 (0x64, {0: "00 00 00 00", 1: "00 10 00 00", 2: "00 20 00 00",
                         3: "00 30 00 00"}[completer]))


def tph(capability, control="00 00 00 00", table=""):
    """The card with another TPH capability."""
    return space(HEAD, LIST, EXPRESS, MSIX, (TPH_AT, "17 00 01 00" + capability + control + table))


# ---- machines
class Files(Archive):
    """A store in memory."""

    def __init__(self, files):
        self.files = {"": (FOLDER, None)}
        for path, what in files.items():
            self._put(path, (LINK, what[1]) if isinstance(what, tuple) else
                      (FOLDER, None) if what is None else (FILE, what))


class Machine:
    """One with an IOMMU, and a card below a root port; Debian's kernel, root looks at it."""

    release = "7.3.4+deb13-amd64"

    def __init__(self, card=CARD, completer=1):
        self.files = {}
        self.put("proc/sys/kernel/osrelease", self.release)
        self.put("proc/cmdline", "BOOT_IMAGE=/vmlinuz root=UUID=11-22 ro quiet intel_iommu=on")
        self.config(f"boot/config-{self.release}", VFIO="m", VFIO_PCI="m", VFIO_PCI_CORE="m",
                    VFIO_GROUP="y")
        self.put(f"lib/modules/{self.release}/modules.dep",
                 "kernel/drivers/net/virtio_net.ko.xz: kernel/drivers/net/net_failover.ko.xz\n"
                 "kernel/drivers/vfio/pci/vfio-pci.ko.xz: kernel/drivers/vfio/vfio.ko.xz")
        self.put("proc/self/limits", "Limit   Soft Limit   Hard Limit   Units\n"
                 "Max locked memory  8388608  8388608  bytes")
        self.put("proc/self/status", "Name:\tpython3\nCapEff:\t000001ffffffffff")
        self.put("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "512")
        self.put("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "500")
        self.files["sys/class/iommu/dmar0"] = None
        self.files["sys/firmware/acpi/tables/DSDT"] = b"DSDT" + bytes(60) + GUID + b"\x0a\x07"
        self.cpus()
        self.device(PORT, root_port(completer), cls="0x060400", group="1", driver="pcieport")
        self.device(NIC, card, above=f"{PORT}/", group="7")

    def put(self, path, text):
        self.files[path] = text if isinstance(text, bytes) else f"{text}\n".encode()

    def config(self, path, **values):
        lines = [f"CONFIG_{k}={v}" for k, v in values.items()]
        self.put(path, "\n".join(["CONFIG_PCI=y", *lines, "# CONFIG_PCIE_TPH is not set"
                                  if "PCIE_TPH" not in values else "CONFIG_END=y"]))

    def cpus(self):
        """Four CPUs, two threads a core, an L2 each core, one L3; one node."""
        base = "sys/devices/system"
        self.put(f"{base}/cpu/online", "0-3")
        self.put(f"{base}/node/node0/cpulist", "0-3")
        for cpu in range(4):
            pair = f"{cpu % 2},{cpu % 2 + 2}"
            self.put(f"{base}/cpu/cpu{cpu}/topology/thread_siblings_list", pair)
            for index, (level, shared) in enumerate((("1", str(cpu)), ("1", str(cpu)), ("2", pair),
                                                     ("3", "0-3"))):
                folder = f"{base}/cpu/cpu{cpu}/cache/index{index}"
                self.put(f"{folder}/level", level)
                self.put(f"{folder}/shared_cpu_list", shared)

    def device(self, bdf, image, above="", host="pci0000:00", cls="0x020000", group=None,
               driver=None):
        real = f"devices/{host}/{above}{bdf}"
        for name, text in (("vendor", "0x1af4"), ("device", "0x1041"), ("class", cls),
                           ("numa_node", "0"), ("local_cpulist", "0-3"),
                           ("reset_method", "flr bus")):
            self.put(f"sys/{real}/{name}", text)
        if image is not None:
            self.put(f"sys/{real}/config", image)
        self.files[f"sys/bus/pci/devices/{bdf}"] = LINK, f"../../../{real}"
        if group:
            up = "../" * real.count("/")
            self.files[f"sys/{real}/iommu_group"] = LINK, f"{up}../kernel/iommu_groups/{group}"
            self.files[f"sys/kernel/iommu_groups/{group}/devices/{bdf}"] = \
                LINK, f"../../../../{real}"
        if driver:
            self.driver(bdf, driver)

    def real(self, bdf):
        return self.files[f"sys/bus/pci/devices/{bdf}"][1].replace("../../../", "sys/")

    def driver(self, bdf, name, module=None):
        """Bound; sysfs's links are relative, and are here, too."""
        real = self.real(bdf)
        up = "../" * real.count("/")
        self.files[f"{real}/driver"] = LINK, f"{up}bus/pci/drivers/{name}"
        self.files.setdefault(f"sys/bus/pci/drivers/{name}", None)
        if module:
            self.files[f"sys/bus/pci/drivers/{name}/module"] = LINK, f"../../../../module/{module}"
            self.files.setdefault(f"sys/module/{module}", None)

    def vfio(self, bdf=NIC, name="vfio-pci", module="vfio_pci", owner="root root 0600 usable"):
        """Bound to a driver of VFIO, and its file is there."""
        self.driver(bdf, name, module)
        self.files[f"{self.real(bdf)}/vfio-dev/vfio0"] = None
        self.put("dev/vfio/7", owner)
        self.put("dev/vfio/vfio", "root root 0666 usable")

    def tph_module(self, **parameters):
        """vfio-pci-tph, loaded; its parameters as the kernel shows them."""
        self.files["sys/module/vfio_pci_tph"] = None
        for name, text in {"enable_unsafe_tph": "Y", "tph_feature": "65024", "ioctl_v8": "N",
                           "as_vfio_pci": "N", "test_ignore_completer": "N",
                           **parameters}.items():
            self.put(f"sys/module/vfio_pci_tph/parameters/{name}", text)

    def interface(self, bdf, name, route=False):
        self.files[f"{self.real(bdf)}/virtio0/net/{name}"] = None
        up = self.real(bdf).removeprefix("sys/")
        self.files[f"sys/class/net/{name}/device"] = LINK, f"../../../{up}/virtio0"
        lines = ["Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT"]
        if route:
            lines.append(f"{name} 00000000 010200C0 0003 0 0 100 00000000 0 0 0")
        self.put("proc/net/route", "\n".join(lines))

    # ---- what to look at it with
    def tree(self):
        return Bus(Files(self.files))

    def save(self, folder):
        for path, what in self.files.items():
            f = folder / path
            f.parent.mkdir(parents=True, exist_ok=True)
            if what is None:
                f.mkdir(exist_ok=True)
            elif isinstance(what, tuple):
                f.symlink_to(what[1])
            else:
                f.write_bytes(what)
        return folder


def steerable():
    """Nothing is missing: 8-bit tags, the module bound with its switch on."""
    m = Machine()
    m.tph_module()
    m.vfio(name="vfio-pci-tph", module="vfio_pci_tph")
    return m


# ---- what it says of the card
def look(machine, *chosen):
    return examine(machine.tree(), list(chosen) or [NIC])["devices"][0]


def check(machine, what):
    found, = [c for c in look(machine)["checks"] if c["what"] == what]
    return found["have"], found["text"], found["fix"]


def verdict(machine):
    return look(machine)["verdict"]
