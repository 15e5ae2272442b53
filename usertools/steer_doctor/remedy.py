# SPDX-License-Identifier: BSD-3-Clause
"""The commands that bring a device nearer to being steered, in their order."""
VIRTIO = "0x1af4"
BIND = "usertools/steer-bind bind"
UNBIND = "usertools/steer-bind unbind"
# Their PMDs work over the kernel driver, which stays bound.
OWN_KERNEL_DRIVERS = {"mlx4_core", "mlx5_core", "mana"}


def is_vfio(dev):
    """As lib/vfio tells it: by name, or by what sysfs shows for variant drivers since 6.1."""
    return dev["driver"] in ("vfio-pci", "vfio-pci-tph") or bool(dev["vfio_devices"])


def name_for(dev):
    """Driver name that DPDK's driver for the device asks for: our bus takes both, DPDK's own PCI
    bus knows one."""
    return "vfio-pci-tph" if dev["vendor"] == VIRTIO else "vfio-pci"


def _load(machine, dev):
    """The module, with what it needs, under the right name."""
    kernel, named = machine["kernel"], name_for(dev) == "vfio-pci"
    module, steps = kernel["module"], []
    wrong = module["loaded"] and (
        module["parameters"].get("enable_unsafe_tph") != "Y" or
        named != (module["parameters"].get("as_vfio_pci") == "Y"))
    if wrong and dev["module"] == "vfio_pci_tph":
        steps.append(f"{UNBIND} {dev['address']}")
    if wrong:
        steps.append("rmmod vfio_pci_tph")
    if module["loaded"] and not wrong:
        return steps
    if not module["loaded"] and "vfio_pci_tph" not in kernel["vfio_modules"]:
        steps.append("make -C kernel/vfio-pci-tph modules modules_install")
    if named and kernel["stock_loaded"]:
        steps.append("modprobe -r vfio-pci")
    return [*steps, "modprobe vfio_pci_tph enable_unsafe_tph=1" + " as_vfio_pci=1" * named]


def steerable(machine, dev):
    """To a driver that takes tags; None where none can."""
    if dev["driver"] in OWN_KERNEL_DRIVERS:
        return None
    if name_for(dev) == "vfio-pci" and (machine["kernel"]["config"] or {}).get("VFIO_PCI") == "y":
        return "boot a kernel with CONFIG_VFIO_PCI=m: the built-in one keeps the name vfio-pci"
    return " && ".join([*_load(machine, dev), f"{BIND} {name_for(dev)} {dev['address']}"])


def to_vfio(machine, dev):
    """To a driver by which DPDK has it; the one with tags where they are of use."""
    if dev["tph_state"] == "present":
        return steerable(machine, dev)
    steps = [] if machine["kernel"]["stock_loaded"] else ["modprobe vfio-pci"]
    return " && ".join([*steps, f"{BIND} vfio-pci {dev['address']}"])
