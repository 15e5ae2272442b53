# SPDX-License-Identifier: BSD-3-Clause
"""
Version, capabilities, algorithms: the six messages that begin an SPDM 1.2 connection (DSP0274 1.2,
10.2 to 10.4), built and read.
"""
import struct

from spdm_wire import Reader, Refused, malformed

V10, V12 = 0x10, 0x12
GET_VERSION, VERSION = 0x84, 0x04
GET_CAPABILITIES, CAPABILITIES = 0xE1, 0x61
NEGOTIATE_ALGORITHMS, ALGORITHMS = 0xE3, 0x63

CERT_CAP = 1 << 1
CHUNK_CAP = 1 << 17
MEAS_CAP_SHIFT, MEAS_CAP_SIGNED = 3, 2
DMTF = 1
HASH_SHA384 = 1 << 1          # BaseHashAlgo
MEASURE_HASH_SHA384 = 1 << 2  # MeasurementHashAlgo: bit 0 is "raw only" there
ECDSA_P384 = 1 << 7
OPAQUE_FORMAT_1 = 1 << 1

MIN_TRANSFER = 42    # MinDataTransferSize of 1.2
NEGOTIATE_MAX = 128  # of a NEGOTIATE_ALGORITHMS of 1.2
TABLE_TYPES = (2, 3, 4, 5)  # DHE, AEAD, ReqBaseAsymAlg, KeySchedule


def version(entries=(0x1200,)):
    return (struct.pack("<BBBB", V10, GET_VERSION, 0, 0) +
            struct.pack("<BBBBBB", V10, VERSION, 0, 0, 0, len(entries)) +
            b"".join(struct.pack("<H", e) for e in entries))


def capability(code, flags, transfer=4096, message=4096, exponent=0):
    return struct.pack("<BBBBBBHIII", V12, code, 0, 0, 0, exponent, 0, flags, transfer, message)


def capabilities(request=0, response=CERT_CAP | MEAS_CAP_SIGNED << MEAS_CAP_SHIFT, **sizes):
    return (capability(GET_CAPABILITIES, request, **sizes) +
            capability(CAPABILITIES, response, **sizes))


def table(kind, value):
    """Algorithm structure: two fixed bytes, no external algorithm."""
    return struct.pack("<BBH", kind, 0x20, value)


def negotiate(spec=DMTF, asym=ECDSA_P384, hashes=HASH_SHA384, other=OPAQUE_FORMAT_1, tables=()):
    body = struct.pack("<BBII12sBBH", spec, other, asym, hashes, b"", 0, 0, 0) + b"".join(tables)
    return struct.pack("<BBBBH", V12, NEGOTIATE_ALGORITHMS, len(tables), 0, 6 + len(body)) + body


def algorithms(spec=DMTF, measure=MEASURE_HASH_SHA384, asym=ECDSA_P384, hashes=HASH_SHA384,
               other=OPAQUE_FORMAT_1, tables=()):
    body = struct.pack("<BBIII12sBBH", spec, other, measure, asym, hashes, b"", 0, 0, 0) + \
        b"".join(tables)
    return struct.pack("<BBBBH", V12, ALGORITHMS, len(tables), 0, 6 + len(body)) + body


def vca(versions=None, caps=None, request=None, response=None):
    return b"".join((versions or version(), caps or capabilities(), request or negotiate(),
                     response or algorithms()))


def header(r, wanted_version, code):
    """@return Param1; fields marked reserved are ignored when read (DSP0274 4.2)."""
    found, got = r.number(1), r.number(1)
    malformed(got == code, f"vca: message 0x{got:02x} where 0x{code:02x} is due")
    if found != wanted_version:
        raise Refused("UNSUPPORTED", f"vca: 0x{code:02x} has version 0x{found:02x}")
    first = r.number(1)
    r.take(1)
    return first


def read_version(r):
    header(r, V10, GET_VERSION)
    header(r, V10, VERSION)
    r.take(1)
    entries = [r.number(2) for _ in range(r.number(1))]
    if not any(e >> 8 == V12 for e in entries):
        raise Refused("UNSUPPORTED", "vca: no SPDM 1.2")


def read_capabilities(r, code):
    header(r, V12, code)
    r.take(4)  # reserved, CTExponent, reserved
    flags, transfer, message = r.number(4), r.number(4), r.number(4)
    malformed(MIN_TRANSFER <= transfer <= message, f"vca: 0x{code:02x}: sizes")
    # Messages larger than one transfer are what chunks are for.
    malformed(flags & CHUNK_CAP or transfer == message, f"vca: 0x{code:02x}: sizes differ")
    return flags


def read_tables(r, count):
    """Algorithm structures, of ascending type."""
    last = 0
    for _ in range(count):
        kind, sizes = r.number(1), r.number(1)
        malformed(kind in TABLE_TYPES and kind > last, f"vca: algorithm structure of type {kind}")
        malformed(sizes >> 4 == 2, "vca: algorithm structure without its two bytes")
        r.take(2 + 4 * (sizes & 15))
        last = kind


def message_of_length(r, code):
    """@return reader of the message behind its Length field, number of algorithm structures"""
    start = r.at
    count = header(r, V12, code)
    length = r.number(2)
    malformed(length >= 6, f"vca: Length of 0x{code:02x}")
    body = Reader(r.take(length - (r.at - start)), f"vca 0x{code:02x}")
    return body, count, length


def read_negotiate(r):
    body, count, length = message_of_length(r, NEGOTIATE_ALGORITHMS)
    malformed(length <= NEGOTIATE_MAX, "vca: NEGOTIATE_ALGORITHMS over 128 bytes")
    spec, _, asym, hashes = body.number(1), body.number(1), body.number(4), body.number(4)
    body.take(12)
    external = body.number(1) + body.number(1)
    body.take(2 + 4 * external)
    read_tables(body, count)
    body.end()
    return spec, asym, hashes


def read_algorithms(r):
    body, count, _ = message_of_length(r, ALGORITHMS)
    spec, _, measure = body.number(1), body.number(1), body.number(4)
    asym, hashes = body.number(4), body.number(4)
    body.take(12)
    external = (body.number(1), body.number(1))
    # At most one of each may be selected, and where one is, no basic algorithm is.
    malformed(max(external) <= 1, "vca: ALGORITHMS selects several external algorithms")
    body.take(2 + 4 * sum(external))
    read_tables(body, count)
    body.end()
    return spec, measure, asym, hashes, external


def read(data):
    """Refused unless these bytes agree on what we verify: P-384, SHA-384, DMTF measurements."""
    if not data:
        raise Refused("EVIDENCE_MISSING", "vca: empty")
    r = Reader(data, "vca")
    read_version(r)
    read_capabilities(r, GET_CAPABILITIES)
    flags = read_capabilities(r, CAPABILITIES)
    offer = read_negotiate(r)
    spec, measure, asym, hashes, external = read_algorithms(r)
    r.end()
    if not flags & CERT_CAP or flags >> MEAS_CAP_SHIFT & 3 != MEAS_CAP_SIGNED:
        raise Refused("UNSUPPORTED", "vca: the device signs no measurements")
    chosen = (spec, measure, asym, hashes)
    if chosen != (DMTF, MEASURE_HASH_SHA384, ECDSA_P384, HASH_SHA384) or any(external):
        raise Refused("UNSUPPORTED", "vca: algorithms other than P-384, SHA-384 and DMTF")
    malformed(spec & offer[0] and asym & offer[1] and hashes & offer[2],
              "vca: ALGORITHMS selects what was not offered")
