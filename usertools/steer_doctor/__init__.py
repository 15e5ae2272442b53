# SPDX-License-Identifier: BSD-3-Clause
"""What steering needs of a machine and of its network cards, looked at and judged."""
from steer_pci import Refused
from steer_pci.bus import DEVICES

from . import device, machine, verdict

SCHEMA = 1


def examine(tree, chosen=()):
    """The whole report as data; chosen: addresses, none for every network device."""
    for bdf in chosen:
        if not tree.exists(f"{DEVICES}/{bdf}"):
            raise Refused(f"{bdf}: no such PCI device: lspci -D lists them")
    facts = machine.look(tree)
    found = chosen or [d for d in tree.devices() if tree.is_network(d)]
    devices = [device.look(tree, bdf) for bdf in dict.fromkeys(found)]
    return {"schema": SCHEMA, "machine": facts,
            "devices": [{**d, **verdict.judge(facts, d)} for d in devices]}


def fine(examined):
    """Is there a network device, and nothing missing or unseen of any?"""
    return bool(examined["devices"]) and all(map(verdict.fine, examined["devices"]))
