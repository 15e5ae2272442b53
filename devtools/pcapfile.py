# SPDX-License-Identifier: BSD-3-Clause
"""Classic pcap files of Ethernet frames: read, write, and tell protocol and flow of a frame."""
import collections
import struct

MAGIC, NANOSECONDS, ETHERNET = 0xA1B2C3D4, 0xA1B23C4D, 1
HEADER, RECORD = 24, 16

Frame = collections.namedtuple("Frame", "sec usec data")


def read(path):
    """@return list of Frame. OSError when it is no little-endian Ethernet capture."""
    blob = path.read_bytes()
    if len(blob) < HEADER:
        raise OSError(f"{path}: shorter than a pcap header")
    magic, _, _, _, _, _, link = struct.unpack_from("<IHHiIII", blob)
    if magic not in (MAGIC, NANOSECONDS) or link != ETHERNET:
        raise OSError(f"{path}: not a pcap of Ethernet")
    per_usec = 1000 if magic == NANOSECONDS else 1
    frames, at = [], HEADER
    while at < len(blob):
        if at + RECORD > len(blob):
            raise OSError(f"{path}: ends inside a record")
        sec, usec, kept, length = struct.unpack_from("<IIII", blob, at)
        at += RECORD
        if kept != length or at + kept > len(blob):
            raise OSError(f"{path}: a frame is cut short")
        frames.append(Frame(sec, usec // per_usec, blob[at:at + kept]))
        at += kept
    return frames


def write(path, frames):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", MAGIC, 2, 4, 0, 0, 65535, ETHERNET))
        for frame in frames:
            f.write(struct.pack("<IIII", frame.sec, frame.usec, len(frame.data), len(frame.data)))
            f.write(frame.data)


def _network(data):
    """(version, protocol, addresses, payload) of an IP frame, or None."""
    kind = struct.unpack_from("!H", data, 12)[0] if len(data) >= 14 else 0
    if kind == 0x0800 and len(data) >= 34:
        return 4, data[23], data[26:34], data[14 + 4 * (data[14] & 15):]
    if kind == 0x86DD and len(data) >= 54:
        return 6, data[20], data[22:54], data[54:]
    return None


def protocol(data):
    """Name for a table: ARP, ICMP, TCP/IPv4 and so on."""
    net = _network(data)
    if net is None:
        return "ARP" if data[12:14] == b"\x08\x06" else "other"
    names = {0: "hop-by-hop", 1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6"}
    name = names.get(net[1], f"protocol {net[1]}")
    return f"{name}/IPv{net[0]}"


def flow(data):
    """Key of the flow (one direction) that an IP frame belongs to, or None."""
    net = _network(data)
    if net is None:
        return None
    ports = net[3][:4] if net[1] in (6, 17) else b""
    return net[1], net[2], ports
