#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the judge makes of a guest that is good but for one line. One TAP line for each.
. "$(dirname "$0")/common.sh"

scratch+=("$(mktemp -d "$build/judge.XXXXXX")")
work=${scratch[0]}
number=0 failures=0

# guest LINE: the log of a guest with one step, in which the kernel says LINE
guest() {
	printf '%s\n' 'lab: plan fpga' 'lab: mark fpga' 'lab: begin fpga' 'KTAP version 1' '1..1' "$1" \
		'ok 1 it loads' 'lab: end' 'lab: done'
}

# head_is_whole: the kernel's parser loses its way where a document within another begins with anything else
head_is_whole() {
	awk '/^        KTAP version/ { getline; if ($0 !~ /# Subtest: /) torn = 1 } END { exit torn }' "$work/results"
}

# judged WANTED NAME LINE [PLAIN]: WANTED is good or bad; PLAIN is what the plain kernel says
judged() {
	local verdict=good
	guest "$3" > "$work/fault-board,with=more.log"
	guest "${4:-}" > "$work/plain-board.log"
	ONLY=${only:-} "$lab/ktap.py" "$work/fault-board,with=more.log" "$work/plain-board.log" > "$work/results"
	! grep -q '^    not ok' "$work/results" && head_is_whole || verdict=bad
	number=$((number + 1))
	if [ "$verdict" = "$1" ]; then
		printf 'ok %d %s: %s\n' "$number" "$2" "$1"
	else
		printf 'not ok %d %s: %s\n' "$number" "$2" "$1"
		failures=$((failures + 1))
	fi
}

trace=$'------------[ cut here ]------------\nWARNING: at irqentry_exit+0x3f8/0x60c, CPU#1: init/1\n---[ end trace 0000000000000000 ]---'
other=${trace/irqentry_exit/fsldma_chan_irq}

printf 'TAP version 13\n'
judged good "nothing is said" ""
judged bad "a step ends with an error behind a good document" "lab: failed the step fpga ends with exit status 1"
judged bad "SLUB" "BUG kmalloc-64 (Not tainted): Poison overwritten"
judged bad "UBSAN" "UBSAN: shift-out-of-bounds in drivers/dma/fsldma.c:100:20"
judged bad "a backtrace of arm's" "Call trace:"
judged bad "pl330" "dma-pl330 f8003000.dmac: pl330_submit_req:1447 Bad Desc(2)"
judged bad "an error of a driver, which the console does not tell from another line" \
	"lab: said fpga 1 fsl-elo-dma fN.dma: chanN: something new"
judged good "an error that the step provokes" "lab: said fpga 2 carma-fpga fN.fpga: an image has N bytes here, not N"
judged bad "an error that another step provokes" "lab: said elotest 2 carma-fpga fN.fpga: an image has N bytes here, not N"
judged bad "a log that was lost" "lab: failed the kernel's log of the step fpga was lost"
judged bad "a warning" "$trace"
judged good "a warning that the plain kernel has too" "$trace" "$trace"
judged bad "a warning twice that the plain kernel has once" "$trace"$'\n'"$trace" "$trace"
judged bad "another warning beside the plain kernel's own" "$trace"$'\n'"$other" "$trace"
judged bad "a result out of order" "ok 2 early"
judged good "a message amid the head of a document within this one" \
	$'    KTAP version 1\nrandom: crng init done\n    # Subtest: more\n    1..1\n    ok 1 more'
only='fault-board*/it l[ao]*' judged good "ONLY names a result" ""
only=$'fault-board*\n*/it fails' judged bad "ONLY names a result that is not there" ""
printf '1..%d\n' "$number"
[ "$failures" = 0 ]
