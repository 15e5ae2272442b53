# SPDX-License-Identifier: BSD-3-Clause
"""steer-doctor on machines made here: what steering needs, its verdict, its commands."""
import re

import pytest

from doctor_tree import (CARD, GUID, HEAD, LIST, MSIX, NIC, PORT, ROOT, SWITCH, Machine, check,
                         look, root_port, space, steerable, tph, verdict)

from steer_doctor import examine, fine

EXTENDED = tph("02 03 07 00")  # IV, 16-bit tags, 8 entries in the capability


# ---- the whole way
def test_nothing_is_missing():
    m = steerable()
    assert verdict(m) == {
        "use": "yes", "steering": "yes", "missing": [], "fixes": [],
        "summary": "DPDK can have it; it can be steered (feature, index 0xfe00)",
        "not_seen": ["_DSM: firmware has one for PCI devices (DSDT); whether it knows tags only "
                     "the kernel can ask"]}
    assert fine(examine(m.tree()))


def test_fresh_machine():
    """Linux's driver has the card; the commands are all that it takes."""
    m = Machine()
    m.driver(NIC, "virtio-pci")
    found = verdict(m)
    assert (found["use"], found["steering"]) == ("no", "no")
    assert found["missing"] == ["dialect: none: bound to virtio-pci",
                                "driver: bound to virtio-pci, which is no VFIO driver"]
    assert found["fixes"] == ["make -C kernel/vfio-pci-tph modules modules_install && modprobe "
                              "vfio_pci_tph enable_unsafe_tph=1 && usertools/steer-bind bind "
                              f"vfio-pci-tph {NIC}"]
    assert not fine(examine(m.tree()))


def test_stock_driver():
    m = Machine()
    m.vfio()
    assert verdict(m)["use"] == "yes" and check(m, "device file")[0] == "yes"
    have, text, fix = check(m, "dialect")
    assert have == "no" and text == f"none: vfio-pci of kernel {m.release} has no API for tags"
    assert fix.endswith(f"steer-bind bind vfio-pci-tph {NIC}")


def test_newer_kernel_may_have_an_api():
    m = Machine()
    m.vfio()
    m.put("proc/sys/kernel/osrelease", "7.9.0")
    have, text, _ = check(m, "dialect")
    assert have == "unknown" and "tph-feature=" in text


# ---- the module
def test_switch_is_off():
    m = steerable()
    m.tph_module(enable_unsafe_tph="N")
    have, text, fix = check(m, "switch")
    assert have == "no"
    assert text == "the module lets nobody steer: set its parameter enable_unsafe_tph"
    assert fix == (f"usertools/steer-bind unbind {NIC} && rmmod vfio_pci_tph && modprobe "
                   f"vfio_pci_tph enable_unsafe_tph=1 && usertools/steer-bind bind vfio-pci-tph "
                   f"{NIC}")


def test_module_that_is_loaded_or_installed():
    m = Machine()
    m.tph_module()
    assert check(m, "dialect")[2] == f"usertools/steer-bind bind vfio-pci-tph {NIC}"
    m = Machine()
    m.put(f"lib/modules/{m.release}/modules.dep", "updates/dkms/vfio_pci_tph.ko: kernel/a.ko")
    assert check(m, "dialect")[2].startswith("modprobe vfio_pci_tph enable_unsafe_tph=1 && ")


def test_other_index_and_ioctl():
    m = steerable()
    m.tph_module(tph_feature="65100", ioctl_v8="Y")
    assert check(m, "dialect")[1] == "feature, index 0xfe4c, and ioctl-v8"
    m.tph_module(tph_feature="what")
    assert check(m, "dialect")[1] == "feature, index unknown"


def test_kernel_that_is_too_old_for_the_module():
    m = Machine()
    m.put("proc/sys/kernel/osrelease", "6.1.0-32-amd64")
    have, text, fix = check(m, "kernel")
    assert have == "no" and "6.1.0-32-amd64 is too old" in text and "backports" in fix


def test_card_of_another_vendor_needs_the_stock_name():
    """DPDK's own PCI bus knows one driver name."""
    m = steerable()
    m.put(f"{m.real(NIC)}/vendor", "0x8086")
    have, text, fix = check(m, "driver")
    assert have == "no" and "knows only the name vfio-pci" in text
    assert fix == (f"usertools/steer-bind unbind {NIC} && rmmod vfio_pci_tph && modprobe "
                   f"vfio_pci_tph enable_unsafe_tph=1 as_vfio_pci=1 && usertools/steer-bind bind "
                   f"vfio-pci {NIC}")
    m = steerable()
    m.put(f"{m.real(NIC)}/vendor", "0x8086")
    m.tph_module(as_vfio_pci="Y")
    m.files["sys/module/vfio_pci"] = "link", "vfio_pci_tph"
    m.vfio(module="vfio_pci_tph")
    assert verdict(m)["steering"] == verdict(m)["use"] == "yes"


def test_queues_of_other_drivers():
    m = steerable()
    assert not any(c["what"] == "queues" for c in look(m)["checks"])
    m.put(f"{m.real(NIC)}/vendor", "0x8086")
    assert "Rx interrupts are configured" in check(m, "queues")[1]
    m.put(f"{m.real(NIC)}/config", tph("04 00 00 00"))
    assert "a device profile" in check(m, "queues")[1]


def test_stock_module_has_to_make_room():
    m = Machine()
    m.put(f"{m.real(NIC)}/vendor", "0x8086")
    m.vfio()
    assert "modprobe -r vfio-pci && modprobe vfio_pci_tph" in check(m, "dialect")[2]
    m.config(f"boot/config-{m.release}", VFIO_PCI="y")
    assert "CONFIG_VFIO_PCI=m" in check(m, "dialect")[2]


def test_driver_that_stays():
    m = Machine()
    m.driver(NIC, "mlx5_core")
    found = look(m)
    assert found["verdict"]["use"] == "yes" and found["verdict"]["steering"] == "no"
    assert [c["what"] for c in found["checks"] if c["purpose"] == "use"] == ["driver"]
    assert "not through VFIO" in check(m, "dialect")[1] and check(m, "dialect")[2] is None


# ---- the root port
@pytest.mark.parametrize("completer, have, text", [
    (0, "no", f"{PORT} is no TPH completer"), (1, "yes", f"{PORT} completes 8-bit tags"),
    (2, "no", f"{PORT} is no TPH completer"), (3, "yes", f"{PORT} completes 16-bit tags")])
def test_completers(completer, have, text):
    found = check(Machine(completer=completer), "root-port completer")
    assert found[:2] == (have, text) and (found[2] is not None) == (have == "no")


def test_completer_that_is_not_asked():
    m = steerable()
    m.tph_module(test_ignore_completer="Y")
    assert check(m, "root-port completer")[0] == "yes"
    assert "for tests only" in check(m, "root-port completer")[1]


def test_users_do_not_see_the_port():
    m = Machine()
    m.put(f"{m.real(PORT)}/config", root_port(1)[:64])
    assert check(m, "root-port completer") == (
        "unknown", f"{PORT}: users see 64 bytes of its configuration space, root all", None)
    m.put(f"{m.real(PORT)}/config", space(HEAD, size=256))
    assert check(m, "root-port completer")[1] == f"{PORT} has no PCI Express capability"


def test_no_root_port():
    m = Machine()
    m.device(NIC, CARD, group="7")
    assert check(m, "root-port completer")[:2] == ("no", "no root port above the device in sysfs")
    m.device(NIC, CARD[:64], group="7")
    assert check(m, "root-port completer")[0] == "unknown"


def test_integrated_endpoint():
    card = space(HEAD, LIST, (0x40, "10 80  92 00  00 80 00 10"), MSIX,
                 (0x100, "17 00 01 00 02 02 07 00"))
    m = Machine(card)
    m.device(NIC, card, group="7")
    assert check(m, "root-port completer")[:2] == (
        "yes", "none needed, the device is part of the root complex")
    m.config(f"boot/config-{m.release}", PCIE_TPH="y")
    assert check(m, "root-port completer")[0] == "no"


def test_switch_between():
    """16-bit tags travel in prefixes, Device Capabilities 2 bit 21."""
    m = Machine(EXTENDED, completer=3)
    m.device(SWITCH, space((0, "f4 1a 41 10  06 04 10 00  01 00 04 06"), LIST,
                           (0x40, "10 00 62 00"), (0x64, "00 00 20 00")), f"{PORT}/",
             cls="0x060400")
    m.device(NIC, EXTENDED, f"{PORT}/{SWITCH}/", group="7")
    assert [s["address"] for s in look(m)["switches"]] == [SWITCH]
    assert check(m, "root-port completer")[1] == f"{PORT} completes 16-bit tags"
    m.put(f"{m.real(SWITCH)}/config", space((0, "f4 1a 41 10  06 04 10 00"), LIST,
                                            (0x40, "10 00 62 00")))
    assert f"switch {SWITCH} between does not forward TLP prefixes" in \
        check(m, "root-port completer")[1]


def test_domain_below_a_function():
    """Its own root port counts, not the function that carries the domain."""
    m = Machine()
    port = "10000:e0:06.0"
    m.device(port, root_port(3), host="pci0000:00/0000:00:0e.0/pci10000:e0", cls="0x060400")
    m.device(NIC, CARD, f"{port}/", host="pci0000:00/0000:00:0e.0/pci10000:e0", group="7")
    assert check(m, "root-port completer")[1] == f"{port} completes 16-bit tags"


# ---- kernel and firmware
def test_option_wherever_it_is():
    m = Machine()
    assert check(m, "CONFIG_PCIE_TPH")[:2] == (
        "no", f"not set in /boot/config-{m.release}; vfio-pci-tph has a way of its own")
    assert verdict(m)["steering"] == "no" and not any(
        "CONFIG" in x for x in verdict(m)["missing"])  # it is not needed
    m.config("proc/config.gz", PCIE_TPH="y")
    assert check(m, "CONFIG_PCIE_TPH")[:2] == ("yes", "set in /proc/config.gz")
    m = Machine()
    del m.files[f"boot/config-{m.release}"]
    assert check(m, "CONFIG_PCIE_TPH")[:2] == (
        "unknown", "could not be read (neither /proc/config.gz nor "
        f"/boot/config-{m.release})")


def test_packed_configuration():
    import gzip
    m = Machine()
    m.put("proc/config.gz", gzip.compress(b"CONFIG_PCIE_TPHX=y\nCONFIG_PCIE_TPH=y\n"))
    assert check(m, "CONFIG_PCIE_TPH")[:2] == ("yes", "set in /proc/config.gz")
    m.put("proc/config.gz", gzip.compress(b"CONFIG_PCIE_TPH=y\n")[:20])
    assert check(m, "CONFIG_PCIE_TPH")[0] == "no"


@pytest.mark.parametrize("words, have", [
    ("pci=notph", "no"), ("pci=nomsi,notph quiet", "no"), ("notph", "yes"), ("pci=notphx", "yes")])
def test_boot_word(words, have):
    m = steerable()
    m.put("proc/cmdline", f"ro {words}")
    assert check(m, "boot options")[0] == have
    assert verdict(m)["steering"] == have


def test_firmware():
    m = Machine()
    m.put("sys/firmware/acpi/tables/DSDT", b"DSDT" + GUID[1:] + bytes(40))
    assert check(m, "_DSM")[:2] == ("no", "firmware has none for PCI devices, so it knows no tags")
    m.put("sys/firmware/acpi/tables/dynamic/SSDT4", bytes(3) + GUID)
    assert "(dynamic/SSDT4)" in check(m, "_DSM")[1]
    m = Machine()
    m.put("denied", "sys/firmware/acpi/tables/DSDT")
    assert check(m, "_DSM")[1].startswith("not visible from user space")


def test_words_are_those_of_the_libraries():
    """Who has read one of them knows the other."""
    source = "".join(f.read_text() for lib in ("tph", "vfio")
                     for f in sorted((ROOT / "lib" / lib).glob("*.c")))
    source = re.sub(r'"\s*\n\s*"', "", source)
    names = [c["what"] for c in look(steerable())["checks"] if c["purpose"] == "steering"]
    assert len(names) == 6
    for name in set(names) - {"boot options"}:
        assert f'"{name}"' in source, name
    for words in ("the TPH capability offers no mode with steering tags", "is no TPH completer",
                  "the TPH capability has no steering-tag table", "completes 16-bit tags",
                  "the module lets nobody steer: set its parameter enable_unsafe_tph",
                  "no root port above the device in sysfs", "has no PCI Express capability",
                  "none needed, the device is part of the root complex", "is bound to no driver",
                  "could not be read (neither /proc/config.gz nor /boot/config-",
                  "not visible from user space; firmware must have it at the host bridge",
                  "which is no VFIO driver", "is not viable: kernel drivers have",
                  "give it to a group of yours (udev rule, chgrp)", "has no IOMMU group"):
        assert words in source, words
