// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client of async_tx that only needs copies: raid6test uses the CPU alone where no channel
 * computes parity. Loading it runs the test; it fails to load if the test fails.
 *
 * Copyright (C) 2026 dmaengine-sg developers
 */
#define pr_fmt(fmt) "asynctest: " fmt

#include <linux/async_tx.h>
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/string.h>

#define PAGES 100

static struct page *pages[PAGES];

static void finished(void *done)
{
	complete(done);
}

/* async_tx does not ask, which the debugging of DMA complains about. */
static bool is_mapped(const struct dmaengine_unmap_data *unmap)
{
	return !dma_mapping_error(unmap->dev, unmap->addr[0]) &&
	       !dma_mapping_error(unmap->dev, unmap->addr[1]);
}

/* Each copy reads what the one before it wrote, and depends on it. */
static int copy_along(void)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct dma_async_tx_descriptor *tx = NULL;
	struct async_submit_ctl submit;
	int i, err = 0;

	for (i = 1; i < PAGES; i++) {
		if (i < PAGES - 1)
			init_async_submit(&submit, ASYNC_TX_FENCE, tx, NULL, NULL, NULL);
		else
			init_async_submit(&submit, ASYNC_TX_ACK, tx, finished, &done, NULL);
		tx = async_memcpy(pages[i], pages[i - 1], 0, 0, PAGE_SIZE, &submit);
		if (!tx) {
			pr_info("# copy %d was left to the processor\n", i);
			return -ENODEV;
		}
		if (!is_mapped(tx->unmap))
			err = -ENOMEM;
	}
	async_tx_issue_pending(tx);
	wait_for_completion(&done);

	if (memcmp(page_address(pages[0]), page_address(pages[PAGES - 1]), PAGE_SIZE)) {
		pr_info("# the last page is not like the first\n");
		return -EIO;
	}
	return err;
}

static int __init asynctest_init(void)
{
	int i, err = 0;

	for (i = 0; i < PAGES && !err; i++) {
		pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!pages[i])
			err = -ENOMEM;
	}
	if (!err) {
		get_random_bytes(page_address(pages[0]), PAGE_SIZE);
		err = copy_along();
	}
	for (i = 0; i < PAGES && pages[i]; i++)
		__free_page(pages[i]);
	return err;
}

static void __exit asynctest_exit(void)
{
}

module_init(asynctest_init);
module_exit(asynctest_exit);
MODULE_DESCRIPTION("Copies of async_tx that depend on one another");
MODULE_LICENSE("GPL");
