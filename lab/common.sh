# SPDX-License-Identifier: GPL-2.0
# Sourced by every script here: paths, messages, progress, temporary names.
# shellcheck shell=bash disable=SC2034 # used where this is sourced
set -eu -o pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
lab=$top/lab
build=$top/build
logs=$build/log
cache=${XDG_CACHE_HOME:-$HOME/.cache}/dmaengine-sg
kernel=${KERNEL:-6.12}
jobs=$(nproc)
# The kernel folders in which the series adds files.
series_dirs=(Documentation drivers include lib samples scripts tools)
# The tools that "make deps" installs, not others of the same name.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
# What was given to our make is not meant for the makes that the scripts run.
unset MAKEFLAGS MFLAGS MAKELEVEL
mkdir -p "$build" "$logs" "$cache"

say() { printf '%s\n' "== $*" >&2; }
die() { printf '%s\n' "error: $*" >&2; exit 1; }

# One target at a time in a checkout: the outermost script has the lock, and what it starts with it.
take_lock() {
	exec 9>> "$build/lock"
	if ! flock -n 9; then
		say "waiting for another target in this checkout: $(cat "$build/lock")"
		flock 9
	fi
	printf '%s, process %d, since %s\n' "${0##*/}" $$ "$(date +%T)" > "$build/lock"
	export LAB_LOCKED=$$
}
# These only read.
case ${0##*/} in
apply.sh | check-sync.sh | judge-test.sh | kernel-name.sh) ;;
*) [ -n "${LAB_LOCKED:-}" ] || take_lock ;;
esac

# What must not survive this script: temporary names, and the job that "logged" runs.
scratch=()
running=
tidy() {
	[ -z "$running" ] || kill -- "-$running" 2> /dev/null || true
	rm -rf "${scratch[@]}"
}
trap tidy EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# need_space DIR MIB
need_space() {
	local free
	free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge "$2" ] || die "$1 has $free MiB free, $2 are needed: make room and run this again"
}

# logged JOB COMMAND...: run it with its output in build/log/JOB.log; every ten seconds
# say how long it has run and how far it is.
logged() {
	local job=$1 log=$logs/$1.log began=$SECONDS shown=$SECONDS status=0
	shift
	set -m # a process group of its own, which can be ended as a whole
	("$@") > "$log" 2>&1 < /dev/null &
	set +m
	running=$!
	while kill -0 "$running" 2> /dev/null; do
		sleep 0.2
		[ $((SECONDS - shown)) -ge 10 ] || continue
		shown=$SECONDS
		printf '   %s: %d s, %d lines, %s\n' "$job" $((SECONDS - began)) "$(wc -l < "$log")" \
			"$(tail -n 1 "$log" | tr -d '\r' | cut -c 1-60)" >&2
	done
	wait "$running" || status=$?
	running=
	if [ "$status" != 0 ]; then
		tail -n 20 "$log" >&2
		die "$job failed after $((SECONDS - began)) s (exit $status); the whole output is in $log"
	fi
	say "$job: done in $((SECONDS - began)) s"
}

# A key for what a result was made of: the names and contents of files and words on stdin.
key_of() { sha256sum | cut -c 1-16; }

# In trees of our own making every commit has one identity, no personal setting counts, and git
# does not tidy up in the background.
lab_git() {
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 \
	GIT_AUTHOR_NAME='dmaengine-sg developers' GIT_AUTHOR_EMAIL='dmaengine-sg@localhost' \
	GIT_COMMITTER_NAME='dmaengine-sg developers' GIT_COMMITTER_EMAIL='dmaengine-sg@localhost' \
	git -c gc.auto=0 -c maintenance.auto=false "$@"
}

# ccached COMMAND...: it builds a kernel below its tree, which the kernel then calls "..": the
# compiler's cache knows it in another tree too. It goes by the files that the compiler says it has
# read; to run the preprocessor as well took a fifth of a build. Who built it, where and when is in
# the kernel's first message, and must not count as a change.
ccached() {
	KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=lab KBUILD_BUILD_VERSION=1 KBUILD_BUILD_TIMESTAMP=1970-01-01 \
	CCACHE_DIR=$cache/ccache CCACHE_MAXSIZE=2G CCACHE_DEPEND=1 "$@"
}

# ignore_objects TREE: objects are no edits of the tree that they are in.
ignore_objects() {
	local exclude
	exclude=$(lab_git -C "$1" rev-parse --path-format=absolute --git-path info/exclude)
	grep -qxF '/obj-*' "$exclude" 2> /dev/null || { mkdir -p "$(dirname "$exclude")"; echo '/obj-*' >> "$exclude"; }
}

# options_present FRAGMENT CONFIG: kconfig drops what it cannot set without a word.
options_present() {
	local lost
	lost=$(grep '^CONFIG_' "$1" | grep -vxFf "$2" || true)
	[ -z "$lost" ] || die "these options are not in $2: ${lost//$'\n'/ }"
}
