# SPDX-License-Identifier: BSD-3-Clause
"""Facts of one PCI device, and of the root port above it."""
import re

from steer_pci import ADDRESS
from steer_pci.bus import DEVICES

from . import config
from .config import Broken, Image
from .machine import PARAMETERS

CLASSES = {"0x0200": "Ethernet controller", "0x0207": "InfiniBand controller",
           "0x0280": "network controller"}
TSM_FILES = {"connect": "tsm/connect", "bound": "tsm/bound", "dsm": "tsm/dsm",
             "authenticated": "authenticated"}
BRIDGE = "0x0604"


# ---- configuration space
def sight(image, conventional):
    """How much of a configuration space is seen, and in words why not all."""
    if image is None or len(image) < config.HEADER:
        return "unreadable", "its configuration space could not be read"
    if image.get(0, 2) == 0xffff:
        return "silent", "its configuration space reads all ones: it is gone, or asleep"
    if len(image) < config.STANDARD:
        return "user", f"users see {len(image)} bytes of its configuration space, root all"
    if len(image) == config.STANDARD and not conventional:
        return "standard", "the kernel reaches 256 bytes of its configuration space: no ECAM"
    return "all", ""


def read(tree, bdf):
    """(image or None, sight, words, PCI Express capability or None)."""
    image = tree.image(f"{DEVICES}/{bdf}/config", Image)
    seen, why = sight(image, conventional=False)
    if seen not in ("all", "standard"):
        return image, seen, why, None
    try:
        express = config.express(image)
    except Broken as e:
        return image, "broken", f"its configuration space is broken: {e}", None
    return image, *sight(image, conventional=express is None), express


def decoded(image, seen, why):
    """TPH capability and MSI-X of a device. State: present, none, hidden or broken."""
    facts = {"tph_state": "broken" if seen == "broken" else "hidden", "tph_why": why,
             "vectors": None, "tph": None, "security": None}
    if seen not in ("all", "standard"):
        return facts
    try:
        facts["vectors"] = config.vectors(image)
        if seen == "standard":
            return facts
        facts["tph"] = config.tph(image)
        facts["security"] = config.security(image)
    except Broken as e:
        if facts["tph"] is None:
            return dict(facts, tph_state="broken",
                        tph_why=f"its configuration space is broken: {e}")
    return dict(facts, tph_state="none" if facts["tph"] is None else "present", tph_why="")


# ---- where it is
def path_up(tree, bdf):
    """Functions above a device, the root port first. A domain of root ports may itself hang below
    a function: what counts is behind the last "pciDDDD:BB"."""
    parts = tree.resolve(f"{DEVICES}/{bdf}")[0].split("/")
    host = max((i for i, p in enumerate(parts) if re.fullmatch(r"pci[0-9a-f]{4,8}:[0-9a-f]{2}", p)),
               default=None)
    if host is None:
        return []
    return [p for p in parts[host + 1:] if re.fullmatch(ADDRESS, p) and p != bdf]


def port(tree, bdf):
    """A bridge above the device: what it completes and forwards."""
    _, seen, why, express = read(tree, bdf)
    if seen == "standard":  # all that is asked of a port is in it
        seen, why = "all", ""
    return {"address": bdf, "seen": seen == "all", "why": why,
            "express": express is not None,
            "completer_bits": express["completer_bits"] if express else None,
            "prefixes": express["prefixes"] if express else None}


# ---- who has it
def parameters(tree, bdf):
    """Of the module that drives it; the ones that are ours."""
    folder = f"{DEVICES}/{bdf}/driver/module/parameters"
    return {p: v for p in PARAMETERS if (v := tree.text(f"{folder}/{p}")) is not None}


def others(tree, bdf, group):
    """Other functions of its IOMMU group, bridges left out."""
    found = []
    for name in tree.names(f"sys/kernel/iommu_groups/{group}/devices", ADDRESS) if group else ():
        if name != bdf and not (tree.text(f"{DEVICES}/{name}/class") or "").startswith(BRIDGE):
            found.append({"address": name, "driver": tree.driver(name),
                          "vfio": bool(tree.vfio_devices(name))})
    return found


def nodes(tree, bdf, group):
    """Device files by which VFIO hands it out, by transport; each with its owner."""
    device = next((n for n in tree.vfio_devices(bdf) if n.startswith("vfio")), None)
    wanted = {"group": [f"dev/vfio/{group}", "dev/vfio/vfio"] if group else [],
              "cdev": [f"dev/vfio/devices/{device}", "dev/iommu"] if device else []}
    return {transport: [n._asdict() for n in map(tree.node, paths) if n]
            for transport, paths in wanted.items()}


def identity(tree, bdf):
    folder = f"{DEVICES}/{bdf}"
    kind = tree.text(f"{folder}/class") or ""
    return {"address": bdf, "vendor": tree.text(f"{folder}/vendor"),
            "device": tree.text(f"{folder}/device"), "class": kind or None,
            "class_name": CLASSES.get(kind[:6], f"device of class {kind or 'unknown'}"),
            "interfaces": tree.interfaces(bdf), "default_route": tree.routed(bdf),
            "physical_function": tree.link(f"{folder}/physfn"),
            "numa_node": tree.number(f"{folder}/numa_node"),
            "local_cpus": tree.text(f"{folder}/local_cpulist"),
            "reset_methods": (tree.text(f"{folder}/reset_method") or "").split()}


def ownership(tree, bdf):
    group = tree.group(bdf)
    return {"driver": tree.driver(bdf), "module": tree.link(f"{DEVICES}/{bdf}/driver/module"),
            "parameters": parameters(tree, bdf), "iommu_group": group,
            "group_members": others(tree, bdf, group), "vfio_devices": tree.vfio_devices(bdf),
            "noiommu": group is not None and
            tree.text(f"sys/kernel/iommu_groups/{group}/name") == "vfio-noiommu",
            "nodes": nodes(tree, bdf, group),
            "tsm": {name: v for name, path in TSM_FILES.items()
                    if (v := tree.text(f"{DEVICES}/{bdf}/{path}")) is not None}}


def look(tree, bdf):
    image, seen, why, express = read(tree, bdf)
    above = [port(tree, p) for p in path_up(tree, bdf)]
    return {**identity(tree, bdf), **ownership(tree, bdf), "express": express,
            **decoded(image, seen, why), "root_port": above[0] if above else None,
            "switches": above[1:]}
