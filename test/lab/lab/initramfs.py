# SPDX-License-Identifier: BSD-3-Clause
"""The guest's root: this host's own user space (our build, Debian's DPDK, Python), and busybox."""
import os
import re
import subprocess
import sys
from pathlib import Path

from .cpio import Archive
from .paths import GUEST, ROOT

# Beyond those of Debian's minimal package.
PYTHON_MODULES = ["_compression", "gettext", "gzip", "json/__init__", "json/decoder",
                  "json/encoder", "json/scanner", "shutil", "tarfile"]
HOST_PMDS = ["bus_pci", "bus_vdev", "mempool_ring", "net_e1000", "net_virtio", "net_pcap",
             "net_null", "net_ring"]
OURS = "/steer"  # our build, laid out as it is here


class Missing(Exception):
    """Something of the host that the guest needs is not installed."""


def merged(path):
    """Path in a root whose /bin, /sbin, /lib, /lib64 lead to /usr."""
    return re.sub(r"^/(bin|sbin|lib|lib64)/", r"/usr/\1/", str(path))


class Root:
    def __init__(self, build):
        self.build, self.archive = Path(build).resolve(), Archive()
        for name in ("bin", "sbin", "lib", "lib64"):
            self.archive.folder(f"usr/{name}")
            self.archive.link(name, f"usr/{name}")
        for name in ("proc", "sys", "dev", "tmp", "run", "root", "etc", "mnt", "var"):
            self.archive.folder(name)
        self.archive.link("var/run", "../run")

    def place(self, path):
        """Where a file of the host, or of our build, is in the guest."""
        path = Path(os.path.abspath(path))
        if path.is_relative_to(self.build):
            return f"{OURS}/{path.relative_to(self.build)}"
        return merged(path)

    def file(self, path):
        """A file, and the links that lead to it: a driver that is plug-in and library must stay
        one file, or it is loaded twice."""
        while True:
            to = self.place(path)
            if to in self.archive:
                return
            if not os.path.islink(path):
                break
            target = Path(os.path.dirname(path), os.readlink(path))
            start = os.path.dirname(to)
            self.archive.link(to, os.path.relpath(self.place(target), start))
            path = target
        if not os.path.isfile(path):
            raise Missing(f"{path} is not there")
        self.archive.copy(path, to)

    def program(self, path):
        """A program or library with all that it is linked to."""
        self.file(path)
        done = subprocess.run(["ldd", path], capture_output=True, text=True, check=False)
        if "not found" in done.stdout:
            raise Missing(f"{path}: {done.stdout}")
        for library in re.findall(r"(/\S+) \(0x", done.stdout):
            self.file(library)

    def busybox(self):
        """Debian's static one: the guest's first process, and all small tools."""
        box = "/bin/busybox"
        if not os.path.exists(box):
            raise Missing("busybox-static is not installed")
        self.program(box)
        for applet in subprocess.check_output([box, "--list"], text=True).split():
            if f"usr/bin/{applet}" not in self.archive:
                self.archive.link(f"usr/bin/{applet}", "busybox")

    def python(self):
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        self.program(f"/usr/bin/{version}")
        self.archive.link("usr/bin/python3", version)
        listed = subprocess.run(["dpkg", "-L", f"lib{version}-minimal"], capture_output=True,
                                text=True, check=False).stdout.split()
        library = f"/usr/lib/{version}"
        modules = [f for f in listed if f.startswith(library) and f.endswith((".py", ".so"))]
        for f in modules + [f"{library}/{m}.py" for m in PYTHON_MODULES]:
            (self.program if f.endswith(".so") else self.file)(f)
            head, tail = os.path.split(f)
            compiled = f"{head}/__pycache__/{tail[:-3]}.{sys.implementation.cache_tag}.pyc"
            if os.path.isfile(compiled):  # an emulated CPU compiles slowly
                self.file(compiled)

    def dpdk(self):
        """Debian's testpmd with some drivers; our plug-ins and application."""
        library = Path("/usr/lib/x86_64-linux-gnu")
        for f in (library / "dpdk").glob("pmds-*"):
            for name in HOST_PMDS:
                for pmd in f.glob(f"librte_{name}.so.*"):
                    self.program(pmd)
        self.program("/usr/bin/dpdk-testpmd")
        self.program("/usr/bin/stdbuf")
        self.file("/usr/libexec/coreutils/libstdbuf.so")
        self.program(library / "libgcc_s.so.1")  # opened at run time only, by pthread_cancel()
        for name in ("lib", "drivers"):
            for f in sorted((self.build / name).rglob("*.so*")):
                if f.suffix != ".p" and not f.is_dir():
                    self.program(f)
        for path in [p for p in self.archive.entries if "/dpdk/pmds-" in p]:
            link = f"{library}/{os.path.basename(path)}"  # drivers find each other there
            if link not in self.archive:
                self.archive.link(link, os.path.relpath(f"/{path}", library))
        for name in ("app/steerpmd/dpdk-steerpmd", "test/tools/pmd-tool", "test/tools/bus-tool",
                     "test/tools/stock-tool"):
            self.program(self.build / name)

    def tests(self):
        for f in sorted(GUEST.iterdir()):
            if f.is_file():
                self.archive.copy(f, f"/lab/{f.name}")
        self.archive.copy(ROOT / "devtools" / "steerlab.py", "/lab/steerlab.py")
        self.usertools()
        real = (ROOT / "test" / "data" / "real.pcap").read_bytes()
        self.archive.data("/lab/real.pcap", real)
        self.archive.data("/lab/empty.pcap", real[:24])
        self.archive.copy(GUEST / "init", "/init")

    def usertools(self):
        """Programs find their packages beside the file that their link leads to."""
        folder = ROOT / "usertools"
        for f in sorted(folder.rglob("*")):
            if f.is_file() and "__pycache__" not in f.parts:
                self.archive.copy(f, f"/lab/usertools/{f.relative_to(folder)}")
        for name in ("steer-bind", "steer-doctor"):
            self.archive.link(f"usr/bin/{name}", f"../../lab/usertools/{name}")

    def modules(self, found, later):
        """Kernel modules; those in 'later' and what is loaded after them are not loaded at boot."""
        for name, data in found.items():
            self.archive.data(f"/lab/modules/{name}.ko", data)
        later = {n.replace("-", "_") for n in later}
        order = [n for n in found if n not in later]
        self.archive.data("/lab/load.order", "".join(f"{n}\n" for n in order).encode())


def build(folder, out, modules, later=(), extra=()):
    """Pack the guest's root. extra: (source, path) of further files."""
    root = Root(folder)
    for step in (root.python, root.dpdk, root.busybox, root.tests):
        step()
    root.modules(modules, later)
    for source, path in extra:
        root.archive.copy(source, path)
    root.archive.write(out)
    return out
