# SPDX-License-Identifier: BSD-3-Clause
"""usertools/steer-doctor on machines made here: what it finds, its verdict, its commands."""
import json
import random
import re
import subprocess
import sys

import pytest

from doctor_tree import (CARD, DATA, EXPRESS, GUID, HEAD, LIST, MSIX, NIC, PLAIN, PORT, ROOT,
                         SWITCH, TOOL, Machine, root_port, space, steerable, tph)

from steer_doctor import examine, fine
from steer_doctor.text import report

EXTENDED = tph("02 03 07 00")  # IV, 16-bit tags, 8 entries in the capability


def look(machine, *chosen):
    return examine(machine.tree(), list(chosen) or [NIC])["devices"][0]


def check(machine, what):
    found, = [c for c in look(machine)["checks"] if c["what"] == what]
    return found["have"], found["text"], found["fix"]


def verdict(machine):
    return look(machine)["verdict"]


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


# ---- to have it at all
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


# ---- the program
def run(*args, root):
    return subprocess.run([str(TOOL), "--root", str(root), *args], capture_output=True, text=True,
                          check=False, timeout=60)


@pytest.fixture
def folder(tmp_path):
    return steerable().save(tmp_path / "machine")


def test_exit_status(folder, tmp_path):
    assert run(root=folder).returncode == 0
    (folder / "proc/cmdline").write_text("pci=notph\n")
    done = run("01:00.0", root=folder)
    assert done.returncode == 1 and "missing   boot options: booted with pci=notph" in done.stdout
    for args in (["eth0"], ["--what"], ["01:00.9"]):
        done = run(*args, root=folder)
        assert done.returncode == 2 and done.stdout == "", args
    assert "eth0: not a PCI address: give one like 0000:01:00.0" in \
        run("eth0", root=folder).stderr
    done = run("0000:09:00.0", root=folder)
    assert done.returncode == 1 and done.stderr.startswith(
        "steer-doctor: 0000:09:00.0: no such PCI device")
    done = run(root=tmp_path / "nowhere")
    assert done.returncode == 1 and done.stderr.count("\n") == 1


def test_no_network_device(tmp_path):
    done = run(root=tmp_path)
    assert done.returncode == 1 and done.stdout.endswith("no PCI network device\n")


def test_only_network_devices_unless_named(folder):
    assert [d["address"] for d in json.loads(run("--json", root=folder).stdout)["devices"]] == [NIC]
    named = json.loads(run("--json", PORT, NIC, PORT, root=folder).stdout)["devices"]
    assert [d["address"] for d in named] == [PORT, NIC]


def test_text_has_every_check_and_the_verdict(folder):
    text = run(root=folder).stdout
    for c in json.loads(run("--json", root=folder).stdout)["devices"][0]["checks"]:
        assert f"  {c['what']:20} {c['have']:8} {c['text']}\n" in text
    assert f"{NIC}  1af4:1041 Ethernet controller, below {PORT}\n" in text
    assert "  verdict: DPDK can have it; it can be steered" in text


def test_reader_that_goes_away(folder):
    done = subprocess.run(["bash", "-c", f"{TOOL} --root {folder} --json | head -1"],
                          capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "{\n" and done.stderr == ""


AUDIT = """
import os, runpy, sys
def hook(event, args):
    wrote = event == "open" and (args[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if wrote or event in ("os.remove", "os.rename", "os.mkdir", "os.chmod", "os.truncate",
                          "os.system", "subprocess.Popen", "os.exec", "os.fork", "socket.connect"):
        os.write(2, f"{event} {args}".encode())
        os._exit(99)
sys.dont_write_bytecode = True
sys.argv = sys.argv[1:]
sys.path.insert(0, os.path.dirname(sys.argv[0]))
sys.addaudithook(hook)
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_it_only_reads(folder):
    """Also this very machine, whatever it is."""
    for args in (["--root", str(folder)], ["--json"], []):
        done = subprocess.run([sys.executable, "-c", AUDIT, str(TOOL), *args], capture_output=True,
                              text=True, check=False, timeout=60)
        assert done.returncode in (0, 1) and done.stderr == "", done.stderr
    hit = subprocess.run([sys.executable, "-c", AUDIT, str(TOOL), "--root", str(folder), "--record",
                          str(folder / "x.tar")], capture_output=True, text=True, check=False)
    assert hit.returncode == 99  # the hook sees what it is there to see


# ---- hostile trees
def test_absolute_links_start_at_the_root():
    m = steerable()
    m.files[f"{m.real(NIC)}/vendor"] = "link", f"/{m.real(NIC)}/device"
    assert look(m)["vendor"] == "0x1041"


def test_links_do_not_leave_the_root(tmp_path):
    folder = steerable().save(tmp_path / "machine")
    (tmp_path / "secret").write_text("0xsecret")
    vendor = folder / steerable().real(NIC) / "vendor"
    for target in ("../" * 20 + "secret", str(tmp_path / "secret"), "vendor"):
        vendor.unlink()
        vendor.symlink_to(target)
        done = run("--json", root=folder)
        assert done.returncode in (0, 1) and "secret" not in done.stdout and not done.stderr


def test_control_characters_do_not_reach_the_terminal():
    m = Machine()
    m.put(f"{m.real(NIC)}/vendor", "0x1\x1b[2J\x9b1")
    m.driver(NIC, "evil\x1b]0;x\x07")
    m.put("proc/cmdline", "pci=\x1b[31m")
    text = report(examine(m.tree()))
    assert all(c.isprintable() or c == "\n" for c in text)


def test_garbage_in_any_file_is_no_traceback():
    """300 machines whose files are cut, random, missing, folders, or links to anywhere."""
    rnd = random.Random(11)
    for _ in range(300):
        m = steerable()
        m.interface(NIC, "eth0", route=True)
        paths = sorted(m.files)
        for path in rnd.sample(paths, 25):
            m.files[path] = rnd.choice((
                rnd.randbytes(rnd.randrange(80)), b"", b"-1", b"99999999999999999999", None,
                ("link", rnd.choice(paths)), ("link", "../" * rnd.randrange(9) + "x\0y"),
                (m.files[path] or b"x")[:3] if isinstance(m.files[path], bytes) else b"x"))
            if rnd.randrange(4) == 0:
                del m.files[path]
        examined = examine(m.tree())
        json.dumps(examined)
        assert "\x1b" not in report(examined)


# ---- recorded machines
RECORDED = sorted(DATA.glob("*.tar.gz"))


@pytest.mark.parametrize("path", RECORDED, ids=lambda p: p.name)
def test_recorded_machine_reads_as_it_did(path):
    golden = path.with_name(path.name.replace(".tar.gz", ".golden"))
    assert run(root=path).stdout == golden.read_text()


def test_verdicts_of_recorded_machines():
    """What each was known to be when it was recorded."""
    found = {}
    for path in RECORDED:
        device, = json.loads(run("--json", root=path).stdout)["devices"]
        found[path.name] = device["verdict"]["use"], device["verdict"]["steering"]
    assert found == {"vm-virtio.tar.gz": ("no", "no"), "lab-stock.tar.gz": ("yes", "no"),
                     "lab-module.tar.gz": ("yes", "yes")}
