# SPDX-License-Identifier: BSD-3-Clause
"""What steer-doctor says of the guest's cards; the cases call it with what they know better."""
import base64
import json
import subprocess
from pathlib import Path

import guestlib as g

RECORDING = Path("/tmp/machine.tar.gz")


def ask(*words, before=()):
    """(exit status, report) of steer-doctor."""
    done = subprocess.run([*before, "steer-doctor", "--json", *words], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=g.PATIENCE,
                          check=False)
    if done.stderr:
        raise AssertionError(done.stderr.decode(errors="replace"))
    return done.returncode, json.loads(done.stdout)


def says(label, bdf, use, steering, before=(), **wanted):
    """Verdict, exit status, and the findings by name ("_" stands for blank and hyphen)."""
    code, report = ask(bdf, before=before)
    device, = report["devices"]
    found = {"".join("_" if c in " -" else c for c in check["what"]): check["have"]
             for check in device["checks"]}
    verdict = device["verdict"]
    got = {"use": verdict["use"], "steering": verdict["steering"], "code": code,
           **{name: found.get(name) for name in wanted}}
    want = {"use": use, "steering": steering, "code": int(not use == steering == "yes"), **wanted}
    g.report(got == want, f"steer-doctor: {label}", f"{got}\n{want}\n"
             f"{json.dumps(device['checks'], indent=1)}")
    return device


def table(label, bdf, **wanted):
    """The decoded capability."""
    device, = ask(bdf)[1]["devices"]
    got = {name: (device["tph"] or {}).get(name) for name in wanted}
    g.report(got == wanted, f"steer-doctor: capability of a card with {label}",
             f"{device['tph']} {device['tph_why']}")


def records(bdf):
    """What was recorded reads the same; it goes to the console, so that it can become a test."""
    live = ask("--record", RECORDING, bdf)
    again = ask("--root", RECORDING, bdf)
    data = RECORDING.read_bytes()
    g.report(live == again, f"steer-doctor: a recording of {len(data)} bytes reads the same",
             f"{live}\n{again}")
    print(f"### recorded {base64.b64encode(data).decode()}", flush=True)
