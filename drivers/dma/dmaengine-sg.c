// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copy from scatterlist to scatterlist on any channel that can copy
 *
 * Copyright (C) 2026 dmaengine-sg developers
 *
 * A driver that lacks device_prep_sg_to_sg() copies piece by piece. Several
 * drivers hold a lock from prep to submit and cannot take back what they have
 * prepared, so a piece is submitted before the next one is prepared, and the
 * only way to get room for more is to have what is submitted done.
 */
#include <linux/atomic.h>
#include <linux/bottom_half.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "dmaengine-sg.h"
#include "sg-walk.h"

#define CREATE_TRACE_POINTS
#include <trace/events/dmaengine_sg.h>

#define DMA_SG_FLAGS	(DMA_PREP_INTERRUPT | DMA_CTRL_ACK)

/* Jiffies between two looks at a channel that is waited for */
#define DMA_SG_TICK	1

#if IS_ENABLED(CONFIG_DMAENGINE_SG_KUNIT_TEST)
unsigned int dma_sg_retry_timeout_ms = DMA_SG_RETRY_TIMEOUT_MS;
EXPORT_SYMBOL_GPL(dma_sg_retry_timeout_ms);
EXPORT_TRACEPOINT_SYMBOL_GPL(dmaengine_sg_prep);
EXPORT_TRACEPOINT_SYMBOL_GPL(dmaengine_sg_retry);
EXPORT_TRACEPOINT_SYMBOL_GPL(dmaengine_sg_complete);
#endif

/* The arguments of dma_async_memcpy_sg_to_sg(). */
struct dma_sg_request {
	struct dma_chan *chan;
	struct scatterlist *dst_sg;
	struct scatterlist *src_sg;
	unsigned int dst_nents;
	unsigned int src_nents;
	dma_async_tx_callback_result callback;
	void *param;
};

/* What one descriptor may copy: so many bytes, and aligned like this. */
struct dma_sg_limits {
	unsigned int max;
	unsigned int align;
};

/**
 * struct dma_sg_copy - a copy, shared by its pieces and the helper
 * @chan: where it goes
 * @callback: the client's callback, or NULL
 * @param: for @callback
 * @bytes: bytes to copy, if it was traced from the beginning
 * @submitted: descriptors submitted; the helper's own until it lets go
 * @abandoned: it has failed, and nobody is to hear of it any more
 * @expected: what @finished is at the end, or 0 until the helper lets go
 * @finished: descriptors whose callback has come; the helper letting go counts
 *	as one more
 * @wait: the helper waits here; its lock guards @result
 * @result: the first failure, and the residue added up
 * @rcu: to free it when no callback has it any more
 *
 * How many pieces there are is known when the last one has been submitted. The
 * others may have finished by then, so the helper counts as if it were a piece,
 * and the last of them tells the client and frees this.
 */
struct dma_sg_copy {
	struct dma_chan *chan;
	dma_async_tx_callback_result callback;
	void *param;
	u32 bytes;
	unsigned int submitted;
	bool abandoned;
	unsigned int expected;
	atomic_t finished;
	wait_queue_head_t wait;
	struct dmaengine_result result;
	struct rcu_head rcu;
};

/* How many pieces had finished at the last progress, and when to give up. */
struct dma_sg_patience {
	unsigned int finished;
	unsigned long end;
};

static unsigned int dma_sg_finished(struct dma_sg_copy *copy)
{
	return atomic_read(&copy->finished);
}

static bool dma_sg_is_traced(void)
{
	return trace_dmaengine_sg_prep_enabled() ||
	       trace_dmaengine_sg_complete_enabled();
}

static void dma_sg_trace_prep(const struct dma_sg_request *req,
			      struct dma_sg_copy *copy)
{
	copy->bytes = min(dma_sg_list_bytes(req->dst_sg, req->dst_nents),
			  dma_sg_list_bytes(req->src_sg, req->src_nents));
	trace_dmaengine_sg_prep(req->chan, req->dst_nents, req->src_nents,
				copy->bytes);
}

static struct dma_sg_copy *dma_sg_new(const struct dma_sg_request *req)
{
	struct dma_sg_copy *copy;

	copy = kcalloc(1, sizeof(*copy), GFP_KERNEL);
	if (!copy)
		return NULL;

	copy->chan = req->chan;
	copy->callback = req->callback;
	copy->param = req->param;
	init_waitqueue_head(&copy->wait);
	if (dma_sg_is_traced())
		dma_sg_trace_prep(req, copy);

	return copy;
}

static void dma_sg_add_failure(struct dma_sg_copy *copy,
			       const struct dmaengine_result *result)
{
	unsigned long flags;

	spin_lock_irqsave(&copy->wait.lock, flags);
	if (copy->result.result == DMA_TRANS_NOERROR)
		copy->result.result = result->result;
	copy->result.residue += result->residue;
	spin_unlock_irqrestore(&copy->wait.lock, flags);
}

static noinline void dma_sg_complete(struct dma_sg_copy *copy)
{
	if (!copy->abandoned) {
		trace_dmaengine_sg_complete(copy->chan, copy->bytes,
					    copy->submitted, &copy->result);
		if (copy->callback)
			copy->callback(copy->param, &copy->result);
	}

	/* on another CPU, the callback of another piece may still have it */
	kfree_rcu(copy, rcu);
}

static noinline void dma_sg_wake(struct dma_sg_copy *copy)
{
	/* the count is ordered before this, as the helper's queueing is */
	if (waitqueue_active(&copy->wait))
		wake_up(&copy->wait);
}

static __always_inline void dma_sg_count(struct dma_sg_copy *copy)
{
	unsigned int finished, expected;
	bool last;

	/* the CPU that frees the copy because of the count does so after this */
	rcu_read_lock();
	finished = atomic_inc_return(&copy->finished);
	expected = READ_ONCE(copy->expected);
	last = expected && finished == expected;
	/* only before it lets go does the helper wait */
	if (!expected)
		dma_sg_wake(copy);
	rcu_read_unlock();

	if (last)
		dma_sg_complete(copy);
}

static noinline void dma_sg_piece_failed(struct dma_sg_copy *copy,
					 const struct dmaengine_result *result)
{
	dma_sg_add_failure(copy, result);
	dma_sg_count(copy);
}

/*
 * The callback of each piece, in whatever order they finish. It may run before
 * the helper returns, because others may issue on the same channel.
 *
 * What is rare is not inline here, so that the rest needs no stack frame.
 */
static void dma_sg_piece_done(void *param, const struct dmaengine_result *result)
{
	/* some drivers leave the residue of a good one as it was on the stack */
	if (unlikely(result->result != DMA_TRANS_NOERROR))
		dma_sg_piece_failed(param, result);
	else
		dma_sg_count(param);
}

/* The helper has submitted all that it will, and the copy may be gone now. */
static void dma_sg_let_go(struct dma_sg_copy *copy)
{
	WRITE_ONCE(copy->expected, copy->submitted + 1);

	/* whatever the client's callback relies on in a tasklet holds here too */
	local_bh_disable();
	dma_sg_count(copy);
	local_bh_enable();
}

static dma_cookie_t dma_sg_submit(struct dma_sg_copy *copy,
				  struct dma_async_tx_descriptor *tx)
{
	dma_cookie_t cookie;

	tx->callback_result = dma_sg_piece_done;
	tx->callback_param = copy;

	copy->submitted++;
	cookie = dmaengine_submit(tx);
	if (dma_submit_error(cookie))
		copy->submitted--;

	return cookie;
}

/* Some drivers clean up only when they are asked about work in progress. */
static void dma_sg_poll(struct dma_chan *chan)
{
	dma_async_is_tx_complete(chan, READ_ONCE(chan->cookie), NULL, NULL);
}

static unsigned long dma_sg_end_of_patience(void)
{
	return jiffies + msecs_to_jiffies(dma_sg_retry_timeout_ms);
}

static void dma_sg_be_patient(struct dma_sg_copy *copy,
			      struct dma_sg_patience *patience)
{
	patience->finished = dma_sg_finished(copy);
	patience->end = dma_sg_end_of_patience();
}

/*
 * Sleep until one more piece has finished, or for @ticks. Returns whether there
 * was progress in the time that is allowed for it.
 */
static bool dma_sg_wait(struct dma_sg_copy *copy,
			struct dma_sg_patience *patience, long ticks)
{
	if (wait_event_timeout(copy->wait,
			       dma_sg_finished(copy) != patience->finished,
			       ticks)) {
		dma_sg_be_patient(copy, patience);
		return true;
	}

	dma_sg_poll(copy->chan);
	return time_before(jiffies, patience->end);
}

static struct dma_async_tx_descriptor *
dma_sg_prep_piece(struct dma_chan *chan, dma_addr_t dst, dma_addr_t src,
		  unsigned int len)
{
	return chan->device->device_prep_dma_memcpy(chan, dst, src, len,
						    DMA_SG_FLAGS);
}

/* Returns NULL when it has waited for a descriptor for too long. */
static noinline struct dma_async_tx_descriptor *
dma_sg_retry_piece(struct dma_sg_copy *copy, dma_addr_t dst, dma_addr_t src,
		   unsigned int len)
{
	struct dma_async_tx_descriptor *tx;
	struct dma_sg_patience patience;
	bool hope;

	dma_async_issue_pending(copy->chan);
	dma_sg_be_patient(copy, &patience);
	do {
		trace_dmaengine_sg_retry(copy->chan, copy->submitted,
					 patience.finished, DMA_SG_WAIT_PREP);
		hope = dma_sg_wait(copy, &patience, DMA_SG_TICK);
		tx = dma_sg_prep_piece(copy->chan, dst, src, len);
	} while (!tx && hope);

	return tx;
}

static bool dma_sg_is_drained(struct dma_sg_copy *copy)
{
	return dma_sg_finished(copy) == copy->submitted;
}

/* Returns whether every piece came back before patience ended. */
static bool dma_sg_wait_for_drain(struct dma_sg_copy *copy)
{
	struct dma_sg_patience patience;
	bool hope = true;

	if (!dma_sg_is_drained(copy))
		dma_async_issue_pending(copy->chan);

	dma_sg_be_patient(copy, &patience);
	while (hope && !dma_sg_is_drained(copy)) {
		trace_dmaengine_sg_retry(copy->chan, copy->submitted,
					 patience.finished, DMA_SG_WAIT_DRAIN);
		hope = dma_sg_wait(copy, &patience, DMA_SG_TICK);
	}

	return dma_sg_is_drained(copy);
}

/* Returns whether the pieces that had not come back never will. */
static bool dma_sg_terminate(struct dma_chan *chan)
{
	return dma_has_cap(DMA_PRIVATE, chan->device->cap_mask) &&
	       !dmaengine_terminate_sync(chan);
}

/* Of a copy that has failed, and of which nothing is in flight any more. */
static void dma_sg_abandon(struct dma_sg_copy *copy)
{
	copy->abandoned = true;

	/*
	 * What was terminated never comes back from a driver that synchronizes.
	 * From others it may come even now, and then frees the copy; or not.
	 */
	if (!dma_sg_is_drained(copy) && copy->chan->device->device_synchronize)
		kfree_rcu(copy, rcu);
	else
		dma_sg_let_go(copy);
}

/* Have nothing in flight any more. The client's callback does not run here. */
static void dma_sg_drain(struct dma_sg_copy *copy)
{
	struct dma_sg_patience patience;

	if (dma_sg_wait_for_drain(copy) || dma_sg_terminate(copy->chan))
		return;

	/*
	 * The hardware may still write to the client's memory, and to stop it
	 * would lose other clients' work: there is nothing to do but to wait.
	 */
	dev_warn(copy->chan->device->dev,
		 "%s: %u pieces of a copy that failed are still in flight; waiting for them\n",
		 dma_chan_name(copy->chan),
		 copy->submitted - dma_sg_finished(copy));

	dma_sg_be_patient(copy, &patience);
	while (!dma_sg_is_drained(copy))
		dma_sg_wait(copy, &patience, HZ);
}

static __always_inline void
dma_sg_walk_request(struct dma_sg_walk *walk, const struct dma_sg_request *req,
		    const struct dma_sg_limits *limits)
{
	dma_sg_walk_start(walk, req->dst_sg, req->dst_nents,
			  req->src_sg, req->src_nents, limits->max, limits->align);
}

/* See whether the lists can be copied. */
static int dma_sg_check(const struct dma_sg_request *req,
			const struct dma_sg_limits *limits)
{
	struct dma_sg_walk walk;
	int err = -EINVAL;

	/* the shorter one counts, so if the first is short enough, that is all */
	if (dma_sg_list_bytes(req->dst_sg, req->dst_nents) > U32_MAX &&
	    dma_sg_list_bytes(req->src_sg, req->src_nents) > U32_MAX)
		return -EOVERFLOW;

	dma_sg_walk_request(&walk, req, limits);
	while (dma_sg_walk_next(&walk)) {
		/* where every byte is aligned, one piece will do */
		if (limits->align == 1)
			return 0;

		if ((walk.dst | walk.src | walk.len) & (limits->align - 1))
			return -EINVAL;

		err = 0;
	}

	return err;
}

static dma_cookie_t dma_sg_submit_pieces(const struct dma_sg_request *req,
					 const struct dma_sg_limits *limits,
					 struct dma_sg_copy *copy)
{
	struct dma_async_tx_descriptor *tx;
	dma_cookie_t cookie = -EINVAL;
	struct dma_sg_walk walk;

	dma_sg_walk_request(&walk, req, limits);
	while (dma_sg_walk_next(&walk)) {
		tx = dma_sg_prep_piece(req->chan, walk.dst, walk.src, walk.len);
		if (unlikely(!tx))
			tx = dma_sg_retry_piece(copy, walk.dst, walk.src, walk.len);

		cookie = tx ? dma_sg_submit(copy, tx) : -ENOMEM;
		if (unlikely(dma_submit_error(cookie))) {
			dma_sg_drain(copy);
			dma_sg_abandon(copy);
			return cookie;
		}
	}

	dma_sg_let_go(copy);
	return cookie;
}

static dma_cookie_t dma_sg_copy_by_pieces(const struct dma_sg_request *req)
{
	struct dma_device *device = req->chan->device;
	struct dma_sg_limits limits;
	struct dma_sg_copy *copy;
	int err;

	limits.align = 1U << device->copy_align;
	limits.max = round_down(dma_get_max_seg_size(device->dev), limits.align);
	if (!limits.max)
		return -EINVAL;

	err = dma_sg_check(req, &limits);
	if (err)
		return err;

	copy = dma_sg_new(req);
	if (!copy)
		return -ENOMEM;

	return dma_sg_submit_pieces(req, &limits, copy);
}

static struct dma_async_tx_descriptor *
dma_sg_call_hook(const struct dma_sg_request *req)
{
	return req->chan->device->device_prep_sg_to_sg(req->chan,
						       req->dst_sg, req->dst_nents,
						       req->src_sg, req->src_nents,
						       DMA_SG_FLAGS);
}

/* Without a limit for pieces, because where to cut is up to the hook. */
static int dma_sg_check_for_hook(const struct dma_sg_request *req)
{
	struct dma_sg_limits limits;

	limits.align = 1U << req->chan->device->copy_align;
	limits.max = round_down(UINT_MAX, limits.align);
	return dma_sg_check(req, &limits);
}

/*
 * The hook has refused. See whether the lists are why, which it costs a walk to
 * know; if they are good, give the channel time to get its memory back.
 */
static struct dma_async_tx_descriptor *
dma_sg_retry_hook(const struct dma_sg_request *req)
{
	unsigned long end = dma_sg_end_of_patience();
	struct dma_async_tx_descriptor *tx;
	bool hope;
	int err;

	err = dma_sg_check_for_hook(req);
	if (err)
		return ERR_PTR(err);

	dma_async_issue_pending(req->chan);
	do {
		trace_dmaengine_sg_retry(req->chan, 0, 0, DMA_SG_WAIT_PREP);
		schedule_timeout_uninterruptible(DMA_SG_TICK);
		dma_sg_poll(req->chan);
		hope = time_before(jiffies, end);
		tx = dma_sg_call_hook(req);
	} while (!tx && hope);

	return tx ?: ERR_PTR(-ENOMEM);
}

/* What traces want to know of a copy by the hook; NULL if it must do without. */
static struct dma_sg_copy *dma_sg_trace_hook(const struct dma_sg_request *req)
{
	return dma_sg_check_for_hook(req) ? NULL : dma_sg_new(req);
}

static dma_cookie_t dma_sg_submit_traced(struct dma_sg_copy *copy,
					 struct dma_async_tx_descriptor *tx)
{
	dma_cookie_t cookie = dma_sg_submit(copy, tx);

	if (!dma_submit_error(cookie))
		dma_sg_let_go(copy);

	return cookie;
}

static dma_cookie_t dma_sg_submit_untraced(const struct dma_sg_request *req,
					   struct dma_async_tx_descriptor *tx)
{
	tx->callback_result = req->callback;
	tx->callback_param = req->param;
	return dmaengine_submit(tx);
}

static dma_cookie_t dma_sg_copy_by_hook(const struct dma_sg_request *req)
{
	struct dma_async_tx_descriptor *tx;
	struct dma_sg_copy *copy = NULL;
	dma_cookie_t cookie;

	/* Before prep, as a lock may be held from there to submit */
	if (dma_sg_is_traced())
		copy = dma_sg_trace_hook(req);

	tx = dma_sg_call_hook(req);
	if (unlikely(!tx))
		tx = dma_sg_retry_hook(req);

	if (IS_ERR(tx))
		cookie = PTR_ERR(tx);
	else if (unlikely(copy))
		cookie = dma_sg_submit_traced(copy, tx);
	else
		cookie = dma_sg_submit_untraced(req, tx);

	/* as this was its only piece, nobody else knows of it */
	if (unlikely(copy && dma_submit_error(cookie)))
		kfree(copy);

	return cookie;
}

/**
 * dma_async_memcpy_sg_to_sg - copy from one scatterlist to another
 * @chan: channel whose device has the capability DMA_SG or DMA_MEMCPY
 * @dst_sg: destination list, DMA-mapped
 * @dst_nents: number of mapped entries in @dst_sg
 * @src_sg: source list, DMA-mapped
 * @src_nents: number of mapped entries in @src_sg
 * @callback: is called once when the whole copy has finished, or NULL
 * @param: for @callback
 *
 * Submits the whole copy, in as many descriptors as it takes. **It may start
 * earlier work on the channel, and the beginning of this copy**: that is how it
 * gets the next descriptor from a driver that has none left. A client that must
 * not start early, as one whose channel an external agent controls, uses
 * dmaengine_prep_sg(). Either way the client issues at the end, with
 * dma_async_issue_pending().
 *
 * The copy moves as many bytes as the shorter list holds, U32_MAX at most, and
 * skips entries of length 0. The lists are read only until this returns.
 *
 * A channel with DMA_SG takes one descriptor. Whether the lists agree with the
 * device's copy_align is up to its driver then; if it refuses lists that do not,
 * this does not wait and try again. Without DMA_SG, there is one
 * descriptor for each piece that is contiguous on both sides and no longer than
 * dma_get_max_seg_size() of the device, and all pieces must be aligned.
 *
 * It sleeps while the driver has no descriptor left, for as long as pieces of
 * this copy finish, and gives up after DMA_SG_RETRY_TIMEOUT_MS milliseconds
 * without progress.
 *
 * On success @callback runs exactly once, after the last piece has finished,
 * whatever the order, and maybe before this returns. It runs in the driver's
 * context, or in the caller's with bottom halves off if all pieces have finished
 * when the last one has been submitted. Its result is the first failure of any
 * piece, with the residues of all pieces added up, in bytes. The cookie is that
 * of the last piece. If the channel completes in order, then the copy has
 * finished when that cookie is complete; on one with DMA_COMPLETION_NO_ORDER the
 * cookie says nothing about the copy. As ever, a client that terminates the
 * channel gets no callback. Without DMA_SG, or if it was traced, the small record
 * that the pieces share is lost then.
 *
 * On failure @callback will not run and nothing of this copy is in flight, so
 * the lists may be unmapped, but part of it may have been done. If pieces that
 * were submitted do not come back in that time, then a private channel (with
 * DMA_PRIVATE) is terminated, with all other work on it. A public channel is
 * waited for, however long it takes, because other clients' work must not be
 * lost; so is a private one that cannot be terminated.
 *
 * Context: Process context. May sleep. The client must not hold what its
 * callbacks on this channel need.
 * Return: The cookie, or one of these:
 *
 * * -EINVAL: no channel, an empty list, no bytes to copy, or a piece that is
 *   not aligned
 * * -EOVERFLOW: more than U32_MAX bytes to copy
 * * -EOPNOTSUPP: the channel can copy neither way
 * * -ENOMEM: no memory, or no descriptor in time
 * * else: what submitting a descriptor returned
 */
dma_cookie_t dma_async_memcpy_sg_to_sg(struct dma_chan *chan,
				       struct scatterlist *dst_sg, unsigned int dst_nents,
				       struct scatterlist *src_sg, unsigned int src_nents,
				       dma_async_tx_callback_result callback, void *param)
{
	const struct dma_sg_request req = {
		.chan = chan,
		.dst_sg = dst_sg,
		.src_sg = src_sg,
		.dst_nents = dst_nents,
		.src_nents = src_nents,
		.callback = callback,
		.param = param,
	};

	might_sleep();

	if (!chan || !dst_sg || !dst_nents || !src_sg || !src_nents)
		return -EINVAL;

	if (dma_has_cap(DMA_SG, chan->device->cap_mask))
		return dma_sg_copy_by_hook(&req);

	if (dma_has_cap(DMA_MEMCPY, chan->device->cap_mask))
		return dma_sg_copy_by_pieces(&req);

	return -EOPNOTSUPP;
}
EXPORT_SYMBOL_GPL(dma_async_memcpy_sg_to_sg);

MODULE_DESCRIPTION("Copies from scatterlist to scatterlist on any DMA channel");
MODULE_LICENSE("GPL");
