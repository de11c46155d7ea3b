// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of copies from scatterlist to scatterlist
 *
 * Copyright (C) 2026 dmaengine-sg developers
 *
 * The provider is a fake: its "bus" is an array, and each test sets what it
 * refuses, fails, delays or forgets. It records what is done to it and asserts
 * nothing; the tests do. If a test hangs, the fake has a change of heart after a
 * while, so that the test ends, and fails.
 */
#include <kunit/test.h>

#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/prandom.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "../dmaengine.h"
#include "../dmaengine-sg.h"
#include "../sg-walk.h"

#include <trace/events/dmaengine_sg.h>

#define SG_FAKE_NAME	"dmaengine_sg_fake"
#define SG_BUS_BASE	0x40000		/* bus address of the first byte */
#define SG_BUS_HALF	SZ_16K		/* destinations are below, sources above */
#define SG_ENTRIES	16		/* most entries in a list */
#define SG_TRAPS	2		/* entries behind those that are to be copied */
#define SG_FOREVER	UINT_MAX
#define SG_NOWHERE	UINT_MAX	/* the number of no piece */
#define SG_PIECES	8		/* pieces of the usual copy */
#define SG_RESCUE	(30 * HZ)	/* a test that takes longer hangs */
#define SG_SHORT_MS	100		/* how long to wait where the end of it is tested */

/* When the fake is done with what was issued */
enum sg_fake_when {
	SG_FAKE_SOON,		/* in its own time */
	SG_FAKE_AT_SUBMIT,	/* before submit returns, as if another client had issued */
	SG_FAKE_WHEN_POLLED,	/* when its status is asked for */
	SG_FAKE_NEVER,
};

enum sg_fake_order {
	SG_FAKE_FIRST_FIRST,
	SG_FAKE_LAST_FIRST,
	SG_FAKE_LAST_THEN_REST,
};

struct sg_fake_link {
	struct list_head node;
	dma_addr_t dst;
	dma_addr_t src;
	unsigned int len;
};

struct sg_fake_desc {
	struct list_head node;
	struct list_head links;
	struct dma_async_tx_descriptor tx;
	unsigned int number;	/* its place among those submitted */
};

struct sg_fake_failure {
	unsigned int piece;
	enum dmaengine_tx_result result;
	u32 residue;
};

struct sg_fake {
	struct dma_device dma;
	struct dma_chan chan;
	struct workqueue_struct *wq;
	struct delayed_work done_work;
	struct delayed_work rescue_work;
	u8 *bus;

	/* what it is told to do */
	enum sg_fake_when when;
	enum sg_fake_order order;
	unsigned long delay;		/* jiffies for each descriptor */
	unsigned int room;		/* descriptors that it has left */
	unsigned int refuse_at;		/* piece, or link, that it has no memory for */
	unsigned int refusals;		/* how many times */
	unsigned int refuse_until;	/* or until this many descriptors are done */
	unsigned int submit_error_at;
	unsigned int max_link;
	bool keep_terminated;		/* their callbacks run much later */
	struct sg_fake_failure failures[2];

	/* what it holds; all lists are guarded by the lock */
	spinlock_t lock;
	struct list_head submitted;
	struct list_head issued;
	struct list_head terminated;

	/* what it has seen */
	unsigned int links_live;
	unsigned int prepared;		/* and not submitted yet */
	unsigned int preps;
	unsigned int refused;
	unsigned int submits;
	unsigned int in_flight;
	unsigned int issues;
	unsigned int completed;
	unsigned int terminates;
	unsigned int longest;
	dma_addr_t misaligned;		/* all addresses and lengths, ORed */
	dma_async_tx_callback_result callback;
	void *param;
	bool prepared_two;
	bool rescued;
};

/* The client of one copy. */
struct sg_client {
	struct sg_fake *fake;
	struct completion done;
	unsigned int calls;
	unsigned int in_flight;		/* at the call */
	bool in_bottom_half;		/* or with these off */
	struct dmaengine_result result;
};

/* A scatterlist, and a plain account of what is in it. */
struct sg_list {
	struct scatterlist *sg;
	unsigned int nents;
	unsigned int len[SG_ENTRIES];
	dma_addr_t addr[SG_ENTRIES];
};

struct sg_context {
	struct sg_fake fake;
	struct sg_client client;
	struct sg_list dst;
	struct sg_list src;
	u8 *expected;
};

static struct platform_device *sg_fake_pdev;

/* ---- the fake provider ---- */

static struct sg_fake *to_sg_fake(struct dma_chan *chan)
{
	return container_of(chan, struct sg_fake, chan);
}

static struct sg_fake_desc *to_sg_fake_desc(struct dma_async_tx_descriptor *tx)
{
	return container_of(tx, struct sg_fake_desc, tx);
}

static void sg_fake_free(struct sg_fake *fake, struct sg_fake_desc *desc)
{
	struct sg_fake_link *link, *next;

	list_for_each_entry_safe(link, next, &desc->links, node) {
		kfree(link);
		fake->links_live--;
	}

	kfree(desc);
	if (fake->room != SG_FOREVER)
		fake->room++;
}

static bool sg_fake_refuses(struct sg_fake *fake, unsigned int number)
{
	if (number != fake->refuse_at)
		return false;

	if (fake->completed < fake->refuse_until)
		return true;

	if (!fake->refusals)
		return false;

	if (fake->refusals != SG_FOREVER)
		fake->refusals--;

	return true;
}

static struct sg_fake_desc *sg_fake_new(struct sg_fake *fake)
{
	struct sg_fake_desc *desc;

	if (!fake->room)
		return NULL;

	desc = kcalloc(1, sizeof(*desc), GFP_NOWAIT);
	if (!desc)
		return NULL;

	INIT_LIST_HEAD(&desc->links);
	if (fake->room != SG_FOREVER)
		fake->room--;

	return desc;
}

static bool sg_fake_add_link(struct sg_fake *fake, struct sg_fake_desc *desc,
			     dma_addr_t dst, dma_addr_t src, unsigned int len)
{
	struct sg_fake_link *link;

	link = kcalloc(1, sizeof(*link), GFP_NOWAIT);
	if (!link)
		return false;

	link->dst = dst;
	link->src = src;
	link->len = len;
	list_add_tail(&link->node, &desc->links);
	fake->links_live++;
	fake->longest = max(fake->longest, len);
	fake->misaligned |= dst | src | len;
	return true;
}

static dma_cookie_t sg_fake_submit(struct dma_async_tx_descriptor *tx);

/*
 * Some drivers hold a lock from here to submit. For such a driver nothing may
 * sleep in between, and nothing else may be prepared.
 */
static struct dma_async_tx_descriptor *
sg_fake_hand_out(struct sg_fake *fake, struct sg_fake_desc *desc)
{
	dma_async_tx_descriptor_init(&desc->tx, &fake->chan);
	desc->tx.tx_submit = sg_fake_submit;
	fake->prepared_two |= fake->prepared++ > 0;
	preempt_disable();
	return &desc->tx;
}

static struct dma_async_tx_descriptor *
sg_fake_prep_memcpy(struct dma_chan *chan, dma_addr_t dst, dma_addr_t src,
		    size_t len, unsigned long flags)
{
	struct sg_fake *fake = to_sg_fake(chan);
	struct dma_async_tx_descriptor *tx = NULL;
	struct sg_fake_desc *desc = NULL;

	spin_lock_bh(&fake->lock);
	fake->preps++;
	if (!sg_fake_refuses(fake, fake->submits))
		desc = sg_fake_new(fake);
	if (desc && sg_fake_add_link(fake, desc, dst, src, len))
		tx = sg_fake_hand_out(fake, desc);
	else
		fake->refused++;
	spin_unlock_bh(&fake->lock);

	return tx;
}

/* Returns whether there are bytes to copy, no more than can be, and links for them. */
static bool sg_fake_add_links(struct sg_fake *fake, struct sg_fake_desc *desc,
			      struct dma_sg_walk *walk)
{
	unsigned int number = 0;
	u64 total = 0;

	while (dma_sg_walk_next(walk)) {
		if (sg_fake_refuses(fake, number++) ||
		    !sg_fake_add_link(fake, desc, walk->dst, walk->src, walk->len))
			return false;

		total += walk->len;
	}

	return total && total <= U32_MAX;
}

static struct dma_async_tx_descriptor *
sg_fake_prep_sg_to_sg(struct dma_chan *chan,
		      struct scatterlist *dst_sg, unsigned int dst_nents,
		      struct scatterlist *src_sg, unsigned int src_nents,
		      unsigned long flags)
{
	struct sg_fake *fake = to_sg_fake(chan);
	struct dma_async_tx_descriptor *tx = NULL;
	struct sg_fake_desc *desc;
	struct dma_sg_walk walk;

	dma_sg_walk_start(&walk, dst_sg, dst_nents, src_sg, src_nents,
			  fake->max_link, 1);

	spin_lock_bh(&fake->lock);
	fake->preps++;
	desc = sg_fake_new(fake);
	if (desc && sg_fake_add_links(fake, desc, &walk)) {
		tx = sg_fake_hand_out(fake, desc);
	} else {
		fake->refused++;
		if (desc)
			sg_fake_free(fake, desc);
	}
	spin_unlock_bh(&fake->lock);

	return tx;
}

/* Fill in what came of @desc, and do the copy, if it is one that works. */
static void sg_fake_do(struct sg_fake *fake, struct sg_fake_desc *desc,
		       struct dmaengine_result *result)
{
	struct sg_fake_link *link;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fake->failures); i++) {
		if (fake->failures[i].piece != desc->number)
			continue;

		result->result = fake->failures[i].result;
		result->residue = fake->failures[i].residue;
		return;
	}

	list_for_each_entry(link, &desc->links, node) {
		if (fake->bus)
			memcpy(fake->bus + link->dst - SG_BUS_BASE,
			       fake->bus + link->src - SG_BUS_BASE, link->len);
	}
}

/* Called with a descriptor that is on no list any more. */
static void sg_fake_finish(struct sg_fake *fake, struct sg_fake_desc *desc)
{
	struct dmaengine_result result = { .result = DMA_TRANS_NOERROR };
	struct dmaengine_desc_callback cb;

	spin_lock_bh(&fake->lock);
	sg_fake_do(fake, desc, &result);
	dma_cookie_complete(&desc->tx);
	dmaengine_desc_get_callback(&desc->tx, &cb);
	fake->completed++;
	fake->in_flight--;
	sg_fake_free(fake, desc);
	spin_unlock_bh(&fake->lock);

	/* Clients are called from a tasklet */
	local_bh_disable();
	dmaengine_desc_callback_invoke(&cb, &result);
	local_bh_enable();
}

static struct sg_fake_desc *sg_fake_next_issued(struct sg_fake *fake)
{
	struct sg_fake_desc *desc = NULL;

	spin_lock_bh(&fake->lock);
	if (!list_empty(&fake->issued)) {
		if (fake->order == SG_FAKE_FIRST_FIRST)
			desc = list_first_entry(&fake->issued, struct sg_fake_desc, node);
		else
			desc = list_last_entry(&fake->issued, struct sg_fake_desc, node);
		if (fake->order == SG_FAKE_LAST_THEN_REST)
			fake->order = SG_FAKE_FIRST_FIRST;
		list_del(&desc->node);
	}
	spin_unlock_bh(&fake->lock);

	return desc;
}

static void sg_fake_finish_all(struct sg_fake *fake)
{
	struct sg_fake_desc *desc;

	while ((desc = sg_fake_next_issued(fake)))
		sg_fake_finish(fake, desc);
}

static void sg_fake_done_work(struct work_struct *work)
{
	struct sg_fake *fake = container_of(work, struct sg_fake, done_work.work);
	struct sg_fake_desc *desc;

	if (!fake->delay) {
		sg_fake_finish_all(fake);
		return;
	}

	desc = sg_fake_next_issued(fake);
	if (desc) {
		sg_fake_finish(fake, desc);
		queue_delayed_work(fake->wq, &fake->done_work, fake->delay);
	}
}

static dma_cookie_t sg_fake_submit(struct dma_async_tx_descriptor *tx)
{
	struct sg_fake_desc *desc = to_sg_fake_desc(tx);
	struct sg_fake *fake = to_sg_fake(tx->chan);
	bool error, at_once = fake->when == SG_FAKE_AT_SUBMIT;
	dma_cookie_t cookie = -EIO;

	spin_lock_bh(&fake->lock);
	fake->prepared--;
	fake->callback = tx->callback_result;
	fake->param = tx->callback_param;
	error = fake->submits == fake->submit_error_at;
	if (error) {
		sg_fake_free(fake, desc);
	} else {
		desc->number = fake->submits++;
		cookie = dma_cookie_assign(tx);
		fake->in_flight++;
		list_add_tail(&desc->node, at_once ? &fake->issued : &fake->submitted);
	}
	spin_unlock_bh(&fake->lock);

	preempt_enable();
	if (at_once)
		sg_fake_finish_all(fake);

	return cookie;
}

static void sg_fake_issue_pending(struct dma_chan *chan)
{
	struct sg_fake *fake = to_sg_fake(chan);

	spin_lock_bh(&fake->lock);
	fake->issues++;
	list_splice_tail_init(&fake->submitted, &fake->issued);
	spin_unlock_bh(&fake->lock);

	if (fake->when == SG_FAKE_SOON)
		queue_delayed_work(fake->wq, &fake->done_work, fake->delay);
}

static enum dma_status sg_fake_tx_status(struct dma_chan *chan, dma_cookie_t cookie,
					 struct dma_tx_state *state)
{
	struct sg_fake *fake = to_sg_fake(chan);

	if (fake->when == SG_FAKE_WHEN_POLLED)
		sg_fake_finish_all(fake);

	return dma_cookie_status(chan, cookie, state);
}

static int sg_fake_terminate_all(struct dma_chan *chan)
{
	struct sg_fake *fake = to_sg_fake(chan);
	struct sg_fake_desc *desc, *next;

	spin_lock_bh(&fake->lock);
	fake->terminates++;
	list_splice_tail_init(&fake->submitted, &fake->terminated);
	list_splice_tail_init(&fake->issued, &fake->terminated);
	list_for_each_entry_safe(desc, next, &fake->terminated, node) {
		if (fake->keep_terminated)
			continue;

		list_del(&desc->node);
		fake->in_flight--;
		sg_fake_free(fake, desc);
	}
	spin_unlock_bh(&fake->lock);

	return 0;
}

static void sg_fake_synchronize(struct dma_chan *chan)
{
	cancel_delayed_work_sync(&to_sg_fake(chan)->done_work);
}

/* A descriptor that was terminated has its callback run all the same. */
static void sg_fake_finish_terminated(struct sg_fake *fake)
{
	spin_lock_bh(&fake->lock);
	list_splice_tail_init(&fake->terminated, &fake->issued);
	spin_unlock_bh(&fake->lock);
	sg_fake_finish_all(fake);
}

/* A test hangs: let everything through, so that it ends. */
static void sg_fake_rescue_work(struct work_struct *work)
{
	struct sg_fake *fake = container_of(work, struct sg_fake, rescue_work.work);

	spin_lock_bh(&fake->lock);
	fake->rescued = true;
	fake->refusals = 0;
	fake->refuse_until = 0;
	fake->delay = 0;
	fake->room = SG_FOREVER;
	fake->when = SG_FAKE_SOON;
	spin_unlock_bh(&fake->lock);
	mod_delayed_work(fake->wq, &fake->done_work, 0);
}

static void sg_fake_behave(struct sg_fake *fake)
{
	fake->room = SG_FOREVER;
	fake->refuse_at = SG_NOWHERE;
	fake->submit_error_at = SG_NOWHERE;
	fake->failures[0].piece = SG_NOWHERE;
	fake->failures[1].piece = SG_NOWHERE;
	fake->max_link = SZ_4K;
}

static int sg_fake_register(struct sg_fake *fake)
{
	struct dma_device *dma = &fake->dma;

	sg_fake_behave(fake);
	spin_lock_init(&fake->lock);
	INIT_LIST_HEAD(&fake->submitted);
	INIT_LIST_HEAD(&fake->issued);
	INIT_LIST_HEAD(&fake->terminated);
	INIT_DELAYED_WORK(&fake->done_work, sg_fake_done_work);
	INIT_DELAYED_WORK(&fake->rescue_work, sg_fake_rescue_work);

	dma->dev = &sg_fake_pdev->dev;
	dma->device_prep_dma_memcpy = sg_fake_prep_memcpy;
	dma->device_prep_sg_to_sg = sg_fake_prep_sg_to_sg;
	dma->device_issue_pending = sg_fake_issue_pending;
	dma->device_tx_status = sg_fake_tx_status;
	dma->device_terminate_all = sg_fake_terminate_all;
	dma->device_synchronize = sg_fake_synchronize;
	dma_cap_set(DMA_MEMCPY, dma->cap_mask);
	/* so that nobody else takes it */
	dma_cap_set(DMA_PRIVATE, dma->cap_mask);

	INIT_LIST_HEAD(&dma->channels);
	fake->chan.device = dma;
	dma_cookie_init(&fake->chan);
	list_add_tail(&fake->chan.device_node, &dma->channels);
	return dma_async_device_register(dma);
}

/* ---- the client ---- */

static void sg_client_callback(void *param, const struct dmaengine_result *result)
{
	struct sg_client *client = param;

	client->calls++;
	client->in_flight = client->fake->in_flight;
	client->in_bottom_half = in_softirq();
	client->result = *result;
	complete(&client->done);
}

/* ---- lists ---- */

#define SG_STOP		(-1)

enum sg_layout {
	SG_APART,	/* entries do not touch */
	SG_TOUCHING,	/* each begins where the one before ends */
};

struct sg_shape {
	const char *name;
	int dst[SG_ENTRIES - SG_TRAPS + 1];	/* lengths, then SG_STOP */
	int src[SG_ENTRIES - SG_TRAPS + 1];
	enum sg_layout dst_layout;
	enum sg_layout src_layout;
	unsigned int chain_every;	/* entries in an array, or 0 for one array */
};

static const struct sg_shape sg_shapes[] = {
	{ "one entry", { 64, SG_STOP }, { 64, SG_STOP } },
	{ "one byte", { 1, SG_STOP }, { 1, SG_STOP } },
	{ "entries alike", { 64, 64, 64, 64, SG_STOP }, { 64, 64, 64, 64, SG_STOP } },
	{ "one into many", { 10, 20, 30, 40, SG_STOP }, { 100, SG_STOP } },
	{ "many into one", { 100, SG_STOP }, { 10, 20, 30, 40, SG_STOP } },
	{ "cut at other places", { 7, 90, 3, 55, SG_STOP }, { 50, 50, 1, 54, SG_STOP } },
	{ "destination shorter", { 30, 31, SG_STOP }, { 30, 30, 30, SG_STOP } },
	{ "source shorter", { 64, 64, 64, SG_STOP }, { 64, 65, SG_STOP } },
	{ "empty entry first", { 0, 64, 64, SG_STOP }, { 64, 64, SG_STOP } },
	{ "empty entry in the middle", { 64, 64, SG_STOP }, { 64, 0, 0, 64, SG_STOP } },
	{ "empty entry last", { 64, 64, 0, SG_STOP }, { 64, 64, 0, SG_STOP } },
	{ "empty entries everywhere", { 0, 5, 0, 0, 6, 0, SG_STOP }, { 0, 0, 4, 7, 0, SG_STOP } },
	{ "single bytes", { 1, 1, 1, 1, 1, 1, SG_STOP }, { 1, 1, 1, 1, 1, 1, SG_STOP } },
	{ "touching on both sides", { 64, 64, 64, SG_STOP }, { 32, 64, 96, SG_STOP },
	  SG_TOUCHING, SG_TOUCHING },
	{ "touching in the destination only", { 64, 64, 64, SG_STOP }, { 64, 64, 64, SG_STOP },
	  SG_TOUCHING, SG_APART },
	{ "touching in the source only", { 64, 64, 64, SG_STOP }, { 64, 64, 64, SG_STOP },
	  SG_APART, SG_TOUCHING },
	{ "touching and long", { 1000, 1000, 1000, SG_STOP }, { 500, 2000, 500, SG_STOP },
	  SG_TOUCHING, SG_TOUCHING },
	{ "chained alike", { 8, 8, 8, 8, 8, 8, 8, 8, SG_STOP }, { 8, 8, 8, 8, 8, 8, 8, 8, SG_STOP },
	  SG_APART, SG_APART, 3 },
	{ "chained, cut at other places", { 9, 9, 9, 9, 9, 9, SG_STOP },
	  { 11, 11, 11, 11, 10, SG_STOP },
	  SG_APART, SG_APART, 2 },
	{ "chained and touching", { 8, 8, 8, 8, 8, 8, SG_STOP }, { 8, 8, 8, 8, 8, 8, SG_STOP },
	  SG_TOUCHING, SG_TOUCHING, 2 },
	{ "chained with empty entries", { 8, 0, 0, 8, 0, 8, SG_STOP },
	  { 0, 0, 8, 8, 8, 0, SG_STOP },
	  SG_APART, SG_APART, 2 },
};

/* What most tests copy: SG_PIECES pieces of 16 bytes, which touch nowhere. */
static const struct sg_shape sg_usual = {
	"usual",
	{ 16, 16, 16, 16, 16, 16, 16, 16, SG_STOP },
	{ 16, 16, 16, 16, 16, 16, 16, 16, SG_STOP },
};

static void sg_shape_desc(const struct sg_shape *shape, char *desc)
{
	strscpy(desc, shape->name, KUNIT_PARAM_DESC_SIZE);
}

/* Arrays of @every entries each, chained, with room for @nents and the traps. */
static struct scatterlist *sg_list_alloc(struct kunit *test, unsigned int nents,
					 unsigned int every)
{
	struct scatterlist *first = NULL, *last = NULL, *array;
	unsigned int total = nents + SG_TRAPS, n = every ?: total;

	for (; total; total -= min(n, total)) {
		/* and one for the chain */
		array = kunit_kcalloc(test, n + 1, sizeof(*array), GFP_KERNEL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, array);
		sg_init_table(array, n + 1);
		if (last)
			sg_chain(last, n + 1, array);
		else
			first = array;
		last = array;
	}

	return first;
}

/*
 * A list of @nents entries as @list says, and more behind that no walk may
 * read. They would move bytes that are to stay as they are.
 */
static void sg_list_build(struct kunit *test, struct sg_list *list, unsigned int every)
{
	struct scatterlist *sg;
	unsigned int i;

	list->sg = sg_list_alloc(test, list->nents, every);
	sg = list->sg;
	for (i = 0; i < list->nents + SG_TRAPS; i++, sg = sg_next(sg)) {
		sg->length = 4096;	/* nobody may care for this one */
		sg_dma_address(sg) = i < list->nents ? list->addr[i] : SG_BUS_BASE;
		sg_dma_len(sg) = i < list->nents ? list->len[i] : 13;
	}
}

static void sg_list_from(struct kunit *test, struct sg_list *list, const int *lens,
			 enum sg_layout layout, unsigned int every, dma_addr_t addr)
{
	for (list->nents = 0; lens[list->nents] != SG_STOP; list->nents++) {
		list->addr[list->nents] = addr;
		list->len[list->nents] = lens[list->nents];
		addr += lens[list->nents];
		if (layout == SG_APART)
			addr = round_up(addr, 64) + 64;
	}

	sg_list_build(test, list, every);
}

static void sg_lists_from(struct kunit *test, const struct sg_shape *shape)
{
	struct sg_context *ctx = test->priv;

	sg_list_from(test, &ctx->dst, shape->dst, shape->dst_layout,
		     shape->chain_every, SG_BUS_BASE + 64);
	sg_list_from(test, &ctx->src, shape->src, shape->src_layout,
		     shape->chain_every, SG_BUS_BASE + SG_BUS_HALF + 64);
}

static u64 sg_list_total(const struct sg_list *list)
{
	u64 total = 0;
	unsigned int i;

	for (i = 0; i < list->nents; i++)
		total += list->len[i];

	return total;
}

/* The address of the byte @n, found the slow way. */
static dma_addr_t sg_list_byte(const struct sg_list *list, u64 n)
{
	unsigned int i;

	for (i = 0; i < list->nents && n >= list->len[i]; i++)
		n -= list->len[i];

	return list->addr[i] + n;
}

static u64 sg_total(const struct sg_context *ctx)
{
	return min(sg_list_total(&ctx->dst), sg_list_total(&ctx->src));
}

/* ---- what the tests have in common ---- */

static dma_cookie_t sg_copy(struct kunit *test)
{
	struct sg_context *ctx = test->priv;
	dma_cookie_t cookie;

	memcpy(ctx->expected, ctx->fake.bus, 2 * SG_BUS_HALF);
	cookie = dma_async_memcpy_sg_to_sg(&ctx->fake.chan, ctx->dst.sg, ctx->dst.nents,
					   ctx->src.sg, ctx->src.nents,
					   sg_client_callback, &ctx->client);

	KUNIT_EXPECT_FALSE_MSG(test, ctx->fake.prepared_two, "two prepared at a time");
	KUNIT_EXPECT_EQ_MSG(test, ctx->fake.prepared, 0, "prepared and never submitted");
	return cookie;
}

/* Let the fake do all that it can still do. */
static void sg_settle(struct sg_fake *fake)
{
	do {
		dma_async_issue_pending(&fake->chan);
		sg_fake_tx_status(&fake->chan, fake->chan.cookie, NULL);
		flush_delayed_work(&fake->done_work);
	} while (READ_ONCE(fake->in_flight) && !fake->rescued);
}

/* Issue, wait for the callback, and see that it is called once and at the end. */
static void sg_expect_callback(struct kunit *test, enum dmaengine_tx_result result, u32 residue)
{
	struct sg_context *ctx = test->priv;
	struct sg_client *client = &ctx->client;

	sg_settle(&ctx->fake);
	KUNIT_ASSERT_NE_MSG(test, wait_for_completion_timeout(&client->done, SG_RESCUE), 0,
			    "the callback never ran");
	sg_settle(&ctx->fake);
	KUNIT_EXPECT_EQ_MSG(test, client->calls, 1, "calls of the client's callback");
	KUNIT_EXPECT_EQ_MSG(test, client->in_flight, 0, "in flight when it was called");
	KUNIT_EXPECT_EQ(test, client->result.result, result);
	KUNIT_EXPECT_EQ(test, client->result.residue, residue);
}

/* Every byte of the bus is as a copy by the CPU would have it. */
static void sg_expect_data(struct kunit *test)
{
	struct sg_context *ctx = test->priv;
	u64 i, total = sg_total(ctx);

	for (i = 0; i < total; i++)
		ctx->expected[sg_list_byte(&ctx->dst, i) - SG_BUS_BASE] =
			ctx->fake.bus[sg_list_byte(&ctx->src, i) - SG_BUS_BASE];

	KUNIT_EXPECT_EQ_MSG(test, memcmp(ctx->expected, ctx->fake.bus, 2 * SG_BUS_HALF), 0,
			    "bytes differ");
}

static void sg_expect_success(struct kunit *test, dma_cookie_t cookie)
{
	KUNIT_ASSERT_GE(test, cookie, DMA_MIN_COOKIE);
	sg_expect_callback(test, DMA_TRANS_NOERROR, 0);
	sg_expect_data(test);
}

/* @cookie is the errno @err, nothing is in flight, and no callback ever runs. */
static void sg_expect_failure(struct kunit *test, dma_cookie_t cookie, int err)
{
	struct sg_context *ctx = test->priv;
	struct sg_fake *fake = &ctx->fake;

	KUNIT_EXPECT_EQ_MSG(test, fake->in_flight, 0, "in flight when the helper returned");
	KUNIT_EXPECT_EQ(test, cookie, err);
	KUNIT_EXPECT_EQ_MSG(test, fake->links_live, 0, "left behind");
	fake->when = SG_FAKE_SOON;
	sg_settle(fake);
	KUNIT_EXPECT_EQ_MSG(test, ctx->client.calls, 0, "calls of the client's callback");
}

/* Refused before anything was asked of the provider. */
static void sg_expect_untouched(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	KUNIT_EXPECT_EQ(test, ctx->fake.submits, 0);
	KUNIT_EXPECT_EQ(test, ctx->fake.issues, 0);
	if (!dma_has_cap(DMA_SG, ctx->fake.dma.cap_mask))
		KUNIT_EXPECT_EQ(test, ctx->fake.preps, 0);
}

static void sg_use_hook(struct sg_fake *fake)
{
	dma_cap_set(DMA_SG, fake->dma.cap_mask);
}

static void sg_make_public(struct sg_fake *fake)
{
	dma_cap_clear(DMA_PRIVATE, fake->dma.cap_mask);
}

/* ---- the walker ---- */

struct sg_cut {
	unsigned int max;
	unsigned int align;
};

static const struct sg_cut sg_cuts[] = {
	{ SZ_64K, 1 }, { UINT_MAX, 1 }, { 1, 1 }, { 2, 1 }, { 7, 1 }, { 64, 1 },
	{ 64, 64 }, { 100, 4 }, { 128, 32 }, { 63, 16 },
};

/*
 * A piece may end where the lists do not both go on at the next address, where
 * it would get too long, or at an empty entry.
 */
static bool sg_may_end(const struct sg_context *ctx, const struct sg_cut *cut,
		       dma_addr_t start, u64 end, unsigned int len, bool empties)
{
	unsigned int limit = cut->max - ((start + cut->max) & (cut->align - 1));

	return empties || end == sg_total(ctx) || len == limit ||
	       sg_list_byte(&ctx->dst, end) != sg_list_byte(&ctx->dst, end - 1) + 1 ||
	       sg_list_byte(&ctx->src, end) != sg_list_byte(&ctx->src, end - 1) + 1;
}

static bool sg_piece_is_right(const struct sg_context *ctx, const struct dma_sg_walk *walk, u64 at)
{
	unsigned int i;

	for (i = 0; i < walk->len; i++) {
		if (walk->dst + i != sg_list_byte(&ctx->dst, at + i) ||
		    walk->src + i != sg_list_byte(&ctx->src, at + i))
			return false;
	}

	return walk->len;
}

static void sg_expect_walk(struct kunit *test, const struct sg_cut *cut, bool empties)
{
	struct sg_context *ctx = test->priv;
	struct dma_sg_walk walk;
	u64 done = 0;

	dma_sg_walk_start(&walk, ctx->dst.sg, ctx->dst.nents, ctx->src.sg, ctx->src.nents,
			  cut->max, cut->align);
	while (dma_sg_walk_next(&walk)) {
		KUNIT_ASSERT_LE_MSG(test, done + walk.len, sg_total(ctx), "goes too far");
		KUNIT_ASSERT_TRUE_MSG(test, sg_piece_is_right(ctx, &walk, done),
				      "wrong piece at byte %llu, %u bytes", done, walk.len);
		done += walk.len;
		KUNIT_ASSERT_LE_MSG(test, walk.len, cut->max, "too long");
		KUNIT_ASSERT_TRUE_MSG(test, sg_may_end(ctx, cut, walk.dst, done, walk.len, empties),
				      "cut short at byte %llu, max %u, align %u",
				      done, cut->max, cut->align);
	}
	KUNIT_ASSERT_EQ_MSG(test, done, sg_total(ctx), "ends too soon");
}

static bool sg_list_has_empties(const struct sg_list *list)
{
	unsigned int i;

	for (i = 0; i < list->nents; i++) {
		if (!list->len[i])
			return true;
	}

	return false;
}

static void dmaengine_sg_walk(struct kunit *test)
{
	struct sg_context *ctx = test->priv;
	unsigned int i;

	sg_lists_from(test, test->param_value);
	for (i = 0; i < ARRAY_SIZE(sg_cuts); i++)
		sg_expect_walk(test, &sg_cuts[i],
			       sg_list_has_empties(&ctx->dst) || sg_list_has_empties(&ctx->src));
}

/* Few lengths and little room between entries, so that much coincides. */
static void sg_list_random(struct kunit *test, struct sg_list *list, struct rnd_state *rnd,
			   bool empties)
{
	dma_addr_t addr = SG_BUS_BASE;
	unsigned int i;

	list->nents = 1 + prandom_u32_state(rnd) % (SG_ENTRIES - 1);
	for (i = 0; i < list->nents; i++) {
		list->addr[i] = addr;
		list->len[i] = prandom_u32_state(rnd) % 4 * 8;
		if (!list->len[i] && !empties)
			list->len[i] = 1 + prandom_u32_state(rnd) % 40;
		addr += list->len[i] + prandom_u32_state(rnd) % 2 * 8;
	}

	sg_list_build(test, list, prandom_u32_state(rnd) % 4);
}

static void dmaengine_sg_walk_random(struct kunit *test)
{
	struct sg_context *ctx = test->priv;
	struct rnd_state rnd;
	unsigned int i;

	prandom_seed_state(&rnd, 1);
	for (i = 0; i < 500; i++) {
		sg_list_random(test, &ctx->dst, &rnd, i & 1);
		sg_list_random(test, &ctx->src, &rnd, i & 1);
		sg_expect_walk(test, &sg_cuts[i % ARRAY_SIZE(sg_cuts)], i & 1);
	}
}

/* ---- copies that succeed ---- */

static void dmaengine_sg_pieces(struct kunit *test)
{
	sg_lists_from(test, test->param_value);
	sg_expect_success(test, sg_copy(test));
}

static void dmaengine_sg_hook(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	sg_use_hook(&ctx->fake);
	sg_lists_from(test, test->param_value);
	sg_expect_success(test, sg_copy(test));
	KUNIT_EXPECT_EQ_MSG(test, ctx->fake.submits, 1, "descriptors");
}

static void dmaengine_sg_hook_has_clients_callback(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	sg_use_hook(&ctx->fake);
	sg_lists_from(test, &sg_usual);
	sg_expect_success(test, sg_copy(test));
	KUNIT_EXPECT_PTR_EQ(test, ctx->fake.callback, &sg_client_callback);
	KUNIT_EXPECT_PTR_EQ(test, ctx->fake.param, (void *)&ctx->client);
}

/* As long as there are descriptors, nothing starts before the client issues. */
static void dmaengine_sg_waits_for_issue(struct kunit *test)
{
	struct sg_context *ctx = test->priv;
	dma_cookie_t cookie;

	sg_lists_from(test, &sg_usual);
	cookie = sg_copy(test);
	KUNIT_EXPECT_EQ(test, ctx->fake.submits, SG_PIECES);
	KUNIT_EXPECT_EQ(test, ctx->fake.issues, 0);
	KUNIT_EXPECT_EQ(test, cookie, ctx->fake.chan.cookie);
	sg_expect_success(test, cookie);
}

static void sg_copy_without_callback(struct kunit *test)
{
	struct sg_context *ctx = test->priv;
	dma_cookie_t cookie;

	cookie = dma_async_memcpy_sg_to_sg(&ctx->fake.chan, ctx->dst.sg, ctx->dst.nents,
					   ctx->src.sg, ctx->src.nents, NULL, NULL);
	KUNIT_EXPECT_GE(test, cookie, DMA_MIN_COOKIE);
	sg_settle(&ctx->fake);
}

static void dmaengine_sg_no_callback(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	sg_lists_from(test, &sg_usual);
	sg_copy_without_callback(test);
	KUNIT_EXPECT_EQ(test, ctx->fake.completed, SG_PIECES);
	sg_use_hook(&ctx->fake);
	sg_copy_without_callback(test);
	KUNIT_EXPECT_EQ(test, ctx->fake.completed, SG_PIECES + 1);
}

struct sg_order_case {
	const char *name;
	enum sg_fake_order order;
};

static const struct sg_order_case sg_order_cases[] = {
	{ "in order", SG_FAKE_FIRST_FIRST },
	{ "the other way round", SG_FAKE_LAST_FIRST },
	{ "the last one first", SG_FAKE_LAST_THEN_REST },
};

static void sg_order_desc(const struct sg_order_case *order, char *desc)
{
	strscpy(desc, order->name, KUNIT_PARAM_DESC_SIZE);
}

static void dmaengine_sg_completion_order(struct kunit *test)
{
	const struct sg_order_case *param = test->param_value;
	struct sg_context *ctx = test->priv;

	ctx->fake.order = param->order;
	dma_cap_set(DMA_COMPLETION_NO_ORDER, ctx->fake.dma.cap_mask);
	sg_lists_from(test, &sg_usual);
	sg_expect_success(test, sg_copy(test));
}

/* Another client of the channel issues all the time. */
static void dmaengine_sg_done_before_return(struct kunit *test)
{
	struct sg_context *ctx = test->priv;
	dma_cookie_t cookie;

	ctx->fake.when = SG_FAKE_AT_SUBMIT;
	sg_lists_from(test, &sg_usual);
	cookie = sg_copy(test);
	KUNIT_EXPECT_EQ(test, ctx->client.calls, 1);
	KUNIT_EXPECT_TRUE(test, ctx->client.in_bottom_half);
	KUNIT_EXPECT_EQ(test, ctx->fake.completed, SG_PIECES);
	sg_expect_success(test, cookie);
}

/* ---- pieces that fail ---- */

struct sg_failure_case {
	const char *name;
	struct sg_fake_failure failures[2];
	enum dmaengine_tx_result result;
	u32 residue;
	enum sg_fake_order order;
};

#define SG_NO_FAILURE	{ .piece = SG_NOWHERE }

static const struct sg_failure_case sg_failure_cases[] = {
	{ "the first piece", { { 0, DMA_TRANS_READ_FAILED, 16 }, SG_NO_FAILURE },
	  DMA_TRANS_READ_FAILED, 16 },
	{ "a piece in the middle", { { 4, DMA_TRANS_WRITE_FAILED, 5 }, SG_NO_FAILURE },
	  DMA_TRANS_WRITE_FAILED, 5 },
	{ "the last piece", { { 7, DMA_TRANS_ABORTED, 16 }, SG_NO_FAILURE },
	  DMA_TRANS_ABORTED, 16 },
	{ "two pieces", { { 2, DMA_TRANS_WRITE_FAILED, 3 }, { 5, DMA_TRANS_READ_FAILED, 10 } },
	  DMA_TRANS_WRITE_FAILED, 13 },
	{ "two pieces, the later one first",
	  { { 2, DMA_TRANS_WRITE_FAILED, 3 }, { 5, DMA_TRANS_READ_FAILED, 10 } },
	  DMA_TRANS_READ_FAILED, 13, SG_FAKE_LAST_FIRST },
	{ "none, with a residue that nobody has set",
	  { { 3, DMA_TRANS_NOERROR, 0x5a5a }, SG_NO_FAILURE }, DMA_TRANS_NOERROR, 0 },
};

static void sg_failure_desc(const struct sg_failure_case *failure, char *desc)
{
	strscpy(desc, failure->name, KUNIT_PARAM_DESC_SIZE);
}

static void dmaengine_sg_failed(struct kunit *test)
{
	const struct sg_failure_case *param = test->param_value;
	struct sg_context *ctx = test->priv;

	ctx->fake.order = param->order;
	memcpy(ctx->fake.failures, param->failures, sizeof(param->failures));
	sg_lists_from(test, &sg_usual);
	KUNIT_ASSERT_GE(test, sg_copy(test), DMA_MIN_COOKIE);
	sg_expect_callback(test, param->result, param->residue);
}

static void dmaengine_sg_hook_failed(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	sg_use_hook(&ctx->fake);
	ctx->fake.failures[0] = (struct sg_fake_failure){ 0, DMA_TRANS_READ_FAILED, 77 };
	sg_lists_from(test, &sg_usual);
	KUNIT_ASSERT_GE(test, sg_copy(test), DMA_MIN_COOKIE);
	sg_expect_callback(test, DMA_TRANS_READ_FAILED, 77);
}

/* ---- running out of descriptors ---- */

/* A piece, or a link of the hook's; SG_PIECES stands for none. */
static const unsigned int sg_numbers[SG_PIECES + 1] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 };

static void sg_number_desc(const unsigned int *number, char *desc)
{
	if (*number == SG_PIECES)
		strscpy(desc, "none", KUNIT_PARAM_DESC_SIZE);
	else
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "number %u of %u", *number, SG_PIECES);
}

/* No memory for one piece, three times over. */
static void dmaengine_sg_refused_for_a_while(struct kunit *test)
{
	const unsigned int *number = test->param_value;
	struct sg_context *ctx = test->priv;

	ctx->fake.refuse_at = *number;
	ctx->fake.refusals = 3;
	sg_lists_from(test, &sg_usual);
	sg_expect_success(test, sg_copy(test));
	KUNIT_EXPECT_EQ(test, ctx->fake.refused, *number < SG_PIECES ? 3 : 0);
}

static void dmaengine_sg_hook_refused_for_a_while(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	sg_use_hook(&ctx->fake);
	dmaengine_sg_refused_for_a_while(test);
	KUNIT_EXPECT_EQ(test, ctx->fake.submits, 1);
}

static void sg_refuse_for_good(struct kunit *test, unsigned int number)
{
	struct sg_context *ctx = test->priv;
	dma_cookie_t cookie;

	dma_sg_retry_timeout_ms = SG_SHORT_MS;
	ctx->fake.refuse_at = number;
	ctx->fake.refusals = SG_FOREVER;
	sg_lists_from(test, &sg_usual);
	cookie = sg_copy(test);
	if (number == SG_PIECES)
		sg_expect_success(test, cookie);
	else
		sg_expect_failure(test, cookie, -ENOMEM);
}

static void dmaengine_sg_refused_for_good(struct kunit *test)
{
	const unsigned int *number = test->param_value;
	struct sg_context *ctx = test->priv;

	sg_refuse_for_good(test, *number);
	KUNIT_EXPECT_EQ(test, ctx->fake.submits, *number);
	KUNIT_EXPECT_EQ_MSG(test, ctx->fake.completed, *number, "it had come back by itself");
	KUNIT_EXPECT_EQ(test, ctx->fake.terminates, 0);
}

static void dmaengine_sg_public_refused_for_good(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	sg_make_public(&ctx->fake);
	dmaengine_sg_refused_for_good(test);
}

static void dmaengine_sg_hook_refused_for_good(struct kunit *test)
{
	const unsigned int *number = test->param_value;
	struct sg_context *ctx = test->priv;

	sg_use_hook(&ctx->fake);
	sg_refuse_for_good(test, *number);
	KUNIT_EXPECT_EQ(test, ctx->fake.submits, *number == SG_PIECES);
}

static const unsigned int sg_rooms[] = { 1, 2, 3, 7, 8 };

static void sg_room_desc(const unsigned int *room, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u descriptors for %u pieces", *room, SG_PIECES);
}

/* A fixed pool, as many drivers have it. */
static void sg_small_pool(struct kunit *test, unsigned int room)
{
	struct sg_context *ctx = test->priv;

	ctx->fake.room = room;
	sg_lists_from(test, &sg_usual);
	sg_expect_success(test, sg_copy(test));
	KUNIT_EXPECT_EQ(test, ctx->fake.submits, SG_PIECES);
	KUNIT_EXPECT_EQ(test, ctx->fake.room, room);
	if (room < SG_PIECES)
		KUNIT_EXPECT_GT(test, ctx->fake.refused, 0);
	else
		KUNIT_EXPECT_EQ(test, ctx->fake.refused, 0);
}

static void dmaengine_sg_small_pool(struct kunit *test)
{
	sg_small_pool(test, *(const unsigned int *)test->param_value);
}

static void dmaengine_sg_late(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	ctx->fake.delay = 3;
	sg_small_pool(test, *(const unsigned int *)test->param_value);
}

/*
 * As long as pieces finish there is progress, so that all of them together may
 * take longer than the helper waits without any.
 */
static void dmaengine_sg_late_with_progress(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	dma_sg_retry_timeout_ms = 2000;
	ctx->fake.delay = msecs_to_jiffies(400);
	ctx->fake.refuse_at = SG_PIECES - 1;
	ctx->fake.refuse_until = SG_PIECES - 1;
	sg_lists_from(test, &sg_usual);
	sg_expect_success(test, sg_copy(test));
}

static void dmaengine_sg_done_when_polled(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	ctx->fake.when = SG_FAKE_WHEN_POLLED;
	sg_small_pool(test, *(const unsigned int *)test->param_value);
}

/* Another client's copy, submitted and not issued, has the only descriptor. */
static void sg_others_hold_the_pool(struct kunit *test)
{
	struct sg_context *ctx = test->priv;
	struct sg_fake *fake = &ctx->fake;
	struct sg_client other = { .fake = fake };
	struct dma_async_tx_descriptor *tx;

	sg_make_public(fake);
	sg_lists_from(test, &sg_usual);
	init_completion(&other.done);
	fake->room = 1;
	tx = sg_fake_prep_memcpy(&fake->chan, SG_BUS_BASE, SG_BUS_BASE, 16, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tx);
	tx->callback_result = sg_client_callback;
	tx->callback_param = &other;
	dmaengine_submit(tx);
	sg_expect_success(test, sg_copy(test));
	KUNIT_EXPECT_EQ_MSG(test, other.calls, 1, "calls of the other client's callback");
	KUNIT_EXPECT_EQ(test, fake->terminates, 0);
}

static void dmaengine_sg_others_hold_the_pool(struct kunit *test)
{
	sg_others_hold_the_pool(test);
}

static void dmaengine_sg_hook_others_hold_the_pool(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	sg_use_hook(&ctx->fake);
	sg_others_hold_the_pool(test);
}

/*
 * The difference that had the hook asked for in 2010: when the channel runs out
 * halfway, the helper has started it, and dmaengine_prep_sg() has not.
 */
static void dmaengine_sg_out_of_room_halfway(struct kunit *test)
{
	struct sg_context *ctx = test->priv;
	struct sg_fake *fake = &ctx->fake;

	sg_lists_from(test, &sg_usual);
	memcpy(ctx->expected, fake->bus, 2 * SG_BUS_HALF);
	fake->refuse_at = SG_PIECES / 2;
	fake->refusals = 1;
	KUNIT_EXPECT_NULL(test, dmaengine_prep_sg(&fake->chan, ctx->dst.sg, ctx->dst.nents,
						  ctx->src.sg, ctx->src.nents, 0));
	KUNIT_EXPECT_EQ(test, fake->refused, 1);
	KUNIT_EXPECT_EQ(test, fake->links_live, 0);
	KUNIT_EXPECT_EQ(test, fake->submits, 0);
	KUNIT_EXPECT_EQ(test, fake->issues, 0);
	KUNIT_EXPECT_EQ(test, memcmp(ctx->expected, fake->bus, 2 * SG_BUS_HALF), 0);

	fake->refusals = 1;
	fake->when = SG_FAKE_WHEN_POLLED;
	KUNIT_EXPECT_GE(test, sg_copy(test), DMA_MIN_COOKIE);
	KUNIT_EXPECT_EQ(test, fake->refused, 2);
	KUNIT_EXPECT_EQ(test, fake->submits, SG_PIECES);
	KUNIT_EXPECT_GT(test, fake->issues, 0);
	KUNIT_EXPECT_EQ_MSG(test, fake->completed, SG_PIECES / 2,
			    "done before the client has issued");
	sg_expect_callback(test, DMA_TRANS_NOERROR, 0);
}

/* ---- pieces that do not come back ---- */

static void sg_refuse_with_others_out(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	dma_sg_retry_timeout_ms = SG_SHORT_MS;
	ctx->fake.refuse_at = SG_PIECES / 2;
	ctx->fake.refusals = SG_FOREVER;
	sg_lists_from(test, &sg_usual);
}

static void dmaengine_sg_private_never_back(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	ctx->fake.when = SG_FAKE_NEVER;
	sg_refuse_with_others_out(test);
	sg_expect_failure(test, sg_copy(test), -ENOMEM);
	KUNIT_EXPECT_EQ(test, ctx->fake.terminates, 1);
	KUNIT_EXPECT_EQ(test, ctx->fake.completed, 0);
}

/*
 * A driver without device_synchronize may run callbacks after it is terminated,
 * which must find their memory.
 */
static void dmaengine_sg_private_back_after_terminate(struct kunit *test)
{
	struct sg_context *ctx = test->priv;
	struct sg_fake *fake = &ctx->fake;

	fake->when = SG_FAKE_NEVER;
	fake->keep_terminated = true;
	fake->dma.device_synchronize = NULL;
	sg_refuse_with_others_out(test);
	KUNIT_EXPECT_EQ(test, sg_copy(test), -ENOMEM);
	KUNIT_EXPECT_EQ(test, fake->terminates, 1);
	KUNIT_EXPECT_EQ(test, fake->completed, 0);
	sg_fake_finish_terminated(fake);
	KUNIT_EXPECT_EQ(test, fake->completed, SG_PIECES / 2);
	KUNIT_EXPECT_EQ(test, ctx->client.calls, 0);
}

/* Much later than the helper waits for descriptors, and then for the pieces. */
static void sg_come_back_very_late(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	sg_refuse_with_others_out(test);
	ctx->fake.delay = msecs_to_jiffies(5 * SG_SHORT_MS);
	sg_expect_failure(test, sg_copy(test), -ENOMEM);
	KUNIT_EXPECT_EQ(test, ctx->fake.completed, SG_PIECES / 2);
}

static void dmaengine_sg_public_back_very_late(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	sg_make_public(&ctx->fake);
	sg_come_back_very_late(test);
	KUNIT_EXPECT_EQ_MSG(test, ctx->fake.terminates, 0, "other clients' work is gone");
}

static void dmaengine_sg_no_terminate_back_very_late(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	ctx->fake.dma.device_terminate_all = NULL;
	sg_come_back_very_late(test);
}

static void dmaengine_sg_submit_error(struct kunit *test)
{
	const unsigned int *number = test->param_value;
	struct sg_context *ctx = test->priv;
	dma_cookie_t cookie;

	ctx->fake.submit_error_at = *number;
	sg_lists_from(test, &sg_usual);
	cookie = sg_copy(test);
	if (*number == SG_PIECES) {
		sg_expect_success(test, cookie);
	} else {
		sg_expect_failure(test, cookie, -EIO);
		KUNIT_EXPECT_EQ(test, ctx->fake.completed, *number);
	}
}

static void dmaengine_sg_hook_submit_error(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	sg_use_hook(&ctx->fake);
	ctx->fake.submit_error_at = 0;
	sg_lists_from(test, &sg_usual);
	sg_expect_failure(test, sg_copy(test), -EIO);
}

/* ---- what is refused ---- */

struct sg_refusal_case {
	const char *name;
	int dst[4];
	int src[4];
	bool no_chan, no_dst, no_src, no_dst_nents, no_src_nents;
	bool hook;
};

#define SG_SOME		{ 16, 16, SG_STOP }
#define SG_EMPTY	{ 0, 0, SG_STOP }

static const struct sg_refusal_case sg_refusal_cases[] = {
	{ "no channel", SG_SOME, SG_SOME, .no_chan = true },
	{ "no destination list", SG_SOME, SG_SOME, .no_dst = true },
	{ "no source list", SG_SOME, SG_SOME, .no_src = true },
	{ "no destination entries", SG_SOME, SG_SOME, .no_dst_nents = true },
	{ "no source entries", SG_SOME, SG_SOME, .no_src_nents = true },
	{ "destination of 0 bytes", SG_EMPTY, SG_SOME },
	{ "source of 0 bytes", SG_SOME, SG_EMPTY },
	{ "hook, no destination list", SG_SOME, SG_SOME, .no_dst = true, .hook = true },
	{ "hook, no source list", SG_SOME, SG_SOME, .no_src = true, .hook = true },
	{ "hook, no destination entries", SG_SOME, SG_SOME, .no_dst_nents = true, .hook = true },
	{ "hook, no source entries", SG_SOME, SG_SOME, .no_src_nents = true, .hook = true },
	{ "hook, destination of 0 bytes", SG_EMPTY, SG_SOME, .hook = true },
	{ "hook, source of 0 bytes", SG_SOME, SG_EMPTY, .hook = true },
};

static void sg_refusal_desc(const struct sg_refusal_case *refusal, char *desc)
{
	strscpy(desc, refusal->name, KUNIT_PARAM_DESC_SIZE);
}

static void dmaengine_sg_bad_lists(struct kunit *test)
{
	const struct sg_refusal_case *param = test->param_value;
	struct sg_context *ctx = test->priv;
	dma_cookie_t cookie;

	if (param->hook)
		sg_use_hook(&ctx->fake);
	sg_list_from(test, &ctx->dst, param->dst, SG_APART, 0, SG_BUS_BASE);
	sg_list_from(test, &ctx->src, param->src, SG_APART, 0, SG_BUS_BASE + SG_BUS_HALF);
	cookie = dma_async_memcpy_sg_to_sg(param->no_chan ? NULL : &ctx->fake.chan,
					   param->no_dst ? NULL : ctx->dst.sg,
					   param->no_dst_nents ? 0 : ctx->dst.nents,
					   param->no_src ? NULL : ctx->src.sg,
					   param->no_src_nents ? 0 : ctx->src.nents,
					   sg_client_callback, &ctx->client);
	KUNIT_EXPECT_EQ(test, cookie, -EINVAL);
	sg_expect_untouched(test);
}

static void dmaengine_sg_no_capability(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	dma_cap_clear(DMA_MEMCPY, ctx->fake.dma.cap_mask);
	dma_cap_set(DMA_XOR, ctx->fake.dma.cap_mask);
	sg_lists_from(test, &sg_usual);
	KUNIT_EXPECT_EQ(test, sg_copy(test), -EOPNOTSUPP);
	sg_expect_untouched(test);
}

struct sg_align_case {
	const char *name;
	unsigned int dst_offset, src_offset;
	int dst[3], src[3];
	unsigned int max;
	int err;
};

static const struct sg_align_case sg_align_cases[] = {
	{ "all is aligned", 0, 0, { 64, 64, SG_STOP }, { 64, 64, SG_STOP }, 4096, 0 },
	{ "destination is not", 4, 0, { 64, 64, SG_STOP }, { 64, 64, SG_STOP }, 4096, -EINVAL },
	{ "source is not", 0, 4, { 64, 64, SG_STOP }, { 64, 64, SG_STOP }, 4096, -EINVAL },
	{ "both are off alike", 4, 4, { 64, 64, SG_STOP }, { 64, 64, SG_STOP }, 4096, -EINVAL },
	{ "length is not", 0, 0, { 64, 60, SG_STOP }, { 64, 60, SG_STOP }, 4096, -EINVAL },
	{ "cut in the middle is not", 0, 0, { 60, 68, SG_STOP }, { 128, SG_STOP }, 4096, -EINVAL },
	{ "shorter total is not", 0, 0, { 64, 64, SG_STOP }, { 64, 63, SG_STOP }, 4096, -EINVAL },
	{ "aligned past the limit", 0, 0, { 1024, SG_STOP }, { 1024, SG_STOP }, 256, 0 },
	{ "limit is rounded down", 0, 0, { 1024, SG_STOP }, { 1024, SG_STOP }, 255, 0 },
	{ "limit is below the alignment", 0, 0, { 64, SG_STOP }, { 64, SG_STOP }, 7, -EINVAL },
};

static void sg_align_desc(const struct sg_align_case *align, char *desc)
{
	strscpy(desc, align->name, KUNIT_PARAM_DESC_SIZE);
}

static void dmaengine_sg_alignment(struct kunit *test)
{
	const struct sg_align_case *param = test->param_value;
	struct sg_context *ctx = test->priv;
	dma_cookie_t cookie;

	ctx->fake.dma.copy_align = DMAENGINE_ALIGN_8_BYTES;
	dma_set_max_seg_size(ctx->fake.dma.dev, param->max);
	sg_list_from(test, &ctx->dst, param->dst, SG_APART, 0,
		     SG_BUS_BASE + param->dst_offset);
	sg_list_from(test, &ctx->src, param->src, SG_APART, 0,
		     SG_BUS_BASE + SG_BUS_HALF + param->src_offset);
	cookie = sg_copy(test);
	if (param->err) {
		KUNIT_EXPECT_EQ(test, cookie, param->err);
		sg_expect_untouched(test);
		return;
	}

	sg_expect_success(test, cookie);
	KUNIT_EXPECT_EQ(test, ctx->fake.misaligned & 7, 0);
	KUNIT_EXPECT_LE(test, ctx->fake.longest, param->max);
}

/* It is up to the hook what it makes of copy_align, until it refuses. */
static void dmaengine_sg_hook_alignment(struct kunit *test)
{
	const struct sg_align_case *param = &sg_align_cases[1];
	struct sg_context *ctx = test->priv;

	sg_use_hook(&ctx->fake);
	ctx->fake.dma.copy_align = DMAENGINE_ALIGN_8_BYTES;
	sg_list_from(test, &ctx->dst, param->dst, SG_APART, 0,
		     SG_BUS_BASE + param->dst_offset);
	sg_list_from(test, &ctx->src, param->src, SG_APART, 0,
		     SG_BUS_BASE + SG_BUS_HALF + param->src_offset);
	sg_expect_success(test, sg_copy(test));

	ctx->fake.refuse_at = 0;
	ctx->fake.refusals = SG_FOREVER;
	KUNIT_EXPECT_EQ(test, sg_copy(test), -EINVAL);
	KUNIT_EXPECT_EQ(test, ctx->fake.refused, 1);
}

static const unsigned int sg_limits[] = { 1, 7, 64, 1000, 4096, 65536, UINT_MAX };

static void sg_limit_desc(const unsigned int *limit, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u bytes", *limit);
}

static void dmaengine_sg_largest_piece(struct kunit *test)
{
	static const int one[] = { 2000, SG_STOP };
	const unsigned int *limit = test->param_value;
	struct sg_context *ctx = test->priv;

	dma_set_max_seg_size(ctx->fake.dma.dev, *limit);
	sg_list_from(test, &ctx->dst, one, SG_APART, 0, SG_BUS_BASE + 3);
	sg_list_from(test, &ctx->src, one, SG_APART, 0, SG_BUS_BASE + SG_BUS_HALF + 1);
	sg_expect_success(test, sg_copy(test));
	KUNIT_EXPECT_EQ(test, ctx->fake.longest, min(*limit, 2000U));
	KUNIT_EXPECT_EQ(test, ctx->fake.submits, DIV_ROUND_UP_ULL(2000, *limit));
}

struct sg_total_case {
	const char *name;
	unsigned int dst, src;	/* each list holds 3 GiB and this */
	int err;
	bool hook;
};

static const struct sg_total_case sg_total_cases[] = {
	{ "one byte less than 4 GiB", SZ_1G - 1, SZ_1G - 1, 0 },
	{ "4 GiB", SZ_1G, SZ_1G, -EOVERFLOW },
	{ "more than 4 GiB", SZ_1G + 1, SZ_1G + 1, -EOVERFLOW },
	{ "more than 4 GiB of destination only", SZ_1G + 1, SZ_1G - 1, 0 },
	{ "more than 4 GiB of source only", SZ_1G - 1, SZ_1G + 1, 0 },
	{ "hook, one byte less than 4 GiB", SZ_1G - 1, SZ_1G - 1, 0, true },
	{ "hook, 4 GiB", SZ_1G, SZ_1G, -EOVERFLOW, true },
	{ "hook, more than 4 GiB", SZ_1G + 1, SZ_1G + 1, -EOVERFLOW, true },
};

static void sg_total_desc(const struct sg_total_case *total, char *desc)
{
	strscpy(desc, total->name, KUNIT_PARAM_DESC_SIZE);
}

static void sg_list_huge(struct kunit *test, struct sg_list *list, unsigned int last)
{
	list->nents = 3;
	list->len[0] = SZ_2G;
	list->len[1] = SZ_1G;
	list->len[2] = last;
	/* where they are does not matter, but for not touching */
	list->addr[0] = 0;
	list->addr[1] = 1;
	list->addr[2] = 2;
	sg_list_build(test, list, 0);
}

static void dmaengine_sg_total(struct kunit *test)
{
	const struct sg_total_case *param = test->param_value;
	struct sg_context *ctx = test->priv;
	dma_cookie_t cookie;

	if (param->hook)
		sg_use_hook(&ctx->fake);
	ctx->fake.max_link = UINT_MAX;
	dma_set_max_seg_size(ctx->fake.dma.dev, UINT_MAX);
	sg_list_huge(test, &ctx->dst, param->dst);
	sg_list_huge(test, &ctx->src, param->src);
	cookie = sg_copy(test);
	if (param->err) {
		KUNIT_EXPECT_EQ(test, cookie, param->err);
		sg_expect_untouched(test);
		return;
	}

	/* there is no bus of that size to copy on */
	ctx->fake.bus = NULL;
	KUNIT_ASSERT_GE(test, cookie, DMA_MIN_COOKIE);
	sg_expect_callback(test, DMA_TRANS_NOERROR, 0);
	KUNIT_EXPECT_EQ(test, ctx->fake.submits, param->hook ? 1 : 3);
}

/* ---- what is traced ---- */

struct sg_traces {
	unsigned int preps, retries, completes;
	unsigned int submitted;		/* at the last retry */
	unsigned int pieces;
	u32 bytes;
	struct dmaengine_result result;
};

static void sg_probe_prep(void *data, struct dma_chan *chan, unsigned int dst_nents,
			  unsigned int src_nents, u32 bytes)
{
	struct sg_traces *traces = data;

	traces->preps++;
	traces->bytes = bytes;
}

static void sg_probe_retry(void *data, struct dma_chan *chan, unsigned int submitted,
			   unsigned int finished, enum dma_sg_wait_reason reason)
{
	struct sg_traces *traces = data;

	traces->retries++;
	traces->submitted = submitted;
}

static void sg_probe_complete(void *data, struct dma_chan *chan, u32 bytes, unsigned int pieces,
			      const struct dmaengine_result *result)
{
	struct sg_traces *traces = data;

	traces->completes++;
	traces->bytes = bytes;
	traces->pieces = pieces;
	traces->result = *result;
}

static void sg_untrace(struct sg_traces *traces)
{
	unregister_trace_dmaengine_sg_prep(sg_probe_prep, traces);
	unregister_trace_dmaengine_sg_retry(sg_probe_retry, traces);
	unregister_trace_dmaengine_sg_complete(sg_probe_complete, traces);
	tracepoint_synchronize_unregister();
}

static void sg_copy_traced(struct kunit *test, struct sg_traces *traces)
{
	dma_cookie_t cookie;

	sg_lists_from(test, &sg_usual);
	if (register_trace_dmaengine_sg_prep(sg_probe_prep, traces))
		kunit_skip(test, "no tracepoints in this kernel");
	register_trace_dmaengine_sg_retry(sg_probe_retry, traces);
	register_trace_dmaengine_sg_complete(sg_probe_complete, traces);
	cookie = sg_copy(test);
	sg_settle(&((struct sg_context *)test->priv)->fake);
	sg_untrace(traces);

	sg_expect_success(test, cookie);
	KUNIT_EXPECT_EQ(test, traces->preps, 1);
	KUNIT_EXPECT_EQ(test, traces->completes, 1);
	KUNIT_EXPECT_EQ(test, traces->bytes, SG_PIECES * 16);
}

static void dmaengine_sg_traces(struct kunit *test)
{
	struct sg_context *ctx = test->priv;
	struct sg_traces traces = { };

	ctx->fake.refuse_at = 5;
	ctx->fake.refusals = 1;
	sg_copy_traced(test, &traces);
	KUNIT_EXPECT_EQ(test, traces.pieces, SG_PIECES);
	KUNIT_EXPECT_GT(test, traces.retries, 0);
	KUNIT_EXPECT_EQ(test, traces.submitted, 5);
}

static void dmaengine_sg_hook_traces(struct kunit *test)
{
	struct sg_context *ctx = test->priv;
	struct sg_traces traces = { };

	sg_use_hook(&ctx->fake);
	sg_copy_traced(test, &traces);
	KUNIT_EXPECT_EQ(test, traces.pieces, 1);
	KUNIT_EXPECT_EQ(test, traces.retries, 0);
}

/* ---- the suite ---- */

KUNIT_ARRAY_PARAM(sg_shape, sg_shapes, sg_shape_desc);
KUNIT_ARRAY_PARAM(sg_order, sg_order_cases, sg_order_desc);
KUNIT_ARRAY_PARAM(sg_failure, sg_failure_cases, sg_failure_desc);
KUNIT_ARRAY_PARAM(sg_number, sg_numbers, sg_number_desc);
KUNIT_ARRAY_PARAM(sg_room, sg_rooms, sg_room_desc);
KUNIT_ARRAY_PARAM(sg_refusal, sg_refusal_cases, sg_refusal_desc);
KUNIT_ARRAY_PARAM(sg_align, sg_align_cases, sg_align_desc);
KUNIT_ARRAY_PARAM(sg_limit, sg_limits, sg_limit_desc);
KUNIT_ARRAY_PARAM(sg_total, sg_total_cases, sg_total_desc);

static struct kunit_case dmaengine_sg_cases[] = {
	KUNIT_CASE_PARAM(dmaengine_sg_walk, sg_shape_gen_params),
	KUNIT_CASE(dmaengine_sg_walk_random),
	KUNIT_CASE_PARAM(dmaengine_sg_pieces, sg_shape_gen_params),
	KUNIT_CASE_PARAM(dmaengine_sg_hook, sg_shape_gen_params),
	KUNIT_CASE(dmaengine_sg_hook_has_clients_callback),
	KUNIT_CASE(dmaengine_sg_waits_for_issue),
	KUNIT_CASE(dmaengine_sg_no_callback),
	KUNIT_CASE_PARAM(dmaengine_sg_completion_order, sg_order_gen_params),
	KUNIT_CASE(dmaengine_sg_done_before_return),
	KUNIT_CASE_PARAM(dmaengine_sg_failed, sg_failure_gen_params),
	KUNIT_CASE(dmaengine_sg_hook_failed),
	KUNIT_CASE_PARAM(dmaengine_sg_refused_for_a_while, sg_number_gen_params),
	KUNIT_CASE_PARAM(dmaengine_sg_hook_refused_for_a_while, sg_number_gen_params),
	KUNIT_CASE_PARAM(dmaengine_sg_refused_for_good, sg_number_gen_params),
	KUNIT_CASE_PARAM(dmaengine_sg_public_refused_for_good, sg_number_gen_params),
	KUNIT_CASE_PARAM(dmaengine_sg_hook_refused_for_good, sg_number_gen_params),
	KUNIT_CASE_PARAM(dmaengine_sg_small_pool, sg_room_gen_params),
	KUNIT_CASE_PARAM(dmaengine_sg_late, sg_room_gen_params),
	KUNIT_CASE(dmaengine_sg_late_with_progress),
	KUNIT_CASE_PARAM(dmaengine_sg_done_when_polled, sg_room_gen_params),
	KUNIT_CASE(dmaengine_sg_others_hold_the_pool),
	KUNIT_CASE(dmaengine_sg_hook_others_hold_the_pool),
	KUNIT_CASE(dmaengine_sg_out_of_room_halfway),
	KUNIT_CASE(dmaengine_sg_private_never_back),
	KUNIT_CASE(dmaengine_sg_private_back_after_terminate),
	KUNIT_CASE(dmaengine_sg_public_back_very_late),
	KUNIT_CASE(dmaengine_sg_no_terminate_back_very_late),
	KUNIT_CASE_PARAM(dmaengine_sg_submit_error, sg_number_gen_params),
	KUNIT_CASE(dmaengine_sg_hook_submit_error),
	KUNIT_CASE_PARAM(dmaengine_sg_bad_lists, sg_refusal_gen_params),
	KUNIT_CASE(dmaengine_sg_no_capability),
	KUNIT_CASE_PARAM(dmaengine_sg_alignment, sg_align_gen_params),
	KUNIT_CASE(dmaengine_sg_hook_alignment),
	KUNIT_CASE_PARAM(dmaengine_sg_largest_piece, sg_limit_gen_params),
	KUNIT_CASE_PARAM(dmaengine_sg_total, sg_total_gen_params),
	KUNIT_CASE(dmaengine_sg_traces),
	KUNIT_CASE(dmaengine_sg_hook_traces),
	{ }
};

static int dmaengine_sg_init(struct kunit *test)
{
	struct sg_context *ctx;
	int err;

	ctx = kunit_kcalloc(test, 1, sizeof(*ctx), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	ctx->fake.bus = kunit_kcalloc(test, 2, SG_BUS_HALF, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx->fake.bus);
	ctx->expected = kunit_kcalloc(test, 2, SG_BUS_HALF, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx->expected);

	get_random_bytes(ctx->fake.bus, 2 * SG_BUS_HALF);
	init_completion(&ctx->client.done);
	ctx->client.fake = &ctx->fake;
	dma_sg_retry_timeout_ms = DMA_SG_RETRY_TIMEOUT_MS;
	dma_set_max_seg_size(&sg_fake_pdev->dev, SZ_4K);

	ctx->fake.wq = alloc_ordered_workqueue("dmaengine_sg_fake", 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx->fake.wq);
	err = sg_fake_register(&ctx->fake);
	if (err) {
		destroy_workqueue(ctx->fake.wq);
		return err;
	}

	test->priv = ctx;
	queue_delayed_work(ctx->fake.wq, &ctx->fake.rescue_work, SG_RESCUE);
	return 0;
}

static void dmaengine_sg_exit(struct kunit *test)
{
	struct sg_context *ctx = test->priv;

	if (!ctx)
		return;

	cancel_delayed_work_sync(&ctx->fake.rescue_work);
	sg_fake_terminate_all(&ctx->fake.chan);
	sg_fake_synchronize(&ctx->fake.chan);
	dma_async_device_unregister(&ctx->fake.dma);
	destroy_workqueue(ctx->fake.wq);
	KUNIT_EXPECT_FALSE_MSG(test, ctx->fake.rescued, "it hung");
	KUNIT_EXPECT_EQ_MSG(test, ctx->fake.links_live, 0, "links left behind");
}

/*
 * There is a driver because the DMA engine's core wants to know its module. It has no
 * owner, and so is not registered by platform_driver_register(): Linux 6.1 runs
 * a suite before its module has the kobject that this would refer to.
 */
static struct platform_driver sg_fake_driver = {
	.driver = {
		.name = SG_FAKE_NAME,
		.bus = &platform_bus_type,
	},
};

static int dmaengine_sg_suite_init(struct kunit_suite *suite)
{
	int err;

	err = driver_register(&sg_fake_driver.driver);
	if (err)
		return err;

	sg_fake_pdev = platform_device_register_simple(SG_FAKE_NAME, PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(sg_fake_pdev)) {
		driver_unregister(&sg_fake_driver.driver);
		return PTR_ERR(sg_fake_pdev);
	}

	return sg_fake_pdev->dev.driver ? 0 : -ENODEV;
}

static void dmaengine_sg_suite_exit(struct kunit_suite *suite)
{
	if (IS_ERR_OR_NULL(sg_fake_pdev))
		return;

	platform_device_unregister(sg_fake_pdev);
	driver_unregister(&sg_fake_driver.driver);
	sg_fake_pdev = NULL;
	dma_sg_retry_timeout_ms = DMA_SG_RETRY_TIMEOUT_MS;
}

static struct kunit_suite dmaengine_sg_suite = {
	.name = "dmaengine_sg",
	.suite_init = dmaengine_sg_suite_init,
	.suite_exit = dmaengine_sg_suite_exit,
	.init = dmaengine_sg_init,
	.exit = dmaengine_sg_exit,
	.test_cases = dmaengine_sg_cases,
};

kunit_test_suite(dmaengine_sg_suite);

MODULE_DESCRIPTION("KUnit tests of copies from scatterlist to scatterlist");
MODULE_LICENSE("GPL");
