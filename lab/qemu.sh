#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build QEMU with the board from Debian's source package and qemu/, or find it in the cache.
# Prints the folder that holds qemu-system-ppc and the tests of its models.
. "$(dirname "$0")/common.sh"

options=(
	--target-list=ppc-softmmu --without-default-features --with-devices-ppc=e500-elo
	--enable-fdt=system --enable-trace-backends=log --disable-install-blobs --disable-debug-info
)
products=(qemu-system-ppc tests/qtest/fsl-elo-dma-test tests/qtest/carma-programmer-test)
source=$build/qemu

overlay() { find qemu -path qemu/patches -prune -o -type f -print | sort; }

# unpack DSC: QEMU's source with our changes to its own files.
unpack() {
	local patch
	rm -rf "$source" "$source.part"
	dpkg-source --no-check --no-copy -x "$1" "$source.part"
	for patch in qemu/patches/*.patch; do
		git apply --unsafe-paths --directory="$source.part" "$patch"
	done
	cat "$1" qemu/patches/*.patch | key_of > "$source.part/lab-unpacked"
	mv "$source.part" "$source"
}

copy_overlay() {
	local file
	while read -r file; do
		cmp -s "$file" "$source/${file#qemu/}" || install -D "$file" "$source/${file#qemu/}"
	done < <(overlay)
}

configure() {
	mkdir -p "$source/build"
	cd "$source/build"
	[ "$(cat lab-configured 2> /dev/null)" = "${options[*]}" ] && return
	../configure "${options[@]}"
	printf '%s\n' "${options[*]}" > lab-configured
}

compile() { ninja -C "$source/build" -j"$jobs" "${products[@]}"; }

store() {
	local part=$result.part
	rm -rf "$part"
	mkdir "$part"
	cp "${products[@]/#/$source/build/}" "$part"
	strip "$part"/*
	mv "$part" "$result"
}

cd "$top"
dsc=$("$lab/fetch.sh" source qemu)
# shellcheck disable=SC2046 # the repository's own file names
result=$cache/qemu-$({ basename "$dsc"; printf '%s\n' "${options[@]}"
	sha256sum $(overlay) qemu/patches/*.patch; } | key_of)

if [ ! -d "$result" ]; then
	need_space "$build" 3000
	scratch+=("$source.part" "$result.part")
	[ "$(cat "$source/lab-unpacked" 2> /dev/null)" = "$(cat "$dsc" qemu/patches/*.patch | key_of)" ] ||
		logged qemu-unpack unpack "$dsc"
	copy_overlay
	logged qemu-configure configure
	logged qemu-build compile
	store
fi
printf '%s\n' "$result"
