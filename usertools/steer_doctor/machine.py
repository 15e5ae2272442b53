# SPDX-License-Identifier: BSD-3-Clause
"""Facts of the machine: its kernel, IOMMU, CPUs, memory, firmware."""
import re
import zlib

from steer_pci.store import MOST

OPTIONS = ["PCIE_TPH", "VFIO", "VFIO_PCI", "VFIO_PCI_CORE", "VFIO_GROUP", "VFIO_DEVICE_CDEV",
           "VFIO_NOIOMMU", "IOMMUFD", "PCI_TSM"]
BOOT = re.compile(r"pci=.*|iommu([.=].*)?|(intel|amd)_iommu=.*|vfio.*|tph.*|lockdown=.*")
MODULE = "vfio_pci_tph"
PARAMETERS = ["enable_unsafe_tph", "tph_feature", "ioctl_v8", "as_vfio_pci",
              "test_ignore_completer"]
LOCK_MEMORY = 1 << 14  # CAP_IPC_LOCK
# GUID of the _DSM of PCI devices as AML has it: bytes of the first three groups swapped
DSM = bytes.fromhex("d037c9e5" "5335" "7a4d" "9117" "ea4d19c3434d")


def unzipped(data):
    """Plain text is let through, as zlib's own reader does."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return zlib.decompressobj(31).decompress(data, MOST)
    except zlib.error:
        return b""


# ---- kernel
def _option(line):
    found = re.match(r"(?:# )?CONFIG_(\w+)[= ]", line)
    return line if found and found[1] in OPTIONS else None


def options(tree, release):
    """(file, {option: y, m or n}); file is None when no configuration can be read."""
    for path in ("proc/config.gz", f"boot/config-{release}"):
        lines = tree.lines(path, _option, unzipped)
        if lines is None:
            continue
        found = dict.fromkeys(OPTIONS, "n")
        for option, value in re.findall(r"^CONFIG_(\w+)=([ym])$", "\n".join(lines), re.M):
            found[option] = value
        return f"/{path}", found
    return None, {}


def _boot_words(line):
    words = [w for w in line.split() if BOOT.fullmatch(w)]
    return " ".join(words) if words else None


def module(tree, name):
    """Loaded, installed, and its parameters."""
    folder = f"sys/module/{name}"
    return {"loaded": tree.exists(folder),
            "parameters": {p: v for p in PARAMETERS
                           if (v := tree.text(f"{folder}/parameters/{p}")) is not None}}


def _vfio_file(line):
    """Of a list of the kernel's modules: the line's own file, when it is one of VFIO's."""
    found = re.match(r"[^:]*/(vfio[\w-]*)\.ko[^:/]*", line)
    return found[0] + ":" if found else None


def installed(tree, release):
    """Names of VFIO's modules that the kernel has, in it or to load, as far as it tells."""
    lines = []
    for name in ("modules.dep", "modules.builtin"):
        lines += tree.lines(f"lib/modules/{release}/{name}", _vfio_file) or []
    return sorted({re.search(r"([^/]*)\.ko", x)[1].replace("-", "_") for x in lines})


def kernel(tree):
    release = tree.text("proc/sys/kernel/osrelease") or "unknown"
    release = release if re.fullmatch(r"[\w.+~-]+", release) else "unknown"
    where, found = options(tree, release)
    lockdown = re.search(r"\[(\w+)\]", tree.text("sys/kernel/security/lockdown") or "")
    return {"release": release, "config_file": where, "config": found,
            "boot_options": " ".join(tree.lines("proc/cmdline", _boot_words) or []).split(),
            "lockdown": lockdown[1] if lockdown else None,
            "vfio_modules": installed(tree, release),
            "module": module(tree, MODULE),
            # as_vfio_pci=1 makes a link of that name to our module
            "stock_loaded": tree.exists("sys/module/vfio_pci") and
            tree.link("sys/module/vfio_pci") != MODULE}


def version(facts):
    """(major, minor) of the kernel, or None."""
    found = re.match(r"([0-9]{1,4})\.([0-9]{1,4})", facts["kernel"]["release"])
    return (int(found[1]), int(found[2])) if found else None


# ---- CPUs
def _first(cpus):
    found = re.match("[0-9]{1,9}", cpus)
    return int(found[0]) if found else -1


def cpus(tree):
    """Which CPUs share a core, an L2, an L3; lists as the kernel writes them."""
    groups = {"core": set(), "2": set(), "3": set()}
    base = "sys/devices/system/cpu"
    for cpu in tree.names(base, "cpu[0-9]+"):
        groups["core"].add(tree.text(f"{base}/{cpu}/topology/thread_siblings_list"))
        for index in tree.names(f"{base}/{cpu}/cache", "index[0-9]+"):
            folder = f"{base}/{cpu}/cache/{index}"
            level = tree.text(f"{folder}/level")
            if level in groups:
                groups[level].add(tree.text(f"{folder}/shared_cpu_list"))
    node = "sys/devices/system/node"
    shared = {key: sorted((g for g in found if g), key=_first) for key, found in groups.items()}
    return {"online": tree.text(f"{base}/online"), "cores": shared["core"], "l2": shared["2"],
            "l3": shared["3"], "nodes": {n[4:]: tree.text(f"{node}/{n}/cpulist") or ""
                                         for n in tree.names(node, "node[0-9]+")}}


# ---- memory
def _locked(line):
    return " ".join(line.split()) if line.startswith("Max locked memory") else None


def _capabilities(line):
    return line if line.startswith("CapEff:") else None


def locked_memory(tree):
    """(limit in bytes or None for none, whether it is known, whether the caller may go beyond)."""
    words = " ".join(tree.lines("proc/self/limits", _locked) or []).split()
    text = words[3] if len(words) > 3 else ""
    able = re.search(r"([0-9a-f]{1,16})$", " ".join(
        tree.lines("proc/self/status", _capabilities) or []))
    return {"known": text == "unlimited" or text.isdecimal(),
            "limit": int(text[:20]) if text.isdecimal() else None,
            "privileged": bool(able and int(able[1], 16) & LOCK_MEMORY)}


def huge_pages(tree):
    base, found = "sys/kernel/mm/hugepages", []
    for name in tree.names(base, "hugepages-[0-9]+kB"):
        found.append({"kib": int(name[10:-2]), "total": tree.number(f"{base}/{name}/nr_hugepages"),
                      "free": tree.number(f"{base}/{name}/free_hugepages")})
    return found


# ---- firmware
def dsm(tree):
    """Firmware's tables that have the _DSM of PCI devices; what it can do only the kernel asks."""
    base = "sys/firmware/acpi/tables"
    tables = [*tree.names(base, "DSDT|SSDT[0-9]*"),
              *(f"dynamic/{n}" for n in tree.names(f"{base}/dynamic", "SSDT[0-9]*"))]
    having = {t: tree.has(f"{base}/{t}", DSM) for t in tables}
    return {"tables": len(tables), "unreadable": sum(v is None for v in having.values()),
            "found_in": [t for t, v in having.items() if v]}


def look(tree):
    return {"kernel": kernel(tree), "cpus": cpus(tree),
            "iommus": tree.names("sys/class/iommu", r"[\w.:-]+"),
            "locked_memory": locked_memory(tree), "huge_pages": huge_pages(tree),
            "tsms": tree.names("sys/class/tsm", "tsm[0-9]+"), "acpi": dsm(tree)}
