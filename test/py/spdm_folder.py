# SPDX-License-Identifier: BSD-3-Clause
"""A folder of stored evidence (lib/tsm/steer_tsm_evidence.h), written and read."""
import dataclasses
import json

OBJECTS = ("vca", "chain", "measurements", "report")


@dataclasses.dataclass
class Evidence:
    """What was collected, and what it is judged by; policy and device are the file's own JSON."""
    vca: bytes
    chain: bytes
    measurements: bytes
    report: bytes
    nonce: bytes
    time: int
    digests: dict
    device: dict
    policy: dict
    tsm: str = "tsm0"
    arch: str = "cca"
    simulated: bool = True
    mode: str = "require"


def write(folder, e):
    folder.mkdir(parents=True, exist_ok=True)
    for n in OBJECTS:
        (folder / f"{n}.bin").write_bytes(getattr(e, n))
    (folder / "evidence.json").write_text(json.dumps({
        "version": 1, "tsm": e.tsm, "simulated": e.simulated, "arch": e.arch, "time": e.time,
        "nonce": e.nonce.hex(), "mode": e.mode, "device": e.device, "policy": e.policy,
        "digests": {n: d.hex() for n, d in e.digests.items()}}))
    return folder


def read(folder):
    data = json.loads((folder / "evidence.json").read_text())
    assert data["version"] == 1
    return Evidence(**{n: (folder / f"{n}.bin").read_bytes() for n in OBJECTS},
                    nonce=bytes.fromhex(data["nonce"]), time=data["time"],
                    digests={n: bytes.fromhex(d) for n, d in data["digests"].items()},
                    device=data["device"], policy=data["policy"], tsm=data["tsm"],
                    arch=data["arch"], simulated=data["simulated"], mode=data["mode"])
