#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build BusyBox for the guest, static, for the architecture of MACHINE. Prints the binary's path.
. "$(dirname "$0")/common.sh"
. "$lab/machine.sh"

config=$lab/config/busybox.config
source=$("$lab/fetch.sh" source busybox)
key=$({ basename "$source"; cat "$config" "$0"; } | key_of)
binary=$cache/busybox-$arch-$key

build_in() {
	local dir=$1
	dpkg-source --no-check --no-copy -x "$source" "$dir/src"
	make -C "$dir/src" O="$dir" allnoconfig
	# Of two settings this kconfig takes the first.
	cat "$config" "$dir/.config" > "$dir/wanted"
	mv "$dir/wanted" "$dir/.config"
	make -C "$dir" oldconfig < <(yes '')
	options_present "$config" "$dir/.config"
	make -C "$dir" -j"$jobs" CROSS_COMPILE="$cross" busybox
}

if [ ! -x "$binary" ]; then
	need_space "$build" 200
	dir=$(mktemp -d "$build/busybox.XXXXXX")
	scratch+=("$dir")
	logged "busybox-$arch" build_in "$dir"
	mv "$dir/busybox" "$binary.part"
	mv "$binary.part" "$binary"
fi
printf '%s\n' "$binary"
