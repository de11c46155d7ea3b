#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# test.sh [small]: every test there is, or with MACHINE those that boot it, or with ONLY those that
# it names: shell patterns of "DOCUMENT" or "DOCUMENT/RESULT" as the results have them, one a line.
# With "small", each kind of boot of our board once, with few repetitions.
#
# Kernels are built one after the other, on all processors; the guests, which use one each, run side
# by side. A stage that fails leaves its stream of results short or empty, which the judge counts;
# the stages after it run all the same.
. "$(dirname "$0")/common.sh"

size=${1:-whole}
results=$logs/test
times=$results/times
tests=(check judge qtest-fsl-elo-dma qtest-carma-programmer kunit)
mapfile -t only <<< "${ONLY:-*}"

# boots NAME FLAVOUR STEPS MACHINE...: a line "NAME-MACHINE FLAVOUR STEPS MACHINE" for each
boots() {
	local name=$1 flavour=$2 steps=$3 machine
	shift 3
	for machine; do
		printf '%s\n' "$name-$machine $flavour $steps $machine"
	done
}

# Every boot, the longest first: the short ones fill the gaps.
all_boots() {
	boots fault debug elotest,eloboard,kmemleak "${ours[@]}"
	boots fpga-long debug fpga-long,kmemleak "${long[@]}"
	boots debug debug dmatest,dmasgtest,kunit,kmemleak "${ours[@]}"
	boots fpga debug fpga,kmemleak "${fpga[@]}"
	boots debug debug dmatest,dmasgtest,kunit,kmemleak "${stock[@]}"
	boots plain plain dmatest,defects "${ours[@]}"
}

ours=(e500-elo 'e500-elo,controller=elo3')
fpga=("${ours[@]}" 'e500-elo,programmer=dma1')
long=(e500-elo)
stock=(zcu102 zynq)
case ${MACHINE:-$size} in
whole) ;;
small) ours=(e500-elo) fpga=(e500-elo) stock=() ;;
zcu102 | zynq) tests=() ours=() fpga=() long=() stock=("$MACHINE") ;;
*) tests=() ours=("$MACHINE") fpga=("$MACHINE") long=("$MACHINE") stock=() ;;
esac

# wanted TEST: whether ONLY names a document of TEST
wanted() {
	local pattern
	for pattern in "${only[@]}"; do
		pattern=${pattern%%/*}
		# shellcheck disable=SC2053 # a pattern
		[[ $1 != ${pattern%%.*} ]] || return 0
	done
	return 1
}

# steps_of BOOT STEPS: those that ONLY names; the last one is a bare name, or all with no name
steps_of() {
	local pattern step steps=
	for step in ${2//,/ }; do
		for pattern in "${only[@]}"; do
			pattern=${pattern%%/*}
			# shellcheck disable=SC2053 # a pattern
			[[ $1 = ${pattern%%.*} ]] || continue
			[ "$pattern" != "${pattern%%.*}" ] || pattern+=.$step
			pattern=${pattern#*.}
			# shellcheck disable=SC2053 # a pattern
			[[ $step != ${pattern%%:*} && $pattern != boot ]] || { steps+=,$step; break; }
		done
	done
	printf '%s' "${steps#,}"
}

# results_of BOOT: what ONLY names of it, as patterns of STEP/RESULT with a semicolon between them;
# nothing if it names all. On a kernel's command line there is no space.
results_of() {
	local pattern name words=
	for pattern in "${only[@]}"; do
		name=${pattern%%/*}
		# shellcheck disable=SC2053 # a pattern
		[[ $1 = ${name%%.*} ]] || continue
		# a whole boot, or how it went
		[[ $pattern = *[./]* && $name != *.boot ]] || return 0
		[ "$name" != "${name%%.*}" ] || name+='.*'
		words+=\;${name#*.}${pattern#"${pattern%%/*}"}
	done
	printf '%s' "${words#;}" | tr -c 'A-Za-z0-9_.*;:,=/[]-' '?'
}

# timed NAME COMMAND...: say in the table how long it took
timed() {
	local what=$1 began=$SECONDS status=0
	shift
	touch "$results/running/$what"
	"$@" || status=$?
	rm "$results/running/$what"
	printf '%s\t%s\n' $((SECONDS - began)) "$what" >> "$times"
	return $status
}

# qtest MODEL
qtest() {
	local folder
	folder=$("$lab/qemu.sh")
	say "qtest: the registers' behaviour, $1"
	QTEST_QEMU_BINARY=$folder/qemu-system-ppc "$folder/$1-test" --tap -k \
		> "$results/qtest-$1.tap" 2> "$logs/qtest-$1.log"
}

# test NAME
run_test() {
	case $1 in
	check) ONLY=$(sed -n 's|^[^/]*/||p' <<< "${ONLY:-}") "$lab/check.sh" > "$results/check.tap" ;;
	judge) "$lab/judge-test.sh" > "$results/judge.tap" ;;
	qtest-*) qtest "${1#qtest-}" ;;
	kunit) ONLY='' "$lab/kunit.sh" "$results/kunit.log" ;;
	esac
}

# run_boot NAME FLAVOUR STEPS MACHINE
run_boot() {
	ONLY=$(results_of "$1") MACHINE=$4 "$lab/boot.sh" "test/$1" \
		"$(cat "$results/objects-${4%%,*}-$2")" "$(steps_of "$1" "$3")" 1500 "$size"
}

# build BOARD FLAVOUR: where its objects are goes to a file
build() { MACHINE=$1 "$lab/kernel.sh" "$2" > "$results/objects-$1-$2"; }

# fewer_than N: wait until fewer jobs than N are under way, and say now and then which they are.
told=$SECONDS
fewer_than() {
	while [ "$(jobs -rp | wc -l)" -ge "$1" ]; do
		sleep 0.5
		[ $((SECONDS - told)) -ge 30 ] || continue
		told=$SECONDS
		say "$SECONDS s, running: $(cd "$results/running" && echo *)"
	done
}

# at_once NAME COMMAND...: run it beside others, when a processor is free
at_once() {
	fewer_than "$jobs"
	set -m # a process group of its own, which can be ended as a whole
	timed "$@" &
	set +m
}

end_jobs() {
	local job
	for job in $(jobs -p); do
		kill -- "-$job" 2> /dev/null || true
	done
	tidy
}
trap end_jobs EXIT

rm -rf "$results"
mkdir -p "$results/running"
streams=() plan=() builds=()
while read -r name flavour steps machine; do
	wanted "$name" || continue
	plan+=("$name $flavour $steps $machine")
	streams+=("$results/$name.log")
	builds+=("${machine%%,*} $flavour")
done < <(all_boots)
for test in "${tests[@]}"; do
	! wanted "$test" || streams+=("$results/$test.$([ "$test" = kunit ] && echo log || echo tap)")
done
[ "${#streams[@]}" != 0 ] ||
	die "ONLY=$ONLY names no test; what is before a name's first dot or slash is one of: ${tests[*]} $(all_boots | cut -d ' ' -f 1 | xargs)"

# What builds uses all processors.
timed "build qemu" "$lab/qemu.sh" > /dev/null || say "failed: QEMU"
while read -r board flavour; do
	timed "build $board $flavour" build "$board" "$flavour" || say "failed: the kernel $flavour for $board"
done < <(printf '%s\n' "${builds[@]}" | sort -u)
for test in "${tests[@]}"; do
	! wanted "$test" || [[ $test = qtest-* ]] || timed "$test" run_test "$test" || say "failed: $test"
done
for boot in "${plan[@]}"; do
	# shellcheck disable=SC2086 # its words
	at_once "${boot%% *}" run_boot $boot
done
for test in "${tests[@]}"; do
	! wanted "$test" || [[ $test != qtest-* ]] || at_once "$test" run_test "$test"
done
fewer_than 1

# What the kernel without the series says is known to later runs of a part, too.
plain_logs=$logs/plain-$("$lab/kernel-name.sh")
mkdir -p "$plain_logs"
cp "$results"/plain-*.log "$plain_logs" 2> /dev/null || true
say "seconds, of $SECONDS in all (guests and qtests run $jobs at once):"
sort -rn "$times" | expand -t 8 >&2
PLAIN_LOGS=$plain_logs exec "$lab/judge.sh" "${streams[@]}"
