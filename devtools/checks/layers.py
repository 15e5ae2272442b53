# SPDX-License-Identifier: BSD-3-Clause
"""Who may know whom: arrows between the folders run one way, and only lib/vfio knows transports."""
import re

from .tools import ROOT, files

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
NO_DPDK = ("lib/pci", "lib/tph", "lib/tsm", "lib/vfio", "lib/cache")
# Of DPDK, beside rte_*.h: the driver headers.
DPDK = re.compile(r"^(rte_|bus_driver|bus_pci_driver|bus_vdev_driver|dev_driver|ethdev_)")
# What only a transport does: the kernel's interface to VFIO, its files, the socket's messages.
TRANSPORT = re.compile(
    r"""<linux/(vfio|iommufd)\.h>|_IO\(';'|"/dev/(vfio|iommu)|\bVFIO_(GROUP|IOMMU|SET_IOMMU|TYPE1|DEVICE_)\w*"""
    r"""|\b(kernel|user|sysfs)_(dev|open|group|ioctl|exchange|root)\b|\biofd_\w+|\bcdev_\w+""")
# Tests replace what is below lib/vfio, and vfu-nic is the other end of the socket.
ABOVE = ("lib/pci", "lib/tph", "lib/steer", "lib/cache", "lib/verbs", "lib/tsm", "drivers", "app/steerpmd",
         "examples")
# The TSM's requests in role vmm are commands of iommufd, and its objects are iommufd's: lib/tsm has
# a mirror of its own for these, in one file that only that back end includes. It opens no device and
# knows no transport: the files are the embedding VMM's.
TSM_UAPI = "lib/tsm/tsm_uapi.h"
TSM_VMM = re.compile(r"^lib/tsm/(iommufd\w*\.[ch]|tsm_uapi_\w+\.h)$")
# A device's own ioctl and feature are dialects, not transports; one file of the bus speaks of names.
NAMES_TRANSPORT = {"drivers/bus/vfio/params.c", "drivers/bus/vfio/settings.c",
                   "drivers/bus/vfio/bus_priv.h", "drivers/bus/vfio/bus_vfio_driver.h"}


def below(path, folders):
    return any(str(path).startswith(f + "/") for f in folders)


def sources():
    for f in files(".c", ".h"):
        yield f, (ROOT / f).read_text(errors="replace")


def owners():
    """Header name -> folders that have one of that name."""
    where = {}
    for f in files(".h"):
        where.setdefault(f.name, set()).add(f.parent)
    return where


def reached(f, name, where):
    """Folder that an include leads to: its own first, as the compiler has it."""
    found = where.get(name.rsplit("/", 1)[-1], set())
    if f.parent in found:
        return {f.parent}
    return found


def no_dpdk(report):
    bad = [f"{f}: includes {name}" for f, text in sources() if below(f, NO_DPDK)
           for name in INCLUDE.findall(text) if DPDK.match(name)]
    report.check(f"no DPDK in {', '.join(NO_DPDK)}", not bad, "\n".join(bad))


def one_way(report):
    """Libraries know neither drivers nor applications; vfu-nic knows no driver."""
    rules = [("lib", ("drivers", "app")), ("app/vfu-nic", ("drivers", "app/steerpmd")),
             ("app/steerpmd", ("app/vfu-nic",)), ("drivers", ("app",))]
    where = owners()
    for folder, forbidden in rules:
        bad = [f"{f}: includes {name} of {to}" for f, text in sources() if below(f, [folder])
               for name in INCLUDE.findall(text) for to in reached(f, name, where)
               if below(f"{to}/x", forbidden)]
        report.check(f"{folder} includes nothing of {', '.join(forbidden)}", not bad,
                     "\n".join(bad))


def transports(report):
    """Above lib/vfio nothing tells one transport from another; the bus only passes a name on."""
    bad = []
    for f, text in sources():
        if not below(f, ABOVE):
            continue
        code = COMMENT.sub("", text)
        if str(f) != TSM_UAPI:
            bad += [f"{f}: {m[0]}" for m in TRANSPORT.finditer(code)]
        if str(f) not in NAMES_TRANSPORT:
            bad += [f"{f}: {m}" for m in re.findall(r"\bSTEER_VFIO_(?:GROUP|CDEV|NOIOMMU)\b", code)]
    report.check("no transport above lib/vfio", not bad, "\n".join(bad))


def protocols(report):
    """vfu-nic shares bytes on the wire with the client's libraries, and no code: what one side
    misreads the other does not."""
    shared = {"user_proto.h", "tsm_proto.h"}
    where = owners()
    bad = [f"{f}: includes {name}" for f, text in sources() if below(f, ["app/vfu-nic"])
           for name in INCLUDE.findall(text) if name not in shared
           for to in reached(f, name, where) if below(f"{to}/x", ["lib/vfio", "lib/tsm"])]
    report.check("app/vfu-nic knows of lib/vfio and lib/tsm their protocols alone", not bad,
                 "\n".join(bad))


def tsm_uapi(report):
    """iommufd's commands stay with the back end of role vmm."""
    bad = [f"{f}: includes {name}" for f, text in sources() if f.parts[0] != "test" and
           not TSM_VMM.match(str(f)) for name in INCLUDE.findall(text)
           if re.match(r"(tsm_uapi\w*|iommufd)\.h$", name)]
    report.check("only role vmm knows iommufd's TSM commands", not bad, "\n".join(bad))


def check(report):
    no_dpdk(report)
    one_way(report)
    protocols(report)
    transports(report)
    tsm_uapi(report)
