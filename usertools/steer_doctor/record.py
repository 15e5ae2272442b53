# SPDX-License-Identifier: BSD-3-Clause
"""Record what was read, and nothing else, for --root on another machine."""
import io
import re
import tarfile

from steer_pci import Refused
from steer_pci.store import FILE, FOLDER, LINK
from steer_pci.tree import DENIED

# Names of interfaces may be made of their MAC address.
MAC_NAME = re.compile(r"\b(en|wl|ww|ib|et)x[0-9a-f]{12}\b")


def anonymous(text):
    return MAC_NAME.sub(r"\1x000000000000", text)


def _content(what):
    data = what if isinstance(what, bytes) else what.looked_at()
    return data if MAC_NAME.search(data.decode("latin-1")) is None else \
        anonymous(data.decode("latin-1")).encode("latin-1")


def members(tree):
    """(path, kind, content) of all that was read, in order."""
    for path, (kind, what) in sorted(tree.seen.items()):
        if kind == LINK:
            yield anonymous(path), LINK, anonymous(what)
        elif kind == FOLDER:
            yield anonymous(path), FOLDER, None
        else:  # a device file that was only listed is a file here
            yield anonymous(path), FILE, _content(what)
    hidden = sorted(p for p in tree.refused if "\n" not in p)
    for path in hidden:
        if path not in tree.seen:
            yield path, FILE, b""
    if hidden:
        yield DENIED, FILE, "\n".join(hidden).encode(errors="surrogateescape")


def _add(tar, name, kind, content):
    info = tarfile.TarInfo(name)
    info.mode = 0o755 if kind == FOLDER else 0o644
    if kind == LINK:
        info.type, info.linkname = tarfile.SYMTYPE, content
    elif kind == FOLDER:
        info.type = tarfile.DIRTYPE
    else:
        info.size = len(content)
    tar.addfile(info, io.BytesIO(content) if kind == FILE else None)


def record(tree, path):
    """Write a tar file; it is compressed when its name ends in gz."""
    try:
        with tarfile.open(path, "w:gz" if str(path).endswith("gz") else "w") as tar:
            for member in members(tree):
                _add(tar, *member)
    except tarfile.TarError as e:  # a Python without gzip
        raise Refused(f"{path}: {e}: give it a name that ends in .tar") from e
