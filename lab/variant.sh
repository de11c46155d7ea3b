# SPDX-License-Identifier: GPL-2.0
# Sourced: the driver in another state than the series', as a module of its own. Needs lab/common.sh
# and lab/machine.sh.
# shellcheck shell=bash disable=SC2154 # tree, objects, arch and cross are set where this is sourced

# build_driver NAME COMMIT SED-SCRIPT: the driver as it is in COMMIT of the tree and with what
# SED-SCRIPT does to it, as the module fsldma-NAME.
build_driver() {
	local folder=$objects/fsldma-$1
	mkdir -p "$folder"
	lab_git -C "$tree" show "$2:drivers/dma/fsldma.c" | sed "$3" > "$folder/fsldma.c"
	lab_git -C "$tree" show "$2:drivers/dma/fsldma.h" > "$folder/fsldma.h"
	cat > "$folder/Kbuild" <<-END
		obj-m := fsldma-$1.o
		fsldma-$1-y := fsldma.o
		ccflags-y := -I\$(srctree)/drivers/dma
	END
	# All export fsl_dma_external_start(), and only one is ever loaded.
	make -C "$objects" ARCH="$arch" CROSS_COMPILE="$cross" M="$folder" \
		KBUILD_MODPOST_WARN=1 modules
}

# add_to ARCHIVE FILE NAME: put FILE into the initramfs as NAME.
add_to() {
	local stage
	stage=$(mktemp -d "$build/stage.XXXXXX")
	scratch+=("$stage")
	install -D -m 644 "$2" "$stage/$3"
	find "$stage" -exec touch -h -d @0 {} +
	(cd "$stage" && find . -mindepth 1 | LC_ALL=C sort | cpio --quiet --reproducible -o -H newc -R 0:0) >> "$1"
}
