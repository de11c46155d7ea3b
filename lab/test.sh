#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# test.sh [small]: every test there is, or with MACHINE those that boot it, or with ONLY those that
# it names: shell patterns of "DOCUMENT" or "DOCUMENT/RESULT" as the results have them, one a line.
# With "small", each kind of boot of our board once, with few repetitions.
#
# The guests' kernels are built one after the other, on all processors; beside that run the checks,
# and each guest as soon as it has its kernel. What fails leaves its stream of results short or
# empty, which the judge counts; the rest runs all the same.
. "$(dirname "$0")/common.sh"

size=${1:-whole}
results=$logs/test
times=$results/times
tests=(check judge qtest-fsl-elo-dma qtest-carma-programmer kunit)
[ "$size" = whole ] || unset 'tests[-1]' # our board runs the same suites
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
	boots board debug eloboard,kmemleak "${ours[@]}"
	boots fault debug elotest,kmemleak "${ours[@]}"
	boots fpga-long debug fpga-long,kmemleak "${long[@]}"
	boots fpga debug fpga,kmemleak "${fpga[@]}"
	boots debug debug dmatest,dmasgtest,kunit,kmemleak "${ours[@]}"
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
	check) ONLY=$(sed -n 's|^[^/]*/||p' <<< "${ONLY:-}") "$lab/check.sh" "$size" > "$results/check.tap" ;;
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

# build BOARD FLAVOUR: where its objects are goes to a file, which is there when it is done
build() {
	local objects=$results/objects-$1-$2
	MACHINE=$1 "$lab/kernel.sh" "$2" > "$objects.part" || say "failed: the kernel $2 for $1"
	mv "$objects.part" "$objects"
}

# build_all: what the boots need, one after the other
build_all() {
	local board flavour
	while read -r board flavour; do
		timed "build $board $flavour" build "$board" "$flavour"
	done < <(printf '%s\n' "${builds[@]}" | sort -u)
}

# built BOARD FLAVOUR: it is, or will never be
built() { [ -e "$results/objects-$1-$2" ] || ! kill -0 "$builder" 2> /dev/null; }

# wait_until CONDITION...: and say now and then what runs.
told=$SECONDS
wait_until() {
	until "$@"; do
		sleep 0.5
		[ $((SECONDS - told)) -ge 30 ] || continue
		told=$SECONDS
		say "$SECONDS s, running: $(cd "$results/running" && echo *)"
	done
}

fewer_than() { [ "$(jobs -rp | wc -l)" -lt "$1" ]; }

# at_once NAME COMMAND...: run it beside others, one more than there are processors: a guest waits
# for a third of its time
at_once() {
	wait_until fewer_than $((jobs + 1))
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

at_once "kernel's tree" "$lab/tree.sh" > /dev/null
timed "build qemu" "$lab/qemu.sh" > /dev/null || say "failed: QEMU"
wait_until fewer_than 1
[ "${#builds[@]}" = 0 ] || { at_once kernels build_all && builder=$!; }
for test in "${tests[@]}"; do
	! wanted "$test" || at_once "$test" run_test "$test"
done
for boot in "${plan[@]}"; do
	read -r name flavour steps machine <<< "$boot"
	wait_until built "${machine%%,*}" "$flavour"
	at_once "$name" run_boot "$name" "$flavour" "$steps" "$machine"
done
wait_until fewer_than 1

# What the kernel without the series says is known to later runs of a part, too.
plain_logs=$logs/plain-$("$lab/kernel-name.sh")
mkdir -p "$plain_logs"
cp "$results"/plain-*.log "$plain_logs" 2> /dev/null || true
say "seconds, of $SECONDS in all ($((jobs + 1)) at once):"
sort -rn "$times" | expand -t 8 >&2
PLAIN_LOGS=$plain_logs exec "$lab/judge.sh" "${streams[@]}"
