# SPDX-License-Identifier: BSD-3-Clause
"""What the timing probe is compiled to, for both kinds of CPU on any machine: where the fences are."""
import subprocess

import pytest
import steerlab

from conftest import need

SOURCE = """
#include "steer_timing.h"
uint32_t load(const void *p);
uint64_t now(void);
void flush(const void *p);
uint8_t use(struct steer_timing_thread *t, const void *p);
uint32_t load(const void *p) { return steer_timing_load(p); }
uint64_t now(void) { return steer_timing_now(); }
void flush(const void *p) { steer_timing_flush(p); steer_timing_fence(); }
uint8_t use(struct steer_timing_thread *t, const void *p)
{
	return *(const volatile uint8_t *)steer_timing_touch(t, 0, p);
}
"""
COUNTER = "mrs cntvct_el0"


def instructions(text, function):
    """What the function is made of: one word for each, and what some of them are about."""
    body = text.split(f"\n{function}:", 1)[1].split("\n.Lfunc_end", 1)[0]
    words = []
    for line in body.splitlines():
        parts = line.split("//")[0].split("# ")[0].replace(",", " ").lower().split()
        if not parts or parts[0][0] in ".#":
            continue
        keep = {"mrs": 2, "dsb": 1, "dc": 1}.get(parts[0])
        words.append(parts[0] if keep is None else f"{parts[0]} {parts[keep]}")
    return words


@pytest.fixture(scope="module")
def assembly(tmp_path_factory):
    """target -> text; clang has all of them in one program."""
    clang = need("clang")
    source = tmp_path_factory.mktemp("probe") / "probe.c"
    source.write_text(SOURCE)

    def compiled(target):
        done = subprocess.run([clang, f"--target={target}-linux-gnu", "-ffreestanding", "-O2",
                               "-Wall", "-Wextra", "-Werror",
                               f"-I{steerlab.ROOT / 'lib' / 'cache'}", "-S", "-o", "-",
                               str(source)], capture_output=True, text=True, timeout=60,
                              check=False)
        if "unable to create target" in done.stderr:
            pytest.skip(f"clang has no target {target}")
        assert done.returncode == 0, done.stderr
        return done.stdout

    return compiled


def test_arm_load_is_alone_between_the_fences(assembly):
    """Earlier accesses complete before the first reading, the load before the second."""
    words = instructions(assembly("aarch64"), "load")
    first = words.index(COUNTER)
    second = words.index(COUNTER, first + 1)
    assert words[:first] == ["dsb sy", "isb"]
    assert words[first + 1:second] == ["isb", "ldrb", "dsb ishld", "isb"]
    assert words.count("ldrb") == 1


def test_arm_counter_is_not_read_early(assembly):
    assert instructions(assembly("aarch64"), "now")[:2] == ["isb", COUNTER]


def test_arm_flush_is_by_address(assembly):
    assert instructions(assembly("aarch64"), "flush")[:3] == ["dc civac", "dsb sy", "isb"]


def test_x86_load_is_alone_between_the_fences(assembly):
    words = instructions(assembly("x86_64"), "load")
    first = words.index("rdtscp")
    second = words.index("rdtscp", first + 1)
    assert words[first - 2:first] == ["mfence", "lfence"]
    assert words[first + 1:second] == ["lfence", "movl", "movzbl"]
    assert words[second + 1] == "lfence"


@pytest.mark.parametrize("target,select,jumps", [
    ("x86_64", ["cmpl", "cmoveq"], {"je", "jne"}),
    ("aarch64", ["cmp", "csel", "csdb"], {"b.eq", "b.ne", "cbz", "cbnz"})])
def test_a_wrong_guess_does_not_reach_the_line(assembly, target, select, jumps):
    """The pointer is chosen by data flow before the branch that the CPU guesses."""
    words = instructions(assembly(target), "use")
    branch = min(i for i, word in enumerate(words) if word in jumps)
    at = [i for i in range(branch) if words[i:i + len(select)] == select]
    assert len(at) == 1, words
