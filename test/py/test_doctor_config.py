# SPDX-License-Identifier: BSD-3-Clause
"""steer-doctor's reading of configuration spaces: golden bytes, and bytes of no device at all."""
import random

import pytest

from doctor_tree import (CARD, EXPRESS, HEAD, LIST, MSIX, NIC, PLAIN, TPH_AT, Machine, space,
                         tph)

from steer_doctor import config, examine
from steer_doctor.config import Broken, Image


def look(image):
    """What the report says of a card with this configuration space."""
    report = examine(Machine(image).tree(), [NIC])["devices"][0]
    check = next(c for c in report["checks"] if c["what"] == "TPH capability")
    return report, check


def test_golden_card():
    report, check = look(CARD)
    assert report["express"] == {"type": 0, "type_name": "endpoint", "flr": True, "tee_io": False,
                                 "completer_bits": 0, "prefixes": False}
    assert report["vectors"] == 10
    assert report["tph"] == {
        "offset": 0x100, "modes": ["no steering tag", "interrupt vector", "device specific"],
        "tag_bits": 8, "table": "capability", "entries": 8, "mode_now": "no steering tag",
        "bits_now": 0, "tags": [0] * 8}
    assert report["security"] == {"ide": False, "doe": False}
    assert check["have"] == "yes" and "8 table entries in the capability" in check["text"]


@pytest.mark.parametrize("capability, control, want", [
    # IV, extended requester, table in MSI-X of 64; IV mode, TPH and extended TPH enabled
    ("02 05 3f 00", "01 03 00 00", {"modes": ["interrupt vector"], "tag_bits": 16,
                                    "table": "MSI-X", "entries": 64, "bits_now": 16,
                                    "mode_now": "interrupt vector", "tags": []}),
    # DS, no table: the size field means nothing; DS mode, TPH enabled
    ("04 00 ff 07", "02 01 00 00", {"modes": ["device specific"], "tag_bits": 8, "table": "none",
                                    "entries": 0, "bits_now": 8, "mode_now": "device specific"}),
    # location 3 is reserved; so are mode 7 and requester enable 2
    ("06 06 07 00", "07 02 00 00", {"table": "none", "entries": 0, "mode_now": "reserved",
                                    "bits_now": 0}),
])
def test_golden_fields(capability, control, want):
    found = look(tph(capability, control))[0]["tph"]
    assert {k: found[k] for k in want} == want


def test_golden_table():
    report, check = look(tph("02 02 02 00", "01 01 00 00", "10 00 21 43 ff ff"))
    assert report["tph"]["tags"] == [0x10, 0x4321, 0xffff]
    assert "on now: interrupt vector, 8-bit tags" in check["text"]


@pytest.mark.parametrize("capability, words", [
    ("01 02 07 00", "the TPH capability offers no mode with steering tags"),
    ("03 00 07 00", "the TPH capability has no steering-tag table"),
])
def test_capability_that_does_not_do(capability, words):
    check = look(tph(capability))[1]
    assert (check["have"], check["text"]) == ("no", words)


def test_other_capabilities():
    # TEE-I/O is bit 30 of Device Capabilities; IDE is 0030h, DOE 002eh, both after TPH
    image = space(HEAD, LIST, (0x40, "10 00 02 00 00 00 00 40"),
                  (0x100, "30 00 01 20"), (0x200, "2e 00 01 00"))
    report, check = look(image)
    assert report["express"]["tee_io"] and report["security"] == {"ide": True, "doe": True}
    assert (check["have"], check["text"]) == ("no", "none")
    # version 1: an integrated endpoint without the second register
    v1 = config.express(Image(space(HEAD, LIST, (0x40, "10 00 91 00"), (0x64, "00 30 20 00"))))
    assert v1["type_name"] == "root-complex integrated endpoint"
    assert v1["completer_bits"] == 0 and not v1["prefixes"]


def test_no_list_of_extended_capabilities():
    for first in ("00 00 00 00", "ff ff ff ff"):
        assert look(space(HEAD, LIST, EXPRESS, (0x100, first)))[1]["text"] == "none"


@pytest.mark.parametrize("parts", [
    (HEAD, (0x34, "40"), (0x40, "10 40 02 00")),                        # to itself
    (HEAD, (0x34, "40"), (0x40, "05 50"), (0x50, "05 40")),             # in a circle
    (HEAD, (0x34, "20"), EXPRESS),                                      # into the header
    (HEAD, (0x34, "40"), (0x40, "ff 50")),                              # not there
    (HEAD, LIST, EXPRESS, MSIX, (0x100, "0b 00 01 10")),                # to itself
    (HEAD, LIST, EXPRESS, MSIX, (0x100, "0b 00 01 08")),                # below 100h
    (HEAD, LIST, EXPRESS, MSIX, (0x100, "0b 00 01 20"), (0x200, "ff ff ff ff")),
])
def test_broken_lists(parts):
    check = look(space(*parts))[1]
    assert check["have"] == "unknown" and "is broken" in check["text"]


def test_table_over_the_end():
    """The last dword is a capability whose registers would be outside."""
    image = space(HEAD, LIST, EXPRESS, MSIX, (0x100, "0b 00 c1 ff"), (0xffc, "17 00 01 00"))
    check = look(image)[1]
    assert check["have"] == "unknown" and "cut at 0x1000" in check["text"]
    with pytest.raises(Broken):
        config.tph(Image(space(HEAD, (0x100, "17 00 01 00 02 02 ff 07"), size=0x200)))


@pytest.mark.parametrize("size, have, part", [
    (0, "unknown", "could not be read"), (63, "unknown", "could not be read"),
    (64, "unknown", "users see 64 bytes of its configuration space, root all"),
    (255, "unknown", "users see 255 bytes"), (256, "unknown", "no ECAM"),
    (258, "unknown", "cut at 0x102"), (0x100 + 27, "unknown", "cut"), (4096, "yes", "")])
def test_what_is_not_seen_is_not_none(size, have, part):
    check = look(CARD[:size])[1]
    assert check["have"] == have and part in check["text"]


def test_conventional_device_has_none():
    """Without PCI Express there is no place where it could be."""
    assert look(space(HEAD, LIST, (0x40, "01 00"), size=256))[1]["text"] == "none"


def test_no_file_and_all_ones():
    m = Machine()
    del m.files[f"{m.real(NIC)}/config"]
    assert "could not be read" in str(examine(m.tree(), [NIC]))
    assert "reads all ones: it is gone, or asleep" in look(b"\xff" * 4096)[1]["text"]


def garbage(rnd):
    """Random bytes; a card with some bytes changed; or one cut anywhere."""
    kind = rnd.randrange(3)
    if kind == 0:
        return rnd.randbytes(rnd.choice((0, 1, 64, 256, 300, 4096, 5000)))
    image = bytearray(rnd.choice((CARD, PLAIN)))
    for _ in range(rnd.randrange(1, 12)):
        image[rnd.choice((rnd.randrange(0x180), rnd.randrange(4096)))] = rnd.randrange(256)
    image[6] |= 0x10  # mostly a list
    return bytes(image if kind == 1 else image[:rnd.randrange(4097)])


def test_garbage_is_no_traceback():
    """1000 cards, each below a port of the same kind."""
    rnd = random.Random(7)
    verdicts = set()
    for _ in range(1000):
        m = Machine(garbage(rnd))
        m.put(f"{m.real('0000:00:02.0')}/config", garbage(rnd))
        device = examine(m.tree(), [NIC])["devices"][0]
        verdicts.add((device["tph_state"], device["verdict"]["steering"]))
    assert {state for state, _ in verdicts} == {"present", "none", "hidden", "broken"}


def test_a_cut_never_says_that_there_is_none():
    table_end = TPH_AT + 12 + 2 * 8
    states = [look(CARD[:size])[0]["tph_state"] for size in range(table_end + 1)]
    assert states == ["hidden"] * 257 + ["broken"] * (table_end - 257) + ["present"]
