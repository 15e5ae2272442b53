# SPDX-License-Identifier: BSD-3-Clause
"""Traces that EAL saves (--trace, --trace-dir): CTF 1.8 in the one form that DPDK writes, read by
what its metadata says."""

import re
import struct

MAGIC = 0xC1FC1FC1
STREAM_HEADER = struct.Struct("<I16sI32s")  # magic, uuid, lcore, thread name
FIELD = {"uint8_t": "B", "uint16_t": "H", "uint32_t": "I", "uint64_t": "Q", "int8_t": "b",
         "int16_t": "h", "int32_t": "i", "int64_t": "q", "uintptr_t": "Q", "size_t": "Q",
         "long": "q", "float": "f", "double": "d"}


def layouts(metadata):
    """Event id -> (name, struct.Struct, names of its fields)."""
    found = {}
    for body in re.findall(r"event \{(.*?)\n\};", metadata, re.S):
        ident = int(re.search(r"\bid = (\d+);", body).group(1))
        name = re.search(r'\bname = "([^"]+)";', body).group(1)
        fields = re.search(r"struct \{(.*?)\}", body, re.S).group(1)
        code, names = "<", []
        for kind, field, size in re.findall(r"(\w+) (\w+)(?:\[(\d+)\])?;", fields):
            code += f"{size}s" if size else FIELD[kind]
            names.append(field)
        found[ident] = (name, struct.Struct(code), names)
    return found


def stream(data, known):
    """Events of one thread's file, in order."""
    magic, _, _, thread = STREAM_HEADER.unpack_from(data)
    assert magic == MAGIC
    at = STREAM_HEADER.size
    while at + 8 <= len(data):
        word, = struct.unpack_from("<Q", data, at)
        ident, stamp = word >> 48, word & (1 << 48) - 1
        name, layout, names = known[ident]
        values = dict(zip(names, layout.unpack_from(data, at + 8)))
        yield {"event": name, "time": stamp, "thread": thread.rstrip(b"\0").decode(), **values}
        at += 8 + layout.size
        at += -(at - STREAM_HEADER.size) % 8


def events(folder):
    """All events below a trace directory, in the order of their time stamps."""
    found = []
    for metadata in folder.rglob("metadata"):
        known = layouts(metadata.read_text())
        for channel in metadata.parent.glob("channel0_*"):
            found += stream(channel.read_bytes(), known)
    return sorted(found, key=lambda e: e["time"])
