#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every test there is. A stage that fails leaves its stream of results short or empty, which
# the judge counts; the stages after it run all the same.
. "$(dirname "$0")/common.sh"

results=$logs/test
machines=(e500-elo 'e500-elo,controller=elo3')
streams=()

# stage NAME.KIND COMMAND...
stage() {
	streams+=("$results/$1")
	shift
	"$@" || say "failed: $*"
}

check() { "$lab/check.sh" | tee "$results/check.tap"; }

qtest() {
	local folder
	folder=$("$lab/qemu.sh")
	say "qtest: the registers' behaviour"
	QTEST_QEMU_BINARY=$folder/qemu-system-ppc "$folder/fsl-elo-dma-test" --tap -k \
		> "$results/qtest.tap" 2> "$logs/qtest.log"
}

boots() {
	local machine name objects
	objects=$("$lab/kernel.sh" "$1") || say "failed: the kernel $1"
	for machine in "${machines[@]}"; do
		name=test/$1-${machine#*=}
		stage "${name#test/}.log" env MACHINE="$machine" "$lab/boot.sh" "$name" "$objects" "$2" 300
	done
}

rm -rf "$results"
mkdir -p "$results"
stage check.tap check
stage qtest.tap qtest
boots plain dmatest
boots debug dmatest,dmasgtest,kmemleak
say "everything ran in $SECONDS s"
exec "$lab/judge.sh" "${streams[@]}"
