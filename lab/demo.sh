#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Copy FILE on the board, scatterlist to scatterlist, and compare what went in with what came
# out. The host sums the file; the guest sums what it reads back; QEMU's model counts chains
# and links; the guest's kernel counts interrupts. No one of them asks another.
. "$(dirname "$0")/common.sh"
. "$lab/machine.sh"
[ "$board" = e500-elo ] || die "MACHINE=$machine: the demo counts what the model of e500-elo sees"

largest=32 # MiB; the board has 512, and the file in pieces takes many times its size

log=$logs/demo.log trace=$logs/demo.trace

check_file() {
	[ -f "$file" ] || die "FILE=$file is not there, or is not a file"
	[ -r "$file" ] || die "FILE=$file cannot be read"
	[ -s "$file" ] || die "FILE=$file is empty: there is nothing to copy"
	[ "$(stat -L -c %s "$file")" -le $((largest << 20)) ] ||
		die "FILE=$file is larger than the $largest MiB that fit into the board's memory"
}

# The kernel unpacks archives that follow one another.
pack_file() {
	local stage
	stage=$(mktemp -d "$build/demo.XXXXXX")
	scratch+=("$stage" "$build/demo.cpio")
	cp -L "$file" "$stage/file"
	(cd "$stage" && echo file | cpio --quiet -o -H newc -R 0:0) |
		cat "$objects/initramfs.cpio" - > "$build/demo.cpio"
}

events() { grep -c "fsl_elo_dma_$1 " "$trace" || true; }
guest_says() { sed -n "s/.*lab: $1 //p" "$log"; }

# A kernel takes minutes to build; the image that the board boots is there then, and is real data.
file=${FILE:-}
[ -z "$file" ] || check_file
objects=$("$lab/kernel.sh" lean)
file=${file:-$objects/vmlinux}
check_file
before=$(sha256sum < "$file" | cut -d ' ' -f 1)
pack_file
rm -f "$trace"
INITRD=$build/demo.cpio "$lab/boot.sh" demo "$objects" demo 120 whole -D "$trace" \
	-trace fsl_elo_dma_start -trace fsl_elo_dma_link -trace fsl_elo_dma_irq
tr -d '\r' < "$log" > "$log.part"
mv "$log.part" "$log"

after=$(guest_says sha256)
interrupts=$(guest_says interrupts)
facts=$(sed -n 's/.*dma-sg-copy: //p' "$log" | tail -n 1)
[ -n "$after" ] || die "the guest copied nothing; its console is in $log"

cat <<END

  file        $file
  in guest    $facts
  board       $(events start) chain started, $(events link) links fetched (counted by the QEMU model)
  interrupts  $interrupts (counted by the guest's kernel)
  SHA-256     $before  before, on the host
              $after  after, in the guest
END
[ "$before" = "$after" ] || die "the sums differ: the copy is wrong"
[ "$(events start)" = 1 ] || die "the copy took $(events start) chains, not one"
[ "$interrupts" = 1 ] || die "the copy took $interrupts interrupts, not one"
printf '  verdict     the same, in one chain with one interrupt\n\n'
