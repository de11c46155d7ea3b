// SPDX-License-Identifier: GPL-2.0-only
/*
 * What only the emulated board can provoke on a channel of fsldma: faults, external
 * requests, and a client that is wrong-footed at every moment
 *
 * Copyright (C) 2026 dmaengine-sg developers
 *
 * Writing "CASE [NUMBER...]" to the parameter "run" runs a case on the channel named by
 * the parameter "channel"; the write fails if the case does. The channel is kept from one
 * case to the next, so that the faults can be set in between, until the case "release".
 * Built with ELOTEST_PLAIN, it does without the series, to show what the driver does then.
 */
#define pr_fmt(fmt) "elotest: " fmt

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_dma.h>
#include <linux/of_platform.h>
#include <linux/platform_device.h>
#include <linux/random.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/fsldma.h>

/* A segment is half its stride, so that no two of them touch. */
#define SEG		64
#define STRIDE		(2 * SEG)
#define SEGS		4096
#define TIMEOUT		(20 * HZ)

static char channel[32];
module_param_string(channel, channel, sizeof(channel), 0644);
MODULE_PARM_DESC(channel, "Name of the channel");

/* A transaction over the segments from @first on, and what its client was told. */
struct copy {
	unsigned int first;
	unsigned int n;
	dma_cookie_t cookie;
	struct completion done;
	struct dmaengine_result result;
	atomic_t calls;
};

static struct dma_chan *chan;
static u8 *dst, *src;
static dma_addr_t dst_bus, src_bus;
static struct scatterlist *dst_sg, *src_sg;
static struct copy armed;

#define fail(err, fmt, ...) ({ pr_info("# " fmt "\n", ##__VA_ARGS__); (err); })

static bool is_wanted(struct dma_chan *c, void *name)
{
	return !strcmp(dma_chan_name(c), name);
}

static struct dma_chan *request(const char *name)
{
	dma_cap_mask_t mask;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	return dma_request_channel(mask, is_wanted, (void *)name);
}

static void release(void)
{
	struct device *dev;

	if (!chan)
		return;

	dev = dmaengine_get_dma_device(chan);
	dmaengine_terminate_sync(chan);
	if (dst)
		dma_free_coherent(dev, SEGS * STRIDE, dst, dst_bus);
	if (src)
		dma_free_coherent(dev, SEGS * STRIDE, src, src_bus);
	dma_release_channel(chan);
	chan = NULL;
	dst = NULL;
	src = NULL;
}

static int acquire(void)
{
	const char *name = strim(channel);
	struct device *dev;

	if (chan && is_wanted(chan, (void *)name))
		return 0;

	release();
	chan = request(name);
	if (!chan)
		return fail(-ENODEV, "no channel %s", name);

	dev = dmaengine_get_dma_device(chan);
	dst = dma_alloc_coherent(dev, SEGS * STRIDE, &dst_bus, GFP_KERNEL);
	src = dma_alloc_coherent(dev, SEGS * STRIDE, &src_bus, GFP_KERNEL);
	if (!dst || !src) {
		release();
		return -ENOMEM;
	}
	get_random_bytes(src, SEGS * STRIDE);
	return 0;
}

/* The bytes of @c that have arrived, up to the first that has not. */
static unsigned int moved(const struct copy *c)
{
	unsigned int i, j;

	for (i = 0; i < c->n; i++)
		for (j = 0; j < SEG; j++)
			if (dst[(c->first + i) * STRIDE + j] !=
			    src[(c->first + i) * STRIDE + j])
				return i * SEG + j;

	return i * SEG;
}

/* Whether any byte of @c has arrived since it was spoiled. */
static bool touched(const struct copy *c)
{
	unsigned int i;

	for (i = c->first * STRIDE; i < (c->first + c->n) * STRIDE; i++)
		if (dst[i] == src[i])
			return true;

	return false;
}

/* Both sides of it differ in every byte, until it is moved. */
static void spoil(const struct copy *c)
{
	unsigned int i;

	for (i = c->first * STRIDE; i < (c->first + c->n) * STRIDE; i++)
		dst[i] = ~src[i];
	mb(); /* before the controller writes there */
}

static void called(void *param, const struct dmaengine_result *result)
{
	struct copy *c = param;

	c->result = *result;
	atomic_inc(&c->calls);
	complete(&c->done);
}

#ifdef ELOTEST_PLAIN
static struct dma_async_tx_descriptor *prepare(const struct copy *c)
{
	dma_addr_t offset = c->first * STRIDE;

	return dmaengine_prep_dma_memcpy(chan, dst_bus + offset, src_bus + offset, SEG,
					 DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
}
#else
static void fill_list(struct scatterlist *sg, dma_addr_t bus, const struct copy *c)
{
	unsigned int i;

	sg_init_table(sg, c->n);
	for (i = 0; i < c->n; i++) {
		sg_dma_address(sg + i) = bus + (c->first + i) * STRIDE;
		sg_dma_len(sg + i) = SEG;
	}
}

static struct dma_async_tx_descriptor *prepare(const struct copy *c)
{
	fill_list(dst_sg, dst_bus, c);
	fill_list(src_sg, src_bus, c);
	return dmaengine_prep_sg(chan, dst_sg, c->n, src_sg, c->n,
				 DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
}
#endif

static void begin(struct copy *c, unsigned int first, unsigned int n)
{
	c->first = first;
	c->n = n;
	c->result.result = -1;
	init_completion(&c->done);
	atomic_set(&c->calls, 0);
	spoil(c);
}

static int submit(struct copy *c, unsigned int first, unsigned int n)
{
	struct dma_async_tx_descriptor *tx;

	begin(c, first, n);
	tx = prepare(c);
	if (!tx)
		return fail(-ENOMEM, "prepare failed");

	tx->callback_result = called;
	tx->callback_param = c;
	c->cookie = dmaengine_submit(tx);
	return dma_submit_error(c->cookie);
}

static enum dma_status status_of(const struct copy *c, u32 *residue)
{
	struct dma_tx_state state;
	enum dma_status status = dmaengine_tx_status(chan, c->cookie, &state);

	if (residue)
		*residue = state.residue;
	return status;
}

/* Wait for the callback of @c, and compare it, the status and the data with what they should be. */
static int expect(struct copy *c, enum dmaengine_tx_result result, unsigned int bytes)
{
	unsigned int left = c->n * SEG - bytes;
	enum dma_status status, wanted = DMA_ERROR;

	if (result == DMA_TRANS_NOERROR)
		wanted = DMA_COMPLETE;
	if (!wait_for_completion_timeout(&c->done, TIMEOUT))
		return fail(-ETIMEDOUT, "no callback after %u s", TIMEOUT / HZ);
	if (c->result.result != result || c->result.residue != left)
		return fail(-EIO, "result %d, residue %u; expected %d and %u",
			    c->result.result, c->result.residue, result, left);
	status = status_of(c, NULL);
	if (status != wanted)
		return fail(-EIO, "status %d; expected %d", status, wanted);
	if (atomic_read(&c->calls) != 1)
		return fail(-EIO, "%d callbacks", atomic_read(&c->calls));
	if (moved(c) != bytes)
		return fail(-EIO, "%u bytes arrived; expected %u", moved(c), bytes);

	return 0;
}

static int start(struct copy *c, unsigned int first, unsigned int n)
{
	int err = submit(c, first, n);

	if (!err)
		dma_async_issue_pending(chan);
	return err;
}

static int copy(unsigned int n)
{
	struct copy c;

	return start(&c, 0, n) ?: expect(&c, DMA_TRANS_NOERROR, n * SEG);
}

static int copies_well(void)
{
	return copy(1);
}

static int own_start(void)
{
	return fsl_dma_external_start(chan, 0);
}

/*
 * error LINK RESULT SEGMENTS BEFORE: that link fails; a copy of BEFORE segments in front of it,
 * what is issued with it and what is issued while it runs are good.
 */
static int case_error(const int *arg)
{
	struct copy before = {}, bad, behind, later;
	int err = 0, n = arg[2];

	if (arg[3])
		err = submit(&before, 3 * n, arg[3]);
	err = err ?: submit(&bad, 0, n) ?: start(&behind, n, n) ?: start(&later, 2 * n, n);
	if (arg[3])
		err = err ?: expect(&before, DMA_TRANS_NOERROR, arg[3] * SEG);
	err = err ?: expect(&bad, arg[1], (arg[0] - 1) * SEG) ?:
	      expect(&behind, DMA_TRANS_NOERROR, n * SEG) ?:
	      expect(&later, DMA_TRANS_NOERROR, n * SEG) ?: copies_well();
	if (err)
		dmaengine_terminate_sync(chan);
	return err;
}

/* copy SEGMENTS */
static int case_copy(const int *arg)
{
	return copy(arg[0]);
}

/* What was terminated may not start with what is issued after it. */
static int expect_dropped(const struct copy *c)
{
	if (atomic_read(&c->calls) || moved(c))
		return fail(-EIO, "terminated, and still: %d callbacks, %u bytes moved",
			    atomic_read(&c->calls), moved(c));

	return 0;
}

/* lost: an interrupt that does not come, and a client that gives up waiting. */
static int case_lost(const int *arg)
{
	struct copy c, behind;
	int err;

	err = start(&c, 0, 1) ?: start(&behind, 1, 1);
	if (err)
		return err;

	if (wait_for_completion_timeout(&c.done, HZ / 5))
		return fail(-EIO, "the interrupt was not lost");

	return dmaengine_terminate_sync(chan) ?: copies_well() ?: expect_dropped(&behind);
}

/* polled: nothing moves before it is issued, however often its status is asked for. */
static int case_polled(const int *arg)
{
	struct copy c;
	unsigned int i;
	int err;

	err = submit(&c, 1, 1);
	for (i = 0; !err && i < 1000; i++)
		if (status_of(&c, NULL) != DMA_IN_PROGRESS)
			break;
	/* What has started comes to its end. */
	msleep(20);
	if (!err && status_of(&c, NULL) != DMA_IN_PROGRESS)
		err = fail(-EIO, "status %d", status_of(&c, NULL));
	if (!err && moved(&c))
		err = fail(-EIO, "%u bytes moved", moved(&c));

	return dmaengine_terminate_sync(chan) ?: err ?: copies_well() ?: expect_dropped(&c);
}

/* Nothing of what was terminated is told any more; nor moved, if it is given the time to. */
static int expect_still(struct copy *c, bool wait)
{
	int calls = atomic_read(&c->calls);

	if (wait) {
		spoil(c);
		usleep_range(100, 200);
	}
	if (calls > 1 || atomic_read(&c->calls) != calls)
		return fail(-EIO, "a callback after terminate_sync");
	if (wait && touched(c))
		return fail(-EIO, "bytes moved after terminate_sync");
	return 0;
}

/*
 * terminated TIMES EXTERNAL: at a random moment. With EXTERNAL, it starts with one of the
 * requests that pulse.
 */
static int case_terminated(const int *arg)
{
	unsigned int served = 0;
	struct copy c;
	int i, err;

	for (i = 0; i < arg[0]; i++) {
		err = start(&c, 0, 1 + get_random_u32() % 200);
		if (err)
			return err;

		udelay(get_random_u32() % 100);
		err = dmaengine_terminate_sync(chan);
		if (err)
			return err;

		if (touched(&c))
			served++;
		err = expect_still(&c, i % 16 == 0);
		if (err)
			return err;
		if (i % 256 == 0) {
			err = own_start() ?: copies_well();
			if (!err)
				err = fsl_dma_external_start(chan, arg[1]);
			if (err)
				return err;
		}
	}
	if (!served)
		return fail(-EIO, "none of them had begun");

	return own_start() ?: copies_well();
}

/*
 * late TIMES: what was terminated must not end what follows at once. That waits for a
 * request which does not come, so an end of it can only be somebody else's.
 */
static int case_late(const int *arg)
{
	struct copy old, new;
	int i, err = 0;

	for (i = 0; i < arg[0] && !err; i++) {
		err = start(&old, 0, 1);
		if (err)
			return err;

		udelay(get_random_u32() % 40);
		err = dmaengine_terminate_async(chan);
		err = err ?: fsl_dma_external_start(chan, 1) ?: start(&new, 1, 1);
		if (err)
			return err;

		usleep_range(100, 200);
		if (atomic_read(&new.calls) || status_of(&new, NULL) == DMA_COMPLETE)
			err = fail(-EIO, "complete without a request, attempt %d", i);
		err = dmaengine_terminate_sync(chan) ?: own_start() ?: err;
	}

	return err ?: copies_well();
}

static struct copy chained[100];
static int chained_err;

static void call_next(void *param, const struct dmaengine_result *result)
{
	struct copy *c = param, *next = c + 1;
	struct dma_async_tx_descriptor *tx;

	c->result = *result;
	atomic_inc(&c->calls);
	if (next < chained + ARRAY_SIZE(chained)) {
		tx = dmaengine_prep_dma_memcpy(chan, dst_bus + next->first * STRIDE,
					       src_bus + next->first * STRIDE, SEG,
					       DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
		if (!tx) {
			chained_err = -ENOMEM;
			return;
		}
		tx->callback_result = call_next;
		tx->callback_param = next;
		next->cookie = dmaengine_submit(tx);
		if (next->cookie != c->cookie + 1 ||
		    status_of(c, NULL) != DMA_COMPLETE)
			chained_err = -EIO;
		dma_async_issue_pending(chan);
	}
	complete(&c->done);
}

/* callback: each prepares, submits and issues the next copy. */
static int case_callback(const int *arg)
{
	struct dma_async_tx_descriptor *tx;
	unsigned int i;
	int err;

	chained_err = 0;
	for (i = 0; i < ARRAY_SIZE(chained); i++) {
		chained[i].first = i;
		chained[i].n = 1;
		init_completion(&chained[i].done);
		atomic_set(&chained[i].calls, 0);
		spoil(&chained[i]);
	}

	tx = dmaengine_prep_dma_memcpy(chan, dst_bus, src_bus, SEG,
				       DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!tx)
		return -ENOMEM;

	tx->callback_result = call_next;
	tx->callback_param = chained;
	chained[0].cookie = dmaengine_submit(tx);
	dma_async_issue_pending(chan);

	for (i = 0; i < ARRAY_SIZE(chained); i++) {
		err = expect(&chained[i], DMA_TRANS_NOERROR, SEG) ?: chained_err;
		if (err)
			return fail(err, "copy %u", i);
	}

	return 0;
}

#ifndef ELOTEST_PLAIN
static int configure(bool start, bool pause, u32 count)
{
	struct fsldma_peripheral_config external = {
		.external_start = start,
		.external_pause = pause,
		.request_count = count,
	};
	struct dma_slave_config config = {
		.peripheral_config = &external,
		.peripheral_size = sizeof(external),
	};

	return dmaengine_slave_config(chan, &config);
}

/* arm SEGMENTS PAUSE COUNT: it is issued, and waits for a request. */
static int case_arm(const int *arg)
{
	u32 residue;
	int err, i;

	err = configure(true, arg[1], arg[2]) ?: start(&armed, 0, arg[0]);
	if (err)
		return err;

	for (i = 0; i < 100; i++) {
		if (status_of(&armed, &residue) != DMA_IN_PROGRESS ||
		    residue != armed.n * SEG)
			return fail(-EIO, "status %d, residue %u",
				    status_of(&armed, NULL), residue);
		usleep_range(100, 200);
	}

	return moved(&armed) ? fail(-EIO, "%u bytes moved", moved(&armed)) : 0;
}

/* paced: the armed one is served request by request, and its residue tells the truth. */
static int case_paced(const int *arg)
{
	unsigned long end = jiffies + TIMEOUT;
	u32 before, after, last = U32_MAX;
	unsigned int there, places = 0;

	while (status_of(&armed, &before) == DMA_IN_PROGRESS) {
		there = moved(&armed);
		if (time_after(jiffies, end))
			return fail(-ETIMEDOUT, "%u bytes moved", there);
		status_of(&armed, &after);
		if (before != after || before == last)
			continue;
		if (before > last || before != armed.n * SEG - there)
			return fail(-EIO, "residue %u, before it %u, %u bytes moved",
				    before, last, there);
		last = before;
		places++;
	}
	pr_info("# seen at %u places\n", places);

	/* more than there are links */
	return places <= armed.n ? -EIO : 0;
}

/* served: the armed one is complete. */
static int case_served(const int *arg)
{
	return expect(&armed, DMA_TRANS_NOERROR, armed.n * SEG);
}

/* followed: what is queued behind the armed one waits for a request of its own. */
static int case_followed(const int *arg)
{
	struct copy follower;
	int err;

	err = start(&follower, armed.n, armed.n) ?:
	      expect(&armed, DMA_TRANS_NOERROR, armed.n * SEG);
	if (!err && (status_of(&follower, NULL) != DMA_IN_PROGRESS || touched(&follower)))
		err = fail(-EIO, "it began with the request of another");
	err = err ?: expect(&follower, DMA_TRANS_NOERROR, follower.n * SEG);
	if (err)
		dmaengine_terminate_sync(chan);
	return err;
}

/* disarm: it is terminated, and the channel starts by itself again. */
static int case_disarm(const int *arg)
{
	return dmaengine_terminate_sync(chan) ?: configure(false, false, 0) ?:
	       copies_well();
}

static int expect_errno(int wanted, int err, const char *what)
{
	return err == wanted ? 0 : fail(-EIO, "%s: %d, expected %d", what, err, wanted);
}

/* caps: what the channel says that it can do. */
static int case_caps(const int *arg)
{
	u32 bytes, directions = BIT(DMA_MEM_TO_MEM) | BIT(DMA_MEM_TO_DEV) | BIT(DMA_DEV_TO_MEM);
	struct dma_slave_caps caps;
	int err;

	err = dma_get_slave_caps(chan, &caps);
	if (err)
		return fail(err, "no caps");
	if (!caps.cmd_pause || !caps.cmd_resume || !caps.cmd_terminate || caps.descriptor_reuse)
		return fail(-EIO, "pause %d, resume %d, terminate %d, reuse %d", caps.cmd_pause,
			    caps.cmd_resume, caps.cmd_terminate, caps.descriptor_reuse);
	if (caps.directions != directions ||
	    caps.residue_granularity != DMA_RESIDUE_GRANULARITY_BURST)
		return fail(-EIO, "directions %#x, granularity %d", caps.directions,
			    caps.residue_granularity);

	bytes = caps.max_burst * __fls(caps.dst_addr_widths);
	return expect_errno(0, configure(true, true, bytes), "the largest burst") ?:
	       expect_errno(-EINVAL, configure(true, true, 2 * bytes), "twice that") ?:
	       configure(false, false, 0);
}

/* config: each value is checked, and a channel in use is left alone. */
static int case_config(const int *arg)
{
	struct fsldma_peripheral_config external = {};
	struct dma_slave_config config = {
		.peripheral_config = &external,
		.peripheral_size = sizeof(external) - 1,
	};
	struct copy c;
	int err;

	err = expect_errno(-EINVAL, dmaengine_slave_config(chan, &config), "size") ?:
	      expect_errno(-EINVAL, configure(true, true, 2048), "count 2048") ?:
	      expect_errno(-EINVAL, configure(true, true, 3), "count 3") ?:
	      expect_errno(0, configure(false, true, 1024), "count 1024") ?:
	      expect_errno(0, configure(false, false, 1), "count 1") ?:
	      expect_errno(0, configure(false, false, 0), "count 0");
	if (err)
		return err;

	memset(&config, 0, sizeof(config));
	config.direction = DMA_MEM_TO_DEV;
	config.dst_addr_width = DMA_SLAVE_BUSWIDTH_4_BYTES;
	config.dst_maxburst = 512;
	err = expect_errno(-EINVAL, dmaengine_slave_config(chan, &config), "burst 2048");
	config.dst_maxburst = 1U << 30;
	err = err ?: expect_errno(-EINVAL, dmaengine_slave_config(chan, &config), "burst 2^30");
	config.dst_maxburst = 0;
	err = err ?: expect_errno(0, dmaengine_slave_config(chan, &config), "no burst");
	if (err)
		return err;

	err = submit(&c, 0, 1) ?:
	      expect_errno(-EBUSY, configure(true, false, 0), "busy, config") ?:
	      expect_errno(-EBUSY, fsl_dma_external_start(chan, 1), "busy, start");
	if (err)
		return err;

	return dmaengine_terminate_sync(chan) ?: copies_well();
}

/* Wait until it has moved a part. */
static int wait_moving(const struct copy *c)
{
	unsigned long end = jiffies + TIMEOUT;
	u32 residue;

	do {
		if (time_after(jiffies, end))
			return fail(-ETIMEDOUT, "nothing moved");
		status_of(c, &residue);
	} while (residue == c->n * SEG);

	return 0;
}

/* The bytes that had arrived when it was paused; all of them if it was faster. */
static int pause_halfway(struct copy *c, struct copy *behind, unsigned int *there)
{
	int err;

	err = submit(c, 0, SEGS - 1) ?: start(behind, SEGS - 1, 1) ?: wait_moving(c);
	if (err)
		return err;

	err = dmaengine_pause(chan);
	*there = moved(c);
	return err ? fail(err, "pause") : 0;
}

/* What is paused stays where it is, and says so. */
static int expect_paused(const struct copy *c, const struct copy *behind, unsigned int there)
{
	u32 residue, behind_residue;
	enum dma_status status;

	status = status_of(c, &residue);
	status_of(behind, &behind_residue);
	if (status != DMA_PAUSED || residue != c->n * SEG - there)
		return fail(-EIO, "status %d, residue %u, moved %u", status, residue, there);
	if (behind_residue != SEG || moved(c) != there || moved(behind))
		return fail(-EIO, "it goes on while it is paused");

	return 0;
}

/* held: what is issued while the idle channel is paused waits until it is resumed. */
static int case_held(const int *arg)
{
	struct copy c;
	u32 residue;
	int err;

	err = dmaengine_pause(chan) ?: start(&c, 0, 1);
	if (err)
		return err;

	msleep(20);
	if (status_of(&c, &residue) != DMA_PAUSED || residue != SEG || moved(&c))
		err = fail(-EIO, "status %d, residue %u, %u bytes moved",
			   status_of(&c, NULL), residue, moved(&c));
	err = err ?: dmaengine_resume(chan) ?: expect(&c, DMA_TRANS_NOERROR, SEG);
	if (err)
		dmaengine_terminate_sync(chan);

	return err;
}

/* paused: halfway, which it may take some attempts to find. */
static int case_paused(const int *arg)
{
	unsigned int there, attempt, caught = 0;
	struct copy c, behind;
	int err = 0;

	for (attempt = 0; attempt < 100 && !caught && !err; attempt++) {
		err = pause_halfway(&c, &behind, &there);
		if (!err && there < c.n * SEG) {
			caught = 1;
			err = expect_paused(&c, &behind, there);
			msleep(50);
			err = err ?: expect_paused(&c, &behind, there);
		}
		err = err ?: dmaengine_resume(chan) ?:
		      expect(&c, DMA_TRANS_NOERROR, c.n * SEG) ?:
		      expect(&behind, DMA_TRANS_NOERROR, SEG);
	}
	if (err || !caught)
		dmaengine_terminate_sync(chan);

	if (!err && !caught)
		err = fail(-EIO, "it is too fast to be paused");

	return err;
}

/* Given back, and requested again. */
static int change_hands(void)
{
	const char *name = strim(channel);

	dma_release_channel(chan);
	chan = request(name);
	return chan ? 0 : fail(-EBUSY, "it could not be requested again");
}

/* abandoned: prepared, and never submitted. */
static int case_abandoned(const int *arg)
{
	struct copy c = { .n = 600 };

	return prepare(&c) ? copies_well() ?: change_hands() ?: copies_well() : -ENOMEM;
}

static struct dma_async_tx_descriptor *prepare_for(struct copy *c, unsigned int first,
						   enum dma_ctrl_flags flags)
{
	struct dma_async_tx_descriptor *tx;

	begin(c, first, 1);
	tx = dmaengine_prep_dma_memcpy(chan, dst_bus + first * STRIDE, src_bus + first * STRIDE,
				       SEG, flags);
	if (tx) {
		tx->callback_result = called;
		tx->callback_param = c;
	}
	return tx;
}

/* unissued: what is submitted does not start with the end of something else, or a release. */
static int case_unissued(const int *arg)
{
	struct dma_async_tx_descriptor *tx;
	struct copy c, behind;
	u32 residue;
	int err;

	/* ready to be submitted while the other one runs */
	tx = prepare_for(&behind, SEGS - 1, DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!tx)
		return fail(-ENOMEM, "prepare failed");

	err = start(&c, 0, SEGS - 1);
	behind.cookie = dmaengine_submit(tx);
	err = err ?: expect(&c, DMA_TRANS_NOERROR, c.n * SEG);
	msleep(20);
	if (!err && (status_of(&behind, &residue) != DMA_IN_PROGRESS || residue != SEG ||
		     touched(&behind)))
		err = fail(-EIO, "status %d, residue %u", status_of(&behind, NULL), residue);

	return err ?: change_hands() ?: copies_well() ?: expect_dropped(&behind);
}

/* Whether @kept is given to one of the next copies; that many use what is free. */
static int expect_unused(const struct dma_async_tx_descriptor *kept)
{
	struct dma_async_tx_descriptor *tx;
	static struct copy many[64];
	int i, err = 0;

	for (i = 0; i < ARRAY_SIZE(many) && !err; i++) {
		tx = prepare_for(&many[i], 2 + i, DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
		if (!tx)
			return fail(-ENOMEM, "prepare failed");
		if (tx == kept)
			err = fail(-EIO, "it is used again");
		many[i].cookie = dmaengine_submit(tx);
	}
	dma_async_issue_pending(chan);
	while (i-- && !err)
		err = expect(&many[i], DMA_TRANS_NOERROR, SEG);
	return err;
}

/*
 * kept: a client like async_tx chains a transaction to one that it has not acknowledged; that
 * one's end starts the other, and its descriptor stays the client's.
 */
static int case_kept(const int *arg)
{
	struct dma_async_tx_descriptor *kept, *dependent;
	struct copy first, next;
	int err;

	kept = prepare_for(&first, 0, DMA_PREP_INTERRUPT);
	dependent = prepare_for(&next, 1, DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!kept || !dependent)
		return fail(-ENOMEM, "prepare failed");

	txd_chain(kept, dependent);
	first.cookie = dmaengine_submit(kept);
	next.cookie = first.cookie + 1;
	dma_async_issue_pending(chan);
	err = expect(&first, DMA_TRANS_NOERROR, SEG) ?: expect(&next, DMA_TRANS_NOERROR, SEG) ?:
	      expect_unused(kept);
	if (err)
		dmaengine_terminate_sync(chan);
	async_tx_ack(kept);
	return err ?: copies_well();
}

/* The node of the device tree's client, and what it calls its channel. */
static struct device_node *find_client(const char **name)
{
	struct device_node *node = of_find_node_with_property(NULL, "dmas");

	if (node && !of_property_read_string(node, "dma-names", name))
		return node;

	of_node_put(node);
	fail(-ENODEV, "no client in the device tree");
	return NULL;
}

/* What a node that is like the client's gets for the cell @number. */
static struct dma_chan *look_up(struct device_node *client, u32 number)
{
	__be32 cells[2] = { 0, cpu_to_be32(number) };
	struct property names = { .name = "dma-names", .length = 2, .value = "x" };
	struct property dmas = {
		.name = "dmas", .length = sizeof(cells), .value = cells, .next = &names,
	};
	struct device_node node = { .name = "like", .full_name = "like", .properties = &dmas };
	struct dma_chan *found;
	u32 controller;

	if (of_property_read_u32(client, "dmas", &controller))
		return NULL;

	cells[0] = cpu_to_be32(controller);
	found = of_dma_request_slave_channel(&node, "x");
	return IS_ERR(found) ? NULL : found;
}

/* lookup: each channel is found by its number, and what is not there is not. */
static int case_lookup(const int *arg)
{
	struct device_node *client;
	struct dma_chan *found;
	unsigned int i;
	int err = 0;
	const char *name;

	release();
	client = find_client(&name);
	if (!client)
		return -ENODEV;

	for (i = 0; i < 4 && !err; i++) {
		found = look_up(client, i);
		if (!found || found->chan_id != i)
			err = fail(-EIO, "channel %u: %s", i,
				   found ? dma_chan_name(found) : "none");
		if (found)
			dma_release_channel(found);
	}
	found = look_up(client, 1000);
	if (found) {
		err = fail(-EIO, "channel 1000: %s", dma_chan_name(found));
		dma_release_channel(found);
	}
	of_node_put(client);
	return err;
}

/* More than fsldma remembers the residues of. */
#define UNISSUED	20
#define REMEMBERED	16

static struct dma_chan *held;
static struct dma_async_tx_descriptor *unsubmitted;
static struct copy belated, unissued[UNISSUED];

/* Its addresses are nobody's: it must never be started. */
static struct dma_async_tx_descriptor *prepare_nowhere(struct copy *c)
{
	struct dma_async_tx_descriptor *tx;

	tx = dmaengine_prep_dma_memcpy(held, SEG, 2 * SEG, SEG, DMA_CTRL_ACK);
	if (!tx)
		return NULL;

	atomic_set(&c->calls, 0);
	init_completion(&c->done);
	tx->callback_result = called;
	tx->callback_param = c;
	return tx;
}

/* The cookies begin anew with the third, as they do after 2^31 copies. */
static int prepare_held(void)
{
	struct dma_async_tx_descriptor *tx;
	unsigned int i;

	held->cookie = S32_MAX - 2;
	held->completed_cookie = held->cookie;
	for (i = 0; i < UNISSUED; i++) {
		tx = prepare_nowhere(&unissued[i]);
		if (!tx)
			return fail(-ENOMEM, "prepare failed");
		unissued[i].cookie = dmaengine_submit(tx);
	}

	unsubmitted = prepare_nowhere(&belated);
	return unsubmitted ? 0 : fail(-ENOMEM, "prepare failed");
}

/* What was submitted when the driver went is aborted, and none of it was moved. */
static int expect_aborted(const struct copy *c, u32 residue)
{
	struct dma_tx_state state;
	enum dma_status status;

	status = dmaengine_tx_status(held, c->cookie, &state);
	if (status != DMA_ERROR || state.residue != residue)
		return fail(-EIO, "cookie %d: status %d, residue %u; expected %u",
			    c->cookie, status, state.residue, residue);
	if (atomic_read(&c->calls) != 1 || c->result.result != DMA_TRANS_ABORTED ||
	    c->result.residue != SEG)
		return fail(-EIO, "cookie %d: %d callbacks, result %d, residue %u",
			    c->cookie, atomic_read(&c->calls), c->result.result,
			    c->result.residue);
	return 0;
}

static int expect_unissued_aborted(void)
{
	int i, err = 0;

	for (i = 0; i < UNISSUED && !err; i++)
		err = expect_aborted(&unissued[i], i < UNISSUED - REMEMBERED ? 0 : SEG);
	return err;
}

/* Submitted after the driver has gone, it is refused, and nobody is called. */
static int submit_belated(void)
{
	dma_cookie_t cookie = dmaengine_submit(unsubmitted);

	dma_async_issue_pending(held);
	if (cookie != -ENODEV)
		return fail(-EIO, "cookie %d", cookie);
	if (dmaengine_terminate_sync(held) || atomic_read(&belated.calls))
		return fail(-EIO, "%d calls", atomic_read(&belated.calls));
	return 0;
}

/* hold: the device tree's client has its channel, and work for it, until "leave". */
static int case_hold(const int *arg)
{
	struct platform_device *client;
	struct device_node *node;
	const char *name;

	node = find_client(&name);
	if (!node)
		return -ENODEV;

	client = of_find_device_by_node(node);
	of_node_put(node);
	if (!client)
		return fail(-ENODEV, "no device for the client");

	held = dma_request_chan(&client->dev, name);
	platform_device_put(client);
	if (!IS_ERR(held))
		return prepare_held();

	held = NULL;
	return fail(-ENODEV, "no channel for it");
}

/* leave: the channel may have gone. Others look at the names of all that are free. */
static int case_leave(const int *arg)
{
	char name[16];
	int err;

	if (!held || request("nobody"))
		return -EINVAL;

	err = expect_unissued_aborted() ?: submit_belated();
	strscpy(name, dma_chan_name(held), sizeof(name));
	dma_release_channel(held);
	held = NULL;
	pr_info("# left %s\n", name);
	return err;
}

/* Load: threads that copy until they are told to stop, whatever happens to their channel. */

struct load {
	struct task_struct *task;
	unsigned int copies, aborted;
	int err;
};

#define LOADS 4
static struct load loads[LOADS];
static struct dma_chan *shared[LOADS];

/* From the first of @page to what follows it. */
static int load_copy(struct load *l, struct dma_chan *c, struct page *page)
{
	struct dma_async_tx_descriptor *tx;
	u8 *data = page_address(page);
	struct copy one = {};

	get_random_bytes(data, SEG);
	mb(); /* before the controller reads it */
	init_completion(&one.done);
	tx = dmaengine_prep_dma_memcpy(c, page_to_phys(page) + SEG, page_to_phys(page), SEG,
				       DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!tx)
		return -EAGAIN;

	tx->callback_result = called;
	tx->callback_param = &one;
	if (dma_submit_error(dmaengine_submit(tx)))
		return -EAGAIN;

	dma_async_issue_pending(c);
	if (!wait_for_completion_timeout(&one.done, TIMEOUT)) {
		dmaengine_terminate_sync(c);
		return fail(-ETIMEDOUT, "load: no callback");
	}

	if (one.result.result == DMA_TRANS_NOERROR) {
		if (memcmp(data, data + SEG, SEG))
			return fail(-EIO, "load: the copy is not like its source");
		l->copies++;
		return 0;
	}
	l->aborted++;
	return -EAGAIN;
}

/* A channel of fsldma, of the same controller as the channel @name, if any. */
static bool is_elo(struct dma_chan *c, void *name)
{
	if (name && strncmp(dma_chan_name(c), name, strcspn(name, "c")))
		return false;
	return !strcmp(dev_driver_string(c->device->dev), "fsl-elo-dma");
}

static struct dma_chan *request_any(const char *name)
{
	dma_cap_mask_t mask;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	return dma_request_channel(mask, is_elo, (void *)name);
}

/* With channels of its own, one after the other. */
static void load_own(struct load *l, struct page *page)
{
	struct dma_chan *c = request_any(NULL);

	if (!c) {
		usleep_range(500, 1000);
		return;
	}

	do {
		l->err = load_copy(l, c, page);
	} while (!l->err && !kthread_should_stop());
	if (l->err == -EAGAIN)
		l->err = 0;
	dma_release_channel(c);
}

/* The memory is the board's, not a device's: its driver may be gone at any time. */
static int load_thread(void *data)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct load *l = data;
	unsigned int i = 0;

	if (!page)
		l->err = -ENOMEM;
	while (!kthread_should_stop()) {
		if (l->err)
			msleep(20);
		else if (shared[0])
			l->err = load_copy(l, shared[i++ % LOADS], page);
		else
			load_own(l, page);
	}
	if (page)
		__free_page(page);
	return 0;
}

static int load_start(void)
{
	unsigned int i;

	for (i = 0; i < LOADS; i++) {
		memset(&loads[i], 0, sizeof(loads[i]));
		loads[i].task = kthread_create(load_thread, &loads[i], "load%u", i);
		if (IS_ERR(loads[i].task))
			return PTR_ERR(loads[i].task);
		kthread_bind(loads[i].task, i % num_online_cpus());
		wake_up_process(loads[i].task);
	}

	return 0;
}

static int load_stop(void)
{
	unsigned int i, aborted = 0;
	int err = 0;

	for (i = 0; i < LOADS; i++) {
		if (IS_ERR_OR_NULL(loads[i].task))
			continue;
		kthread_stop(loads[i].task);
		loads[i].task = NULL;
		pr_info("# load%u: %u copies, %u aborted, error %d\n", i, loads[i].copies,
			loads[i].aborted, loads[i].err);
		if (!loads[i].copies)
			loads[i].err = -EIO;
		err = err ?: loads[i].err;
		aborted += loads[i].aborted;
	}

	/* a driver that was taken away must have been in use */
	return err ?: !aborted != !!shared[0] ? -EIO : 0;
}

/* load ON: with channels that come and go; the next one ends it. */
static int case_load(const int *arg)
{
	release();
	return arg[0] ? load_start() : load_stop();
}

/* shared SECONDS: each of four processors submits to each of four channels of one controller. */
static int case_shared(const int *arg)
{
	unsigned int i;
	int err = 0;

	release();
	for (i = 0; i < LOADS; i++) {
		shared[i] = request_any(channel);
		if (!shared[i])
			err = -ENODEV;
	}
	err = err ?: load_start();
	if (!err)
		msleep(arg[0] * 1000);
	err = load_stop() ?: err;
	for (i = 0; i < LOADS; i++) {
		if (shared[i])
			dma_release_channel(shared[i]);
		shared[i] = NULL;
	}

	return err;
}

static struct copy repeated;

/* Until its channel is taken away, which is to happen meanwhile, or one stays paused. */
static void call_again(void *param, const struct dmaengine_result *result)
{
	struct dma_async_tx_descriptor *tx;

	atomic_inc(&repeated.calls);
	complete(&repeated.done);
	mdelay(5);
	tx = dmaengine_prep_dma_memcpy(chan, dst_bus, src_bus, SEG,
				       DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!tx)
		return;

	tx->callback_result = call_again;
	if (result && get_random_u32() % 4 == 0)
		dmaengine_pause(chan);
	dmaengine_submit(tx);
	dma_async_issue_pending(chan);
}

/*
 * deserted TIMES: released by a client whose callbacks start the next copy, which is
 * complete with the next request. None of them may be left behind.
 */
static int case_deserted(const int *arg)
{
	const char *name = strim(channel);
	int i, err, calls;

	for (i = 0; i < arg[0]; i++) {
		err = configure(true, false, 0);
		if (err)
			return err;

		init_completion(&repeated.done);
		atomic_set(&repeated.calls, 0);
		call_again(NULL, NULL);
		wait_for_completion(&repeated.done);
		if (!wait_for_completion_timeout(&repeated.done, TIMEOUT))
			return fail(-ETIMEDOUT, "no callback after %u s", TIMEOUT / HZ);

		dma_release_channel(chan);
		calls = atomic_read(&repeated.calls);
		msleep(20);
		if (atomic_read(&repeated.calls) != calls)
			return fail(-EIO, "a callback after release %d", i);
		chan = request(name);
		if (!chan)
			return fail(-EBUSY, "it could not be requested again");
	}

	return copies_well();
}

/* While the system sleeps: after the channels were suspended, and before they are resumed. */

static struct copy asleep;
static bool dozing;
static int doze_err;

static int doze_suspended(struct device *dev)
{
	if (!dozing)
		return 0;

	doze_err = expect_errno(-EBUSY, configure(true, false, 0), "asleep, config") ?:
		   expect_errno(-EBUSY, fsl_dma_external_start(chan, 1), "asleep, start") ?:
		   start(&asleep, 0, 1);
	return 0;
}

static int doze_resumed(struct device *dev)
{
	if (dozing && !doze_err && moved(&asleep))
		doze_err = fail(-EIO, "%u bytes moved while it slept", moved(&asleep));
	return 0;
}

/* doze: the next sleep of the system is used, until "wake". */
static int case_doze(const int *arg)
{
	doze_err = -ENODATA;
	dozing = true;
	return 0;
}

/* wake: what was issued during the sleep has run since. */
static int case_wake(const int *arg)
{
	dozing = false;
	return doze_err ?: expect(&asleep, DMA_TRANS_NOERROR, SEG);
}

static const struct dev_pm_ops doze_pm_ops = {
	NOIRQ_SYSTEM_SLEEP_PM_OPS(doze_suspended, doze_resumed)
};

static struct platform_driver doze_driver = {
	.driver = {
		.name = "elotest",
		.pm = &doze_pm_ops,
	},
};

static struct platform_device *doze_device;

static int doze_init(void)
{
	doze_device = platform_create_bundle(&doze_driver, NULL, NULL, 0, NULL, 0);
	return PTR_ERR_OR_ZERO(doze_device);
}

static void doze_exit(void)
{
	platform_device_unregister(doze_device);
	platform_driver_unregister(&doze_driver);
}

/*
 * A chain that takes much longer than the driver waits for a channel to stop; but the
 * processor may be away for as long as that, so it is tried more than once.
 */
#define LONG_COPIES	25
#define LONG_SEGS	4000
#define LONG_TRIES	20

static struct copy lengthy[LONG_COPIES];

static int start_lengthy(void)
{
	int i, err = 0;

	for (i = 0; i < LONG_COPIES && !err; i++)
		err = submit(&lengthy[i], 0, LONG_SEGS);
	dma_async_issue_pending(chan);
	return err;
}

/* stuck: a channel that does not stop is reported, and what it runs comes to its end. */
static int case_stuck(const int *arg)
{
	int i, err, stopped = 0;

	for (i = 0; i < LONG_TRIES && !stopped; i++) {
		err = start_lengthy();
		if (err)
			return err;
		stopped = dmaengine_terminate_async(chan);
	}
	if (stopped != -ETIMEDOUT)
		return fail(-EIO, "%d from terminate_all", stopped);

	for (i = 0; i < LONG_COPIES && !err; i++)
		err = expect(&lengthy[i], DMA_TRANS_NOERROR, LONG_SEGS * SEG);
	return err ?: copies_well();
}

/* moving: wait until requests have moved a part of what was armed. */
static int case_moving(const int *arg)
{
	return wait_moving(&armed);
}

/* lose: released while it waits for a request and does not stop, it is nobody's. */
static int case_lose(const int *arg)
{
	const char *name = strim(channel);
	u32 residue;

	if (status_of(&armed, &residue) != DMA_IN_PROGRESS ||
	    !residue || residue == armed.n * SEG)
		return fail(-EIO, "status %d, residue %u",
			    status_of(&armed, NULL), residue);

	dma_release_channel(chan);
	chan = request(name);
	return chan ? fail(-EIO, "it could be requested while it ran") : 0;
}

/* regain: it has stopped without a word, and is found so when it is requested. */
static int case_regain(const int *arg)
{
	chan = request(strim(channel));
	if (!chan)
		return fail(-EBUSY, "it could not be requested again");
	if (atomic_read(&armed.calls))
		return fail(-EIO, "a callback after the release");
	return copies_well();
}

/* outrun: released, it is nobody's until it has stopped, and its last client is not called. */
static int case_outrun(const int *arg)
{
	const char *name = strim(channel);
	int i, err;

	for (i = 0; i < LONG_TRIES && chan; i++) {
		err = start_lengthy();
		if (err)
			return err;
		dma_release_channel(chan);
		chan = request(name);
	}
	if (chan)
		return fail(-EIO, "it could be requested while it ran");

	for (i = 0; i < TIMEOUT && !chan; i++) {
		schedule_timeout_uninterruptible(1);
		chan = request(name);
	}
	if (!chan)
		return fail(-ETIMEDOUT, "it could not be requested again");

	for (i = 0; i < LONG_COPIES; i++)
		if (atomic_read(&lengthy[i].calls))
			return fail(-EIO, "a callback after the release");
	return copies_well();
}
#endif

static int case_release(const int *arg)
{
	release();
	return 0;
}

static const struct {
	const char *name;
	int (*run)(const int *arg);
	bool without_channel;
} cases[] = {
	{ "error", case_error },
	{ "copy", case_copy },
	{ "lost", case_lost },
	{ "polled", case_polled },
	{ "terminated", case_terminated },
	{ "late", case_late },
	{ "callback", case_callback },
	{ "release", case_release, true },
#ifndef ELOTEST_PLAIN
	{ "arm", case_arm },
	{ "paced", case_paced },
	{ "served", case_served },
	{ "disarm", case_disarm },
	{ "followed", case_followed },
	{ "caps", case_caps },
	{ "config", case_config },
	{ "held", case_held },
	{ "paused", case_paused },
	{ "abandoned", case_abandoned },
	{ "unissued", case_unissued },
	{ "kept", case_kept },
	{ "deserted", case_deserted },
	{ "doze", case_doze },
	{ "wake", case_wake },
	{ "stuck", case_stuck },
	{ "outrun", case_outrun },
	{ "moving", case_moving },
	{ "lose", case_lose },
	{ "regain", case_regain, true },
	{ "lookup", case_lookup, true },
	{ "hold", case_hold, true },
	{ "leave", case_leave, true },
	{ "load", case_load, true },
	{ "shared", case_shared, true },
#endif
};

static int run_set(const char *val, const struct kernel_param *kp)
{
	int arg[4] = {}, err = 0;
	char name[16];
	unsigned int i;

	if (sscanf(val, "%15s %d %d %d %d", name, &arg[0], &arg[1], &arg[2], &arg[3]) < 1)
		return -EINVAL;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (strcmp(name, cases[i].name))
			continue;
		if (!cases[i].without_channel)
			err = acquire();
		return err ?: cases[i].run(arg);
	}

	return -EINVAL;
}

static const struct kernel_param_ops run_ops = {
	.set = run_set,
};
module_param_cb(run, &run_ops, NULL, 0200);
MODULE_PARM_DESC(run, "Case to run, and its numbers");

static int __init elotest_init(void)
{
	int err;

	dst_sg = kvcalloc(SEGS, sizeof(*dst_sg), GFP_KERNEL);
	src_sg = kvcalloc(SEGS, sizeof(*src_sg), GFP_KERNEL);
	err = dst_sg && src_sg ? 0 : -ENOMEM;
#ifndef ELOTEST_PLAIN
	err = err ?: doze_init();
#endif
	if (err) {
		kvfree(dst_sg);
		kvfree(src_sg);
	}
	return err;
}

static void __exit elotest_exit(void)
{
#ifndef ELOTEST_PLAIN
	load_stop();
	doze_exit();
#endif
	release();
	kvfree(dst_sg);
	kvfree(src_sg);
}

module_init(elotest_init);
module_exit(elotest_exit);
MODULE_DESCRIPTION("Faults and external requests on fsldma, on the emulated board");
MODULE_LICENSE("GPL");
