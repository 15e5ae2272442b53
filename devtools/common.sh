# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Shared by the shell scripts: where the tree is, messages, and which DPDK this is.

top=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
export top

# Another python or meson in front of Debian's would not see Debian's modules.
export PATH="/usr/sbin:/usr/bin:/sbin:/bin:$PATH"

step() {
	printf '== %s\n' "$*"
}

die() {
	printf '%s\n' "$*" >&2
	exit 1
}

# Does pkg-config find a libdpdk that brings the driver headers (enable_driver_sdk=true)?
driver_sdk_found() {
	local flags

	command -v pkg-config >/dev/null && command -v cc >/dev/null || return 1
	flags=$(pkg-config --cflags libdpdk 2>/dev/null) || return 1
	# shellcheck disable=SC2086 # flags are words
	echo '#include <bus_driver.h>' |
		cc -E $flags -DALLOW_INTERNAL_API -x c -o /dev/null - 2>/dev/null
}

# build DIR TARGET...: configure once, then bring the targets up to date.
build() {
	local dir=$1

	shift
	mkdir -p "$dir"
	[ -w "$dir" ] || die "$dir belongs to another user: remove it, or use a clone of your own"
	if [ ! -f "$dir/build.ninja" ]; then
		meson setup "$dir" "$top" || return 1
	fi
	ninja -C "$dir" "$@"
}
