# SPDX-License-Identifier: BSD-3-Clause
"""What steering needs, and which of it is there; the words are those of lib/tph and lib/vfio."""
from collections import namedtuple

from . import remedy
from .config import INTEGRATED
from .machine import version

YES, NO, UNKNOWN = "yes", "no", "unknown"
MODULE_FROM, KNOWN_UNTIL = (6, 12), (7, 3)  # kernels: our module's oldest; no API for tags up to
PORT_BIOS = "turn TPH on in the BIOS (TPH, DDIO, SDCI), or use a slot of another root port"

# purpose: steering, or advice (not needed, worth knowing)
Check = namedtuple("Check", "what have purpose text fix", defaults=(None,))


def steering(what, have, text, fix=None):
    return Check(what, have, "steering", text, fix)


def advice(what, have, text, fix=None):
    return Check(what, have, "advice", text, fix)


# ---- the device
def _capability_words(tph):
    words = [" and ".join(tph["modes"]) or "no mode", f"{tph['tag_bits']}-bit tags"]
    if tph["entries"]:
        words.append(f"{tph['entries']} table entries in "
                     f"{'the capability' if tph['table'] == 'capability' else tph['table']}")
    else:
        words.append("no table")
    now = f"on now: {tph['mode_now']}, {tph['bits_now']}-bit tags" if tph["bits_now"] else "off now"
    return ", ".join([*words, now])


def capability(machine, dev):
    what, tph = "TPH capability", dev["tph"]
    if dev["tph_state"] == "hidden":
        fix = f"sudo usertools/steer-doctor {dev['address']}"
        root = "root" in dev["tph_why"] or "could not be read" in dev["tph_why"]
        return steering(what, UNKNOWN, f"not visible: {dev['tph_why']}", fix if root else None)
    if dev["tph_state"] == "broken":
        return steering(what, UNKNOWN, dev["tph_why"])
    if tph is None:
        return steering(what, NO, "none")
    if not {"interrupt vector", "device specific"} & set(tph["modes"]):
        return steering(what, NO, "the TPH capability offers no mode with steering tags")
    if "device specific" not in tph["modes"] and not tph["entries"]:
        return steering(what, NO, "the TPH capability has no steering-tag table")
    return steering(what, YES, _capability_words(tph))


def _integrated(machine):
    if (machine["kernel"]["config"] or {}).get("PCIE_TPH") == "y":
        return NO, "the device is part of the root complex, and the kernel's own TPH asks for " \
            "a root port: it gives no tags"
    return YES, "none needed, the device is part of the root complex"


def _port_words(port, dev):
    bits, name = port["completer_bits"], port["address"]
    if not port["seen"]:
        return UNKNOWN, f"{name}: {port['why']}"
    if not port["express"]:
        return UNKNOWN, f"{name} has no PCI Express capability"
    if not bits:
        return NO, f"{name} is no TPH completer"
    stop = next((s["address"] for s in dev["switches"] if s["prefixes"] is False), None)
    if bits == 16 and stop and dev["tph"] and dev["tph"]["tag_bits"] == 16:
        return YES, f"{name} completes 16-bit tags, but switch {stop} between does not forward " \
            "TLP prefixes: 8-bit tags only"
    return YES, f"{name} completes {bits}-bit tags"


def completer(machine, dev):
    what, port = "root-port completer", dev["root_port"]
    if dev["parameters"].get("test_ignore_completer") == "Y":
        return steering(what, YES, "not asked: test_ignore_completer is set, which is for tests "
                        "only")
    if dev["express"] and dev["express"]["type"] == INTEGRATED:
        return steering(what, *_integrated(machine))
    if port is None:
        hidden = dev["express"] is None and dev["tph_state"] != "none"
        return steering(what, UNKNOWN if hidden else NO,
                        "no root port above the device in sysfs")
    have, words = _port_words(port, dev)
    return steering(what, have, words, PORT_BIOS if have == NO else None)


# ---- kernel and firmware
def option(machine, dev):
    """As lib/tph has it. Not needed: the module has a way of its own."""
    what, kernel = "CONFIG_PCIE_TPH", machine["kernel"]
    if kernel["config_file"] is None:
        return advice(what, UNKNOWN, "could not be read (neither /proc/config.gz nor "
                      f"/boot/config-{kernel['release']})")
    if kernel["config"]["PCIE_TPH"] == "y":
        return advice(what, YES, f"set in {kernel['config_file']}")
    return advice(what, NO, f"not set in {kernel['config_file']}; vfio-pci-tph has a way of its "
                  "own")


def boot(machine, dev):
    words = machine["kernel"]["boot_options"]
    if any("notph" in w[4:].split(",") for w in words if w.startswith("pci=")):
        return steering("boot options", NO, "booted with pci=notph: TPH stays off",
                        "remove notph from GRUB_CMDLINE_LINUX in /etc/default/grub, then "
                        "update-grub && reboot")
    return steering("boot options", YES, "no pci=notph")


def firmware(machine, dev):
    what, acpi = "_DSM", machine["acpi"]
    if acpi["found_in"]:
        return steering(what, UNKNOWN, f"firmware has one for PCI devices ({acpi['found_in'][0]}); "
                        "whether it knows tags only the kernel can ask")
    if acpi["unreadable"] or not acpi["tables"]:
        return steering(what, UNKNOWN, "not visible from user space; firmware must have it at the "
                        "host bridge")
    return steering(what, NO, "firmware has none for PCI devices, so it knows no tags",
                    "update the BIOS, and turn TPH on in it")


def _module_dialects(dev):
    found = dev["parameters"]
    try:
        index = f"{int(found.get('tph_feature', ''), 0):#x}"
    except ValueError:
        index = "unknown"
    return f"feature, index {index}" + (", and ioctl-v8" if found.get("ioctl_v8") == "Y" else "")


def dialect(machine, dev):
    what, driver = "dialect", dev["driver"]
    if dev["module"] == "vfio_pci_tph":
        return steering(what, YES, _module_dialects(dev))
    if driver in remedy.OWN_KERNEL_DRIVERS:
        return steering(what, NO, f"none: DPDK drives it over its kernel driver {driver}, not "
                        "through VFIO")
    # Whether another driver is of use is not known before the capability is.
    fix = remedy.steerable(machine, dev) if dev["tph_state"] == "present" else None
    if not remedy.is_vfio(dev):
        return steering(what, NO, f"none: bound to {driver or 'no driver'}", fix)
    release, known = machine["kernel"]["release"], version(machine)
    if driver == "vfio-pci" and known and known <= KNOWN_UNTIL:
        return steering(what, NO, f"none: vfio-pci of kernel {release} has no API for tags",
                        fix)
    return steering(what, UNKNOWN, f"not known for {driver} of kernel {release}; if it has TPH_ST, "
                    "name its index by tph-feature=")


def switch(machine, dev):
    on = dev["parameters"].get("enable_unsafe_tph")
    if on == "Y":
        return steering("switch", YES, "enable_unsafe_tph is on")
    if on is not None:
        return steering("switch", NO, "the module lets nobody steer: set its parameter "
                        "enable_unsafe_tph", remedy.steerable(machine, dev))
    return advice("switch", UNKNOWN, "the device's module has no parameter enable_unsafe_tph")


def module(machine, dev):
    known = version(machine)
    if dev["module"] == "vfio_pci_tph" or known is None or known >= MODULE_FROM:
        return None
    return steering("kernel", NO, f"{machine['kernel']['release']} is too old for the module "
                    "vfio-pci-tph: it needs 6.12", "apt install -t bookworm-backports "
                    "linux-image-amd64 && reboot")


CHECKS = [capability, completer, option, boot, firmware, module, dialect, switch]


def steering_checks(machine, dev):
    return [c for c in (make(machine, dev) for make in CHECKS) if c is not None]
