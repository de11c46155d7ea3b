#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# boot.sh NAME OBJECTS STEPS SECONDS [QEMU-OPTION...]: boot the kernel in OBJECTS and run STEPS
# (scripts of lab/guest, with commas between them). The console's log is build/log/NAME.log; a
# guest that is not done after SECONDS is ended. QEMU, MACHINE and ARGS name another board.
. "$(dirname "$0")/common.sh"

name=$1 objects=$2 steps=$3 limit=$4
shift 4
binary=${QEMU:-$("$lab/qemu.sh")/qemu-system-ppc}
log=$logs/$name.log
command -v "$binary" > /dev/null || die "QEMU=$binary is not a program"

command=("$binary" -M "${MACHINE:-e500-elo}" -smp 4 -m 512M
	-nic none -display none -no-reboot
	-kernel "$objects/vmlinux" -initrd "${INITRD:-$objects/initramfs.cpio}"
	-append "console=ttyS0 panic=-1 ignore_loglevel printk.devkmsg=on lab=$steps"
	"$@")
# shellcheck disable=SC2206 # several words, as on a command line
[ -z "${ARGS:-}" ] || command+=($ARGS)

if [ "$steps" = shell ]; then
	exec "${command[@]}" -serial mon:stdio
fi
say "$name: booting $(basename "$objects") on ${MACHINE:-e500-elo}"
status=0
timeout "$limit" "${command[@]}" -monitor none -serial stdio < /dev/null > "$log" 2>&1 || status=$?
[ "$status" != 124 ] || die "$name: the guest was not done after $limit s; its console is in $log"
[ "$status" = 0 ] || { tail -n 5 "$log" >&2; die "$name: QEMU ended with status $status; the console is in $log"; }
say "$name: done in $SECONDS s"
