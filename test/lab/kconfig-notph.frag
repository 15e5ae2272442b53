# SPDX-License-Identifier: BSD-3-Clause
# After kconfig.frag: the kernel in which the module has TPH to itself, with the lock checker.
CONFIG_PCIE_TPH=n
CONFIG_PROVE_LOCKING=y
