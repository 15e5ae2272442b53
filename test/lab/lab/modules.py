# SPDX-License-Identifier: BSD-3-Clause
"""Modules of a Debian kernel: files, what they depend on, and the order to load them in."""
import lzma
import re


def canonical(name):
    return name.replace("-", "_")


class Modules:
    """Those below usr/lib/modules/VERSION of an unpacked root."""

    def __init__(self, folder):
        self.folder = folder
        self.files = {}
        for f in folder.rglob("*.ko*"):
            self.files[canonical(f.name.partition(".ko")[0])] = f
        self.builtin = {canonical(line.rpartition("/")[2].removesuffix(".ko"))
                        for line in (folder / "modules.builtin").read_text().split()}

    def data(self, name):
        """Unpacked, as the guest's insmod wants it."""
        f = self.files[name]
        raw = f.read_bytes()
        return lzma.decompress(raw) if f.suffix == ".xz" else raw

    def closure(self, names):
        """name -> bytes, in loading order."""
        done = {}

        def need(name):
            name = canonical(name)
            if name in done or name in self.builtin:
                return
            if name not in self.files:
                raise KeyError(f"no module {name} in {self.folder}")
            data = self.data(name)
            found = re.search(rb"(?:^|\0)depends=([^\0]*)\0", data)
            for other in found[1].decode().split(",") if found and found[1] else []:
                need(other)
            done[name] = data

        for name in names:
            need(name)
        return done
