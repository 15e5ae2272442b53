# SPDX-License-Identifier: BSD-3-Clause
"""The PCI bus: what its devices are bound to, and who uses them."""
import re

from . import ADDRESS
from .tree import Tree

DEVICES = "sys/bus/pci/devices"
DRIVERS = "sys/bus/pci/drivers"
NETWORK = "0x02"  # class 02h
_INTERFACE = "[!-.0-~]{1,15}"  # ASCII but the slash


class Bus(Tree):
    def devices(self):
        return self.names(DEVICES, ADDRESS)

    def is_network(self, bdf):
        return (self.text(f"{DEVICES}/{bdf}/class") or "").startswith(NETWORK)

    def driver(self, bdf):
        return self.link(f"{DEVICES}/{bdf}/driver")

    def group(self, bdf):
        return self.link(f"{DEVICES}/{bdf}/iommu_group")

    def vfio_devices(self, bdf):
        """Names below /dev/vfio/devices; without an IOMMU they start with noiommu-."""
        return self.names(f"{DEVICES}/{bdf}/vfio-dev", r"(noiommu-)?vfio[0-9]+")

    # ---- interfaces
    def interfaces(self, bdf):
        """Linux's network interfaces of a device: its own, or those of its virtio device."""
        found = []
        for folder in ("", *(f"/{n}" for n in self.names(f"{DEVICES}/{bdf}", "virtio[0-9]+"))):
            found += self.names(f"{DEVICES}/{bdf}{folder}/net", _INTERFACE)
        return found

    def below(self, interface, seen=()):
        """PCI devices that an interface stands on: itself, or those of a bond, bridge or VLAN."""
        folder = f"sys/class/net/{interface}"
        where, kind = self.resolve(f"{folder}/device")
        found = set(re.findall(ADDRESS, where)[-1:]) if kind else set()
        for lower in self.names(folder, f"lower_{_INTERFACE}"):
            name = lower.removeprefix("lower_")
            if name not in seen:
                found |= self.below(name, (*seen, interface))
        return found

    def default_routes(self):
        """Interfaces of the default routes, IPv4 and IPv6."""
        old = self.lines("proc/net/route", _default_4) or []
        new = self.lines("proc/net/ipv6_route", _default_6) or []
        return {line.split()[0] for line in old} | {line.split()[-1] for line in new}

    def routed(self, bdf):
        """Interface on this device that carries a default route, or None."""
        return next((n for n in sorted(self.default_routes()) if bdf in self.below(n)), None)


# Addresses of neighbours are nobody's business: lines keep what makes them default routes.


def _default_4(line):
    word = line.split()
    if len(word) < 8 or word[1] != "0" * 8 or word[7] != "0" * 8:
        return None
    return " ".join([word[0], word[1], *["0"] * 5, word[7]])


def _default_6(line):
    word = line.split()
    if len(word) < 10 or word[0] != "0" * 32 or word[1] != "00" or word[9] == "lo":
        return None
    return " ".join([*word[:2], *["0"] * 7, word[9]])
