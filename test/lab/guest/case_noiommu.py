# SPDX-License-Identifier: BSD-3-Clause
"""Two of QEMU's cards on a machine without an IOMMU: only by name, only with huge pages."""
import guestlib as g

CARDS = (0, 1)
HUGE_PAGES = "needs huge pages and IOVA as PA"


def taken():
    devices = [g.behind(p) for p in CARDS]
    g.bind("vfio-pci", *devices)
    return devices


def only_by_name():
    """transport=auto"""
    bdf = taken()[0]
    for more in ("", ",transport=auto", ",transport=group"):
        g.refused(f"no IOMMU, devargs '{more}'", g.bus_tool(f"attach vfio:{bdf}{more}",
                  eal_args=["--no-huge", "-m", "64", "--iova-mode=va"]), bdf, "IOMMU")


def only_with_huge_pages():
    """transport=noiommu without huge pages, and with addresses of its own"""
    bdf = taken()[0]
    for eal in (["--no-huge", "-m", "64", "--iova-mode=va"],
                ["--huge-dir", "/hp", "-m", "64", "--iova-mode=va"]):
        g.refused(f"noiommu with {' '.join(eal)}",
                  g.bus_tool(f"attach vfio:{bdf},transport=noiommu", eal_args=eal), bdf, HUGE_PAGES)


def forwards():
    """transport=noiommu"""
    devices = taken()
    said = g.bus_tool(f"attach vfio:{devices[0]},transport=noiommu",
                      eal_args=["--huge-dir", "/hp", "-m", "64", "--iova-mode=pa"])
    warned = [x for x in said.splitlines() if devices[0] in x and "all memory of this machine" in x]
    g.report("attach 0" in said and warned, "noiommu: attaches, and a line warns", said)
    g.through("noiommu", *g.OUR_PLUGINS, "--no-pci", *(w for d in devices for w in (
        "-a", f"vfio:{d},transport=noiommu")))


TESTS = [only_by_name, only_with_huge_pages, forwards]
