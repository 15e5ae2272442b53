# SPDX-License-Identifier: BSD-3-Clause
"""Ring areas that are nowhere or odd, memory that is taken away or read-only: both layouts."""

import pytest
import vio_driver as vd
from vfu_client import Client
from vio_driver import IOVA, Driver, bits

pytestmark = pytest.mark.sanitize

N = 16
# offset of an area's register: bytes beside its alignment (virtio 1.2, 2.7 and 2.8.10.1)
ODD = {"split": {32: 8, 40: 1, 48: 2}, "packed": {32: 8, 40: 2, 48: 2}}


@pytest.fixture(params=list(ODD))
def driver(request, vfu_nic):
    packed = request.param == "packed"
    nic = vfu_nic(*["--packed"] * packed, wire="gen,size=64,flows=1")
    with Client(nic.sock) as c:
        d = Driver(c, packed=packed)
        d.odd = ODD[request.param]
        yield d
        assert nic.p.poll() is None, "the server died"


@pytest.mark.parametrize("area", [32, 40, 48])
@pytest.mark.parametrize("where", [0xDEAD0000000, "odd", 0, 0xFFFFFFFFFFFFF000])
def test_ring_area_outside_or_odd(driver, area, where):
    d = driver
    assert d.accept(d.layout()) & vd.FEATURES_OK
    d.queue(0, N)
    d.set(28, 0, "<H")
    at = IOVA + d.odd[area] if where == "odd" else where
    d.set(area, at & 0xFFFFFFFF, "<I")
    d.set(area + 4, at >> 32, "<I")
    d.set(28, 1, "<H")
    d.go()
    assert d.status & vd.NEEDS_RESET
    d.works()


def test_memory_taken_away_under_running_rings(driver):
    d = driver
    rx, _, _ = d.start(bits(vd.MRG), n=64)
    rx[0].fill()
    rx[0].wait(64)
    d.c.dma_unmap(IOVA, d.size)
    assert d.status & vd.NEEDS_RESET
    d.c.dma_map(IOVA, d.size, d.fd)
    d.works()


def test_read_only_memory(driver):
    d = driver
    d.c.dma_unmap(IOVA, d.size)
    d.c.dma_map(IOVA, d.size, d.fd, prot=1)
    assert d.accept(d.layout()) & vd.FEATURES_OK
    d.queue(0, N)
    d.go()
    assert d.status & vd.NEEDS_RESET
    d.c.dma_unmap(IOVA, d.size)
    d.c.dma_map(IOVA, d.size, d.fd)
    d.works()
