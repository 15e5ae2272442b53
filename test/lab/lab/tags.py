# SPDX-License-Identifier: BSD-3-Clause
"""What arrived in a card's ST table, by the card's own log (vfu-nic --tph-log)."""
import re

FORGOTTEN = "reset"


def history(seen):
    """The states that an ST table went through: entries that are not 0, or FORGOTTEN."""
    table, states = {}, []
    for line in seen:
        entry = re.match(r"st\[(\d+)\] = (0x\w+)", line)
        if entry:
            table = {**table, int(entry[1]): int(entry[2], 16)}
            states.append({k: v for k, v in table.items() if v})
        elif line == "reset":
            table = {}
            states += [FORGOTTEN, {}]
    return states


def in_order(states, wanted):
    """Each of 'wanted' is one of the states, in this order."""
    rest = iter(states)
    return all(any(s == w for s in rest) for w in wanted)


def events(log):
    """What the card printed about control register and table."""
    return re.findall(r" tph: (st\[\d+\] = 0x\w+|control = 0x\w+|reset)", log)


def look_at(tap, log):
    """What arrived at the card that only our application used (guest/case_module.py)."""
    seen = events(log)
    why = "\n".join(x for x in seen if not x.startswith("control"))
    tables, pairs = history(seen), {1: 0x11, 2: 0x11, 3: 0x12, 4: 0x12}
    wanted = [pairs, {**pairs, 3: 0x11, 4: 0x11}]
    tap.ok(in_order(tables, wanted), "per-queue: the tags arrive in the card's table, and the "
           "moved queue's again", why)
    wanted.append({1: 0x10, 2: 0x11, 3: 0x12})
    tap.ok(in_order(tables, wanted), "palette: one tag a CPU arrives", why)
    wanted += [pairs, FORGOTTEN, pairs]
    tap.ok(in_order(tables, wanted), "reset: the card forgets the tags, and they arrive again",
           why)
    tap.ok(tables and not tables[-1], "the table is clean at the end", why)


def look_at_stock(tap, log):
    """What arrived at the card of a PMD that is not ours (guest/case_stock.py)."""
    seen = events(log)
    steps = ["st[1] = 0x11", "st[2] = 0x12", "st[2] = 0x10", "st[2] = 0x12"]
    tap.ok(in_order(seen, steps), "net_virtio: tags arrive at the entries of its vectors, a moved "
           "queue's too", "\n".join(seen))
    tables = history(seen)
    tap.ok(tables and not tables[-1], "net_virtio: the table is clean at the end", "\n".join(seen))
