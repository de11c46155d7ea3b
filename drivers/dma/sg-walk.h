/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walk over two DMA-mapped scatterlists at once
 *
 * Copyright (C) 2026 dmaengine-sg developers
 */
#ifndef DMA_SG_WALK_H
#define DMA_SG_WALK_H

#include <linux/minmax.h>
#include <linux/scatterlist.h>
#include <linux/types.h>

/* What is left of one list: the rest of one entry, then @more entries. */
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
	unsigned int __max;
	unsigned int __align;
};

static inline void __dma_sg_cursor_start(struct dma_sg_cursor *cur,
					 struct scatterlist *sg,
					 unsigned int nents)
{
	cur->sg = sg;
	cur->more = nents ? nents - 1 : 0;
	cur->len = nents ? sg_dma_len(sg) : 0;
	cur->addr = nents ? sg_dma_address(sg) : 0;
}

/* Step over used up and empty entries; false at the end of the list. */
static inline bool __dma_sg_cursor_fill(struct dma_sg_cursor *cur)
{
	while (!cur->len) {
		if (!cur->more)
			return false;

		cur->more--;
		cur->sg = sg_next(cur->sg);
		if (unlikely(!cur->sg)) {
			cur->more = 0;
			return false;
		}

		cur->len = sg_dma_len(cur->sg);
		cur->addr = sg_dma_address(cur->sg);
	}

	return true;
}

static inline void __dma_sg_cursor_skip(struct dma_sg_cursor *cur,
					unsigned int len)
{
	cur->addr += len;
	cur->len -= len;
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
static inline void dma_sg_walk_start(struct dma_sg_walk *walk,
				     struct scatterlist *dst_sg,
				     unsigned int dst_nents,
				     struct scatterlist *src_sg,
				     unsigned int src_nents,
				     unsigned int max, unsigned int align)
{
	__dma_sg_cursor_start(&walk->__dst, dst_sg, dst_nents);
	__dma_sg_cursor_start(&walk->__src, src_sg, src_nents);
	walk->__max = max;
	walk->__align = align;
}

/**
 * dma_sg_walk_next - find the next piece to copy
 * @walk: the walk
 *
 * A piece is contiguous on both sides and as long as it can be: entries that
 * continue each other on the source and on the destination side are one piece.
 * Entries of length 0 are skipped. The pieces cover, in order and once each,
 * as many bytes as the shorter list holds.
 *
 * Context: Any context.
 * Return: true with the piece in @walk, or false at the end.
 */
static inline bool dma_sg_walk_next(struct dma_sg_walk *walk)
{
	struct dma_sg_cursor *dst = &walk->__dst, *src = &walk->__src;
	unsigned int limit, len;

	if (!__dma_sg_cursor_fill(dst) || !__dma_sg_cursor_fill(src))
		return false;

	walk->dst = dst->addr;
	walk->src = src->addr;
	walk->len = 0;

	/* More than 0, as the mask takes less than @align from @max. */
	limit = walk->__max;
	limit -= (walk->dst + limit) & (walk->__align - 1);

	do {
		len = min3(dst->len, src->len, limit - walk->len);
		__dma_sg_cursor_skip(dst, len);
		__dma_sg_cursor_skip(src, len);
		walk->len += len;
	} while (walk->len < limit &&
		 __dma_sg_cursor_fill(dst) && __dma_sg_cursor_fill(src) &&
		 dst->addr == walk->dst + walk->len &&
		 src->addr == walk->src + walk->len);

	return true;
}

#endif /* DMA_SG_WALK_H */
