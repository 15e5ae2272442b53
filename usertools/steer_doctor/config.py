# SPDX-License-Identifier: BSD-3-Clause
"""Configuration space: what a device says of itself (PCI Express base specification, chapter 7).

The bytes come from a device, or from a file that somebody sent: walks are bounded, never leave the
image and never visit an offset twice.
"""
HEADER, STANDARD = 64, 256       # what users see of a configuration space; what PCI has
CAPABILITIES = 1 << 4            # of the status register
MOST_STANDARD, MOST_EXTENDED = 48, 480

EXP, MSIX = 0x10, 0x11
TPH, DOE, IDE = 0x17, 0x2e, 0x30

TYPES = {0: "endpoint", 1: "legacy endpoint", 4: "root port", 5: "upstream port",
         6: "downstream port", 7: "bridge to PCI", 8: "bridge from PCI",
         9: "root-complex integrated endpoint", 10: "root-complex event collector"}
INTEGRATED = 9
MODES = {0: "no steering tag", 1: "interrupt vector", 2: "device specific"}
PLACES = {0: "none", 1: "capability", 2: "MSI-X"}
WIDTHS = {0: 0, 1: 8, 3: 16}     # bits of a tag, by completer field and by requester enable


class Broken(Exception):
    """A list, or a capability, that no device should have; the text says where."""


class Image:
    """Bytes of a configuration space. What was not looked at is not recorded either: serial numbers
    and what a vendor may keep there stay where they are."""

    def __init__(self, data):
        self.data, self.seen = data, bytearray(len(data))

    def __len__(self):
        return len(self.data)

    def get(self, at, size):
        if at + size > len(self.data):
            raise Broken(f"cut at 0x{len(self.data):x}")
        self.seen[at:at + size] = b"\1" * size
        return int.from_bytes(self.data[at:at + size], "little")

    def looked_at(self):
        return bytes(b if s else 0 for b, s in zip(self.data, self.seen))


def standard(image):
    """(id, offset) of each capability of the PCI-compatible part."""
    if not image.get(0x06, 2) & CAPABILITIES:
        return
    at, visited = image.get(0x34, 1) & ~3, set()
    while at:
        if at < HEADER or at in visited or len(visited) == MOST_STANDARD:
            raise Broken(f"capability list goes to 0x{at:x}")
        visited.add(at)
        number = image.get(at, 1)
        if number == 0xff:
            raise Broken(f"capability list goes to 0x{at:x}")
        yield number, at
        at = image.get(at + 1, 1) & ~3


def extended(image):
    """(id, offset) of each extended capability."""
    at, visited = STANDARD, set()
    while at and len(image) > STANDARD:
        if at < STANDARD or at in visited or len(visited) == MOST_EXTENDED:
            raise Broken(f"extended capability list goes to 0x{at:x}")
        visited.add(at)
        head = image.get(at, 4)
        if head == 0 or (head == 0xffffffff and at == STANDARD):
            return  # there is no list
        if head == 0xffffffff:
            raise Broken(f"extended capability list goes to 0x{at:x}")
        yield head & 0xffff, at
        at = head >> 20 & ~3


def find(walk, wanted):
    return next((at for number, at in walk if number == wanted), None)


def express(image):
    """PCI Express capability (section 7.5.3), or None."""
    at = find(standard(image), EXP)
    if at is None:
        return None
    flags, capabilities = image.get(at + 2, 2), image.get(at + 4, 4)
    second = image.get(at + 36, 4) if flags & 15 >= 2 else 0
    return {"type": flags >> 4 & 15, "type_name": TYPES.get(flags >> 4 & 15, "reserved type"),
            "flr": bool(capabilities >> 28 & 1), "tee_io": bool(capabilities >> 30 & 1),
            "completer_bits": WIDTHS.get(second >> 12 & 3, 0),
            "prefixes": bool(second >> 21 & 1)}


def vectors(image):
    """Entries of the MSI-X table (section 7.7.2), 0 without."""
    at = find(standard(image), MSIX)
    return 0 if at is None else (image.get(at + 2, 2) & 0x7ff) + 1


def tph(image):
    """TPH Requester capability (section 7.9.13), or None."""
    at = find(extended(image), TPH)
    if at is None:
        return None
    capability, control = image.get(at + 4, 4), image.get(at + 8, 4)
    place = PLACES.get(capability >> 9 & 3, "none")  # 3 is reserved: nobody knows where it is
    entries = (capability >> 16 & 0x7ff) + 1 if place != "none" else 0
    tags = [image.get(at + 12 + 2 * i, 2) for i in range(entries)] if place == "capability" else []
    return {"offset": at, "modes": [name for bit, name in MODES.items() if capability >> bit & 1],
            "tag_bits": 16 if capability >> 8 & 1 else 8, "table": place, "entries": entries,
            "mode_now": MODES.get(control & 7, "reserved"),
            "bits_now": WIDTHS.get(control >> 8 & 3, 0), "tags": tags}


def security(image):
    """Extended capabilities for confidential devices: which of them are there."""
    there = {number for number, _ in extended(image)}
    return {"ide": IDE in there, "doe": DOE in there}
