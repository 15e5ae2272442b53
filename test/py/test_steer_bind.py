# SPDX-License-Identifier: BSD-3-Clause
"""usertools/steer-bind on a sysfs tree made here; the kernel's part is played by write()."""

import os
import subprocess

import pytest

from usertool import ROOT, load

TOOL = ROOT / "usertools" / "steer-bind"
NIC, OTHER, DISK = "0000:01:00.0", "0000:02:00.0", "0000:03:00.0"
sb = load("steer-bind")


def link(path, target):
    """Relative, as sysfs has them."""
    path.symlink_to(os.path.relpath(target, path.parent))


class Tree:
    """/sys and /proc below a folder."""

    def __init__(self, root):
        self.root, self.pci = root, root / "sys/bus/pci"
        (root / "sys/class/net").mkdir(parents=True)
        (root / "proc/net").mkdir(parents=True)
        (self.pci / "devices").mkdir(parents=True)
        (self.pci / "drivers_probe").touch()
        self.routes(None)

    def driver(self, name):
        folder = self.pci / "drivers" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "unbind").touch()
        return folder

    def device(self, bdf, driver=None, group=None, cls="0x020000", interface=None):
        real = self.root / "sys/devices/pci0000:00" / bdf
        real.mkdir(parents=True)
        for name, text in (("vendor", "0x1af4"), ("device", "0x1041"), ("class", cls),
                           ("driver_override", "(null)")):
            (real / name).write_text(text + "\n")
        link(self.pci / "devices" / bdf, real)
        if driver:
            link(real / "driver", self.driver(driver))
        if group is not None:
            folder = self.root / "sys/kernel/iommu_groups" / group
            folder.mkdir(parents=True, exist_ok=True)
            link(real / "iommu_group", folder)
        if interface:
            net = real / "virtio0" / "net" / interface
            net.mkdir(parents=True)
            link(net / "device", real / "virtio0")
            link(self.root / "sys/class/net" / interface, net)

    def routes(self, name, name6=None):
        text = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
        text += "lan9\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
        if name:
            text += f"{name}\t00000000\t0102000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        (self.root / "proc/net/route").write_text(text)
        zero = "0" * 32
        text = f"{zero} 00 {zero} 00 {zero} ffffffff 00000001 00000000 00200200       lo\n"
        if name6:
            text += f"{zero} 00 {zero} 00 fe80{zero[4:]} 00000400 00000001 00000000 00000003 "
            text += f"{name6}\n"
        (self.root / "proc/net/ipv6_route").write_text(text)

    def opened(self, pid, node):
        folder = self.root / "proc" / str(pid) / "fd"
        folder.mkdir(parents=True)
        (folder / "7").symlink_to(node)


class Kernel(sb.System):
    """Does what Linux does when these files are written."""

    def __init__(self, tree, refuses=()):
        super().__init__(tree.root)
        self.tree, self.refuses, self.log = tree, refuses, []

    def write(self, path, text):
        self.log.append((path.name, text.strip()))
        if path.name == "drivers_probe":
            self.probe(text.strip())
        elif path.name == "unbind":
            (self.bus / "devices" / text.strip() / "driver").unlink()
        else:
            path.write_text(text)

    def probe(self, bdf):
        device = self.bus / "devices" / bdf
        name = (device / "driver_override").read_text().strip()
        if not name:
            return
        if name in self.refuses:
            raise OSError(22, "Invalid argument")
        link(device.resolve() / "driver", self.tree.driver(name))


@pytest.fixture
def tree(tmp_path):
    t = Tree(tmp_path)
    t.device(NIC, "virtio-pci", "7", interface="eth0")
    t.device(OTHER, None, "8")
    t.device(DISK, "nvme", "9", cls="0x010802")
    t.driver("vfio-pci")
    return t


def override(tree, bdf=NIC):
    return (tree.pci / "devices" / bdf / "driver_override").read_text().strip()


def tool(tree, *args):
    return subprocess.run([str(TOOL), "--root", str(tree.root), *args], capture_output=True,
                          text=True, check=False)


def refused(what, call, *args, **kw):
    with pytest.raises(sb.Refused) as e:
        call(*args, **kw)
    assert what in str(e.value) and "\n" not in str(e.value)


def test_status_shows_network_devices(tree):
    tree.routes("eth0")
    tree.opened(4711, "/dev/vfio/8")
    done = tool(tree, "status")
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and len(lines) == 3
    assert lines[1].split() == [NIC, "1af4:1041", "virtio-pci", "7", "eth0", "default", "route",
                                "(eth0)"]
    assert lines[2].split() == [OTHER, "1af4:1041", "-", "8", "-", "in", "use", "by", "process",
                                "4711"]


def test_status_of_all_and_of_one(tree):
    assert DISK in tool(tree, "status", "--all").stdout
    one = tool(tree, "status", "03:00.0").stdout
    assert DISK in one and NIC not in one


def test_status_tells_an_override_that_was_not_followed(tree):
    (tree.pci / "devices" / OTHER / "driver_override").write_text("vfio-pci\n")
    assert "driver_override is vfio-pci" in tool(tree, "status", OTHER).stdout


def test_bind_by_override_in_the_right_order(tree):
    kernel = Kernel(tree)
    said = sb.bind(kernel, "vfio-pci", NIC)
    assert said == f"{NIC}: bound to vfio-pci (was: virtio-pci)"
    assert kernel.log == [("driver_override", "vfio-pci"), ("unbind", NIC), ("drivers_probe", NIC)]
    assert kernel.driver(NIC) == "vfio-pci" and override(tree) == "vfio-pci"
    assert sb.bind(kernel, "vfio-pci", NIC) == f"{NIC}: already bound to vfio-pci"
    assert len(kernel.log) == 3


def test_bind_a_device_without_driver(tree):
    kernel = Kernel(tree)
    assert sb.bind(kernel, "vfio-pci", OTHER).endswith("(was: no driver)")
    assert [name for name, _ in kernel.log] == ["driver_override", "drivers_probe"]


def test_unbind_forgets_the_override(tree):
    kernel = Kernel(tree)
    sb.bind(kernel, "vfio-pci", NIC)
    assert sb.unbind(kernel, NIC) == f"{NIC}: unbound (was: vfio-pci)"
    assert kernel.driver(NIC) is None and override(tree) == ""


def test_refused_probe_gives_the_device_back(tree):
    kernel = Kernel(tree, refuses=("vfio-pci",))
    refused("vfio-pci did not take it: cannot probe vfio-pci: Invalid argument; see dmesg; now "
            "bound to virtio-pci", sb.bind, kernel, "vfio-pci", NIC)
    assert kernel.driver(NIC) == "virtio-pci" and override(tree) == ""


def test_driver_that_is_not_loaded(tree):
    kernel = Kernel(tree)
    refused("driver vfio-pci-tph is not loaded: modprobe vfio-pci-tph", sb.bind, kernel,
            "vfio-pci-tph", NIC)
    assert kernel.log == [] and kernel.driver(NIC) == "virtio-pci"


def test_no_such_device_and_no_address(tree):
    done = tool(tree, "bind", "vfio-pci", "0000:09:00.0")
    assert done.returncode == 1 and "0000:09:00.0: no such PCI device" in done.stderr
    done = tool(tree, "unbind", "eth0")
    assert done.returncode == 1 and "eth0: not a PCI address" in done.stderr


@pytest.mark.parametrize("route", [("eth0", None), (None, "eth0")])
def test_default_route_is_guarded(tree, route):
    tree.routes(*route)
    kernel = Kernel(tree)
    for call in ((sb.bind, kernel, "vfio-pci", NIC), (sb.unbind, kernel, NIC)):
        refused("carries the default route (eth0)", *call)
    assert kernel.log == []
    sb.bind(kernel, "vfio-pci", NIC, force=True)
    assert kernel.driver(NIC) == "vfio-pci"


def test_default_route_over_a_bridge_on_a_bond(tree):
    net = tree.root / "sys/class/net"
    for name, lower in (("br0", "bond0"), ("bond0", "eth0")):
        (net / name).mkdir()
        link(net / name / f"lower_{lower}", net / lower)
    tree.routes("br0")
    refused("carries the default route (br0)", sb.unbind, Kernel(tree), NIC)


def test_lower_links_in_a_circle_end(tree):
    net = tree.root / "sys/class/net"
    for name, lower in (("a0", "b0"), ("b0", "a0")):
        (net / name).mkdir()
        link(net / name / f"lower_{lower}", net / lower)
    tree.routes("a0")
    assert sb.bind(Kernel(tree), "vfio-pci", NIC).startswith(f"{NIC}: bound")


@pytest.mark.parametrize("node", ["/dev/vfio/8", "/dev/vfio/devices/vfio0"])
def test_device_in_use_is_guarded(tree, node):
    (tree.pci / "devices" / OTHER / "vfio-dev" / "vfio0").mkdir(parents=True)
    tree.opened(4711, node)
    kernel = Kernel(tree)
    refused("in use by process 4711", sb.bind, kernel, "vfio-pci", OTHER)
    sb.bind(kernel, "vfio-pci", OTHER, force=True)
    assert kernel.driver(OTHER) == "vfio-pci"


def test_one_failure_does_not_stop_the_others(tree, capsys, monkeypatch):
    monkeypatch.setattr(sb, "System", lambda root: Kernel(tree))
    code = sb.main(["bind", "vfio-pci", "0000:09:00.0", OTHER])
    out, err = capsys.readouterr()
    assert code == 1 and "no such PCI device" in err and f"{OTHER}: bound to vfio-pci" in out


def test_without_the_right_to_write(tree):
    class Locked(Kernel):
        def write(self, path, text):
            raise PermissionError(13, os.strerror(13))

    refused("not permitted: run as root", sb.bind, Locked(tree), "vfio-pci", NIC)
