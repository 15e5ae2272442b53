# SPDX-License-Identifier: BSD-3-Clause
"""tcp.py serve ADDRESS SIZE SEED | tcp.py get ADDRESS SIZE SEED: pseudo-random bytes over TCP."""
import random
import socket
import sys
import time

PORT = 5000


def serve(address, blob):
    with socket.create_server((address, PORT)) as s:
        peer, _ = s.accept()
        with peer:
            peer.sendall(blob)


def get(address, blob):
    end = time.monotonic() + 60
    while True:
        try:
            peer = socket.create_connection((address, PORT), timeout=60)
            break
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
    start, got = time.monotonic(), bytearray()
    while part := peer.recv(1 << 16):
        got += part
    same = "equal" if got == blob else "different"
    print(f"{len(got)} of {len(blob)} bytes, {same}, {time.monotonic() - start:.1f} s")


def main():
    what, address, size, seed = sys.argv[1:]
    blob = random.Random(int(seed)).randbytes(int(size))
    {"serve": serve, "get": get}[what](address, blob)


if __name__ == "__main__":
    main()
