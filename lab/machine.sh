# SPDX-License-Identifier: GPL-2.0
# Sourced: what the machine MACHINE is, in one table. What follows a comma are QEMU's properties
# of it. A name that is not in the table is a machine of the reader's own QEMU, and like our board.
# shellcheck shell=bash disable=SC2034,SC2154,SC2054 # used, and set, where this is sourced
#
# arch, cross   the kernel's ARCH, and the prefix of the compiler
# image         what QEMU boots, as a path among the kernel's objects
# driver        the DMA driver that is tested
# series        the folders of patches/ that its kernel has, with what they need; all if none is named
# channels      the controllers that it must have, and how many channels each has
# console       the kernel's name of the serial port
# emulator      QEMU and the machine's options; the first word is the program

machine=${MACHINE:-e500-elo}
series="" channels=""
case $machine in
zcu102)
	board=zcu102 arch=arm64 cross=aarch64-linux-gnu- image=arch/arm64/boot/Image
	series=4-dmaengine-sg driver=zynqmp_dma channels=dma0:1,dma1:1 console=ttyPS0,115200
	emulator=(qemu-system-aarch64 -M xlnx-zcu102 -smp 4 -m 256M -audiodev none,id=audio)
	;;
zynq)
	board=zynq arch=arm cross=arm-linux-gnueabihf- image=arch/arm/boot/zImage
	series=4-dmaengine-sg driver=pl330 channels=dma0:8 console=ttyPS0,115200
	emulator=(qemu-system-arm -M xilinx-zynq-a9 -smp 1 -m 256M)
	;;
e500-elo* | ppce500*)
	board=e500-elo arch=powerpc cross=powerpc-linux-gnu- image=vmlinux
	driver=fsldma console=ttyS0
	case $machine in
	*controller=elo3*) channels=dma0:8,dma1:4 ;;
	e500-elo*) channels=dma0:4,dma1:4 ;;
	esac
	emulator=(qemu-system-ppc -M "$machine" -smp 4 -m 512M)
	;;
*)
	[ -n "${QEMU:-}" ] ||
		die "MACHINE=$machine is none of e500-elo, zcu102 and zynq; for one of your own QEMU, set QEMU as well"
	board=e500-elo arch=powerpc cross=powerpc-linux-gnu- image=vmlinux
	driver=fsldma console=ttyS0
	emulator=(qemu-system-ppc -M "$machine" -smp 4 -m 512M)
	;;
esac

# Stock QEMU does not make a device tree for its machines: ours is beside the configuration.
devicetree=$lab/config/$board.dts
