#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every test there is, or with MACHINE those that boot it. A stage that fails leaves its stream of
# results short or empty, which the judge counts; the stages after it run all the same.
. "$(dirname "$0")/common.sh"

results=$logs/test
ours=(e500-elo 'e500-elo,controller=elo3')
fpga=("${ours[@]}" 'e500-elo,programmer=dma1')
long=(e500-elo)
stock=(zcu102 zynq)
streams=()

# stage NAME.KIND COMMAND...
stage() {
	streams+=("$results/$1")
	shift
	"$@" || say "failed: $*"
}

check() { "$lab/check.sh" | tee "$results/check.tap"; }

# qtest MODEL
qtest() {
	local folder
	folder=$("$lab/qemu.sh")
	say "qtest: the registers' behaviour, $1"
	QTEST_QEMU_BINARY=$folder/qemu-system-ppc "$folder/$1-test" --tap -k \
		> "$results/qtest-$1.tap" 2> "$logs/qtest-$1.log"
}

kunit() { "$lab/kunit.sh" "$results/kunit.log"; }

# boots NAME FLAVOUR STEPS MACHINE...: the machines of one name run the same kernel.
boots() {
	local what=$1 flavour=$2 steps=$3 machine name objects built=
	shift 3
	for machine; do
		if [ "${machine%%,*}" != "$built" ]; then
			built=${machine%%,*}
			objects=$(MACHINE=$machine "$lab/kernel.sh" "$flavour") ||
				say "failed: the kernel $flavour for $built"
		fi
		name=test/$what-${machine#*=}
		stage "${name#test/}.log" env MACHINE="$machine" "$lab/boot.sh" "$name" "$objects" "$steps" 1500
	done
}

rm -rf "$results"
mkdir -p "$results"
case ${MACHINE:-} in
'')
	stage check.tap check
	stage qtest-fsl-elo-dma.tap qtest fsl-elo-dma
	stage qtest-carma-programmer.tap qtest carma-programmer
	stage kunit.log kunit
	;;
zcu102 | zynq) ours=() fpga=() long=() stock=("$MACHINE") ;;
*) ours=("$MACHINE") fpga=("$MACHINE") long=("$MACHINE") stock=() ;;
esac
# The series does not touch the drivers of the machines of stock QEMU.
boots plain plain dmatest,defects "${ours[@]}"
boots debug debug dmatest,dmasgtest,kunit,kmemleak "${ours[@]}"
boots fault debug elotest,eloboard,kmemleak "${ours[@]}"
boots fpga debug fpga,kmemleak "${fpga[@]}"
boots fpga-long debug fpga-long,kmemleak "${long[@]}"
boots debug debug dmatest,dmasgtest,kmemleak "${stock[@]}"
say "everything ran in $SECONDS s"
exec "$lab/judge.sh" "${streams[@]}"
