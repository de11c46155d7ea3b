// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a loader of 2010 would have met: the image is prepared piece by piece, with
 * a loop that issues what it has when there is no memory for the next piece
 *
 * Copyright (C) 2026 dmaengine-sg developers
 *
 * Writing the name of a firmware file to the parameter "load" does the five steps of
 * the mail of 2010-09-25 in their order, on the board's programmer. The write fails
 * as the load does.
 */
#define pr_fmt(fmt) "carma2010: " fmt

#include <linux/delay.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/firmware.h>
#include <linux/fsldma.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/of_platform.h>
#include <linux/platform_device.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#define CONTROL		0x0040
#define STATUS		0x0044
#define FIFO_SIZE	0x0048
#define TOTAL		0x0050
#define CURRENT		0x0054
#define POWER_CONTROL	0x2006
#define POWER_STATUS	0x200a
#define WINDOW		0x3000

#define ENABLE		BIT(0)
#define RESET		BIT(1)
#define DMA		BIT(2)
#define ERRORS		GENMASK(15, 1)
#define DONE		BIT(18)

struct loader {
	struct device *dev;
	void __iomem *regs;
	struct dma_chan *chan;
	struct device *dma_dev;
	const struct firmware *image;
	struct sg_table src, dst;
};

static int power_up(struct loader *l)
{
	u8 status;

	iowrite8(1, l->regs + POWER_CONTROL);
	return read_poll_timeout(ioread8, status, status == 0x0f, 1000, 1000000, false,
				 l->regs + POWER_STATUS);
}

/* The image in its pages, which firmware files have anywhere in memory */
static int map_image(struct loader *l)
{
	unsigned int i, n = DIV_ROUND_UP(l->image->size, PAGE_SIZE);
	struct page **pages;
	int err;

	pages = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;

	for (i = 0; i < n; i++)
		pages[i] = vmalloc_to_page(l->image->data + i * PAGE_SIZE);
	err = sg_alloc_table_from_pages(&l->src, pages, n, 0, l->image->size, GFP_KERNEL);
	kvfree(pages);
	if (err)
		return err;

	err = dma_map_sgtable(l->dma_dev, &l->src, DMA_TO_DEVICE, 0);
	if (err)
		sg_free_table(&l->src);

	return err;
}

static void unmap_image(struct loader *l)
{
	dma_unmap_sgtable(l->dma_dev, &l->src, DMA_TO_DEVICE, 0);
	sg_free_table(&l->src);
}

static int make_fifo(struct loader *l, phys_addr_t window)
{
	size_t left = l->image->size;
	struct scatterlist *sg;
	unsigned int i;
	int err;

	err = sg_alloc_table(&l->dst, DIV_ROUND_UP(left, SZ_4K), GFP_KERNEL);
	if (err)
		return err;

	for_each_sgtable_dma_sg(&l->dst, sg, i) {
		sg_dma_address(sg) = window;
		sg_dma_len(sg) = min_t(size_t, left, SZ_4K);
		left -= sg_dma_len(sg);
	}
	return 0;
}

static int external_control(struct loader *l)
{
	struct fsldma_peripheral_config external = {
		.external_start = true,
		.external_pause = true,
		.request_count = ioread32be(l->regs + FIFO_SIZE) / 2,
	};
	struct dma_slave_config config = {
		.peripheral_config = &external,
		.peripheral_size = sizeof(external),
	};

	return dmaengine_slave_config(l->chan, &config);
}

static void called(void *param, const struct dmaengine_result *result)
{
	pr_info("the copy ended, %s\n", result->result ? "badly" : "well");
}

static int verdict(struct loader *l)
{
	u32 status;
	int err;

	err = read_poll_timeout(ioread32be, status, status & (ERRORS | DONE), 1000, 5000000,
				false, l->regs + STATUS);
	pr_info("the programmer says: status 0x%05x, %u of %u bytes\n", status,
		ioread32be(l->regs + CURRENT), ioread32be(l->regs + TOTAL));
	if (!err && !(status & DONE))
		err = -EIO;
	pr_info("the FPGAs are %sconfigured (%d)\n", err ? "not " : "", err);
	return err;
}

static int five_steps(struct loader *l)
{
	dma_cookie_t cookie;
	int err;

	pr_info("1) nothing controls the channel from outside yet\n");
	iowrite32be(RESET, l->regs + CONTROL);
	iowrite32be(0, l->regs + CONTROL);
	iowrite32be(l->image->size, l->regs + TOTAL);

	pr_info("2) dma_async_memcpy_sg_to_sg() of %zu bytes begins\n", l->image->size);
	cookie = dma_async_memcpy_sg_to_sg(l->chan, l->dst.sgl, l->dst.nents,
					   l->src.sgl, l->src.nents, called, NULL);
	pr_info("2) dma_async_memcpy_sg_to_sg() returns %s (%d)\n",
		cookie < 0 ? "an error" : "success", cookie);
	if (cookie < 0)
		return cookie;

	err = external_control(l);
	pr_info("3) external control: %d\n", err);
	if (err)
		return err;

	pr_info("4) dma_async_issue_pending()\n");
	dma_async_issue_pending(l->chan);
	pr_info("5) the programmer is enabled\n");
	iowrite32be(ENABLE | DMA, l->regs + CONTROL);
	err = verdict(l);
	iowrite32be(0, l->regs + CONTROL);
	return err;
}

static int run(struct loader *l, struct platform_device *pdev)
{
	struct resource *res = platform_get_resource(pdev, IORESOURCE_MEM, 0);
	int err;

	err = power_up(l);
	if (err)
		return err;

	l->dma_dev = dmaengine_get_dma_device(l->chan);
	err = map_image(l);
	if (err)
		return err;

	err = make_fifo(l, res->start + WINDOW);
	if (!err) {
		err = five_steps(l);
		dmaengine_terminate_sync(l->chan);
		sg_free_table(&l->dst);
	}
	unmap_image(l);
	return err;
}

static int acquire_and_run(struct platform_device *pdev, const char *name)
{
	struct loader l = { .dev = &pdev->dev };
	int err;

	err = request_firmware(&l.image, name, l.dev);
	if (err)
		return err;

	l.regs = of_iomap(pdev->dev.of_node, 0);
	l.chan = dma_request_chan(l.dev, "fifo");
	err = PTR_ERR_OR_ZERO(l.chan);
	if (!l.regs)
		err = -ENOMEM;
	if (!err)
		err = run(&l, pdev);
	if (!IS_ERR(l.chan))
		dma_release_channel(l.chan);
	if (l.regs)
		iounmap(l.regs);
	release_firmware(l.image);
	return err;
}

static int set_load(const char *val, const struct kernel_param *kp)
{
	struct platform_device *pdev;
	struct device_node *node;
	char name[64];
	int err;

	if (strscpy(name, val, sizeof(name)) < 0)
		return -EINVAL;

	node = of_find_compatible_node(NULL, NULL, "carma,fpga-programmer");
	pdev = node ? of_find_device_by_node(node) : NULL;
	of_node_put(node);
	if (!pdev)
		return -ENODEV;

	err = acquire_and_run(pdev, strim(name));
	put_device(&pdev->dev);
	return err;
}

static const struct kernel_param_ops load_ops = {
	.set = set_load,
};
module_param_cb(load, &load_ops, NULL, 0200);
MODULE_PARM_DESC(load, "Name of the firmware file to load");

MODULE_AUTHOR("dmaengine-sg developers");
MODULE_DESCRIPTION("The failure of 2010");
MODULE_LICENSE("GPL");
