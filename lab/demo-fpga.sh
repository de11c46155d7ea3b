#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Load an image of 18,662,880 bytes into the board's FPGA programmer three times: (a) as in 2010,
# with a loop over memcpy descriptors and memory that is short halfway, (b) with the series and
# memory that is short halfway, (c) with the series. What is shown comes from the guest's kernel and
# from QEMU's models; the exit status says whether all three came out as README.md says.
. "$(dirname "$0")/common.sh"
. "$lab/series.sh"
. "$lab/machine.sh"
. "$lab/variant.sh"
[ "$board" = e500-elo ] || die "MACHINE=$machine: only e500-elo has an FPGA programmer"

size=18662880
name=$("$lab/kernel-name.sh")
objects=$("$lab/kernel.sh" fault)
tree=$("$lab/tree.sh")
log=$logs/demo-fpga.log timeline=$logs/demo-fpga.timeline
archive=$build/demo-fpga.cpio image=$build/demo-fpga.image

# Real content: the kernel that the board boots, as often as it takes.
make_image() {
	: > "$image"
	while [ "$(stat -c %s "$image")" -lt $size ]; do
		cat "$objects/vmlinux" >> "$image"
	done
	truncate -s $size "$image"
}

# The series' driver as a driver of 2010 was: without the hook, and with settings that can be
# changed at any time.
build_2010() {
	local edit='/dma_cap_set(DMA_SG,/d; /^static int fsldma_check_unused/,/^}/s/-EBUSY/0/'
	build_driver 2010 HEAD "$edit"
	[ "$(diff "$objects/fsldma-2010/fsldma.c" <(lab_git -C "$tree" show HEAD:drivers/dma/fsldma.c) | grep -c '^>')" = 2 ] ||
		die "the driver has no two lines that make it another than one of 2010"
}

pack() {
	make_image
	cp "$objects/initramfs.cpio" "$archive"
	add_to "$archive" "$image" lib/firmware/image
	add_to "$archive" "$objects/fsldma-2010/fsldma-2010.ko" lab/fsldma-2010.ko
}

# of PART WORDS: how many lines of the timeline there are
of() { grep -c "^$1 .*$2" "$timeline" || true; }

# expect PART COUNT WORDS MEANING
wrong=0
expect() {
	local mark=yes
	[ "$(of "$1" "$3")" = "$2" ] || { mark=NO wrong=1; }
	printf '  %s) %-3s %s\n' "$1" "$mark" "$4"
}

scratch+=("$archive" "$image")
logged "demo-fpga-driver-$name" build_2010
logged "demo-fpga-pack" pack
sum=$(sha256sum < "$image" | cut -d ' ' -f 1)
INITRD=$archive "$lab/boot.sh" demo-fpga "$objects" demo-fpga 120 whole \
	-trace carma_programmer_power -trace carma_programmer_reset -trace carma_programmer_early \
	-trace carma_programmer_enable -trace carma_programmer_end \
	-trace fsl_elo_dma_start -trace fsl_elo_dma_done -trace fsl_elo_dma_error
"$lab/timeline.py" "$log" > "$timeline"

cat <<END

  image     $(stat -c %s "$image") bytes, SHA-256 $sum on the host
  kernel    what the guest's kernel logged, at its time; guest: what its shell got back
  model     what QEMU's models of the DMA controller and the programmer saw

END
sed 's/^/  /' "$timeline"
printf '\n'
expect a 1 "kernel .*2) dma_async_memcpy_sg_to_sg() returns success" "the loop over memcpy descriptors says that all is well"
expect a 1 "kernel .*No free memory for link descriptor" "though memory was short halfway"
expect a 1 "carma_programmer_early" "but the channel has started before the programmer was ready"
expect a 1 "carma_programmer_end: data before enable: 0 of $size bytes" "the programmer refuses the image"
expect a 0 "guest   sha256 a $sum" "the FPGAs do not have it"
expect a 1 "guest   status a 1" "and the loader is told so"
expect b 1 "kernel .*No free memory for link descriptor" "memory is short halfway through the chain"
expect b 0 "fsl_elo_dma_start" "no channel starts"
expect b 0 "carma_programmer_early" "and no byte comes before the programmer is enabled"
expect b 1 "kernel .*the CPU writes it" "the loader says that the CPU writes the image"
expect b 1 "carma_programmer_enable: $size bytes to come by CPU" "it does"
expect b 1 "guest   sha256 b $sum" "and the FPGAs have it"
expect c 1 "fsl_elo_dma_start" "one chain"
expect c 1 "carma_programmer_enable: $size bytes to come by DMA" "paced by the programmer"
expect c 1 "carma_programmer_end: done: $size of $size bytes" "configuration is done"
expect c 1 "guest   status c 0" "the loader is told so"
expect c 1 "guest   sha256 c $sum" "and the FPGAs have it"
printf '\n'
[ "$wrong" != 0 ] || printf '  verdict   all three came out as they should\n\n'
[ "$wrong" = 0 ] || die "not all three came out as they should; the console is in $log"
