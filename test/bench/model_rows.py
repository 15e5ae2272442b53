# SPDX-License-Identifier: BSD-3-Clause
"""Published hit rates of PCIe writes and reads, one core, to hold the cache model against.

From ddio-bench (https://github.com/aliireza/ddio-bench, A. Farshin and others, "Reexamining Direct
Cache Access", USENIX ATC 2020): Xeon Gold 6140, ConnectX-5 100G, FastClick forwarding at layer 2,
medians of 10 runs, in percent. Frames by size in bytes, Rx rings by descriptors.
"""

RINGS = [128, 256, 512, 1024, 2048, 4096]
WRITE_HITS = {
    256: [100.0, 100.0, 100.0, 100.0, 100.0, 99.9],
    512: [100.0, 99.8, 99.8, 99.6, 98.5, 92.1],
    1024: [100.0, 98.9, 98.2, 95.9, 89.0, 62.8],
    1500: [98.2, 98.3, 96.9, 89.3, 81.7, 39.9],
}
# Ways that DMA may use, with 4096 descriptors: (size, ways, write hits). Two are in the rows above.
WAYS = [
    (1024, 3, 88.0), (1024, 4, 97.1), (1024, 5, 99.6), (1024, 6, 99.9), (1024, 7, 100.0),
    (1500, 4, 87.5), (1500, 6, 99.8), (1500, 8, 100.0),
]
# Rows from here on are saturated: they flatter any model.
SATURATED = 99.0


def rows():
    """(frame size, descriptors, I/O ways, write hits in percent), 32 of them."""
    found = [(size, ring, 2, hits) for size, all_hits in WRITE_HITS.items()
             for ring, hits in zip(RINGS, all_hits)]
    return found + [(size, RINGS[-1], ways, hits) for size, ways, hits in WAYS]
