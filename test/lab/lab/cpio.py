# SPDX-License-Identifier: BSD-3-Clause
"""A newc archive, the format of an initramfs (kernel: driver-api/early-userspace/buffer-format)."""
import os
import posixpath
import stat


class Archive:
    """Entries by path without a leading slash; folders appear as they are needed."""

    def __init__(self):
        # path -> (mode, mtime, bytes); the root of an initramfs is world-writable unless told
        self.entries = {".": (stat.S_IFDIR | 0o755, 0, b"")}

    def __contains__(self, path):
        return path.strip("/") in self.entries

    def _add(self, path, mode, data=b"", mtime=0):
        path = path.strip("/")
        parent = posixpath.dirname(path)
        if parent and parent not in self.entries:
            self.folder(parent)
        self.entries[path] = (mode, mtime, data)

    def folder(self, path):
        self._add(path, stat.S_IFDIR | 0o755)

    def link(self, path, to):
        self._add(path, stat.S_IFLNK | 0o777, to.encode())

    def data(self, path, data, mode=0o644, mtime=0):
        self._add(path, stat.S_IFREG | mode, data, mtime)

    def copy(self, source, path):
        """Nothing is writable for others, whatever the umask here was: EAL looks at that."""
        st = os.stat(source)
        with open(source, "rb") as f:
            self.data(path, f.read(), st.st_mode & 0o755, int(st.st_mtime))

    def write(self, out):
        with open(out, "wb") as f:
            for number, path in enumerate(self.entries, 1):
                self._record(f, number, path, *self.entries[path])
            self._record(f, 0, "TRAILER!!!", 0, 0, b"")

    @staticmethod
    def _record(f, number, path, mode, mtime, data):
        name = path.encode() + b"\0"
        links = 2 if stat.S_ISDIR(mode) else 1
        fields = (number, mode, 0, 0, links, mtime, len(data), 0, 0, 0, 0, len(name), 0)
        head = b"070701" + b"".join(b"%08x" % v for v in fields) + name
        f.write(head + b"\0" * (-len(head) % 4))
        f.write(data)
        f.write(b"\0" * (-len(data) % 4))
