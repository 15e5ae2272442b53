# SPDX-License-Identifier: BSD-3-Clause
"""The order of an attach is in the types of lib/tsm: a caller that skips a step does not compile."""
import shutil
import subprocess

import pytest

import usertool

HEADERS = usertool.ROOT / "lib" / "tsm"
DECLARE = """
#include <steer_tsm.h>
int attach(struct steer_tsm_unbound unbound, const struct steer_tsm_device *device);
int attach(struct steer_tsm_unbound unbound, const struct steer_tsm_device *device)
{
	struct steer_tsm_connected connected;
	struct steer_tsm_bound bound;
	struct steer_tsm_armed armed;
	struct steer_tsm_locked locked;
	struct steer_tsm_verified verified;
	struct steer_tsm_running running;
	return
"""
STEPS = [
    "steer_tsm_connect(unbound, &connected)",
    "steer_tsm_bind(connected, &bound)",
    "steer_tsm_arm(bound, device, &armed)",
    "steer_tsm_lock(armed, &locked)",
    "steer_tsm_verify(locked, &verified)",
    "steer_tsm_run(verified, &running)",
    "steer_tsm_dma_allowed(running)",
]
TOKENS = ["unbound", "connected", "bound", "armed", "locked", "verified", "running"]
CALLS = {token: step for token, step in zip(TOKENS, STEPS)}


def compiles(steps, compiler, text=DECLARE):
    """Every token is set by some step: only the types are in question."""
    source = text + " ||\n\t".join(steps) + ";\n}\n"
    kind = ["-x", "c++", "-std=gnu++17"] if "++" in compiler else ["-x", "c", "-std=gnu11"]
    done = subprocess.run([compiler, *kind, "-fsyntax-only", "-Wall", "-Werror",
                           "-Wno-maybe-uninitialized", "-Wno-uninitialized",
                           "-Wno-unused-variable", f"-I{HEADERS}", "-"],
                          input=source, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode == 0, done.stderr


@pytest.fixture(params=["gcc", "g++"])
def compiler(request):
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    return request.param


def test_all_steps_in_their_order_compile(compiler):
    good, why = compiles(STEPS, compiler)
    assert good, why


def test_a_token_of_another_step_does_not():
    """Each step with each token that is not its own: 42 ways to skip or repeat one."""
    for token, step in CALLS.items():
        for other in TOKENS:
            good, why = compiles([step.replace(f"({token}", f"({other}", 1)], "gcc")
            assert good == (other == token), (step, other, why)
            if not good:
                assert "error: " in why and f"steer_tsm_{other}" in why


def test_a_lock_without_what_is_armed_does_not(compiler):
    for call in ("steer_tsm_lock(&locked)", "steer_tsm_lock(bound, &locked)",
                 "steer_tsm_lock(0, &locked)", "steer_tsm_attach_finish(bound, &running)",
                 "steer_tsm_attach_finish(connected, device, &running)",
                 "steer_tsm_dma_allowed(unbound.tsm)"):
        good, why = compiles([call], compiler)
        assert not good and "error: " in why, call


def test_nothing_public_makes_an_armed_token(compiler):
    """struct steer_tsm is not complete for callers: nobody looks into it, or copies one."""
    good, why = compiles(["sizeof(*unbound.tsm) > 0"], compiler)
    assert not good and "incomplete" in why
