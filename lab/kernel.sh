#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernel.sh FLAVOUR: build kernel, modules, initramfs and device tree for MACHINE in
# build/linux-V/obj-MACHINE-FLAVOUR.
#   lean   the series, as small as can be      debug  the series, with the kernel's checks
#   fault  the series, and allocations that fail
#   plain  the kernel without the series, with the same checks; its tree is build/linux-V-plain
# Prints the folder. What was built of the same sources before is not built again.
. "$(dirname "$0")/common.sh"
. "$lab/series.sh"
. "$lab/machine.sh"

flavour=$1
name=$("$lab/kernel-name.sh")
tree=$(SERIES=$series "$lab/tree.sh")
[ "$flavour" != plain ] || tree=$(plain_tree)
objects=$tree/obj-$board-$flavour
fragments=("$lab/config/base.config" "$lab/config/$board.config")

# fragment NAME: it is used if there is one
fragment() { [ ! -e "$lab/config/$1.config" ] || fragments+=("$lab/config/$1.config"); }

case $flavour in
lean) fragment series && fragment "$board-series" ;;
fault) fragment series && fragment fault && fragment "$board-series" ;;
debug | plain) fragment kunit && fragment debug && fragment "$board-debug" ;;&
debug) fragment series && fragment series-kunit && fragment "$board-series" && fragment "$board-series-kunit" ;;
esac
# Not every kernel has these options: 7.3 always looks at the lists when it looks at mappings, before
# it every suite ran when its module was loaded, and UBSAN looks at every file in 6.12 and 7.3. In 6.1
# it does so where the architecture can (not on arm), if this is asked for.
if [[ $flavour = @(debug|plain) ]]; then
	! grep -q DMA_API_DEBUG_SG "$tree/kernel/dma/Kconfig" || fragment debug-sg
	! grep -q KUNIT_AUTORUN_ENABLED "$tree/lib/kunit/Kconfig" || fragment kunit-autorun
	! grep -q 'select ARCH_HAS_UBSAN_SANITIZE_ALL' "$tree/arch/$arch/Kconfig" || fragment ubsan-all
fi

kmake() {
	ccached make -C "$tree" O="$objects" ARCH="$arch" CROSS_COMPILE="$cross" CC="ccache ${cross}gcc" \
		LOCALVERSION= -j"$jobs" "$@"
}

# What a kernel, its modules and its initramfs are made of.
made_of() {
	printf '%s\n' "$board" "$flavour"
	"${cross}gcc" --version
	cat "${fragments[@]}" "$0" "$lab"/{boot,common,initramfs,machine}.sh "$lab"/guest/* "$lab"/module/*
	[ ! -e "$devicetree" ] || cat "$devicetree"
	sha256sum "$("$lab/busybox.sh")"
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

# begin_with_debug: most objects of the plain kernel are those of the one that has the same checks,
# if that is of the series as it is now. make finds out which: the files that the series changes
# are newer than all objects, no other is.
begin_with_debug() {
	local debug=${tree%-plain}/obj-$board-debug
	[[ $(cat "$debug/made-of" 2> /dev/null) = *" $(lab_git -C "$tree" rev-parse series)" ]] || return 0
	rm -rf "$objects.part"
	cp -r "$debug" "$objects.part"
	rm -r "$objects.part"/{made-of,elotest}
	find "$objects.part" -exec touch -h -d "@$(date +%s.%N)" {} +
	(cd "$tree" && lab_git diff --name-only -z base series | xargs -0 touch -c)
	mv "$objects.part" "$objects"
}

key="$(made_of | key_of) $(lab_git -C "$tree" rev-parse HEAD)"
if [ "$(cat "$objects/made-of" 2> /dev/null)" = "$key" ] && [ -z "$(lab_git -C "$tree" status --porcelain)" ]; then
	printf '%s\n' "$objects"
	exit
fi
need_space "$build" 2000
ignore_objects "$tree"
[ "$flavour" != plain ] || [ -e "$objects" ] || logged "begin-$name-$board-$flavour" begin_with_debug
mkdir -p "$objects"
rm -f "$objects/made-of"
logged "config-$name-$board-$flavour" configure
logged "kernel-$name-$board-$flavour" kmake "$(basename "$image")" modules
if [ "$board" = e500-elo ] && [ "$flavour" != lean ]; then
	logged "elotest-$name-$flavour" elotest
fi
[ ! -e "$devicetree" ] || dtc -o "$objects/machine.dtb" "$devicetree"
"$lab/initramfs.sh" "$objects" "$objects/initramfs.cpio"
[ -n "$(lab_git -C "$tree" status --porcelain)" ] || printf '%s\n' "$key" > "$objects/made-of"
printf '%s\n' "$objects"
