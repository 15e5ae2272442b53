# SPDX-License-Identifier: BSD-3-Clause
"""talk.py INTERFACE LOG: a trickle of UDP frames of many flows, from the guest's asking for them
in its log ("note talk") until it is killed."""
import socket
import struct
import sys
import time
from pathlib import Path

FLOWS = 64
INTERVAL = 0.02


def frame(flow):
    ethernet = b"\xff" * 6 + bytes.fromhex("0253540000ff") + b"\x08\x00"
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 46, 0, 0, 64, 17, 0, bytes((192, 0, 2, 1)),
                     bytes((192, 0, 2, 255)))
    total = sum(struct.unpack(">10H", ip))
    total = (total & 0xffff) + (total >> 16)
    ip = ip[:10] + struct.pack(">H", ~(total + (total >> 16)) & 0xffff) + ip[12:]
    return ethernet + ip + struct.pack(">HHHH", 1024 + flow, 9, 26, 0) + bytes(18)


def main():
    log = Path(sys.argv[2])
    while not log.exists() or "note talk" not in log.read_text(errors="replace"):
        time.sleep(0.2)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.bind((sys.argv[1], 0))
        flow = 0
        while True:
            flow = (flow + 1) % FLOWS
            s.send(frame(flow))
            time.sleep(INTERVAL)


if __name__ == "__main__":
    main()
