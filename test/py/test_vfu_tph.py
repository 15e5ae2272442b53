# SPDX-License-Identifier: BSD-3-Clause
"""TPH of vfu-nic: control register, TPH_ST as two kinds of kernel answer it, and kernels that
fail."""

import os
import struct

import pytest
import vfu_client as vc
from vfu_client import CLEAR, Client, VfuError

ENXIO, EINVAL, ENOTTY = 6, 22, 25
BAD = 1 << 20  # no CPU anywhere


@pytest.fixture
def tph(vfu_nic, request):
    """tph(*options) -> (server, client)"""
    made = []

    def start(*opts):
        nic = vfu_nic("--queues", "8", *opts, name=f"nic{len(made)}")
        c = Client(nic.sock)
        made.append(c)
        return nic, c

    yield start
    for c in made:
        c.close()


def refused(errno, call, *args, **kw):
    with pytest.raises(VfuError) as e:
        call(*args, **kw)
    assert e.value.errno == errno


def test_log_tells_each_change_in_order(tph):
    nic, c = tph("--tph-log")
    before = nic.text().count(" tph: ")
    c.tph_enable(1)
    c.st_set(1, [1, 2])
    c.st_set(1, [1])  # what is there already is no change
    c.st_set(2, [CLEAR])
    c.cfg_write(c.ext_cap(0x17) + 8, 0)
    c.reset()
    lines = [x.partition(" tph: ")[2] for x in nic.text().splitlines() if " tph: " in x]
    assert lines[before:] == ["control = 0x101", "st[1] = 0x27", "st[2] = 0x2e", "st[2] = 0x0",
                              "control = 0x0", "reset"]


def test_no_log_unless_asked(tph):
    nic, c = tph()
    c.tph_enable(1)
    c.st_set(1, [1])
    assert " tph: " not in nic.text()


CAP = {  # bits: 0 no-ST, 1 IV, 2 DS, 8 extended, 10:9 location, 26:16 entries - 1
    "iv-cap": 0x00100203, "iv-msix": 0x00100403, "ds-reg": 0x00000005,
}


@pytest.mark.parametrize("kind", CAP)
def test_capability(tph, kind):
    _, c = tph("--tph", kind)
    assert c.cfg(c.ext_cap(0x17) + 4) == CAP[kind]
    _, c = tph("--tph", kind, "--tph-tags", "extended")
    assert c.cfg(c.ext_cap(0x17) + 4) == CAP[kind] | 0x100


def test_none_has_no_capability_and_no_feature(tph):
    _, c = tph("--tph", "none")
    assert c.ext_cap(0x17) is None
    refused(ENOTTY, c.feature, vc.PROBE | vc.GET)


def test_table_size(tph):
    _, c = tph("--tph-entries", "5")
    assert c.cfg(c.ext_cap(0x17) + 4) >> 16 == 4
    c.tph_enable(1)
    c.st_set(4, [0])
    refused(ENXIO, c.st_set, 5, [0])
    refused(ENXIO, c.st_set, 4, [0, 0])


@pytest.mark.parametrize("opts, mode, req, reads", [
    ([], 1, 1, 0x101), ([], 1, 3, 0x101), ([], 0, 1, 0x100), ([], 1, 0, 0x001), ([], 2, 1, 0),
    ([], 7, 1, 0), ([], 1, 2, 0), (["--tph-tags", "extended"], 1, 3, 0x301),
    (["--tph-tags", "extended"], 1, 1, 0x101), (["--tph", "ds-reg"], 2, 1, 0x102),
    (["--tph", "ds-reg"], 1, 1, 0),
])
def test_control_keeps_what_the_device_can_do(tph, opts, mode, req, reads):
    _, c = tph(*opts)
    assert c.tph_enable(mode, req) == reads
    assert c.tph_enable(0, 0) == 0


def test_control_reserved_bits_do_not_stick(tph):
    _, c = tph()
    pos = c.ext_cap(0x17) + 8
    c.cfg_write(pos, 0xFFFFFCF9)
    assert c.cfg(pos) == 1
    c.write(7, pos + 1, b"\1")  # bytewise: the mode is kept
    assert c.cfg(pos) == 0x101


def test_probe(tph):
    _, c = tph()
    for flags in (vc.PROBE, vc.PROBE | vc.GET, vc.PROBE | vc.SET, vc.PROBE | vc.GET | vc.SET):
        reply = c.feature(flags)
        assert reply == struct.pack("<II", 8, vc.TPH_ST | flags)


@pytest.mark.parametrize("flags, argsz, errno", [
    (0, 8, EINVAL), (vc.GET | vc.SET, 8, EINVAL), (1 << 19 | vc.PROBE, 8, EINVAL),
    (vc.PROBE, 7, EINVAL), (vc.GET, 8, EINVAL), (vc.SET, 8, EINVAL),
])
def test_feature_flag_rules(tph, flags, argsz, errno):
    _, c = tph()
    refused(errno, c.feature, flags, argsz=argsz)


def test_other_features_are_absent(tph):
    _, c = tph()
    for index in (0, 1, 10, 13, 14, 0xFE01):
        refused(ENOTTY, c.feature, vc.PROBE | vc.GET, index=index)


def test_index_is_an_option(tph):
    _, c = tph("--tph-feature", "14")
    c.feature(vc.PROBE | vc.GET | vc.SET, index=14)
    refused(ENOTTY, c.feature, vc.PROBE | vc.GET)


def test_set_writes_the_table_and_counts(tph):
    nic, c = tph()
    assert c.tph_enable(1) == 0x101
    tags = c.st_get(0, [0, 1, 2, 127])
    assert len(set(tags)) == 4 and 0 not in tags and max(tags) < 256 and tags != [0, 1, 2, 127]
    c.st_set(1, [0, 1, 2])
    assert c.st_table(17) == [0, *tags[:3]] + [0] * 13
    assert nic.counters()["st_writes"] == "3"
    assert nic.counters()["st"] == ",".join(f"{i + 1}:{t:#x}" for i, t in enumerate(tags[:3]))
    c.st_set(2, [CLEAR])
    assert c.st_table(4) == [0, tags[0], 0, tags[2]]


def test_table_closed_and_open(tph):
    for opts, table in (([], [0] * 4), (["--tph-table", "open"], [0x1111, 0x3322, 0x0044, 0])):
        nic, c = tph(*opts)
        c.tph_enable(1)
        pos = c.ext_cap(0x17) + 12
        c.write(7, pos, b"\x11\x11\x22\x33")
        c.write(7, pos + 4, b"\x44")
        assert c.st_table(4) == table
        assert nic.counters()["st_writes"] == str(sum(t != 0 for t in table))


def test_open_table_is_clean_after_reset(tph):
    _, c = tph("--tph-table", "open")
    c.write(7, c.ext_cap(0x17) + 12, b"\x11\x22")
    c.reset()
    assert c.st_table(2) == [0, 0]


def test_tags_are_injective_and_the_same_everywhere(tph):
    _, a = tph()
    a.tph_enable(1)
    tags = a.st_get(0, list(range(128)))
    assert len(set(tags)) == 128
    assert all(0 < t < 256 for t in tags)


def test_extended_tags(tph):
    _, c = tph("--tph-tags", "extended")
    c.tph_enable(1, 3)
    tags = c.st_get(0, list(range(1024)))
    assert len(set(tags)) == 1024 and min(tags) > 255 and max(tags) < 65536
    c.st_set(0, [9])
    assert c.st_table(1) == [tags[9]]
    c.tph_enable(0, 0)
    c.tph_enable(1, 1)
    assert c.st_get(0, [9])[0] < 256  # 8-bit tags are another name space


def test_direct_writes_of_the_table_are_dropped(tph):
    _, c = tph()
    c.tph_enable(1)
    c.st_set(0, [3])
    before = c.st_table(17)
    c.write(7, c.ext_cap(0x17) + 12, b"\xff" * 34)
    assert c.st_table(17) == before


@pytest.mark.parametrize("index, cpus, errno", [
    (17, [0], ENXIO), (16, [0, 0], ENXIO), (0, [0] * 18, ENXIO), (65535, [0], EINVAL),
    (2047, [0, 0], EINVAL), (0, [0] * 2049, EINVAL), (0, [], EINVAL), (0, [BAD], EINVAL),
    (0, [208], EINVAL),
])
def test_set_bounds(tph, index, cpus, errno):
    nic, c = tph()
    c.tph_enable(1)
    refused(errno, c.st_set, index, cpus)
    assert nic.counters()["st_writes"] == "0"


def test_lengths_must_match(tph):
    _, c = tph()
    c.tph_enable(1)
    refused(EINVAL, c.feature, vc.SET, struct.pack("<IHH", 0, 0, 2) + bytes(4))
    refused(EINVAL, c.feature, vc.SET, struct.pack("<IHH", 0, 0, 1) + bytes(8))
    refused(EINVAL, c.feature, vc.SET, bytes(7))
    refused(EINVAL, c.feature, vc.GET, struct.pack("<IHHI", 0, 0, 1, 0), argsz=16)
    refused(EINVAL, c.feature, vc.SET, struct.pack("<IHHI", 0, 0, 1, 0), argsz=16)
    refused(EINVAL, c.st_set, 0, [0], flags=1)  # persistent memory has no tags here
    refused(EINVAL, c.st_set, 0, [0], flags=2)


def test_by_cpu_answers_only_while_tph_is_on(tph):
    _, c = tph()
    refused(EINVAL, c.st_set, 0, [0])
    refused(EINVAL, c.st_get, 0, [0])
    c.tph_enable(1)
    c.st_set(0, [0])
    assert c.st_get(5, [0]) == c.st_table(1)


def test_by_index_records_and_loads_at_enable(tph):
    nic, c = tph("--tph-get", "by-index")
    c.st_set(2, [5, 6])
    assert c.st_table(4) == [0] * 4 and nic.counters()["st_writes"] == "0"
    tags = c.st_get(1, [0, 0, 0, 0])
    assert tags[0] == tags[3] == 0 and 0 not in tags[1:3]
    c.tph_enable(1)
    assert c.st_table(4) == [0, 0, *tags[1:3]]
    head = c.feature(vc.GET, struct.pack("<IHH", 0, 2, 2), argsz=24)  # the head is enough
    assert struct.unpack_from("<II", head, 16) == tuple(tags[1:3])
    refused(ENXIO, c.st_get, 16, [0, 0])


@pytest.mark.parametrize("fault, after", [
    ("none", "before"), ("clear-to-zero", "zero"), ("partial", "part"), ("silent-drop", "before"),
])
def test_failed_batch(tph, fault, after):
    _, c = tph("--tph-fault", fault) if fault != "silent-drop" else tph()
    c.tph_enable(1)
    t = c.st_get(0, [0, 1, 2, 3])
    c.st_set(1, [0, 1, 2])
    assert c.st_table(5) == [0, t[0], t[1], t[2], 0]
    refused(EINVAL, c.st_set, 1, [3, BAD, 3])
    expect = {"before": [0, t[0], t[1], t[2], 0], "zero": [0] * 5,
              "part": [0, t[3], t[1], t[2], 0]}
    assert c.st_table(5) == expect[after]


def test_silent_drop(tph):
    nic, c = tph("--tph-fault", "silent-drop")
    c.tph_enable(1)
    c.st_set(0, [1, 2])
    assert c.st_table(2) == [0, 0] and nic.counters()["st_writes"] == "0"


def test_failed_batch_by_index_restores_the_record(tph):
    _, c = tph("--tph-get", "by-index")
    c.tph_enable(1)
    c.st_set(0, [4, 5])
    before = c.st_get(0, [0, 0])
    refused(EINVAL, c.st_set, 0, [7, BAD])
    assert c.st_get(0, [0, 0]) == before == c.st_table(2)


def test_ds_reg_has_no_table(tph):
    nic, c = tph("--tph", "ds-reg")
    refused(EINVAL, c.st_get, 0, [0])
    assert c.tph_enable(2) == 0x102
    refused(EINVAL, c.st_set, 0, [0])
    c.feature(vc.PROBE | vc.SET | vc.GET)
    tags = c.st_get(0, [0, 1])
    assert len(set(tags)) == 2
    assert nic.counters()["st_writes"] == "0"
    refused(EINVAL, c.st_get, 0, [0, BAD])


def test_ds_reg_by_index_stores_without_a_table(tph):
    _, c = tph("--tph", "ds-reg", "--tph-get", "by-index")
    c.tph_enable(2)
    c.st_set(0, [0, 1])
    tags = c.st_get(0, [9, 9])
    assert len(set(tags)) == 2 and 0 not in tags


def msix_tag(c, v):
    return struct.unpack("<I", c.read(2, 16 * v + 12, 4))[0]


def test_msix_table_needs_the_vector(tph):
    _, c = tph("--tph", "iv-msix")
    c.tph_enable(1)
    refused(ENXIO, c.st_set, 1, [0])
    ev = [os.eventfd(0) for _ in range(4)]
    c.set_irqs(0x24, 0, 2, ev[:2])
    c.st_set(0, [0, 1])
    tags = c.st_get(0, [0, 1])
    assert [msix_tag(c, v) >> 16 for v in range(3)] == [*tags, 0]
    assert msix_tag(c, 0) & 1 == 1
    refused(ENXIO, c.st_set, 1, [3, 3])  # vector 2 has none: entry 1 is restored
    assert msix_tag(c, 1) >> 16 == tags[1]
    c.write(2, 12, struct.pack("<I", 0x77770000))
    assert msix_tag(c, 0) == tags[0] << 16
    c.set_irqs(0x24, 2, 2, ev[2:])  # more vectors: tags stay
    assert [msix_tag(c, v) >> 16 for v in range(2)] == tags
    c.set_irqs(0x24, 1, 1, ev[2:3])  # another listener: a kernel masks and unmasks the vector
    assert [msix_tag(c, v) >> 16 for v in range(2)] == [tags[0], 0]
    c.set_irqs(0x21, 0, 0)
    c.set_irqs(0x24, 0, 1, ev[:1])  # off and on: a kernel has written every vector control
    assert [msix_tag(c, v) >> 16 for v in range(4)] == [0] * 4
    for fd in ev:
        os.close(fd)


@pytest.mark.parametrize("how", ["reset", "flr", "gone"])
def test_reset_clears_control_and_table(tph, how):
    nic, c = tph()
    c.tph_enable(1)
    c.st_set(0, [0, 1])
    if how == "reset":
        c.reset()
    elif how == "flr":
        c.cfg_write(c.cap(0x10) + 8, 0x8000, "<H")
    else:
        c.close()
        c = Client(nic.sock)
    assert c.cfg(c.ext_cap(0x17) + 8) == 0
    assert c.st_table(17) == [0] * 17
    assert nic.counters()["st_writes"] == "2"
    c.close()
