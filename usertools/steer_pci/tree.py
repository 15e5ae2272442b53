# SPDX-License-Identifier: BSD-3-Clause
"""Reading a kernel's files below a root, and noting what was read, so that it can be recorded."""
import re
from collections import namedtuple

from .store import FILE, FOLDER, LINK, NODE, Disk

MOST_LINKS = 40
DENIED = "denied"  # of a recorded tree: the paths that its user could not read

Node = namedtuple("Node", "path owner group mode usable")


def printable(text):
    """What a file says may come from anybody, and goes to a terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)


class Tree:
    """Links are followed within the root, as the kernel would; a recorded tree leads nowhere else.

    What is not there, or cannot be read, is None (or []); denied() tells the two apart.
    """

    def __init__(self, store=None):
        self.store = Disk() if store is None else store
        self.seen = {}      # path -> (kind, what was read of it): see steer_doctor.record
        self.refused = set()
        if store is not None and store.kind(DENIED) == FILE:
            self.refused.update(store.data(DENIED).decode(errors="replace").splitlines())

    # ---- paths
    def resolve(self, path):
        """(path without links, kind); kind is None where nothing is."""
        todo, at, links, kind = path.split("/")[::-1], [], 0, FOLDER
        while todo:
            part = todo.pop()
            if part in ("", "."):
                continue
            if part == "..":
                at, kind = at[:-1], FOLDER
                continue
            here = "/".join([*at, part])
            kind = self._kind(here)
            if kind == LINK and (links := links + 1) <= MOST_LINKS:
                target = self._target(here)
                at = [] if target.startswith("/") else at
                todo += target.split("/")[::-1]
                kind = FOLDER
            elif kind in (None, LINK):
                return here, None
            else:
                at.append(part)
        return "/".join(at), kind

    def _kind(self, path):
        try:
            return self.store.kind(path)
        except (OSError, ValueError):  # a name with a NUL, or a path too long
            self.refused.add(path)
            return None

    def _target(self, path):
        try:
            target = self.store.target(path)
        except OSError:
            target = ""
        self.seen[path] = LINK, target
        return target

    def denied(self, path):
        """Is it there, but not for this user?"""
        return self.resolve(path)[0] in self.refused

    def exists(self, path):
        where, kind = self.resolve(path)
        if kind is not None:
            self.seen.setdefault(where, (kind, b""))
        return kind is not None

    def link(self, path):
        """Last part of what a link leads to."""
        above, _, last = path.rpartition("/")
        here = f"{self.resolve(above)[0]}/{last}"
        if self._kind(here) != LINK:
            return None
        return printable(self._target(here).rpartition("/")[2]) or None

    def names(self, path, wanted):
        """Sorted names in a folder that match."""
        where, kind = self.resolve(path)
        try:
            found = sorted(n for n in self.store.names(where) if re.fullmatch(wanted, n)) \
                if kind == FOLDER else []
        except OSError:
            self.refused.add(where)
            return []
        for name in found:
            here = f"{where}/{name}"
            if self._kind(here) == LINK:
                self._target(here)
            else:
                self.seen.setdefault(here, (self._kind(here), b""))
        return found

    # ---- contents
    def _data(self, path):
        where, kind = self.resolve(path)
        if kind != FILE or where in self.refused:
            return where, None
        try:
            return where, self.store.data(where)
        except PermissionError:
            self.refused.add(where)
        except OSError:  # attributes whose device is gone
            pass
        return where, None

    def text(self, path):
        """A short file."""
        where, data = self._data(path)
        if data is None:
            return None
        self.seen[where] = FILE, data
        return printable(data.decode(errors="replace").strip())

    def number(self, path):
        """A file with one number, decimal or 0x."""
        try:
            return int(self.text(path) or "", 0)
        except ValueError:
            return None

    def lines(self, path, keep, unpack=bytes):
        """What keep() makes of each line; those that it has None for are neither given nor
        recorded."""
        where, data = self._data(path)
        if data is None:
            return None
        text = unpack(data).decode(errors="replace")
        found = [x for x in map(keep, text.split("\n")) if x is not None]
        self.seen[where] = FILE, "".join(f"{x}\n" for x in found).encode()
        return [printable(x) for x in found]

    def has(self, path, needle):
        """Are these bytes in the file? Nothing else of it is recorded."""
        where, data = self._data(path)
        if data is None:
            return None
        self.seen[where] = FILE, needle if needle in data else b""
        return needle in data

    def image(self, path, view):
        """view(bytes) of a file, once; recorded is what view.looked_at() has in the end."""
        where, data = self._data(path)
        if data is None:
            return None
        if not isinstance(self.seen.get(where, (FILE, b""))[1], view):
            self.seen[where] = FILE, view(data)
        return self.seen[where][1]

    def node(self, path):
        """A device file: whose it is. In a recorded tree it is a file that says so."""
        where, kind = self.resolve(path)
        if kind == NODE:
            try:
                user, group, mode, usable = self.store.owner(where)
            except OSError:
                return None
            words = [user, group, f"{mode:04o}", "usable" if usable else "refused"]
            self.seen[where] = FILE, " ".join(words).encode()
        else:
            words = (self.text(path) or "").split()
        return Node(f"/{path}", *words[:3], words[3] == "usable") if len(words) == 4 else None
