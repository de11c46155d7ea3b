// SPDX-License-Identifier: GPL-2.0-only
/*
 * Self-test for copies from scatterlist to scatterlist
 *
 * Copyright (C) 2026 dmaengine-sg developers
 *
 * Copies between lists of all shapes, compares every byte of both buffers with a
 * reference copy by the CPU, and reports in KTAP in the log:
 *
 *	modprobe dmasgtest channel=dma0chan0 run=1
 *	cat /sys/module/dmasgtest/parameters/wait
 *
 * The second command returns when the run is over. With case=PATTERN only the
 * cases run whose names, those of the report, match the shell pattern.
 *
 * mode=hook copies by dmaengine_prep_sg(), mode=helper by
 * dma_async_memcpy_sg_to_sg(), and mode=memcpy, for comparison, by a loop over
 * dmaengine_prep_dma_memcpy() here.
 *
 * With bench=hook, helper or memcpy a run makes one kind of copy, of max_segs
 * segments of max_seg_size bytes each, and says what it cost. bench=touching is
 * the hook with segments that each begin where the last one ends. bench=memcpy
 * hears of its last piece only, bench=callbacks of each of them, as the helper.
 */
#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/glob.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/scatterlist.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

static char channel[32];
module_param_string(channel, channel, sizeof(channel), 0644);
MODULE_PARM_DESC(channel, "Name of the channel to test (default: any that can)");

static unsigned int iterations = 100;
module_param(iterations, uint, 0644);
MODULE_PARM_DESC(iterations, "Copies of random shape (default: 100)");

static unsigned int seed = 1;
module_param(seed, uint, 0644);
MODULE_PARM_DESC(seed, "Seed of all shapes and data (default: 1)");

static unsigned int max_segs = 64;
module_param(max_segs, uint, 0644);
MODULE_PARM_DESC(max_segs, "Most segments in a list, 8 to 4096 (default: 64)");

static unsigned int max_seg_size = 2048;
module_param(max_seg_size, uint, 0644);
MODULE_PARM_DESC(max_seg_size, "Largest segment in bytes, 16 or more (default: 2048)");

static unsigned int timeout = 3000;
module_param(timeout, uint, 0644);
MODULE_PARM_DESC(timeout, "Longest wait for a copy in milliseconds (default: 3000)");

static bool norandom;
module_param(norandom, bool, 0644);
MODULE_PARM_DESC(norandom, "Make the random shapes full lists of largest segments (default: no)");

static char mode[16];
module_param_string(mode, mode, sizeof(mode), 0644);
MODULE_PARM_DESC(mode, "How to copy: hook, helper or memcpy (default: hook if the channel has it, else helper)");

static char cases[64] = "*";
module_param_string(case, cases, sizeof(cases), 0644);
MODULE_PARM_DESC(case, "Pattern of the names of the cases to run (default: *)");

static char bench[16];
module_param_string(bench, bench, sizeof(bench), 0644);
MODULE_PARM_DESC(bench, "Measure instead of testing, on the emulated board: hook, touching, helper, memcpy or callbacks (default: none)");

/* Bytes before and after the segments of a buffer; no copy may touch them. */
#define SGT_GUARD	64

/* Entries behind those that the provider is told of; it must not read them. */
#define SGT_EXTRA	2

/* Copies that are submitted before one is waited for. */
#define SGT_SEVERAL	4

/* Entries of the longest lists: more than drivers have descriptors at hand. */
#define SGT_MANY	4099

struct sgt_seg {
	u32 off;
	u32 len;
};

/* The values of the parameter mode, and those of the parameter bench. */
enum sgt_mode {
	SGT_HOOK,
	SGT_HELPER,
	SGT_MEMCPY,
	SGT_BEST,
};

static const char * const sgt_modes[] = {
	[SGT_HOOK] = "hook",
	[SGT_HELPER] = "helper",
	[SGT_MEMCPY] = "memcpy",
	[SGT_BEST] = "",
};

enum sgt_bench_kind {
	SGT_BENCH_HOOK,
	SGT_BENCH_TOUCHING,
	SGT_BENCH_HELPER,
	SGT_BENCH_MEMCPY,
	SGT_BENCH_CALLBACKS,
	SGT_NO_BENCH,
};

static const char * const sgt_benches[] = {
	[SGT_BENCH_HOOK] = "hook",
	[SGT_BENCH_TOUCHING] = "touching",
	[SGT_BENCH_HELPER] = "helper",
	[SGT_BENCH_MEMCPY] = "memcpy",
	[SGT_BENCH_CALLBACKS] = "callbacks",
	[SGT_NO_BENCH] = "",
};

/**
 * struct sgt_side - source or destination
 * @area: the buffer, one piece of memory that is mapped once for the run
 * @ref: what @area must hold after a copy, by the CPU's account
 * @dma: bus address of @area
 * @seg: what the scatterlist describes, in the order of the list
 * @nents: number of entries in @seg that count
 * @array: memory for a scatterlist of one array, or of two
 * @sg: the scatterlist
 */
struct sgt_side {
	u8 *area;
	u8 *ref;
	dma_addr_t dma;
	struct sgt_seg *seg;
	unsigned int nents;
	struct scatterlist *array[2];
	struct scatterlist *sg;
};

/**
 * struct sgt - one run on one channel
 * @mode: how to copy
 * @bench: what to measure, if anything
 * @chan: the channel
 * @dev: device that maps for @chan
 * @dst: destination
 * @src: source
 * @rnd: state of all random choices, so that a seed repeats a run
 * @cases: parameter case at the start of the run
 * @segs: parameter max_segs at the start of the run
 * @seg_size: parameter max_seg_size at the start of the run
 * @entries: what there is memory for in each list, without the extra ones
 * @size: bytes in each buffer
 * @chained: chain two arrays to make each list
 * @done: completed by each callback
 * @callbacks: how many there were
 * @result: what the last one was told
 */
struct sgt {
	enum sgt_mode mode;
	enum sgt_bench_kind bench;
	struct dma_chan *chan;
	struct device *dev;
	struct sgt_side dst;
	struct sgt_side src;
	struct rnd_state rnd;
	char cases[sizeof(cases)];
	unsigned int segs;
	unsigned int seg_size;
	unsigned int entries;
	size_t size;
	bool chained;
	struct completion done;
	atomic_t callbacks;
	struct dmaengine_result result;
};

/* What a case returns that could not be run: here nothing makes memory fail. */
#define SGT_SKIP	1

/**
 * struct sgt_case - one line of the report
 * @name: what it shows
 * @run: returns 0, SGT_SKIP or an errno
 * @modes: the modes that it applies to, a bit for each; in others it is not run,
 *	and not counted
 */
struct sgt_case {
	const char *name;
	int (*run)(struct sgt *t);
	unsigned int modes;
};

/* Completed when no run is going on; a run ends early when @sgt_stop is set. */
static DECLARE_COMPLETION(sgt_idle);
static bool sgt_stop;

static u32 sgt_below(struct sgt *t, u32 limit)
{
	return prandom_u32_state(&t->rnd) % limit;
}

/* Shapes */

/* Cut @side into @n slots of the largest segment's size, each @len bytes full. */
static void sgt_shape(struct sgt *t, struct sgt_side *side, unsigned int n, u32 len)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		side->seg[i].off = SGT_GUARD + i * t->seg_size;
		side->seg[i].len = len;
	}
	side->nents = n;
}

static void sgt_shuffle(struct sgt *t, struct sgt_side *side)
{
	unsigned int i;

	for (i = side->nents - 1; i; i--)
		swap(side->seg[i], side->seg[sgt_below(t, i + 1)]);
}

/* Many of each that is special: empty, a byte, full and so next to another. */
static void sgt_shape_random(struct sgt *t, struct sgt_side *side)
{
	unsigned int i;

	sgt_shape(t, side, 1 + sgt_below(t, t->segs), 0);

	for (i = 0; i < side->nents; i++) {
		struct sgt_seg *seg = &side->seg[i];

		switch (sgt_below(t, 8)) {
		case 0:
			/* a copy of no bytes at all is for another case */
			seg->len = i ? 0 : 1;
			break;
		case 1:
			seg->len = 1;
			break;
		case 2:
		case 3:
			seg->len = t->seg_size;
			break;
		default:
			seg->len = 1 + sgt_below(t, t->seg_size);
			break;
		}
		seg->off += sgt_below(t, t->seg_size - seg->len + 1);
	}

	if (sgt_below(t, 2))
		sgt_shuffle(t, side);
}

/* As many as there can be, of a byte each, with one that is no one's between. */
static void sgt_shape_many(struct sgt *t, struct sgt_side *side)
{
	unsigned int i;

	for (i = 0; i < SGT_MANY; i++) {
		side->seg[i].off = SGT_GUARD + 2 * i;
		side->seg[i].len = 1;
	}
	side->nents = SGT_MANY;
}

/* @n entries that end where their memory does: what reads on is seen by KASAN. */
static struct scatterlist *sgt_table(struct sgt *t, struct scatterlist *array,
				     unsigned int n)
{
	struct scatterlist *sg = array + t->entries + SGT_EXTRA - n;

	sg_init_table(sg, n);
	return sg;
}

/* One array, or two that are chained. */
static struct scatterlist *sgt_tables(struct sgt *t, struct sgt_side *side,
				      unsigned int n)
{
	struct scatterlist *first, *second;

	if (!t->chained || n < 2)
		return sgt_table(t, side->array[0], n);

	first = sgt_table(t, side->array[0], n / 2 + 1);
	second = sgt_table(t, side->array[1], n - n / 2);

	/* whatever else the link between the two holds is not data */
	sg_dma_address(first + n / 2) = side->dma;
	sg_dma_len(first + n / 2) = SGT_GUARD;
	sg_chain(first, n / 2 + 1, second);
	return first;
}

/*
 * Make the scatterlist of @side. A list that is not chained has extra entries
 * that name the guard bytes, so a provider that goes on past nents is seen to
 * write there. The list has bus addresses and lengths only: a provider that
 * looks at pages crashes.
 */
static void sgt_make_list(struct sgt *t, struct sgt_side *side)
{
	unsigned int all = side->nents + (t->chained ? 0 : SGT_EXTRA), i;
	struct scatterlist *sg;

	side->sg = sgt_tables(t, side, all);

	for (i = 0, sg = side->sg; i < all; i++, sg = sg_next(sg)) {
		bool extra = i >= side->nents;

		sg_dma_address(sg) = side->dma + (extra ? 0 : side->seg[i].off);
		sg_dma_len(sg) = extra ? SGT_GUARD : side->seg[i].len;
	}
}

/* Copy as the provider should, a byte at a time, into the reference buffer. */
static void sgt_copy_reference(struct sgt *t)
{
	unsigned int d = 0, s = 0;
	u32 dpos = 0, spos = 0;

	while (d < t->dst.nents && s < t->src.nents) {
		if (dpos == t->dst.seg[d].len) {
			dpos = 0;
			d++;
		} else if (spos == t->src.seg[s].len) {
			spos = 0;
			s++;
		} else {
			t->dst.ref[t->dst.seg[d].off + dpos++] =
				t->src.ref[t->src.seg[s].off + spos++];
		}
	}
}

/* Copies */

static void sgt_sync_for_device(struct sgt *t)
{
	dma_sync_single_for_device(t->dev, t->src.dma, t->size, DMA_TO_DEVICE);
	dma_sync_single_for_device(t->dev, t->dst.dma, t->size, DMA_BIDIRECTIONAL);
}

static void sgt_sync_for_cpu(struct sgt *t)
{
	dma_sync_single_for_cpu(t->dev, t->src.dma, t->size, DMA_TO_DEVICE);
	dma_sync_single_for_cpu(t->dev, t->dst.dma, t->size, DMA_BIDIRECTIONAL);
}

static void sgt_fill(struct sgt *t)
{
	sgt_sync_for_cpu(t);
	prandom_bytes_state(&t->rnd, t->src.area, t->size);
	prandom_bytes_state(&t->rnd, t->dst.area, t->size);
	memcpy(t->src.ref, t->src.area, t->size);
	memcpy(t->dst.ref, t->dst.area, t->size);
	sgt_sync_for_device(t);
}

static int sgt_compare_side(struct sgt *t, struct sgt_side *side, const char *name)
{
	size_t i;

	for (i = 0; i < t->size && side->area[i] == side->ref[i]; i++)
		;

	if (i == t->size)
		return 0;

	pr_info("# %s differs from byte %zu on: %#04x instead of %#04x\n",
		name, i, side->area[i], side->ref[i]);
	return -EIO;
}

static int sgt_compare(struct sgt *t)
{
	int err;

	sgt_sync_for_cpu(t);
	err = sgt_compare_side(t, &t->dst, "destination");
	err = sgt_compare_side(t, &t->src, "source") ?: err;
	sgt_sync_for_device(t);
	return err;
}

static void sgt_callback(void *param, const struct dmaengine_result *result)
{
	struct sgt *t = param;

	t->result = *result;
	atomic_inc(&t->callbacks);
	complete(&t->done);
}

/**
 * struct sgt_piece - what one memcpy copies
 * @d: index of the destination's segment
 * @s: index of the source's
 * @dpos: bytes of the former that come before
 * @spos: bytes of the latter that come before
 * @len: bytes to copy
 */
struct sgt_piece {
	unsigned int d;
	unsigned int s;
	u32 dpos;
	u32 spos;
	u32 len;
};

/* From one piece, or from all 0, to the next. Returns whether there is one. */
static bool sgt_next_piece(struct sgt *t, struct sgt_piece *p)
{
	const struct sgt_side *dst = &t->dst, *src = &t->src;

	p->dpos += p->len;
	p->spos += p->len;

	for (; p->d < dst->nents && p->dpos == dst->seg[p->d].len; p->d++)
		p->dpos = 0;
	for (; p->s < src->nents && p->spos == src->seg[p->s].len; p->s++)
		p->spos = 0;
	if (p->d == dst->nents || p->s == src->nents)
		return false;

	p->len = min(dst->seg[p->d].len - p->dpos, src->seg[p->s].len - p->spos);
	return true;
}

static dma_cookie_t sgt_submit_piece(struct sgt *t, const struct sgt_piece *p,
				     bool last)
{
	dma_addr_t dst = t->dst.dma + t->dst.seg[p->d].off + p->dpos;
	dma_addr_t src = t->src.dma + t->src.seg[p->s].off + p->spos;
	unsigned long end = jiffies + msecs_to_jiffies(timeout);
	struct dma_async_tx_descriptor *tx;

	do {
		tx = dmaengine_prep_dma_memcpy(t->chan, dst, src, p->len,
					       DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
		if (tx) {
			/* without one, some drivers call the descriptor's last one */
			tx->callback_result = last ? sgt_callback : NULL;
			tx->callback_param = t;
			return dmaengine_submit(tx);
		}

		/* descriptors come back when they are done */
		dma_async_issue_pending(t->chan);
		usleep_range(100, 1000);
	} while (time_before(jiffies, end));

	return -ENOMEM;
}

/* What a client does that has neither hook nor helper. */
static dma_cookie_t sgt_submit_pieces(struct sgt *t)
{
	struct sgt_piece piece, next = {};
	dma_cookie_t cookie = -EINVAL;
	bool more;

	more = sgt_next_piece(t, &next);
	while (more) {
		piece = next;
		more = sgt_next_piece(t, &next);
		cookie = sgt_submit_piece(t, &piece, !more);
		if (dma_submit_error(cookie))
			break;
	}

	return cookie;
}

/* The next three: a negative errno, or the cookie of the submitted copy. */
static dma_cookie_t sgt_submit_tx(struct sgt *t, struct dma_async_tx_descriptor *tx)
{
	if (!tx)
		return -ENOMEM;

	tx->callback_result = sgt_callback;
	tx->callback_param = t;
	return dmaengine_submit(tx);
}

static dma_cookie_t sgt_submit_lists(struct sgt *t, struct dma_chan *chan,
				     struct scatterlist *dst, unsigned int dst_nents,
				     struct scatterlist *src, unsigned int src_nents)
{
	if (t->mode == SGT_HELPER)
		return dma_async_memcpy_sg_to_sg(chan, dst, dst_nents, src, src_nents,
						 sgt_callback, t);

	return sgt_submit_tx(t, dmaengine_prep_sg(chan, dst, dst_nents, src, src_nents,
						  DMA_PREP_INTERRUPT | DMA_CTRL_ACK));
}

static dma_cookie_t sgt_submit(struct sgt *t)
{
	if (t->mode == SGT_MEMCPY)
		return sgt_submit_pieces(t);

	return sgt_submit_lists(t, t->chan, t->dst.sg, t->dst.nents,
				t->src.sg, t->src.nents);
}

static int sgt_check_result(struct sgt *t, dma_cookie_t cookie)
{
	enum dma_status status = dma_async_is_tx_complete(t->chan, cookie, NULL, NULL);

	if (status != DMA_COMPLETE &&
	    !dma_has_cap(DMA_COMPLETION_NO_ORDER, t->chan->device->cap_mask)) {
		pr_info("# status after the callback is %d\n", status);
		return -EIO;
	}

	if (t->result.result != DMA_TRANS_NOERROR || t->result.residue) {
		pr_info("# result %d, residue %u\n",
			t->result.result, t->result.residue);
		return -EIO;
	}

	return 0;
}

/* Wait for one callback. */
static int sgt_wait_callback(struct sgt *t)
{
	if (wait_for_completion_timeout(&t->done, msecs_to_jiffies(timeout)))
		return 0;

	pr_info("# no callback after %u ms\n", timeout);
	return -ETIMEDOUT;
}

static int sgt_wait(struct sgt *t, dma_cookie_t cookie)
{
	dma_async_issue_pending(t->chan);
	return sgt_wait_callback(t) ?: sgt_check_result(t, cookie);
}

/*
 * After this no callback is running or will run. Those that are running end
 * before the channel is terminated, because not all drivers can bear that:
 * zynqmp_dma then frees the descriptor twice.
 */
static int sgt_count_callbacks(struct sgt *t, int expected)
{
	int count;

	dmaengine_synchronize(t->chan);
	dmaengine_terminate_sync(t->chan);
	count = atomic_read(&t->callbacks);
	if (count == expected)
		return 0;

	pr_info("# %d callbacks instead of %d\n", count, expected);
	return -EIO;
}

static void sgt_begin(struct sgt *t)
{
	reinit_completion(&t->done);
	atomic_set(&t->callbacks, 0);
	sgt_make_list(t, &t->dst);
	sgt_make_list(t, &t->src);
	sgt_fill(t);
}

/* Issue what was submitted as @cookie, and check all that can be seen. */
static int sgt_finish(struct sgt *t, dma_cookie_t cookie)
{
	int err;

	if (dma_submit_error(cookie)) {
		pr_info("# %u to %u segments were refused: %d\n",
			t->src.nents, t->dst.nents, cookie);
		sgt_count_callbacks(t, 0);
		return cookie;
	}

	err = sgt_wait(t, cookie);
	err = sgt_count_callbacks(t, 1) ?: err;
	sgt_copy_reference(t);
	return sgt_compare(t) ?: err;
}

/* Copy between the shapes that are set. */
static int sgt_copy(struct sgt *t)
{
	sgt_begin(t);
	return sgt_finish(t, sgt_submit(t));
}

/* Cases: copies */

static int sgt_one_segment(struct sgt *t)
{
	sgt_shape(t, &t->dst, 1, t->seg_size);
	sgt_shape(t, &t->src, 1, t->seg_size);
	return sgt_copy(t);
}

static int sgt_short_destination(struct sgt *t)
{
	sgt_shape(t, &t->dst, 3, t->seg_size - 5);
	sgt_shape(t, &t->src, 4, t->seg_size - 1);
	return sgt_copy(t);
}

static int sgt_short_source(struct sgt *t)
{
	sgt_shape(t, &t->dst, t->segs, t->seg_size - 1);
	sgt_shape(t, &t->src, t->segs - 1, t->seg_size - 5);
	return sgt_copy(t);
}

static int sgt_single_bytes(struct sgt *t)
{
	sgt_shape(t, &t->dst, t->segs, 1);
	sgt_shape(t, &t->src, t->segs, 1);
	sgt_shuffle(t, &t->dst);
	return sgt_copy(t);
}

static int sgt_empty_entries(struct sgt *t)
{
	unsigned int i;

	sgt_shape(t, &t->dst, t->segs, t->seg_size / 2);
	sgt_shape(t, &t->src, t->segs, t->seg_size / 2);

	/* first, last, alone and in a row, not at the same place in both lists */
	for (i = 0; i < t->segs; i++) {
		if (i % 4 == 0 || i == t->segs - 1)
			t->dst.seg[i].len = 0;
		if (i % 8 < 3 || i == t->segs - 1)
			t->src.seg[i].len = 0;
	}
	return sgt_copy(t);
}

/* Full slots touch: on both sides, then on one side only. */
static int sgt_adjacent(struct sgt *t)
{
	int err;

	sgt_shape(t, &t->dst, t->segs, t->seg_size);
	sgt_shape(t, &t->src, t->segs, t->seg_size);
	err = sgt_copy(t);
	if (err)
		return err;

	sgt_shuffle(t, &t->src);
	return sgt_copy(t);
}

static int sgt_chained(struct sgt *t)
{
	int err;

	t->chained = true;

	sgt_shape(t, &t->dst, t->segs, t->seg_size - 3);
	sgt_shape(t, &t->src, t->segs - 1, t->seg_size - 7);
	err = sgt_copy(t);

	/* entry for entry */
	sgt_shape(t, &t->dst, t->segs, t->seg_size - 3);
	sgt_shape(t, &t->src, t->segs, t->seg_size - 3);
	err = sgt_copy(t) ?: err;

	t->chained = false;
	return err;
}

static int sgt_many_pieces(struct sgt *t)
{
	sgt_shape_many(t, &t->dst);
	sgt_shape_many(t, &t->src);
	sgt_shuffle(t, &t->dst);
	return sgt_copy(t);
}

/* The totals differ by the guard, so going on past nents is tempting. */
static int sgt_nents_short(struct sgt *t)
{
	sgt_shape(t, &t->dst, 2, t->seg_size);
	sgt_shape(t, &t->src, 3, t->seg_size);
	return sgt_copy(t);
}

/* Polling a cookie must not start the copy, and neither may anything else. */
static int sgt_not_issued(struct sgt *t)
{
	dma_cookie_t cookie;
	int err;

	sgt_shape(t, &t->dst, t->segs, t->seg_size);
	sgt_shape(t, &t->src, t->segs, t->seg_size);
	sgt_begin(t);

	cookie = sgt_submit(t);
	if (dma_submit_error(cookie))
		return cookie;

	dma_async_is_tx_complete(t->chan, cookie, NULL, NULL);
	msleep(20);
	err = sgt_compare(t);
	if (err || atomic_read(&t->callbacks)) {
		pr_info("# started before it was issued\n");
		sgt_count_callbacks(t, 0);
		return -EIO;
	}

	return sgt_finish(t, cookie);
}

/* Make the lists of the @i-th of SGT_SEVERAL copies, which share no bytes. */
static void sgt_shape_several(struct sgt *t, unsigned int i)
{
	unsigned int n = t->segs / SGT_SEVERAL, k;

	sgt_shape(t, &t->dst, n, t->seg_size - 1);
	sgt_shape(t, &t->src, n, t->seg_size - 1);
	for (k = 0; k < n; k++) {
		t->dst.seg[k].off += i * n * t->seg_size;
		t->src.seg[k].off += (SGT_SEVERAL - 1 - i) * n * t->seg_size;
	}
}

/* One issue starts what has not, and each has its own callback. */
static int sgt_several(struct sgt *t)
{
	dma_cookie_t cookie = 0;
	unsigned int i;
	int err = 0;

	for (i = 0; i < SGT_SEVERAL; i++) {
		sgt_shape_several(t, i);
		if (!i)
			sgt_begin(t);

		/* the provider is through with the list of the last one */
		sgt_make_list(t, &t->dst);
		sgt_make_list(t, &t->src);
		cookie = sgt_submit(t);
		if (dma_submit_error(cookie)) {
			dmaengine_terminate_sync(t->chan);
			return cookie;
		}
		sgt_copy_reference(t);
	}

	dma_async_issue_pending(t->chan);
	for (i = 0; i < SGT_SEVERAL && !err; i++)
		err = sgt_wait_callback(t);

	err = err ?: sgt_check_result(t, cookie);
	err = sgt_count_callbacks(t, SGT_SEVERAL) ?: err;
	return sgt_compare(t) ?: err;
}

/* A copy that was never issued leaves nothing behind when it is terminated. */
static int sgt_terminated(struct sgt *t)
{
	dma_cookie_t cookie;

	sgt_shape(t, &t->dst, t->segs, t->seg_size);
	sgt_shape(t, &t->src, t->segs, t->seg_size);
	sgt_begin(t);

	cookie = sgt_submit(t);
	if (dma_submit_error(cookie))
		return cookie;

	return sgt_count_callbacks(t, 0) ?: sgt_compare(t);
}

static int sgt_random(struct sgt *t)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < iterations && !err && !READ_ONCE(sgt_stop); i++) {
		sgt_shape(t, &t->dst, t->segs, t->seg_size);
		sgt_shape(t, &t->src, t->segs, t->seg_size);
		if (!norandom) {
			sgt_shape_random(t, &t->dst);
			sgt_shape_random(t, &t->src);
			t->chained = sgt_below(t, 2);
		}
		err = sgt_copy(t);
	}

	t->chained = false;
	pr_info("# %u copies\n", i);
	return err;
}

/* Cases: refusals */

#ifdef CONFIG_FAULT_INJECTION
/* From here on, the @nth allocation of this thread fails. */
static void sgt_fail_alloc(unsigned int nth)
{
	current->fail_nth = nth;
}

/* Whether it has; none fails any more. */
static bool sgt_alloc_failed(void)
{
	bool failed = !current->fail_nth;

	current->fail_nth = 0;
	return failed;
}
#else
static void sgt_fail_alloc(unsigned int nth) { }

static bool sgt_alloc_failed(void)
{
	return false;
}
#endif

/*
 * Copy @n segments with the first allocation failing, then the second, and so
 * on until there are not so many; each is copied or refused. Returns how many
 * allocations failed, or an errno.
 */
static int sgt_fail_each_alloc(struct sgt *t, unsigned int n)
{
	unsigned int nth = 0, refused = 0;
	dma_cookie_t cookie;
	bool failed;
	int err;

	do {
		sgt_shape(t, &t->dst, n, 1);
		sgt_shape(t, &t->src, n, 1);
		sgt_begin(t);

		sgt_fail_alloc(++nth);
		cookie = sgt_submit(t);
		failed = sgt_alloc_failed();
		if (failed && cookie == -ENOMEM) {
			err = sgt_count_callbacks(t, 0);
			refused++;
		} else {
			err = sgt_finish(t, cookie);
		}
	} while (failed && !err);

	pr_info("# %u segments: %u allocations failed, %u copies were refused\n",
		n, nth - 1, refused);
	return err ?: nth - 1;
}

/*
 * What a refusal leaves behind shows when the channel is released. A provider
 * may keep what it has allocated, so this is the first case and the lists grow.
 */
static int sgt_fail_allocs(struct sgt *t)
{
	unsigned int n, failed = 0;
	int ret;

	for (n = 1; n <= t->segs; n *= 2) {
		ret = sgt_fail_each_alloc(t, n);
		if (ret < 0)
			return ret;
		failed += ret;
	}

	return failed ? 0 : SGT_SKIP;
}

/* What a provider that should have refused has taken must not stay. */
static int sgt_expect_refusal(struct sgt *t, struct dma_chan *chan,
			      struct scatterlist *dst, unsigned int dst_nents,
			      struct scatterlist *src, unsigned int src_nents)
{
	dma_cookie_t cookie;

	cookie = sgt_submit_lists(t, chan, dst, dst_nents, src, src_nents);
	if (dma_submit_error(cookie))
		return sgt_count_callbacks(t, 0);

	pr_info("# it was not refused\n");
	dmaengine_terminate_sync(t->chan);
	return -EINVAL;
}

static void sgt_begin_small(struct sgt *t)
{
	sgt_shape(t, &t->dst, 1, 1);
	sgt_shape(t, &t->src, 1, 1);
	sgt_begin(t);
}

static int sgt_refuse_null(struct sgt *t)
{
	int err;

	sgt_begin_small(t);
	err = sgt_expect_refusal(t, t->chan, NULL, 1, t->src.sg, 1);
	return sgt_expect_refusal(t, t->chan, t->dst.sg, 1, NULL, 1) ?: err;
}

static int sgt_refuse_no_entries(struct sgt *t)
{
	int err;

	sgt_begin_small(t);
	err = sgt_expect_refusal(t, t->chan, t->dst.sg, 0, t->src.sg, 1);
	return sgt_expect_refusal(t, t->chan, t->dst.sg, 1, t->src.sg, 0) ?: err;
}

static int sgt_refuse_no_bytes(struct sgt *t)
{
	int err;

	sgt_shape(t, &t->dst, 3, 1);
	sgt_shape(t, &t->src, 3, 0);
	sgt_begin(t);
	err = sgt_expect_refusal(t, t->chan, t->dst.sg, 3, t->src.sg, 3);
	return sgt_expect_refusal(t, t->chan, t->src.sg, 3, t->dst.sg, 3) ?: err;
}

static int sgt_refuse_8_entries(struct sgt *t, unsigned int len)
{
	unsigned int i;

	sgt_shape(t, &t->dst, 8, 1);
	sgt_shape(t, &t->src, 8, 1);
	sgt_begin(t);

	for (i = 0; i < 8; i++) {
		sg_dma_len(&t->dst.sg[i]) = len;
		sg_dma_len(&t->src.sg[i]) = len;
	}

	return sgt_expect_refusal(t, t->chan, t->dst.sg, 8, t->src.sg, 8);
}

/* 4 GiB, which 32 bits read as 0, and a little more. */
static int sgt_refuse_4gib(struct sgt *t)
{
	int err;

	err = sgt_refuse_8_entries(t, SZ_512M);
	return sgt_refuse_8_entries(t, SZ_512M + 16) ?: err;
}

static int sgt_refuse_incapable(struct sgt *t)
{
	static struct dma_device device;
	struct dma_chan chan = { .device = &device };

	device.dev = t->dev;
	sgt_begin_small(t);
	return sgt_expect_refusal(t, &chan, t->dst.sg, 1, t->src.sg, 1);
}

#define SGT_IN_HOOK	BIT(SGT_HOOK)
#define SGT_IN_HELPER	BIT(SGT_HELPER)
#define SGT_IN_LISTS	(SGT_IN_HOOK | SGT_IN_HELPER)
#define SGT_IN_ALL	(SGT_IN_LISTS | BIT(SGT_MEMCPY))

static const struct sgt_case sgt_cases[] = {
	{ "all_or_nothing", sgt_fail_allocs, SGT_IN_HOOK },
	{ "failing_allocations", sgt_fail_allocs, SGT_IN_HELPER },
	{ "one_segment", sgt_one_segment, SGT_IN_ALL },
	{ "short_destination", sgt_short_destination, SGT_IN_ALL },
	{ "short_source", sgt_short_source, SGT_IN_ALL },
	{ "single_bytes", sgt_single_bytes, SGT_IN_ALL },
	{ "empty_entries", sgt_empty_entries, SGT_IN_ALL },
	{ "adjacent_pieces", sgt_adjacent, SGT_IN_ALL },
	{ "chained_lists", sgt_chained, SGT_IN_LISTS },
	{ "nents_below_list_length", sgt_nents_short, SGT_IN_LISTS },
	{ "more_pieces_than_descriptors", sgt_many_pieces, SGT_IN_ALL },
	{ "nothing_moves_before_issue", sgt_not_issued, SGT_IN_HOOK },
	{ "several_at_once", sgt_several, SGT_IN_ALL },
	{ "terminated_before_issue", sgt_terminated, SGT_IN_HOOK },
	{ "random_shapes", sgt_random, SGT_IN_ALL },
	{ "refuse_null_lists", sgt_refuse_null, SGT_IN_LISTS },
	{ "refuse_no_entries", sgt_refuse_no_entries, SGT_IN_LISTS },
	{ "refuse_no_bytes", sgt_refuse_no_bytes, SGT_IN_LISTS },
	{ "refuse_4_gib", sgt_refuse_4gib, SGT_IN_LISTS },
	{ "refuse_channel_without_capability", sgt_refuse_incapable, SGT_IN_LISTS },
};

/* Measurements */

struct sgt_cost {
	u64 prep;
	u64 submit;
	u64 issue;
	u64 complete;
};

/* How often the same copy is measured; the cheapest counts. */
#define SGT_BENCH_REPEAT	3

/**
 * struct sgt_bench - one kind of copy that is measured
 * @t: the run
 * @segs: number of segments, all alike
 * @size: bytes in each
 * @stride: bytes from one to the next
 * @span: bytes that all of a list lie in
 * @buf: what the segments of both lists lie in
 * @dma: its bus address
 * @dst: destination list
 * @src: source list
 * @left: callbacks that are still to come
 * @failed: one of them was told of a failure
 * @running: the channel goes on, and may write to @buf
 * @clock: nanoseconds that it takes to read the clock
 * @cost: nanoseconds of each step
 */
struct sgt_bench {
	struct sgt *t;
	unsigned int segs;
	unsigned int size;
	size_t stride;
	size_t span;
	void *buf;
	dma_addr_t dma;
	struct scatterlist *dst;
	struct scatterlist *src;
	atomic_t left;
	bool failed;
	bool running;
	u64 clock;
	struct sgt_cost cost;
};

/* Unless they are to touch, all segments of a list are the same place. */
static void sgt_bench_list(struct sgt_bench *b, struct scatterlist *sg,
			   dma_addr_t dma)
{
	unsigned int i;

	sg_init_table(sg, b->segs);
	for (i = 0; i < b->segs; i++) {
		sg_dma_address(&sg[i]) = dma + i * b->stride;
		sg_dma_len(&sg[i]) = b->size;
	}
}

static int sgt_bench_alloc(struct sgt_bench *b)
{
	b->buf = dma_alloc_coherent(b->t->dev, 2 * b->span, &b->dma,
				    GFP_KERNEL | __GFP_NOWARN);
	b->dst = kvcalloc(b->segs, sizeof(*b->dst), GFP_KERNEL);
	b->src = kvcalloc(b->segs, sizeof(*b->src), GFP_KERNEL);
	if (!b->buf || !b->dst || !b->src)
		return -ENOMEM;

	sgt_bench_list(b, b->dst, b->dma);
	sgt_bench_list(b, b->src, b->dma + b->span);
	return 0;
}

static void sgt_bench_free(struct sgt_bench *b)
{
	kvfree(b->src);
	kvfree(b->dst);
	if (b->buf)
		dma_free_coherent(b->t->dev, 2 * b->span, b->buf, b->dma);
}

/* Of each descriptor that has one, in whatever order they finish. */
static void sgt_bench_callback(void *param, const struct dmaengine_result *result)
{
	struct sgt_bench *b = param;

	if (result->result != DMA_TRANS_NOERROR)
		WRITE_ONCE(b->failed, true);
	if (atomic_dec_and_test(&b->left))
		complete(&b->t->done);
}

/* Submit @tx, whose preparation began at @start, and count both. */
static int sgt_bench_submit(struct sgt_bench *b, struct dma_async_tx_descriptor *tx,
			    u64 start)
{
	u64 prepared = ktime_get_ns();
	dma_cookie_t cookie;

	if (!tx)
		return -ENOMEM;

	tx->callback_result = sgt_bench_callback;
	tx->callback_param = b;
	cookie = dmaengine_submit(tx);

	b->cost.submit = ktime_get_ns() - prepared - b->clock;
	b->cost.prep = prepared - start - b->clock;
	return dma_submit_error(cookie) ? cookie : 0;
}

static int sgt_bench_hook(struct sgt_bench *b)
{
	u64 start = ktime_get_ns();

	return sgt_bench_submit(b, dmaengine_prep_sg(b->t->chan, b->dst, b->segs,
						     b->src, b->segs,
						     DMA_PREP_INTERRUPT | DMA_CTRL_ACK),
				start);
}

/* It submits as it prepares, so all is said to be preparation. */
static int sgt_bench_helper(struct sgt_bench *b)
{
	u64 start = ktime_get_ns();
	dma_cookie_t cookie;

	cookie = dma_async_memcpy_sg_to_sg(b->t->chan, b->dst, b->segs,
					   b->src, b->segs, sgt_bench_callback, b);
	b->cost.prep = ktime_get_ns() - start - b->clock;
	b->cost.submit = 0;
	return dma_submit_error(cookie) ? cookie : 0;
}

/*
 * What a client does that has two lists of equal entries and no hook. Always
 * inline, so that nothing is asked in the loop.
 */
static __always_inline int
sgt_bench_loop(struct sgt_bench *b, dma_async_tx_callback_result callback)
{
	struct dma_async_tx_descriptor *tx;
	struct scatterlist *dst = b->dst, *src = b->src;
	u64 start = ktime_get_ns();
	unsigned int i;

	for (i = 1; i < b->segs; i++) {
		tx = dmaengine_prep_dma_memcpy(b->t->chan, sg_dma_address(dst),
					       sg_dma_address(src), sg_dma_len(dst),
					       DMA_CTRL_ACK);
		if (!tx)
			return -ENOMEM;

		/* without one, some drivers call the descriptor's last one */
		tx->callback_result = callback;
		if (callback)
			tx->callback_param = b;
		if (dma_submit_error(dmaengine_submit(tx)))
			return -EIO;

		dst = sg_next(dst);
		src = sg_next(src);
	}

	return sgt_bench_submit(b, dmaengine_prep_dma_memcpy(b->t->chan,
							     sg_dma_address(dst),
							     sg_dma_address(src),
							     sg_dma_len(dst),
							     DMA_PREP_INTERRUPT |
							     DMA_CTRL_ACK),
				start);
}

/* It hears of the last piece only, so that one which fails is not noticed. */
static int sgt_bench_memcpy(struct sgt_bench *b)
{
	return sgt_bench_loop(b, NULL);
}

/* It hears of each piece. */
static int sgt_bench_callbacks(struct sgt_bench *b)
{
	atomic_set(&b->left, b->segs);
	return sgt_bench_loop(b, sgt_bench_callback);
}

static int sgt_bench_copy(struct sgt_bench *b)
{
	atomic_set(&b->left, 1);
	b->failed = false;

	switch (b->t->bench) {
	case SGT_BENCH_HELPER:
		return sgt_bench_helper(b);
	case SGT_BENCH_MEMCPY:
		return sgt_bench_memcpy(b);
	case SGT_BENCH_CALLBACKS:
		return sgt_bench_callbacks(b);
	default:
		return sgt_bench_hook(b);
	}
}

/*
 * The copy ends while this CPU, the only one, has its interrupts off. So all
 * that is done to complete it is done when they are turned on: the interrupt,
 * and the tasklet on the way out of it. They are off for the last 3 ms only,
 * which few timers fall into; a link takes 200 ns on the emulated board.
 */
static int sgt_bench_complete(struct sgt_bench *b)
{
	u64 start = ktime_get_ns();

	dma_async_issue_pending(b->t->chan);
	b->cost.issue = ktime_get_ns() - start - b->clock;

	mdelay(b->segs / 5500);
	local_irq_disable();
	mdelay(3);
	if (completion_done(&b->t->done)) {
		local_irq_enable();
		return -ERANGE;
	}

	start = ktime_get_ns();
	local_irq_enable();
	b->cost.complete = ktime_get_ns() - start - b->clock;
	if (completion_done(&b->t->done))
		return 0;

	/* The tasklet was left to ksoftirqd: this time does not count. */
	b->cost.complete = U64_MAX;
	return sgt_wait_callback(b->t);
}

/*
 * Begin behind a timer's interrupt and what it had left to do, so that the next
 * is a whole tick away and only a copy that takes longer than that meets one.
 */
static int sgt_bench_once(struct sgt_bench *b)
{
	int err;

	reinit_completion(&b->t->done);
	schedule_timeout_uninterruptible(1);
	b->clock = ktime_get_ns();
	b->clock = ktime_get_ns() - b->clock;

	err = sgt_bench_copy(b) ?: sgt_bench_complete(b);
	if (!err && b->failed)
		err = -EIO;
	if (err && dmaengine_terminate_sync(b->t->chan))
		b->running = true;

	return err;
}

/* The first copy finds the pools cold. */
static int sgt_bench_best(struct sgt_bench *b, struct sgt_cost *best)
{
	unsigned int i;
	int err;

	err = sgt_bench_once(b);
	*best = b->cost;

	for (i = 0; i < SGT_BENCH_REPEAT && !err; i++) {
		err = sgt_bench_once(b);
		best->prep = min(best->prep, b->cost.prep);
		best->submit = min(best->submit, b->cost.submit);
		best->issue = min(best->issue, b->cost.issue);
		best->complete = min(best->complete, b->cost.complete);
	}

	/* not once it ended while interrupts were off, as it does on the board */
	return err ?: best->complete == U64_MAX ? -ETIME : 0;
}

static void sgt_bench_run(struct sgt *t)
{
	static struct sgt_bench b;	/* one run at a time */
	struct sgt_cost best;
	int err;

	b = (struct sgt_bench){ .t = t, .segs = t->segs, .size = t->seg_size };
	b.stride = t->bench == SGT_BENCH_TOUCHING ? b.size : 0;
	b.span = b.stride ? b.segs * b.stride : b.size;

	err = sgt_bench_alloc(&b) ?: sgt_bench_best(&b, &best);
	if (err)
		pr_err("dmasgtest: %s of %u segments: %d\n", sgt_benches[t->bench],
		       b.segs, err);
	else
		pr_info("dmasgtest: %s segs %u size %u prep %llu submit %llu issue %llu complete %llu\n",
			sgt_benches[t->bench], b.segs, b.size, best.prep,
			best.submit, best.issue, best.complete);

	if (b.running)
		pr_err("dmasgtest: the channel does not stop, so its memory is lost\n");
	else
		sgt_bench_free(&b);
}

/* Runs */

static void sgt_free_side(struct sgt *t, struct sgt_side *side,
			  enum dma_data_direction dir)
{
	if (side->dma)
		dma_unmap_single(t->dev, side->dma, t->size, dir);
	kfree(side->array[1]);
	kfree(side->array[0]);
	kfree(side->seg);
	kvfree(side->ref);
	kfree(side->area);
}

static int sgt_alloc_side(struct sgt *t, struct sgt_side *side,
			  enum dma_data_direction dir)
{
	dma_addr_t dma;

	side->area = kmalloc(t->size, GFP_KERNEL);
	side->ref = kvmalloc(t->size, GFP_KERNEL);
	side->seg = kcalloc(t->entries, sizeof(*side->seg), GFP_KERNEL);
	side->array[0] = kcalloc(t->entries + SGT_EXTRA, sizeof(*side->sg), GFP_KERNEL);
	side->array[1] = kcalloc(t->entries + SGT_EXTRA, sizeof(*side->sg), GFP_KERNEL);
	if (!side->area || !side->ref || !side->seg || !side->array[0] ||
	    !side->array[1])
		return -ENOMEM;

	dma = dma_map_single(t->dev, side->area, t->size, dir);
	if (dma_mapping_error(t->dev, dma))
		return -ENOMEM;

	side->dma = dma;
	return 0;
}

static void sgt_free(struct sgt *t)
{
	sgt_free_side(t, &t->dst, DMA_BIDIRECTIONAL);
	sgt_free_side(t, &t->src, DMA_TO_DEVICE);
}

static bool sgt_can(struct dma_chan *chan, enum sgt_mode how)
{
	dma_cap_mask_t mask = chan->device->cap_mask;

	switch (how) {
	case SGT_HOOK:
		return dma_has_cap(DMA_SG, mask);
	case SGT_MEMCPY:
		/* the last piece's callback is taken for that of all */
		return dma_has_cap(DMA_MEMCPY, mask) &&
		       !dma_has_cap(DMA_COMPLETION_NO_ORDER, mask);
	default:
		return dma_has_cap(DMA_SG, mask) || dma_has_cap(DMA_MEMCPY, mask);
	}
}

/* A channel that is named but not capable is worth another message. */
static bool sgt_filter(struct dma_chan *chan, void *param)
{
	if (channel[0])
		return !strcmp(channel, dma_chan_name(chan));

	return sgt_can(chan, *(enum sgt_mode *)param);
}

static struct dma_chan *sgt_request(enum sgt_mode how)
{
	struct dma_chan *chan;
	dma_cap_mask_t mask;

	dma_cap_zero(mask);
	strim(channel);
	chan = dma_request_channel(mask, sgt_filter, &how);
	if (!chan) {
		pr_err("dmasgtest: no free channel %s\n",
		       channel[0] ? channel : "that can do it");
		return ERR_PTR(-ENODEV);
	}

	if (!sgt_can(chan, how)) {
		pr_err("dmasgtest: %s does not copy %s\n", dma_chan_name(chan),
		       how == SGT_HOOK ? "scatterlists" : "memory");
		dma_release_channel(chan);
		return ERR_PTR(-EOPNOTSUPP);
	}

	return chan;
}

static int sgt_alloc(struct sgt *t)
{
	if (sgt_alloc_side(t, &t->dst, DMA_BIDIRECTIONAL) ||
	    sgt_alloc_side(t, &t->src, DMA_TO_DEVICE)) {
		pr_err("dmasgtest: no memory for two buffers of %zu bytes\n", t->size);
		sgt_free(t);
		return -ENOMEM;
	}

	return 0;
}

static int sgt_check_bench_params(void)
{
	if (!max_segs || !max_seg_size || (u64)max_segs * max_seg_size > SZ_1G ||
	    num_online_cpus() != 1) {
		pr_err("dmasgtest: bench takes one CPU, and segments of 1 GiB at most in all, none of them empty\n");
		return -EINVAL;
	}

	return 0;
}

static int sgt_check_test_params(void)
{
	if (max_segs < 8 || max_segs > 4096 || max_seg_size < 16 ||
	    max_seg_size > (KMALLOC_MAX_SIZE - 2 * SGT_GUARD) / max_segs) {
		pr_err("dmasgtest: no lists of %u segments of %u bytes: 8 to 4096 segments, 16 bytes or more each, %lu in all\n",
		       max_segs, max_seg_size,
		       (unsigned long)KMALLOC_MAX_SIZE - 2 * SGT_GUARD);
		return -EINVAL;
	}

	return 0;
}

/* How the measurement that is asked for copies. */
static enum sgt_mode sgt_bench_mode(enum sgt_bench_kind kind)
{
	switch (kind) {
	case SGT_BENCH_HELPER:
		return SGT_HELPER;
	case SGT_BENCH_MEMCPY:
	case SGT_BENCH_CALLBACKS:
		return SGT_MEMCPY;
	default:
		return SGT_HOOK;
	}
}

/* Set the mode of the run and what it measures, as the parameters ask for. */
static int sgt_check_params(struct sgt *t)
{
	int how, kind;

	kind = match_string(sgt_benches, ARRAY_SIZE(sgt_benches), strim(bench));
	if (kind < 0) {
		pr_err("dmasgtest: bench is hook, touching, helper, memcpy or callbacks, not %s\n",
		       bench);
		return kind;
	}

	how = match_string(sgt_modes, ARRAY_SIZE(sgt_modes), strim(mode));
	if (how < 0) {
		pr_err("dmasgtest: mode is hook, helper or memcpy, not %s\n", mode);
		return how;
	}

	strscpy(t->cases, strim(cases), sizeof(t->cases));
	t->bench = kind;
	t->mode = kind == SGT_NO_BENCH ? how : sgt_bench_mode(kind);
	return kind == SGT_NO_BENCH ? sgt_check_test_params() : sgt_check_bench_params();
}

static bool sgt_applies(struct sgt *t, unsigned int i)
{
	return sgt_cases[i].modes & BIT(t->mode) && glob_match(t->cases, sgt_cases[i].name);
}

static unsigned int sgt_count_cases(struct sgt *t)
{
	unsigned int i, n = 0;

	for (i = 0; i < ARRAY_SIZE(sgt_cases); i++)
		n += sgt_applies(t, i);

	return n;
}

static void sgt_test_run(struct sgt *t)
{
	unsigned int i, n = 0;
	int err;

	pr_info("KTAP version 1\n");
	pr_info("1..%u\n", sgt_count_cases(t));
	pr_info("# %s of %s\n", sgt_modes[t->mode], dma_chan_name(t->chan));

	for (i = 0; i < ARRAY_SIZE(sgt_cases) && !READ_ONCE(sgt_stop); i++) {
		if (!sgt_applies(t, i))
			continue;

		/* the same shapes, whether or not it runs alone */
		prandom_seed_state(&t->rnd, seed);
		err = sgt_cases[i].run(t);
		pr_info("%sok %u %s%s\n", err < 0 ? "not " : "", ++n, sgt_cases[i].name,
			err == SGT_SKIP ? " # SKIP no fault injection" : "");
	}
}

static int sgt_thread(void *data)
{
	struct sgt *t = data;

	if (t->bench == SGT_NO_BENCH)
		sgt_test_run(t);
	else
		sgt_bench_run(t);

	sgt_free(t);
	dma_release_channel(t->chan);
	kthread_complete_and_exit(&sgt_idle, 0);
}

static int sgt_start_on(struct sgt *t, struct dma_chan *chan)
{
	struct task_struct *task;
	int err;

	if (t->mode == SGT_BEST)
		t->mode = sgt_can(chan, SGT_HOOK) ? SGT_HOOK : SGT_HELPER;

	if (t->bench == SGT_NO_BENCH && !sgt_count_cases(t)) {
		pr_err("dmasgtest: mode %s has no case %s\n", sgt_modes[t->mode], t->cases);
		return -EINVAL;
	}

	t->chan = chan;
	t->dev = dmaengine_get_dma_device(chan);
	t->segs = max_segs;
	t->seg_size = max_seg_size;
	t->entries = max_t(unsigned int, max_segs, SGT_MANY);
	t->size = 2 * SGT_GUARD + max_t(size_t, (size_t)max_segs * max_seg_size,
					2 * SGT_MANY);
	prandom_seed_state(&t->rnd, seed);
	init_completion(&t->done);

	err = t->bench == SGT_NO_BENCH ? sgt_alloc(t) : 0;
	if (err)
		return err;

	task = kthread_run(sgt_thread, t, "dmasgtest");
	if (IS_ERR(task)) {
		sgt_free(t);
		return PTR_ERR(task);
	}

	return 0;
}

static int sgt_start(void)
{
	static struct sgt t;	/* one run at a time */
	struct dma_chan *chan;
	int err;

	memset(&t, 0, sizeof(t));
	err = sgt_check_params(&t);
	if (err)
		return err;

	chan = sgt_request(t.mode);
	if (IS_ERR(chan))
		return PTR_ERR(chan);

	err = sgt_start_on(&t, chan);
	if (err)
		dma_release_channel(chan);

	return err;
}

/* Parameters that act */

static bool run;
static bool sgt_loaded;

static int sgt_run_set(const char *val, const struct kernel_param *kp)
{
	int err;

	err = param_set_bool(val, kp);
	if (err || !run || !sgt_loaded)
		return err;

	if (!try_wait_for_completion(&sgt_idle)) {
		pr_err("dmasgtest: a run is going on\n");
		return -EBUSY;
	}

	/* Unloading may have begun; it waits for this to be over. */
	err = READ_ONCE(sgt_stop) ? -ENODEV : sgt_start();
	if (err)
		complete(&sgt_idle);

	return err;
}

static int sgt_run_get(char *buf, const struct kernel_param *kp)
{
	run = sgt_loaded && !completion_done(&sgt_idle);
	return param_get_bool(buf, kp);
}

static const struct kernel_param_ops sgt_run_ops = {
	.set = sgt_run_set,
	.get = sgt_run_get,
};
module_param_cb(run, &sgt_run_ops, &run, 0644);
MODULE_PARM_DESC(run, "Write Y to start a run; reads Y while one is going on");

/* Parameters are read and written one at a time, so no run starts meanwhile. */
static int sgt_wait_get(char *buf, const struct kernel_param *kp)
{
	int err;

	err = wait_for_completion_killable(&sgt_idle);
	if (err)
		return err;

	complete(&sgt_idle);
	return sysfs_emit(buf, "Y\n");
}

static const struct kernel_param_ops sgt_wait_ops = {
	.get = sgt_wait_get,
};
module_param_cb(wait, &sgt_wait_ops, NULL, 0444);
MODULE_PARM_DESC(wait, "Reading returns when no run is going on");

static int __init sgt_init(void)
{
	int err = 0;

	if (run)
		err = sgt_start();
	else
		complete(&sgt_idle);

	sgt_loaded = !err;
	return err;
}
module_init(sgt_init);

static void __exit sgt_exit(void)
{
	WRITE_ONCE(sgt_stop, true);
	wait_for_completion(&sgt_idle);
	/* someone may be reading the parameter wait */
	complete(&sgt_idle);
}
module_exit(sgt_exit);

MODULE_DESCRIPTION("Self-test for copies from scatterlist to scatterlist");
MODULE_LICENSE("GPL");
