# SPDX-License-Identifier: BSD-3-Clause
"""Unpacks Debian packages below the cache: QEMU with a kernel, and a root with its compiler."""
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from .paths import KERNEL, OLD_KERNEL, OLD_SUITE, SOURCE, SUITE, cache

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
SOURCE_TOOLS = [SOURCE, "bc", "flex", "bison", "libelf-dev", "libssl-dev", "cpio", "kmod",
                "xz-utils", "python3-minimal"]
HEADERS = [f"linux-headers-{KERNEL}", "make", "gcc-14", "libc6-dev"]


class Root(NamedTuple):
    """What is unpacked into a folder of the cache."""

    folder: str
    variant: str  # mmdebstrap's: "extract" unpacks only, "apt" configures
    suite: str
    packages: list


ROOTS = {
    "qemu": Root("qemu", "extract", SUITE, [
        "qemu-system-x86", "libc-bin", f"linux-binary-unsigned-{KERNEL}",
        f"linux-modules-{KERNEL}", f"linux-base-{KERNEL}"]),
    "tools": Root("tools", "apt", SUITE, HEADERS),
    "source": Root("tools", "apt", SUITE, HEADERS + SOURCE_TOOLS),
    "old": Root("old", "extract", OLD_SUITE, [f"linux-image-{OLD_KERNEL}-unsigned"]),
    "old-tools": Root("old-tools", "apt", OLD_SUITE, [
        f"linux-headers-{OLD_KERNEL}", "make", "gcc-12", "libc6-dev"]),
}
# QEMU of a release and of its backports must not be mixed: apt refuses that.
PIN = """Package: src:qemu src:seabios src:linux
Pin: release n={suite}-backports
Pin-Priority: 700
"""


class Unavailable(Exception):
    """The lane cannot run here; the text says why."""


def mirror():
    """The Debian mirror of this system's own apt configuration."""
    if os.environ.get("STEER_LAB_MIRROR"):
        return os.environ["STEER_LAB_MIRROR"]
    folder = Path("/etc/apt/sources.list.d")
    texts = [f.read_text(errors="replace") for f in
             [*sorted(folder.glob("*.sources")), Path("/etc/apt/sources.list"),
              *sorted(folder.glob("*.list"))] if f.is_file()]
    for line in "\n".join(texts).splitlines():
        if not re.match(r"URIs:|deb\s", line):
            continue
        for word in line.split():
            if re.fullmatch(r"\w+://\S*/debian/?", word):
                return word
    raise Unavailable("no Debian mirror in apt's configuration: set STEER_LAB_MIRROR")


def complete(root):
    """Unpacked already, with at least these packages."""
    stamp = cache() / f"{root.folder}.done"
    if not (cache() / root.folder).is_dir() or not stamp.is_file():
        return False
    return set(root.packages) <= set(stamp.read_text().strip().split(","))


def mmdebstrap(root):
    pin = cache() / f"{root.folder}.pin"
    pin.write_text(PIN.format(suite=root.suite))
    sources = [f"deb {mirror()} {root.suite}{tail} main" for tail in ("", "-backports")]
    argv = ["mmdebstrap", "--mode=root", f"--variant={root.variant}", "--architectures=amd64",
            f"--keyring={KEYRING}", "--aptopt=APT::Install-Recommends \"false\"",
            "--aptopt=Acquire::Languages \"none\"",
            "--aptopt=Acquire::Check-Valid-Until \"false\"",
            "--setup-hook=mkdir -p \"$1/etc/apt/preferences.d\"",
            f"--setup-hook=upload {pin} /etc/apt/preferences.d/lab",
            f"--include={','.join(root.packages)}", root.suite, str(cache() / root.folder),
            *sources]
    log = cache() / f"{root.folder}.log"
    with log.open("wb") as out:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=out,
                              stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        last = log.read_text(errors="replace").strip().splitlines()[-3:]
        raise Unavailable(f"cannot fetch {root.folder}: {' / '.join(last)} (all of it: {log})")


def fetch(name):
    """Make sure that a root is there. Root only, when it is not. @return its folder."""
    root = ROOTS[name]
    folder, stamp = cache() / root.folder, cache() / f"{root.folder}.done"
    if complete(root):
        return folder
    if os.geteuid() != 0:
        raise Unavailable(f"{folder} is not there, and fetching it needs root")
    if shutil.which("mmdebstrap") is None:
        raise Unavailable("mmdebstrap is not installed")
    cache().mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    print(f"# fetching {name} into {folder}", flush=True)
    mmdebstrap(root)
    stamp.write_text(",".join(root.packages) + "\n")
    return folder
