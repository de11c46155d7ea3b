#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Fetch sources from the Debian archive that this machine uses, into the cache:
#   fetch.sh kernel VERSION   prints the path of linux-source-VERSION_*.deb
#   fetch.sh source PACKAGE   prints the path of PACKAGE_*.dsc
#   fetch.sh latest           prints the newest kernel VERSION there is
# apt's own settings are left alone: what is added to them lives in the cache.
. "$(dirname "$0")/common.sh"

apt=$cache/apt
store=$cache/sources
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$store"
# Two of apt with the same lists are one too many.
exec 8>> "$apt/busy"
flock 8

next_release() {
	. /etc/os-release
	awk -F, -v next_version=$((VERSION_ID + 1)) '$1 == next_version { print $3 }' \
		/usr/share/distro-info/debian.csv
}

# One line for each archive: this release as the system has it, its sources, the next one's backports.
write_sources() {
	local main codename uri targets
	. /etc/os-release
	# shellcheck disable=SC2016 # apt's own variables
	targets=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' \
		'Created-By: Packages' 'Component: main' | sort -u | grep "^$VERSION_CODENAME") ||
		die "apt's sources name no $VERSION_CODENAME archive with the component main: add one"
	while read -r codename uri; do
		printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$uri" "$codename"
		[ "$codename" != "$VERSION_CODENAME" ] || main=$uri
	done <<< "$targets"
	printf 'deb-src [signed-by=%s] %s %s main\n' "$keyring" "$main" "$VERSION_CODENAME"
	printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$main" "$(next_release)-backports"
}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

write_settings() {
	write_sources > "$apt/sources.list"
	cat > "$apt/apt.conf" <<-END
		Dir::Etc::SourceList "$apt/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::State::Lists "$apt/lists";
		Dir::Cache "$apt";
		Dir::Cache::Archives "$apt/archives";
		Acquire::Languages "none";
		Acquire::Retries "2";
		APT::Sandbox::User "$(id -un)";
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
	END
}

# Package lists are good for a day.
refresh_lists() {
	[ -z "$(find "$apt/fresh" -mtime -1 2> /dev/null)" ] || return 0
	write_settings
	need_space "$apt" 500
	say "reading the package lists"
	if apt-get -c "$apt/apt.conf" update -q > "$logs/apt-update.log" 2>&1 &&
		! grep -q '^\(Err\|W: Failed\)' "$logs/apt-update.log"; then
		touch "$apt/fresh"
	else
		say "no package lists to be had (no network?); going by what the cache holds"
	fi
}

# The newest file in the cache of the form PREFIX*SUFFIX.
newest_cached() { find "$store" -name "$1*$2" | sort -V | tail -n 1; }

# download NAME APT-COMMAND...: into a temporary folder, then into the cache.
download() {
	local name=$1 part
	shift
	need_space "$store" 1000
	part=$(mktemp -d "$store/part.XXXXXX")
	scratch+=("$part")
	(cd "$part" && logged "fetch-$name" apt-get -c "$apt/apt.conf" -q "$@") || return 1
	mv "$part"/* "$store/"
}

version_of() {
	{ apt-cache -c "$apt/apt.conf" "$1" "$2" 2> /dev/null || true; } |
		sed -n 's/^Version: //p' | sort -V | tail -n 1
}

# fetch NAME SHOW-COMMAND SUFFIX APT-COMMAND...: print the path of NAME_VERSION*SUFFIX in the cache.
fetch() {
	local name=$1 show=$2 suffix=$3 version file=
	shift 3
	refresh_lists
	version=$(version_of "$show" "$name")
	version=${version#*:}
	[ -z "$version" ] || file=$(newest_cached "${name}_$version" "$suffix")
	if [ -z "$file" ] && [ -n "$version" ]; then
		download "$name" "$@" >&2 || say "could not download $name $version"
	fi
	file=$(newest_cached "${name}_$version" "$suffix")
	[ -n "$file" ] || file=$(newest_cached "${name}_" "$suffix")
	[ -n "$file" ] || die "there is no $name in the cache ($store) and none to be had from apt: $hint"
	printf '%s\n' "$file"
}

latest() {
	local newest
	refresh_lists
	newest=$({ apt-cache -c "$apt/apt.conf" pkgnames linux-source- 2> /dev/null
		find "$store" -name 'linux-source-*.deb' -printf '%f\n'; } |
		sed -n 's/^linux-source-\([0-9]*\.[0-9]*\)\(_.*\)\?$/\1/p' | sort -V | tail -n 1)
	[ -n "$newest" ] || die "apt offers no linux-source package: $hint"
	printf '%s\n' "$newest"
}

hint="check the network and apt's sources, then run this again"
case $1 in
kernel)
	hint="KERNEL is 6.1, 6.12, latest or another release that Debian packages, LINUX a tree of your own; if it is, $hint"
	fetch "linux-source-$2" show _all.deb download "linux-source-$2"
	;;
source) fetch "$2" showsrc .dsc source --download-only --only-source "$2" ;;
latest) latest ;;
esac
