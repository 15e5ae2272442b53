# SPDX-License-Identifier: BSD-3-Clause
"""Runs one case inside the guest; its results go to the second serial port."""
import importlib
import sys
import traceback

import guestlib


def main():
    words = dict(w.split("=", 1) for w in guestlib.command_line() if "=" in w)
    case, only = importlib.import_module(f"case_{words['lab.case']}"), words.get("lab.test")
    for test in [t for t in case.TESTS if only is None or t.__name__ in only.split(",")]:
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
