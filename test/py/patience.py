# SPDX-License-Identifier: BSD-3-Clause
"""How tests wait: for the thing itself and not for a time. A busy machine is no failure, and
patience costs nothing when all is well."""

import time

PATIENCE = 60  # seconds


def wait_for(what, true, timeout=PATIENCE, every=0.005):
    """Wait until true() gives something true. @return that; its last value is in the failure."""
    end = time.monotonic() + timeout
    while not (value := true()):
        assert time.monotonic() < end, f"no {what}: {value!r}"
        time.sleep(every)
    return value
