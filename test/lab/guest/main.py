# SPDX-License-Identifier: BSD-3-Clause
"""Runs one case inside the guest; its results go to the second serial port."""
import importlib
import re
import sys
import traceback

import guestlib


def main():
    with open("/proc/cmdline", encoding="ascii") as f:
        name = re.search(r"lab\.case=(\w+)", f.read())[1]
    case = importlib.import_module(f"case_{name}")
    for test in case.TESTS:
        print(f"### {test.__name__}", flush=True)
        try:
            test()
        except guestlib.Skip as e:
            guestlib.skip(test.__doc__ or test.__name__, str(e))
        except Exception:  # pylint: disable=broad-except
            guestlib.report(False, test.__doc__ or test.__name__, traceback.format_exc())
    guestlib.say("done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
