# SPDX-License-Identifier: BSD-3-Clause
"""Counting results: one line of progress per part, failures in full, the sum at the end."""
import time

PASS, FAIL, SKIP = "passed", "failed", "skipped"


class Part:
    """Results of one part."""

    def __init__(self, name):
        self.name = name
        self.count = {PASS: 0, FAIL: 0, SKIP: 0}
        self.failures, self.skips = [], []
        self._start = time.monotonic()
        print(f"== {name}", flush=True)

    def add(self, name, result, text=""):
        """One result; text is the output of a failure or the reason of a skip."""
        name = f"{self.name}: {name}"
        self.count[result] += 1
        if result == FAIL:
            self.failures.append(name)
            print(f"FAIL {name}\n{text.rstrip()}", flush=True)
        elif result == SKIP:
            self.skips.append((name, " ".join(text.split())))

    def check(self, name, ok, text=""):
        self.add(name, PASS if ok else FAIL, text)

    def end(self):
        did = ", ".join(f"{n} {k}" for k, n in self.count.items() if n) or "nothing to do"
        print(f"   {did} ({time.monotonic() - self._start:.0f} s)", flush=True)


def finish(parts):
    """Print reasons and the sum. @return exit status."""
    for name, reason in (s for p in parts for s in p.skips):
        print(f"skipped {name}: {reason}")
    failures = [f for p in parts for f in p.failures]
    for name in failures:
        print(f"failed {name}")
    print(", ".join(f"{sum(p.count[k] for p in parts)} {k}" for k in (PASS, FAIL, SKIP)),
          flush=True)
    return 1 if failures else 0
