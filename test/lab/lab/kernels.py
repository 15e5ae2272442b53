# SPDX-License-Identifier: BSD-3-Clause
"""The kernels to boot: images, modules, and how our module is built for each."""
from . import build
from .debian import fetch
from .modules import Modules
from .paths import KERNEL, LAB, OLD_KERNEL


class Debian:
    """Debian's kernel as it is: VFIO groups and type 1, no TPH, no iommufd."""

    name, append, core = "debian", "", False
    root, tools, compiler = "qemu", "tools", "gcc-14"
    version, image_name = KERNEL, "vmlinuz.unsigned"

    def folder(self):
        return fetch(self.root) / "usr/lib/modules" / self.version

    def image(self):
        return self.folder() / self.image_name

    def modules(self, names):
        return Modules(self.folder()).closure(names)

    def headers(self):
        """Root, tree and compiler, and the kernel's version, for a module."""
        return (fetch(self.tools), f"/usr/src/linux-headers-{self.version}", self.compiler,
                self.version)

    def module(self):
        return build.module(*self.headers())

    def mock_tsm(self):
        return build.mock_tsm(*self.headers())


class Old(Debian):
    """An older one of Debian's backports, for the module."""

    name, root, tools, compiler, version = "old", "old", "old-tools", "gcc-12", OLD_KERNEL
    image_name = f"vmlinuz-{OLD_KERNEL}"

    def image(self):
        return fetch(self.root) / "boot" / self.image_name

    def folder(self):
        top = fetch(self.root)
        merged = top / "usr/lib/modules" / self.version
        return merged if merged.is_dir() else top / "lib/modules" / self.version


class Own:
    """Our configuration of Debian's source: TPH, iommufd, device nodes; all of it built in."""

    name, more, core = "own", "", True
    append = "tph_completer=3"  # from patches/: QEMU's root port has no completer

    def __init__(self):
        self.built = None

    def image(self):
        self.built = build.kernel(self.name, self.more)
        return self.built[0]

    def modules(self, names):
        del names
        return {}

    def module(self):
        return build.module(fetch("source"), self.built[1], "gcc-14", self.name)


class NoTph(Own):
    """The same without the kernel's TPH, and with its lock checker: the module's own path."""

    name, more, core, append = "notph", (LAB / "kconfig-notph.frag").read_text(), False, ""


KERNELS = {k.name: k for k in (Debian, Own, NoTph, Old)}
