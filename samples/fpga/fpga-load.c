// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sample FPGA manager client: load an image from the shell
 *
 * Copyright (C) 2026 dmaengine-sg developers
 *
 * Takes an image from the firmware files, and programs the FPGAs of a device's
 * manager with it, as often as it is told to:
 *
 *	cd /sys/module/fpga_load/parameters
 *	echo image.bin > image
 *	echo f0000000.fpga-programmer > load
 *
 * A write fails with the error that the firmware loader or the manager gave. FPGAs
 * whose devices Linux is to find need an FPGA region instead.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/firmware.h>
#include <linux/fpga/fpga-mgr.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/platform_device.h>
#include <linux/string.h>

static const struct firmware *image;

/* The lock of the module's parameters is held, and protects the image. */
static int fpga_load_set_image(const char *val, const struct kernel_param *kp)
{
	const struct firmware *new;
	char name[64];
	int err;

	if (strscpy(name, val, sizeof(name)) < 0)
		return -EINVAL;

	err = request_firmware(&new, strim(name), NULL);
	if (err)
		return err;

	release_firmware(image);
	image = new;
	return 0;
}

static const struct kernel_param_ops fpga_load_image_ops = {
	.set = fpga_load_set_image,
};
module_param_cb(image, &fpga_load_image_ops, NULL, 0200);
MODULE_PARM_DESC(image, "Name of the firmware file to load");

static int fpga_load_program(struct fpga_manager *mgr)
{
	struct fpga_image_info info = { .buf = image->data, .count = image->size };
	int err;

	err = fpga_mgr_lock(mgr);
	if (err)
		return err;

	err = fpga_mgr_load(mgr, &info);
	fpga_mgr_unlock(mgr);
	return err;
}

static int fpga_load_set_load(const char *val, const struct kernel_param *kp)
{
	struct fpga_manager *mgr;
	struct device *dev;
	char name[64];
	int err;

	if (!image || strscpy(name, val, sizeof(name)) < 0)
		return -EINVAL;

	dev = bus_find_device_by_name(&platform_bus_type, NULL, strim(name));
	if (!dev)
		return -ENODEV;

	mgr = fpga_mgr_get(dev);
	put_device(dev);
	if (IS_ERR(mgr))
		return PTR_ERR(mgr);

	err = fpga_load_program(mgr);
	fpga_mgr_put(mgr);
	return err;
}

static const struct kernel_param_ops fpga_load_load_ops = {
	.set = fpga_load_set_load,
};
module_param_cb(load, &fpga_load_load_ops, NULL, 0200);
MODULE_PARM_DESC(load, "Platform device whose FPGAs are programmed with the image");

static int __init fpga_load_init(void)
{
	return 0;
}
module_init(fpga_load_init);

static void __exit fpga_load_exit(void)
{
	/* the parameters are still there */
	kernel_param_lock(THIS_MODULE);
	release_firmware(image);
	image = NULL;
	kernel_param_unlock(THIS_MODULE);
}
module_exit(fpga_load_exit);

MODULE_AUTHOR("dmaengine-sg developers");
MODULE_DESCRIPTION("Sample FPGA manager client");
MODULE_LICENSE("GPL");
