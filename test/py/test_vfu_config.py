# SPDX-License-Identifier: BSD-3-Clause
"""Configuration space of vfu-nic: identity, capabilities, write masks at any size and alignment."""

import struct

import pytest
from vfu_client import Client


@pytest.fixture
def client(vfu_nic):
    with Client(vfu_nic("--queues", "4").sock) as c:
        yield c


def test_identity(client):
    img = client.read(7, 0, 4096)
    assert struct.unpack_from("<HHHH", img) == (0x1AF4, 0x1041, 0, 0x10)
    assert img[8] >= 1 and img[9:12] == b"\0\0\2" and img[14] == 0
    assert struct.unpack_from("<H", img, 0x2E)[0] >= 0x40
    assert img[0x3D] == 0  # no INTx


def test_capability_lists(client):
    img = client.read(7, 0, 4096)
    ids, pos = [], img[0x34]
    while pos:
        assert pos >= 0x40 and pos % 4 == 0
        ids.append((img[pos], img[pos + 3] if img[pos] == 9 else None))
        pos = img[pos + 1]
    assert ids == [(0x10, None), (0x11, None), (9, 1), (9, 3), (9, 4), (9, 2), (9, 5)]
    ext, pos = [], 0x100
    while pos:
        head = struct.unpack_from("<I", img, pos)[0]
        ext.append((head & 0xFFFF, head >> 16 & 0xF))
        pos = head >> 20
    assert ext == [(0x0B, 1), (0x17, 1)]


def test_virtio_structures(client):
    expect = {1: (0, 64), 2: (0x3000, 0x1000), 3: (0x1000, 1), 4: (0x2000, 24)}
    nth = 0
    while (pos := client.cap(9, nth)) is not None:
        kind = client.cfg(pos + 3, "<B")
        if kind in expect:
            assert client.cfg(pos + 4, "<B") == 0
            assert struct.unpack("<II", client.read(7, pos + 8, 8)) == expect.pop(kind)
        if kind == 2:
            assert client.cfg(pos + 16) == 4
        nth += 1
    assert not expect


def test_express_and_msix(client):
    exp, msix = client.cap(0x10), client.cap(0x11)
    assert client.cfg(exp + 2, "<H") == 2
    assert client.cfg(exp + 4) & (1 << 28)
    assert client.cfg(exp + 8, "<H") == 0x2810
    assert struct.unpack("<HII", client.read(7, msix + 2, 10)) == (8, 2, 0x2002)


def test_vsec(client):
    pos = client.ext_cap(0x0B)
    head, bar, ctrl, st, count, trace, length = struct.unpack("<7I", client.read(7, pos + 4, 28))
    assert head == 0x5354 | 1 << 16 | 32 << 20
    assert (bar & 7, ctrl, st, count, trace) == (4, 0, 0x1000, 0, 0x2000)
    assert trace + length <= client.region_info(4)[0]["size"]


def test_vsec_has_tag_registers_for_ds(vfu_nic):
    with Client(vfu_nic("--queues", "4", "--tph", "ds-reg").sock) as c:
        assert c.cfg(c.ext_cap(0x0B) + 20) == 8


@pytest.mark.parametrize("bar, size", [(0, 0x4000), (2, 0x4000)])
def test_bar_sizing(client, bar, size):
    off = 0x10 + 4 * bar
    client.cfg_write(off, 0xFFFFFFFFFFFFFFFF, "<Q")
    assert client.cfg(off, "<Q") == (1 << 64) - size | 4
    client.cfg_write(off, 0x12345678_9ABCDEF0, "<Q")
    assert client.cfg(off, "<Q") == 0x12345678_9ABCC004


def test_rom_and_unused_bytes_stay_zero(client):
    client.cfg_write(0x30, 0xFFFFFFFF)
    assert client.cfg(0x30) == 0
    client.write(7, 0xE0, b"\xff" * 0x20)
    client.write(7, 0x200, b"\xff" * 0xE00)
    assert client.read(7, 0xE0, 0x20) == bytes(0x20)
    assert client.read(7, 0x200, 0xE00) == bytes(0xE00)


def test_all_ones_over_everything_but_reset_changes_only_masked_bits(client):
    before = client.read(7, 0, 4096)
    exp = client.cap(0x10)
    for off in range(4096):
        if off != exp + 9:  # device control bit 15 starts a reset
            client.write(7, off, b"\xff")
    after = client.read(7, 0, 4096)
    assert struct.unpack_from("<H", after, 4)[0] == 0x0547
    assert struct.unpack_from("<H", after, 6) == struct.unpack_from("<H", before, 6)
    assert before[:4] == after[:4] and before[0x34] == after[0x34]
    for off in (exp, exp + 1, exp + 2, exp + 4, exp + 12, client.cap(0x11), 0x100, 0x140, 0x144):
        assert before[off] == after[off]


def test_every_size_and_alignment_reads_the_same_bytes(client):
    img = client.read(7, 0, 4096)
    for size in (1, 2, 3, 4, 5, 7, 8, 16, 33):
        for off in (0, 1, 3, 0x0F, 0x3F, 0x7D, 0xFE, 0xFF, 0x101, 0x13D, 0x149, 4096 - size):
            assert client.read(7, off, size) == img[off:off + size]


def test_write_that_straddles_registers(client):
    # cache line size (ro), latency (ro) .. interrupt line: 0x3b is no register, 0x3c is
    client.write(7, 0x3B, b"\xaa\xbb\xcc")
    assert client.read(7, 0x3B, 3) == b"\0\xbb\0"
    client.write(7, 3, b"\xff\xff")
    assert client.cfg(4, "<H") == 0x47


def test_two_bytes_from_message_control_plus_one(client):
    ctrl = client.cap(0x11) + 2
    client.write(7, ctrl + 1, b"\xc0\xff")
    assert client.cfg(ctrl, "<H") == 0xC008
    assert client.cfg(ctrl + 2) == 2


def test_flr_resets_registers_and_reads_back_zero(client):
    devctl = client.cap(0x10) + 8
    client.cfg_write(4, 6, "<H")
    client.cfg_write(0x3C, 0x55, "<B")
    client.tph_enable(1)
    client.cfg_write(devctl, 0x8000 | client.cfg(devctl, "<H"), "<H")
    assert client.cfg(devctl, "<H") == 0x2810
    assert client.cfg(4, "<H") == 0 and client.cfg(0x3C, "<B") == 0
    assert client.cfg(client.ext_cap(0x17) + 8) == 0
    client.cfg_write(0x3C, 0x55, "<B")
    client.write(7, devctl + 1, b"\x80")  # the high byte alone
    assert client.cfg(0x3C, "<B") == 0


def window(c):
    nth = 0
    while c.cfg((pos := c.cap(9, nth)) + 3, "<B") != 5:
        nth += 1
    return pos


def test_window_reaches_the_bars(client):
    pos = window(client)
    client.write(2, 16, struct.pack("<I", 0xDEADBEEF))
    client.cfg_write(pos + 4, 2, "<B")
    client.write(7, pos + 8, struct.pack("<II", 16, 4))
    assert client.cfg(pos + 16) == 0xDEADBEEF
    client.cfg_write(pos + 12, 2)
    assert client.cfg(pos + 16) == 0xBEEF
    client.cfg_write(pos + 16, 0x1234, "<H")
    assert client.read(2, 16, 4) == struct.pack("<I", 0xDEAD1234)


@pytest.mark.parametrize("bar, off, length", [
    (0, 0x4000, 4), (0, 0x3FFE, 4), (0, 0xFFFFFFFC, 4), (2, 0, 3), (2, 0, 8), (2, 1, 2),
    (1, 0, 4), (3, 0, 4), (5, 0, 4), (7, 0, 4), (255, 0, 1), (2, 0x4000, 1),
])
def test_window_is_bounded(client, bar, off, length):
    pos = window(client)
    client.cfg_write(pos + 4, bar, "<B")
    client.write(7, pos + 8, struct.pack("<II", off, length))
    client.cfg_write(pos + 16, 0xFFFFFFFF)
    assert client.cfg(pos + 16) == 0
