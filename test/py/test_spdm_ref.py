# SPDX-License-Identifier: BSD-3-Clause
"""The reference builder and checker of evidence, against each other and bytes written by hand."""
import pytest
import spdm_judge
import spdm_ref
from spdm_ca import Ca
from spdm_knobs import KNOBS


@pytest.fixture(scope="module")
def ca():
    return Ca()


@pytest.mark.parametrize("name", KNOBS)
def test_knob(ca, name):
    knob, code = KNOBS[name]
    parts = spdm_ref.Parts(ca)
    knob(parts)
    found, why = spdm_judge.judge(parts.evidence(), parts.time)
    assert found == code, why
