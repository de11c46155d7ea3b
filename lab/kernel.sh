#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernel.sh FLAVOUR: build kernel, modules, initramfs and device tree for MACHINE in
# build/obj-V-MACHINE-FLAVOUR.
#   lean   the series, as small as can be      debug  the series, with the kernel's checks
#   plain  the kernel without the series             fault  the series, and allocations that fail
# Prints the folder.
. "$(dirname "$0")/common.sh"
. "$lab/series.sh"
. "$lab/machine.sh"

flavour=$1
name=$("$lab/kernel-name.sh")
tree=$("$lab/tree.sh")
objects=$build/obj-$name-$board-$flavour
fragments=("$lab/config/base.config" "$lab/config/$board.config")
case $flavour in
lean) fragments+=("$lab/config/series.config") ;;
fault) fragments+=("$lab/config/series.config" "$lab/config/fault.config") ;;
debug) fragments+=("$lab/config/series.config" "$lab/config/kunit.config" "$lab/config/debug.config") ;;
esac
if [ "$flavour" != plain ] && [ -e "$lab/config/$board-series.config" ]; then
	fragments+=("$lab/config/$board-series.config")
fi
if [ "$flavour" = debug ] && [ -e "$lab/config/$board-debug.config" ]; then
	fragments+=("$lab/config/$board-debug.config")
fi
# Linux 7.3 has no option for this: it always looks at the lists when it looks at mappings.
if [ "$flavour" = debug ] && grep -q DMA_API_DEBUG_SG "$tree/kernel/dma/Kconfig"; then
	fragments+=("$lab/config/debug-sg.config")
fi

# Who built it, where and when is in the kernel's first message, and must not count as a change.
kmake() {
	KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=lab KBUILD_BUILD_VERSION=1 KBUILD_BUILD_TIMESTAMP=1970-01-01 \
	make -C "$tree" O="$objects" ARCH="$arch" CROSS_COMPILE="$cross" LOCALVERSION= -j"$jobs" "$@"
}

configure() {
	cat "${fragments[@]}" > "$objects/wanted.config.part"
	if ! cmp -s "$objects/wanted.config.part" "$objects/wanted.config" || [ ! -e "$objects/.config" ]; then
		kmake KCONFIG_ALLCONFIG="$objects/wanted.config.part" allnoconfig
		mv "$objects/wanted.config.part" "$objects/wanted.config"
	fi
	kmake olddefconfig
	options_present "$objects/wanted.config" "$objects/.config"
}

# The board's own test modules: on the driver without the series, they show what is wrong there.
elotest() {
	mkdir -p "$objects/elotest"
	cp "$lab"/module/* "$objects/elotest/"
	kmake M="$objects/elotest" ELOTEST_PLAIN="$([ "$flavour" != plain ] || echo y)" modules
}

[ "$flavour" != plain ] || tree=$(plain_tree)
need_space "$build" 2000
mkdir -p "$objects"
logged "config-$name-$board-$flavour" configure
logged "kernel-$name-$board-$flavour" kmake "$(basename "$image")" modules
if [ "$board" = e500-elo ] && [ "$flavour" != lean ]; then
	logged "elotest-$name-$flavour" elotest
fi
[ ! -e "$devicetree" ] || dtc -o "$objects/machine.dtb" "$devicetree"
"$lab/initramfs.sh" "$objects" "$objects/initramfs.cpio"
printf '%s\n' "$objects"
