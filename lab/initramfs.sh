#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# initramfs.sh OBJECTS ARCHIVE: pack BusyBox, the guest's scripts and the modules built in OBJECTS.
. "$(dirname "$0")/common.sh"
. "$lab/machine.sh"

objects=$1 archive=$2
stage=$(mktemp -d "$build/stage.XXXXXX")
scratch+=("$stage" "$archive.part")

chmod 755 "$stage"
mkdir -p "$stage"/{bin,lab,dev}
cp "$("$lab/busybox.sh")" "$stage/bin/busybox"
cp "$lab"/guest/* "$stage/lab/"
mv "$stage/lab/init" "$stage/init"
make -s -C "$objects" ARCH="$arch" CROSS_COMPILE="$cross" \
	INSTALL_MOD_PATH="$stage" INSTALL_MOD_STRIP=1 modules_install > /dev/null
[ ! -e "$objects/elotest" ] || cp "$objects"/elotest/*.ko "$stage/lab/"
# The same files make the same archive: unpacking another one takes another number of instructions.
find "$stage" -exec touch -h -d @0 {} +
(cd "$stage" && find . | LC_ALL=C sort | cpio --quiet --reproducible -o -H newc -R 0:0) > "$archive.part"
mv "$archive.part" "$archive"
