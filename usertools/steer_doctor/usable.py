# SPDX-License-Identifier: BSD-3-Clause
"""What DPDK needs to have the device at all, through VFIO; the words are those of lib/vfio."""
from . import remedy
from .checks import NO, UNKNOWN, YES, Check, advice

LEAST_LOCKED = 64 << 20  # bytes: what EAL takes with --no-huge and no -m
IOMMU_ON = "turn the IOMMU on in the BIOS; add intel_iommu=on (AMD: on by itself) to " \
    "GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub && reboot"


def using(what, have, text, fix=None):
    return Check(what, have, "use", text, fix)


def vfio(machine, dev):
    """Is it in this kernel?"""
    kernel = machine["kernel"]
    config, files = kernel["config"] or {}, kernel["vfio_modules"]
    if kernel["stock_loaded"] or kernel["module"]["loaded"] or remedy.is_vfio(dev):
        return using("VFIO", YES, "loaded")
    if config.get("VFIO_PCI", "n") != "n" or "vfio_pci" in files:
        return using("VFIO", YES, "in this kernel, not loaded")
    if kernel["config_file"] is None:
        return using("VFIO", UNKNOWN, "not loaded; the kernel's configuration could not be read")
    return using("VFIO", NO, f"CONFIG_VFIO_PCI is not set in {kernel['config_file']}",
                 "boot a kernel with CONFIG_VFIO_PCI")


def iommu(machine, dev):
    if dev["noiommu"]:
        return using("IOMMU", NO, f"there is no IOMMU for {dev['address']}; only root can have it "
                     "without: transport=noiommu", IOMMU_ON)
    if dev["iommu_group"] is None:
        return using("IOMMU", NO, f"the IOMMU is off: {dev['address']} has no IOMMU group",
                     IOMMU_ON)
    return using("IOMMU", YES, ", ".join(machine["iommus"]) or "on")


def driver(machine, dev):
    name = dev["driver"]
    if name in remedy.OWN_KERNEL_DRIVERS:
        return using("driver", YES, f"{name}, which stays: DPDK's driver works over it")
    if not remedy.is_vfio(dev):
        text = f"bound to {name}, which is no VFIO driver" if name else "bound to no driver"
        if dev["default_route"]:
            text += f"; it carries the default route ({dev['default_route']}): binding it may " \
                "cut you off, and needs --force"
        return using("driver", NO, text, remedy.to_vfio(machine, dev))
    if name == "vfio-pci-tph" and remedy.name_for(dev) != name:
        return using("driver", NO, "bound to vfio-pci-tph, but DPDK's own PCI bus knows only the "
                     "name vfio-pci", remedy.steerable(machine, dev))
    return using("driver", YES, name)


def group(machine, dev):
    strangers = [o for o in dev["group_members"]
                 if o["driver"] not in (None, "pci-stub", "vfio-pci", "vfio-pci-tph")
                 and not o["vfio"]]
    if dev["iommu_group"] is None:
        return None
    if strangers:
        names = ", ".join(f"{o['address']} ({o['driver']})" for o in strangers)
        return using("IOMMU group", NO, f"IOMMU group {dev['iommu_group']} is not viable: kernel "
                     f"drivers have {names}", f"{remedy.BIND} vfio-pci "
                     + " ".join(o["address"] for o in strangers))
    alone = "alone" if not dev["group_members"] else \
        "with " + ", ".join(o["address"] for o in dev["group_members"])
    return using("IOMMU group", YES, f"{dev['iommu_group']}, {alone}")


def _transport(dev):
    """As transport=auto chooses."""
    cdev = dev["nodes"]["cdev"]
    return ("cdev", cdev) if len(cdev) == 2 else ("group", dev["nodes"]["group"])


def node(machine, dev):
    if not remedy.is_vfio(dev) or dev["iommu_group"] is None:
        return None
    transport, files = _transport(dev)
    if not files:
        return using("device file", NO, f"/dev/vfio/{dev['iommu_group']}: no such file; load the "
                     "module", "modprobe vfio-pci")
    closed = [f for f in files if not f["usable"]]
    if not closed:
        names = ", ".join(f["path"] for f in files)
        return using("device file", YES, f"{names} (transport={transport})")
    f = closed[0]
    return using("device file", NO, f"{f['path']}: no permission: it belongs to {f['owner']}:"
                 f"{f['group']}, mode {f['mode']}; give it to a group of yours (udev rule, chgrp)",
                 f"sudo chgrp dpdk {' '.join(x['path'] for x in closed)} && "
                 f"sudo chmod 0660 {' '.join(x['path'] for x in closed)}")


def memory(machine, dev):
    what, lock = "locked memory", machine["locked_memory"]
    if lock["privileged"]:
        return using(what, YES, "no limit for this user")
    if not lock["known"]:
        return using(what, UNKNOWN, "the limit (RLIMIT_MEMLOCK) could not be read")
    if lock["limit"] is None:
        return using(what, YES, "unlimited")
    text = f"limit (RLIMIT_MEMLOCK) {lock['limit'] >> 20} MiB; it must hold all of EAL's memory " \
        "(-m)"
    if lock["limit"] >= LEAST_LOCKED:
        return using(what, YES, text)
    return using(what, NO, text, "echo '@dpdk - memlock unlimited' | sudo tee "
                 "/etc/security/limits.d/dpdk.conf, and log in again")


def huge_pages(machine, dev):
    found = [p for p in machine["huge_pages"] if p["total"]]
    if found:
        return advice("huge pages", YES, ", ".join(
            f"{p['total']} of {p['kib']} KiB, {p['free']} free" for p in found))
    return advice("huge pages", NO, "none: EAL needs --no-huge, which is slow",
                  "echo 1024 > /proc/sys/vm/nr_hugepages")


def numa(machine, dev):
    nodes, home = machine["cpus"]["nodes"], dev["numa_node"]
    if len(nodes) < 2:
        return None
    if home is None or home < 0:
        return advice("NUMA node", UNKNOWN, "firmware does not say where the device is")
    return advice("NUMA node", YES, f"{home}: give it lcores on CPUs {dev['local_cpus']}")


def vectors(machine, dev):
    if dev["vectors"] is None or dev["tph_state"] != "present":
        return None
    return advice("MSI-X", YES if dev["vectors"] else NO, f"{dev['vectors']} vectors; a queue's "
                  "tag is its vector's" if dev["vectors"] else "none: no vector to tell queues by")


def queues(machine, dev):
    """lib/steer's rule for ports that are not our driver's."""
    if dev["tph_state"] != "present" or dev["vendor"] == remedy.VIRTIO:
        return None
    if "interrupt vector" in dev["tph"]["modes"] and dev["tph"]["entries"]:
        return advice("queues", UNKNOWN, "tags are of vectors, which DPDK's drivers bind to Rx "
                      "queues when Rx interrupts are configured (doc/guides/stock.rst)")
    return advice("queues", UNKNOWN, "tags go into the card's registers, for which there must be "
                  "a device profile (doc/guides/stock.rst)")


def _tsm_words(dev):
    tsm = dev["tsm"]
    if tsm.get("connect") and tsm["connect"] == tsm.get("authenticated"):
        return YES, f"connected to {tsm['connect']}, not attested"
    if tsm.get("connect"):
        return NO, f"connected to {tsm['connect']}, but not authenticated"
    return NO, "not connected", f"echo TSM | sudo tee /sys/bus/pci/devices/{dev['address']}" \
        "/tsm/connect   # TSM: a name in /sys/class/tsm"


def tsm(machine, dev):
    """Only where there is something to say."""
    if dev["tsm"]:
        return advice("TSM", *_tsm_words(dev))
    able = (dev["express"] or {}).get("tee_io") or (dev["security"] or {}).get("ide")
    if not able:
        return None
    return advice("TSM", NO, "the device could be confidential (IDE or TEE bit), but the machine "
                  "has no TSM" if not machine["tsms"] else "no tsm directory")


CHECKS = [vfio, iommu, driver, group, node, memory, huge_pages, vectors, queues, numa, tsm]


def use_checks(machine, dev):
    """A port that stays with its kernel driver needs none of VFIO's."""
    wanted = [driver, huge_pages, numa] if dev["driver"] in remedy.OWN_KERNEL_DRIVERS else CHECKS
    return [c for c in (make(machine, dev) for make in wanted) if c is not None]
