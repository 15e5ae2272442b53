# SPDX-License-Identifier: BSD-3-Clause
"""The keys of steer-doctor --json are those that doc/guides/doctor.rst lists, with their types."""
import json
import re

import pytest

from doctor_tree import DATA, NIC, PLAIN, ROOT, Machine, steerable

from steer_doctor import examine
from steer_pci.bus import Bus
from steer_pci.store import Archive

GUIDE = ROOT / "doc" / "guides" / "doctor.rst"
ROW = re.compile(r"^   \* - ``([^`]+)``\n     - ([a-z, ]+)\n", re.M)
TYPES = {"text": str, "number": int, "flag": bool, "null": type(None)}


def documented():
    """path -> types; a.b[] is each item of a list, a.* each value of an object."""
    text = GUIDE.read_text()
    return {path: words.split(", ") for path, words in
            ROW.findall(text[text.index(".. _doctor-json:"):])}


def leaves(value, path=""):
    """(path, value) of all that is no object and no list."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, f"{path}[]")
    else:
        yield path, value


def row_of(path, rows):
    """The row of a path: itself, or one that ends in .* instead of the last key."""
    above = f"{path.rpartition('.')[0]}.*"
    return path if path in rows else above if above in rows else None


def several():
    """Machines in which every key has a value somewhere."""
    full = steerable()
    full.interface(NIC, "eth0", route=True)
    for name in "tsm/connect", "tsm/bound", "tsm/dsm", "authenticated":
        full.put(f"{full.real(NIC)}/{name}", "tsm0")
    full.files["sys/class/tsm/tsm0"] = None
    full.put("sys/kernel/security/lockdown", "none [integrity] confidentiality")
    full.put("dev/vfio/devices/vfio0", "root root 0600 usable")
    full.put("dev/iommu", "root root 0600 usable")
    full.device("0000:01:00.1", None, "0000:00:02.0/", group="7", driver="ahci", cls="0x010601")
    full.device("0000:01:00.2", None, "0000:00:02.0/", group="7")
    full.device("0000:02:00.0", PLAIN, "0000:00:02.0/", cls="0x060400")
    full.device("0000:03:00.0", PLAIN, "0000:00:02.0/0000:02:00.0/")
    full.files[f"{full.real('0000:03:00.0')}/physfn"] = "link", "../" + NIC
    bare = Machine(None)
    bare.device("0000:02:00.0", None, "0000:00:02.0/", cls="0x060400")
    bare.device("0000:03:00.0", None, "0000:00:02.0/0000:02:00.0/")
    bare.files = {k: v for k, v in bare.files.items()
                  if "pci" in k and k.rpartition("/")[2] in (
                      "0000:00:02.0", "0000:02:00.0", "0000:03:00.0", "class")}
    bare.files["sys/kernel/mm/hugepages/hugepages-2048kB"] = None
    bare.files["sys/bus/pci/devices/0000:09:00.0/vendor"] = b"0x1af4\n"
    bare.interface("0000:03:00.0", "eth0")
    return [full.tree(), Machine(PLAIN).tree(), bare.tree(), (bare.tree(), "0000:09:00.0"),
            *(Bus(Archive(p)) for p in sorted(DATA.glob("*.tar.gz")))]


@pytest.fixture(scope="module")
def seen():
    """path -> values, of all these machines."""
    found = {}
    for tree in several():
        tree, *chosen = tree if isinstance(tree, tuple) else (tree,)
        for path, value in leaves(json.loads(json.dumps(examine(tree, chosen)))):
            found.setdefault(path, []).append(value)
    return found


def test_every_key_is_documented_with_its_type(seen):
    rows = documented()
    wrong = []
    for path, values in seen.items():
        row = row_of(path, rows)
        if row is None:
            wrong.append(f"{path} is not in the guide")
            continue
        allowed = {TYPES[w] for w in rows[row]}
        wrong += [f"{path} is {value!r}" for value in values if type(value) not in allowed]
    assert wrong == []


def test_every_documented_key_occurs_with_each_of_its_types(seen):
    rows = documented()
    assert len(rows) > 60
    occurs = {}
    for path, values in seen.items():
        occurs.setdefault(row_of(path, rows), set()).update(type(v) for v in values)
    assert [f"{row}: {w}" for row, words in rows.items() for w in words
            if TYPES[w] not in occurs.get(row, set())] == []
