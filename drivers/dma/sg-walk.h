/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walk over two DMA-mapped scatterlists at once
 *
 * Copyright (C) 2026 dmaengine-sg developers
 */
#ifndef DMA_SG_WALK_H
#define DMA_SG_WALK_H

#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/scatterlist.h>
#include <linux/types.h>

/* What is left of one list: @len bytes at @addr in the entry @sg, then @more entries. */
struct dma_sg_cursor {
	struct scatterlist *sg;
	unsigned int more;
	unsigned int len;
	dma_addr_t addr;
};

/**
 * struct dma_sg_walk - state of a walk over two scatterlists
 * @dst: bus address of the piece's destination
 * @src: bus address of the piece's source
 * @len: length of the piece in bytes
 *
 * The public members are valid after dma_sg_walk_next() has returned true.
 */
struct dma_sg_walk {
	dma_addr_t dst;
	dma_addr_t src;
	unsigned int len;

	/* private: use dma_sg_walk_start() and dma_sg_walk_next() only */
	struct dma_sg_cursor __dst;
	struct dma_sg_cursor __src;
	/*
	 * Entries that each list has behind those that @more counts. If there
	 * are any, nothing is left at the cursors, and neither next is a chain.
	 */
	unsigned int __pairs;
	unsigned int __max;
	unsigned int __align;
};

/* The entry that follows in memory, or in the array that is chained there. */
static inline struct scatterlist *__dma_sg_following(struct scatterlist *sg)
{
	sg++;
	return unlikely(sg_is_chain(sg)) ? sg_chain_ptr(sg) : sg;
}

/**
 * dma_sg_list_bytes - find how many bytes a scatterlist describes
 * @sg: the list, DMA-mapped
 * @nents: entries of @sg to count; none past them is read
 *
 * Context: Any context.
 * Return: The sum of the lengths, in bytes.
 */
static inline u64 dma_sg_list_bytes(struct scatterlist *sg, unsigned int nents)
{
	u64 bytes;

	if (!nents)
		return 0;

	bytes = sg_dma_len(sg);
	while (--nents) {
		sg = __dma_sg_following(sg);
		bytes += sg_dma_len(sg);
	}

	return bytes;
}

static __always_inline void __dma_sg_cursor_start(struct dma_sg_cursor *cur,
						  struct scatterlist *sg,
						  unsigned int nents)
{
	cur->sg = sg;
	cur->more = nents ? nents - 1 : 0;
	cur->len = nents ? sg_dma_len(sg) : 0;
	cur->addr = nents ? sg_dma_address(sg) : 0;
}

/* Take the next entry; whether it is empty is for the caller to see. */
static __always_inline void __dma_sg_cursor_step(struct dma_sg_cursor *cur)
{
	cur->sg = __dma_sg_following(cur->sg);
	cur->len = sg_dma_len(cur->sg);
	cur->addr = sg_dma_address(cur->sg);
}

/* Leave empty entries behind; false at the end of the list. */
static __always_inline bool __dma_sg_cursor_has_next(struct dma_sg_walk *walk,
						     struct dma_sg_cursor *cur)
{
	struct scatterlist *next;

	walk->__dst.more += walk->__pairs;
	walk->__src.more += walk->__pairs;
	walk->__pairs = 0;

	while (cur->more) {
		next = __dma_sg_following(cur->sg);
		if (sg_dma_len(next))
			return true;

		cur->sg = next;
		cur->more--;
	}

	return false;
}

/* Have bytes at the cursor; false at the end of the list. */
static __always_inline bool __dma_sg_cursor_fill(struct dma_sg_walk *walk,
						 struct dma_sg_cursor *cur)
{
	if (cur->len)
		return true;

	if (!__dma_sg_cursor_has_next(walk, cur))
		return false;

	cur->more--;
	__dma_sg_cursor_step(cur);
	return true;
}

/* Whether the list goes on at @addr. */
static __always_inline bool __dma_sg_cursor_goes_on(struct dma_sg_walk *walk,
						    struct dma_sg_cursor *cur,
						    dma_addr_t addr)
{
	return cur->len ||
	       (__dma_sg_cursor_has_next(walk, cur) &&
		sg_dma_address(__dma_sg_following(cur->sg)) == addr);
}

static __always_inline void __dma_sg_cursor_skip(struct dma_sg_cursor *cur,
						 unsigned int len)
{
	cur->len -= len;
	cur->addr += len;
}

/* Length at which the piece is cut; not 0, as the mask is less than @__max. */
static __always_inline unsigned int __dma_sg_walk_limit(struct dma_sg_walk *walk)
{
	return walk->__max - ((walk->dst + walk->__max) & (walk->__align - 1));
}

/* Extend the piece, whose start is set, by what is at the cursors and behind. */
static __always_inline void __dma_sg_walk_extend(struct dma_sg_walk *walk)
{
	struct dma_sg_cursor *dst = &walk->__dst, *src = &walk->__src;
	unsigned int limit = __dma_sg_walk_limit(walk);
	unsigned int len;

	do {
		len = min3(dst->len, src->len, limit - walk->len);
		__dma_sg_cursor_skip(dst, len);
		__dma_sg_cursor_skip(src, len);
		walk->len += len;
	} while (walk->len < limit &&
		 __dma_sg_cursor_goes_on(walk, dst, walk->dst + walk->len) &&
		 __dma_sg_cursor_goes_on(walk, src, walk->src + walk->len) &&
		 __dma_sg_cursor_fill(walk, dst) &&
		 __dma_sg_cursor_fill(walk, src));
}

/* Whether @next may go on where @sg ends; the low words tell most apart. */
static __always_inline bool __dma_sg_may_go_on(struct scatterlist *sg,
					       struct scatterlist *next)
{
	return (u32)sg_dma_address(next) == (u32)sg_dma_address(sg) + sg_dma_len(sg);
}

static __always_inline bool __dma_sg_either_is_chain(struct scatterlist *dst,
						     struct scatterlist *src)
{
	return (dst->page_link | src->page_link) & SG_CHAIN;
}

/*
 * Begin to count what both lists have left in pairs, if both cursors are at the
 * end of an entry and the next one is beside it.
 */
static __always_inline void __dma_sg_walk_count_pairs(struct dma_sg_walk *walk)
{
	struct dma_sg_cursor *dst = &walk->__dst, *src = &walk->__src;
	unsigned int pairs = min(dst->more, src->more);

	if ((dst->len | src->len) || !pairs ||
	    __dma_sg_either_is_chain(dst->sg + 1, src->sg + 1))
		return;

	walk->__pairs = pairs;
	dst->more -= pairs;
	src->more -= pairs;
}

/*
 * Most pieces are one entry on each side, and most of the time that a walk
 * takes is spent here. While pairs are counted, the next entry of each list is
 * beside the last one. If the next two are of one length and stand alone, they
 * are the piece.
 */
static __always_inline bool __dma_sg_walk_pair(struct dma_sg_walk *walk)
{
	struct scatterlist *dst = walk->__dst.sg + 1, *src = walk->__src.sg + 1;
	unsigned int len;

	if (walk->__pairs < 2 ||
	    unlikely(__dma_sg_either_is_chain(dst + 1, src + 1)))
		return false;

	len = sg_dma_len(dst);
	if (len != sg_dma_len(src) || len - 1 >= walk->__max - walk->__align)
		return false;

	if (unlikely(__dma_sg_may_go_on(dst, dst + 1)) &&
	    __dma_sg_may_go_on(src, src + 1))
		return false;

	walk->dst = sg_dma_address(dst);
	walk->src = sg_dma_address(src);
	walk->len = len;
	walk->__dst.sg = dst;
	walk->__src.sg = src;
	walk->__pairs--;
	return true;
}

/**
 * dma_sg_walk_start - begin a walk over two scatterlists
 * @walk: the walk
 * @dst_sg: destination list
 * @dst_nents: entries of @dst_sg to walk over; none past them is read
 * @src_sg: source list
 * @src_nents: entries of @src_sg to walk over; none past them is read
 * @max: largest piece in bytes
 * @align: a power of two, @max at most; a piece that @max cuts short ends where
 *	the next one's destination is a multiple of @align bytes
 *
 * Context: Any context. The lists must stay as they are until the walk ends.
 */
static __always_inline void
dma_sg_walk_start(struct dma_sg_walk *walk,
		  struct scatterlist *dst_sg, unsigned int dst_nents,
		  struct scatterlist *src_sg, unsigned int src_nents,
		  unsigned int max, unsigned int align)
{
	walk->__max = max;
	walk->__align = align;
	walk->__pairs = 0;
	__dma_sg_cursor_start(&walk->__dst, dst_sg, dst_nents);
	__dma_sg_cursor_start(&walk->__src, src_sg, src_nents);
}

/**
 * dma_sg_walk_next - find the next piece to copy
 * @walk: the walk
 *
 * A piece is contiguous on both sides and as long as it can be: entries that
 * continue each other on the source and on the destination side are one piece,
 * but perhaps not across an empty entry. Entries of length 0 are skipped. The
 * pieces cover, in order and once each, as many bytes as the shorter list holds.
 *
 * Always inline, so that the state stays in registers: this and what is done
 * with the piece is all that a segment costs.
 *
 * Context: Any context.
 * Return: true with the piece in @walk, or false at the end.
 */
static __always_inline bool dma_sg_walk_next(struct dma_sg_walk *walk)
{
	struct dma_sg_cursor *dst = &walk->__dst, *src = &walk->__src;

	if (likely(__dma_sg_walk_pair(walk)))
		return true;

	if (!__dma_sg_cursor_fill(walk, dst) || !__dma_sg_cursor_fill(walk, src))
		return false;

	walk->dst = dst->addr;
	walk->src = src->addr;
	walk->len = 0;
	__dma_sg_walk_extend(walk);
	__dma_sg_walk_count_pairs(walk);
	return true;
}

#endif /* DMA_SG_WALK_H */
