/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of copies from scatterlist to scatterlist
 *
 * Copyright (C) 2026 dmaengine-sg developers
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM dmaengine_sg

#if !defined(_TRACE_DMAENGINE_SG_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_DMAENGINE_SG_H

#include <linux/dmaengine.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#ifndef _TRACE_DMAENGINE_SG_ENUMS
#define _TRACE_DMAENGINE_SG_ENUMS
/* Why dma_async_memcpy_sg_to_sg() waits */
enum dma_sg_wait_reason {
	DMA_SG_WAIT_PREP,	/* the channel has no descriptor to give */
	DMA_SG_WAIT_DRAIN,	/* it failed: what is submitted must come back */
};
#endif

TRACE_DEFINE_ENUM(DMA_SG_WAIT_PREP);
TRACE_DEFINE_ENUM(DMA_SG_WAIT_DRAIN);
TRACE_DEFINE_ENUM(DMA_TRANS_NOERROR);
TRACE_DEFINE_ENUM(DMA_TRANS_READ_FAILED);
TRACE_DEFINE_ENUM(DMA_TRANS_WRITE_FAILED);
TRACE_DEFINE_ENUM(DMA_TRANS_ABORTED);

/* The lists were found good, and this many bytes are to be copied */
TRACE_EVENT(dmaengine_sg_prep,
	    TP_PROTO(struct dma_chan *chan, unsigned int dst_nents,
		     unsigned int src_nents, u32 bytes),
	    TP_ARGS(chan, dst_nents, src_nents, bytes),
	    TP_STRUCT__entry(__array(char, chan, 16)
			     __field(unsigned int, dst_nents)
			     __field(unsigned int, src_nents)
			     __field(u32, bytes)),
	    TP_fast_assign(strscpy(__entry->chan, dma_chan_name(chan),
				   sizeof(__entry->chan));
			   __entry->dst_nents = dst_nents;
			   __entry->src_nents = src_nents;
			   __entry->bytes = bytes;),
	    TP_printk("chan=%s dst_nents=%u src_nents=%u bytes=%u",
		      __entry->chan, __entry->dst_nents, __entry->src_nents,
		      __entry->bytes)
);

/* It waits, with this many pieces of the copy submitted and finished so far */
TRACE_EVENT(dmaengine_sg_retry,
	    TP_PROTO(struct dma_chan *chan, unsigned int submitted,
		     unsigned int finished, enum dma_sg_wait_reason reason),
	    TP_ARGS(chan, submitted, finished, reason),
	    TP_STRUCT__entry(__array(char, chan, 16)
			     __field(unsigned int, submitted)
			     __field(unsigned int, finished)
			     __field(unsigned int, reason)),
	    TP_fast_assign(strscpy(__entry->chan, dma_chan_name(chan),
				   sizeof(__entry->chan));
			   __entry->submitted = submitted;
			   __entry->finished = finished;
			   __entry->reason = reason;),
	    TP_printk("chan=%s submitted=%u finished=%u reason=%s",
		      __entry->chan, __entry->submitted, __entry->finished,
		      __print_symbolic(__entry->reason,
				       { DMA_SG_WAIT_PREP, "no-descriptor" },
				       { DMA_SG_WAIT_DRAIN, "drain" }))
);

/* The last piece has finished, and the client's callback is about to run */
TRACE_EVENT(dmaengine_sg_complete,
	    TP_PROTO(struct dma_chan *chan, u32 bytes, unsigned int pieces,
		     const struct dmaengine_result *result),
	    TP_ARGS(chan, bytes, pieces, result),
	    TP_STRUCT__entry(__array(char, chan, 16)
			     __field(u32, bytes)
			     __field(unsigned int, pieces)
			     __field(unsigned int, result)
			     __field(u32, residue)),
	    TP_fast_assign(strscpy(__entry->chan, dma_chan_name(chan),
				   sizeof(__entry->chan));
			   __entry->bytes = bytes;
			   __entry->pieces = pieces;
			   __entry->result = result->result;
			   __entry->residue = result->residue;),
	    TP_printk("chan=%s bytes=%u pieces=%u result=%s residue=%u",
		      __entry->chan, __entry->bytes, __entry->pieces,
		      __print_symbolic(__entry->result,
				       { DMA_TRANS_NOERROR, "good" },
				       { DMA_TRANS_READ_FAILED, "read-failed" },
				       { DMA_TRANS_WRITE_FAILED, "write-failed" },
				       { DMA_TRANS_ABORTED, "aborted" }),
		      __entry->residue)
);

#endif /* _TRACE_DMAENGINE_SG_H */

#include <trace/define_trace.h>
