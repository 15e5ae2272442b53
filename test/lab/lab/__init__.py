# SPDX-License-Identifier: BSD-3-Clause
"""The laboratory: real kernels in QEMU, our programs and Debian's in them. See ../README.md."""
