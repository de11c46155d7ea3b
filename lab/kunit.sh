#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kunit.sh [FILE]: run the series' KUnit suites on User Mode Linux, on this machine, with the
# kernel's own kunit.py. With FILE its results go there; without, they are judged. ONLY is a pattern
# of SUITE.CASE.
. "$(dirname "$0")/common.sh"

stream=${1:-$logs/kunit.log}
name=$("$lab/kernel-name.sh")
tree=$("$lab/tree.sh")
options=(--build_dir="$tree/obj-kunit")
build_options=(--kunitconfig=drivers/dma/tests --jobs="$jobs" --make_options=CC='ccache gcc'
	--kconfig_add CONFIG_FPGA=y --kconfig_add CONFIG_CARMA_FPGA_KUNIT_TEST=y)
# Not for all kernels: in 6.1, User Mode Linux does not know when it must not sleep.
grep -q ARCH_NO_PREEMPT "$tree/arch/um/Kconfig" ||
	build_options+=(--kconfig_add CONFIG_DEBUG_ATOMIC_SLEEP=y)

kunit() { cd "$tree" && PYTHONDONTWRITEBYTECODE=1 tools/testing/kunit/kunit.py "$@"; }
build_kunit() { ccached kunit build "${options[@]}" "${build_options[@]}"; }

# What the kernel says from the first test on, as the console log of a guest that runs one
# step. Before that, the one of 6.12 warns that its PCI bus has no backend.
execute() {
	printf 'lab: plan kunit\nlab: begin kunit\n'
	kunit exec "${options[@]}" --timeout=600 --raw_output=all ${ONLY:+"$ONLY"} |
		sed -n -e 's/.*reboot: System halted.*/lab: end\nlab: done/' -e '/KTAP version/,$p'
}

need_space "$build" 1500
rm -f "$stream"
ignore_objects "$tree"
logged "kunit-build-$name" build_kunit
logged "kunit-$name" execute
cp "$logs/kunit-$name.log" "$stream"
[ -n "${1:-}" ] || exec env ONLY= "$lab/judge.sh" "$stream"
