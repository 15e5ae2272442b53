# SPDX-License-Identifier: BSD-3-Clause
"""Where files are: below a folder, or in a tar file. Paths are relative, and links not followed."""
import grp
import os
import pwd
import stat
import zlib
from pathlib import Path

from . import Refused

MOST = 4 << 20      # bytes of one file; what is read here is smaller
MOST_IN_ALL = 64 << 20
PIECE = 1 << 16
LINK, FOLDER, FILE, NODE = "link", "folder", "file", "node"


class Disk:
    """Files of this machine, or of a folder."""

    def __init__(self, root="/"):
        self.root = Path(root)
        if not self.root.is_dir():
            raise Refused(f"{root}: no such folder")

    def kind(self, path):
        """LINK, FOLDER, FILE, NODE, or None; OSError where it may not be known."""
        try:
            mode = (self.root / path).lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        kinds = (stat.S_ISLNK, LINK), (stat.S_ISDIR, FOLDER), (stat.S_ISREG, FILE)
        return next((kind for test, kind in kinds if test(mode)), NODE)

    def target(self, path):
        return os.readlink(self.root / path)

    def names(self, path):
        return os.listdir(self.root / path)

    def data(self, path):
        """In pieces: files below /proc/sys refuse to fill a large buffer."""
        found = bytearray()
        with (self.root / path).open("rb", buffering=0) as f:
            while len(found) < MOST and (piece := f.read(PIECE)):
                found += piece
        return bytes(found)

    def owner(self, path):
        """Of a device file: (user, group, mode, whether this process may read and write it)."""
        st = (self.root / path).stat()
        return (_name(pwd.getpwuid, st.st_uid), _name(grp.getgrgid, st.st_gid),
                st.st_mode & 0o7777, os.access(self.root / path, os.R_OK | os.W_OK))


def _name(look_up, number):
    """Of a user or group; its number where nobody gave it one."""
    try:
        return look_up(number)[0]
    except KeyError:
        return str(number)


class Archive:
    """Files of a tar file, all of them in memory: nothing is unpacked."""

    def __init__(self, path):
        import tarfile  # only where it is needed

        self.files = {"": (FOLDER, None)}
        try:
            with tarfile.open(path, "r:*") as tar:
                self._take(tar)
        except (tarfile.TarError, EOFError, zlib.error) as e:
            raise Refused(f"{path}: no tar file: {e}") from e

    def _take(self, tar):
        room = MOST_IN_ALL
        for member in tar:
            name = "/".join(p for p in member.name.split("/") if p not in ("", "."))
            if ".." in name.split("/"):
                raise Refused(f"{tar.name}: {member.name}: leads out of it")
            if member.issym():
                self._put(name, (LINK, member.linkname))
            elif member.isdir():
                self._put(name, (FOLDER, None))
            elif member.isfile():
                room -= member.size
                if room < 0:
                    raise Refused(f"{tar.name}: over {MOST_IN_ALL >> 20} MiB")
                self._put(name, (FILE, tar.extractfile(member).read(MOST)))

    def _put(self, name, entry):
        while name and name not in self.files:
            self.files[name] = entry
            name, entry = name.rpartition("/")[0], (FOLDER, None)

    def kind(self, path):
        return self.files.get(path, (None, None))[0]

    def target(self, path):
        return self.files[path][1]

    def names(self, path):
        start = f"{path}/" if path else ""
        return [n[len(start):] for n in self.files
                if n.startswith(start) and n != path and "/" not in n[len(start):]]

    def data(self, path):
        return self.files[path][1]
