#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernel.sh FLAVOUR: build vmlinux, modules and the initramfs in build/obj-V-FLAVOUR.
#   lean   the series, as small as can be      debug  the series, with the kernel's checks
#   plain  the kernel without the series
# Prints the folder.
. "$(dirname "$0")/common.sh"
. "$lab/series.sh"

flavour=$1
name=$("$lab/kernel-name.sh")
tree=$("$lab/tree.sh")
objects=$build/obj-$name-$flavour
fragments=("$lab/config/base.config")
case $flavour in
lean) fragments+=("$lab/config/series.config") ;;
debug) fragments+=("$lab/config/series.config" "$lab/config/debug.config") ;;
esac

# Who built it, where and when is in the kernel's first message, and must not count as a change.
kmake() {
	KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=lab KBUILD_BUILD_VERSION=1 KBUILD_BUILD_TIMESTAMP=1970-01-01 \
	make -C "$tree" O="$objects" ARCH=powerpc CROSS_COMPILE=powerpc-linux-gnu- LOCALVERSION= -j"$jobs" "$@"
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

[ "$flavour" != plain ] || tree=$(plain_tree)
need_space "$build" 2000
mkdir -p "$objects"
logged "config-$name-$flavour" configure
logged "kernel-$name-$flavour" kmake vmlinux modules
"$lab/initramfs.sh" "$objects" "$objects/initramfs.cpio"
printf '%s\n' "$objects"
