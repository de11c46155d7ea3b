#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# check.sh [small]: look at patches, sources and scripts without running them. One KTAP line for
# each thing looked at; what a tool has to say about it comes before. What was good is not looked at
# again while all that it was made of stays the same. With "small", our board is the only target.
. "$(dirname "$0")/common.sh"
. "$lab/series.sh"

name=$("$lab/kernel-name.sh")
tree=$("$lab/tree.sh")
plain=$(plain_tree)
part=$(work_tree part)
version=$(tree_version "$tree")
series_config=("$lab/config/series.config" "$lab/config/kunit.config" "$lab/config/series-kunit.config"
	"$lab/config/e500-elo-series.config")
number=0 failures=0 known=0
good=$cache/good
# After the board: other accessors, the other word size and byte order, the Elo's own processor.
targets=(e500-elo arm64 x86_64 riscv64 ppc64 mpc83xx)
[ "${1:-whole}" = whole ] || targets=(e500-elo)

# asked_for NAME: whether ONLY, shell patterns with a line for each, has it
asked_for() {
	local pattern
	[ -n "${ONLY:-}" ] || return 0
	while read -r pattern; do
		# shellcheck disable=SC2053 # a pattern
		[[ $1 != $pattern ]] || return 0
	done <<< "$ONLY"
	return 1
}

# tree_as_it_is: its files, but not the subjects and dates of its commits; nothing that has edits
tree_as_it_is() {
	[ -z "$(lab_git -C "$tree" status --porcelain)" ] && lab_git -C "$tree" rev-parse 'HEAD^{tree}'
}

# made_of COMMAND...: all that its outcome depends on, if that is little enough to tell
made_of() {
	case $1 in
	by_itself | checkpatch) cat "$2" ;;
	alone) patches_alone "$2" | xargs cat ;;
	compile_series | new_only | */check-binding.sh) tree_as_it_is || return 1 ;;
	shellcheck) cat "$2" "$lab"/{common,machine,series}.sh "$lab/guest/functions" ;;
	check_qemu) cat "$qemu_script" "qemu/${*: -1}" ;;
	*) return 1 ;;
	esac
	printf '%s\n' "$@"
	cat "$scratch_dir/same-for-all"
}

# same_for_all: the kernel, the configurations, this script and the tools
same_for_all() {
	lab_git -C "$tree" rev-parse 'base^{tree}'
	cat "$lab"/check{,-binding}.sh "$lab"/config/*
	dpkg-query -W -f '${Package} ${Version}\n' 'gcc*' sparse shellcheck perl dt-schema yamllint
}

# item NAME COMMAND...: good is an exit status of 0 and no output.
item() {
	local what=$1 said key=none status=0
	shift
	asked_for "$what" || return 0
	number=$((number + 1))
	made_of "$@" > "$scratch_dir/made-of" && key=$(key_of < "$scratch_dir/made-of")
	if [ -e "$good/$key" ]; then
		known=$((known + 1))
		printf 'ok %d %s\n' "$number" "$what"
		return
	fi
	said=$("$@" 2>&1) || status=$?
	if [ "$status" = 0 ] && [ -z "$said" ]; then
		[ "$key" = none ] || touch "$good/$key"
		printf 'ok %d %s\n' "$number" "$what"
	else
		[ -z "$said" ] || printf '# %s\n' "${said//$'\n'/$'\n'# }"
		printf 'not ok %d %s\n' "$number" "$what"
		failures=$((failures + 1))
	fi
}

# skip NAME WHY
skip() {
	asked_for "$1" || return 0
	number=$((number + 1))
	printf 'ok %d %s # SKIP %s\n' "$number" "$1" "$2"
}

# aim TARGET: what is built from here on
aim() {
	local fragment=$lab/config/check-$1.config
	target=$1 sparse_too=1
	config=("$lab/config/check.config")
	[ ! -e "$fragment" ] || config+=("$fragment")
	[ "$target" != e500-elo ] || config=("$lab/config/base.config" "$lab/config/e500-elo.config")
	case $target in
	arm64) arch=arm64 cross=aarch64-linux-gnu- ;;
	x86_64) arch=x86_64 cross=x86_64-linux-gnu- ;;
	# Debian 12's sparse does not know the names of its extensions.
	riscv64) arch=riscv cross=riscv64-linux-gnu- sparse_too=0 ;;
	# one compiler for both word sizes
	*) arch=powerpc cross=powerpc-linux-gnu- ;;
	esac
}

objects_of() { printf '%s' "$build/obj-$(basename "$1")-check-$target"; }

# build_in TREE MAKE-ARGUMENT...
build_in() {
	local from=$1
	shift
	make -s -C "$from" O="$(objects_of "$from")" ARCH="$arch" CROSS_COMPILE="$cross" \
		LOCALVERSION= -j"$jobs" "$@"
}

# prepare TREE FRAGMENT...: what is needed before single files can be compiled, with W=1 as they
# are, for it not to be built again with them and looked at.
prepare() {
	local from=$1 objects
	shift
	objects=$(objects_of "$from")
	mkdir -p "$objects"
	cat "$@" > "$objects/wanted.config"
	build_in "$from" KCONFIG_ALLCONFIG="$objects/wanted.config" allnoconfig
	[ "$from" != "$tree" ] || options_present "$objects/wanted.config" "$objects/.config"
	build_in "$from" W=1 modules_prepare
}

touched() { lab_git -C "$tree" diff --name-only --diff-filter=d base HEAD -- "$@"; }

# The series has a patch for MAINTAINERS; checkpatch, which sees one patch, asks every other for it.
checkpatch() { (cd "$tree" && scripts/checkpatch.pl --strict --quiet --no-summary --ignore FILE_PATH_CHANGES "$1"); }

# Debian 12's sparse does not know this keyword, which newer kernels ask of it and, with
# Debian 12's compiler, do not use.
sparse='sparse -D__typeof_unqual__=__typeof__'

# compile TREE FILE...: what sparse and the compiler's extra warnings say. Only a file whose object
# is gone is compiled again.
compile() {
	local said status=0 from=$1 objects
	shift
	objects=("${@/%.c/.o}")
	(cd "$(objects_of "$from")" && rm -f "${objects[@]}")
	said=$(build_in "$from" -k C="$sparse_too" CHECK="$sparse" W=1 "${objects[@]}" 2>&1) || status=$?
	[[ $said != *"is not available or not up to date"* ]] || status=1
	printf '%s\n' "$said"
	return $status
}

kernel_doc() {
	local script
	for script in tools/docs/kernel-doc scripts/kernel-doc; do
		[ ! -e "$1/$script" ] || break
	done
	"$1/$script" -none "$1/$2" 2>&1 | grep -i 'warning\|error' || true
}

# new_only TOOL FILE...: what TOOL says of the files and did not say before the series, of them or
# of a file of the kernel's own: this is what a tool of Debian 12 does not understand in a newer
# kernel's headers. Not every file was there, and could be compiled for every target.
new_only() {
	local now before line file tool=$1
	shift
	now=$("$tool" "$tree" "$@") || { printf '%s\n' "$now"; return 1; }
	[ -n "$now" ] || return 0
	prepare_plain
	before=$(for file in "$@" drivers/dma/dmatest.c; do
		[ ! -e "$plain/$file" ] || "$tool" "$plain" "$file" | placeless
	done)
	while read -r line; do
		# where the next line was said, which has its place too
		[[ $line != *': note: in included file:' ]] || continue
		grep -qxF "$(placeless <<< "$line")" <<< "$before" || printf '%s\n' "$line"
	done <<< "$now"
}

# The message without the path and the line.
placeless() { sed -E 's|[^ ]*/[^/ :]+:[0-9]+(:[0-9]+)?:? ||'; }

# The kernel without the series is needed only where a tool is not silent.
prepare_plain() {
	[ ! -e "$scratch_dir/plain-$target" ] || return 0
	prepare "$plain" "${config[@]}"
	touch "$scratch_dir/plain-$target"
}

# Those of them that the kernel is to have whatever else it has.
fixes() { series_for "$version" 1-fsldma-fixes 2-dmaengine-fixes; }

# patches_alone FOLDER: its own after those of what it needs
# shellcheck disable=SC2046 # a word for each folder
patches_alone() { series_for "$version" $(with_needs "$1"); }

# alone FOLDER: what keeps it, with what it needs and nothing else, from being applied and built
alone() {
	local patches files
	mapfile -t patches < <(patches_alone "$1")
	lab_git -C "$part" reset -q --hard base
	lab_git -C "$part" am -q "${patches[@]}" > "$scratch_dir/am" 2>&1 || {
		grep -v '^hint:' "$scratch_dir/am"
		lab_git -C "$part" am --abort
		return 1
	}
	mapfile -t files < <(lab_git -C "$part" diff --name-only --diff-filter=d base HEAD -- '*.c')
	{ prepare "$part" "${config[@]}" "${series_config[@]}" && build_in "$part" -k "${files[@]/%.c/.o}"; } \
		> "$scratch_dir/alone" 2>&1 || { cat "$scratch_dir/alone"; return 1; }
}

# compile_apart DIR: what is said of the C files in DIR, which may have a place in the kernel
compile_apart() {
	local sources
	mapfile -t sources < <(cd "$1" && find . -name '*.c' -printf '%P\n')
	cat > "$1/Kbuild" <<-END
		obj-y := ${sources[*]/%.c/.o}
		ccflags-y := -I\$(srctree)/drivers/dma
	END
	build_in "$plain" M="$1" C="$sparse_too" CHECK="$sparse" W=1 "${sources[@]/%.c/.o}" 2>&1
}

# by_itself PATCH: what keeps it from being applied to the kernel without the series, or what the
# compiler says of it there that it did not say before
by_itself() {
	local files dir before now
	mapfile -t files < <(git apply --numstat "$1" | cut -f 3)
	dir=$(mktemp -d "$scratch_dir/apart.XXXXXX")
	lab_git -C "$tree" archive base -- "${files[@]}" | tar -x -C "$dir"
	prepare_plain
	# most of them change the same file
	before=$scratch_dir/before-$(key_of <<< "${files[*]}")
	[ -e "$before" ] || compile_apart "$dir" | placeless > "$before"
	(cd "$dir" && find . -name '*.o' -delete && GIT_CEILING_DIRECTORIES=$build git apply "$1") || return 1
	now=$(compile_apart "$dir") || { printf '%s\n' "$now"; return 1; }
	grep -vxFf "$before" <(placeless <<< "$now") || true
}

# compile_series FILE...: every source file of the series for the target, with W=1
compile_series() {
	prepare "$tree" "${config[@]}" "${series_config[@]}" > "$scratch_dir/prepare" 2>&1 || {
		cat "$scratch_dir/prepare"
		return 1
	}
	new_only compile "$@"
}

binding() {
	case $1 in
	*.yaml) item "dt-schema $1" "$lab/check-binding.sh" "$tree" "$1" ;;
	*) skip "dt-schema $1" "no schema, but a text, in Linux $name" ;;
	esac
}

scripts() {
	git ls-files -co --exclude-standard -- lab .ci | while read -r file; do
		head -n 3 "$file" | grep -q '^#!.*sh$\|shellcheck shell' && printf '%s\n' "$file"
	done
}

# QEMU's own checkpatch, out of its source package.
qemu_checkpatch() {
	local dsc script
	dsc=$("$lab/fetch.sh" source qemu)
	script=$cache/checkpatch-$(basename "$dsc" .dsc).pl
	if [ ! -e "$script" ]; then
		tar -x -J -O -f "${dsc%-*}.orig.tar.xz" --wildcards '*/scripts/checkpatch.pl' > "$script.part"
		mv "$script.part" "$script"
	fi
	printf '%s\n' "$script"
}

# Its rules depend on the path as QEMU has it.
check_qemu() { (cd qemu && perl "$qemu_script" --no-tree --strict --quiet --no-summary "$@"); }

cd "$top"
scratch_dir=$(mktemp -d "$build/check.XXXXXX")
scratch+=("$scratch_dir")
mkdir -p "$good"
find "$good" -mtime +30 -delete
same_for_all > "$scratch_dir/same-for-all"
qemu_script=$(qemu_checkpatch)
aim e500-elo

printf 'TAP version 13\n'
item "patches and files agree" "$lab/check-sync.sh"
fixes=$(fixes)
while read -r patch; do
	item "by itself ${patch##*/}" by_itself "$patch"
done <<< "$fixes"
for folder in $(folders); do
	item "alone, with what it needs: $folder" alone "$folder"
done
# shellcheck disable=SC2046 # a word for each folder
while read -r patch; do
	item "checkpatch ${patch##*/}" checkpatch "$patch"
done < <(series_for "$version" $(folders))
while read -r file; do
	item "kernel-doc $file" new_only kernel_doc "$file"
done < <(touched '*.c' '*.h')
mapfile -t files < <(touched '*.c')
for target in "${targets[@]}"; do
	aim "$target"
	item "sparse and W=1, the series' ${#files[@]} source files for $target" compile_series "${files[@]}"
done
# The list of vendors is no binding; each of them is checked with it.
while read -r file; do
	binding "$file"
done < <(touched Documentation/devicetree/bindings ':!*/vendor-prefixes.yaml')
while read -r file; do
	item "shellcheck $file" shellcheck "$file"
done < <(scripts)
while read -r file; do
	item "QEMU checkpatch $file" check_qemu -f "$file"
done < <(cd qemu && git ls-files -co --exclude-standard -- '*.[ch]')
while read -r file; do
	item "QEMU checkpatch $file" check_qemu "$file"
done < <(cd qemu && git ls-files -co --exclude-standard -- 'patches/*.patch')
printf '1..%d\n' "$number"
say "check: $((number - failures)) of $number good, $known of them as before, with Linux $name, in $SECONDS s"
[ "$failures" = 0 ]
