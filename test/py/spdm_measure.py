# SPDX-License-Identifier: BSD-3-Clause
"""GET_MEASUREMENTS and MEASUREMENTS of SPDM 1.2 (DSP0274 1.2, 10.11), built and read."""
import collections
import struct

import spdm_sign
from spdm_wire import DIGEST, Reader, Refused, malformed, sha384

V12, GET_MEASUREMENTS, MEASUREMENTS = 0x12, 0xE0, 0x60
SIGNED, RAW_WANTED, ALL = 1, 2, 0xFF
RAW = 0x80
DMTF = 1
NONCE = 32
MANIFEST, DEVICE_MODE = 0xFD, 0xFE  # indices that the specification gives away; 1..0xef are free
CHANGED, RESERVED_CHANGE = 1, 3     # bits 5:4 of Param2

Block = collections.namedtuple("Block", "index type value")
Measured = collections.namedtuple("Measured", "request response signature nonce blocks")


def value(kind, data):
    """DMTF measurement value."""
    return struct.pack("<BH", kind, len(data)) + data


def block(index, kind, data, spec=DMTF):
    body = value(kind, data)
    return struct.pack("<BBH", index, spec, len(body)) + body


def request(nonce, slot=0, attributes=SIGNED, operation=ALL):
    head = struct.pack("<BBBB", V12, GET_MEASUREMENTS, attributes, operation)
    return head + nonce + bytes([slot])


def response(blocks, nonce, slot=0, changed=0, opaque=b"", count=None):
    """Without signature. blocks: bytes of block()"""
    record = b"".join(blocks)
    count = len(blocks) if count is None else count
    return (struct.pack("<BBBBB", V12, MEASUREMENTS, 0, slot | changed << 4, count) +
            len(record).to_bytes(3, "little") + record + nonce +
            struct.pack("<H", len(opaque)) + opaque)


def digest(b):
    """What an allow-list has for a block: its digest, or that of its raw bytes."""
    return sha384(b.value) if b.type & RAW else b.value


def header(r, code):
    version, got = r.number(1), r.number(1)
    malformed(got == code, f"measurements: message 0x{got:02x} where 0x{code:02x} is due")
    if version != V12:
        raise Refused("UNSUPPORTED", f"measurements: version 0x{version:02x}")


def read_request(r):
    """@return nonce, slot"""
    header(r, GET_MEASUREMENTS)
    attributes, operation = r.number(1), r.number(1)
    # Without a signature asked for the request has neither nonce nor slot: another layout.
    malformed(attributes & SIGNED, "measurements: no signature was asked for")
    malformed(not attributes & ~(SIGNED | RAW_WANTED), "measurements: unknown attributes")
    malformed(operation == ALL, "measurements: not all measurements were asked for")
    nonce, slot = r.take(NONCE), r.number(1)
    malformed(slot < 8, "measurements: slot over 7")
    return nonce, slot


def read_block(r):
    index, spec, size = r.number(1), r.number(1), r.number(2)
    malformed(1 <= index <= 0xEF or index in (MANIFEST, DEVICE_MODE),
              f"measurements: block of reserved index {index}")
    malformed(spec == DMTF, f"measurements: block {index} is not of DMTF's specification")
    inner = Reader(r.take(size), f"measurement {index}")
    kind, size = inner.number(1), inner.number(2)
    data = inner.take(size)
    inner.end()
    malformed(kind & RAW or size == DIGEST, f"measurements: digest {index} is no SHA-384")
    return Block(index, kind, data)


def read_record(count, record):
    r, blocks = Reader(record, "measurement record"), []
    for _ in range(count):
        b = read_block(r)
        malformed(b.index not in [x.index for x in blocks], f"measurements: {b.index} twice")
        blocks.append(b)
    r.end()
    return blocks


def read(data):
    if not data:
        raise Refused("EVIDENCE_MISSING", "measurements: empty")
    r = Reader(data, "measurements")
    nonce, slot = read_request(r)
    start = r.at
    header(r, MEASUREMENTS)
    r.take(1)
    second, count = r.number(1), r.number(1)
    malformed(second & 15 == slot, "measurements: answer of another slot")
    malformed(second >> 4 & 3 != RESERVED_CHANGE, "measurements: reserved change indication")
    blocks = read_record(count, r.take(r.number(3)))
    r.take(NONCE)
    r.take(r.number(2))
    end = r.at
    signature = r.take(spdm_sign.SIGNATURE)
    r.end()
    if second >> 4 & 3 == CHANGED:
        raise Refused("DIGEST_MISMATCH", "measurements: they changed while they were made")
    return Measured(r.data[:start], r.data[start:end], signature, nonce, blocks)
