#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Install the Debian packages that the other scripts use.
. "$(dirname "$0")/common.sh"

packages=(
	# the kernel, for the board and for the checks
	build-essential gcc-powerpc-linux-gnu libc6-dev-powerpc-cross
	bc bison flex libelf-dev libssl-dev kmod sparse perl python3
	# the checks: what other processors make of the drivers, and the bindings
	gcc-riscv64-linux-gnu dt-schema yamllint
	# the machines of QEMU's own, and their kernels
	qemu-system-arm device-tree-compiler
	gcc-aarch64-linux-gnu libc6-dev-arm64-cross
	gcc-arm-linux-gnueabihf libc6-dev-armhf-cross
	# QEMU
	ninja-build meson pkg-config libglib2.0-dev libfdt-dev libpixman-1-dev zlib1g-dev
	# fetching and packing
	dpkg-dev distro-info-data cpio xz-utils bzip2
	# the series, the scripts
	ccache git git-absorb shellcheck python3-git python3-ply
	# the plot of the measurements
	gnuplot-nox
)

missing() {
	local package
	for package in "${packages[@]}"; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)" = installed ] ||
			printf '%s\n' "$package"
	done
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo > /dev/null; then
		sudo "$@"
	else
		die "root is needed: run 'make deps' as root, or install sudo"
	fi
}

apt_install() {
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -q --no-install-recommends "$@" > "$logs/deps.log" 2>&1
}

mapfile -t wanted < <(missing)
[ "${#wanted[@]}" != 0 ] || exit 0
say "installing ${#wanted[@]} packages: ${wanted[*]}"
need_space / 1500
if ! apt_install "${wanted[@]}"; then
	say "not with the package lists at hand; updating them"
	as_root apt-get update -q >&2 || die "apt-get update failed: is there a network, and a Debian 12 archive in apt's sources?"
	apt_install "${wanted[@]}" || {
		grep '^E:' "$logs/deps.log" >&2 || tail -n 5 "$logs/deps.log" >&2
		die "apt-get could not install: ${wanted[*]} (the whole output is in $logs/deps.log)"
	}
fi
say "packages installed in $SECONDS s"
