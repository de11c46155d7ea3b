// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sample DMA engine client: copy a file from scatterlist to scatterlist
 *
 * Copyright (C) 2026 dmaengine-sg developers
 *
 * What is written to /dev/dma-sg-copy is scattered over memory: pieces of
 * random length, each at a random place of a page of its own. The first read
 * copies it with one descriptor to other pieces, cut at other places, and reads
 * return what arrived there:
 *
 *	exec 3<>/dev/dma-sg-copy
 *	cat FILE >&3
 *	cmp FILE - <&3
 */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/prandom.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

static char channel[32];
module_param_string(channel, channel, sizeof(channel), 0644);
MODULE_PARM_DESC(channel, "Name of the channel to use (default: any that can)");

static unsigned int seed = 1;
module_param(seed, uint, 0644);
MODULE_PARM_DESC(seed, "Seed of all random lengths and places (default: 1)");

/* Pieces that a file may be cut into, each with a page of lowmem. */
#define COPY_MAX_PIECES	65536
#define COPY_TIMEOUT	(10 * HZ)

/* Pages to draw from at random: pages in a row are not neighbours in memory. */
#define COPY_POOL	64

struct copy_piece {
	struct list_head node;
	struct page *page;
	unsigned int off;
	unsigned int len;
};

/**
 * struct copy_side - bytes that are scattered over memory
 * @pieces: list of struct copy_piece, in the order of the bytes
 * @nents: number of pieces
 * @size: bytes in all pieces
 * @sgt: the scatterlist, while a copy runs
 */
struct copy_side {
	struct list_head pieces;
	unsigned int nents;
	size_t size;
	struct sg_table sgt;
};

/**
 * struct copy - an open file
 * @lock: protects all members
 * @rnd: state of all random choices
 * @pool: pages that the next piece may get
 * @src: what was written
 * @dst: what the copy made of it; empty until the first read
 * @next: piece of @dst that the next read begins in
 * @pos: byte of @next that the next read begins at
 */
struct copy {
	struct mutex lock;	/* serializes reads and writes */
	struct rnd_state rnd;
	struct page *pool[COPY_POOL];
	struct copy_side src;
	struct copy_side dst;
	struct copy_piece *next;
	unsigned int pos;
};

/* What the callback has to say; it runs once. */
struct copy_done {
	struct completion completion;
	struct dmaengine_result result;
	ktime_t end;
};

static struct kmem_cache *copy_cache;

static struct page *copy_draw_page(struct copy *c)
{
	struct page *new, **slot;

	/* not what was in it before, even if the copy goes wrong */
	new = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!new)
		return NULL;

	slot = &c->pool[prandom_u32_state(&c->rnd) % COPY_POOL];
	swap(*slot, new);
	return new;
}

/* Append a piece of random length, @max bytes at most, from @buf if there is one. */
static int copy_add_piece(struct copy *c, struct copy_side *side, size_t max,
			  const char __user *buf)
{
	struct copy_piece *piece;
	int err = -ENOMEM;

	if (side->nents == COPY_MAX_PIECES)
		return -EFBIG;

	piece = kmem_cache_alloc(copy_cache, GFP_KERNEL);
	if (!piece)
		return err;

	piece->page = copy_draw_page(c);
	if (!piece->page)
		goto out_free_piece;

	max = min_t(size_t, max, PAGE_SIZE);
	piece->len = 1 + prandom_u32_state(&c->rnd) % max;
	piece->off = prandom_u32_state(&c->rnd) % (PAGE_SIZE - piece->len + 1);

	if (buf && copy_from_user(page_address(piece->page) + piece->off, buf,
				  piece->len)) {
		err = -EFAULT;
		goto out_free_page;
	}

	list_add_tail(&piece->node, &side->pieces);
	side->nents++;
	side->size += piece->len;
	return 0;

out_free_page:
	__free_page(piece->page);
out_free_piece:
	kmem_cache_free(copy_cache, piece);
	return err;
}

static void copy_free_side(struct copy_side *side)
{
	struct copy_piece *piece, *next;

	list_for_each_entry_safe(piece, next, &side->pieces, node) {
		__free_page(piece->page);
		kmem_cache_free(copy_cache, piece);
	}

	INIT_LIST_HEAD(&side->pieces);
	side->nents = 0;
	side->size = 0;
}

static int copy_map_side(struct device *dev, struct copy_side *side,
			 enum dma_data_direction dir)
{
	struct copy_piece *piece;
	struct scatterlist *sg;
	int err;

	err = sg_alloc_table(&side->sgt, side->nents, GFP_KERNEL);
	if (err)
		return err;

	sg = side->sgt.sgl;
	list_for_each_entry(piece, &side->pieces, node) {
		sg_set_page(sg, piece->page, piece->len, piece->off);
		sg = sg_next(sg);
	}

	err = dma_map_sgtable(dev, &side->sgt, dir, 0);
	if (err)
		sg_free_table(&side->sgt);

	return err;
}

static void copy_unmap_side(struct device *dev, struct copy_side *side,
			    enum dma_data_direction dir)
{
	dma_unmap_sgtable(dev, &side->sgt, dir, 0);
	sg_free_table(&side->sgt);
}

static void copy_callback(void *param, const struct dmaengine_result *result)
{
	struct copy_done *done = param;

	done->end = ktime_get();
	done->result = *result;
	complete(&done->completion);
}

/* Both sides are mapped: this is all that a client has to do. */
static int copy_transfer(struct dma_chan *chan, struct copy *c)
{
	struct dma_async_tx_descriptor *tx;
	struct copy_done done;
	dma_cookie_t cookie;
	ktime_t start;

	tx = dmaengine_prep_sg(chan, c->dst.sgt.sgl, c->dst.sgt.nents,
			       c->src.sgt.sgl, c->src.sgt.nents,
			       DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!tx)
		return -ENOMEM;

	init_completion(&done.completion);
	tx->callback_result = copy_callback;
	tx->callback_param = &done;

	start = ktime_get();
	cookie = dmaengine_submit(tx);
	if (dma_submit_error(cookie))
		return cookie;

	dma_async_issue_pending(chan);
	if (!wait_for_completion_timeout(&done.completion, COPY_TIMEOUT)) {
		/* what cannot be stopped still writes to the pages */
		if (dmaengine_terminate_sync(chan))
			wait_for_completion(&done.completion);
		return -ETIMEDOUT;
	}

	if (done.result.result != DMA_TRANS_NOERROR)
		return -EIO;

	pr_info("dma-sg-copy: %s: %zu bytes, %u source segments, %u destination segments, %lld us\n",
		dma_chan_name(chan), c->src.size, c->src.nents, c->dst.nents,
		ktime_us_delta(done.end, start));
	return 0;
}

static int copy_map_and_transfer(struct dma_chan *chan, struct copy *c)
{
	struct device *dev = dmaengine_get_dma_device(chan);
	int err;

	err = copy_map_side(dev, &c->src, DMA_TO_DEVICE);
	if (err)
		return err;

	err = copy_map_side(dev, &c->dst, DMA_FROM_DEVICE);
	if (!err) {
		err = copy_transfer(chan, c);
		copy_unmap_side(dev, &c->dst, DMA_FROM_DEVICE);
	}

	copy_unmap_side(dev, &c->src, DMA_TO_DEVICE);
	return err;
}

static bool copy_filter(struct dma_chan *chan, void *param)
{
	return !channel[0] || !strcmp(strim(channel), dma_chan_name(chan));
}

static int copy_run(struct copy *c)
{
	struct dma_chan *chan;
	dma_cap_mask_t mask;
	int err;

	dma_cap_zero(mask);
	dma_cap_set(DMA_SG, mask);
	chan = dma_request_channel(mask, copy_filter, NULL);
	if (!chan) {
		pr_err("dma-sg-copy: no free channel that copies scatterlists\n");
		return -ENODEV;
	}

	err = copy_map_and_transfer(chan, c);
	if (err)
		pr_err("dma-sg-copy: %s: copy of %zu bytes failed: %d\n",
		       dma_chan_name(chan), c->src.size, err);

	dma_release_channel(chan);
	return err;
}

/* The first read makes the copy. */
static int copy_prepare_read(struct copy *c)
{
	int err = 0;

	if (c->next || !c->src.size)
		return 0;

	while (!err && c->dst.size < c->src.size)
		err = copy_add_piece(c, &c->dst, c->src.size - c->dst.size, NULL);

	if (!err)
		err = copy_run(c);

	if (err)
		copy_free_side(&c->dst);
	else
		c->next = list_first_entry(&c->dst.pieces, struct copy_piece, node);

	return err;
}

/* Return up to @count bytes from the piece that is next, 0 after the last. */
static ssize_t copy_read_piece(struct copy *c, char __user *buf, size_t count)
{
	struct copy_piece *piece = c->next;

	if (!piece || list_entry_is_head(piece, &c->dst.pieces, node))
		return 0;

	count = min_t(size_t, count, piece->len - c->pos);
	if (copy_to_user(buf, page_address(piece->page) + piece->off + c->pos, count))
		return -EFAULT;

	c->pos += count;
	if (c->pos == piece->len) {
		c->next = list_next_entry(piece, node);
		c->pos = 0;
	}

	return count;
}

static ssize_t copy_read(struct file *file, char __user *buf, size_t count,
			 loff_t *ppos)
{
	struct copy *c = file->private_data;
	ssize_t len, done = 0;
	int err;

	mutex_lock(&c->lock);
	err = copy_prepare_read(c);

	while (!err && done < count) {
		len = copy_read_piece(c, buf + done, count - done);
		if (len <= 0) {
			err = len;
			break;
		}
		done += len;
	}

	mutex_unlock(&c->lock);
	return done ?: err;
}

static ssize_t copy_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	struct copy *c = file->private_data;
	size_t start, done = 0;
	int err = 0;

	mutex_lock(&c->lock);
	start = c->src.size;

	if (c->next)
		err = -EBUSY;

	while (!err && done < count) {
		err = copy_add_piece(c, &c->src, count - done, buf + done);
		done = c->src.size - start;
	}

	mutex_unlock(&c->lock);
	return done ?: err;
}

/* One user at a time. */
static unsigned long copy_in_use;

static void copy_close(struct copy *c)
{
	unsigned int i;

	copy_free_side(&c->src);
	copy_free_side(&c->dst);
	for (i = 0; i < COPY_POOL && c->pool[i]; i++)
		__free_page(c->pool[i]);
	clear_bit_unlock(0, &copy_in_use);
}

static int copy_open(struct inode *inode, struct file *file)
{
	static struct copy c;
	unsigned int i;

	if (test_and_set_bit_lock(0, &copy_in_use))
		return -EBUSY;

	memset(&c, 0, sizeof(c));
	mutex_init(&c.lock);
	prandom_seed_state(&c.rnd, seed);
	INIT_LIST_HEAD(&c.src.pieces);
	INIT_LIST_HEAD(&c.dst.pieces);

	for (i = 0; i < COPY_POOL; i++) {
		c.pool[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!c.pool[i]) {
			copy_close(&c);
			return -ENOMEM;
		}
	}

	file->private_data = &c;
	return stream_open(inode, file);
}

static int copy_release(struct inode *inode, struct file *file)
{
	copy_close(file->private_data);
	return 0;
}

static const struct file_operations copy_fops = {
	.owner = THIS_MODULE,
	.open = copy_open,
	.read = copy_read,
	.write = copy_write,
	.release = copy_release,
};

static struct miscdevice copy_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "dma-sg-copy",
	.fops = &copy_fops,
};

static int __init copy_init(void)
{
	int err;

	copy_cache = KMEM_CACHE(copy_piece, 0);
	if (!copy_cache)
		return -ENOMEM;

	err = misc_register(&copy_misc);
	if (err)
		kmem_cache_destroy(copy_cache);

	return err;
}
module_init(copy_init);

static void __exit copy_exit(void)
{
	misc_deregister(&copy_misc);
	kmem_cache_destroy(copy_cache);
}
module_exit(copy_exit);

MODULE_DESCRIPTION("Sample DMA engine client: copy a file from scatterlist to scatterlist");
MODULE_LICENSE("GPL");
