# SPDX-License-Identifier: BSD-3-Clause
"""Kernels of our own configuration, and our module, built with Debian's compiler in its root."""
import hashlib
import os
import re
import shutil
import subprocess

from .debian import Unavailable, fetch
from .paths import LAB, ROOT, SOURCE, cache

MODULE = ROOT / "kernel" / "vfio-pci-tph"
MOCK_TSM = LAB / "mock-tsm"
FRAGMENT = LAB / "kconfig.frag"
PATCHES = LAB / "patches"


class Broken(Exception):
    """What is ours does not build; the text says what."""


def digest(*parts):
    """Of files and texts: what a result was built from."""
    h = hashlib.sha256()
    for part in parts:
        h.update(part.encode() if isinstance(part, str) else part.read_bytes())
    return h.hexdigest()[:16]


def inside(root, *argv, log):
    """A command in a root with /proc (objtool reads it); no mount outlives it."""
    script = 'r=$1; shift; mount --bind /proc "$r/proc"; cd /; exec chroot "$r" "$@"'
    with log.open("ab") as out:
        done = subprocess.run(["unshare", "--mount", "sh", "-ec", script, "sh", str(root), *argv],
                              stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                              check=False)
    if done.returncode:
        last = log.read_text(errors="replace").strip().splitlines()[-8:]
        raise Broken(f"{argv[0]} failed: {' / '.join(last)} (all of it: {log})")


def patch(tree, log):
    """The patches for test kernels, unless they are in already."""
    for f in sorted(PATCHES.glob("*.patch")):
        argv = ["patch", "-p1", "-s", "-f", "-d", str(tree), "-i", str(f)]
        if subprocess.run([*argv, "-R", "--dry-run"], stdout=subprocess.DEVNULL,
                          check=False).returncode == 0:
            continue
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Broken(f"{f.name} does not apply: {done.stdout.strip()}")
        with log.open("a") as out:
            out.write(f"applied {f.name}\n")


def configure(root, path, fragment, log):
    """allnoconfig and our lines; kconfig drops silently what it cannot set, we do not."""
    tree = root / path.lstrip("/")
    (tree / "steer.frag").write_text(fragment)
    inside(root, "make", "-s", "-C", path, "CC=gcc-14", "HOSTCC=gcc-14",
           f"KCONFIG_ALLCONFIG={path}/steer.frag", "allnoconfig", log=log)
    taken = set((tree / ".config").read_text().splitlines())
    last = {line.partition("=")[0]: line for line in fragment.splitlines()
            if line.startswith("CONFIG_")}
    lost = [line for line in last.values() if not line.endswith("=n") and line not in taken]
    if lost:
        raise Broken(f"the kernel's configuration does not take {' '.join(lost)}")


def unpack(root, path, log):
    """The kernel's source, whole or not at all: a run may be interrupted."""
    part = root / f"{path}.part".lstrip("/")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    inside(root, "tar", "-C", f"{path}.part", "--strip-components=1", "-xf",
           f"/usr/src/{SOURCE}.tar.xz", log=log)
    part.rename(root / path.lstrip("/"))


def kernel(name, more=""):
    """Build the kernel NAME once: fragment plus these lines. @return (image, tree in the root)."""
    root = fetch("source")
    path, log = f"/k/steer-{name}", cache() / f"{name}.log"
    fragment = FRAGMENT.read_text() + more
    tree, image = root / path.lstrip("/"), cache() / "out" / f"{name}.bzImage"
    stamp = image.with_suffix(".from")
    made_from = digest(fragment, SOURCE, *sorted(PATCHES.glob("*.patch")))
    if image.exists() and stamp.exists() and stamp.read_text().strip() == made_from:
        return image, path
    print(f"# building kernel {name} (once; some minutes), log {log}", flush=True)
    image.parent.mkdir(exist_ok=True)
    log.unlink(missing_ok=True)
    if not tree.is_dir():
        unpack(root, path, log)
    patch(tree, log)
    configure(root, path, fragment, log)
    inside(root, "make", "-s", "-C", path, f"-j{os.cpu_count()}", "CC=gcc-14", "HOSTCC=gcc-14",
           "bzImage", "modules_prepare", log=log)
    shutil.copy(tree / "vmlinux.symvers", tree / "Module.symvers")  # for modules out of the tree
    shutil.copy(tree / "arch/x86/boot/bzImage", image)
    stamp.write_text(made_from + "\n")
    return image, path


# As DKMS does it, by the words of our dkms.conf, and with all warnings.
DKMS = """cd "$1"; kernel_source_dir=$2; . ./dkms.conf; $MAKE CC="$3" W=1
test -f "$BUILT_MODULE_NAME.ko" """
KBUILD = """make -C "$2" M="$1" CC="$3" W=1 modules"""
WARNING = re.compile(r"^.*(?:\.[ch]:\d+.*warning|WARNING: modpost).*$", re.MULTILINE)


def module(root, tree, compiler, tag):
    """Our module for the kernel whose headers are at 'tree' in 'root'.
    @return the .ko, and the compiler's warnings."""
    sources = sorted(f for f in MODULE.iterdir() if f.suffix in (".c", ".h")
                     or f.name in ("Kbuild", "Makefile", "dkms.conf"))
    return built("vfio_pci_tph", sources, DKMS, root, (tree, compiler), tag)


def mock_tsm(root, tree, compiler, tag):
    """The TSM for tests. @return as module()."""
    sources = sorted(MOCK_TSM.glob("*.c")) + [MOCK_TSM / "Kbuild"]
    return built("mock_tsm", sources, KBUILD, root, (tree, compiler), tag)


def built(name, sources, script, root, how, tag):
    """A module, once for the same sources and kernel. how: its headers in 'root', and compiler."""
    config = root / how[0].lstrip("/") / ".config"
    made_from = digest(*sources, config, tag, script)
    folder = cache() / "modules"
    done = folder / f"{name}-{made_from}.ko"
    log = done.with_suffix(".log")
    if not done.exists():
        folder.mkdir(exist_ok=True)
        log.unlink(missing_ok=True)
        build_module(root, f"/m/{made_from}-{os.getpid()}", sources, (script, *how), done)
    return done, WARNING.findall(log.read_text(errors="replace"))


def build_module(root, work, sources, how, done):
    """In the folder 'work' of the root, which is gone afterwards. how: script and its words."""
    place = root / work.lstrip("/")
    place.mkdir(parents=True)
    try:
        for f in sources:
            shutil.copy(f, place)
        inside(root, "bash", "-ec", how[0], "bash", work, *how[1:], log=done.with_suffix(".log"))
        shutil.copy(place / f"{done.name.partition('-')[0]}.ko", done)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def acpi_table():
    """The host bridge's _DSM as AML."""
    source = MODULE / "test" / "tphdsm.asl"
    out = cache() / "out" / f"tphdsm-{digest(source)}"
    aml = out.with_suffix(".aml")
    if not aml.exists():
        if shutil.which("iasl") is None:
            raise Unavailable("acpica-tools is not installed")
        out.parent.mkdir(exist_ok=True)
        subprocess.run(["iasl", "-p", str(out), str(source)], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=True)
    return aml


def module_test():
    """The module's own test program, static."""
    folder = MODULE / "test"
    sources = sorted(folder.glob("*.[ch]"))
    out = cache() / "modules" / f"tph-test-{digest(*sources)}"
    if not out.exists():
        out.parent.mkdir(exist_ok=True)
        argv = ["cc", "-std=gnu11", "-O2", "-static", "-pthread", "-o", str(out),
                *[str(f) for f in sources if f.suffix == ".c"]]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Broken(f"tph-test does not build: {done.stderr[-300:]}")
    return out
