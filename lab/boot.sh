#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# boot.sh NAME OBJECTS STEPS SECONDS SIZE [QEMU-OPTION...]: boot the kernel in OBJECTS on MACHINE and
# run STEPS (scripts of lab/guest, with commas between them), SIZE "whole" or "small", of their
# results those that match a pattern in ONLY, if there is one. The console's log is
# build/log/NAME.log; a guest that is not done after SECONDS is ended. QEMU is another program,
# ARGS are more options for it. Our board's third serial port is QEMU's monitor: its guest sets
# the faults that it wants to meet.
. "$(dirname "$0")/common.sh"
. "$lab/machine.sh"

name=$1 objects=$2 steps=$3 limit=$4 size=$5
shift 5
log=$logs/$name.log
# Our board is in our QEMU only; the other machines are in everybody's.
if [ -n "${QEMU:-}" ]; then
	emulator[0]=$QEMU
elif [ "$board" = e500-elo ]; then
	emulator[0]=$("$lab/qemu.sh")/${emulator[0]}
fi
command -v "${emulator[0]}" > /dev/null || die "QEMU=${emulator[0]} is not a program"

command=("${emulator[@]}" -nic none -display none -no-reboot
	-kernel "$objects/$image" -initrd "${INITRD:-$objects/initramfs.cpio}"
	-append "console=$console panic=-1 ignore_loglevel printk.devkmsg=on driver=$driver lab=$steps size=$size only=${ONLY:-} channels=$channels")
[ ! -e "$objects/machine.dtb" ] || command+=(-dtb "$objects/machine.dtb")
command+=("$@")
serial=(-serial stdio)
if [ "$board" = e500-elo ]; then
	scratch+=("$(mktemp -d)")
	socket=unix:${scratch[0]}/monitor
	serial+=(-serial null -qmp "$socket,server=on,wait=off" -serial "$socket")
fi
# shellcheck disable=SC2206 # several words, as on a command line
[ -z "${ARGS:-}" ] || command+=($ARGS)

if [ "$steps" = shell ]; then
	exec "${command[@]}" -serial mon:stdio
fi
say "$name: booting $(basename "$objects") on $machine"
status=0
timeout --foreground "$limit" "${command[@]}" -monitor none "${serial[@]}" < /dev/null > "$log" 2>&1 || status=$?
[ "$status" != 124 ] || die "$name: the guest was not done after $limit s; its console is in $log"
[ "$status" = 0 ] || { tail -n 5 "$log" >&2; die "$name: QEMU ended with status $status; the console is in $log"; }
tr -d '\r' < "$log" | sed -n 's/.*lab: note /   /p' >&2
say "$name: done in $SECONDS s"
