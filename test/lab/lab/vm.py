# SPDX-License-Identifier: BSD-3-Clause
"""One boot: QEMU under TCG with an emulated Intel IOMMU, and the processes that serve it."""
import json
import os
import subprocess
import time

from .paths import OUT, qemu_root

IOMMU = "intel-iommu,intremap=on,caching-mode=on,device-iotlb=on"
TIMEOUT = int(os.environ.get("STEER_LAB_TIMEOUT", "600"))  # seconds; a busy machine is no failure

SILENCE = 120  # seconds without a word on the console before the first test: it hangs


def qemu():
    """It is newer than this system's libc: run by its own loader."""
    usr = qemu_root() / "usr"
    return [usr / "lib64/ld-linux-x86-64.so.2", "--library-path", usr / "lib/x86_64-linux-gnu",
            usr / "bin/qemu-system-x86_64", "-L", usr / "share/qemu", "-L", usr / "share/seabios",
            "-L", usr / "lib/ipxe/qemu"]


def root_port(number):
    """An endpoint below a root port stays an endpoint; the port is 0000:00:10.0 and up."""
    return ["-device", f"pcie-root-port,id=rp{number},chassis={number},addr=0x{0x10 + number:x}"]


def vfio_user(sock, number):
    """A vfu-nic behind root port NUMBER."""
    device = {"driver": "vfio-user-pci", "bus": f"rp{number}", "x-msg-timeout": 60000,
              "socket": {"type": "unix", "path": str(sock)}}
    return [*root_port(number), "-device", json.dumps(device)]


class Machine:
    def __init__(self, name, kernel, initrd, case, append=""):
        self.name, self.kernel, self.initrd = name, kernel, initrd
        self.append = f"lab.case={case} {append}".strip()
        self.serial, self.tap = OUT / f"{name}.serial.log", OUT / f"{name}.tap.log"
        self.log = OUT / f"{name}.qemu.log"
        self.hung = False

    def argv(self, devices, memory, cpus, iommu):
        # memory that a vfio-user device can map is a shared memfd
        return [*qemu(), "-machine", "q35,kernel-irqchip=split,memory-backend=m0",
                "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", str(cpus), "-m", memory,
                "-object", f"memory-backend-memfd,id=m0,size={memory},share=on",
                "-nodefaults", "-display", "none", "-no-reboot", "-serial", f"file:{self.serial}",
                "-serial", f"file:{self.tap}", "-kernel", self.kernel, "-initrd", self.initrd,
                # the timer check counts ticks against the host's clock: a busy host fails it
                "-append", "console=ttyS0 rdinit=/init panic=-1 no_timer_check intel_iommu=on "
                f"{self.append}",
                *(["-device", iommu] if iommu else []), *devices]

    def run(self, devices=(), memory="2G", cpus=2, iommu=IOMMU, prefix=()):
        """@return reason in words why the boot failed as such, or None."""
        argv = [*prefix, *self.argv(devices, memory, cpus, iommu)]
        why = self.boot(argv)
        if self.died_early():  # of the emulation's own timing on a busy host; no test has begun
            self.serial.rename(self.serial.with_suffix(".first.log"))
            why = self.boot(argv)
        return why

    def died_early(self):
        """Did the kernel panic, or fall silent, before the first test said a word?"""
        text = self.serial.read_text(errors="replace") if self.serial.exists() else ""
        return not self.said() and (self.hung or "Kernel panic" in text)

    def boot(self, argv):
        for f in (self.serial, self.tap, self.log):
            f.unlink(missing_ok=True)
        self.hung = False
        with self.log.open("wb") as out:
            out.write((" ".join(map(str, argv)) + "\n").encode())
            out.flush()
            with subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=subprocess.STDOUT) as p:
                why = self.wait(p)
        if why:
            return why
        return f"QEMU ended with {p.returncode}: {self.tail(self.log, 2)}" if p.returncode else None

    def wait(self, p):
        """@return reason in words why it did not end by itself, or None."""
        began = heard = time.monotonic()
        length = 0
        while True:
            try:
                p.wait(1)
                return None
            except subprocess.TimeoutExpired:
                now = time.monotonic()
            if self.serial.exists() and self.serial.stat().st_size != length:
                heard, length = now, self.serial.stat().st_size
            self.hung = now - heard > SILENCE and not self.said()
            if self.hung or now - began > TIMEOUT:
                p.kill()
                return (f"the guest was silent for {SILENCE} s before its first test" if self.hung
                        else f"the guest was not done after {TIMEOUT} s")

    @staticmethod
    def tail(path, lines):
        text = path.read_text(errors="replace") if path.exists() else ""
        return " / ".join(text.strip().splitlines()[-lines:])

    def said(self):
        """What the guest's tests reported."""
        return self.tap.read_text(errors="replace") if self.tap.exists() else ""
