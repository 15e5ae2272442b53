# SPDX-License-Identifier: BSD-3-Clause
"""The table of knobs: name -> (what it does to the parts of evidence, outcome)."""
from spdm_ca import Ca
from spdm_wire import sha384

KNOBS = {}


def knob(code, name=None):
    """Put a function(parts) into the table, under its own name with dashes."""
    def add(f):
        name_ = name or f.__name__.replace("_", "-")
        assert name_ not in KNOBS
        KNOBS[name_] = (f, code)
        return f
    return add


def edit(obj, change):
    """After signing and measuring: this object becomes change(its bytes)."""
    return lambda e: setattr(e, obj, change(getattr(e, obj)))


def new_ca(p, **knobs):
    p.ca = Ca(**knobs)
    p.key, p.chain["certificates"] = p.ca.leaf.key, p.ca.chain()
    p.policy["roots"] = [sha384(p.ca.root.der).hex()]
