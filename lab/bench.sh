#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# bench.sh [check | profile]: measure copies on the board with QEMU counting instructions: with
# the hook, with the helper, with the helper on a driver that lacks the hook, with a loop over
# memcpy that hears of its last piece only, with one that hears of each as the helper does, and
# with the first loop on the driver without the series. Writes the figures and a plot of them to
# lab/figures/; with "check", compares them with those that are there instead, and fails if one is
# more than 2 % worse. With "profile", says instead in which functions the instructions are that
# the helper takes without the hook, and those of the first loop, on the same driver.
. "$(dirname "$0")/common.sh"
. "$lab/series.sh"
. "$lab/machine.sh"
. "$lab/variant.sh"

[ "$board" = e500-elo ] || die "MACHINE=$machine: the bench counts on e500-elo only"
name=$("$lab/kernel-name.sh")
objects=$("$lab/kernel.sh" lean)
tree=$("$lab/tree.sh")
figures=$top/lab/figures/fsldma.tsv
log=$logs/bench.log trace=$logs/bench.trace now=$logs/bench.tsv

# The driver without the series, and the series' one not saying that it has the hook.
build_drivers() {
	local name
	build_driver plain base ''
	build_driver nohook HEAD '/dma_cap_set(DMA_SG,/d'
	if cmp -s "$objects/fsldma-nohook/fsldma.c" <(lab_git -C "$tree" show HEAD:drivers/dma/fsldma.c); then
		die "the series' driver does not say that it has the hook"
	fi
	cp "$objects/initramfs.cpio" "$objects/bench.cpio"
	for name in plain nohook; do
		install -D "$objects/fsldma-$name/fsldma-$name.ko" "$objects/fsldma-$name/root/fsldma-$name.ko"
		touch -d @0 "$objects/fsldma-$name/root/fsldma-$name.ko"
		(cd "$objects/fsldma-$name/root" && echo "fsldma-$name.ko" | cpio --quiet --reproducible -o -H newc -R 0:0) \
			>> "$objects/bench.cpio"
	done
}

# The guest says what a copy cost and how many interrupts it took; the model's trace says how
# many links it had and over how many pages of memory they were spread. Both speak of the same
# four copies of each kind.
collect() {
	awk '
		FILENAME == ARGV[1] && /fsl_elo_dma_start/ { links = pages = 0; delete seen }
		FILENAME == ARGV[1] && /fsl_elo_dma_link/ {
			links++
			page = substr($6, 1, length($6) - 3)
			if (!(page in seen)) { seen[page]; pages++ }
		}
		FILENAME == ARGV[1] && /fsl_elo_dma_done/ { run++; l[run] = links; p[run] = pages }
		FILENAME != ARGV[1] && /lab: measure/ { row = ""; driver = $NF; sub(/\r/, "", driver) }
		FILENAME != ARGV[1] && /dmasgtest: (hook|touching|helper|memcpy|callbacks) segs/ {
			sub(/.*dmasgtest: /, "")
			row = driver " " $1; segs = $3; size = $5
			cost = $7 "\t" $9 "\t" $11 "\t" $13
		}
		FILENAME != ARGV[1] && /lab: interrupts/ {
			rows++
			if (row != "") printf "%s\t%d\t%d\t%s\t%d\t%d\t%d\n", row, size, segs, cost, l[rows * 4],
				$NF / 4, p[rows * 4] * 4096
		}
	' "$trace" "$log"
}

# Interrupts or bottom halves are off, for more than a list operation, only in these three.
show() {
	awk -F '\t' '
		function max(a, b) { return a + 0 > b + 0 ? a : b }
		BEGIN {
			format = "%-15s %8s %8s  %11s %9s %9s %8s  %9s %6s %10s %9s\n"
			printf format, "", "", "", "instructions", "a segment", "", "",
				"longest", "", "", "coherent"
			printf format, "", "bytes", "segments", "prep+submit", "issue", "complete",
				"in all", "irqs off", "links", "interrupts", "bytes"
		}
		{
			printf format, $1, $2, $3, sprintf("%.1f", ($4 + $5) / $3),
				sprintf("%.1f", $6 / $3), sprintf("%.1f", $7 / $3),
				sprintf("%.1f", ($4 + $5 + $6 + $7) / $3),
				max($5, max($6, $7)), $8, $9, $10
		}
	' "$1"
	awk '
		/lab: measure/ { driver = $NF; sub(/\r/, "", driver) }
		/dmatest:.* summary/ { printf "%s dmatest   %s copies a second of 4096 bytes\n", driver, $(NF - 4) }
	' "$log"
}

plot() {
	gnuplot <<-END
		set terminal svg size 900,420 font "sans,12" background "white"
		set output "$2"
		set datafile separator "\t"
		set logscale x
		set logscale y
		set xlabel "segments of 4 KiB"
		set grid
		set key top right
		set multiplot layout 1,2 title "instructions a segment, ppc32"
		rows(kind) = sprintf("< awk -F '\\t' '\$1 == \"%s\" && \$2 == 4096' $1", kind)
		set yrange [10:5000]
		set title "prepare and submit"
		plot rows("series hook") using 3:((\$4 + \$5) / \$3) with linespoints title "hook", \
		     rows("series helper") using 3:((\$4 + \$5) / \$3) with linespoints title "helper, hook", \
		     rows("nohook helper") using 3:((\$4 + \$5) / \$3) with linespoints title "helper, no hook", \
		     rows("series memcpy") using 3:((\$4 + \$5) / \$3) with linespoints title "memcpy loop", \
		     rows("plain memcpy") using 3:((\$4 + \$5) / \$3) with linespoints title "memcpy loop, Linux"
		set title "everything, with completion"
		plot rows("series hook") using 3:((\$4 + \$5 + \$6 + \$7) / \$3) with linespoints title "hook", \
		     rows("series helper") using 3:((\$4 + \$5 + \$6 + \$7) / \$3) with linespoints title "helper, hook", \
		     rows("nohook helper") using 3:((\$4 + \$5 + \$6 + \$7) / \$3) with linespoints title "helper, no hook", \
		     rows("series memcpy") using 3:((\$4 + \$5 + \$6 + \$7) / \$3) with linespoints title "memcpy loop", \
		     rows("plain memcpy") using 3:((\$4 + \$5 + \$6 + \$7) / \$3) with linespoints title "memcpy loop, Linux"
	END
}

# Every figure of the series; those of the driver without it are not ours to keep. nohook is the
# series' driver.
compare() {
	awk -F '\t' '
		FNR == NR { for (i = 4; i <= 10; i++) was[$1, $2, $3, i] = $i; kept[$1, $2, $3]; next }
		function worse(what, old, new) {
			if (new > old * 1.02) {
				printf "%s, %d segments of %d bytes: %s %d, was %d\n", $1, $3, $2, what, new, old
				bad = 1
			}
		}
		/^(series|nohook)/ {
			key = $1 SUBSEP $2 SUBSEP $3
			worse("prep+submit", was[key, 4] + was[key, 5], $4 + $5)
			worse("in all", was[key, 4] + was[key, 5] + was[key, 6] + was[key, 7], $4 + $5 + $6 + $7)
			worse("links", was[key, 8], $8)
			worse("interrupts", was[key, 9], $9)
			worse("coherent bytes", was[key, 10], $10)
			delete kept[key]
		}
		END {
			for (key in kept) {
				if (key ~ /^(series|nohook)/) { print "no figures for " key; bad = 1 }
			}
			exit bad
		}
	' "$figures" "$now"
}

# Where each function begins, by name; the modules' at the addresses that the guest has given
# them. What lies behind a module's last one are its jumps to the kernel's functions.
functions() {
	local module base offset size function
	sed -n 's/^\([0-9a-f]*\) [tT] /\1 1 /p' "$objects/System.map"
	tr -d '\r' < "$log" | sed -n 's/.*lab: section \(.*\) 0x/\1 /p' |
		while read -r module base; do
			"${cross}objdump" -t "$(find "$objects" -name "${module//_/[-_]}.ko" -print -quit)" |
				awk '/ F \.text\t/ { print $1, $5, $6 }' |
				while read -r offset size function; do
					printf '%08x 1 %s:%s\n' $((0x$base + 0x$offset)) "$module" "$function" \
						$((0x$base + 0x$offset + 0x$size)) "$module" "(jumps to the kernel)"
				done | sed '/(jumps/s/ 1 / 0 /'
		done
}

# How often each address was executed, in the first and in the second of the guest's two runs.
addresses() {
	awk -F / '
		/fsl_elo_dma_start/ { started++ }
		/^Trace/ { n[$2 " " (started > 8) + 2]++ }
		END { for (at in n) print at, n[at] }
	' "$trace"
}

# Only what has to do with the copies: the guest's shell runs at the same time.
profile() {
	printf '%10s %10s  %s\n' helper memcpy 'instructions a segment, on the same driver without the hook'
	{ functions; addresses; } | sort | awk -v copies=$((4 * 257)) '
		$2 < 2 { name = substr($0, 12); next }
		name ~ /:|^_raw_spin|^sg_next$/ { n[name, $2] += $3; names[name] }
		END {
			for (name in names)
				if (n[name, 2] + n[name, 3] >= copies)
					printf "%10.1f %10.1f  %s\n", n[name, 2] / copies, n[name, 3] / copies, name
		}
	' | sort -rn
}

logged "bench-drivers-$name" build_drivers
rm -f "$trace"
if [ "${1:-}" = profile ]; then
	log=$logs/profile.log
	mapfile -t delay < <(grep -A 1 ' udelay$' "$objects/System.map" | cut -d ' ' -f 1)
	INITRD=$objects/bench.cpio "$lab/boot.sh" profile "$objects" profile 600 whole -smp 1 -singlestep \
		-icount shift=0,sleep=off -seed 1 -D "$trace" -trace fsl_elo_dma_start \
		-dfilter "0xc0000000..0x${delay[0]},0x${delay[1]}..0xffffffff"
	profile
	exit
fi
# Without -seed every boot gets another rng-seed: programs land at other addresses, take other
# page faults, and nothing after that happens at the same instruction again.
INITRD=$objects/bench.cpio "$lab/boot.sh" bench "$objects" bench 600 whole -smp 1 \
	-icount shift=0,sleep=off -seed 1 -D "$trace" \
	-trace fsl_elo_dma_start -trace fsl_elo_dma_link -trace fsl_elo_dma_done
collect > "$now"
[ "$(wc -l < "$now")" = 99 ] ||
	die "$(wc -l < "$now") of 99 measurements came back; the guest's console is in $log"
show "$now"
if [ "${1:-}" = check ]; then
	compare || die "these figures are more than 2 % worse than those in lab/figures"
	say "no figure is more than 2 % worse than those in lab/figures"
else
	mkdir -p "$(dirname "$figures")"
	cp "$now" "$figures"
	plot "$figures" "${figures%.tsv}.svg"
	say "written to lab/figures"
fi
