# SPDX-License-Identifier: BSD-3-Clause
"""steer-doctor on machines made here: what DPDK needs to have a card at all, and advice."""
import pytest

from doctor_tree import (CARD, EXPRESS, HEAD, LIST, MSIX, NIC, PLAIN, PORT, Machine, check, look,
                         space, steerable, verdict)

from steer_doctor import examine, fine
from steer_doctor.text import report


def test_iommu():
    m = Machine()
    del m.files[f"{m.real(NIC)}/iommu_group"]
    have, text, fix = check(m, "IOMMU")
    assert have == "no" and text == f"the IOMMU is off: {NIC} has no IOMMU group"
    assert "intel_iommu=on" in fix
    m = Machine()
    m.put("sys/kernel/iommu_groups/7/name", "vfio-noiommu")
    assert "transport=noiommu" in check(m, "IOMMU")[1]


def test_group_with_others():
    m = steerable()
    for bdf, driver, cls in (("0000:01:00.1", "ahci", "0x010601"), ("0000:01:00.2", None, "0x02"),
                             ("0000:01:00.3", "pcieport", "0x060400")):
        m.device(bdf, None, f"{PORT}/", cls=cls, group="7", driver=driver)
    have, text, fix = check(m, "IOMMU group")
    assert have == "no" and "kernel drivers have 0000:01:00.1 (ahci)" in text
    assert fix == "usertools/steer-bind bind vfio-pci 0000:01:00.1"
    m.files[f"{m.real('0000:01:00.1')}/vfio-dev/vfio1"] = None  # a variant driver has any name
    m.vfio("0000:01:00.2")
    assert check(m, "IOMMU group")[:2] == ("yes", "7, with 0000:01:00.1, 0000:01:00.2")


def test_device_files():
    m = steerable()
    m.put("dev/vfio/7", "root root 0600 refused")
    have, text, fix = check(m, "device file")
    assert have == "no" and fix.startswith("sudo chgrp dpdk /dev/vfio/7 && ")
    assert "no permission: it belongs to root:root, mode 0600" in text
    m.put("dev/vfio/devices/vfio0", "user dpdk 0660 usable")
    m.put("dev/iommu", "user dpdk 0660 usable")
    assert check(m, "device file")[:2] == (
        "yes", "/dev/vfio/devices/vfio0, /dev/iommu (transport=cdev)")
    del m.files["dev/vfio/devices/vfio0"], m.files["dev/vfio/7"], m.files["dev/vfio/vfio"]
    assert "no such file; load the module" in check(m, "device file")[1]


@pytest.mark.parametrize("limit, capabilities, have, part", [
    ("8388608", "0", "no", "limit (RLIMIT_MEMLOCK) 8 MiB"), ("67108864", "0", "yes", "64 MiB"),
    ("unlimited", "0", "yes", "unlimited"), ("8388608", "4000", "yes", "no limit"),
    ("", "0", "unknown", "could not be read")])
def test_locked_memory(limit, capabilities, have, part):
    m = steerable()
    m.put("proc/self/limits", f"Max locked memory  {limit}  {limit} bytes")
    m.put("proc/self/status", f"CapEff:\t{capabilities:0>16}")
    found = check(m, "locked memory")
    assert found[0] == have and part in found[1]
    assert (found[2] is not None) == (have == "no")


def test_advice_does_not_count():
    m = steerable()
    m.put("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "0")
    m.put("sys/devices/system/node/node1/cpulist", "4-7")
    assert check(m, "huge pages")[0] == "no" and fine(examine(m.tree()))
    assert check(m, "NUMA node")[1] == "0: give it lcores on CPUs 0-3"
    assert "advice    huge pages: echo 1024" in report(examine(m.tree()))
    m.put(f"{m.real(NIC)}/numa_node", "-1")
    assert check(m, "NUMA node")[0] == "unknown"


def test_kernel_without_vfio():
    m = Machine()
    m.config(f"boot/config-{m.release}", PCI_MSI="y")
    m.put(f"lib/modules/{m.release}/modules.dep", "")
    assert check(m, "VFIO")[:2] == (
        "no", f"CONFIG_VFIO_PCI is not set in /boot/config-{m.release}")


def test_default_route_is_told():
    m = Machine()
    m.driver(NIC, "virtio-pci")
    m.interface(NIC, "enp1s0", route=True)
    assert look(m)["interfaces"] == ["enp1s0"]
    assert "carries the default route (enp1s0)" in check(m, "driver")[1]


@pytest.mark.parametrize("files, have, text", [
    ({"tsm/connect": "tsm0", "authenticated": "tsm0"}, "yes", "connected to tsm0, not attested"),
    ({"tsm/connect": "tsm0", "authenticated": ""}, "no",
     "connected to tsm0, but not authenticated"),
    ({"tsm/connect": ""}, "no", "not connected")])
def test_tsm(files, have, text):
    m = steerable()
    for name, content in files.items():
        m.put(f"{m.real(NIC)}/{name}", content)
    assert check(m, "TSM")[:2] == (have, text) and fine(examine(m.tree()))


def test_device_that_could_be_confidential():
    m = Machine(space(HEAD, LIST, EXPRESS, MSIX, (0x100, "30 00 01 00")))
    assert "has no TSM" in check(m, "TSM")[1]


def test_card_without_tph():
    """No command cures that; but DPDK can have it."""
    m = Machine(PLAIN)
    m.driver(NIC, "virtio-pci")
    found = verdict(m)
    assert found["missing"] == ["TPH capability: none",
                                "driver: bound to virtio-pci, which is no VFIO driver"]
    assert found["fixes"] == [f"modprobe vfio-pci && usertools/steer-bind bind vfio-pci {NIC}"]
    m.vfio()
    assert verdict(m)["summary"] == "DPDK can have it; it cannot be steered"


def test_ordinary_user():
    m = steerable()
    for bdf in NIC, PORT:
        m.put(f"{m.real(bdf)}/config", m.files[f"{m.real(bdf)}/config"][:64])
    m.put("denied", "sys/firmware/acpi/tables/DSDT")
    m.put("proc/self/status", "CapEff:\t0000000000000000")
    m.put("proc/self/limits", "Max locked memory  unlimited  unlimited  bytes")
    found = verdict(m)
    assert (found["use"], found["steering"]) == ("yes", "unclear")
    assert found["missing"] == [] and len(found["not_seen"]) == 3
    assert found["not_seen"][0] == ("TPH capability: not visible: users see 64 bytes of its "
                                    "configuration space, root all")
    assert found["fixes"] == [f"sudo usertools/steer-doctor {NIC}"]
    assert "none" not in check(m, "TPH capability")[1] and not fine(examine(m.tree()))


def test_no_commands_for_a_capability_that_is_not_seen():
    m = Machine(CARD[:64])
    m.driver(NIC, "virtio-pci")
    assert verdict(m)["fixes"] == [
        f"sudo usertools/steer-doctor {NIC}",
        f"modprobe vfio-pci && usertools/steer-bind bind vfio-pci {NIC}"]


# ---- CPUs
def test_who_shares_what():
    cpus = examine(Machine().tree())["machine"]["cpus"]
    assert cpus == {"online": "0-3", "cores": ["0,2", "1,3"], "l2": ["0,2", "1,3"],
                    "l3": ["0-3"], "nodes": {"0": "0-3"}}


def test_long_lists_are_cut_in_the_text():
    m = Machine()
    for cpu in range(100):
        m.put(f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list", str(cpu))
    text = report(examine(m.tree()))
    assert "| ... (" in text and "in all)" in text
